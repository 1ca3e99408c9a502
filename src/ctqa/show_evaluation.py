"""Words for people on a terminal: two results compared."""

from collections.abc import Iterator

from ctqa.evaluation.comparing.compare import Change, Compared, Comparison, Verdict
from ctqa.evaluation.comparing.telling import cautions, label, side, size, verdict
from ctqa.evaluation.naming import SHOWN
from ctqa.lines import filled, harmless, indent
from ctqa.text import squeeze

_WIDTH = 80
_LABEL = 36
_LISTED = 10  # questions won, and as many lost
_MOVED = 5
_ANSWER = 60  # characters of one


def comparison(found: Comparison) -> str:
    """Show two results side by side: what decides, what else differs, and question by question."""
    blocks = (
        [filled(harmless(f"A: {side(found.a)}")), filled(harmless(f"B: {side(found.b)}"))],
        [filled(" ".join(verdict(found.main)))],
        [filled(harmless(each)) for each in cautions(found)],
        list(_table(found)),
        [_counted(found)],
        list(_changed(found, "lost", _LISTED)),
        list(_changed(found, "won", _LISTED)),
        list(_changed(found, "moved", _MOVED)),
    )
    return "\n\n".join("\n".join(block) for block in blocks if block)


def _table(found: Comparison) -> Iterator[str]:
    """Show the deciding measure, then those usually shown and those that differ."""
    others = [each for each in found.others if each.shown or each.measure in SHOWN]
    head = f"{'':{_LABEL}} {'A':>7} {'B':>7} {'B − A':>7}  {'95 % interval':>16} {'p':>6}"
    yield head
    for each in (found.main, *others):
        yield _line(each)
    if others:
        yield filled(
            "The p-values below the first are adjusted for being several (Holm); each interval "
            "stands for itself, so that it may leave out 0 where p does not show a difference."
        )


def _line(each: Compared) -> str:
    told = each.difference
    p = told.p if each.adjusted_p is None else each.adjusted_p
    interval = f"{size(told.low, sign=True)} to {size(told.high, sign=True)}"
    called = _shorten(label(each.measure), _LABEL)
    return (
        f"{called:{_LABEL}} {each.a:>7.3f} {each.b:>7.3f} {size(told.mean, sign=True):>7}  "
        f"{interval:>16} {'<.001' if p < 0.001 else f'{p:.3f}':>6}"
    )


def _counted(found: Comparison) -> str:
    counts = ", ".join(f"{found.count(each):,} {each}" for each in ("won", "lost", "moved", "same"))
    return filled(
        f"Of {len(found.changes):,} questions, from A to B: {counts}. (Moved: as right as before, "
        "but the first right thing found stands at another rank.)"
    )


def _changed(found: Comparison, which: Verdict, most: int) -> Iterator[str]:
    changes = [each for each in found.changes if each.verdict == which]
    if not changes:
        return
    some = f" ({most} of {len(changes):,}; --json lists all)" if len(changes) > most else ""
    yield f"{which.capitalize()}{some}"
    for each in changes[:most]:
        words = harmless(f"{squeeze(each.id)}  {squeeze(each.question)}")
        yield _shorten(words, _WIDTH - 2, "  ")
        yield from (indent(line) for line in _became(each))


def _became(each: Change) -> Iterator[str]:
    before, after = each.values
    if before is not None and after is not None and {before, after} - {0, 1} and before != after:
        yield f"{each.measure} {before:.3f} → {after:.3f}"
    if each.ranks[0] != each.ranks[1]:
        yield f"first right at rank {_rank(each.ranks[0])} → {_rank(each.ranks[1])}"
    if each.answers[0] != each.answers[1]:
        for name, answered, answer in zip("AB", each.answered, each.answers, strict=True):
            yield f"{name}: {_answer(answered, answer)}"


def _answer(answered: bool | None, answer: str | None) -> str:
    if answered is None:
        return "was not asked to answer"
    return "no answer" if answer is None else f"“{_shorten(harmless(squeeze(answer)), _ANSWER)}”"


def _rank(rank: int | None) -> str:
    return "none" if rank is None else str(rank)


def _shorten(text: str, width: int, before: str = "") -> str:
    return before + (text if len(text) <= width else f"{text[: width - 1]}…")
