"""The doctor: tells what keeps an index from working, mends it, and loses nothing in silence."""

import multiprocessing
import os
import random
import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from encoders import WordEncoder
from filelock import FileLock
from index.damage import (
    cache_sealed,
    change,
    copy_of,
    derived,
    make_index,
    mend_and_die,
    with_small_pages,
)
from library import LAKES, build, open_qa, write_texts

from ctqa.errors import IndexLoadError, IndexWriteError, ModelError
from ctqa.index.doctor import Mended, diagnose, mend, roll_back
from ctqa.index.local import open_index
from ctqa.index.repair import Repairer
from ctqa.index.rows import BUILD_COLUMNS, seal_of_build
from ctqa.index.verify import Finding, verify_index
from ctqa.models import Encoder

ALL = os.environ.get("CTQA_MUTATIONS") == "all"
FLIPS = 2_000 if ALL else 60


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_index(tmp_path_factory.mktemp("doctor"))


@pytest.fixture
def index(whole: Path, tmp_path: Path) -> Path:
    return copy_of(whole, tmp_path / "index")


def words(name: str, **_: object) -> Encoder:
    assert name == "words"
    return WordEncoder()


def no_model(name: str, **_: object) -> Encoder:
    raise ModelError(f"model {name} is not on this machine: run `ctqa models fetch {name}`")


def mended(index: Path, load: Callable[..., Encoder] = words) -> Mended:
    return mend(index, load_encoder=load)


def held(index: Path) -> dict[str, str]:
    opened = open_index(index)
    try:
        return {source.id: opened.document(source.id).text for source in opened.sources()}
    finally:
        opened.close()


def findings(index: Path) -> tuple[Finding, ...]:
    return verify_index(index, encoder=WordEncoder()).findings


# Diagnosis ---------------------------------------------------------------------------------------


def test_nothing_is_wrong_with_a_whole_index(whole: Path) -> None:
    assert diagnose(whole, load_encoder=words) == ()


def told(index: Path, kind: str, load: Callable[..., Encoder] = words) -> Finding:
    (found,) = [each for each in diagnose(index, load_encoder=load) if each.kind == kind]
    assert not found.is_damage
    return found


def test_a_model_that_is_not_there_or_another_one_is_told(index: Path) -> None:
    assert told(index, "model", no_model).mend == "`ctqa models fetch words`"
    other = told(index, "model", lambda *_, **__: WordEncoder(name="other"))
    assert "was encoded by words" in other.what
    assert "`ctqa build --encoder other" in other.mend
    assert "no model is named 'words'" in next(f.what for f in diagnose(index))


def test_another_writer_is_told(index: Path) -> None:
    with FileLock(index / "write.lock"):
        assert "another process is writing" in told(index, "lock").what


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="may write anywhere")
def test_a_folder_that_cannot_be_written_to_is_told(index: Path) -> None:
    index.chmod(0o500)
    try:
        assert "cannot be written to" in told(index, "folder").what
    finally:
        index.chmod(0o700)


def test_sources_that_are_gone_are_told_and_still_answered(tmp_path: Path) -> None:
    index = make_index(tmp_path)
    (tmp_path / "documents" / "lakes.txt").unlink()
    assert "1 of 3 files are not where they were" in told(index, "source").what
    assert held(index)


def test_other_libraries_and_what_a_stopped_build_left_are_told(index: Path) -> None:
    with closing(Repairer.open(index)) as catalog:
        current = catalog.builds()[-1]
        current.libraries["pypdf"] = "0.1"
        current.libraries["no-such-library"] = "1"
        catalog.drop_unsealed_builds()
        reseal(index, current.values())
    assert "pypdf" in told(index, "library").what
    assert "no-such-library none (was 1)" in told(index, "library").what
    (index / "builds" / "3.new").mkdir()
    change(index, "UPDATE files SET first_build = 3 WHERE id = 'empty.txt'")
    change(index, "INSERT INTO embeddings VALUES ('words', x'00', 0, x'00')")
    left = told(index, "leftover").what
    assert all(
        part in left
        for part in ("builds/3.new", "files that were read (1)", "vectors of no passage (1)")
    )


def reseal(index: Path, values: tuple[object, ...]) -> None:
    columns = ", ".join(f"{name} = ?" for name in BUILD_COLUMNS.split(", "))
    with closing(sqlite3.connect(index / "catalog.db", isolation_level=None)) as connection:
        connection.execute(
            f"UPDATE builds SET {columns}, seal = ? WHERE number = ?",
            (*values, seal_of_build(values), values[0]),
        )


def test_no_index_is_refused_and_no_folder_made(tmp_path: Path) -> None:
    for work in (diagnose, mend, roll_back):
        with pytest.raises(IndexLoadError, match="no index here"):
            work(tmp_path / "none")
    assert not (tmp_path / "none").exists()


# Mending -----------------------------------------------------------------------------------------


def test_what_is_whole_is_left_as_it_is(index: Path) -> None:
    before = (index / "catalog.db").read_bytes()
    assert mended(index) == Mended(build=2, found=(), done=(), left_out=(), left=())
    assert (index / "catalog.db").read_bytes() == before


@pytest.mark.parametrize("place", range(0, 12, 3))
def test_damaged_files_are_made_anew_without_the_model(index: Path, place: int) -> None:
    expected = held(index)
    derived(index, 2)[place % len(derived(index, 2))].unlink()
    with pytest.raises(IndexLoadError, match="doctor --fix"):
        open_index(index)
    done = mended(index, no_model)
    assert (done.build, done.left, done.left_out) == (3, (), ())
    assert "build 2 was damaged: build 3 is made of what is whole" in done.done[-1]
    assert (held(index), findings(index)) == (expected, ())
    assert [path.name for path in (index / "builds").iterdir()] == ["3"]


def test_a_reader_goes_on_while_files_are_made_anew(index: Path) -> None:
    qa = open_qa(index)
    before = qa.search("night train bicycles")
    (index / "builds" / "2" / "vectors" / "segments.json").write_text("{}")
    mended(index)
    assert qa.search("night train bicycles") == before
    assert qa.document("lakes.txt").text.startswith(LAKES)
    qa.close()


def test_a_damaged_build_before_goes(index: Path) -> None:
    expected = held(index)
    derived(index, 1)[0].unlink()
    done = mended(index)
    assert (done.build, done.left) == (2, ())
    assert "only build 2 is left" in done.done[-1]
    assert (held(index), findings(index)) == (expected, ())
    with pytest.raises(IndexLoadError, match="no build before 2 to go back to"):
        roll_back(index)


def test_vectors_are_encoded_again_by_the_own_encoder(index: Path) -> None:
    expected = held(index)
    change(index, "UPDATE embeddings SET crc32 = 1 WHERE rowid = 4")
    change(index, "DELETE FROM embeddings WHERE rowid = 6")
    done = mended(index, no_model)
    assert {finding.kind for finding in done.left} == {"vector", "model"}
    done = mended(index, lambda *_, **__: WordEncoder(name="other"))
    assert {finding.kind for finding in done.left} == {"vector", "model"}
    encoder = WordEncoder()
    done = mended(index, lambda *_, **__: encoder)
    assert done.left == ()
    assert "passages encoded again: 2" in done.done
    assert len(set(encoder.encoded)) == 5  # two that were missing, and the sample
    assert (held(index), findings(index)) == (expected, ())


def test_vectors_of_other_texts_are_encoded_again(index: Path) -> None:
    vector = np.zeros(64, dtype=np.float32)
    vector[3] = 1
    cache_sealed(index, 5, vector)
    done = mended(index)
    assert "passages encoded again: 1" in done.done
    assert (done.left, findings(index)) == ((), ())


def test_an_index_whose_sqlite_indexes_are_damaged_is_mended_in_place(index: Path) -> None:
    expected = held(index)
    page = page_of(index, "passages_by_document")
    path = index / "catalog.db"
    with path.open("r+b") as file:
        file.seek(page * 4096 - 40)
        file.write(bytes(40))
    assert findings(index)
    done = mended(index)
    assert (done.build, done.left) == (2, ())
    assert done.done == ("the catalog's structure was damaged: SQLite has made it anew",)
    assert (held(index), findings(index)) == (expected, ())


def page_of(index: Path, name: str) -> int:
    with closing(sqlite3.connect(index / "catalog.db")) as connection:
        found = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,))
        return int(found.fetchone()[0])


FILES = {
    "text": "UPDATE documents SET text = text || '!' WHERE id = 'trains.txt'",
    "row": "UPDATE documents SET told = '' WHERE id = 'trains.txt'",
    "page": "UPDATE pages SET start = 1 WHERE document = 4",
    "passage": "UPDATE passages SET start = 1 WHERE key = 7",
    "passage of none": "UPDATE passages SET document = 99 WHERE key = 7",
    "passage lost": "DELETE FROM passages WHERE key = 7",
    "builds": "UPDATE documents SET last_build = 1 WHERE id = 'trains.txt'",
    "file": "UPDATE files SET size = 1 WHERE id = 'trains.txt'",
    "file's key": "UPDATE files SET key = 99 WHERE id = 'trains.txt'",
    "file lost": "DELETE FROM files WHERE id = 'trains.txt'",
    "document lost": "DELETE FROM documents WHERE id = 'trains.txt'",
}


@pytest.mark.parametrize("sql", FILES.values(), ids=FILES)
def test_a_file_whose_rows_are_damaged_leaves_and_is_read_again(
    whole: Path, index: Path, sql: str
) -> None:
    expected = held(index)
    change(index, sql)
    done = mended(index)
    assert (done.build, done.left) == (3, ())
    said = " ".join(done.done)
    if done.left_out:
        assert [Path(path).name for path in done.left_out] == ["trains.txt"]
        assert f"1 ({done.left_out[0]}); `ctqa build --index {index}` reads them again" in said
    else:
        assert "files of build 2 that are lost, and nothing tells which: 1" in said
    assert held(index) == {"lakes.txt": expected["lakes.txt"]}
    assert findings(index) == ()
    report = build(whole.parent / "documents", index)
    assert (report.added, held(index), findings(index)) == (1, expected, ())


def test_a_file_of_the_build_before_that_is_damaged_goes_with_it(index: Path) -> None:
    expected = held(index)
    change(index, "UPDATE documents SET text = 'x' WHERE id = 'old.txt'")
    done = mended(index)
    assert (done.build, done.left, done.left_out) == (2, (), ())
    assert (held(index), findings(index)) == (expected, ())


def test_rows_of_nothing_calibrations_and_keys_are_put_right(index: Path) -> None:
    change(index, "INSERT INTO acronyms VALUES (77, 'a', 'b', 1, 2, x'')")
    change(index, "UPDATE calibrations SET form = ''")
    change(index, "UPDATE sqlite_sequence SET seq = 3")
    change(index, "INSERT INTO embeddings VALUES ('words', x'00', 0, x'00')")
    change(index, "UPDATE builds SET roots = '' WHERE number = 1")
    done = mended(index)
    assert (done.build, done.left) == (2, ())
    assert len(done.done) == 5
    assert findings(index) == ()
    with closing(Repairer.open(index)) as catalog:
        assert catalog._next_passage_key() == 9


def test_where_nothing_is_whole_nothing_is_touched(index: Path) -> None:
    change(index, "UPDATE documents SET text = 'x' WHERE last_build IS NULL")
    done = mended(index)
    assert done.build == 2
    (last,) = [each for each in done.left if "nothing of build 2 is whole" in each.what]
    assert f"`ctqa rollback --index {index}`" in last.mend
    assert roll_back(index).number == 1
    assert held(index) == {"lakes.txt": LAKES, "old.txt": "It was so."}


@pytest.mark.parametrize(
    "sql", ["UPDATE head SET next = 9", "UPDATE builds SET roots = '' WHERE number = 2"]
)
def test_a_catalog_that_does_not_tell_its_build_is_not_touched(index: Path, sql: str) -> None:
    change(index, sql)
    before = (index / "catalog.db").read_bytes()
    done = mended(index)
    assert [each.kind for each in done.left] == ["head"]
    assert (index / "catalog.db").read_bytes() == before


def stopped_build(tmp_path: Path, index: Path) -> Path:
    """Stop a build once it has read two files; give the folder of its documents."""
    documents = write_texts(tmp_path / "documents", {"a.txt": "All.", "b.txt": "Both of them."})

    def stop(stage: str, done: int, _: int) -> None:
        if stage == "read" and done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(documents, index, progress=stop)
    return documents


def test_what_a_stopped_build_has_read_is_taken_over_unless_it_is_in_the_way(
    tmp_path: Path,
) -> None:
    index = make_index(tmp_path)
    documents = stopped_build(tmp_path, index)
    assert mended(index).done == ()
    assert "files that were read (2)" in told(index, "leftover").what
    with FileLock(index / "write.lock"):  # a writer is at work: nothing is left over
        assert [each.kind for each in diagnose(index, load_encoder=words)] == ["lock"]
    derived(index, 2)[0].unlink()
    assert any("had read" in each and each.endswith(": 2") for each in mended(index).done)
    assert set(held(index)) == {"lakes.txt", "trains.txt"}
    assert build(documents, index).added == 2
    assert (len(held(index)), findings(index)) == (4, ())


def test_staged_files_that_are_damaged_are_read_again(tmp_path: Path) -> None:
    index = make_index(tmp_path)
    documents = stopped_build(tmp_path, index)
    change(index, "UPDATE documents SET text = 'x' WHERE id = 'a.txt'")
    done = mended(index)
    assert (done.build, done.left) == (2, ())
    build(documents, index)
    assert (held(index)["a.txt"], findings(index)) == ("All.", ())


def test_two_do_not_mend_at_once(index: Path) -> None:
    derived(index, 2)[0].unlink()
    with FileLock(index / "write.lock"):
        for work in (mended, roll_back):
            with pytest.raises(IndexWriteError, match="another process is writing"):
                work(index)


STEPS = (
    *("remove_orphans", "revive", "unstage", "end_files", "cache_vectors", "vectors_of", "commit"),
    "forget_before",
)


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_leaves_the_index_no_worse_and_mending_goes_on(index: Path, step: str) -> None:
    expected = held(index)
    change(index, "UPDATE documents SET text = 'x' WHERE id = 'trains.txt'")
    change(index, "DELETE FROM embeddings WHERE rowid = 4")
    process = multiprocessing.get_context("spawn").Process(target=mend_and_die, args=(step, index))
    process.start()
    process.join(120)
    assert process.exitcode == -signal.SIGKILL
    opened = open_index(index)
    assert opened.document("lakes.txt").text == expected["lakes.txt"]
    opened.close()
    done = mended(index)
    assert done.left == ()
    assert held(index) == {"lakes.txt": expected["lakes.txt"]}
    assert findings(index) == ()


# Going back --------------------------------------------------------------------------------------


def test_rolling_back_makes_the_build_before_current(whole: Path, index: Path) -> None:
    assert roll_back(index).number == 1
    assert held(index) == {"lakes.txt": LAKES, "old.txt": "It was so."}
    assert findings(index) == ()
    assert [path.name for path in (index / "builds").iterdir()] == ["1"]
    with pytest.raises(IndexLoadError, match="no build before 1"):
        roll_back(index)
    report = build(whole.parent / "documents", index)
    assert (report.build, set(held(index))) == (3, {"lakes.txt", "trains.txt"})
    assert findings(index) == ()


def test_rolling_back_helps_where_the_current_row_is_lost(index: Path) -> None:
    change(index, "UPDATE builds SET counts = '{}' WHERE number = 2")
    assert roll_back(index).number == 1
    assert findings(index) == ()


def test_no_going_back_to_a_damaged_build(index: Path) -> None:
    path = derived(index, 1)[0]
    whole = path.read_bytes()
    path.unlink()
    with pytest.raises(IndexLoadError, match=f"build 1 is damaged .*{path.name} is missing"):
        roll_back(index)
    path.write_bytes(whole)
    change(index, "DELETE FROM files WHERE id = 'old.txt'")
    with pytest.raises(IndexLoadError, match="holds more or less of it"):
        roll_back(index)
    assert set(held(index)) == {"lakes.txt", "trains.txt"}


# Whatever byte is flipped ------------------------------------------------------------------------


def test_no_document_is_lost_in_silence_or_altered(tmp_path: Path) -> None:
    """Flip a byte and mend: every document is as it was, or is told of."""
    original = with_small_pages(make_index(tmp_path))
    expected = held(original)
    whole = (original / "catalog.db").read_bytes()
    seeded = random.Random(11)  # noqa: S311 -- the same places every time
    outcomes = {"whole": 0, "mended": 0, "left": 0, "refused": 0}
    for place in seeded.sample(range(len(whole)), FLIPS):
        index = copy_of(original, tmp_path / "copy")
        flipped = bytearray(whole)
        flipped[place] ^= 1 << (place * 5 % 8)
        (index / "catalog.db").write_bytes(flipped)
        outcomes[outcome(index, expected, f"byte {place}")] += 1
    assert outcomes["mended"] > outcomes["refused"]
    assert sum(outcomes.values()) == FLIPS


def outcome(index: Path, expected: dict[str, str], where: str) -> str:
    try:
        done = mended(index)
    except IndexLoadError:
        return "refused"
    if done.left:
        assert all(each.mend for each in done.left), where
        return "left"
    kept = held(index)
    assert kept.items() <= expected.items(), where
    lost = expected.keys() - kept.keys()
    assert len(lost) <= len(done.left_out) + any("lost" in each for each in done.done), where
    assert findings(index) == (), where
    return "mended" if done.found else "whole"
