"""An evaluation as plain text, at most 80 columns wide."""

from collections.abc import Iterator, Mapping, Sequence

from ctqa.evaluation.metrics import Figure
from ctqa.evaluation.outcome import RETRIEVAL, TROUBLES, Counts, Evaluation, GoldProblem, Row

_WIDTH = 80
_LISTED = 5  # of each thing that went wrong
_LABELS = {
    "sentence_right": "First sentence right",
    "any_sentence_right": "Any sentence right",
    "citation_right": "Document and page right",
    "EM": "Exact match",
    "F1": "F1",
    "EM_all": "Exact match, all questions",
    "F1_all": "F1, all questions",
    "answered": "Possible ones answered",
    "refused": "Impossible ones refused",
    "balanced_accuracy": "Balanced accuracy",
}
_MAIN = {
    "Success@1": "Succ@1",
    "Success@5": "Succ@5",
    "nDCG@10": "nDCG@10",
    "sentence_right": "Sentence",
    "F1": "F1",
    "refused": "Refused",
    "balanced_accuracy": "Balanced",
}


def format_report(evaluation: Evaluation) -> str:
    """Lay an evaluation out for the terminal: means, groups, worst questions, what to mend."""
    blocks = (
        _head(evaluation),
        _table(evaluation.figures),
        _groups("half", evaluation.by_half),
        _groups("kind", evaluation.by_kind),
        _worst(evaluation.rows),
        _mend(evaluation.problems),
    )
    return "\n\n".join("\n".join(map(_printable, lines)) for lines in map(list, blocks) if lines)


def _head(evaluation: Evaluation) -> Iterator[str]:
    counts = evaluation.counts
    yield f"{evaluation.gold}: {_number(counts.questions, 'question')}{_of_these(counts)}"
    yield f"build {evaluation.build}, {evaluation.depth} hits a question"
    if counts.unmatched_judgments:
        yield (
            f"{counts.unmatched_judgments} of {_number(counts.judgments, 'judgment')} have no place"
            " in this index and count as missed"
        )
    if counts.left_out:
        yield f"{_number(counts.left_out, 'query', 'queries')} left out: nobody judged them"
    yield from evaluation.notes
    if evaluation.latency is not None:
        p50, p95 = evaluation.latency.p50_ms, evaluation.latency.p95_ms
        yield f"time for a reply: p50 {p50:.0f} ms, p95 {p95:.0f} ms"


def _of_these(counts: Counts) -> str:
    return f", {counts.impossible} of them impossible" if counts.impossible else ""


def _number(n: int, one: str, many: str = "") -> str:
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def _table(figures: Mapping[str, Figure]) -> Iterator[str]:
    yield f"{'':<28} {'mean':>6}  {'95 % interval':>13}  {'n':>6}"
    for name, figure in figures.items():
        if name in _LABELS or name in RETRIEVAL:
            interval = f"{figure.low:.3f}–{figure.high:.3f}"
            label = _LABELS.get(name, name)
            yield f"{label:<28} {figure.mean:>6.3f}  {interval:>13}  {figure.n:>6}"


def _groups(title: str, groups: Mapping[str, Mapping[str, Figure]]) -> Iterator[str]:
    names = [name for name in _MAIN if any(name in figures for figures in groups.values())]
    if not names:
        return
    yield f"{'By ' + title:<17}" + "".join(f"{_MAIN[name]:>9}" for name in names)
    for value, figures in groups.items():
        if not figures.keys() & set(names):
            continue
        label = _shorten(value or "(none)", 16)
        yield f"{label:<17}" + "".join(f"{_mean(figures.get(name)):>9}" for name in names)


def _mean(figure: Figure | None) -> str:
    return "–" if figure is None else f"{figure.mean:.3f}"


def _worst(rows: Sequence[Row]) -> Iterator[str]:
    """List what went wrong, by what went wrong; what was found last comes first."""
    for trouble in TROUBLES:
        wrong = [row for row in rows if row.trouble == trouble]
        wrong.sort(key=lambda row: (-(row.first_right or 0), row.id))
        if wrong:
            yield f"{trouble}{_of_all(len(wrong))}"
        for row in wrong[:_LISTED]:
            yield from _example(row)


def _example(row: Row) -> Iterator[str]:
    yield _shorten(f"  {row.id}  {row.question}", _WIDTH)
    if row.first_right is not None and row.first_right > 1:
        yield f"      found at rank {row.first_right}"
    if row.answer is not None:
        yield _shorten(f"      answered: {row.answer}", _WIDTH)
    if row.expected:
        yield _shorten(f"      expected: {row.expected}", _WIDTH)


def _mend(problems: Sequence[GoldProblem]) -> Iterator[str]:
    if not problems:
        return
    yield f"Gold to mend{_of_all(len(problems))}"
    for problem in problems[:_LISTED]:
        yield _shorten(f"  {problem.question_id}  {problem.document}: {problem.problem}", _WIDTH)
        if problem.quote is not None:
            yield _shorten(f"      “{problem.quote}”", _WIDTH)


def _printable(line: str) -> str:
    """Put a space for what is no visible character: documents may hold terminal escapes."""
    return "".join(c if c.isprintable() else " " for c in line)


def _of_all(n: int) -> str:
    return f" ({_LISTED} of {n:,})" if n > _LISTED else ""


def _shorten(line: str, width: int) -> str:
    return line if len(line) <= width else line[: width - 1] + "…"
