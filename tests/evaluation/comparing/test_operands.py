"""What results are called, and what is refused: nothing is guessed."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from evaluation.test_evaluate import GOLD, QA
from evaluation.test_kept import ABOUT

from ctqa.errors import ConfigError, IndexLoadError
from ctqa.evaluation import evaluate, load_gold
from ctqa.evaluation.comparing.compare import compare
from ctqa.evaluation.comparing.operands import Surroundings, take, take_saved
from ctqa.evaluation.kept import FOLDER, Results

EVALUATION = evaluate(QA, GOLD)
OTHER = evaluate(QA, replace(GOLD, name="other"))


def saved(path: Path, **changed: object) -> Path:
    """Write what `ctqa eval --json` prints."""
    form = json.loads(json.dumps(EVALUATION.to_json() | {"about": asdict(ABOUT)}))
    path.write_text(json.dumps(form | changed), encoding="utf-8")
    return path


@pytest.fixture
def around(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Surroundings:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "index").mkdir()
    return Surroundings(index=tmp_path / "index")


# ---- kept results


def test_a_kept_result_is_called_by_its_id_its_beginning_or_its_age(around):
    results = Results(around.index)
    first, second = (results.keep(EVALUATION, ABOUT).id for _ in range(2))
    for name in (first, first[:-3]):
        found = take(name, around)
        assert (found.name, found.build, found.gold) == (first, 7, "set")
    assert found.gold_sha256 == ABOUT.gold_sha256 and found.settings["passages"] == 2
    assert take("latest", around).name == f"latest ({second})"
    assert take("previous", around).name == f"previous ({first})"


def test_the_previous_result_is_of_the_same_gold(around):
    results = Results(around.index)
    old = results.keep(EVALUATION, ABOUT).id
    results.keep(OTHER, replace(ABOUT, gold_sha256="another"))
    changed = results.keep(EVALUATION, replace(ABOUT, gold_sha256="changed since")).id
    assert take("latest", around).name == f"latest ({changed})"
    assert take("previous", around).name == f"previous ({old})"  # of the same name at least


def test_a_beginning_that_fits_several_lists_them(around):
    results = Results(around.index)
    ids = [results.keep(EVALUATION, ABOUT).id for _ in range(7)]
    with pytest.raises(ConfigError, match=r"could be the result .* and 2 more") as caught:
        take(ids[0][:6], around)
    assert ids[6] in str(caught.value) and ids[0] not in str(caught.value)


def test_a_name_that_is_both_a_result_and_a_file_is_refused(around):
    id = Results(around.index).keep(EVALUATION, ABOUT).id
    saved(Path(id))
    with pytest.raises(ConfigError, match=r"or \./2"):
        take(id, around)
    assert take(f"./{id}", around).name == id
    Path("latest").mkdir()
    with pytest.raises(ConfigError, match=r"could be the result .*; latest, a folder"):
        take("latest", around)


def test_there_is_nothing_to_compare_yet(around):
    with pytest.raises(ConfigError, match="no result is kept here; `ctqa eval GOLD"):
        take("latest", around)
    Results(around.index).keep(EVALUATION, ABOUT)
    with pytest.raises(ConfigError, match="has no result before that"):
        take("previous", around)


def test_what_is_nowhere_is_named_with_what_there_is(around):
    with pytest.raises(ConfigError, match=r"base\.json: there is no such thing.* none is kept"):
        take("base.json", around)
    id = Results(around.index).keep(EVALUATION, ABOUT).id
    with pytest.raises(ConfigError, match=f"kept last are {id}"):
        take("base.json", around)


# ---- files


def test_a_kept_file_is_read_wherever_it_lies_and_whatever_it_is_called(around, tmp_path):
    id = Results(around.index).keep(EVALUATION, ABOUT).id
    path = tmp_path / "base.jsonl"
    (around.index / FOLDER / f"{id}.jsonl").rename(path)
    found = take("base.jsonl", around)
    assert found.name == "base.jsonl" and [row.id for row in found.rows][:2] == ["q 1", "q2"]
    data = path.read_bytes()
    path.write_bytes(data[:-40] + data[-39:])
    with pytest.raises(IndexLoadError, match=r"base\.jsonl: cannot be read as a result"):
        take("base.jsonl", around)


def test_what_eval_printed_comes_back_as_it_was(around):
    found = take(str(saved(Path("base.json"))), around)
    Results(around.index).keep(EVALUATION, ABOUT)
    kept = take("latest", around)
    assert found.settings == json.loads(json.dumps(dict(kept.settings)))
    for ours, theirs in zip(found.rows, EVALUATION.rows, strict=True):
        assert ours == replace(theirs, documents={}, problems=())
    both = compare(kept, found)
    assert both.count("same") == 5 and not both.settings and both.other_gold is False


def test_json_over_several_lines_is_read_too(around):
    path = saved(Path("base.json"))
    path.write_text(json.dumps(json.loads(path.read_text()), indent=1), encoding="utf-8-sig")
    assert len(take("base.json", around).rows) == 5


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "cannot be read"),
        ('{"a": 1}', "there is no 'about' in it"),
        ('{"rows_sha256": 1}', "cannot be read as a result"),
        ("[]", "what is right in it"),
        ("\udcff", "cannot be read"),
    ],
)
def test_a_file_that_is_no_result_is_refused(around, content, message):
    Path("a.json").write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises((ConfigError, IndexLoadError), match=message):
        take("a.json", around)


@pytest.mark.parametrize(
    "question",
    [
        {},
        {"values": {"R@10": "high"}},
        {"values": {"R@10": float("nan")}},
        {"id": 3},
        {"held": {}},
        {"answer_at": {"page": 1}},
    ],
)
def test_a_question_that_is_not_as_it_was_written_is_refused(around, question):
    whole = json.loads(json.dumps(EVALUATION.to_json()["questions"][0]))
    saved(Path("a.json"), questions=[whole | question if question else {}])
    with pytest.raises(ConfigError, match=r"a\.json: .* expected what `ctqa eval GOLD --json`"):
        take("a.json", around)


def test_a_run_needs_the_gold(around):
    Path("a.trec").write_text("q2 Q0 news 1 0.5 t\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="add --gold GOLD"):
        take("a.trec", around)
    gold = {"id": "q2", "question": "Who asks?", "document": "news", "quote": "Rain"}
    Path("gold.jsonl").write_text(json.dumps(gold), encoding="utf-8")
    with_gold = replace(around, gold=load_gold(Path("gold.jsonl")))
    found = take("a.trec", with_gold)
    assert found.rows[0].first_right == 1 and found.ranks == "documents"
    with pytest.raises(ConfigError, match=r"ranks documents, .* ranks passages"):
        compare(found, take(str(saved(Path("base.json"))), with_gold))
    Results(around.index).keep(EVALUATION, ABOUT)
    with pytest.raises(ConfigError, match=r"ranks documents, .* ranks passages"):
        compare(found, take("latest", with_gold))


# ---- what must have been evaluated before


def test_a_gate_takes_no_index_no_configuration_and_no_run(around):
    Path("ctqa.toml").touch()
    Path("a.trec").write_text("q2 Q0 news 1 0.5 t\n", encoding="utf-8")
    for name in ("index", "ctqa.toml", "a.trec"):
        with pytest.raises(ConfigError, match="is not evaluated"):
            take_saved(name, around)
    assert len(take_saved(str(saved(Path("base.json"))), around).rows) == 5


def test_a_folder_that_is_no_index_is_refused(around):
    with pytest.raises(ConfigError, match="holds no index"):
        take("index", around)
