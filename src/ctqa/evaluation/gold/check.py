"""Checking gold questions before anything is held against them."""

from collections.abc import Callable, Iterator, Sequence
from typing import get_args

from ctqa.evaluation.gold.check_pairs import pair_findings
from ctqa.evaluation.gold.check_places import PlaceCheck
from ctqa.evaluation.gold.finding import Finding, Kind
from ctqa.evaluation.gold.questions import Gold
from ctqa.evaluation.gold.wording import many
from ctqa.evaluation.locate import Documents

_ORDER: tuple[Kind, ...] = get_args(Kind)
Progress = Callable[[int, int], None]  # questions done, of how many


def check(
    golds: Sequence[Gold], documents: Documents | None = None, progress: Progress | None = None
) -> tuple[Finding, ...]:
    """Find what is wrong with gold sets, the gravest kind first.

    Several sets are taken for halves of one: what is in two of them is a leak. Without documents,
    nothing is said of whether quotes stand in them.
    """
    found = [finding for gold in golds for finding in _of_one(gold)]
    placed = PlaceCheck(documents)
    total, done = sum(len(gold.questions) for gold in golds), 0
    for gold in golds:
        for question in gold.questions:
            placed.look_at(gold, question)
            done += 1
            if progress is not None:
                progress(done, total)
    found += placed.findings()
    found += pair_findings(golds, placed.spots)
    return tuple(sorted(found, key=lambda finding: _ORDER.index(finding.kind)))


def _of_one(gold: Gold) -> Iterator[Finding]:
    for note in gold.notes:
        yield Finding(
            kind="how it was read",
            severity="look at",
            gold=gold.name,
            question="",
            where="",
            message=note,
            what_to_do="nothing, if that is as it should be",
        )
    bare = [
        question
        for question in gold.questions
        if not question.impossible and all(one.quote is None for one in question.judgments)
    ]
    if bare:
        ids = ", ".join(question.id for question in bare[:3])
        more = ", …" if len(bare) > 3 else ""
        yield Finding(
            kind="no quote",
            severity="look at",
            gold=gold.name,
            question="",
            where="",
            message=f"{many(len(bare), 'question')} of {len(gold.questions):,} without a quote "
            f"({ids}{more}): any passage of the document, or page, counts as right",
            what_to_do="copy the words that answer into “quote”, where you want to know whether "
            "CTQA finds the place and not only the document",
        )
