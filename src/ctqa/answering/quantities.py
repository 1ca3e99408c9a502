"""Quantities in a sentence: dates, money, shares, durations, ages, times and counts, as values.

Only what can be read without doubt is given: a bare number, a page, the number of a section or a
part of a whole ("the other two") is none. The same value in other words is the same: "four" and 4,
"£3m" and "£3 million", "two weeks" and "14 days".
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ctqa.answering.numerals import NUMBER, valued

Bound = Literal["exactly", "least", "most", "about"]

_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_MONTH = (
    r"(?P<month>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|"
    r"Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_YEAR = r"(?P<year>1[5-9]\d\d|20\d\d)(?!\d|,\d|\.\d|\s*%)"
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
_DATES = tuple(
    re.compile(rf"\b{pattern}\b")
    for pattern in (
        rf"{_DAY}\s+(?:of\s+)?{_MONTH}(?:,?\s+{_YEAR})?",
        rf"{_MONTH}\s+{_DAY}(?!\d)(?:,?\s+{_YEAR})?",
        rf"{_MONTH},?\s+{_YEAR}",
        rf"(?<![\d.,£$€/–-]){_YEAR}(?![/–-]\d)",
    )
)
_DAYS = {
    "minute": 1 / 1440,
    "hour": 1 / 24,
    "day": 1.0,
    "week": 7.0,
    "fortnight": 14.0,
    "month": 30.44,
    "year": 365.25,
}
_UNITS = (
    ("percent", re.compile(r"\s*(?:%|per\s?cent\b|percent\b)", re.IGNORECASE)),
    ("money", re.compile(r"\s*(?P<currency>pounds?|dollars?|euros?)\b", re.IGNORECASE)),
    ("age", re.compile(r"[\s-]*years?(?:[\s-]+old\b|\s+of\s+age\b)", re.IGNORECASE)),
    (
        "duration",
        re.compile(
            r"[\s-]*(?P<kind>(?:working|business|calendar|clear)\s+)?"
            r"(?P<unit>minute|hour|day|week|fortnight|month|year)s?\b",
            re.IGNORECASE,
        ),
    ),
)
_SCALED = re.compile(r"\s?(?:(?P<word>thousand|million|billion)|(?P<sign>k|m|bn))\b", re.IGNORECASE)
_SCALES = {"thousand": 1e3, "k": 1e3, "million": 1e6, "m": 1e6, "billion": 1e9, "bn": 1e9}
_CURRENCIES = {"£": "pound", "$": "dollar", "€": "euro"}
_TIME = re.compile(
    r"\b(?P<hour>1?\d)(?:[:.](?P<minute>[0-5]\d))?\s?(?P<half>[ap])(?:m\b|\.m\b\.?)", re.IGNORECASE
)
_AGED = re.compile(
    r"\b(?:aged?(?:\s+of)?\s+(?:\w+\s+)?|"
    r"(?:children|people|persons|adults|individuals|patients|anyone|those|minors|men|women)\s+"
    r"(?:under|over|below|above)\s+)$",
    re.IGNORECASE,
)
_COUNTED = re.compile(r"(?:\s+|-)([A-Za-z][\w’'-]*)")
_COUNTED_WORDS = 4  # behind a number, among which what is counted stands
_ENDS_COUNTED = frozenset(
    (
        *("a", "about", "after", "all", "an", "and", "are", "as", "at", "be", "before", "but"),
        *("by", "for", "from", "had", "has", "have", "in", "is", "it", "its", "more", "of", "on"),
        *("or", "other", "over", "per", "than", "that", "the", "their", "this", "times", "to"),
        *("was", "were", "which", "who", "will", "with"),
    )
)
_PLURALS = frozenset(("people", "children", "men", "women", "staff", "police", "criteria"))
_NO_COUNT = re.compile(
    r"(?:\b(?:section|table|figure|fig|chapter|page|part|article|paragraph|para|no|number|version|"
    r"phase|stage|level|grade|type|class|band|volume|vol|issue|step|appendix|schedule|act|"
    r"other|another|further|additional|remaining|first|last|next|these|those|all|each|every|both|"
    r"of\s+the|out\s+of|top|than)\.?\s+|[#/\w.]-?)$",
    re.IGNORECASE,
)
_BOUND_WORDS: dict[Bound, str] = {
    "most": r"up\s+to|at\s+most|(?:no|not)\s+(?:more|later|longer|greater)\s+than|maximum|within|"
    r"less\s+than|fewer\s+than|under|below|limited\s+to",
    "least": r"at\s+least|(?:no|not)\s+(?:fewer|less)\s+than|minimum|more\s+than|over|above|"
    r"exceeding|longer\s+than|greater\s+than",
    "about": r"about|around|approximately|approx\.?|roughly|nearly|almost|some|circa|c\.",
}
_BOUNDS = {
    bound: re.compile(rf"\b(?:{words})\s+(?:of\s+|the\s+|age\s+of\s+)*[£$€]?$", re.IGNORECASE)
    for bound, words in _BOUND_WORDS.items()
}
_RANGE = re.compile(rf"(?P<low>{NUMBER})(?:\s*[–-]\s*|\s+(?:to|or|and)\s+)$", re.IGNORECASE)
_NEAR = 0.1  # of a value, where it is said to be about that
_OTHER_UNIT = 0.04  # a month is not quite four weeks


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A quantity and where it stands in its text."""

    of: str  # what can be compared: "percent", "money pound", "duration", "count trust", "date"
    start: int
    end: int
    low: float = 0.0
    high: float = 0.0
    grain: float = 0.0  # the least step that its writing can tell
    bound: Bound = "exactly"
    unit: str = ""
    date: tuple[int | None, int | None, int | None] = (None, None, None)  # year, month, day

    def agrees(self, other: "Quantity") -> bool:
        """Tell whether both can be true of the same thing."""
        if self.of == "date":
            pairs = zip(self.date, other.date, strict=True)
            return not any(None not in pair and pair[0] != pair[1] for pair in pairs)
        near = self._tolerance(other)
        if self.bound != other.bound and {self.bound, other.bound} & {"least", "most"}:
            return self._reach(other, near)
        return self.low <= other.high + near and other.low <= self.high + near

    def _tolerance(self, other: "Quantity") -> float:
        near = max(self.grain, other.grain) / 2 if self.grain != other.grain else 0.0
        largest = max(self.high, other.high)
        if "about" in (self.bound, other.bound):
            near = max(near, _NEAR * largest)
        return max(near, _OTHER_UNIT * largest) if self.unit != other.unit else near

    def _reach(self, other: "Quantity", near: float) -> bool:
        """Compare where at least one of them is open to one side."""
        mine, its = _limits(self), _limits(other)
        return mine[0] <= its[1] + near and its[0] <= mine[1] + near


def quantities(text: str) -> tuple[Quantity, ...]:
    """Find the quantities of a text, in order."""
    when = [*_dates(text), *map(_time, _TIME.finditer(text))]
    taken = [(found.start, found.end) for found in when]
    others = [
        found
        for match in re.finditer(rf"(?<![\w.,]){NUMBER}", text, re.IGNORECASE)
        if not any(start < match.end() and match.start() < end for start, end in taken)
        and (found := _quantity(text, match.start(), match.end())) is not None
    ]
    return tuple(sorted((*when, *others), key=lambda found: found.start))


def _limits(found: Quantity) -> tuple[float, float]:
    if found.bound == "least":
        return found.low, float("inf")
    return (0.0, found.high) if found.bound == "most" else (found.low, found.high)


def _dates(text: str) -> Iterator[Quantity]:
    taken: list[tuple[int, int]] = []
    for pattern in _DATES:
        for match in pattern.finditer(text):
            if not any(start < match.end() and match.start() < end for start, end in taken):
                taken.append(match.span())
                yield Quantity(of="date", start=match.start(), end=match.end(), date=_date(match))


def _date(match: re.Match[str]) -> tuple[int | None, int | None, int | None]:
    found = match.groupdict()
    year, month, day = found.get("year"), found.get("month"), found.get("day")
    names = [name[:3] for name in _MONTHS]
    return (
        None if year is None else int(year),
        None if month is None else names.index(month[:3].lower()) + 1,
        None if day is None else int(day),
    )


def _quantity(text: str, start: int, end: int) -> Quantity | None:
    value, grain = valued(text[start:end])
    scaled = _SCALED.match(text, end)
    symbol = text[start - 1] if start and text[start - 1] in _CURRENCIES else ""
    if scaled is not None and (scaled["word"] or symbol):
        scale = _SCALES[(scaled["word"] or scaled["sign"]).lower()]
        value, grain, end = value * scale, grain * scale, scaled.end()
    begin = start - len(symbol)
    low = _low(text[:begin])
    known = _measured(text, begin, end, symbol)
    if known is None:
        return None
    of, factor, unit, end = known
    least, first = (value, begin) if low is None or low[0] > value else low
    return Quantity(
        of=of,
        start=first,
        end=end,
        low=least * factor,
        high=value * factor,
        grain=grain * factor,
        bound=_bound(text[:first]),
        unit=unit,
    )


def _time(match: re.Match[str]) -> Quantity:
    hours = int(match["hour"]) % 12 + (12 if match["half"].lower() == "p" else 0)
    value = hours + (int(match["minute"]) / 60 if match["minute"] else 0.0)
    return Quantity(of="time", start=match.start(), end=match.end(), low=value, high=value)


def _measured(text: str, begin: int, end: int, symbol: str) -> tuple[str, float, str, int] | None:
    """Give what a number measures, its unit and how many days that has, and where it ends."""
    if symbol:
        return f"money {_CURRENCIES[symbol]}", 1.0, "", end
    for of, pattern in _UNITS:
        match = pattern.match(text, end)
        if match is not None:
            return _in_unit(of, match)
    return ("age", 1.0, "", end) if _AGED.search(text[:begin]) else _count(text, begin, end)


def _in_unit(of: str, match: re.Match[str]) -> tuple[str, float, str, int]:
    told = {name: found.strip().lower() for name, found in match.groupdict("").items()}
    if of == "duration":
        unit = told["unit"]
        return f"duration {told['kind']}".strip(), _DAYS[unit], unit, match.end()
    return f"{of} {told.get('currency', '').rstrip('s')}".strip(), 1.0, "", match.end()


def _count(text: str, begin: int, end: int) -> tuple[str, float, str, int] | None:
    """Give what is counted: the first plural behind the number."""
    if _NO_COUNT.search(text[:begin]) or text[begin:end].lower() == "one":
        return None
    for _ in range(_COUNTED_WORDS):
        word = _COUNTED.match(text, end)
        if word is None or word[1].lower() in _ENDS_COUNTED:
            return None
        end, lower = word.end(), word[1].lower()
        if lower in _PLURALS:
            return f"count {lower}", 1.0, "", end
        if len(lower) > 3 and lower.endswith("s") and not lower.endswith(("ss", "us", "is", "'s")):
            return f"count {lower.removesuffix('s')}", 1.0, "", end
    return None


def _low(before: str) -> tuple[float, int] | None:
    """Give where a range begins whose end follows, and its value."""
    match = _RANGE.search(before)
    if match is None or re.search(r"[\w.,]$", before[: match.start()]):
        return None
    begin = match.start()
    if begin and before[begin - 1] in _CURRENCIES:
        begin -= 1
    return valued(match["low"])[0], begin


def _bound(before: str) -> Bound:
    return next((bound for bound, pattern in _BOUNDS.items() if pattern.search(before)), "exactly")
