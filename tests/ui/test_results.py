"""All results of an index: by gold set, over time, and what changed between two of them."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from ui.outline import outline
from ui.workbenches import Bench, buttons, shown

from ctqa.evaluation import Figure
from ctqa.evaluation.kept import Summary, Unreadable
from ctqa.records import Calibrated
from ctqa.ui import words
from ctqa.ui.between import differing
from ctqa.ui.markup import NOTHING
from ctqa.ui.render_results import results
from ctqa.ui.render_trend import trend
from ctqa.ui.workbench import View


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made = Bench(tmp_path_factory.mktemp("results"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def one(bench: Bench) -> Summary:
    """Give a result as it is kept."""
    return bench.evaluations.results.open(bench.run().view.shown).summary


def series(one: Summary, count: int) -> list[Summary]:
    """Give so many results, the oldest first; each is of another build and a little better."""
    return [
        replace(
            one,
            id=f"20260101T{number:012}Z-abcdef",
            at=f"2026-01-{1 + number % 28:02}T10:00:00+00:00",
            build=1 + number,
            figures={
                **one.figures,
                "sentence_right": Figure(mean=number / 100, low=0.0, high=0.9, n=3),
            },
        )
        for number in range(count)
    ]


# ---- what changed


def test_nothing_differs_between_a_result_and_itself(one: Summary) -> None:
    assert differing(one, one) == []


def test_every_setting_that_differs_is_named_in_words(one: Summary) -> None:
    about = replace(
        one.about,
        gold_sha256="other",
        documents=4,
        models="other models",
        answers=False,
        index={**one.about.index, "passage_tokens": 120},
        calibrated=Calibrated(
            gold="mine", own=True, questions=100, created_at="2026-02-03T00:00:00+00:00", ece=0.1
        ),
    )
    after = replace(one, build=2, depth=50, config={**one.config, "rerank": 20}, about=about)
    told = "; ".join(differing(one, after))
    assert told.startswith(words.GOLD_CHANGED)
    for part in (
        "build 2 of the index instead of 1",
        "documents: 4 instead of 3",
        "longest passage, in tokens: 120 instead of 240",
        "answers asked for: no instead of yes",
        "passages read by the reranker: 20 instead of 0",
        "passages taken for each question: 50 instead of 100",
        "other models, or models used otherwise",
        "calibrated on: mine, 2026-02-03 instead of nothing",
    ):
        assert part in told
    assert "encoder" not in told


def test_a_setting_of_another_version_is_named_as_it_is(one: Summary) -> None:
    after = replace(one, config={**one.config, "new_knob": 1})
    assert differing(one, after) == ["new_knob: 1 instead of nothing"]


# ---- over time


def test_one_result_makes_no_curve(one: Summary) -> None:
    assert trend([one], "", "t") == NOTHING


@pytest.mark.parametrize("count", [2, 3, 50])
def test_each_result_is_a_point_that_opens_it(one: Summary, count: int) -> None:
    made = series(one, count)
    page = outline(trend(made, made[-1].id, "t").markup)
    curves = page.texts("svg")
    assert 1 < len(curves) <= 4
    pressed = [each["data-result"] for each in buttons(page, "show-result")]
    assert pressed == [each.id for each in made] * len(curves)
    points = [node for node in page.nodes if node.tag == "circle"]
    assert len(points) == count * len(curves)
    ids = [node.attributes["id"] for node in page.nodes if "id" in node.attributes]
    assert len(set(ids)) == len(ids)
    told = words.trend_told(count, 0.0, (count - 1) / 100)
    assert told in page.texts("desc")
    assert len(page.texts("tr")) == count + 1  # the same as a table
    labels = [node for node in page.nodes if node.tag == "text" and "tick" in node.classes]
    assert len(labels) <= len(curves) * (3 + 8)


def test_a_changed_gold_set_breaks_the_curve_and_is_marked(one: Summary) -> None:
    made = series(one, 5)
    other = replace(one.about, gold_sha256="other")
    made = [*made[:3], *(replace(each, about=other) for each in made[3:])]
    page = outline(trend(made, "", "t").markup)
    curves = len(page.texts("svg"))
    assert [node.tag for node in page.nodes].count("polyline") == 2 * curves
    dashed = [node for node in page.nodes if node.classes == ["diagonal"]]
    assert len(dashed) == curves
    assert words.GOLD_CHANGED_MARK in page.texts("p")[0]
    assert words.GOLD_CHANGED in page.texts("tr")[2]  # the newest but one, which was the first so


def test_what_was_not_measured_leaves_a_gap(one: Summary) -> None:
    made = series(one, 3)
    searched = {name: one.figures[name] for name in ("Success@1", "Success@5", "nDCG@10")}
    made[1] = replace(made[1], figures=searched)
    page = outline(trend(made, "", "t").markup)
    assert f"{words.at_build(made[1].at, made[1].build)}: {words.NOT_MEASURED}" in [
        each["title"] for each in buttons(page, "show-result")
    ]


# ---- the list


def test_results_stand_by_their_gold_sets_with_what_changed(one: Summary) -> None:
    made = series(one, 5)[::-1]
    others = [replace(each, gold="<b>other</b>", id=f"{each.id[:-1]}0") for each in made[:2]]
    page = outline(results([*made, *others], made[0].id).markup)
    folds = [node for node in page.nodes if node.classes == ["of-gold"]]
    assert [("open" in fold.attributes) for fold in folds] == [True, False]
    assert "<b>other</b>: 2 results, the last of 2026-01-05" in page.texts("summary")
    assert words.older_results(2) in page.texts("summary")
    changed = words.since_before([words.setting_changed("build", 4, 5)])
    assert changed in page.texts("p")
    compared = [each["data-result"] for each in buttons(page, "compare-result")]
    assert compared == [each.id for each in (*made[1:], *others)]
    removed = [each["data-result"] for each in buttons(page, "remove-result")]
    assert removed == [each.id for each in (*made, *others)]


def test_the_gold_set_of_the_result_shown_is_open(one: Summary) -> None:
    first, second = series(one, 2)
    page = outline(results([second, replace(first, gold="other")], first.id).markup)
    assert all("open" in node.attributes for node in page.nodes if node.classes == ["of-gold"])


def test_what_cannot_be_read_is_named_with_the_reason(bench: Bench, one: Summary) -> None:
    folder = bench.serving.folder / "evaluations"
    broken = folder / "20250101T000000000000Z-abcdef.jsonl"
    broken.write_text("{}\n", encoding="utf-8")
    page = shown(bench.work.open(View()).earlier)
    assert words.results_unreadable(1) in page.texts("summary")
    assert broken.name in page.texts("li")[-1]
    broken.unlink()
    only = outline(results([Unreadable(id="x", why="<i>why</i>")], "").markup)
    assert "<i>why</i>" in only.texts("li") and only.texts("svg") == []


def test_where_nothing_was_evaluated_that_is_said() -> None:
    assert outline(results([], "").markup).texts("p") == [words.NO_RESULTS]
