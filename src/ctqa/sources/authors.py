"""Names in a file's properties that are no author's: a program's, a role's, a placeholder."""

_NOBODY = frozenset(
    {"admin", "administrator", "author", "owner", "user", "microsoft office user"}
    | {"anonymous", "none", "null", "unknown", "unspecified", "un-named", "untitled"}
    | {"apache poi", "microsoft corporation", "openpyxl", "python-docx", "steve canny"}
)


def is_nobody(name: str) -> bool:
    """Tell whether a name, on one line, is that of nobody who wrote a document."""
    return name.lower().strip("()") in _NOBODY or not any(map(str.isalpha, name))
