"""An index as one file: whole when given away, believed in nothing when taken in."""

import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest
from encoders import WordEncoder
from filelock import FileLock
from index.archives import BOATS, TABLES, Parts, make_archive
from library import TEXTS, build, open_qa, write_texts

from ctqa.answering.form import reply_form
from ctqa.errors import ConfigError, IndexLoadError, IndexWriteError
from ctqa.index.archive import export_index, import_index
from ctqa.index.build import BuildOptions, keep_calibration
from ctqa.index.local import open_index
from ctqa.index.schema import FILE_NAME
from ctqa.index.verify import verify_index

QUESTIONS = ("How deep is the deepest lake?", "When does the night train leave?", "What is PCT?")


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    return write_texts(tmp_path / "documents")


@pytest.fixture
def index(tmp_path: Path, documents: Path) -> Path:
    """Give an index of three builds, of which the second had an encoder of its own."""
    folder = tmp_path / "index"
    build(documents, folder)
    build(documents, folder, WordEncoder(name="others"), options=BuildOptions(new_encoder=True))
    (documents / "gone.txt").write_text("Nothing stays.")
    build(documents, folder, options=BuildOptions(new_encoder=True))
    (documents / "gone.txt").unlink()
    (documents / "lakes.txt").write_text(TEXTS["lakes.txt"] + BOATS)
    build(documents, folder)
    keep_calibration(folder, "some models", "{}")
    return folder


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_archive(tmp_path_factory.mktemp("good"))


def replies(index: Path) -> list[str]:
    """Ask, and give the replies but for what they took."""
    qa = open_qa(index)
    try:
        forms = [reply_form(qa.ask(question)) for question in QUESTIONS]
    finally:
        qa.close()
    return [json.dumps(form | {"elapsed_ms": 0, "build": 0}) for form in forms]


def test_an_imported_index_answers_as_the_exported_one(index: Path, tmp_path: Path) -> None:
    archive, other = tmp_path / "a.ctqa", tmp_path / "new" / "other"
    exported = export_index(index, archive)
    imported = import_index(archive, other)
    assert exported.size == archive.stat().st_size
    assert exported.build == imported.build == 4
    assert (exported.documents, exported.passages) == (imported.documents, imported.passages)
    assert imported.encoder == "words"
    assert replies(other) == replies(index)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        ["a.ctqa", "documents", "index", "new"]
    )
    assert [path.name for path in other.parent.iterdir()] == ["other"]
    assert verify_index(other, encoder=WordEncoder()).findings == ()


def test_an_archive_holds_the_current_build_and_nothing_else(index: Path, tmp_path: Path) -> None:
    export_index(index, tmp_path / "a.ctqa")
    with ZipFile(tmp_path / "a.ctqa") as opened:
        assert opened.namelist() == ["manifest.json", FILE_NAME]
        opened.extract(FILE_NAME, tmp_path / "out")
    data = (tmp_path / "out" / FILE_NAME).read_bytes()
    assert data[18:20] == b"\1\1"  # no WAL: the file stands alone
    for secret in (b"Nothing stays", b"others", json.dumps(str(tmp_path / "documents")).encode()):
        assert secret not in data
    with sqlite3.connect(tmp_path / "out" / FILE_NAME) as connection:
        counts = {
            table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in (*TABLES, "builds")
        }
        distinct = connection.execute("SELECT count(DISTINCT search_sha256) FROM passages")
        assert counts["embeddings"] == distinct.fetchone()[0]
    connection.close()
    assert (counts["files"], counts["documents"], counts["builds"]) == (2, 2, 1)
    assert counts["calibrations"] == 1


def test_the_same_build_gives_the_same_bytes_whatever_is_staged(
    documents: Path, index: Path, tmp_path: Path
) -> None:
    first = export_index(index, tmp_path / "1.ctqa")

    def stop(stage: str, done: int, total: int) -> None:
        if stage == "encode":
            raise KeyboardInterrupt

    (documents / "lakes.txt").unlink()
    (documents / "new.txt").write_text("A new lake was dug.")
    with pytest.raises(KeyboardInterrupt):
        build(documents, index, progress=stop)
    second = export_index(index, tmp_path / "2.ctqa")
    assert second.sha256 == first.sha256
    assert (tmp_path / "1.ctqa").read_bytes() == (tmp_path / "2.ctqa").read_bytes()


def test_what_was_imported_can_be_exported_again(good: Path, tmp_path: Path) -> None:
    import_index(good, tmp_path / "index")
    export_index(tmp_path / "index", tmp_path / "again.zip")
    first, second = Parts.of(good), Parts.of(tmp_path / "again.zip")
    assert first.catalog == second.catalog
    assert first.manifest == second.manifest


def test_an_imported_index_is_built_on(index: Path, documents: Path, tmp_path: Path) -> None:
    export_index(index, tmp_path / "a.ctqa")
    other = tmp_path / "other"
    import_index(tmp_path / "a.ctqa", other)
    found = open_index(other)
    assert found.build.roots == ()
    found.close()
    assert not build(documents, other).committed
    (documents / "new.txt").write_text("A new lake was dug.")
    report = build(documents, other)
    assert (report.build, report.added, report.unchanged, report.encoded) == (5, 1, 2, 1)
    assert verify_index(other, encoder=None).findings == ()


def test_readers_of_the_index_go_on_while_it_is_exported(index: Path, tmp_path: Path) -> None:
    qa = open_qa(index)
    with FileLock(index / "write.lock"):
        export_index(index, tmp_path / "a.ctqa")
    assert qa.ask(QUESTIONS[0]).hits
    qa.close()


def test_nothing_is_replaced_unasked(index: Path, tmp_path: Path) -> None:
    target = tmp_path / "a.ctqa"
    target.write_text("precious")
    with pytest.raises(IndexWriteError, match="is there already"):
        export_index(index, target)
    assert target.read_text() == "precious"
    assert export_index(index, target, replace=True).size == target.stat().st_size
    with pytest.raises(IndexWriteError, match="is a folder"):
        export_index(index, tmp_path, replace=True)
    with pytest.raises(IndexWriteError, match="folder does not exist"):
        export_index(index, tmp_path / "none" / "a.ctqa")


def test_no_index_no_archive(tmp_path: Path) -> None:
    with pytest.raises(IndexLoadError, match="there is no index here"):
        export_index(tmp_path / "none", tmp_path / "a.ctqa")
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_index_is_not_given_away(index: Path, tmp_path: Path) -> None:
    with sqlite3.connect(index / FILE_NAME) as connection:
        connection.execute("UPDATE documents SET text = replace(text, '79', '97')")
    connection.close()
    before = sorted(tmp_path.iterdir())
    with pytest.raises(IndexLoadError, match=r"index/catalog.db: is damaged: the text of lakes"):
        export_index(index, tmp_path / "a.ctqa")
    assert sorted(tmp_path.iterdir()) == before


def test_an_archive_is_taken_in_where_nothing_is(good: Path, tmp_path: Path) -> None:
    full, file, empty = tmp_path / "full", tmp_path / "file", tmp_path / "empty"
    write_texts(full)
    file.write_text("precious")
    empty.mkdir()
    for target in (full, file):
        with pytest.raises(IndexWriteError, match="choose another --index DIR"):
            import_index(good, target)
    assert file.read_text() == "precious"
    assert len(list(full.rglob("*.txt"))) == 2
    import_index(good, empty)
    with pytest.raises(IndexWriteError, match="choose another --index DIR"):
        import_index(good, empty)
    with pytest.raises(IndexLoadError, match="cannot be read"):
        import_index(tmp_path / "none.zip", tmp_path / "other")
    (tmp_path / "link").symlink_to(tmp_path / "linked")
    import_index(good, tmp_path / "link")
    assert (tmp_path / "linked" / FILE_NAME).is_file()


KILLED = """
import os, signal, sys
from pathlib import Path
from ctqa.index.archive import export_index, import_index
stage, work, source, target = sys.argv[1:]
def die(told, done, total):
    if told == stage:
        os.kill(os.getpid(), signal.SIGKILL)
work = {"export": export_index, "import": import_index}[work]
work(Path(source), Path(target), progress=die)
"""


@pytest.mark.parametrize(
    ("work", "stage"),
    [
        *(("export", "copy"), ("export", "check"), ("export", "pack")),
        *(("import", "unpack"), ("import", "check"), ("import", "write")),
    ],
)
def test_a_kill_leaves_nothing_at_the_target_and_the_next_one_clears_up(
    work: str, stage: str, good: Path, tmp_path: Path
) -> None:
    source = good if work == "import" else good.parent / "index"
    target = tmp_path / "target"
    done = subprocess.run(
        [sys.executable, "-c", KILLED, stage, work, str(source), str(target)], check=False
    )
    assert done.returncode == -signal.SIGKILL
    assert [path.name for path in tmp_path.iterdir()] == [f".target.{work}ing"]
    again: Callable[[Path, Path], object] = export_index if work == "export" else import_index
    again(source, target)
    assert [path.name for path in tmp_path.iterdir()] == ["target"]


FULL = """
import resource, sys
from pathlib import Path
from ctqa.errors import IndexWriteError
from ctqa.index.archive import export_index, import_index
most, work, source, target = sys.argv[1:]
resource.setrlimit(resource.RLIMIT_FSIZE, (int(most), int(most)))
work = {"export": export_index, "import": import_index}[work]
try:
    work(Path(source), Path(target))
except IndexWriteError as error:
    print(error)
"""


@pytest.mark.parametrize("most", [40_000, 60_000, 100_000, 130_000])
@pytest.mark.parametrize("work", ["export", "import"])
def test_a_full_disk_is_told_and_nothing_is_left(
    work: str, most: int, good: Path, tmp_path: Path
) -> None:
    source = good if work == "import" else good.parent / "index"
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(most), work, str(source), str(tmp_path / "target")],
        capture_output=True,
        text=True,
        check=False,
    )
    left = [path.name for path in tmp_path.iterdir()]
    assert done.stderr == ""
    assert left == ([] if "target" in done.stdout else ["target"])
    assert left == [] or most > 60_000


def test_two_imports_exclude_each_other(good: Path, tmp_path: Path) -> None:
    place = tmp_path / ".index.importing"
    place.mkdir()
    with (
        FileLock(place / "write.lock"),
        pytest.raises(IndexWriteError, match="another process is writing"),
    ):
        import_index(good, tmp_path / "index")
    import_index(good, tmp_path / "index")


def test_a_link_in_the_way_of_the_work_is_not_followed(good: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious" / "work"
    write_texts(precious)
    (tmp_path / ".index.importing").symlink_to(precious.parent)
    with pytest.raises(IndexWriteError, match="is a link"):
        import_index(good, tmp_path / "index")
    (tmp_path / ".index.importing").unlink()
    (tmp_path / ".index.importing").mkdir()
    (tmp_path / ".index.importing" / "work").symlink_to(precious)
    import_index(good, tmp_path / "index")
    assert len(list(precious.rglob("*.txt"))) == 2


def test_no_path_no_build_after_an_import(good: Path, tmp_path: Path) -> None:
    from ctqa import api  # noqa: PLC0415

    import_index(good, tmp_path / "index")
    with pytest.raises(ConfigError, match="another machine"):
        api.roots_of(tmp_path / "index")
