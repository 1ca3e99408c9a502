"""Close reading: the sentences of the best passages, each read under what it stands under.

A sentence says little alone: "It was disbanded in 2006." So it is read twice, under its nearest
heading and under the document's title before that, and the better reading counts: a title names the
subject of an encyclopaedia's article, but that of a long report only distracts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ctqa.answering.cached import CachedReranker
from ctqa.records import Hit, Sentence
from ctqa.text import sentence_copy, squeeze

HITS_READ = 4  # what is further down answers rarely, and costs as much to read
_CONTEXT_CHARS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A sentence, row or item of a hit with its relevance."""

    hit: Hit
    at: int  # its place in `hit.passage.sentences`
    titled: bool  # whether it reads better under the document's title
    logit: float

    @property
    def sentence(self) -> Sentence:
        """The sentence itself."""
        return self.hit.passage.sentences[self.at]


def read_closely(
    reranker: CachedReranker, question: str, hits: Sequence[Hit]
) -> list[tuple[Line, ...]]:
    """Read every sentence of each hit; headings alone answer nothing and are left out."""
    places = [(hit, at) for hit in hits for at in _readable(hit)]
    plain = reranker.score(question, [copy_of(hit, at, at + 1) for hit, at in places])
    titled = reranker.score(question, [copy_of(hit, at, at + 1, titled=True) for hit, at in places])
    lines: dict[str, list[Line]] = {hit.passage.id: [] for hit in hits}
    for (hit, at), alone, under in zip(places, plain, titled, strict=True):
        line = Line(hit=hit, at=at, titled=under > alone, logit=max(alone, under))
        lines[hit.passage.id].append(line)
    return [tuple(lines[hit.passage.id]) for hit in hits]


def copy_of(hit: Hit, first: int, last: int, *, titled: bool = False) -> str:
    """Give what is read for the sentences `first` to `last` (exclusive) of a hit's passage."""
    passage = hit.passage
    body = " ".join(sentence_copy(passage, s) for s in passage.sentences[first:last])
    heading = squeeze(passage.section[-1])[:_CONTEXT_CHARS] if passage.section else ""
    title = squeeze(hit.source.title)[:_CONTEXT_CHARS] if titled else ""
    above = [part for part in (title, heading) if part and not body.startswith(part)]
    return ": ".join([*dict.fromkeys(above), body])


def _readable(hit: Hit) -> Iterator[int]:
    for at, sentence in enumerate(hit.passage.sentences):
        if sentence.kind != "heading":
            yield at
