"""The plots of a report, each with what it says in words and its figures as a table."""

import math
from collections.abc import Iterator, Sequence

from ctqa.evaluation.failing import failures as failures_of
from ctqa.evaluation.failing import most_to_be_won
from ctqa.evaluation.gold.wording import many
from ctqa.evaluation.html_report import drawing
from ctqa.evaluation.html_report.confidence import calibration
from ctqa.evaluation.html_report.counted import Ranked, Times, ranks, times
from ctqa.evaluation.html_report.parts import Plot, Table, seconds
from ctqa.evaluation.html_report.risk import risk
from ctqa.evaluation.kept import Result
from ctqa.evaluation.naming import STAGE_NAMES, Stage
from ctqa.evaluation.percents import percent


def found_at(result: Result) -> Plot:
    """Show at which rank the first right hit stood."""
    bars = ranks(result.rows, result.summary.depth)
    all_of_them = sum(each.questions for each in bars)
    title, meaning = (
        "Where the first right passage stood",
        "Each question that the documents answer counts once, at the place of the first passage "
        "(or document, where the gold names whole documents) that is right. What stands far down, "
        "or is not found, cannot be shown as an answer.",
    )
    if not all_of_them:
        said = "There is nothing to draw: no question is one that the documents answer."
        return Plot(id="ranks", title=title, meaning=meaning, said=said)
    shares = [each.questions / all_of_them for each in bars]
    drawn, height = drawing.bars(
        [
            (_ranked(each), each.questions, f"{each.questions:,} ({percent(share)})", _colour(each))
            for each, share in zip(bars, shares, strict=True)
        ],
        "Questions",
    )
    return Plot(
        id="ranks",
        title=title,
        meaning=meaning,
        said=_where(bars, all_of_them, result.summary.depth),
        figure=drawn,
        height=height,
        table=Table(
            caption=title,
            heads=("Place", "Questions", "Share"),
            lines=tuple(
                (_ranked(each), f"{each.questions:,}", percent(share))
                for each, share in zip(bars, shares, strict=True)
            ),
        ),
    )


def latency(result: Result) -> Plot:
    """Show how long replies took."""
    elapsed = [row.elapsed_ms for row in result.rows if row.elapsed_ms is not None]
    found = result.summary.latency
    title, meaning = (
        "How long a reply took",
        "From the question to the whole reply, on the machine that evaluated, one after the other.",
    )
    if not elapsed or found is None:
        said = "No replies were asked for, so none was timed."
        return Plot(id="latency", title=title, meaning=meaning, said=said)
    bars = times(elapsed, found.p95_ms)
    drawn, height = drawing.histogram(
        [each.low_ms / 1000 for each in bars] + [_end_ms(bars) / 1000],
        [each.replies for each in bars],
        [_span(each) for each in bars],
        {
            f"half: {seconds(found.p50_ms)}": found.p50_ms / 1000,
            f"95 of 100: {seconds(found.p95_ms)}": found.p95_ms / 1000,
        },
    )
    return Plot(
        id="latency",
        title=title,
        meaning=meaning,
        said=f"Half of {many(len(elapsed), 'reply', 'replies')} took no longer than "
        f"{seconds(found.p50_ms)}{_ends(found.p50_interval)}, 95 of 100 no longer than "
        f"{seconds(found.p95_ms)}{_ends(found.p95_interval)}; the slowest took "
        f"{seconds(max(elapsed))}.",
        figure=drawn,
        height=height,
        table=Table(
            caption=title,
            heads=("Time", "Replies"),
            lines=tuple((_span(each), f"{each.replies:,}") for each in bars),
        ),
    )


def failures(result: Result) -> Plot:
    """Show at which stage questions failed, and what to do about each."""
    counts = failures_of(result.rows)
    chance = most_to_be_won(result.rows)
    title, meaning = (
        "Why questions failed",
        "Each question that failed counts once, at the last stage that could have got it right.",
    )
    if chance is None:
        said = "No question failed."
        return Plot(id="failures", title=title, meaning=meaning, said=said)
    drawn, height = drawing.bars(
        [(STAGE_NAMES[stage].label, n, f"{n:,}", drawing.WRONG) for stage, n in counts.items()],
        "Questions",
    )
    return Plot(
        id="failures",
        title=title,
        meaning=meaning,
        said=f"{chance.of:,} of {many(chance.questions, 'question')} failed. {chance.told}",
        figure=drawn,
        height=height,
        table=Table(
            caption=f"{title}, and what to do",
            heads=("Stage", "Questions", "Share", "What it means", "What to do"),
            prose=(3, 4),
            lines=tuple(_failed(stage, n, chance.of) for stage, n in counts.items()),
        ),
    )


def all_plots(result: Result) -> Iterator[Plot]:
    """Give the plots in the order in which they are shown."""
    yield found_at(result)
    if result.summary.about.answers:
        yield risk(result)
        yield calibration(result)
        yield latency(result)


def _failed(stage: Stage, questions: int, of: int) -> tuple[str, ...]:
    named = STAGE_NAMES[stage]
    return named.label, f"{questions:,}", percent(questions / of), named.meaning, named.remedy


def _where(bars: Sequence[Ranked], of: int, depth: int) -> str:
    missing = sum(each.questions for each in bars if not each.is_found)
    first = bars[0].questions
    rest = (
        f"for {missing:,} ({percent(missing / of)}) none of the first {depth:,} is"
        if missing
        else f"something right is among the first {depth:,} for each of them"
    )
    return (
        f"For {first:,} of {many(of, 'question')} ({percent(first / of)}) the first passage is "
        f"right; {rest}."
    )


def _ranked(each: Ranked) -> str:
    return each.label.capitalize()


def _colour(each: Ranked) -> str:
    return drawing.RIGHT if each.is_found else drawing.WRONG


def _span(each: Times) -> str:
    if math.isinf(each.high_ms):
        return f"{seconds(each.low_ms)} and more"
    return f"{seconds(each.low_ms)} to {seconds(each.high_ms)}"


def _ends(interval: tuple[float | None, float | None]) -> str:
    """Write the 95 % interval of a time; so few replies may not tell where it ends."""
    low, high = interval
    if low is None and high is None:
        return ""
    if high is None:
        return f" (from {seconds(low or 0.0)}; so few replies do not tell up to what)"
    return f" ({seconds(low or 0.0)} to {seconds(high)})"


def _end_ms(bars: Sequence[Times]) -> float:
    """Give where the last bar ends; that of the slowest is drawn as wide as the others."""
    last = bars[-1]
    step = bars[0].high_ms - bars[0].low_ms
    return last.low_ms + step if math.isinf(last.high_ms) else last.high_ms
