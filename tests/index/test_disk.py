"""A build that runs out of disk says so, loses nothing, and goes on when there is room."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from apart import apart
from disks import try_sizes

SIZES = 40 if os.environ.get("CTQA_MUTATIONS") == "all" else 8
MEMORY = Path("/dev/shm")  # noqa: S108 -- where files are limited alike, and written sooner

pytestmark = pytest.mark.skipif(os.name != "posix", reason="files are limited by way of POSIX")


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    where = MEMORY if os.access(MEMORY, os.W_OK) else tmp_path
    with tempfile.TemporaryDirectory(dir=where, prefix="ctqa-") as folder:
        yield Path(folder)


@pytest.fixture
def small_disk(root: Path) -> Iterator[Path]:
    place = root / "disk"
    place.mkdir()
    mount = ["/bin/mount", "-t", "tmpfs", "-o", "size=8m", "none", place]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no file system can be mounted here")
    yield place
    subprocess.run(["/bin/umount", place], check=True)


def test_files_that_may_not_grow_stop_a_build_and_harm_nothing(root: Path) -> None:
    _, stages, failures = apart(try_sizes, root, root, "file", SIZES)
    assert failures == []
    assert {"beginning", "page", "encode", "done"} <= set(stages)


def test_a_full_disk_stops_a_build_and_harms_nothing(root: Path, small_disk: Path) -> None:
    _, stages, failures = apart(try_sizes, root, small_disk, "disk", SIZES)
    assert failures == []
    assert {"beginning", "page", "encode", "write", "done"} <= set(stages)
