"""What a `.ctqaignore` names is listed as left out, and nothing else is."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st

from ctqa.errors import ConfigError, SourceError
from ctqa.sources import left_out, walk
from ctqa.sources.left_out import LIST_NAME, REASON, covered, leave_out, left_out_in, take_in


def write(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"The text of {name}.", encoding="utf-8")


def states(*paths: Path) -> dict[str, str]:
    return {file.id: file.state for file in walk(paths)}


def test_files_and_folders_are_left_out_and_taken_in_again(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", "b.txt", "old/c.txt", "old/deep/d.txt", "older/e.txt")
    leave_out(tmp_path, ["a.txt", "old"])
    found = {file.id: file for file in walk([tmp_path])}
    assert {name for name, file in found.items() if file.state == "ignored"} == {
        *("a.txt", "old/c.txt", "old/deep/d.txt")
    }
    assert found["a.txt"].reason == REASON
    take_in(tmp_path, ["a.txt"])
    assert states(tmp_path)["a.txt"] == "found"
    take_in(tmp_path, ["old"])
    assert set(states(tmp_path).values()) == {"found"}
    assert not (tmp_path / LIST_NAME).exists()


def test_a_list_written_by_hand_is_honoured_and_kept(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", "sub/b.txt", "#c.txt", "d [1]*.txt")
    listed = "# mine\r\n\r\na.txt\r\n/sub/\r\n/#c.txt\r\n/d [1]*.txt\r\n"
    (tmp_path / LIST_NAME).write_bytes(listed.encode())
    assert set(states(tmp_path).values()) == {"ignored"}
    take_in(tmp_path, ["a.txt", "sub", "#c.txt", "d [1]*.txt"])
    assert (tmp_path / LIST_NAME).read_text(encoding="utf-8").strip() == "# mine"


def test_a_list_tells_of_its_own_folder_wherever_the_root_is(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", "sub/a.txt", "sub/b.txt")
    leave_out(tmp_path / "sub", ["a.txt"])
    assert states(tmp_path) == {"a.txt": "found", "sub/a.txt": "ignored", "sub/b.txt": "found"}
    assert states(tmp_path / "sub") == {"a.txt": "ignored", "b.txt": "found"}
    assert states(tmp_path / "sub" / "a.txt") == {"a.txt": "ignored"}


def test_a_copy_of_a_file_that_is_left_out_is_read(tmp_path: Path) -> None:
    write(tmp_path, "a.txt")
    (tmp_path / "b.txt").hardlink_to(tmp_path / "a.txt")
    leave_out(tmp_path, ["a.txt"])
    assert states(tmp_path) == {"a.txt": "ignored", "b.txt": "found"}


def test_a_list_that_cannot_be_read_or_written_is_told(tmp_path: Path) -> None:
    write(tmp_path, "a.txt")
    with pytest.raises(ConfigError, match="line break"):
        leave_out(tmp_path, ["a\nb.txt"])
    (tmp_path / LIST_NAME).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SourceError, match="mend or remove it"):
        walk([tmp_path])
    (tmp_path / LIST_NAME).unlink()
    (tmp_path / f"{LIST_NAME}.lock").symlink_to(tmp_path / "a.txt")
    with pytest.raises(ConfigError, match="cannot be written to"):
        leave_out(tmp_path, ["a.txt"])
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "The text of a.txt."
    (tmp_path / f"{LIST_NAME}.lock").unlink()
    (tmp_path / LIST_NAME).mkdir()
    with pytest.raises(SourceError, match="cannot be read"):
        leave_out(tmp_path, ["a.txt"])


def test_many_may_change_a_list_at_once(tmp_path: Path) -> None:
    names = [f"{number}.txt" for number in range(60)]
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(lambda name: leave_out(tmp_path, [name]), names))
        assert left_out_in(tmp_path) == set(names)
        list(pool.map(lambda name: take_in(tmp_path, [name]), names[1:]))
    assert left_out_in(tmp_path) == {"0.txt"}
    assert [path.name for path in tmp_path.iterdir()] == [LIST_NAME]  # nothing lies about


def test_who_waits_too_long_for_another_process_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(left_out, "_WAIT_S", 0.01)
    leave_out(tmp_path, ["a.txt"])
    with FileLock(tmp_path / f"{LIST_NAME}.lock"):
        with pytest.raises(ConfigError, match="another process"):
            leave_out(tmp_path, ["b.txt"])
        leave_out(tmp_path, ["a.txt"])  # nothing is to be written
        take_in(tmp_path, ["b.txt"])
    leave_out(tmp_path, ["b.txt"])
    assert left_out_in(tmp_path) == {"a.txt", "b.txt"}


@given(st.lists(st.text(min_size=1, max_size=8).filter(lambda text: "\n" not in text), max_size=4))
def test_what_is_left_out_is_listed_under_the_name_that_it_has(names: list[str]) -> None:
    assert covered(names, "/".join(names)) in {*names, "", "/".join(names)}
    for name in names:
        assert covered([name], name) == name
        assert covered([name], f"{name}/below") == name
        assert covered([name], f"{name}x") in ("", name.partition("/")[0])


def test_names_come_back_as_they_were_written(tmp_path: Path) -> None:
    names = {"Bericht über 2011.pdf", " spaced .txt", "a/b c.txt", "#x", "*?.txt", "日本.md"}
    leave_out(tmp_path, names)
    leave_out(tmp_path, names)
    assert left_out_in(tmp_path) == names
