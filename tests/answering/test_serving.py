"""A process that runs long answers by the current build, and no question pays for the change."""

import json
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from encoders import WordEncoder
from library import LAKES, build, write_texts
from rerankers import WordReranker
from tiny_models import TABLE, onnx_files, onnx_graph

from ctqa.answering.calibration import Calibration
from ctqa.answering.serving import AT_ONCE, IN_LINE, Serving
from ctqa.config import IndexConfig, SearchConfig
from ctqa.errors import BusyError, IndexLoadError, ModelError
from ctqa.index.build import BuildOptions, keep_calibration
from ctqa.index.doctor import roll_back
from ctqa.index.files import build_folder
from ctqa.models import load_encoder

DEPTH = "How deep is Wastwater?"
PLAIN = SearchConfig(rerank=0)


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    return write_texts(tmp_path / "documents")


@pytest.fixture
def index(documents: Path, tmp_path: Path) -> Path:
    build(documents, tmp_path / "index")
    return tmp_path / "index"


@pytest.fixture
def serving(index: Path) -> Iterator[Serving]:
    with closing(Serving(index, PLAIN, encoder=WordEncoder())) as found:
        yield found


def rewrite(documents: Path, index: Path, metres: int) -> int:
    """Build anew with another depth, and give the build's number."""
    text = LAKES.replace("It is 79", f"It is {metres}")
    (documents / "lakes.txt").write_text(text)
    return build(documents, index).build


def found(serving: Serving) -> tuple[int, str]:
    """Ask; give the build that answered, and what it found."""
    with serving.lend() as qa:
        reply = qa.ask(DEPTH)
    return reply.build, reply.hits[0].passage.text


def until(true: Callable[[], bool]) -> None:
    """Wait for what is to come true in another thread."""
    for _ in range(3_000):
        if true():
            return
        time.sleep(0.01)
    raise AssertionError("it did not come true")


def test_another_build_is_taken_up(serving: Serving, documents: Path, index: Path) -> None:
    assert not serving.look()
    rewrite(documents, index, 97)
    assert found(serving)[0] == 1
    assert serving.look()
    number, text = found(serving)
    assert (number, "97 metres" in text) == (2, True)
    assert not serving.look()


def test_so_is_the_build_before_after_a_rollback(
    serving: Serving, documents: Path, index: Path
) -> None:
    rewrite(documents, index, 97)
    serving.look()
    roll_back(index)
    assert serving.look()
    number, text = found(serving)
    assert (number, "79 metres" in text) == (1, True)


def test_so_is_another_index_in_the_same_place(
    serving: Serving, documents: Path, index: Path, tmp_path: Path
) -> None:
    shutil.move(index, tmp_path / "away")
    with pytest.raises(IndexLoadError, match="there is no index here"):
        serving.look()
    assert rewrite(documents, index, 97) == 1
    assert serving.look()
    assert "97 metres" in found(serving)[1]


def test_so_is_a_calibration(serving: Serving, index: Path) -> None:
    with serving.lend() as qa:
        assert qa.calibration() is None
        models = qa.models
    made = Calibration(
        gold="mine",
        own=True,
        created_at="2026-01-01",
        questions=1,
        right=1,
        ece=0.0,
        models=models,
        intercept=0.0,
        weights=(),
        curve=(),
    )
    keep_calibration(index, models, json.dumps(made.to_json()))
    assert serving.look()
    with serving.lend() as qa:
        assert qa.calibration() == made


def test_what_is_lent_stays_open_until_it_is_given_back(
    serving: Serving, documents: Path, index: Path
) -> None:
    with serving.lend() as old, serving.lend() as again:
        assert old is again
        for metres in (97, 98, 99):
            rewrite(documents, index, metres)
            assert serving.look()
        assert old.ask(DEPTH).build == 1
        assert old.text_of("lakes.txt") == LAKES
        with serving.lend() as new:
            assert new.ask(DEPTH).build == 4
    with pytest.raises(Exception, match="closed database"):
        old.text_of("lakes.txt")


def test_models_are_loaded_once(documents: Path, index: Path) -> None:
    encoder, reranker = WordEncoder(), WordReranker()
    with closing(Serving(index, encoder=encoder, reranker=reranker)) as serving:
        with serving.lend() as before:
            before.ask(DEPTH)
        rewrite(documents, index, 97)
        serving.look()
        encoder.encoded.clear()
        with serving.lend() as qa:
            assert qa is not before
            assert qa.ask(DEPTH).hits[0].why.rerank_score is not None
        assert encoder.encoded[0] == DEPTH


def test_files_that_were_checked_are_not_read_again(
    serving: Serving, documents: Path, index: Path
) -> None:
    """A file that two builds share is damaged without a trace that is looked at: it is trusted."""
    (documents / "more.txt").write_text("Nobody fishes.")
    build(documents, index)
    first, second = build_folder(index, 1), build_folder(index, 2)
    known = {path.stat().st_ino for path in first.rglob("*") if path.is_file()}
    (shared, *_) = [p for p in second.rglob("*.faiss") if p.stat().st_ino in known]
    status, data = shared.stat(), shared.read_bytes()
    shared.chmod(0o644)
    shared.write_bytes(bytes(len(data)))
    os.utime(shared, ns=(status.st_atime_ns, status.st_mtime_ns))
    with pytest.raises(IndexLoadError, match="checksum"):
        Serving(index, PLAIN, encoder=WordEncoder())
    shared.write_bytes(data)
    os.utime(shared, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert serving.look()


def model_folder(folder: Path) -> Path:
    """Make a small encoder of its own."""
    folder.mkdir()
    for name, data in onnx_files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def test_another_encoder_is_loaded_for_a_build_that_it_made(
    serving: Serving, documents: Path, index: Path, tmp_path: Path
) -> None:
    folder = str(model_folder(tmp_path / "model"))
    config = IndexConfig(encoder=folder, passage_tokens=16, overlap_tokens=0)
    build(documents, index, load_encoder(folder), config, options=BuildOptions(new_encoder=True))
    assert serving.look()
    assert found(serving)[0] == 2


def test_where_that_encoder_is_missing_the_old_build_goes_on_and_says_so(
    serving: Serving, documents: Path, index: Path
) -> None:
    config = IndexConfig(encoder="no-such-model", passage_tokens=24, overlap_tokens=8)
    build(
        documents, index, WordEncoder(name="others"), config, options=BuildOptions(new_encoder=True)
    )
    with pytest.raises(ModelError):
        serving.look()
    lines: list[str] = []
    serving.start(lines.append, every_s=0.01)
    until(lambda: serving.problem != "")
    assert "no-such-model" in serving.problem
    assert found(serving)[0] == 1
    assert serving.notices[-1] == serving.problem
    build(documents, index, options=BuildOptions(new_encoder=True))
    until(lambda: serving.problem == "")
    assert found(serving)[0] == 3
    assert serving.notices == ()
    assert lines == [
        f"Build 1 goes on answering: {lines[0].partition(': ')[2]}",
        "Serving build 3 now.",
    ]


def test_a_damaged_build_is_not_taken_up(serving: Serving, documents: Path, index: Path) -> None:
    rewrite(documents, index, 97)
    for path in build_folder(index, 2).rglob("*.faiss"):
        data = path.read_bytes()
        path.unlink()
        path.write_bytes(data[:-1] + b"\xff")
    lines: list[str] = []
    serving.start(lines.append, every_s=0.01)
    until(lambda: bool(lines))
    assert "checksum" in serving.problem
    assert "ctqa doctor --fix" in serving.problem
    assert found(serving) == (1, found(serving)[1])


def test_questions_go_on_while_builds_come_and_go(
    serving: Serving, documents: Path, index: Path
) -> None:
    lines: list[str] = []
    serving.start(lines.append, every_s=0.01)
    over = threading.Event()

    def ask() -> set[int]:
        seen = set()
        while not over.is_set():
            number, text = found(serving)
            assert ("79 metres" if number == 1 else f"{100 + number} metres") in text
            seen.add(number)
        return seen

    with ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(ask) for _ in range(4)]
        for number in range(2, 8):
            assert rewrite(documents, index, 100 + number) == number
        until(lambda: found(serving)[0] == 7)
        over.set()
        seen = set.union(*(each.result() for each in asking))
    assert {1, 7} <= seen
    assert lines[-1] == "Serving build 7 now."
    assert serving.problem == ""


def test_nothing_is_lent_after_the_end(index: Path) -> None:
    serving = Serving(index, PLAIN, encoder=WordEncoder())
    serving.start(every_s=0.01)
    with serving.lend() as qa:
        serving.close()
        serving.close()
        assert qa.ask(DEPTH).hits
    with pytest.raises(RuntimeError), serving.lend():
        pass
    with pytest.raises(Exception, match="closed database"):
        qa.ask(DEPTH)


def test_no_index_nothing_to_serve(tmp_path: Path) -> None:
    with pytest.raises(IndexLoadError, match="there is no index here"):
        Serving(tmp_path / "none", PLAIN)


def test_the_catalogs_log_does_not_grow_from_build_to_build(
    serving: Serving, documents: Path, index: Path
) -> None:
    log = index / "catalog.db-wal"
    sizes = []
    for number in range(12):
        rewrite(documents, index, 200 + number)
        while serving.look():
            pass
        sizes.append(log.stat().st_size)
    assert max(sizes[6:]) <= max(sizes[:6]), sizes
    assert f"{200 + number} metres" in found(serving)[1]


# Models that are loaded behind -------------------------------------------------------------------


@pytest.fixture
def encoder_folder(documents: Path, index: Path, tmp_path: Path) -> Path:
    """Build the index with a small encoder from a folder."""
    folder = model_folder(tmp_path / "model")
    build(
        documents,
        index,
        load_encoder(str(folder)),
        IndexConfig(encoder=str(folder), passage_tokens=16, overlap_tokens=0),
        options=BuildOptions(new_encoder=True),
    )
    return folder


@pytest.mark.usefixtures("encoder_folder")
def test_what_needs_no_model_does_not_wait_for_one(index: Path) -> None:
    with closing(Serving(index, PLAIN)) as serving:
        with serving.lend() as qa:
            assert qa.status().build.number == 2
            assert qa.document("lakes.txt").text == LAKES
        assert not serving.ready
        assert found(serving)[0] == 2
        assert serving.ready
        assert serving.notices == ()


@pytest.mark.usefixtures("encoder_folder")
def test_models_are_loaded_before_they_are_asked_for(index: Path) -> None:
    with closing(Serving(index, PLAIN)) as serving:
        serving.load_models()
        serving.load_models()
        until(lambda: serving.ready)


def test_a_missing_model_is_told_at_once(index: Path, encoder_folder: Path) -> None:
    shutil.rmtree(encoder_folder)
    with pytest.raises(ModelError):
        Serving(index, PLAIN)


def test_so_are_other_weights_than_the_index_was_built_with(
    index: Path, encoder_folder: Path
) -> None:
    graph = encoder_folder / "model.onnx"
    graph.write_bytes(onnx_graph(TABLE * 2))
    with pytest.raises(IndexLoadError, match="was encoded by"):
        Serving(index, PLAIN)


def test_a_model_that_cannot_be_loaded_is_told_to_everyone_who_asks(
    index: Path, encoder_folder: Path
) -> None:
    (encoder_folder / "tokenizer.json").write_text("{}")
    with closing(Serving(index, PLAIN)) as serving:
        for _ in range(2):
            with pytest.raises(ModelError):
                found(serving)
        (notice,) = serving.notices
        assert "tokenizer" in notice
        with serving.lend() as qa:
            assert qa.document("lakes.txt").text == LAKES


# Few at a time -----------------------------------------------------------------------------------


def test_few_questions_are_answered_at_a_time_and_not_too_many_wait(serving: Serving) -> None:
    go_on, lock = threading.Event(), threading.Lock()
    inside: list[int] = []
    most = 0

    def ask() -> int:
        nonlocal most
        with serving.lend_to_ask() as qa:
            with lock:
                inside.append(1)
                most = max(most, len(inside))
            go_on.wait(30)
            with lock:
                inside.pop()
            return qa.ask(DEPTH).build

    everyone = AT_ONCE + IN_LINE
    with ThreadPoolExecutor(everyone) as pool:
        asking = [pool.submit(ask) for _ in range(everyone)]
        until(lambda: len(inside) == AT_ONCE and serving.asked == everyone)
        with pytest.raises(BusyError, match="in a moment"), serving.lend_to_ask():
            pass
        with serving.lend() as qa:  # who does not ask does not wait
            assert qa.status().documents
        go_on.set()
        assert [each.result() for each in asking] == [1] * everyone
    assert most == AT_ONCE
    assert serving.asked == 0
