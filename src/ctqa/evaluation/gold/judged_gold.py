"""Gold from what people have judged: what is settled."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from ctqa.errors import GoldError
from ctqa.evaluation.gold.judged import Judged
from ctqa.evaluation.gold.questions import Gold, GoldQuestion, Judgment

NAME = "judgments"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """A question whose judgments contradict each other, and which ones do."""

    question: str
    ids: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What judgments say together."""

    questions: tuple[GoldQuestion, ...]
    contradictions: tuple[Contradiction, ...]  # their questions are not among the others
    only_wrong: tuple[str, ...]  # questions of which only wrong answers are known: no gold yet


def settle(judged: Sequence[Judged]) -> Settled:
    """Bring the judgments of each question together; the order is that of the first ones."""
    groups: dict[str, list[Judged]] = {}
    for one in judged:
        groups.setdefault(one.asked, []).append(one)
    questions, contradictions, only_wrong = [], [], []
    for group in groups.values():
        torn = {one.id for one in group if any(opposed(one, other) for other in group)}
        if torn:
            question = group[0].question
            contradictions.append(Contradiction(question=question, ids=frozenset(torn)))
        elif all(one.verdict == "wrong" for one in group):
            only_wrong.append(group[0].question)
        else:
            questions.append(_question(group))
    return Settled(
        questions=tuple(questions),
        contradictions=tuple(contradictions),
        only_wrong=tuple(only_wrong),
    )


def as_gold(judged: Sequence[Judged]) -> Gold:
    """Make a gold set of what is settled.

    Raises:
        GoldError: nothing is.

    """
    settled = settle(judged)
    torn, wrong = len(settled.contradictions), len(settled.only_wrong)
    notes = []
    if torn:
        notes.append(f"left out: {torn} with judgments that contradict each other")
    if wrong:
        notes.append(f"left out: {wrong} of which only wrong answers are known")
    if not settled.questions:
        why = "; ".join(notes) if notes else "nothing was judged yet"
        raise GoldError(f"{NAME}: hold no question whose answer is known ({why})")
    return Gold(name=NAME, questions=settled.questions, left_out=torn + wrong, notes=tuple(notes))


def opposed(one: Judged, other: Judged) -> bool:
    """Tell whether two judgments contradict each other.

    They do where one place is right and wrong, and where one is right and nothing answers.
    """
    verdicts = {one.verdict, other.verdict}
    if verdicts == {"right", "wrong"}:
        return one.key == other.key
    return verdicts == {"right", "not in the sources"} and one.asked == other.asked


def _question(group: Sequence[Judged]) -> GoldQuestion:
    places = [one.place for one in group if one.verdict == "right" and one.place is not None]
    judgments = (
        Judgment(
            document=place.document,
            quote=place.quote,
            page=place.page,
            context=None if place.context == "" else place.context,
        )
        for place in places
    )
    return GoldQuestion(
        id=f"j{hashlib.sha256(group[0].asked.encode()).hexdigest()[:10]}",
        question=group[0].question,
        judgments=tuple(dict.fromkeys(judgments)),
        impossible=not places,
    )
