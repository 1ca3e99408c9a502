"""How well a reader reads: EM and F1 of spans, and whether it knows where nothing answers."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ctqa.evaluation.answers import exact_match, f1
from ctqa.models.span_reader import Window as ReadWindow
from ctqa.models.span_reader import best_spans
from training.reader.feed import Item
from training.reader.loss import NONE
from training.reader.samples import Sample
from training.reader.windows import Window

Logits = NDArray[np.float32]  # (t, 2)
Read = Callable[[Sequence[Item]], Iterable[Logits]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What was measured over some questions."""

    questions: int
    em: float | None  # None: none of them has an answer
    f1: float | None
    auroc: float | None  # None: all have an answer, or none has

    def __str__(self) -> str:
        """Tell them in a line."""
        told = [f"{self.questions} questions"]
        for name, value in (("EM", self.em), ("F1", self.f1), ("AUROC", self.auroc)):
            if value is not None:
                told.append(f"{name} {value:.3f}")
        return ", ".join(told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The best that was read for one question in all of its passages."""

    text: str
    over_none: float  # its score less that of "no answer" in the same passage
    answers: tuple[str, ...]


def figures(found: Sequence[Found]) -> Figures:
    """Sum up what was found."""
    have = [each for each in found if each.answers]
    yes = np.array([each.over_none for each in have])
    no = np.array([each.over_none for each in found if not each.answers])
    return Figures(
        questions=len(found),
        em=_mean(exact_match(each.text, each.answers) for each in have),
        f1=_mean(f1(each.text, each.answers) for each in have),
        auroc=auroc(yes, no) if len(yes) and len(no) else None,
    )


def found_in(items: Iterable[Item], read: Read) -> list[Found]:
    """Read items, and give the best of each question in all of its passages."""
    every = list(items)
    passages: dict[tuple[str, str], list[ReadWindow]] = {}
    samples: dict[tuple[str, str], Sample] = {}
    for item, logits in zip(every, read(every), strict=True):
        key = item.sample.question_id, item.sample.passage
        passages.setdefault(key, []).append(_as_read(item.window, logits))
        samples[key] = item.sample
    best: dict[str, Found] = {}
    for (question, passage), windows in passages.items():
        found = _found(samples[question, passage], windows)
        before = best.get(question)
        if before is None or found.over_none > before.over_none:
            best[question] = found
    return list(best.values())


def auroc(yes: NDArray[np.float64], no: NDArray[np.float64]) -> float:
    """Give the chance that one of the first scores above one of the second; ties count half."""
    ordered = np.sort(no)
    below = np.searchsorted(ordered, yes, side="left")
    upto = np.searchsorted(ordered, yes, side="right")
    return float((below + upto).mean() / (2 * len(no)))


def _found(sample: Sample, windows: Sequence[ReadWindow]) -> Found:
    """Take the best of the windows of one passage as the product does."""
    spans = best_spans(sample.text, windows)
    if not spans.spans:
        return Found(text="", over_none=-np.inf, answers=sample.answers)
    best = spans.spans[0]
    return Found(
        text=sample.text[best.start : best.end],
        over_none=best.score - spans.null_score,
        answers=sample.answers,
    )


def _as_read(window: Window, logits: Logits) -> ReadWindow:
    return ReadWindow(
        places=list(zip(window.begins.tolist(), window.ends.tolist(), strict=True)),
        of_text=window.begins >= 0,
        null=NONE,
        start_logits=logits[:, 0],
        end_logits=logits[:, 1],
    )


def _mean(values: Iterable[float]) -> float | None:
    held = list(values)
    return sum(held) / len(held) if held else None
