import hashlib
import json
import tempfile
from pathlib import Path

import pytest
from encoders import WordEncoder
from library import build, open_qa, write_texts
from rerankers import WordReranker

from ctqa import api, tuning
from ctqa.cli import main
from ctqa.config import IndexConfig, SearchConfig, load_config
from ctqa.errors import ConfigError, GoldError
from ctqa.evaluation import evaluate, load_gold
from ctqa.evaluation.tuning.trials import cautions
from ctqa.tuning import Cost, Parts, Watch, tune

BY_MEANING = SearchConfig(dense_weight=1.0, rerank=0)
CODES = [f"{a}{b}" for a in "qwxzkj" for b in ("rune", "opal", "iron", "yarn", "urn", "elm")]


def same_words(place: int) -> str:
    return (
        f"The council keeps its records of care, money, housing and health in box {CODES[place]}. "
        "The box is opened when the council asks for the records of care and money.\n"
    )


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Make 36 documents, their index, and a question for each.

    A rare word tells them apart. Others, which answer nothing, are nearer to the questions.
    """
    root = tmp_path_factory.mktemp("tuning")
    texts = {f"{n}.txt": same_words(n) for n in range(len(CODES))}
    texts |= {f"near-{n}.txt": f"What {'now ' * n}, then?\n" for n in range(12)}
    build(write_texts(root / "documents", texts), root / "index")
    rows = [
        {"id": f"q{n}", "question": f"What is in box {code}?", "document": f"{n}.txt"}
        for n, code in enumerate(CODES)
    ]
    (root / "gold.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    quoted = [row | {"quote": f"in box {CODES[n]}"} for n, row in enumerate(rows)]
    (root / "quoted.jsonl").write_text("".join(json.dumps(row) + "\n" for row in quoted))
    return root


class ToThePoint(WordEncoder):
    """An encoder that leaves out what all questions begin with."""

    def __init__(self) -> None:
        super().__init__(name="to the point")

    def encode_queries(self, texts):
        return super().encode_queries([text.removeprefix("What is in box ") for text in texts])


def parts() -> Parts:
    return Parts(encoders={"words": WordEncoder()}, reranker=WordReranker())


def tuned(place: Path, gold: str = "gold.jsonl", **options):
    given = {"config": BY_MEANING, "parts": parts()} | options
    return tune(place / "index", place / gold, **given)


def bytes_of(folder: Path) -> dict[str, str]:
    """Digest every file but what SQLite keeps beside a catalog while it is open."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith(("-wal", "-shm"))
    }


# ---- what it finds


def test_a_setting_that_is_truly_better_is_found(place):
    found = tuned(place, knobs={"dense_weight": [0.0, 0.5]})
    assert not found.keeps
    assert found.recommended.values["dense_weight"] < 1
    assert found.gain.mean > 0.1
    assert found.gain.p < 0.01
    assert found.measure == "nDCG@10"


def test_where_no_setting_differs_the_present_ones_are_kept(place):
    found = tuned(place, knobs={"candidates": [50, 200]})
    assert found.keeps
    assert found.present.chosen == found.folds == 5
    assert [each.mean.mean for each in found.tried] == [found.present.mean.mean] * 3


def test_the_present_settings_score_what_evaluating_says(place):
    config = SearchConfig(dense_weight=0.7, candidates=30, rerank=5)
    found = tuned(place, config=config, knobs={"rerank": [2], "dense_weight": [0.2]})
    qa = open_qa(place / "index", config=SearchConfig(rerank=0))
    qa = type(qa)(qa._index, WordEncoder(), WordReranker(), config)
    wanted = evaluate(qa, load_gold(place / "gold.jsonl"), answers=False).figures["nDCG@10"]
    qa.close()
    assert found.present.mean.mean == pytest.approx(wanted.mean)


def test_gold_with_quotes_is_tuned_by_the_sentence_shown(place):
    by_words = SearchConfig(dense_weight=0.0, rerank=0)
    found = tuned(place, "quoted.jsonl", config=by_words, knobs={"rerank": [48]})
    assert found.measure == "sentence_right"
    assert found.recommended.values == {"rerank": 48}
    assert found.recommended.mean.mean > 0.9


def test_passages_of_several_sizes_are_not_compared_by_what_they_hold_without_a_word(place):
    questions = load_gold(place / "quoted.jsonl").questions
    whole = load_gold(place / "gold.jsonl").questions
    (told,) = cautions(questions, "RR@10", ["passage_tokens", "rerank"])
    assert "longer passages hold a quote more easily" in told
    assert not cautions(questions, "RR@10", ["rerank"])
    assert not cautions(questions, "sentence_right", ["passage_tokens"])
    assert not cautions(whole, "RR@10", ["passage_tokens"])


def test_an_encoder_that_is_better_is_found_with_an_index_of_its_own(place):
    better = Parts(encoders={"words": WordEncoder(), "to the point": ToThePoint()})
    found = tuned(place, knobs={"encoder": ["to the point"]}, parts=better)
    assert found.recommended.values == {"encoder": "to the point"}
    assert found.gain.mean > 0.5


# ---- what it leaves behind


def test_trial_indexes_are_built_beside_and_removed_and_the_index_is_untouched(
    place, tmp_path, monkeypatch
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = bytes_of(place / "index")
    notes: list[str] = []
    costs: list[Cost] = []
    made = parts()
    found = tuned(
        place,
        knobs={"passage_tokens": [60], "dense_weight": [0.0]},
        parts=made,
        watch=Watch(note=notes.append, cost=costs.append),
    )
    assert len(found.tried) == 4
    assert {each.values["overlap_tokens"] for each in found.tried} == {8, 20}
    assert (costs[0].settings, costs[0].questions, costs[0].indexes) == (4, 36, 1)
    assert notes == [
        "building trial index 1 of 1: encoder = words, passage_tokens = 60, overlap_tokens = 20"
    ]
    assert not list(tmp_path.iterdir())
    assert bytes_of(place / "index") == before
    assert api.settings_of(place / "index").passage_tokens == 24


def test_what_is_encoded_already_is_not_encoded_for_a_trial_index(place):
    made = parts()
    tuned(place, knobs={"overlap_tokens": [0]}, parts=made)
    passages = {text for text in made.encoders["words"].encoded if "council" in text}
    assert len(passages) <= SearchConfig().passages  # the few that tell how long encoding takes


@pytest.mark.parametrize("error", [KeyboardInterrupt, GoldError])
def test_when_it_is_stopped_nothing_is_left_either(place, tmp_path, monkeypatch, error):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = bytes_of(place / "index")

    def stop(*_: object) -> None:
        assert list(tmp_path.iterdir())
        raise error

    with pytest.raises(error):
        tuned(place, knobs={"passage_tokens": [60]}, watch=Watch(note=stop))
    assert not list(tmp_path.iterdir())
    assert bytes_of(place / "index") == before


# ---- what it refuses


def test_documents_that_have_changed_since_are_refused_for_trial_indexes(tmp_path):
    documents = write_texts(tmp_path / "d", {f"{n}.txt": same_words(n) for n in range(12)})
    build(documents, tmp_path / "index")
    rows = [{"question": f"Box {CODES[n]}?", "document": f"{n}.txt"} for n in range(12)]
    (tmp_path / "gold.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (documents / "3.txt").write_text("Something else.")
    (documents / "new.txt").write_text("New.")
    with pytest.raises(ConfigError, match=r"2 documents are not .* \(3\.txt\).*run `ctqa build"):
        tuned(tmp_path, knobs={"passage_tokens": [60]})
    assert tuned(tmp_path, knobs={"dense_weight": [0.0]}).questions == 12


def test_too_few_questions_are_refused_before_anything_is_loaded(place):
    with pytest.raises(GoldError, match="36 questions can be used, and 20 folds need at least 40"):
        tuned(place, folds=20, parts=Parts(encoders={}))


def test_gold_about_other_documents_is_refused(place):
    rows = [{"question": f"Who? {n}", "document": f"elsewhere-{n}.pdf"} for n in range(10)]
    (place / "other.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    with pytest.raises(GoldError, match="no judgment of the gold set is in the index"):
        tuned(place, "other.jsonl", knobs={"dense_weight": [0.0]})


@pytest.mark.parametrize(
    ("measure", "why"),
    [
        ("nDCG@7", r"did you mean nDCG@10\? Known are Success@1"),
        ("sentence_right", "tells its answer or a quote"),
    ],
)
def test_a_measure_that_cannot_be_chosen_by_is_refused(place, measure, why):
    with pytest.raises(ConfigError, match=why):
        tuned(place, measure=measure)


# ---- which questions


def test_of_a_gold_set_in_halves_only_the_one_to_tune_by_is_used(place):
    rows = [
        {"question": f"Box {code}?", "document": f"{n}.txt", "half": "tune" if n % 2 else "test"}
        for n, code in enumerate(CODES)
    ]
    rows.append({"question": "Why is the moon blue?", "impossible": True, "half": "tune"})
    (place / "halves.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = tuned(place, "halves.jsonl", knobs={"dense_weight": [0.5]}, folds=3)
    assert found.questions == 18
    assert 'only the 19 questions of the half "tune" were used' in found.notes[0]
    assert "1 question left out: nDCG@10 cannot judge" in found.notes[1]


def test_without_knobs_the_usual_ones_are_turned(place):
    wanted, notes = tuning._usual_knobs(place / "index", tuning.Config())
    assert list(wanted) == ["passage_tokens", "dense_weight", "candidates", "rerank"]
    whole = tuning.Config(index=IndexConfig(split="document"), search=SearchConfig(rerank=0))
    wanted, notes = tuning._usual_knobs(place / "index", whole)
    assert list(wanted) == ["dense_weight", "candidates"]
    assert "one passage is one document" in notes[0]


# ---- the command


@pytest.fixture
def command(place, tmp_path, monkeypatch):
    """Run `ctqa tune` on the gold in a folder of its own."""
    monkeypatch.setattr(tuning, "load_encoder", lambda _: WordEncoder())
    monkeypatch.setattr(tuning, "load_reranker", lambda _: WordReranker())
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ctqa.toml").write_text("[search] # ours\ndense_weight = 1.0\nrerank = 0\n")
    start = ["tune", str(place / "gold.jsonl"), "--index", str(place / "index")]
    return lambda *options: main([*start, *options])


def test_the_command_shows_and_writes_nothing_unless_told(command, tmp_path, capsys):
    before = (tmp_path / "ctqa.toml").read_text()
    assert command("--knob", "dense_weight=0") == 0
    out, err = capsys.readouterr()
    assert "Tuning: trying 2 settings on 36 questions" in err
    assert "Set dense_weight = 0.0." in out
    assert "  [search]  dense_weight = 0.0" in out
    assert (tmp_path / "ctqa.toml").read_text() == before


def test_where_nothing_can_be_written_it_says_so_before_anything_is_tried(command, capsys):
    for place in ("nowhere/ctqa.toml", "."):
        assert command("--knob", "dense_weight=0", "--write", place) == 2
        err = capsys.readouterr().err
        assert "cannot be written" in err and "Tuning:" not in err


def test_the_command_writes_what_it_recommends(command, tmp_path, capsys):
    assert command("--knob", "dense_weight=0", "--write", "--json", "--quiet") == 0
    out, err = capsys.readouterr()
    form = json.loads(out)
    assert not err
    assert form["keep"] is False
    assert form["recommended"]["values"] == {"dense_weight": 0.0}
    assert form["written"] == [
        {"table": "search", "name": "dense_weight", "before": 1.0, "now": 0.0}
    ]
    text = (tmp_path / "ctqa.toml").read_text()
    assert text == "[search] # ours\ndense_weight = 0.0\nrerank = 0\n"
    assert load_config(tmp_path / "ctqa.toml").search.dense_weight == 0


def test_the_command_keeps_what_there_is_where_nothing_is_better(command, tmp_path, capsys):
    before = (tmp_path / "ctqa.toml").read_text()
    assert command("--knob", "candidates=50", "--write") == 0
    assert "Keep what you have" in capsys.readouterr().out
    assert (tmp_path / "ctqa.toml").read_text() == before


def test_a_knob_that_cannot_be_is_a_usage_error(command, capsys):
    assert command("--knob", "answers=3") == 2
    assert "known are candidates" in capsys.readouterr().err
