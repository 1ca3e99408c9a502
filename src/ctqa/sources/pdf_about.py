"""What a PDF's metadata tell about it."""

import re

from pypdf import PdfReader

from ctqa.sources.authors import is_nobody
from ctqa.sources.decode import clean, tidy
from ctqa.sources.pdf_trouble import FAILURES
from ctqa.text import squeeze

_NO_TITLE = re.compile(
    r"(?:untitled|file:|https?:|microsoft (?:word|powerpoint|excel)\b).*"
    r"|(?:powerpoint|word) (?:presentation|document)|slide \d+|document\d*|title"
    r"|\(?(?:anonymous|unspecified|unknown|none|null)\)?"
    r"|\S+\.(?:docx?|xlsx?|pptx?|pdf|rtf|txt|odt|tex|dvi|e?ps|indd|qxd|wpd|html?|p65|fm|cdr)"
    r"|\S*_\S*"
    r"|[\W\d_]*",
    re.IGNORECASE,
)
_CREATED = re.compile(r"(?:D:)?\s*((?:199|20\d)\d)")
_YEAR = r"(?P<year>(?:19[5-9]|20\d)\d)"
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|spring|summer|autumn|winter)"
)
# Dates as a front page gives them, from the surest kind to the least: "published 4 May 2021",
# "March 2023", "2021-22", a year alone on its line.
_DATE_CHARS = 150  # of the lines a date stands in: in a longer paragraph it dates something else
_DATES = tuple(
    re.compile(pattern, re.IGNORECASE | re.MULTILINE)
    for pattern in (
        rf"(?:published|issued|publication date|released)\b[^\n]{{0,40}}?\b{_YEAR}\b",
        rf"\b{_MONTH}\.?(?:\s+\d{{1,2}}(?:st|nd|rd|th)?)?,?\s+{_YEAR}\b",
        rf"(?<![\d/–-]){_YEAR}\s?[/–-]\s?(?:20)?\d\d(?![\d/–-])",
        rf"^\s*(?:©\s*)?{_YEAR}\s*$",
    )
)


def metadata_of(reader: PdfReader | None) -> tuple[str, str, str]:
    """Give title, author and the year of making where they tell something, else ""."""
    if reader is None:
        return "", "", ""
    try:
        found = reader.metadata
        if found is None:
            return "", "", ""
        title, author, created = found.title, found.author, found.creation_date_raw
    except FAILURES:
        return "", "", ""
    year = _CREATED.match(str(created))
    name, wrote = _legible(title), _legible(author)
    return (
        "" if _NO_TITLE.fullmatch(name) else tidy(name),
        "" if is_nobody(wrote) else tidy(wrote),
        "" if year is None else year.group(1),
    )


def year_on(front: str) -> str:
    """Give the year of the first clear date on a front page; "" without one."""
    blocks = [block for block in front.split("\n\n") if len(block) <= _DATE_CHARS]
    matches = (date.search(block) for date in _DATES for block in blocks)
    return next((match["year"] for match in matches if match is not None), "")


def _legible(value: object) -> str:
    """Give a value on one line, "" where it is garbled."""
    line = squeeze(clean(value)) if isinstance(value, str) else ""
    return "" if not line.isprintable() or "\ufffd" in line else line
