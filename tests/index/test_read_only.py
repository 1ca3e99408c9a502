"""An index where nothing may be written: it is opened, asked, and refuses builds in plain words."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from apart import all_told, apart, read_without_writing
from library import build, write_texts

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs modes of POSIX files")


@pytest.fixture
def place() -> Iterator[Path]:
    """Give a folder that everyone may reach."""
    folder = Path(tempfile.mkdtemp(prefix="ctqa-test-"))
    folder.chmod(0o755)
    yield folder
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o700)
    shutil.rmtree(folder)


@pytest.fixture
def documents(place: Path) -> Path:
    return write_texts(place / "documents")


@pytest.fixture
def index(place: Path, documents: Path) -> Path:
    build(documents, place / "index")
    write_texts(documents, {"new.txt": "The new boat leaves at nine."})
    return place / "index"


@pytest.fixture
def temporary(place: Path) -> Path:
    folder = place / "temporary"
    folder.mkdir()
    folder.chmod(0o777)
    return folder


def close_to_writing(index: Path) -> None:
    for path in (*index.rglob("*"), index):
        path.chmod(0o555 if path.is_dir() else 0o444)


DYING = """
import os, signal, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA wal_autocheckpoint = 0")
connection.execute("INSERT INTO calibrations VALUES ('of no models', '', x'')")
os.kill(os.getpid(), signal.SIGKILL)
"""


def leave_log(index: Path) -> None:
    """Have a process write to the catalog and die, so that its log stays."""
    subprocess.run([sys.executable, "-c", DYING, index / "catalog.db"], check=False)
    assert (index / "catalog.db-wal").stat().st_size > 0


REFUSED = "IndexWriteError 5 {index}: cannot be written to"


@pytest.mark.parametrize("log", [False, True], ids=["at rest", "with a log left by a kill"])
def test_a_read_only_folder_is_read_and_not_written(
    log: bool, documents: Path, index: Path, temporary: Path
) -> None:
    expected = apart(all_told, index)
    if log:
        leave_log(index)
    close_to_writing(index)
    before = sorted(index.rglob("*"))
    found = apart(read_without_writing, index, documents, temporary)
    assert found.pop("built").startswith(REFUSED.format(index=index))
    assert found == expected | {"opened": ""}
    assert sorted(index.rglob("*")) == before
    assert list(temporary.iterdir()) == []


def test_a_log_that_cannot_be_read_for_want_of_writing_is_told_of(
    documents: Path, index: Path, temporary: Path
) -> None:
    leave_log(index)
    (index / "catalog.db-shm").unlink()
    close_to_writing(index)
    found = apart(read_without_writing, index, documents, temporary)
    assert "IndexLoadError" in found["opened"]
    assert f"`ctqa doctor --index {index}`" in found["opened"]


@pytest.fixture
def mounted(place: Path, index: Path) -> Iterator[Path]:
    """Give the index, mounted so that not even root may write."""
    target = place / "mounted"
    target.mkdir()
    for command in (
        ["/bin/mount", "--bind", index, target],
        ["/bin/mount", "-o", "remount,bind,ro", target],
    ):
        try:
            subprocess.run(command, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            subprocess.run(["/bin/umount", target], check=False, capture_output=True)
            pytest.skip("nothing can be mounted here")
    yield target
    subprocess.run(["/bin/umount", target], check=True)


def test_a_read_only_mount_is_read_and_not_written(
    documents: Path, index: Path, mounted: Path, temporary: Path
) -> None:
    found = apart(read_without_writing, mounted, documents, temporary)
    assert found.pop("built").startswith(REFUSED.format(index=mounted))
    assert found == apart(all_told, index) | {"opened": ""}
