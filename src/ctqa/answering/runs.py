"""Runs: what is shown together for one sentence, row or item that answers."""

from collections.abc import Sequence
from dataclasses import dataclass

from ctqa.answering.lines import Line
from ctqa.records import Hit

_AS_WELL = 1.0  # logits within which items of a list read as well as one another
_LIST_CHARS = 2000  # the longest list shown whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The sentences `first` to `last` (exclusive) of a line's passage, shown together."""

    line: Line
    first: int
    last: int
    logit: float  # the best of the line alone and with a neighbour

    @property
    def score(self) -> float:
        """What runs are ranked by, in logits: what its line is."""
        return self.line.score

    @property
    def start(self) -> int:
        """The first character, in the document."""
        return self.line.hit.passage.sentences[self.first].start

    @property
    def end(self) -> int:
        """The character after the last, in the document."""
        return self.line.hit.passage.sentences[self.last - 1].end

    @property
    def text(self) -> str:
        """The document's own text from start to end."""
        passage = self.line.hit.passage
        return passage.text[self.start - passage.start : self.end - passage.start]


def stands_in(line: Line, run: Run) -> bool:
    """Tell whether a line stands in what is shown."""
    same = line.hit.passage.document_id == run.line.hit.passage.document_id
    return same and run.start <= line.sentence.start < run.end


def whole_list(line: Line, lines: Sequence[Line]) -> tuple[int, int] | None:
    """Give the range of an item's list, or of a row's table, where the whole is asked for.

    It is when half of the items or more read as well as the best of them: what they stand under
    answers, not what any one says. None: the item alone answers, or the list is too long.
    """
    sentences, kind = line.hit.passage.sentences, line.sentence.kind
    if kind not in ("item", "row"):
        return None
    first, last = line.at, line.at + 1
    while first > 0 and sentences[first - 1].kind == kind:
        first -= 1
    while last < len(sentences) and sentences[last].kind == kind:
        last += 1
    here = [other for other in lines if other.hit is line.hit and first <= other.at < last]
    near = sum(other.logit >= line.logit - _AS_WELL for other in here)
    opened = first > 0 and _text(line.hit, first - 1).endswith(":")
    first -= opened
    chars = sentences[last - 1].end - sentences[first].start
    asked = len(here) > 1 and 2 * near >= len(here) and chars <= _LIST_CHARS
    return (first, last) if asked else None


def list_end(line: Line) -> int:
    """Find where the list ends that a line opens; the line's own end where it opens none."""
    sentences, passage = line.hit.passage.sentences, line.hit.passage
    last = line.at + 1
    if line.sentence.kind != "sentence" or not _text(line.hit, line.at).endswith(":"):
        return last
    while last < len(sentences) and sentences[last].end - line.sentence.start <= _LIST_CHARS:
        before = passage.text[: sentences[last - 1].end - passage.start]
        if sentences[last].kind != "item" and not before.endswith((":", ";", ",")):
            break
        last += 1
    return last


def page_at(run: Run, offset: int) -> int:
    """Give the page of a character of what is shown."""
    found = run.line.hit.passage.sentences[run.first : run.last]
    return max(sentence.page for sentence in found if sentence.start <= offset)


def _text(hit: Hit, at: int) -> str:
    passage, sentence = hit.passage, hit.passage.sentences[at]
    return passage.text[sentence.start - passage.start : sentence.end - passage.start]
