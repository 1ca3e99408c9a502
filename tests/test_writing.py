"""Writing files: whole or not at all, and said beforehand where it cannot be."""

import os
import stat
from pathlib import Path
from threading import Thread

import pytest

from ctqa.errors import ConfigError, GoldError
from ctqa.writing import prepare, replace_file, write_new


def test_a_file_is_replaced_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    for data in (b"before", b"after"):
        prepare(path)
        replace_file(path, data)
        assert path.read_bytes() == data
        assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_one_and_permissions_stay(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.touch(mode=0o640)
    link.symlink_to(real)
    replace_file(link, b"new")
    assert link.is_symlink() and real.read_bytes() == b"new"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


@pytest.mark.parametrize("name", ["none/a.csv", ".", "x" * 300])
def test_what_cannot_be_written_is_told_beforehand_as_well(tmp_path: Path, name: str) -> None:
    for write in (prepare, lambda path: replace_file(path, b"")):
        with pytest.raises(ConfigError, match=r"cannot be written \(.*name a file in a folder"):
            write(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_folders_are_made_where_asked_for(tmp_path: Path) -> None:
    replace_file(tmp_path / "a" / "b" / "c", b"x", parents=True)
    assert (tmp_path / "a" / "b" / "c").read_bytes() == b"x"


def test_what_is_there_is_written_over_only_if_forced(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    write_new(path, b"1")
    with pytest.raises(GoldError, match="is there already; name another, or write over it"):
        write_new(path, b"2")
    assert path.read_bytes() == b"1"
    write_new(path, b"2", force=True)
    assert path.read_bytes() == b"2"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
def test_a_pipe_is_written_into(tmp_path: Path) -> None:
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    prepare(pipe)
    replace_file(pipe, b"a run")
    reader.join(10)
    assert read == [b"a run"] and list(tmp_path.iterdir()) == [pipe]
