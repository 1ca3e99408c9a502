"""What the page knows while it asks which passage is right."""

from dataclasses import dataclass

from ctqa.evaluation.gold.judgments import Quoted
from ctqa.records import Hit


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Whole sentences of a passage, as a range of its document."""

    passage: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A question that was answered wrongly, and the passages among which the right one may be."""

    question: str
    wrong: Quoted | None = None  # what does not answer; None: nothing was answered
    judgment: str = ""  # the id of the judgment that says so; "": there is none
    contrary: bool = False  # whether an earlier judgment contradicts that one
    replaced: tuple[str, ...] = ()  # the ids of the judgments in whose stead that one was kept
    words: str  # that were searched
    hits: tuple[Hit, ...] = ()
    chosen: Chosen | None = None
    problem: str = ""  # why nothing could be searched
