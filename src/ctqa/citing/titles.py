"""A title -> the words that all editions share, and the marks that tell them apart."""

import re
import unicodedata
from dataclasses import dataclass

_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
    *("october", "november", "december"),
)
_MONTH_OF = {name[:3]: number for number, name in enumerate(_MONTHS, start=1)}
_MONTH = rf"(?:{'|'.join(_MONTHS)}|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)"
_YEAR = r"(?<![\w.£$€])(?:1[89]|20)\d\d(?!\w|[.,]\d|%)"
_ORDINALS = (
    *("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"),
    *("tenth", "eleventh", "twelfth"),
)
_HAS_YEAR = re.compile(r"(?:1[89]|20)\d\d")
_DATES = (
    re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)-(?P<number>[01]\d)-(?P<day>[0-3]\d)(?!\d)"),
    re.compile(r"(?<!\d)(?P<day>[0-3]?\d)[/.](?P<number>[01]?\d)[/.](?P<year>(?:19|20)\d\d)(?!\d)"),
    re.compile(
        rf"(?:\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+)?\b(?P<month>{_MONTH})\b[.,]?\s*(?P<year>{_YEAR})"
    ),
)
# A year that belongs to the name of a law, or that a title is about, tells no edition.
_NAMED = re.compile(
    r"(\b(?:act|bill|order|regulations?|rules|directive|measure|in|since|after|before|until|during)"
    rf"\s+)(?={_YEAR})"
)
_YEARS = re.compile(
    rf"(?P<first>{_YEAR})(?:\s*(?:[/–—-]|\bto\b|\band\b)\s*(?P<last>\d{{4}}|\d\d)(?!\w))?"
)
_NUMBER = r"(\d{1,3}(?:\.\d{1,3}){0,3})"
_EDITIONS = (
    re.compile(rf"\b(?:v|ver\.?\s*|version\s*|rev(?:ision)?\.?\s*){_NUMBER}\b"),
    re.compile(rf"\b(?:edition|edn\.?|issue)\s*{_NUMBER}\b"),
    re.compile(
        r"\b(\d{1,3})(?:st|nd|rd|th)\s+(?:(?:revised|updated)\s+)?(?:edition|edn?\b|revision)"
    ),
    re.compile(
        rf"\b({'|'.join(_ORDINALS)})\s+(?:(?:revised|updated)\s+)?(?:edition|edn?\b|revision)"
    ),
)
_STATE = re.compile(r"\b(?:(draft)|(revised|updated?|revision))\b")
_LEFT_OVER = re.compile(r"\b(?:edition|edn?|version|ver|revision|the|a|an)\b")
_WORDS = re.compile(r"[^\W_]+")

# Works that come out again and again, each for itself: none of them replaces another.
_SERIES = re.compile(
    r"\b(?:minutes|agendas?|meetings?|newsletters?|bulletins?|magazine|gazette|conference|"
    r"proceedings|seminar|webinar|episode|diary|blog|correspondence|letters?|emails?|invoices?|"
    r"receipts?|payslips?|exams?|monthly|weekly|daily|fortnightly|quarterly|q[1-4]|quarter)\b"
)
_GENERIC = frozenset(
    {
        *("account", "accounts", "advice", "and", "annual", "appendix", "booklet", "briefing"),
        *("budget", "code", "consultation", "contents", "data", "document", "evaluation", "file"),
        *(
            "final",
            "for",
            "form",
            "framework",
            "full",
            "guidance",
            "guide",
            "guidelines",
            "handbook",
        ),
        *("index", "information", "interim", "introduction", "leaflet", "manual", "notes", "of"),
        *("overview", "paper", "plan", "policy", "practice", "presentation", "procedure", "report"),
        *("reports", "response", "results", "review", "scan", "slides", "statement", "statistics"),
        *("strategy", "summary", "survey", "tables", "template", "text", "untitled", "word"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """A title without its marks, and these; None or () where it has none."""

    words: tuple[str, ...]
    year: int | None = None  # the last of "2022/23"
    number: tuple[int, ...] = ()  # of its edition, version or issue
    day: tuple[int, int] | None = None  # month, and day or 0, where the title has a date
    state: int = 0  # -1 for a draft, 1 where it says that it was revised

    @property
    def tells_enough(self) -> bool:
        """Whether its words are enough to know another edition by: two, or one of its own."""
        said = {word for word in self.words if not word.isdigit()}
        return len(said - {"and", "for", "of"}) >= 2 or bool(said - _GENERIC)

    @property
    def generic(self) -> bool:
        """Whether it has a single word, or none that others would not use: "Annual report"."""
        return len(self.words) < 2 or not set(self.words) - _GENERIC


def marked(title: str) -> Marked | None:
    """Read a title; None for one of a series, such as minutes or a newsletter."""
    text = unicodedata.normalize("NFKC", title).casefold().replace("_", " ")
    if _SERIES.search(text):
        return None
    text, dates, spans = _without_dates(_NAMED.sub(r"\1y", text))
    text, number = _without_number(text)
    states = [-1 if draft else 1 for draft, _ in _STATE.findall(text)]
    years = [int(date["year"]) for date in dates] + [_last_year(span) for span in spans]
    return Marked(
        words=tuple(_WORDS.findall(_LEFT_OVER.sub(" ", _STATE.sub(" ", text)))),
        year=max(years, default=None),
        number=number,
        day=_day(dates[-1]) if dates else None,
        state=min(states, default=0),
    )


def _without_dates(text: str) -> tuple[str, list[re.Match[str]], list[re.Match[str]]]:
    """Take dates out of a text, then the years that are left."""
    dates: list[re.Match[str]] = []
    for pattern in _DATES if _HAS_YEAR.search(text) else ():
        dates += pattern.finditer(text)
        text = pattern.sub(" ", text)
    return _YEARS.sub(" ", text), dates, list(_YEARS.finditer(text))


def _day(date: re.Match[str]) -> tuple[int, int]:
    told = date.groupdict()
    month = int(told["number"]) if "number" in told else _MONTH_OF[told["month"][:3]]
    return month, int(told["day"]) if told["day"] is not None else 0


def _last_year(span: re.Match[str]) -> int:
    """Read the end of "2022/23" or "2019-2022"; "2023-04" is a month."""
    first, last = int(span["first"]), span["last"]
    if last is None:
        return first
    return max(first, int(last) if len(last) == 4 else first - first % 100 + int(last))


def _without_number(text: str) -> tuple[str, tuple[int, ...]]:
    """Take the first number of an edition out of a text."""
    for pattern in _EDITIONS:
        match = pattern.search(text)
        if match is not None:
            return f"{text[: match.start()]} {text[match.end() :]}", _number(match[1])
    return text, ()


def _number(written: str) -> tuple[int, ...]:
    if written in _ORDINALS:
        return (_ORDINALS.index(written) + 1,)
    return tuple(int(part) for part in written.split("."))
