"""Results that are kept: whole or not at all, never believed when altered, never in the way."""

import json
from dataclasses import replace

import pytest
from encoders import WordEncoder
from evaluation.test_evaluate import GOLD, QA
from ui.serving import build_again, make_index

from ctqa.errors import ConfigError, IndexLoadError, IndexWriteError
from ctqa.evaluation import Evaluation, Gold, GoldQuestion, evaluate
from ctqa.evaluation.kept import (
    FOLDER,
    Circumstances,
    Results,
    Summary,
    Unreadable,
    gold_sha256,
    result_of,
)
from ctqa.index.archive import export_index
from ctqa.index.doctor import diagnose
from ctqa.index.verify import verify_index
from ctqa.records import Calibrated

CALIBRATED = Calibrated(gold="g", own=True, questions=120, ece=0.04, created_at="2026-01-01")
ABOUT = Circumstances(
    gold_sha256=gold_sha256(GOLD),
    models="m",
    calibrated=CALIBRATED,
    answers=True,
    seconds=1.5,
    index={"encoder": "words", "passage_tokens": 240},
    documents=2,
    passages=3,
)


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    held = replace(QA, unsure={"Why hail?": QA.answers["Why snow?"]})
    return evaluate(held, GOLD)


def test_a_result_comes_back_as_it_was(tmp_path, evaluation):
    results = Results(tmp_path)
    kept = results.keep(evaluation, ABOUT)
    found = results.open(kept.id)
    assert found.summary == kept
    assert found.rows == tuple(replace(row, documents={}) for row in evaluation.rows)
    assert (kept.gold, kept.build, kept.figures) == ("set", 7, evaluation.figures)
    assert kept.latency == evaluation.latency is not None
    assert [row.failed_at for row in found.rows] == [row.failed_at for row in evaluation.rows]


def test_what_is_kept_is_all_that_a_report_needs(tmp_path, evaluation):
    kept = Results(tmp_path).open(Results(tmp_path).keep(evaluation, ABOUT).id)
    fresh = result_of(evaluation, ABOUT)
    assert kept.rows == fresh.rows
    moment = {"id": kept.summary.id, "at": kept.summary.at}
    assert kept.summary == replace(fresh.summary, **moment)
    problems = tuple(problem for row in kept.rows for problem in row.problems)
    assert problems == evaluation.problems
    assert any(row.held is not None for row in kept.rows)


def test_what_an_earlier_version_kept_is_told_as_that(tmp_path, evaluation):
    results = Results(tmp_path)
    kept = results.keep(evaluation, ABOUT)
    path = tmp_path / FOLDER / f"{kept.id}.jsonl"
    head, rest = path.read_text(encoding="utf-8").split("\n", 1)
    form = json.loads(head)
    about = {name: form["about"][name] for name in ("gold_sha256", "models", "calibrated")}
    del form["latency"]
    earlier = form | {"result": 1, "about": about}
    path.write_text(f"{json.dumps(earlier)}\n{rest}", encoding="utf-8")
    (listed,) = results.listed()
    assert isinstance(listed, Unreadable)
    assert "an earlier version of CTQA wrote this result; evaluate again" in listed.why
    with pytest.raises(IndexLoadError, match="an earlier version"):
        results.open(kept.id)


def test_results_are_listed_newest_first(tmp_path, evaluation):
    results = Results(tmp_path)
    assert results.listed() == []
    ids = [results.keep(evaluation, ABOUT).id for _ in range(3)]
    assert [each.id for each in results.listed()] == ids[::-1]
    assert [each.id for each in results.listed(1)] == ids[2:]


def test_nothing_calibrated_and_odd_text_come_back_too(tmp_path):
    gold = Gold(name="\ud800 g\n", questions=(GoldQuestion(id="\u2028", question="Who\r\ud83d?"),))
    results = Results(tmp_path)
    kept = results.keep(evaluate(QA, gold), replace(ABOUT, calibrated=None))
    assert results.open(kept.id).rows[0].question == "Who\r\ud83d?"
    assert results.listed() == [kept] and kept.about.calibrated is None


@pytest.mark.parametrize("at", [5, 200, -40, -2])
def test_an_altered_result_is_named_and_not_believed(tmp_path, evaluation, at):
    results = Results(tmp_path)
    kept = results.keep(evaluation, ABOUT)
    path = tmp_path / FOLDER / f"{kept.id}.jsonl"
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
    with pytest.raises(IndexLoadError, match="cannot be read as a result"):
        results.open(kept.id)
    (listed,) = results.listed()  # reads the first line alone
    assert isinstance(listed, Unreadable if at > 0 else Summary)


@pytest.mark.parametrize("content", [b"", b"[]\n", b"{}\n", b"[" * 100_000, b'{"result": 2}\n'])
def test_what_is_no_result_is_named(tmp_path, content):
    (tmp_path / FOLDER).mkdir()
    id = "20260101T000000000000Z-abcdef"
    (tmp_path / FOLDER / f"{id}.jsonl").write_bytes(content)
    (tmp_path / FOLDER / "mine.jsonl").write_text("not ours", encoding="utf-8")
    (listed,) = Results(tmp_path).listed()
    assert isinstance(listed, Unreadable) and listed.id == id


@pytest.mark.parametrize(
    "id", ["", "x", "../../etc/passwd", "20260101T000000000000Z-abcdef", "a\0b"]
)
def test_an_id_that_is_none_opens_and_removes_nothing(tmp_path, id):
    for do in (Results(tmp_path).open, Results(tmp_path).remove):
        with pytest.raises(ConfigError, match="no such result"):
            do(id)


def test_a_removed_result_is_gone(tmp_path, evaluation):
    results = Results(tmp_path)
    kept = results.keep(evaluation, ABOUT)
    results.remove(kept.id)
    assert results.listed() == []
    assert list((tmp_path / FOLDER).iterdir()) == []


def test_results_that_lie_elsewhere_are_refused(tmp_path, evaluation):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / FOLDER).symlink_to(elsewhere)
    results = Results(tmp_path / "index")
    for do in (results.prepare, results.listed, lambda: results.keep(evaluation, ABOUT)):
        with pytest.raises(IndexLoadError, match="is a link"):
            do()
    assert list(elsewhere.iterdir()) == []


def test_a_folder_that_cannot_be_written_to_is_told_beforehand(tmp_path):
    (tmp_path / FOLDER).write_text("in the way", encoding="utf-8")
    with pytest.raises(IndexWriteError, match="cannot be written to"):
        Results(tmp_path).prepare()


def test_a_result_that_was_half_written_is_not_there(tmp_path, evaluation):
    results = Results(tmp_path)
    results.prepare()
    kept = results.keep(evaluation, ABOUT)
    path = tmp_path / FOLDER / f"{kept.id}.jsonl"
    path.replace(path.with_suffix(".part"))
    assert results.listed() == []


def test_a_changed_gold_set_is_noticed():
    assert gold_sha256(GOLD) == ABOUT.gold_sha256
    assert gold_sha256(replace(GOLD, name="other")) == ABOUT.gold_sha256
    assert gold_sha256(replace(GOLD, questions=GOLD.questions[1:])) != ABOUT.gold_sha256


def test_results_disturb_no_index_and_outlive_a_build(tmp_path, evaluation):
    index = make_index(tmp_path)
    kept = Results(index).keep(evaluation, ABOUT)
    assert not verify_index(index, encoder=None).findings
    assert not diagnose(index, load_encoder=lambda *_, **__: WordEncoder())
    (tmp_path / "documents" / "new.txt").write_text("The shop opens at nine.", encoding="utf-8")
    assert build_again(tmp_path) == 2
    export_index(index, tmp_path / "index.ctqa")
    assert Results(index).open(kept.id).summary == kept
