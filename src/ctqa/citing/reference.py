"""A source -> a reference: what kind of work it is, who wrote it, where it appeared."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from ctqa.citing.names import Name, names_in
from ctqa.records import Source
from ctqa.text import squeeze

Kind = Literal["journal", "magazine", "webpage", "report", "document"]
"""An article in a numbered journal, or in anything else; a saved page; a PDF; any other file."""

_WEB_SUFFIXES = frozenset({".htm", ".html", ".xhtml", ".mht", ".mhtml"})
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u200b\u2028\u2029\ufeff\ufffd\ud800-\udfff]")
_WEB = re.compile(r"https?://", re.IGNORECASE)
_YEARS = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")
_SPAN = re.compile(r"\d{4}\s*[/–-]\s*\d\d(?![\d/–-])")
# What a date, or a spreadsheet, puts around a year.
_AROUND_YEAR = re.compile(
    r"(?:[\d\s.,/:–-]|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*|st|nd|rd|th|t|z)*",
    re.IGNORECASE,
)
_GAP = r"[\s,;:.]*"
# "Journal of Integrated Care, Vol. 19 Iss. 4, pp. 14-21"; "BMJ 340(7750):14–21"
_IN_JOURNAL = re.compile(
    rf"(?P<name>.*?[^\W\d].*?)[\s,;:.]+"
    rf"(?:vol(?:ume)?\b\.?\s*)?(?P<volume>\d+)"
    rf"(?:{_GAP}(?:\((?P<brackets>[\w–-]+)\)|(?:iss(?:ue)?|no|number)\b\.?\s*(?P<issue>[\w–-]+)))?"
    rf"(?:{_GAP}(?:pp?\b\.?\s*|(?<=:)\s*|(?<=,)\s*)(?P<first>\w+)(?:\s*[-–—]\s*(?P<last>\w+))?)?"
    rf"[\s.]*",
    re.IGNORECASE,
)
_PUBLISHER = re.compile(
    r":\s|\b(?:HMSO|TSO|press|publish\w*|publications|office|department|ministry|university|"
    r"council|commission|trust|foundation|institute|agency|authority|ltd|limited|plc|NHS|"
    r"association|college|centre|charity|parliament)\b",
    re.IGNORECASE,
)
_PERIODICAL = re.compile(
    r"\b(?:journal|magazine|news|newspaper|gazette|bulletin|review|times|quarterly)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A source as every style needs it; "" where the source does not tell."""

    id: str
    kind: Kind
    title: str  # never ""
    names: tuple[Name, ...] = ()
    year: str = ""
    container: str = ""  # the periodical that it appeared in
    volume: str = ""
    issue: str = ""
    first_page: str = ""  # of an article within its periodical
    last_page: str = ""
    publisher: str = ""
    url: str = ""

    @property
    def years(self) -> tuple[int, ...]:
        """The years that `year` names."""
        return years_in(self.year)

    @property
    def is_article(self) -> bool:
        """Whether it appeared in a periodical."""
        return self.container != ""


def reference(source: Source) -> Reference:
    """Read what a source tells about itself."""
    title = plain(source.title)
    url = "".join(plain(source.url).split())
    published = _published(plain(source.publication))
    return Reference(
        id=source.id,
        kind=_kind(source.path, published),
        title=title or plain(source.id) or "untitled",
        names=names_in(plain(source.author)),
        year=_year(plain(source.year)),
        url=url if _WEB.match(url) else "",
        **published,
    )


def plain(text: str) -> str:
    """Put a text on one line, without characters that steer a terminal or a page."""
    return squeeze(_CONTROL.sub(" ", text))


def years_in(text: str) -> tuple[int, ...]:
    """Give the years that a text names, in its order."""
    return tuple(int(year) for year in _YEARS.findall(text))


def _year(told: str) -> str:
    """Take the year out of a date; a span of years and anything else stays as it is."""
    years = years_in(told)
    if len(years) != 1 or _SPAN.search(told) or not _AROUND_YEAR.fullmatch(told):
        return told
    return str(years[0])


def _published(publication: str) -> dict[str, str]:
    match = _IN_JOURNAL.fullmatch(publication)
    if match is not None:
        found = {name: value for name, value in match.groupdict().items() if value is not None}
        issue = found.get("issue", found.get("brackets", ""))
        pages = {"first_page": found.get("first", ""), "last_page": found.get("last", "")}
        return {"container": found["name"], "volume": found["volume"], "issue": issue, **pages}
    if _PUBLISHER.search(publication) and not _PERIODICAL.search(publication):
        return {"publisher": publication}
    return {"container": publication}


def _kind(path: str, published: dict[str, str]) -> Kind:
    if published.get("container", ""):
        return "journal" if "volume" in published else "magazine"
    suffix = PurePosixPath(path).suffix.lower()
    if suffix in _WEB_SUFFIXES:
        return "webpage"
    return "report" if suffix == ".pdf" or published.get("publisher", "") else "document"
