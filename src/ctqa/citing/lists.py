"""References for people: Harvard as in Cite Them Right (12th ed.), Vancouver as NLM has it."""

from collections.abc import Sequence

from ctqa.citing import pages
from ctqa.citing.names import Name
from ctqa.citing.reference import Reference

_HARVARD_NAMES = 3  # more become the first and "et al."
_VANCOUVER_NAMES = 6  # more become these and "et al."
_CLOSED = (".", "?", "!", ".’", "?’", "!’")


def harvard(found: Reference, page: str = "") -> str:
    """Write a reference for a Harvard list: Miller, R. (2011) ‘Title’, Journal, 19(4), p. 12."""
    year = f"({found.year or 'n.d.'})"
    title = _title(found)
    names = _listed([_family_first(name) for name in found.names])
    where = (found.container, _volume(found), pages.written(_article_pages(found)))
    told = ", ".join(part for part in where if part)
    if names:
        head = ", ".join(part for part in (f"{names} {year} {title}", told) if part)
    else:
        head = f"{title} {year} {told}".rstrip()
    if found.publisher:
        head = f"{_closed(head)} {found.publisher}"
    line = _closed(", ".join(part for part in (head, pages.written(page)) if part))
    return f"{line} Available at: {found.url}." if found.url else line


def in_text(found: Reference, page: str = "") -> str:
    """Write a Harvard citation for running text: (Miller, 2011, p. 12)."""
    names = _listed([name.literal or name.family for name in found.names])
    parts = (names or _title(found), found.year or "n.d.", pages.written(page))
    return f"({', '.join(part for part in parts if part)})"


def vancouver(found: Reference, page: str = "") -> str:
    """Write a reference for a Vancouver list: Miller R. Title. Journal. 2011;19(4):14–21. p. 12."""
    online = " [Internet]" if found.url else ""
    title = found.title if found.is_article else f"{found.title}{online}"
    container = f"{found.container}{online}" if found.is_article else ""
    year = found.year or "[date unknown]"
    issued = f"{found.publisher}; {year}" if found.publisher else f"{year}{_details(found)}"
    parts = (_vancouver_names(found.names), title, container, issued, pages.written(page))
    line = " ".join(_closed(part) for part in parts if part)
    return f"{line} Available from: {found.url}" if found.url else line


def _title(found: Reference) -> str:
    return f"‘{found.title}’" if found.is_article else found.title


def _listed(names: Sequence[str]) -> str:
    if len(names) > _HARVARD_NAMES:
        return f"{names[0]} et al."
    *others, last = names or [""]
    return f"{', '.join(others)} and {last}" if others else last


def _family_first(name: Name) -> str:
    if name.literal:
        return name.literal
    return f"{name.family}, {''.join(f'{letter}.' for letter in name.initials)}"


def _vancouver_names(names: Sequence[Name]) -> str:
    shown = [
        name.literal or f"{name.family} {''.join(name.initials)}"
        for name in names[:_VANCOUVER_NAMES]
    ]
    return ", ".join([*shown, *(["et al"] if len(names) > _VANCOUVER_NAMES else [])])


def _volume(found: Reference) -> str:
    return f"{found.volume}({found.issue})" if found.issue else found.volume


def _article_pages(found: Reference) -> str:
    return f"{found.first_page}–{found.last_page}" if found.last_page else found.first_page


def _details(found: Reference) -> str:
    """Write where in its journal an article stands: ";19(4):14–21"."""
    volume, within = _volume(found), _article_pages(found)
    return (f";{volume}" if volume else "") + (f":{within}" if within else "")


def _closed(text: str) -> str:
    return text if text.endswith(_CLOSED) else f"{text}."
