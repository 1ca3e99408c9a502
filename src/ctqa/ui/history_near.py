"""What a browser remembers beside the answers: what came near, and what may speak against them."""

from dataclasses import dataclass, fields
from typing import Literal, get_args

from ctqa.records import Disagreement, Hit, Source
from ctqa.text import digest, squeeze
from ctqa.ui.history_fields import Fields

_Kind = Literal["number", "negation"]
_Newer = Literal["", "answer", "other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """A passage that came close to a question without answering it."""

    document: str  # its id
    title: str
    page: int
    page_label: str
    section: str  # its heading; "": it has none
    start: int
    end: int
    quote: str  # sha256 of what stood there

    @classmethod
    def of(cls, hit: Hit) -> "Near":
        """Remember where a passage stands."""
        return cls(
            document=hit.source.id,
            title=hit.source.title or hit.source.id,
            page=hit.passage.page,
            page_label=hit.page_label,
            section=squeeze(hit.passage.section[-1]) if hit.passage.section else "",
            start=hit.passage.start,
            end=hit.passage.end,
            quote=digest(hit.passage.text),
        )

    @classmethod
    def read(cls, fields: Fields) -> "Near":
        """Read what `asdict` gave."""
        start, end = fields.range()
        return cls(
            document=fields.text("document"),
            title=fields.text("title"),
            page=fields.number("page", least=1),
            page_label=fields.text("page_label"),
            section=fields.text("section"),
            start=start,
            end=end,
            quote=fields.text("quote"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """What another document says, which possibly contradicts an answer."""

    kind: _Kind
    answer: str  # the words that it may contradict
    text: str  # the other document's own
    source: Source
    page: int
    page_label: str
    start: int
    end: int
    newer: _Newer  # which of two editions is the newer; "": they are none

    @classmethod
    def of(cls, found: Disagreement) -> "Dispute":
        """Remember a possible disagreement."""
        other = found.second
        is_other = found.newer is not None and found.newer.id == other.source.id
        return cls(
            kind=found.kind,
            answer=found.first.text,
            text=other.text,
            source=other.source,
            page=other.page,
            page_label=other.page_label,
            start=other.start,
            end=other.end,
            newer="" if found.newer is None else ("other" if is_other else "answer"),
        )

    @classmethod
    def read(cls, told: Fields) -> "Dispute":
        """Read what `asdict` gave."""
        start, end = told.range()
        source = Fields(told.mapping("source"))
        return cls(
            kind=told.one_of("kind", get_args(_Kind)),
            answer=told.text("answer"),
            text=told.text("text"),
            source=Source(**{each.name: source.text(each.name) for each in fields(Source)}),
            page=told.number("page", least=1),
            page_label=told.text("page_label"),
            start=start,
            end=end,
            newer=told.one_of("newer", get_args(_Newer)),
        )
