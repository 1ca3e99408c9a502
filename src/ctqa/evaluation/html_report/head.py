"""What a report says first: what was measured, and in a few sentences what came of it."""

from collections.abc import Iterator

from ctqa.evaluation.failing import most_to_be_won
from ctqa.evaluation.gold.wording import many
from ctqa.evaluation.html_report.parts import duration, seconds
from ctqa.evaluation.intervals import Figure
from ctqa.evaluation.kept import Result, Summary
from ctqa.evaluation.percents import between, percent, points

_FEW = 100  # questions, below which one of them moves a share by more than a point in 100
Fact = tuple[str, str]


def facts(result: Result) -> Iterator[Fact]:
    """Tell what was measured, with what, and when."""
    summary, about = result.summary, result.summary.about
    counts = summary.counts
    impossible = f", {counts.impossible:,} of them without an answer in the documents"
    yield (
        "Gold set",
        f"{many(counts.questions, 'question')}{impossible if counts.impossible else ''}",
    )
    yield (
        "Index",
        f"build {summary.build}: {many(about.documents, 'document')}, "
        + many(about.passages, "passage"),
    )
    yield "Measured", f"{summary.at[:10]} {summary.at[11:16]} UTC, in {duration(about.seconds)}"
    yield (
        "Asked for",
        f"the first {many(summary.depth, 'passage')}, "
        + ("and answers" if about.answers else "no answers: only searched"),
    )
    yield "Models", ", ".join(_models(summary))
    if about.answers:
        yield "Confidence", _rests_on(result)


def settings(result: Result) -> Iterator[Fact]:
    """Give every setting by its own name, and what tells this gold set from others."""
    summary = result.summary
    for name, value in sorted({**summary.about.index, **summary.config}.items()):
        yield name, _value(value)
    yield "models", summary.about.models
    yield "gold_sha256", summary.about.gold_sha256


def in_short(result: Result) -> Iterator[str]:
    """Say in plain words what came of it, the weightiest first."""
    figures = result.summary.figures
    yield from _right(result.summary)
    yield from _refused(result.summary)
    yield from _found(result.summary)
    chance = most_to_be_won(result.rows)
    if chance is not None:
        yield chance.told
    if "ECE" in figures:
        off = figures["ECE"]
        yield (
            f"The confidence shown is off by {points(off.mean)} points in 100 on average "
            f"({points(off.low, off.high)})."
        )
    latency = result.summary.latency
    if latency is not None:
        yield (
            f"Half of the replies took no longer than {seconds(latency.p50_ms)}, 95 of 100 no "
            f"longer than {seconds(latency.p95_ms)}."
        )
    if figures:
        yield (
            "Brackets hold 95\u00a0% intervals: were very many such questions asked, the figure "
            "may well be any of those between."
        )


def cautions(result: Result) -> Iterator[str]:
    """Say what stands in the way of taking the figures as they are."""
    summary, counts = result.summary, result.summary.counts
    if counts.questions < _FEW:
        yield (
            f"With {many(counts.questions, 'question')}, one more or less that is right moves a "
            f"share by {100 / counts.questions:.0f} points in 100. Look at the intervals, not at "
            "the averages alone."
        )
    if counts.unmatched_judgments:
        has = "has" if counts.unmatched_judgments == 1 else "have"
        yield (
            f"{many(counts.unmatched_judgments, 'judgment')} of {counts.judgments:,} {has} no "
            "place in this index and count as missed: see “Gold to mend”."
        )
    if counts.left_out:
        were = "was" if counts.left_out == 1 else "were"
        yield (
            f"{many(counts.left_out, 'question')} of the gold set {were} left out: it is not "
            "known what answers them."
        )
    rests = summary.about.calibrated
    if rests is not None and rests.own and summary.about.answers:
        yield (
            f"Confidence was learnt from {rests.gold}. If these are the same questions, what is "
            "said of confidence and of refusing flatters."
        )
    for note in summary.notes:
        yield f"{note[:1].upper()}{note[1:]}."


def with_interval(found: Figure) -> str:
    """Write a share with its 95 % interval."""
    return f"{percent(found.mean)} ({between(found.low, found.high)})"


def _right(summary: Summary) -> Iterator[str]:
    found = summary.figures.get("sentence_right")
    if found is not None:
        yield (
            f"The first answer is right for {with_interval(found)} of "
            f"{many(found.n, 'question')} that the documents answer."
        )
    elif summary.counts.questions == summary.counts.impossible:
        yield "None of these questions is one that the documents answer."
    elif not summary.about.answers:
        yield "Only searching was measured; no answers were asked for."


def _refused(summary: Summary) -> Iterator[str]:
    answered, refused = summary.figures.get("answered"), summary.figures.get("refused")
    if answered is not None:
        yield f"Something was answered to {with_interval(answered)} of them, right or wrong."
    if refused is not None:
        yield (
            f"Of {many(refused.n, 'question')} that the documents do not answer, "
            f"{with_interval(refused)} were rightly refused."
        )


def _found(summary: Summary) -> Iterator[str]:
    first, five = summary.figures.get("Success@1"), summary.figures.get("Success@5")
    if first is None:
        return
    among = (
        "" if five is None else f", and something right is among the first 5 for {_of(five, first)}"
    )
    yield f"In searching, what is found first is right for {with_interval(first)}{among}."


def _of(found: Figure, first: Figure) -> str:
    """Write a share with its interval, and over what it is where that is another number."""
    of = "" if found.n == first.n else f" of {many(found.n, 'question')}"
    return f"{with_interval(found)}{of}"


def _models(summary: Summary) -> Iterator[str]:
    """Name the models that were used; a reranker that reads no passage is none of them."""
    yield f"{summary.about.index.get('encoder', 'unknown')} (encoder)"
    if summary.config.get("rerank"):
        yield f"{summary.config.get('reranker', 'unknown')} (reranker)"
    if summary.about.answers:
        yield f"{summary.config.get('reader', 'unknown')} (reader)"


def _rests_on(result: Result) -> str:
    rests = result.summary.about.calibrated
    if rests is None:
        return "not calibrated for these models: none is shown"
    own = "" if rests.own else "; these are not about your documents"
    return (
        f"calibrated on {many(rests.questions, 'question')} of {rests.gold} "
        f"({rests.created_at[:10]}){own}"
    )


def _value(value: object) -> str:
    return "none" if value is None else str(value)
