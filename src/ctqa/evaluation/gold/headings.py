"""Headings that ask, and headings that name a thing which their document speaks of.

A heading that asks is taken as it stands. One that names a thing counts only if the text itself
speaks of that thing as one does of a thing ("of discharge planning"): that tells it from a headline
such as "Trust hails pilots".
"""

import re
from collections.abc import Iterator

from ctqa.answering.follow import FUNCTION_WORDS
from ctqa.records import Document, Section
from ctqa.text import squeeze

_MOST_CHARS = 120
_THING_WORDS = 6
_THING = re.compile(r"[A-Za-z][A-Za-z’'-]*(?: [A-Za-z][A-Za-z’'-]*)*")
_NUMBERED = re.compile(
    r"^(?:(?:chapter|section|part|appendix)\s+)?(?:\d+(?:\.\d+)*[.):]?|[IVX]+[.):]|[A-Z][.):])\s+",
    re.IGNORECASE,
)
_LABELLED = re.compile(r"^(?:Q|Question)\s*\d*\s*[.:)]\s*")
_MARKDOWN = re.compile(r"^#+\s*")
_EMPTY = frozenset(
    (
        *("abstract", "acknowledgements", "acknowledgments", "aim", "aims", "annex", "appendix"),
        *("approach", "background", "bibliography", "conclusion", "conclusions", "contents"),
        *("context", "design", "discussion", "figures", "findings", "foreword", "glossary"),
        *("introduction", "key findings", "key points", "limitations", "method", "methods"),
        *("methodology", "notes", "overview", "preface", "purpose", "recommendations"),
        *("references", "results", "scope", "summary", "executive summary", "tables"),
        *("further reading", "contact", "contact us", "next steps", "keywords", "originality"),
    )
)
_NO_THING = re.compile(
    r"\b(?:am|are|be|been|being|can|could|did|do|does|had|has|have|he|how|I|is|it|may|might|must|"
    r"our|shall|she|should|that|they|this|us|was|we|were|what|when|where|which|who|why|will|would|"
    r"you|your)\b",
    re.IGNORECASE,
)
_SMALL_LAST = re.compile(
    r"\b(?:a|an|and|as|at|by|for|from|in|of|on|or|the|to|with)$", re.IGNORECASE
)
_TIED = re.compile(r"(?:what|how) about\b|why not\b|and\b|but\b|so\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:[’'-][^\W_]+)*")
_TELLING = 2  # words that say what is asked
_LED_BY = r"(?:the|of|for|in|about|on|by|with|to|from|and|their|its|our|such as)\s+"


def asking(document: Document) -> Iterator[tuple[Section, str]]:
    """Give the headings that ask, each with its section."""
    for section in document.sections:
        heading = _LABELLED.sub("", squeeze(section.path[-1]))
        if _asks(heading):
            yield section, heading


def naming(document: Document) -> Iterator[tuple[Section, str]]:
    """Give the things that headings name, as they stand in the text, each with its section."""
    text = squeeze(document.text)
    for section in document.sections:
        heading = squeeze(section.path[-1])
        thing = _thing(_NUMBERED.sub("", _MARKDOWN.sub("", heading)), text)
        if thing:
            yield section, thing


def _asks(heading: str) -> bool:
    """Tell whether a heading is a question that says by itself what it asks."""
    if not heading.endswith("?") or len(heading) > _MOST_CHARS or _TIED.match(heading):
        return False
    telling = [word for word in _WORD.findall(heading) if word.lower() not in FUNCTION_WORDS]
    return len(telling) >= _TELLING


def _thing(heading: str, text: str) -> str:
    """Write what a heading names as it stands in the text; "" where it names no thing there."""
    number = len(heading.split())
    if not 2 <= number <= _THING_WORDS or heading.lower() in _EMPTY:
        return ""
    if not _THING.fullmatch(heading) or _NO_THING.search(heading) or _SMALL_LAST.search(heading):
        return ""
    spoken = re.search(rf"\b{_LED_BY}({re.escape(heading)})\b", text, re.IGNORECASE)
    return "" if spoken is None or spoken[1] == heading.upper() else spoken[1]
