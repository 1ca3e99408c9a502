"""Two results side by side: what decides, what else differs, and which questions changed."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from ui.outline import Outline, outline
from ui.serving import HOSTILE, VISIT
from ui.workbenches import Bench, buttons

from ctqa.errors import ConfigError
from ctqa.evaluation.comparing import telling
from ctqa.evaluation.comparing.compare import compare
from ctqa.evaluation.comparing.measured import of_result
from ctqa.evaluation.kept import Result
from ctqa.evaluation.naming import NAMES
from ctqa.evaluation.outcome import Row
from ctqa.ui import words
from ctqa.ui.render_comparison import side_by_side


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made = Bench(tmp_path_factory.mktemp("comparing"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def one(bench: Bench) -> Result:
    return bench.evaluations.results.open(bench.run().view.shown)


def changed(row: Row, right: float, rank: int | None) -> Row:
    values = {name: right if name == "sentence_right" else v for name, v in row.values.items()}
    return replace(row, values=values, first_right=rank)


@pytest.fixture(scope="module")
def page(one: Result) -> Outline:
    """Compare with a result in which one question was lost, one was won and one moved."""
    visit, nurse, gone, *impossible = one.rows
    rows = (changed(visit, 0, 1), changed(nurse, 1, 1), changed(gone, 0, 7), *impossible)
    summary = replace(one.summary, build=2, config={**one.summary.config, "rerank": 20})
    return outline(side_by_side(one, Result(summary=summary, rows=rows)).markup)


def test_the_sentence_is_that_of_the_comparison(one: Result, page: Outline) -> None:
    alike = compare(of_result(one, "A"), of_result(one, "B"))
    said = outline(side_by_side(one, one).markup).text(".verdict")
    assert said.split() == " ".join(telling.verdict(alike.main)).split()
    assert "No difference was shown" in page.text(".verdict")
    assert "better" not in page.texts("article")[0]


def test_what_else_differs_is_said(page: Outline) -> None:
    text = page.texts("article")[0]
    assert "build 2 of the index instead of 1" in text
    assert "passages read by the reranker: 20 instead of 0" in text


def test_every_measure_has_its_difference_with_interval_and_chance(page: Outline) -> None:
    heads = ["A", "B", words.DIFFERENCE, words.CHANCE]
    told = [node for node in page.nodes if node.tag == "td"]
    assert [cell.attributes["data-head"] for cell in told[:4]] == heads
    first = page.texts("tr")[1]
    assert first.startswith(NAMES["sentence_right"].label)
    assert "0.333" in first and "+0.000" in first and words.MAY_BE_CHANCE in first
    for row in page.texts("tr"):
        assert row.startswith(words.MEASURE) or "p = " in row or "p < " in row


def test_lost_won_and_moved_questions_open_in_ask(one: Result, page: Outline) -> None:
    for verdict, count in (("lost", 1), ("won", 1), ("moved", 1)):
        assert words.changes(verdict, count) in page.texts("summary")
    asked = [each["data-question"] for each in buttons(page, "ask")]
    assert asked == [VISIT, one.rows[1].question, HOSTILE]
    lost, _, moved = page.texts(".outcome")
    assert words.found_at(1) in lost and str(one.rows[0].answer) in lost
    assert words.rank_told(None) in moved and words.found_at(7) in moved
    assert words.unchanged_questions(2) in page.texts("p")


def test_many_changed_questions_are_not_all_listed(one: Result) -> None:
    rows = tuple(replace(one.rows[0], id=str(number)) for number in range(130))
    after = replace(one, rows=tuple(changed(row, 0, None) for row in rows))
    found = outline(side_by_side(replace(one, rows=rows), after).markup)
    assert len(found.texts(".outcome")) == 100
    assert words.more_questions(30) in found.texts("p")
    assert words.other_questions(127) in found.texts("summary")
    assert "beyond chance" in found.text(".verdict")


def test_of_impossible_questions_nothing_is_said_to_be_found(one: Result) -> None:
    *others, night = one.rows
    assert night.impossible and night.values["refused"] == 0
    refused = replace(night, values={"refused": 1.0}, answered=False, answer=None)
    after = replace(one, rows=(*others, refused))
    won = outline(side_by_side(one, after).markup).text(".outcome")
    assert f"B: {words.NOTHING_SHOWN}." in won
    assert words.rank_told(None) not in won


def test_measures_seldom_looked_at_are_folded_and_their_differences_counted(one: Result) -> None:
    rows = tuple(replace(one.rows[0], id=str(number)) for number in range(40))
    values = {**one.rows[0].values, "EM": 0.0}
    before = replace(one, rows=tuple(replace(row, values=values | {"EM": 1.0}) for row in rows))
    after = replace(one, rows=tuple(replace(row, values=values) for row in rows))
    found = outline(side_by_side(before, after).markup)
    assert "More measures, 1 of which differs beyond chance" in found.texts("summary")
    alike = outline(side_by_side(one, one).markup)
    assert "More measures, none of which differs beyond chance" in alike.texts("summary")


def test_results_without_a_common_question_are_refused(one: Result) -> None:
    rows = tuple(replace(row, id=f"other {row.id}", question="?") for row in one.rows)
    others = replace(one, rows=rows)
    with pytest.raises(ConfigError, match="no question in common"):
        side_by_side(one, others)
