"""An evaluation as plain text, at most 80 columns wide."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest

from ctqa.evaluation.failing import failures, most_to_be_won, never_found
from ctqa.evaluation.gold.wording import many
from ctqa.evaluation.intervals import Figure
from ctqa.evaluation.naming import NAMES, SHOWN, STAGE_NAMES, Stage
from ctqa.evaluation.outcome import Counts, Evaluation, GoldProblem, Latency, Row, Spot

_WIDTH = 80
_LISTED = 5  # of each thing that went wrong
_LABEL = 40  # columns
_SHOWN_HITS = 10  # of a reply, unless told otherwise
# Of these, the first four that were measured stand in the table of each group.
_GROUPED = ("sentence_right", "Success@1", "Success@5", "refused", "nDCG@10", "R@100")
_COLUMNS = 4
_COLUMN = 15


def format_report(evaluation: Evaluation, kept: str = "") -> str:
    """Lay an evaluation out for the terminal: means, groups, worst questions, what to mend.

    `kept` is the id under which the result is kept with the index.
    """
    rows = evaluation.rows
    blocks = (
        _head(evaluation),
        _table(evaluation.figures),
        _groups("half", evaluation.by_half, rows),
        _groups("kind", evaluation.by_kind, rows),
        _why(rows),
        *(_worst(stage, rows) for stage in failures(rows)),
        _never_found(rows),
        _mend(evaluation.problems),
        _kept(kept),
    )
    printed = ("\n".join(map(_printable, block)) for block in blocks)
    return "\n\n".join(block for block in printed if block)


def _head(evaluation: Evaluation) -> Iterator[str]:
    counts = evaluation.counts
    yield _shorten(
        f"{evaluation.gold}: {many(counts.questions, 'question')}{_of_these(counts)}", _WIDTH
    )
    yield f"build {evaluation.build}, {evaluation.depth} hits a question"
    if counts.unmatched_judgments:
        yield (
            f"{counts.unmatched_judgments:,} of {many(counts.judgments, 'judgment')} have no "
            "place in this index and count as missed"
        )
    if counts.left_out:
        yield f"{many(counts.left_out, 'query', 'queries')} left out: nobody judged them"
    for note in evaluation.notes:
        yield from _wrapped(note)
    if evaluation.latency is not None:
        yield from _times(evaluation.latency)


def _of_these(counts: Counts) -> str:
    return f", {counts.impossible:,} of them impossible" if counts.impossible else ""


def _times(taken: Latency) -> Iterator[str]:
    half, most = _between(taken.p50_interval), _between(taken.p95_interval)
    yield f"half of the replies took at most {taken.p50_ms:,.0f} ms{half}"
    yield f"95 of 100 replies took at most {taken.p95_ms:,.0f} ms{most}"


def _between(interval: tuple[float | None, float | None]) -> str:
    """Tell an interval; too few replies leave it open at an end, or tell nothing of it."""
    low, high = interval
    if low is None and high is None:
        return ""
    if low is None or high is None:
        return f" (95 %: up to {high:,.0f})" if low is None else f" (95 %: {low:,.0f} or more)"
    return f" (95 %: {low:,.0f}–{high:,.0f})"


# Measures ---------------------------------------------------------------------------------------


def _table(figures: Mapping[str, Figure]) -> Iterator[str]:
    shown = {name: figures[name] for name in SHOWN if name in figures}
    if not shown:
        return
    yield f"{'':<{_LABEL}} {'mean':>6}  {'95 % interval':>13}  {'n':>7}"
    for name, figure in shown.items():
        interval = f"{figure.low:.3f}–{figure.high:.3f}"
        yield f"{_label(name):<{_LABEL}} {figure.mean:>6.3f}  {interval:>13}  {figure.n:>7,}"
    low = any(NAMES[name].lower_is_better for name in shown)
    yield f"{'* lower is better; ' if low else ''}--json has more measures"


def _label(name: str) -> str:
    return f"{NAMES[name].label} *" if NAMES[name].lower_is_better else NAMES[name].label


def _groups(
    title: str, groups: Mapping[str, Mapping[str, Figure]], rows: Sequence[Row]
) -> Iterator[str]:
    measured = {name for figures in groups.values() for name in figures}
    names = [name for name in _GROUPED if name in measured][:_COLUMNS]
    if not names:
        return
    heads = [textwrap.wrap(NAMES[name].label, _COLUMN - 1)[::-1] for name in names]
    lines = list(zip_longest([f"By {title}"], *heads, fillvalue=""))
    for first, *cells in reversed(lines):
        yield f"{first:<{_COLUMN}}" + "".join(f"{cell:>{_COLUMN}}" for cell in cells)
    for value, figures in groups.items():
        number = f" ({sum(getattr(row, title) == value for row in rows):,})"
        label = _shorten(value or "(none)", _COLUMN - len(number)) + number
        cells = [_mean(figures.get(name)) for name in names]
        yield f"{label:<{_COLUMN}}" + "".join(f"{cell:>{_COLUMN}}" for cell in cells)


def _mean(figure: Figure | None) -> str:
    return "–" if figure is None else f"{figure.mean:.3f}"


# What went wrong --------------------------------------------------------------------------------


def _why(rows: Sequence[Row]) -> Iterator[str]:
    """Tell how many questions failed at each stage, and where the most is to be won."""
    chance = most_to_be_won(rows)
    if chance is None:
        return
    yield f"Why questions failed ({chance.of:,} of {chance.questions:,})"
    for stage, count in failures(rows).items():
        yield f"  {STAGE_NAMES[stage].label:<{_LABEL - 2}} {count:>6,}"
    yield from _wrapped(chance.told)


def _worst(stage: Stage, rows: Sequence[Row]) -> Iterator[str]:
    """List questions that failed at a stage; what was found last comes first."""
    wrong = [row for row in rows if row.failed_at == stage]
    wrong.sort(key=lambda row: (-(row.first_right or 0), row.id))
    named = STAGE_NAMES[stage]
    yield f"{named.label}{_of_all(len(wrong))}"
    yield from _wrapped(f"{named.meaning} {named.remedy}", "  ")
    for row in wrong[:_LISTED]:
        yield from _example(row)


def _example(row: Row) -> Iterator[str]:
    yield _shorten(f"  {row.id}  {row.question}", _WIDTH)
    if row.first_right is not None and row.first_right > 1:
        yield f"      found at rank {row.first_right}"
    if row.answer is not None:
        yield _placed("answered", row.answer, row.answer_at)
    if row.held is not None:
        yield _placed("held back", row.held.at.text, row.held.at)
    if row.expected:
        yield _placed("expected", row.expected, row.expected_at)


def _placed(what: str, text: str, at: Spot | None) -> str:
    """Tell a text and where it stands; the text gives way where both are too long."""
    place = "" if at is None else f" ({_place(at)})"
    space = _WIDTH - len(place)
    return _shorten(f"      {what}: {text}", max(space, _WIDTH // 2)) + _shorten(place, _WIDTH // 2)


def _place(at: Spot) -> str:
    return at.document if at.page is None else f"{at.document}, page {at.page}"


def _never_found(rows: Sequence[Row]) -> Iterator[str]:
    lost = never_found(rows, _SHOWN_HITS)
    if not lost:
        return
    wanted = {document for row in rows for document in row.wanted}
    yield from _wrapped(
        f"Never found among the first {_SHOWN_HITS}, or as many as answer a question: {len(lost):,}"
        f" of {many(len(wanted), 'document')} that answer{_of_all(len(lost))}"
    )
    for document, questions in list(lost.items())[:_LISTED]:
        asked = f"  wanted by {many(questions, 'question')}"
        yield _shorten(f"  {document}", _WIDTH - len(asked)) + asked


def _mend(problems: Sequence[GoldProblem]) -> Iterator[str]:
    if not problems:
        return
    yield f"Gold to mend{_of_all(len(problems))}"
    for problem in problems[:_LISTED]:
        yield _shorten(f"  {problem.question_id}  {problem.document}: {problem.problem}", _WIDTH)
        if problem.quote is not None:
            yield _shorten(f"      “{problem.quote}”", _WIDTH)


def _kept(id: str) -> Iterator[str]:
    if id:
        yield f"Kept with the index as {id}."
        yield "`ctqa compare` holds it against the result before it, question by question."


# Lines ------------------------------------------------------------------------------------------


def _printable(line: str) -> str:
    """Put a space for what is no visible character: documents may hold terminal escapes."""
    return "".join(c if c.isprintable() else " " for c in line).rstrip()


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=indent)


def _of_all(n: int) -> str:
    return f" ({_LISTED} of {n:,})" if n > _LISTED else ""


def _shorten(line: str, width: int) -> str:
    return line if len(line) <= width else line[: width - 1] + "…"
