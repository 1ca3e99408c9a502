"""Builds: incremental, resumable, atomic, and honest about what they could not take in."""

import multiprocessing
import shutil
import signal
import sqlite3
from importlib.metadata import version
from pathlib import Path

import pytest
from encoders import WordEncoder
from filelock import FileLock
from library import TEXTS, build, build_and_die, open_qa, write_texts
from sources.pdfs import BROKEN, PICTURE, make_pdf, make_placed_pdf

from ctqa.config import IndexConfig
from ctqa.errors import ConfigError, IndexLoadError, IndexWriteError, SourceError
from ctqa.index.build import BuildOptions
from ctqa.index.local import open_index


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    return write_texts(tmp_path / "documents")


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "index"


def held(index: Path) -> dict[str, str]:
    """Give the documents of the current build with their texts."""
    qa = open_qa(index)
    try:
        return {source.id: qa.text_of(source.id) for source in qa.documents()}
    finally:
        qa.close()


def test_a_build_holds_the_documents_word_for_word(documents: Path, index: Path) -> None:
    report = build(documents, index)
    assert (report.build, report.committed, report.added) == (1, True, 2)
    assert report.problems == ()
    assert report.encoded == report.passages > 2
    assert held(index) == TEXTS


def test_search_copies_are_stored_beside_what_is_shown(tmp_path: Path, index: Path) -> None:
    text = (
        "Table 1 Depths\n\nLake Metres\nWastwater 79\nConiston 56\nUllswater 63\n\n"
        "The depthof the lakes was measured in2006, and that of the tarns was measured later.\n"
    )
    encoder = WordEncoder()
    build(write_texts(tmp_path / "documents", {"depths.txt": text}), index, encoder)
    opened = open_index(index)
    try:
        keys = opened.keys_of(["depths.txt"])
        passages = [passage for passage, _ in opened.passages(keys).values()]
        assert opened.build.libraries["symspellpy"] == version("symspellpy")
    finally:
        opened.close()
    assert sorted(p.search_text for p in passages) == sorted(encoder.encoded)
    assert all(text[p.start : p.end] == p.text for p in passages)
    said = {text[s.start : s.end]: s for p in passages for s in p.sentences}
    assert said["Coniston 56"].lead == "Table 1 Depths\nLake Metres"
    (mended,) = [s.mended for s in said.values() if s.mended]
    assert mended.startswith("The depth of the lakes was measured in 2006, and")


def test_nothing_changed_nothing_built(documents: Path, index: Path) -> None:
    build(documents, index)
    encoder = WordEncoder()
    report = build(documents, index, encoder)
    assert (report.build, report.committed, report.unchanged) == (1, False, 2)
    assert encoder.encoded == []


def test_only_what_changed_is_encoded(documents: Path, index: Path) -> None:
    build(documents, index)
    path = documents / "lakes.txt"
    path.write_text(path.read_text() + "\nBoats\n\nBoats may not land on the island.\n")
    encoder = WordEncoder()
    report = build(documents, index, encoder)
    assert (report.added, report.changed, report.removed, report.unchanged) == (0, 1, 0, 1)
    assert [text.split()[-1] for text in encoder.encoded] == ["island."]
    assert report.reused == report.passages - 1


def test_texts_swapped_between_two_files_follow_their_files(documents: Path, index: Path) -> None:
    build(documents, index)
    names = list(TEXTS)
    write_texts(documents, {names[0]: TEXTS[names[1]], names[1]: TEXTS[names[0]]})
    build(documents, index)
    assert held(index) == {names[0]: TEXTS[names[1]], names[1]: TEXTS[names[0]]}


def test_a_file_that_is_gone_is_gone_from_the_index(documents: Path, index: Path) -> None:
    build(documents, index)
    (documents / "lakes.txt").unlink()
    report = build(documents, index)
    assert (report.removed, report.unchanged, report.encoded) == (1, 1, 0)
    assert list(held(index)) == ["sub/trains.txt"]


def test_the_same_passage_in_two_files_is_encoded_once(tmp_path: Path, index: Path) -> None:
    twins = {"a/same.txt": TEXTS["lakes.txt"], "b/same.txt": TEXTS["lakes.txt"]}
    encoder = WordEncoder()
    report = build(write_texts(tmp_path / "twins", twins), index, encoder)
    assert report.passages == 2 * report.encoded
    assert len(encoder.encoded) == report.encoded


def test_a_changed_citation_is_taken_in(documents: Path, index: Path) -> None:
    build(documents, index)
    (documents / "sources.csv").write_text("path,title\nlakes.txt,The Lakes\n")
    assert build(documents, index).changed == 1
    qa = open_qa(index)
    assert [source.title for source in qa.documents()] == ["The Lakes", "Trains"]
    qa.close()


def test_a_citation_for_no_file_is_reported(documents: Path, index: Path) -> None:
    (documents / "sources.csv").write_text("path,title\nnone.txt,Nothing\n")
    (problem,) = build(documents, index).problems
    assert "none.txt" in problem.reason


def test_bad_files_are_listed_and_stop_nothing(documents: Path, index: Path) -> None:
    (documents / "empty.txt").write_text("")
    (documents / "broken.pdf").write_bytes(b"%PDF-1.4 nonsense")
    (documents / "film.mp4").write_bytes(b"\0\1\2")
    report = build(documents, index)
    states = {Path(problem.path).name: problem.state for problem in report.problems}
    assert states == {"empty.txt": "empty", "broken.pdf": "failed", "film.mp4": "unsupported"}
    assert all(problem.reason for problem in report.problems)
    assert len(held(index)) == 2


def test_two_documents_of_one_id_are_not_mixed_up(documents: Path, index: Path) -> None:
    line = '{"_id": "lakes.txt", "title": "Other", "text": "Another text altogether."}\n'
    (documents / "z.jsonl").write_text(line)
    report = build(documents, index)
    assert held(index)["lakes.txt"] == TEXTS["lakes.txt"]
    assert any("same id" in problem.reason for problem in report.problems)


def test_nothing_to_read_leaves_the_index_as_it_was(documents: Path, index: Path) -> None:
    build(documents, index)
    for path in documents.rglob("*.txt"):
        path.write_text("  \n")
    with pytest.raises(SourceError, match=r"no text in any file of 2"):
        build(documents, index)
    assert held(index) == TEXTS
    shutil.rmtree(documents)
    documents.mkdir()
    with pytest.raises(SourceError, match="no files were found"):
        build(documents, index)


def test_passages_longer_than_the_encoder_reads_are_refused(documents: Path, index: Path) -> None:
    with pytest.raises(ConfigError, match="reads only 20 tokens"):
        build(documents, index, WordEncoder(max_tokens=20))


def test_another_encoder_makes_a_new_build_and_the_old_vectors_are_not_used(
    documents: Path, index: Path
) -> None:
    build(documents, index)
    other = WordEncoder(name="others")
    with pytest.raises(IndexLoadError, match=r"was encoded by words .* `ctqa build --encoder oth"):
        build(documents, index, other)
    open_qa(index).close()
    report = build(documents, index, other, options=BuildOptions(new_encoder=True))
    assert (report.build, report.reused) == (2, 0)
    assert (report.changed, report.unchanged, report.reread) == (0, 2, 2)
    with pytest.raises(IndexLoadError, match=r"was encoded by others .* `ctqa build"):
        open_qa(index, WordEncoder())
    open_qa(index, other).close()


def test_the_build_before_stays_and_older_ones_go(documents: Path, index: Path) -> None:
    for number in range(4):
        (documents / "lakes.txt").write_text(f"Lake number {number} is deep.")
        build(documents, index)
    assert sorted(path.name for path in (index / "builds").iterdir()) == ["3", "4"]


def test_a_reader_goes_on_with_the_old_build_while_a_new_one_is_made(
    documents: Path, index: Path
) -> None:
    build(documents, index)
    qa = open_qa(index)
    before = qa.ask("How deep is the deepest lake?")
    (documents / "lakes.txt").write_text("The lake has dried up.")
    build(documents, index)
    after = qa.ask("How deep is the deepest lake?")
    assert (after.answers, after.build) == (before.answers, 1)
    assert held(index)["lakes.txt"] == "The lake has dried up."
    qa.close()


def test_two_writers_exclude_each_other(documents: Path, index: Path) -> None:
    index.mkdir()
    with (
        FileLock(index / "write.lock"),
        pytest.raises(IndexWriteError, match="another process is writing"),
    ):
        build(documents, index)
    assert build(documents, index).committed


def test_the_index_may_lie_among_the_documents(documents: Path) -> None:
    index = documents / "index"
    build(documents, index)
    assert not build(documents, index).committed


STEPS = ("stage_file", "cache_vectors", "vectors_of", "terms", "commit", "forget_before")


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_at_any_step_leaves_the_last_build_and_the_next_one_resumes(
    step: str, documents: Path, index: Path
) -> None:
    build(documents, index)
    (documents / "lakes.txt").write_text("The lake has dried up. Nobody fishes there.")
    process = multiprocessing.get_context("spawn").Process(
        target=build_and_die, args=(step, documents, index)
    )
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    expected = TEXTS["lakes.txt"] if step != "forget_before" else "The lake has dried up."
    assert held(index)["lakes.txt"].startswith(expected)
    encoder = WordEncoder()
    report = build(documents, index, encoder)
    assert held(index)["lakes.txt"].startswith("The lake has dried up.")
    assert report.encoded == len(encoder.encoded) == (1 if step in STEPS[:2] else 0)
    assert len(list((index / "builds").iterdir())) <= 2


def test_an_end_that_was_never_committed_is_taken_back(documents: Path, index: Path) -> None:
    build(documents, index)
    with sqlite3.connect(index / "catalog.db") as connection:
        connection.execute("UPDATE documents SET last_build = 1")
    connection.close()
    build(documents, index)
    found = open_index(index)
    assert [file.id for file in found.status().files] == list(TEXTS)
    assert len(found.sources()) == 2
    found.close()


def test_settings_are_kept_with_the_build(documents: Path, index: Path) -> None:
    config = IndexConfig(encoder="words", passage_tokens=32, overlap_tokens=0)
    build(documents, index, config=config)
    found = open_index(index)
    assert IndexConfig(**found.build.config) == config
    assert found.build.roots == (str(documents),)
    found.close()


class Stopped:
    """Counts the files that are read, and stops the build like Ctrl-C after some of them."""

    def __init__(self, after: int | None = None) -> None:
        self._after = after
        self.read = 0
        self.pages = 0

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage == "page":
            self.pages = done
        if stage == "read":
            self.read = done
            if done and done == self._after:
                raise KeyboardInterrupt


def many(folder: Path, count: int = 6) -> Path:
    texts = {f"{n}.txt": f"Lake {n}\n\nIt is {n} metres deep. Nobody fishes." for n in range(count)}
    return write_texts(folder, texts)


@pytest.mark.parametrize("first", [True, False], ids=["first build", "later build"])
def test_an_interrupted_build_goes_on_where_it_was(
    first: bool, tmp_path: Path, index: Path
) -> None:
    documents = write_texts(tmp_path / "documents")
    if not first:
        build(documents, index)
    many(documents)
    with pytest.raises(KeyboardInterrupt):
        build(documents, index, progress=Stopped(after=4))
    if not first:
        assert held(index) == TEXTS
    (documents / "1.txt").write_text("Lake 1\n\nIt has dried up.")  # was read before the stop
    (documents / "2.txt").unlink()

    rest = Stopped()
    report = build(documents, index, progress=rest)

    assert rest.read == (2 + 6 - 1 if first else 6 - 1) - 4 + 2
    assert report.added == (7 if first else 5)
    assert report.problems == ()
    texts = held(index)
    assert len(texts) == 7
    assert texts["1.txt"] == "Lake 1\n\nIt has dried up."
    assert not build(documents, index).committed


def test_pages_are_counted_while_files_are_read(tmp_path: Path, index: Path) -> None:
    documents = many(tmp_path / "documents", 1)
    (documents / "a.pdf").write_bytes(make_pdf(*(f"Words of page {n}." for n in range(1, 8))))
    seen = Stopped()
    build(documents, index, progress=seen)
    assert (seen.read, seen.pages) == (2, 1 + 7)


def test_every_page_of_every_file_stands_in_the_ledger(tmp_path: Path, index: Path) -> None:
    documents = many(tmp_path / "documents", 1)
    (documents / "mixed.pdf").write_bytes(make_pdf("The words of a page.", PICTURE, "", BROKEN))
    (documents / "scan.pdf").write_bytes(make_pdf(PICTURE, PICTURE))
    (documents / "broken.pdf").write_bytes(b"%PDF-1.4 nonsense")
    report = build(documents, index)
    assert (report.documents, report.pages, report.pages_unread) == (2, 7, 1 + 1 + 2 + 1)

    found = open_index(index)
    try:
        status, ledger = found.status(), found.ledger()
    finally:
        found.close()
    pages = {file.id: [p.page.state for p in ledger.get(file.key, ())] for file in status.files}
    assert pages == {
        "0.txt": ["text"],
        "broken.pdf": [],
        "mixed.pdf": ["text", "unreadable", "empty", "failed"],
        "scan.pdf": ["unreadable", "unreadable"],
    }
    assert status.page_states == {"empty": 1, "failed": 1, "text": 2, "unreadable": 3}
    assert status.pages_unread == report.pages_unread
    assert {file.id: file.state for file in status.files if file.state != "read"} == {
        "broken.pdf": "failed",
        "scan.pdf": "unreadable",
    }
    assert all(file.reason for file in status.files if file.id.endswith("pdf"))


def test_a_password_opens_what_was_encrypted_and_is_asked_once(tmp_path: Path, index: Path) -> None:
    documents = many(tmp_path / "documents", 1)
    locked = make_pdf("The hidden lake is deep.", opened_by="secret")
    (documents / "locked.pdf").write_bytes(locked)
    (problem,) = build(documents, index).problems
    assert (problem.state, "password" in problem.reason) == ("encrypted", True)
    assert build(documents, index, options=BuildOptions(passwords=("wrong",))).changed == 1
    report = build(documents, index, options=BuildOptions(passwords=("wrong", "secret")))
    assert (report.changed, report.problems) == (1, ())
    assert "The hidden lake is deep." in held(index)["locked.pdf"]
    assert not build(documents, index).committed
    assert b"secret" not in (index / "catalog.db").read_bytes()


def test_running_heads_are_shown_and_not_searched(tmp_path: Path, index: Path) -> None:
    documents = tmp_path / "documents"
    documents.mkdir()
    names = ("Wastwater", "Coniston", "Ullswater", "Buttermere", "Derwent", "Grasmere")
    pages = [
        [
            (72, 750, "QUARTERLY REVIEW"),
            *((72, 600 - 14 * line, f"{name} is {line} metres deep, and") for line in range(5)),
            (72, 530, f"nobody has fished in {name} since {n} men drowned."),
            (300, 40, f"Page {n}"),
        ]
        for n, name in enumerate(names, 1)
    ]
    (documents / "a.pdf").write_bytes(make_placed_pdf(*pages))
    encoder = WordEncoder()
    build(documents, index, encoder)
    assert "QUARTERLY REVIEW" in held(index)["a.pdf"]
    assert not [text for text in encoder.encoded if "QUARTERLY" in text]
    assert not [text for text in encoder.encoded if "Page 3" in text]
    assert any("fished in Ullswater since 3 men" in text for text in encoder.encoded)
