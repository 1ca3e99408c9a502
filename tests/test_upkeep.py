"""The commands that make, check and mend an index, through the front door."""

import io
import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from encoders import WordEncoder
from library import TEXTS, write_texts
from rerankers import WordReranker

from ctqa import api, models
from ctqa.answering import at_hand
from ctqa.cli import main
from ctqa.errors import ModelError

Captured = pytest.CaptureFixture[str]
QUESTION = "Where are fishing licences sold?"


@pytest.fixture(autouse=True)
def word_encoder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Put the deterministic encoder where a model would be loaded."""

    def load(name: str, **_: object) -> WordEncoder:
        return WordEncoder(name="others" if name == "others" else "words")

    for module in (api, at_hand, models):
        monkeypatch.setattr(module, "load_encoder", load)
    monkeypatch.setattr(at_hand, "load_reranker", lambda _: WordReranker())
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def built(tmp_path: Path, capsys: Captured) -> Path:
    write_texts(tmp_path / "documents")
    assert main(["build", "documents", "--quiet"]) == 0
    capsys.readouterr()
    return tmp_path


def run(capsys: Captured, *arguments: str) -> tuple[int, str, str]:
    code = main([*arguments, "--quiet"])
    return code, *capsys.readouterr()


def vectors_file(built: Path) -> Path:
    return max((built / "index" / "builds").rglob("vectors/*.faiss"))


def test_a_build_keeps_the_encoder_until_another_is_named(built: Path, capsys: Captured) -> None:
    (built / "ctqa.toml").write_text('[index]\nencoder = "others"\n')
    code, _, said = run(capsys, "build")
    assert code == 5
    assert "was encoded by words" in said
    assert "`ctqa build --encoder others --index index`" in said
    assert run(capsys, "ask", QUESTION)[0] == 0
    code, told, _ = run(capsys, "build", "--encoder", "others")
    assert (code, "0 changed, 0 renamed, 0 removed, 2 as before (2 read again" in told) == (0, True)
    (built / "ctqa.toml").unlink()
    code, told, _ = run(capsys, "build")  # goes on with what the index has
    assert (code, told.startswith("Nothing has changed: build 2")) == (0, True)


def test_a_renamed_file_is_told(built: Path, capsys: Captured) -> None:
    (built / "documents" / "lakes.txt").rename(built / "documents" / "waters.txt")
    code, told, _ = run(capsys, "build")
    assert code == 0
    assert "0 files added, 0 changed, 1 renamed, 0 removed, 1 as before" in told
    assert "(0 encoded, " in told


def test_verify_finds_nothing_wrong_and_says_what_it_looked_at(
    built: Path, capsys: Captured
) -> None:
    code, told, _ = run(capsys, "verify")
    assert code == 0
    assert "2 documents" in told
    assert told.endswith("Nothing is wrong.\n")
    code, told, _ = run(capsys, "verify", "--without-model", "--json")
    assert (code, json.loads(told)["findings"]) == (0, [])


def test_verify_without_the_model_does_all_the_rest(
    built: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object, **__: object) -> WordEncoder:
        raise ModelError("it is not there")

    monkeypatch.setattr(models, "load_encoder", missing)
    assert main(["verify"]) == 0
    told, said = capsys.readouterr()
    assert "it is not there" in said
    assert "Not checked: " in told


def test_damage_is_found_named_mended_and_told(built: Path, capsys: Captured) -> None:
    path = vectors_file(built)
    path.write_bytes(path.read_bytes()[:-1])
    code, _, said = run(capsys, "ask", QUESTION)
    assert code == 5
    assert f"{path.name}: is not as it was written (checksum); `ctqa doctor --fix" in said
    for command in ("verify", "doctor"):
        code, told, _ = run(capsys, command)
        assert (code, path.name in told) == (5, True)
        assert "`ctqa doctor --fix --index index`" in told
    code, told, _ = run(capsys, "doctor", "--fix")
    assert (code, "build 1 was damaged" in " ".join(told.split())) == (0, True)
    assert run(capsys, "ask", QUESTION)[0] == run(capsys, "verify")[0] == 0
    code, told, _ = run(capsys, "doctor", "--fix")
    assert (code, "Nothing was mended." in told) == (0, True)


def test_many_findings_that_one_command_mends_are_told_together(
    built: Path, capsys: Captured
) -> None:
    shutil.rmtree(built / "index" / "builds" / "1")
    code, told, _ = run(capsys, "doctor", "--json")
    count = len(json.loads(told)["findings"])
    assert (code, count > 10) == (5, True)
    code, told, _ = run(capsys, "doctor")
    *listed, more, mends = told.splitlines()
    assert [line.startswith("file: index/builds/1/") for line in listed] == [True] * 10, told
    assert more == f"… and {count - 10} more like them: --json lists them all"
    assert mends == "   `ctqa doctor --fix --index index`"
    assert f" and {count - 5} more. If that happens again" in run(capsys, "build")[1]


def test_a_catalog_that_cannot_be_read_is_told_without_counts(
    built: Path, capsys: Captured
) -> None:
    (built / "index" / "catalog.db").write_bytes(b"no catalog")
    code, told, _ = run(capsys, "verify")
    assert (code, told.startswith("index: nothing could be checked\n")) == (5, True)


def test_a_build_makes_damaged_files_anew_and_says_so(built: Path, capsys: Captured) -> None:
    path = vectors_file(built)
    path.unlink()
    code, told, _ = run(capsys, "build")
    assert code == 0
    assert "(0 encoded, " in told
    assert "Damaged files of the last build were found" in told
    assert path.name in told
    assert run(capsys, "verify")[0] == 0


def test_rollback_goes_back_one_build(built: Path, capsys: Captured) -> None:
    code, _, said = run(capsys, "rollback")
    assert (code, "no build before" in said) == (5, True)
    (built / "documents" / "lakes.txt").write_text("The lake has dried up.")
    assert run(capsys, "build")[0] == 0
    code, told, _ = run(capsys, "rollback")
    assert (code, told.startswith("Build 1 of ")) == (0, True)
    answer = json.loads(run(capsys, "ask", QUESTION, "--json")[1])["answers"][0]
    assert answer["text"] in TEXTS["lakes.txt"]
    code, told, _ = run(capsys, "build")
    assert told.startswith("Build 3 in index: 0 files added, 1 changed")


def test_receipts_are_checked(built: Path, capsys: Captured) -> None:
    _, reply, _ = run(capsys, "ask", QUESTION, "--json")
    (built / "reply.json").write_text(reply)
    code, told, _ = run(capsys, "verify", "reply.json")
    assert (code, told.startswith("verified: ")) == (0, True)
    (built / "false.json").write_text(reply.replace("are sold at", "are told at"))
    code, told, _ = run(capsys, "verify", "false.json")
    assert (code, told.startswith("false: ")) == (1, True)
    (built / "other.json").write_text('{"colour": "red"}')
    code, _, said = run(capsys, "verify", "other.json")
    assert (code, "expected a receipt" in said) == (2, True)


def test_a_receipt_comes_from_stdin(
    built: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, reply, _ = run(capsys, "ask", QUESTION, "--json")
    monkeypatch.setattr("sys.stdin", io.StringIO(reply))
    code, told, _ = run(capsys, "verify", "-", "--json")
    assert (code, json.loads(told.splitlines()[0])["verdict"]) == (0, "verified")


def test_an_index_goes_into_one_file_and_comes_out_of_it(built: Path, capsys: Captured) -> None:
    code, told, _ = run(capsys, "export", "--to", "all.ctqa")
    assert (code, told.startswith("Build 1 is in all.ctqa: 2 documents")) == (0, True)
    code, told, _ = run(capsys, "import", "all.ctqa", "--index", "second")
    assert (code, "2 documents" in told) == (0, True)
    here, there = (
        json.loads(run(capsys, "ask", QUESTION, "--json", "--index", index)[1])
        for index in ("index", "second")
    )
    assert here["answers"] == there["answers"]
    code, _, said = run(capsys, "build", "--index", "second")
    assert (code, "give the documents' PATH" in said) == (2, True)
    code, _, said = run(capsys, "import", "all.ctqa", "--index", "second")
    assert code != 0
    assert "--index" in said
    (built / "all.ctqa").write_bytes((built / "all.ctqa").read_bytes()[:-100])
    code, _, _ = run(capsys, "import", "all.ctqa", "--index", "third")
    assert (code, (built / "third").exists()) == (5, False)
    code, _, said = run(capsys, "export", "reply.json", "--to", "more.ctqa")
    assert (code, "REPLIES" in said) == (2, True)


def test_filters_are_taken_from_the_line_and_from_a_batch(built: Path, capsys: Captured) -> None:
    rows = "lakes.txt,2003,water;north\nsub/trains.txt,2010,\n"
    (built / "documents" / "sources.csv").write_text(f"path,year,tags\n{rows}")
    assert run(capsys, "build")[0] == 0

    def found(*flags: str) -> set[str]:
        _, told, _ = run(capsys, "search", "night train lake licence", "--json", *flags)
        return {passage["document"]["id"] for passage in json.loads(told)["passages"]}

    assert found() == {"lakes.txt", "sub/trains.txt"}
    assert found("--tag", "water") == found("--until", "2005") == {"lakes.txt"}
    assert found("--folder", "sub") == found("--since", "2005") == {"sub/trains.txt"}
    assert found("--document", "lakes.txt", "--since", "1900") == {"lakes.txt"}
    code, _, said = run(capsys, "ask", QUESTION, "--tag", "hills")
    assert (code, "there are north, water" in said) == (2, True)
    lines = (
        {"id": "1", "question": QUESTION, "folders": ["sub"]},
        {"id": "2", "question": QUESTION, "until": 2005, "tags": ["water"]},
    )
    (built / "batch.jsonl").write_text("\n".join(map(json.dumps, lines)))
    _, told, _ = run(capsys, "ask", "--batch", "batch.jsonl", "--json")
    ids = [
        {p["document"]["id"] for p in json.loads(line)["passages"]} for line in told.splitlines()
    ]
    assert ids == [{"sub/trains.txt"}, {"lakes.txt"}]
    (built / "batch.jsonl").write_text('{"question": "What?", "since": "2005"}')
    code, _, said = run(capsys, "ask", "--batch", "batch.jsonl")
    assert (code, '"since" is no year' in said) == (2, True)


WATCHER = """
import signal
import sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # which whoever runs the tests may ignore
sys.path.insert(0, {tests!r})
from encoders import WordEncoder
from ctqa import api
from ctqa.cli import main
api.load_encoder = lambda *_, **__: WordEncoder()
sys.exit(main(["build", "documents", "--watch"]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent otherwise there")
def test_a_watching_build_tells_each_change_and_ends_with_ctrl_c(built: Path) -> None:
    script = WATCHER.format(tests=str(Path(__file__).parent))
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline().startswith("Nothing has changed: build 1")
            process.stdout.readline()
            (built / "documents" / "hills.txt").write_text("The hills are steep.")
            assert process.stdout.readline().startswith("Build 2 in index: 1 file added")
            time.sleep(0.2)  # until it waits again
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 0, said
    assert "watching for changes (stop with Ctrl-C)" in said
    assert "Traceback" not in said
