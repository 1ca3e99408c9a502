"""The command line through its front door: output, messages, exit codes."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from encoders import WordEncoder
from library import LAKES, write_texts
from rerankers import WordReranker
from span_readers import WordSpanReader

from ctqa import api
from ctqa.answering import at_hand
from ctqa.answering import qa as qa_module
from ctqa.cli import main
from ctqa.configuring import configured
from ctqa.evaluation.kept import Results, Summary
from ctqa.evaluation.naming import NAMES
from ctqa.options import parse
from ctqa.records import Reply

ANSWER_KEYS = {
    *("text", "confidence", "score", "start", "end", "page", "section", "document"),
    *("quote_sha256", "sentence", "passage", "signals", "places", "page_label", "newer_edition"),
}
HIT_KEYS = {
    *("rank", "score", "id", "document", "page", "page_label", "section", "start", "end", "text"),
    "why",
}
REPLY_KEYS = {
    *("id", "question", "answered", "answers", "passages", "coverage", "build", "elapsed_ms"),
    *("searched", "expansions", "calibration", "held_back", "disagreements", "reranked"),
}
QUESTION = "Where are fishing licences sold?"


@pytest.fixture(autouse=True)
def word_encoder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Put the deterministic encoder where a model would be loaded."""
    for module in (api, at_hand):
        monkeypatch.setattr(module, "load_encoder", lambda *_, **__: WordEncoder())
    monkeypatch.setattr(at_hand, "load_reranker", lambda _: WordReranker())
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def built(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    write_texts(tmp_path / "documents")
    assert main(["build", "documents", "--quiet"]) == 0
    capsys.readouterr()
    return tmp_path


def test_build_says_what_it_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_texts(tmp_path / "documents")
    assert main(["build", "documents"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("Build 1 in index: 2 files added, 0 changed, 0 renamed, 0")
    assert "encode: " in err
    assert main(["build"]) == 0
    assert capsys.readouterr().out.startswith("Nothing has changed: build 1")


def test_strict_makes_a_bad_file_an_exit_code(built: Path) -> None:
    (built / "documents" / "film.mp4").write_bytes(b"\0")
    assert main(["build", "documents", "--quiet"]) == 0
    assert main(["build", "documents", "--quiet", "--strict"]) == 3


def test_ask_prints_the_answer_with_its_place(
    built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ask", QUESTION]) == 0
    out = capsys.readouterr().out
    assert "“Licences are sold at the post office.”" in out
    assert "page 1, Fishing" in out
    assert "lakes.txt" in out
    assert "uncalibrated" in out


def test_a_document_cannot_steer_the_terminal(
    built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (built / "documents" / "bad.txt").write_text(
        "Zebras\x1b[31m and \x9bzebras\x07 sleep standing."
    )
    main(["build", "--quiet"])
    capsys.readouterr()
    for command in ("ask", "search"):
        main([command, "How do zebras sleep?", "--set", "min_score=0"])
        out = capsys.readouterr().out
        assert "sleep standing." in out
        assert not set(out) & {"\x1b", "\x9b", "\x07"}


def test_ask_json_is_as_in_the_contract(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", QUESTION, "--json"]) == 0
    reply = json.loads(capsys.readouterr().out)
    assert reply.keys() == REPLY_KEYS
    assert (reply["id"], reply["question"], reply["answered"]) == (None, QUESTION, True)
    answer = reply["answers"][0]
    assert answer.keys() == ANSWER_KEYS
    assert LAKES[answer["start"] : answer["end"]] == answer["text"]
    assert {"id", "path", "title", "sha256"} <= answer["document"].keys()
    assert answer["sentence"].keys() == {"text", "start", "end"}
    assert answer["passage"].keys() == {"id", "start", "end", "text"}
    hit = reply["passages"][0]
    assert hit.keys() == HIT_KEYS
    assert {"dense_rank", "lexical_rank", "fused_score", "rerank_score"} <= hit["why"].keys()
    assert reply["coverage"] == {"pages_unread": 0}


def test_ask_explains_itself(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", QUESTION]) == 0
    plain = capsys.readouterr().out
    assert main(["ask", QUESTION, "--explain"]) == 0
    explained = capsys.readouterr().out
    assert explained.startswith(plain.rstrip("\n"))
    assert "lakes.txt:" in explained.removeprefix(plain.rstrip("\n"))
    assert "share of the question's terms" in explained


def test_fast_asks_without_loading_a_reranker_and_says_so(
    built: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def none(name: str) -> WordReranker:
        raise AssertionError(f"{name} is loaded")

    told = "Asked without reranking"
    for command in ("ask", "search"):
        assert main([command, QUESTION]) == 0
        assert told not in capsys.readouterr().out
    monkeypatch.setattr(at_hand, "load_reranker", none)
    assert main(["ask", QUESTION, "--fast", "--set", "min_score=0"]) == 0
    assert told in capsys.readouterr().out
    assert main(["ask", QUESTION, "--fast", "--set", "min_score=1"]) == 1
    assert told in capsys.readouterr().out
    found = []
    for flags in (["--fast"], ["--set", "rerank=0"]):
        main(["search", QUESTION, "--json", *flags])
        found.append(json.loads(capsys.readouterr().out))
    assert found[0] == found[1]
    assert {hit["why"]["rerank_score"] for hit in found[0]["passages"]} == {None}


def test_json_tells_whether_a_reply_was_reranked(
    built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for flags, reranked in (([], True), (["--fast"], False)):
        main(["ask", QUESTION, "--json", *flags])
        assert json.loads(capsys.readouterr().out)["reranked"] is reranked


def test_some_documents_are_searched_alone(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trains, lakes = "sub/trains.txt", "lakes.txt"
    for given in ([trains], [lakes], [trains, lakes]):
        flags = [part for id in given for part in ("--document", id)]
        for command in ("ask", "search"):
            main([command, "the night", "--set", "min_score=0", "--json", *flags])
            form = json.loads(capsys.readouterr().out)
            assert {hit["document"]["id"] for hit in form["passages"]} == set(given)
    assert main(["ask", QUESTION, "--document", "none.txt"]) == 2
    assert "no document 'none.txt'" in capsys.readouterr().err


BEFORE, AFTER = "When does the night train leave Carlisle?", "and for Keswick?"


def test_a_question_may_follow_another(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["ask", AFTER, "--json"])
    assert json.loads(capsys.readouterr().out)["searched"] == AFTER
    main(["ask", AFTER, "--follows", BEFORE, "--json"])
    reply = json.loads(capsys.readouterr().out)
    assert reply["question"] == AFTER
    assert "night train" in reply["searched"]
    main(["ask", AFTER, "--follows", BEFORE])
    assert capsys.readouterr().out.startswith(f"Searched: {reply['searched']}\n")


def test_each_line_of_a_batch_may_follow_another_in_documents_of_its_own(
    built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        {"question": AFTER, "follows": BEFORE},
        {"question": "the", "documents": ["lakes.txt"]},
        {"question": "the"},
    ]
    (built / "q.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert main(["ask", "--batch", "q.jsonl", "--document", "sub/trains.txt", "--json"]) == 0
    first, second, third = map(json.loads, capsys.readouterr().out.splitlines())
    assert "night train" in first["searched"]
    assert {hit["document"]["id"] for hit in second["passages"]} == {"lakes.txt"}
    assert {hit["document"]["id"] for hit in third["passages"]} == {"sub/trains.txt"}


def test_why_tells_where_a_passage_was_lost(
    built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["why", QUESTION, "Licences are sold"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("Found 1st ")
    assert "answer 1 stands in it." in out.replace("\n", " ")
    assert "by meaning" in out
    assert main(["why", "--json", QUESTION, "sub/trains.txt:0-24"]) == 2
    assert "stands so in no document" in capsys.readouterr().err
    main(["search", "night train", "--json"])
    id = json.loads(capsys.readouterr().out)["passages"][0]["id"]
    assert main(["why", QUESTION, id, "--json"]) == 0
    form = json.loads(capsys.readouterr().out)
    assert (form["id"], form["question"]) == (id, QUESTION)
    assert form["outcome"] != "given"
    assert form["verdict"]


@pytest.mark.parametrize("command", ["ask", "search"])
def test_a_question_without_quotes_is_told_to_have_some(
    built: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    assert main([command, "--quiet", "Who", "sold", "it?", "--json"]) == 2
    err = capsys.readouterr().err
    assert err == ('ctqa: the question came in 3 pieces; put quotes around it: "Who sold it?"\n')


def test_nothing_answers_is_exit_code_1(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", QUESTION, "--set", "min_score=1"]) == 1
    out = capsys.readouterr().out
    assert out.startswith("Not in your sources.\nThe closest passages, whole with `ctqa search`:")
    assert all(line in out for line in ("1. ", "2. ", "3. "))
    assert len(out.splitlines()) <= 2 + 3 * 5
    assert main(["ask", QUESTION, "--set", "min_score=1", "--json"]) == 1
    reply = json.loads(capsys.readouterr().out)
    assert (reply["answered"], reply["answers"]) == (False, [])
    assert reply["passages"]


def test_batch_answers_each_line_in_order(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"id": "b", "question": QUESTION}, {"id": "a", "question": "How deep is Wastwater?"}]
    lines = "\n\n".join(json.dumps(row) for row in rows)
    (built / "q.jsonl").write_text("\ufeff" + lines, encoding="utf-8")
    assert main(["ask", "--batch", "q.jsonl", "--json"]) == 0
    replies = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(r["id"], r["question"]) for r in replies] == [(r["id"], r["question"]) for r in rows]


@pytest.mark.parametrize(
    "line",
    [
        '{"question": 3}',
        "[]",
        "{",
        '{"id": "x"}',
        '{"question": "Who?", "documents": "a.txt"}',
        '{"question": "Who?", "documents": [3]}',
        '{"question": "Who?", "follows": ["Where?"]}',
    ],
)
def test_a_bad_batch_line_is_named(
    built: Path, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    (built / "q.jsonl").write_text('{"question": "Who?"}\n' + line)
    assert main(["ask", "--batch", "q.jsonl"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "q.jsonl, line 2:" in err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["ask"], 2, "ask what?"),
        (["ask", " "], 2, "the question is empty"),
        (["ask", "x", "--set", "colour=red"], 2, "unknown setting"),
        (["ask", "x", "--set", "colour"], 2, "expected NAME=VALUE"),
        (["ask", "x", "--config", "none.toml"], 2, "cannot be read"),
        (["ask", "x", "--index", "nowhere"], 5, "ctqa build PATH"),
        (["why", "x"], 2, "why what?"),
        (["why", "who", "is", "it?", "words"], 2, "each in quotes"),
        (["why", " ", "Fishing"], 2, "the question is empty"),
        (["ask", "x", "--follows", " "], 2, "the question is empty"),
        (["build", "nowhere"], 3, "nowhere"),
        (["build", "--index", "nowhere"], 5, "there is no index here"),
        (["build", "documents", "--index", "documents/lakes.txt"], 5, "is no folder, so no index"),
        (["verify", "nowhere.json"], 2, "cannot be read (No such file or directory); check"),
        (["eval", "nowhere.jsonl"], 2, "nowhere.jsonl"),
    ],
)
def test_what_goes_wrong_is_one_line_and_an_exit_code(
    built: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, message: str
) -> None:
    assert main(arguments) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("ctqa: ")
    assert message in err


@pytest.mark.parametrize("value", ["0.7", ".7"])
def test_a_fraction_may_be_typed_without_its_zero(value: str) -> None:
    options = parse(["eval", "gold.csv", "--set", f"dense_weight={value}"])
    assert configured(options).search.dense_weight == 0.7


def test_a_misspelt_option_is_told_with_the_one_that_may_be_meant(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["eval", "gold.csv", "--reprot", "r.html"])
    message = capsys.readouterr().err
    assert message.startswith("usage: ctqa eval ")
    assert message.endswith("unrecognized arguments: --reprot r.html; did you mean --report?\n")


def test_settings_come_from_flag_then_file(built: Path) -> None:
    (built / "ctqa.toml").write_text("[search]\nmin_score = 1.0\n")
    assert main(["ask", QUESTION]) == 1
    assert main(["ask", QUESTION, "--set", "min_score=0"]) == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["build", "--quiet", "documents"],
        ["build", "--set", "passage_tokens=100", "documents", "--quiet"],
        ["ask", "--json", QUESTION],
        ["search", "--set", "passages=1", QUESTION, "--json"],
        ["why", "--json", QUESTION, "--quiet", "Fishing needs a licence."],
        ["models", "--json", "list"],
    ],
)
def test_options_may_stand_anywhere(
    built: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert main(arguments) == 0
    assert "usage" not in capsys.readouterr().err


def test_models_are_fetched_by_name_wherever_the_options_stand(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["models", "fetch", "--quiet", "no-such-model"]) == 6
    assert "no-such-model" in capsys.readouterr().err


def test_reader_spans_marks_the_words_that_answer(
    built: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(at_hand, "load_shared_span_reader", lambda _: WordSpanReader())
    assert main(["ask", QUESTION, "--json", "--reader", "sentences"]) == 0
    (plain, *_) = json.loads(capsys.readouterr().out)["answers"]
    for way in (["--reader", "spans"], ["--set", "reader=spans"]):
        assert main(["ask", QUESTION, "--json", *way]) == 0
        (marked, *_) = json.loads(capsys.readouterr().out)["answers"]
        assert marked["text"] == LAKES[marked["start"] : marked["end"]] == "Licences are"
        assert marked["sentence"] == plain["sentence"]
        assert marked["quote_sha256"] == hashlib.sha256(b"Licences are").hexdigest()
        assert (marked["signals"]["span"], plain["signals"]["span"]) == (12.0, 0.0)
    assert main(["ask", QUESTION, "--reader", "spans", "--explain"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("“Licences are”\n   in “Licences are sold at the post office.”")
    assert "the span reader's odds for its words: 12.00" in out
    Path("ctqa.toml").write_text('[search]\nreader = "spans"\n', encoding="utf-8")
    assert main(["ask", QUESTION]) == 0
    assert capsys.readouterr().out.startswith("“Licences are”")
    assert main(["ask", QUESTION, "--reader", "sentences"]) == 0
    assert capsys.readouterr().out.startswith("“Licences are sold at the post office.”")


def test_where_no_words_can_be_marked_it_is_told(
    built: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ask", QUESTION, "--reader", "spans"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("“Licences are sold at the post office.”")
    assert "ctqa: sentences are shown, and no words marked in them: " in err
    assert main(["ask", QUESTION, "--reader", "nobody/nothing"]) == 6
    assert 'reader = "nobody/nothing": ' in capsys.readouterr().err


def test_status_says_what_reads(
    built: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["status", "--reader", "sentences"]) == 0
    assert "\nReader: no model of its own: sentences are shown\n" in capsys.readouterr().out
    assert main(["status", "--reader", "spans", "--set", "rerank=0"]) == 0
    assert "\nReader: nothing, sentences are shown: nothing is reranked" in capsys.readouterr().out
    assert main(["status", "--reader", "mine", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["runs_on"]["reader"] == "torch, mine"
    monkeypatch.setenv("CTQA_MODELS", str(built / "models"))
    assert main(["status", "--reader", "spans"]) == 0
    assert "ctqa models fetch ms-marco-MiniLM-L-12-v2" in capsys.readouterr().out


def test_search_lists_passages(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["search", "night train", "--set", "passages=1", "--json"]) == 0
    form = json.loads(capsys.readouterr().out)
    assert [hit["document"]["id"] for hit in form["passages"]] == ["sub/trains.txt"]
    assert main(["search", "night train"]) == 0
    assert capsys.readouterr().out.startswith("1. Trains")


def test_status_sums_up_and_lists_problems(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (built / "documents" / "scan.pdf").write_bytes(b"%PDF-1.4 nonsense")
    main(["build", "--quiet"])
    capsys.readouterr()
    assert main(["status"]) == 0
    out = capsys.readouterr().out
    assert "Build 2" in out
    assert "Pages: 2 with text, and 1 file none of whose pages could be read" in out
    assert "failed: " in out
    assert ", runs on " in out
    assert main(["status", "--json"]) == 0
    status = json.loads(capsys.readouterr().out)
    assert status["runs_on"]["encoder"] in out
    assert (status["documents"], status["pages_unread"]) == (2, 1)
    files = {Path(file["path"]).name: file for file in status["files"]}
    assert (files["scan.pdf"]["state"], files["scan.pdf"]["pages"]) == ("failed", [])
    (page,) = files["lakes.txt"]["pages"]
    assert page["document"] == "lakes.txt"
    assert (page["number"], page["state"], page["characters"]) == (1, "text", len(LAKES))


GOLD_LINE = {"question": QUESTION, "document": "lakes.txt", "quote": "sold at the post office"}


def test_eval_measures_and_writes_the_run(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (built / "gold.jsonl").write_text(json.dumps(GOLD_LINE) + "\n")
    assert main(["eval", "gold.jsonl", "--json", "--quiet", "--run-out", "run.trec"]) == 0
    figures = json.loads(capsys.readouterr().out)["figures"]
    assert figures["Success@1"]["mean"] == 1.0
    assert figures["sentence_right"]["mean"] == 1.0
    assert (built / "run.trec").read_text().split()[1:4] == ["Q0", "lakes.txt", "1"]


@pytest.mark.parametrize("keep", [[], ["--no-keep"]])
def test_eval_writes_a_report_of_what_it_kept_or_did_not(
    built: Path, capsys: pytest.CaptureFixture[str], keep: list[str]
) -> None:
    (built / "gold.jsonl").write_text(json.dumps(GOLD_LINE) + "\n")
    assert main(["eval", "gold.jsonl", "--report", "report.html", *keep]) == 0
    assert "the report is in report.html; open it in a browser" in capsys.readouterr().err
    made = (built / "report.html").read_text(encoding="utf-8")
    assert f"Evaluation with <bdi>{built.name}/gold.jsonl</bdi>" in made and QUESTION in made
    assert all(each.id in made for each in Results(Path("index")).listed())


def test_eval_says_before_it_begins_that_no_report_can_be_written(
    built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (built / "gold.jsonl").write_text(json.dumps(GOLD_LINE) + "\n")
    assert main(["eval", "gold.jsonl", "--report", "nowhere/report.html"]) == 2
    assert "nowhere/report.html: cannot be written" in capsys.readouterr().err
    assert Results(Path("index")).listed() == []


def test_eval_keeps_its_result_with_the_index(
    built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    late = {
        "question": "When does the night train leave?",
        "document": "lakes.txt",
        "quote": "Fish",
    }
    lines = [json.dumps(line) for line in (GOLD_LINE, late)]
    (built / "gold.jsonl").write_text("\n".join(lines))
    assert main(["eval", "gold.jsonl", "--json", "--quiet"]) == 0
    form = json.loads(capsys.readouterr().out)
    (kept,) = Results(Path("index")).listed()
    assert isinstance(kept, Summary) and form["kept"] == kept.id
    assert (form["about"]["documents"], form["about"]["answers"]) == (2, True)
    assert form["about"]["index"]["encoder"] == kept.about.index["encoder"]
    assert sum(form["failures"].values()) == 1 and "1 of 1 failure." in form["most_to_be_won"]
    failed = [each["failed_at"] for each in form["questions"]]
    assert failed == [None, next(iter(form["failures"]))]
    assert main(["eval", "gold.jsonl"]) == 0
    out = capsys.readouterr().out
    newest, _ = Results(Path("index")).listed()
    assert f"Kept with the index as {newest.id}." in out and "`ctqa compare`" in out


def test_eval_keeps_nothing_where_it_is_told_not_to(
    built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (built / "gold.jsonl").write_text(json.dumps(GOLD_LINE))
    assert main(["eval", "gold.jsonl", "--no-keep"]) == 0
    out, err = capsys.readouterr()
    assert "Kept" not in out and "not kept" not in err
    assert main(["eval", "gold.jsonl", "--no-keep", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["kept"] is None
    assert Results(Path("index")).listed() == []


def test_eval_measures_where_nothing_can_be_kept(
    built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (built / "gold.jsonl").write_text(json.dumps(GOLD_LINE))
    (built / "index" / "evaluations").write_text("in the way")
    assert main(["eval", "gold.jsonl"]) == 0
    out, err = capsys.readouterr()
    assert "Kept with the index" not in out and NAMES["Success@1"].label in out
    assert "the result is not kept: " in err


def test_an_evaluation_that_is_interrupted_says_how_far_it_was(
    built: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [json.dumps(GOLD_LINE | {"id": str(n)}) for n in range(6)]
    (built / "gold.jsonl").write_text("\n".join(lines))
    asked = qa_module.QA.ask

    def interrupted(qa: qa_module.QA, question: str, **options: Any) -> Reply:
        if options.get("id") == "5":
            raise KeyboardInterrupt
        return asked(qa, question, **options)

    monkeypatch.setattr(qa_module.QA, "ask", interrupted)
    assert main(["eval", "gold.jsonl"]) == 130
    err = capsys.readouterr().err
    assert "interrupted; 4 of 6 questions were done, and nothing is kept of them" in err
    assert Results(Path("index")).listed() == []


def test_models_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models"]) == 0
    assert "bge-small-en-v1.5" in capsys.readouterr().out


def test_an_unknown_model_is_exit_code_6(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "fetch", "bge-smal-en"]) == 6
    assert "bge-small-en-v1.5" in capsys.readouterr().err


def test_an_interrupt_is_exit_code_130(
    built: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object, **__: object) -> Reply:
        raise KeyboardInterrupt

    monkeypatch.setattr(qa_module.QA, "ask", interrupted)
    assert main(["ask", QUESTION]) == 130
    assert "interrupted" in capsys.readouterr().err


def write_gold(folder: Path, possible: int, impossible: int) -> None:
    """Write documents about towns and gold questions about them, into the folder."""
    towns = [f"Town{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(possible)]
    write_texts(
        folder / "documents",
        {f"{town}.txt": f"The mayor of {town} sells honey in spring.\n" for town in towns},
    )
    rows = [
        {
            "id": town,
            "question": f"What does the mayor of {town} sell in spring?",
            "document": f"{town}.txt",
            "quote": f"The mayor of {town} sells honey in spring.",
        }
        for town in towns
    ]
    rows += [
        {"id": f"i{n}", "question": f"Which bishop wrote psalm {n}?", "impossible": True}
        for n in range(impossible)
    ]
    (folder / "gold.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")


def test_calibrate_keeps_a_calibration_that_answers_are_judged_by(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_gold(tmp_path, possible=80, impossible=30)
    assert main(["build", "documents", "--quiet"]) == 0
    assert main(["calibrate", "gold.jsonl", "--quiet"]) == 0
    out = capsys.readouterr().out
    name = f"{tmp_path.name}/gold.jsonl"
    assert f"Calibrated on 110 questions of {name}: the first answer was right for 80" in out
    assert main(["ask", "What does the mayor of Townab sell in spring?", "--json"]) == 0
    form = json.loads(capsys.readouterr().out)
    assert form["calibration"]["own"] is True
    assert form["answers"][0]["confidence"] > 0.9
    assert main(["ask", "Which bishop wrote psalm 151?"]) == 1


def test_calibrate_refuses_what_it_cannot_learn_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_gold(tmp_path, possible=5, impossible=5)
    assert main(["build", "documents", "--quiet"]) == 0
    assert main(["calibrate", "gold.jsonl", "--quiet"]) == 2
    assert "expected at least 100 questions" in capsys.readouterr().err
    assert main(["calibrate", "gold.jsonl", "--set", "reader=model"]) == 2
    assert 'only the answers of reader = "sentences"' in capsys.readouterr().err


INTERRUPTED_EARLY = """
import sys
from ctqa.__main__ import main

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "ctqa.options":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupting())
sys.exit(main())
"""


def test_an_interrupt_while_the_command_starts_is_no_traceback() -> None:
    found = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_EARLY], capture_output=True, text=True, check=False
    )
    assert (found.returncode, found.stderr) == (130, "ctqa: interrupted\n")


def test_the_package_is_the_command() -> None:
    found = subprocess.run(
        [sys.executable, "-m", "ctqa", "--version"], capture_output=True, text=True, check=True
    )
    assert found.stdout.startswith("ctqa ")
