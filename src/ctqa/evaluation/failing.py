"""Why a question failed: the stage at which what answers it was lost, by measurement.

A question fails where the first answer is not right or, where the gold judges no answers, where
the first hit is not. Each failure is counted at one stage, the last one that had a chance to get it
right: so the counts tell where the most is to be won.

Where the gold tells the short answer, a passage is right that holds it whole, since no other can be
answered from; else one that holds the judgment, as the measures of retrieval take it.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ctqa.evaluation.gold.wording import many
from ctqa.evaluation.locate import Library, Target
from ctqa.evaluation.naming import STAGE_NAMES, STAGES, Stage
from ctqa.evaluation.outcome import Row, Spot
from ctqa.evaluation.percents import percent
from ctqa.records import UNREAD_PAGES, Hit, Passage

__all__ = [
    "STAGES",
    "Chance",
    "Evidence",
    "Stage",
    "failures",
    "most_to_be_won",
    "never_found",
    "stage_of",
]

_ILL_READ = (*UNREAD_PAGES, "poor")  # states of a page that may hold what was not read off it


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """The stage at which most questions failed, and what it would bring at best if none did."""

    stage: Stage
    failed: int  # at this stage
    of: int  # at any
    questions: int  # that failed or did not

    @property
    def now(self) -> float:
        """The share of the questions that did not fail."""
        return (self.questions - self.of) / self.questions

    @property
    def then(self) -> float:
        """The share that would not if none had failed at this stage: an upper bound."""
        return self.now + self.failed / self.questions

    @property
    def told(self) -> str:
        """What there is to be won, in words."""
        won_by = STAGE_NAMES[self.stage].won_by
        return (
            f"Most is to be won by {won_by}: {self.failed:,} of {many(self.of, 'failure')}. Were "
            f"none lost there, {percent(self.then)} of {many(self.questions, 'question')} would "
            f"come out right instead of {percent(self.now)}: at most, since what is mended there "
            "can still be lost further on."
        )


def failures(rows: Iterable[Row]) -> dict[Stage, int]:
    """Count the failures at each stage that has any, in the order of the data."""
    counts = Counter(row.failed_at for row in rows)
    return {stage: counts[stage] for stage in STAGES if counts[stage]}


def surest_first(row: Row) -> tuple[float, str]:
    """Order what went wrong, as a key: a wrong answer misleads the more, the surer it was."""
    return (0.0 if row.confidence is None else -row.confidence, row.id)


def most_to_be_won(rows: Sequence[Row]) -> Chance | None:
    """Tell where the most is to be won, the earliest of equals; None where nothing failed.

    An impossible question counts only where answers were asked for.
    """
    counts = failures(rows)
    if not counts:
        return None
    stage = max(counts, key=lambda each: counts[each])
    return Chance(
        stage=stage,
        failed=counts[stage],
        of=sum(counts.values()),
        questions=sum(not row.impossible or row.answered is not None for row in rows),
    )


def never_found(rows: Iterable[Row], within: int) -> dict[str, int]:
    """Name the documents that answer and were found for no question, with how many ask for each.

    Found is what is right in them, at a rank of at most `within`, or of at most as many as answer
    the question, where these are more. Those most asked for come first.
    """
    asked: Counter[str] = Counter()
    found: set[str] = set()
    for row in rows:
        last = max(within, len(row.wanted))
        asked.update(row.wanted.keys())
        found.update(name for name, rank in row.wanted.items() if rank is not None and rank <= last)
    lost = sorted(asked.keys() - found, key=lambda name: (-asked[name], name))
    return {name: asked[name] for name in lost}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is measured of one question."""

    wanted: Mapping[str | None, Sequence[Target]]  # see `wanted`
    hits: Sequence[Hit]  # as deep as was searched, best first
    deeper: Callable[[], Sequence[Hit]]  # every candidate; asked for only where it matters
    library: Library
    passages: Callable[[str], Sequence[Passage]]  # of a document, by its id
    answers: bool  # whether answers were asked for and the gold judges them

    def is_right(self, passage: Passage) -> bool:
        """Tell whether the question can be answered rightly from a passage."""
        targets = self.wanted.get(passage.document_id, ())
        return any(self._answers(target, passage) for target in targets)

    def _answers(self, target: Target, passage: Passage) -> bool:
        if not self.answers or not target.answers:
            return target.held_by(passage)
        return any(passage.start <= a.start and a.end <= passage.end for a in target.answers)


def wanted(targets: Iterable[Target]) -> dict[str | None, list[Target]]:
    """Sort what the gold takes for right by the document it stands in; None: in none."""
    found: dict[str | None, list[Target]] = {}
    for target in targets:
        if target.judgment.relevance > 0:
            found.setdefault(target.document, []).append(target)
    return found


def stage_of(row: Row, found: Evidence) -> Stage | None:
    """Name the stage at which a question failed; None if it did not."""
    if row.impossible:
        return "should have abstained" if row.answered else None
    if _is_right(row):
        return None
    if row.held is not None and row.held.right:
        return "should not have abstained"
    if _any_right(found.hits, found):
        return _lost(row, found.hits, found)
    return _never_made(found) or _lost(row, found.deeper(), found)


def _is_right(row: Row) -> bool:
    value = row.values.get("sentence_right")
    return row.first_right == 1 if value is None else value == 1


def _any_right(hits: Iterable[Hit], found: Evidence) -> bool:
    return any(found.is_right(hit.passage) for hit in hits)


def _never_made(found: Evidence) -> Stage | None:
    """Tell what stands in the way of any passage's being right; None: nothing does."""
    made = False
    for document, targets in found.wanted.items():
        if document is None or all(target.missed for target in targets):
            continue
        for passage in found.passages(document):
            made = True
            if found.is_right(passage):
                return None
    if made:
        return "passage not made"
    targets = [target for each in found.wanted.values() for target in each]
    unread = any(_is_unread(target, found.library) for target in targets)
    return "document not read" if unread else "gold without a place"


def _is_unread(target: Target, library: Library) -> bool:
    """Tell whether a judgment may have no place because nothing read its document or page."""
    if target.document is None:
        return not library.find(target.judgment.document)  # else its name fits several
    pages = library.document(target.document).pages
    if all(page.start == page.end for page in pages):
        return True
    wanted = target.judgment.page
    unread = [page.number for page in pages if page.state in _ILL_READ]
    return bool(unread) if wanted is None else wanted in unread


def _lost(row: Row, hits: Sequence[Hit], found: Evidence) -> Stage:
    right = [hit for hit in hits if found.is_right(hit.passage)]
    if not right:
        return "not among the candidates"
    shown = row.answer_at if row.held is None else row.held.at
    if found.answers and (right[0].rank == 1 or (shown and _is_within_right(shown, found))):
        return "wrong span"
    reranked = any(hit.why.rerank_score is not None for hit in right)
    return "lost in reranking" if reranked else "lost in fusion"


def _is_within_right(shown: Spot, found: Evidence) -> bool:
    return any(
        found.is_right(passage)
        for passage in found.passages(shown.document)
        if passage.start <= shown.start and shown.end <= passage.end
    )
