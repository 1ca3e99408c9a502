"""Measures as markup: of one result, and of two side by side."""

from collections.abc import Iterable, Iterator, Sequence

from ctqa.evaluation.changed import changed
from ctqa.evaluation.kept import Result, Summary
from ctqa.evaluation.metrics import Figure
from ctqa.ui import words
from ctqa.ui.markup import Html, element, joined

_OVER_ALL = ("EM_all", "F1_all")


def title(summary: Summary) -> Html:
    """Name a result by its gold, its size, its date and its build."""
    counts = summary.counts
    return joined(
        element(
            "strong",
            element("bdi", summary.gold),
            words.result_size(counts.questions, counts.impossible),
        ),
        " ",
        element(
            "span",
            words.result_about(summary.at, summary.build, summary.about.seconds),
            class_="meta",
        ),
    )


def measures(summary: Summary) -> Html:
    """Show every measure with its interval, and over how many questions it is."""
    return _table(
        (words.MEASURE, words.MEAN, words.INTERVAL, words.N),
        (
            (_named(name), words.figure(each.mean), _interval(each), f"{each.n:,}")
            for name, each in _telling(summary)
        ),
    )


def comparison(a: Result, b: Result) -> Html:
    """Show two results side by side, and which questions changed; nothing is called better."""
    before, after = dict(_telling(a.summary)), dict(_telling(b.summary))
    return joined(
        element("p", f"{words.FIRST}: ", title(a.summary)),
        element("p", f"{words.SECOND}: ", title(b.summary)),
        *(element("p", note) for note in _cautions(a, b)),
        _table(
            (words.MEASURE, words.FIRST, words.SECOND),
            (
                (_named(name), _cell(before.get(name)), _cell(after.get(name)))
                for name in words.MEASURES
                if name in before or name in after
            ),
        ),
    )


def _telling(summary: Summary) -> Iterator[tuple[str, Figure]]:
    """Give the measures that tell something: where all can be answered, those over all do not."""
    for name in words.MEASURES:
        if name in summary.figures and (summary.counts.impossible or name not in _OVER_ALL):
            yield name, summary.figures[name]


def _named(name: str) -> Html:
    label, meaning = words.measure_named(name)
    return joined(element("span", label, class_="name"), element("span", meaning, class_="means"))


def _cell(found: Figure | None) -> Html:
    if found is None:
        return joined(words.NOT_MEASURED)
    return joined(
        words.figure(found.mean),
        element("span", f"{_interval(found)}; {words.of_questions(found.n)}", class_="means"),
    )


def _interval(found: Figure) -> str:
    if found.low == found.high and found.mean in (0, 1):
        return words.all_alike(found.n)
    return words.interval(found.low, found.high)


def _cautions(a: Result, b: Result) -> Iterator[str]:
    """Say what cannot be told from the two."""
    first, second = a.summary, b.summary
    if first.about.gold_sha256 != second.about.gold_sha256:
        yield words.OTHER_GOLD
    differing = list(_differing(first, second))
    if differing:
        yield f"{words.OTHER_SETTINGS} {'; '.join(differing)}."
    if first.about.answers != second.about.answers:
        return  # what goes wrong with a question is then not the same thing in both
    found = changed(a.rows, b.rows)
    if not found.both:
        yield words.NOTHING_SHARED
        return
    yield words.changed_questions(found.both, found.won, found.lost)
    yield words.chance_of_change(found.chance, found.won + found.lost)


def _differing(a: Summary, b: Summary) -> Iterator[str]:
    before = {**a.config, "depth": a.depth, "models": a.about.models, "answers": a.about.answers}
    after = {**b.config, "depth": b.depth, "models": b.about.models, "answers": b.about.answers}
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            yield words.setting_differs(name, str(before.get(name)), str(after.get(name)))


def _table(heads: Sequence[str], lines: Iterable[tuple[Html | str, ...]]) -> Html:
    body = (
        element(
            "tr",
            element("th", line[0], scope="row"),
            *(
                element("td", cell, data_head=head)  # what a narrow page shows of the heads
                for head, cell in zip(heads[1:], line[1:], strict=True)
            ),
        )
        for line in lines
    )
    return element(
        "table",
        element("thead", element("tr", *(element("th", head, scope="col") for head in heads))),
        element("tbody", *body),
        class_="figures measures",
    )
