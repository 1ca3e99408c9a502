"""Gates and comparisons through the front door: output, messages, exit codes."""

import json
from contextlib import closing
from pathlib import Path

import pytest
from encoders import WordEncoder
from library import write_texts
from rerankers import WordReranker

import ctqa
from ctqa import api
from ctqa.answering import at_hand
from ctqa.cli import main

Capture = pytest.CaptureFixture[str]

QUESTIONS = (
    ("Where are fishing licences sold?", "lakes.txt", "sold at the post office"),
    ("How deep is Wastwater?", "lakes.txt", "It is 79 metres deep"),
    ("When does the night train leave Carlisle?", "trains.txt", "leaves Carlisle at 23.10"),
    ("What fare does a dog pay?", "trains.txt", "half the fare"),
)


@pytest.fixture(autouse=True)
def built(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Capture) -> Path:
    """Build an index with the deterministic encoder, and write gold beside it."""
    for module in (api, at_hand):
        monkeypatch.setattr(module, "load_encoder", lambda *_, **__: WordEncoder())
    monkeypatch.setattr(at_hand, "load_reranker", lambda _: WordReranker())
    monkeypatch.chdir(tmp_path)
    write_texts(tmp_path / "documents")
    gold = [
        json.dumps({"question": question, "document": document, "quote": quote})
        for question, document, quote in QUESTIONS
    ]
    (tmp_path / "gold.jsonl").write_text("\n".join(gold) + "\n", encoding="utf-8")
    assert main(["build", "documents", "--quiet"]) == 0
    capsys.readouterr()
    return tmp_path


def evaluated(capsys: Capture, *options: str, code: int = 0) -> tuple[str, str]:
    assert main(["eval", "gold.jsonl", "--quiet", *options]) == code
    return capsys.readouterr()


def saved(capsys: Capture, path: Path, *options: str) -> None:
    path.write_text(evaluated(capsys, "--json", *options)[0], encoding="utf-8")


def test_a_gate_that_is_passed(capsys: Capture) -> None:
    out, err = evaluated(capsys, "--fail-under", "Success@10=.5", "--json")
    assert json.loads(out)["gate"]["passed"] is True and "gate failed" not in err


def test_a_gate_that_fails_says_why_and_is_exit_code_4(capsys: Capture) -> None:
    gates = ("--fail-under", "refusal_precision=0", "--json")
    assert evaluated(capsys, *gates, code=2)[0] == ""
    gates = ("--fail-over", "p95_ms=0", "--fail-under", "Success@10=.5", "--json")
    out, err = evaluated(capsys, *gates, code=4)
    gate = json.loads(out)["gate"]
    assert not gate["passed"] and gate["reasons"][0].startswith("p95_ms is")
    assert err.splitlines() == [f"ctqa: gate failed: {gate['reasons'][0]}"]


def test_without_gates_there_is_none_in_the_json(capsys: Capture) -> None:
    assert "gate" not in json.loads(evaluated(capsys, "--json")[0])


def test_a_gate_that_cannot_be_judged_is_refused_before_the_index_is_opened(
    capsys: Capture, built: Path
) -> None:
    err = evaluated(capsys, "--fail-under", "Sucess@5=.9", "--index", "nowhere", code=2)[1]
    assert "did you mean Success@5" in err
    assert not (built / "index" / "evaluations").exists()


def test_not_worse_than_itself(built: Path, capsys: Capture) -> None:
    saved(capsys, built / "base.json", "--no-keep")
    assert main(["eval", "gold.jsonl", "--fail-if-worse-than", "base.json"]) == 0
    err = capsys.readouterr().err
    assert "in base.json and is" in err and "no impossible question" in err


def test_a_gold_set_that_lost_questions_is_refused(built: Path, capsys: Capture) -> None:
    saved(capsys, built / "base.json")
    lines = (built / "gold.jsonl").read_text(encoding="utf-8").splitlines()
    (built / "gold.jsonl").write_text("\n".join(lines[1:]), encoding="utf-8")
    err = evaluated(capsys, "--fail-if-worse-than", "base.json", code=2)[1]
    assert "1 of its 4 questions are not in" in err and "or in other words (q1)" in err


def test_the_previous_and_the_latest_are_compared(capsys: Capture) -> None:
    assert main(["compare"]) == 2
    assert "no result is kept here" in capsys.readouterr().err
    for _ in range(2):
        evaluated(capsys)
    assert main(["compare"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("A: previous (") and "\nB: latest (" in out
    assert "Of 4 questions, from A to B: 0 won, 0 lost, 0 moved, 4 same." in out


def test_a_file_an_index_and_a_configuration_are_compared(built: Path, capsys: Capture) -> None:
    saved(capsys, built / "base.json")
    (built / "lean.toml").write_text("[search]\npassages = 3\nrerank = 0\n", encoding="utf-8")
    asked = ["--gold", "gold.jsonl", "--json", "--quiet"]
    assert main(["compare", "base.json", "index", *asked]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["shared"], found["same"], found["settings"]) == (4, 4, [])
    assert main(["compare", "index", "lean.toml", "--measure", "RR@10", *asked]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["main"]["measure"] == "RR@10" and found["b"]["name"] == "lean.toml"
    assert {each["name"] for each in found["settings"]} >= {"passages", "rerank"}


def test_the_same_in_python(capsys: Capture) -> None:
    for options in ((), ("--set", "rerank=0")):
        evaluated(capsys, *options)
    assert main(["compare", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert json.loads(json.dumps(ctqa.compare().to_json())) == printed
    with closing(ctqa.load()) as qa:
        found = ctqa.compare(ctqa.evaluate(qa, "gold.jsonl"), "previous")
    assert (found.a.name, found.count("same"), found.other_gold) == ("A", 4, None)
    assert found.settings == ()


def test_a_gold_set_that_is_not_there_is_told_though_it_is_not_needed(capsys: Capture) -> None:
    for _ in range(2):
        evaluated(capsys)
    assert main(["compare", "--gold", "gone.jsonl"]) == 2
    assert "gone.jsonl: there is no such file" in capsys.readouterr().err


def test_what_cannot_be_written_is_told_before_anything_is_evaluated(
    built: Path, capsys: Capture
) -> None:
    err = evaluated(capsys, "--run-out", "nowhere/a.trec", code=2)[1]
    assert "nowhere/a.trec: cannot be written" in err
    gold = (built / "gold.jsonl").read_bytes()
    err = evaluated(capsys, "--run-out", "gold.jsonl", code=2)[1]
    assert "gold.jsonl: is the gold set itself" in err
    err = evaluated(capsys, "--report", "gold.jsonl", code=2)[1]
    assert "end its name in .html" in err
    assert (built / "gold.jsonl").read_bytes() == gold
    assert not (built / "index" / "evaluations").exists()


def test_a_configuration_of_another_index_has_to_be_built(built: Path, capsys: Capture) -> None:
    (built / "small.toml").write_text(
        "[index]\npassage_tokens = 40\noverlap_tokens = 10\n", encoding="utf-8"
    )
    assert main(["compare", "index", "small.toml", "--gold", "gold.jsonl", "--quiet"]) == 2
    err = capsys.readouterr().err
    assert "passage_tokens = 40 (built: 240)" in err and "--index OTHER --config small.toml" in err


def test_what_is_evaluated_now_needs_gold(capsys: Capture) -> None:
    assert main(["compare", "index", "index"]) == 2
    assert "add --gold GOLD" in capsys.readouterr().err


@pytest.mark.parametrize("results", [["latest"], ["a", "b", "c"]])
def test_two_results_or_none(results: list[str], capsys: Capture) -> None:
    assert main(["compare", *results]) == 2
    assert "expected two results, or none" in capsys.readouterr().err


def test_a_run_and_what_ranks_passages_are_refused_before_anything_is_evaluated(
    built: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluated(capsys, "--run-out", "a.trec")
    (built / "lean.toml").write_text("[search]\nrerank = 0\n", encoding="utf-8")
    (built / "index").rename(built / "elsewhere")  # opening it would be another error
    for pair in (["a.trec", "lean.toml"], ["lean.toml", "a.trec"]):
        assert main(["compare", *pair, "--gold", "gold.jsonl"]) == 2
        err = capsys.readouterr().err
        assert "a.trec ranks documents" in err and "lean.toml ranks passages" in err


def test_two_runs_are_compared_by_documents(built: Path, capsys: Capture) -> None:
    evaluated(capsys, "--run-out", "a.trec")
    evaluated(capsys, "--run-out", "b.trec", "--set", "rerank=0")
    assert main(["compare", "a.trec", "b.trec", "--gold", "gold.jsonl"]) == 0
    out = capsys.readouterr().out
    assert "Order of the first 10 (nDCG@10): A 1.000" in out and (built / "b.trec").exists()
