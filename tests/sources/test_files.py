import hashlib
import os
import socket
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctqa.errors import SourceError
from ctqa.sources import FoundFile, sha256_of, walk

needs_links = pytest.mark.skipif(
    sys.platform == "win32", reason="links need a privilege on Windows"
)
needs_permissions = pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0, reason="permissions do not bind this user"
)


def put(path: Path, text: str = "text") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def ids(found: tuple[FoundFile, ...]) -> list[str]:
    return [file.id for file in found if file.state == "found"]


def left(found: tuple[FoundFile, ...]) -> dict[str, tuple[str, str]]:
    return {file.id: (file.state, file.reason) for file in found if file.state != "found"}


def test_folder_is_listed_by_posix_path_at_any_depth(tmp_path: Path) -> None:
    for name in ["b.txt", "a/z.txt", "a/b/c.txt", "B.txt", "a-b.txt", "é.txt", "a/b.pdf"]:
        put(tmp_path / name)

    found = walk([tmp_path])

    expected = ["B.txt", "a-b.txt", "a/b.pdf", "a/b/c.txt", "a/z.txt", "b.txt", "é.txt"]
    assert ids(found) == expected
    assert found[0] == FoundFile(path=tmp_path / "B.txt", id="B.txt", size=4, root=tmp_path)


def test_nothing_gives_nothing(tmp_path: Path) -> None:
    assert walk([]) == ()
    assert walk([tmp_path]) == ()


def test_file_given_by_itself_has_its_name_as_id(tmp_path: Path) -> None:
    path = put(tmp_path / "folder" / "report.txt", "")

    assert walk([path]) == (FoundFile(path=path, id="report.txt", size=0, root=path.parent),)


def test_relative_paths_are_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "docs" / "a.txt")
    monkeypatch.chdir(tmp_path)

    (found,) = walk([Path("docs/../docs")])

    assert (found.id, found.path) == ("a.txt", tmp_path / "docs" / "a.txt")


def test_hidden_and_metadata_files_are_left_out_unless_given(tmp_path: Path) -> None:
    for name in ["a.txt", ".hidden.txt", ".git/b.txt", "sources.csv", "sub/Sources.CSV"]:
        put(tmp_path / name)

    assert ids(walk([tmp_path])) == ["a.txt"]
    assert ids(walk([tmp_path / ".git"])) == ["b.txt"]
    assert ids(walk([tmp_path / ".hidden.txt"])) == [".hidden.txt"]
    assert walk([tmp_path / "sources.csv"]) == ()


def test_folder_of_the_index_can_be_left_out(tmp_path: Path) -> None:
    put(tmp_path / "a.txt")
    put(tmp_path / "index" / "builds" / "b.txt")

    (found,) = walk([tmp_path], without=tmp_path / "index")

    assert found.id == "a.txt"


def test_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"missing\.txt: there is no such file or folder"):
        walk([tmp_path, tmp_path / "missing.txt"])


def test_overlapping_roots_list_a_file_once_as_reached_first(tmp_path: Path) -> None:
    path = put(tmp_path / "docs" / "sub" / "a.txt")

    assert ids(walk([tmp_path / "docs", path.parent, path, path])) == ["sub/a.txt"]
    assert ids(walk([path, tmp_path / "docs"])) == ["a.txt"]


def test_equal_ids_of_several_roots_are_told_apart(tmp_path: Path) -> None:
    roots = [tmp_path / name for name in ("one/docs", "two/docs", "three/docs", "four")]
    for root in roots:
        put(root / "a.txt", str(root))

    found = walk(roots)

    by_id = {file.id: file.root for file in found}
    assert by_id == {
        "a.txt": roots[0],
        "docs/a.txt": roots[1],
        "docs~2/a.txt": roots[2],
        "four/a.txt": roots[3],
    }
    assert walk(roots) == found


def test_names_are_spelt_alike_on_every_platform(tmp_path: Path) -> None:
    put(tmp_path / "cafe\u0301.txt")

    assert ids(walk([tmp_path])) == ["caf\u00e9.txt"]


@pytest.mark.skipif(sys.platform != "linux", reason="names are Unicode elsewhere")
def test_name_that_is_no_unicode_can_be_stored(tmp_path: Path) -> None:
    os.close(os.open(os.fsencode(tmp_path) + b"/\xff.txt", os.O_CREAT))

    (found,) = walk([tmp_path])

    assert found.id == "\ufffd.txt"
    assert found.path.exists()


@needs_links
def test_links_are_followed_only_to_files_below_the_root(tmp_path: Path) -> None:
    root = tmp_path / "docs"
    put(root / "a.txt")
    put(root / ".data" / "hidden.txt")
    outside = put(tmp_path / "outside.txt")
    for name, target in {
        "0-again.txt": root / "a.txt",
        "hidden.txt": root / ".data" / "hidden.txt",
        "out.txt": outside,
        "up": tmp_path,
        "loop": root,
        "data": root / ".data",
        "gone.txt": root / "no.txt",
    }.items():
        (root / name).symlink_to(target)
    (root / "self.txt").symlink_to(root / "self.txt")

    found = walk([root])

    assert ids(found) == ["a.txt", "hidden.txt"]
    reasons = left(found)
    assert set(reasons) == {"out.txt", "up", "loop", "data", "gone.txt", "self.txt"}
    assert reasons["out.txt"] == (
        "skipped",
        f"a link that leads out of {root}; to have it read, give {outside} itself",
    )
    assert reasons["data"] == ("skipped", f"a link to the folder {root / '.data'}")
    assert reasons["gone.txt"][0] == reasons["self.txt"][0] == "unreadable"
    assert "does not exist" in reasons["gone.txt"][1]


@needs_links
def test_links_given_themselves_are_followed(tmp_path: Path) -> None:
    path = put(tmp_path / "docs" / "a.txt")
    (tmp_path / "folder").symlink_to(path.parent)
    (tmp_path / "file.txt").symlink_to(path)
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")

    assert ids(walk([tmp_path / "folder"])) == ["a.txt"]
    assert ids(walk([tmp_path / "file.txt"])) == ["file.txt"]
    assert ids(walk([tmp_path / "folder", path.parent])) == ["a.txt"]
    with pytest.raises(SourceError, match=r"gone: a link to .*nowhere, which does not exist"):
        walk([tmp_path / "gone"])


@needs_links
def test_file_outside_is_read_when_given_beside_a_link_to_it(tmp_path: Path) -> None:
    outside = put(tmp_path / "outside.txt")
    put(tmp_path / "docs" / "a.txt")
    (tmp_path / "docs" / "out.txt").symlink_to(outside)

    assert ids(walk([tmp_path / "docs", outside])) == ["a.txt", "outside.txt"]
    assert ids(walk([outside, tmp_path / "docs"])) == ["a.txt", "outside.txt"]


@needs_links
def test_hard_links_are_one_file(tmp_path: Path) -> None:
    put(tmp_path / "b.txt")
    (tmp_path / "a.txt").hardlink_to(tmp_path / "b.txt")

    found = walk([tmp_path])

    assert ids(found) == ["a.txt"]
    assert left(found) == {"b.txt": ("skipped", "the same file as a.txt")}


@needs_links
def test_what_is_no_file_is_skipped() -> None:
    with tempfile.TemporaryDirectory() as short, socket.socket(socket.AF_UNIX) as listening:
        os.mkfifo(Path(short) / "pipe.txt")
        listening.bind(f"{short}/socket.txt")

        assert left(walk([Path(short)])) == {
            "pipe.txt": ("skipped", "not a file but a pipe"),
            "socket.txt": ("skipped", "not a file but a socket"),
        }
    assert left(walk([Path("/dev/null")])) == {"null": ("skipped", "not a file but a device")}


@needs_permissions
def test_folder_that_may_not_be_opened_is_accounted_for(tmp_path: Path) -> None:
    put(tmp_path / "closed" / "a.txt")
    (tmp_path / "closed").chmod(0)

    found = walk([tmp_path])

    (tmp_path / "closed").chmod(0o700)
    reason = "a folder: you have no permission to read it"
    assert left(found) == {"closed": ("unreadable", reason)}


def test_depth_is_not_limited_by_recursion(tmp_path: Path) -> None:
    folder = tmp_path
    for _ in range(300):
        folder = folder / "d"
    put(folder / "a.txt")

    assert ids(walk([tmp_path])) == ["d/" * 300 + "a.txt"]


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("xyz"), st.sampled_from(["", "s/"]), st.sampled_from("ab")),
        max_size=8,
    ),
    st.permutations(["x", "y", "z", "x/s", "."]),
)
def test_every_file_has_one_id_and_every_id_one_file(
    names: list[tuple[str, str, str]], roots: list[str]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder).resolve()
        for root in ("x/s", "y", "z"):
            (top / root).mkdir(parents=True, exist_ok=True)
        made = {put(top / root / sub / name) for root, sub, name in names}

        found = walk([top / root for root in roots])

    assert {file.path for file in found} == made
    assert len(found) == len(made)
    assert [file.id for file in found] == sorted({file.id for file in found})


def test_sha256_is_of_the_bytes(tmp_path: Path) -> None:
    path = put(tmp_path / "a.txt", "x" * 300_000)

    assert sha256_of(path) == hashlib.sha256(b"x" * 300_000).hexdigest()


@needs_links
def test_sha256_of_no_file_raises_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", tmp_path / "missing"):
        with pytest.raises(OSError, match=r"regular file|No such file"):
            sha256_of(path)
