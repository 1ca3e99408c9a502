"""What office documents of every kind have in common: properties, what is left out."""

import re
from collections.abc import Iterator
from typing import Any

from ctqa.sources.authors import is_nobody
from ctqa.sources.decode import tidy

_NO_TITLE = re.compile(
    r"(?:untitled|microsoft (?:word|powerpoint|excel)\b).*|title"
    r"|.*\.(?:docx?|xlsx?|pptx?|dotx?|rtf|od[tsp])"
    r"|(?:power\s?point|word|excel) (?:presentation|document|template)"
    r"|(?:document|slide|pr[äé]sentation)\s*\d*"
    r"|[\W\d_]*",
    re.IGNORECASE,
)
_FIRST_YEAR = 1981  # some programs write 1601, 1899 or 1980 for no date


def title_of(core: Any) -> str:
    """Give the title in a document's properties, "" where a program put it there."""
    title = tidy(core.title or "")
    return "" if _NO_TITLE.fullmatch(title) else title


def author_of(core: Any) -> str:
    """Give who wrote a document, "" where its properties name only a program or a role."""
    name = tidy(getattr(core, "author", None) or getattr(core, "creator", None) or "")
    return "" if is_nobody(name) else name


def year_of(core: Any) -> str:
    """Give the year of a document's last change, else of its making."""
    when = core.created if core.modified is None else core.modified
    return "" if when is None or when.year < _FIRST_YEAR else str(when.year)


def counted(count: int, what: str, fate: str = "left out") -> Iterator[str]:
    """Say how many of something were left out, where any were."""
    if count:
        plural = "" if count == 1 or what.endswith("s") else "s"
        yield f"{count} {what}{plural} {fate}"
