"""Links in an index that lead out of it, and files that the catalog does not vouch for."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import faiss
import pytest
import tantivy
from encoders import WordEncoder
from library import TEXTS, build, open_qa, write_texts

from ctqa.errors import IndexLoadError, IndexWriteError
from ctqa.index.doctor import mend
from ctqa.index.local import open_index
from ctqa.index.verify import verify_index

pytestmark = pytest.mark.skipif(os.name != "posix", reason="links need rights elsewhere")


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    return write_texts(tmp_path / "documents")


@pytest.fixture
def index(tmp_path: Path, documents: Path) -> Path:
    build(documents, tmp_path / "index")
    return tmp_path / "index"


def derived(index: Path) -> list[Path]:
    files = (path for path in (index / "builds" / "1").rglob("*") if path.is_file())
    return sorted(path for path in files if not path.name.startswith(".tantivy-"))


def replace_by_link(path: Path, outside: Path) -> Path:
    """Move a file or folder out of an index, and put a link to it in its place."""
    outside.mkdir(exist_ok=True)
    target = outside / path.name
    shutil.move(path, target)
    path.symlink_to(target)
    return target


@pytest.mark.parametrize("name", ["catalog.db", "builds", "builds/1"])
def test_a_link_out_of_the_index_is_not_followed(name: str, index: Path, tmp_path: Path) -> None:
    replace_by_link(index / name, tmp_path / "outside")
    with pytest.raises(IndexLoadError, match=r"is a link|lies behind a link"):
        open_index(index)


def test_folders_and_a_catalog_that_are_links_are_told_with_what_mends_them(
    index: Path, tmp_path: Path
) -> None:
    target = replace_by_link(index / "catalog.db", tmp_path / "outside")
    (finding,) = verify_index(index, encoder=None).findings
    assert finding.what == f"{index / 'catalog.db'}: is a link"
    assert finding.mend == "put the file that the link leads to in its place"
    (index / "catalog.db").unlink()
    shutil.move(target, index / "catalog.db")
    replace_by_link(index / "builds", tmp_path / "outside")
    with pytest.raises(IndexLoadError, match="builds: is a link"):
        open_index(index)
    (finding,) = verify_index(index, encoder=None).findings
    assert finding.what == f"{index / 'builds' / '1'}: lies behind a link"
    (index / "builds").unlink()  # the second way that is named
    assert f"or remove the link, then `ctqa doctor --fix --index {index}`" in finding.mend
    assert mend(index, load_encoder=lambda *_, **__: WordEncoder()).left == ()
    open_index(index).close()


@pytest.mark.parametrize("name", ["catalog.db-wal", "catalog.db-shm", "catalog.db-journal"])
def test_a_link_that_sqlite_would_write_through_is_not_followed(
    name: str, index: Path, documents: Path, tmp_path: Path
) -> None:
    precious = tmp_path / "precious"
    precious.write_text("precious")
    (index / name).symlink_to(precious)
    (documents / "new.txt").write_text("A new text.")
    with pytest.raises(IndexLoadError, match=f"{name}: is a link"):
        open_index(index)
    with pytest.raises(IndexLoadError, match=f"{name}: is a link"):
        build(documents, index)
    assert precious.read_text() == "precious"


def test_a_derived_file_that_is_a_link_is_not_followed(index: Path, tmp_path: Path) -> None:
    assert len(derived(index)) > 8
    for path in derived(index):
        target = replace_by_link(path, tmp_path / "outside")
        with pytest.raises(IndexLoadError, match=rf"{path.name}: is a link"):
            open_index(index)
        path.unlink()
        shutil.move(target, path)
    open_index(index).close()


def test_a_build_removes_nothing_behind_a_link(
    index: Path, documents: Path, tmp_path: Path
) -> None:
    outside = write_texts(tmp_path / "outside", {"photos/a.txt": "precious"})
    shutil.rmtree(index / "builds")
    (index / "builds").symlink_to(outside)
    with pytest.raises(IndexLoadError, match="builds: is a link"):
        build(documents, index)
    assert [path.name for path in outside.iterdir()] == ["photos"]
    assert (outside / "photos" / "a.txt").read_text() == "precious"


@pytest.mark.parametrize("name", ["1", "2", "2.new", "0"])
def test_a_build_writes_and_removes_nothing_behind_a_link_of_its_own_name(
    name: str, index: Path, documents: Path, tmp_path: Path
) -> None:
    outside = write_texts(tmp_path / "outside", {"a.txt": "precious"})
    (documents / "new.txt").write_text("A new text.")
    path = index / "builds" / name
    if path.exists():
        shutil.rmtree(path)
    path.symlink_to(outside)
    assert build(documents, index).build == 2
    assert [path.name for path in outside.iterdir()] == ["a.txt"]
    qa = open_qa(index)
    assert {source.id for source in qa.documents()} == {*TEXTS, "new.txt"}
    qa.close()


def test_a_lock_that_is_a_link_is_not_written_through(
    index: Path, documents: Path, tmp_path: Path
) -> None:
    precious = tmp_path / "precious"
    precious.write_text("precious")
    (index / "write.lock").unlink(missing_ok=True)
    (index / "write.lock").symlink_to(precious)
    with pytest.raises(IndexWriteError, match="cannot be written to"):
        build(documents, index)
    assert precious.read_text() == "precious"


@pytest.fixture
def handed_over(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """List the paths that FAISS and tantivy are given to read."""
    found: list[Path] = []

    def noting(function: Callable[[str], Any]) -> Callable[[str], Any]:
        def call(path: str) -> Any:
            found.append(Path(path))
            return function(path)

        return call

    monkeypatch.setattr(faiss, "read_index", noting(faiss.read_index))
    monkeypatch.setattr(tantivy, "Index", SimpleNamespace(open=noting(tantivy.Index.open)))
    return found


def test_what_the_catalog_does_not_vouch_for_reaches_no_library(
    index: Path, handed_over: list[Path]
) -> None:
    open_index(index).close()
    whole = {*handed_over}
    assert {path.suffix for path in whole} == {".faiss", ""}
    for path in derived(index):
        handed_over.clear()
        data = path.read_bytes()
        path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
        with pytest.raises(IndexLoadError, match="checksum"):
            open_index(index)
        assert handed_over == []
        path.write_bytes(data)
    (index / "builds/1/vectors/0123456789abcdef.faiss").write_bytes(b"a stranger's")
    handed_over.clear()
    open_index(index).close()
    assert {*handed_over} == whole
