"""What the columns of a gold file are called, and what a person may have called them instead."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from ctqa.errors import GoldError

FIELDS = (
    "id",
    "question",
    "document",
    "quote",
    "page",
    "context",
    "answers",
    "impossible",
    "kind",
    "half",
)
ACCEPT = "accept"  # of suggestions: only lines where a person says yes are gold
ORIGIN = "from"  # of suggestions: where each comes from
_KNOWN = (*FIELDS, ACCEPT, ORIGIN)
_MISSPELT = 0.75  # difflib's likeness: above it "qoute" and "answer", below it "text" and "note"
_MEANT: Mapping[str, str] = {  # what spreadsheets' authors write, in lower case
    **dict.fromkeys(("question id", "question number", "question no", "no", "nr", "number"), "id"),
    **dict.fromkeys(("questions", "the question", "question text", "query"), "question"),
    **dict.fromkeys(("documents", "document name", "document title", "document id"), "document"),
    **dict.fromkeys(("doc", "file", "filename", "file name", "source", "source file"), "document"),
    **dict.fromkeys(("quotes", "quotation", "exact quote", "exact words", "evidence"), "quote"),
    **dict.fromkeys(
        ("extract", "passage", "exact text", "quoted text", "supporting text"), "quote"
    ),
    **dict.fromkeys(("page number", "page no", "page nr", "page num", "pg", "pages"), "page"),
    **dict.fromkeys(("answer", "short answer", "short answers", "correct answer"), "answers"),
    **dict.fromkeys(("expected answer", "right answer"), "answers"),
    **dict.fromkeys(("not answered", "unanswerable", "no answer", "not answerable"), "impossible"),
    **dict.fromkeys(("not in documents", "not in the documents", "not in sources"), "impossible"),
    **dict.fromkeys(("cannot be answered", "not in the sources"), "impossible"),
    **dict.fromkeys(("type", "category", "question type"), "kind"),
    **dict.fromkeys(("split",), "half"),
    **dict.fromkeys(("accepted", "accept?"), ACCEPT),
}
_ADVICE = {  # what cannot be taken for a column of ours, and looks like one
    "text": "if it holds the documents' own words, call it “quote”",
    "answerable": "turn it round and call it “impossible”: yes where the documents do not answer",
    "answered": "turn it round and call it “impossible”: yes where the documents do not answer",
}
_HINT = "; the first line names the columns, as in what `ctqa gold template FILE.xlsx` writes"
_APART = re.compile(r"[\s_.:\-–]+")
_QUOTES = " \"'“”„‘’«»"


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The columns of a file, under CTQA's names as far as they have one."""

    names: tuple[str, ...]
    unused: frozenset[str]


def plain(name: str) -> str:
    """Bring a column's name into the form in which such names are compared."""
    return _APART.sub(" ", name).strip(_QUOTES).casefold()


def spreadsheet_header(where: str, cells: Sequence[str]) -> Header:
    """Make sense of a spreadsheet's first line.

    Raises:
        GoldError: a name is there twice or misspelt, or there is no question.

    """
    written = [plain(cell) for cell in cells]
    refuse_twice(where, written)
    names = [_taken(name, written) for name in written]
    for name in FIELDS:
        if names.count(name) > 1:
            like = " and ".join(f"“{w}”" for w, n in zip(written, names, strict=True) if n == name)
            raise GoldError(f"{where}: {like} both look like “{name}”; give one another name")
    _refuse_advised(where, names)
    found = unused(where, [name for name in names if name], _HINT)
    return Header(names=tuple(names), unused=frozenset(found))


def known_among(cells: Sequence[str]) -> set[str]:
    """Give our names for those of some cells that are columns of ours."""
    written = [plain(cell) for cell in cells]
    return {_taken(name, written) for name in written} & set(FIELDS)


def looks_like_header(cells: Sequence[str]) -> bool:
    """Tell whether cells are columns' names rather than a question's."""
    return len(known_among(cells)) >= 2


def refuse_twice(where: str, names: Sequence[str]) -> None:
    """Refuse a name that is there twice."""
    for name in names:
        if name and names.count(name) > 1:
            raise GoldError(f"{where}: “{name}” is there twice; expected each name once")


def unused(where: str, names: Sequence[str], hint: str = "") -> set[str]:
    """Refuse a misspelt or missing name, with a hint; give the names that are simply not CTQA's."""
    unknown = set(names) - set(_KNOWN)
    absent = [field for field in (*FIELDS, ACCEPT) if field not in names]
    known = f"known are {', '.join(FIELDS)}"
    if "_id" in unknown or "query-id" in unknown or {"query id", "corpus id"} <= unknown:
        raise GoldError(f"{where}: looks like a part of the BEIR form; give its folder instead")
    for name in sorted(unknown):
        for nearest in _nearest(name, absent):
            raise GoldError(f"{where}: found “{name}”; did you mean “{nearest}”? ({known})")
    if "question" not in names:
        found = f"found {', '.join(names)}" if names else "found nothing"
        raise GoldError(f"{where}: “question” is missing; {found}; {known}{hint}")
    return unknown


def _taken(name: str, written: Sequence[str]) -> str:
    """Give our name for a column; one that has our name itself goes before any other."""
    meant = _MEANT.get(name, name)
    return name if meant in written else meant


def _nearest(name: str, absent: Sequence[str]) -> Iterator[str]:
    found = get_close_matches(name, [*absent, *_MEANT], n=1, cutoff=_MISSPELT)
    yield from (meant for meant in (_MEANT.get(near, near) for near in found) if meant in absent)


def _refuse_advised(where: str, names: Sequence[str]) -> None:
    for name, advice in _ADVICE.items():
        if name in names and not ({"quote"} if name == "text" else {"impossible"}) & set(names):
            raise GoldError(f"{where}: found “{name}”; {advice}, else give it another name")
