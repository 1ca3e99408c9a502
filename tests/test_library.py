"""Adding to an index, leaving out and taking in again: as a library and through the front door."""

import json
from pathlib import Path

import pytest
from encoders import WordEncoder
from library import TEXTS, write_texts

from ctqa import api, library
from ctqa.cli import main
from ctqa.errors import ConfigError, SourceError
from ctqa.index.archive import export_index, import_index
from ctqa.sources.left_out import LIST_NAME, left_out_in

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def word_encoder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Put the deterministic encoder where a model would be loaded."""
    monkeypatch.setattr(api, "load_encoder", lambda *_, **__: WordEncoder())
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def built(tmp_path: Path, capsys: Captured) -> Path:
    write_texts(tmp_path / "documents")
    assert main(["build", "documents", "--quiet"]) == 0
    capsys.readouterr()
    return tmp_path


def run(capsys: Captured, *arguments: str) -> tuple[int, str, str]:
    code = main([*arguments, "--quiet"])
    return code, *capsys.readouterr()


def files(capsys: Captured) -> dict[str, str]:
    told = json.loads(run(capsys, "status", "--json")[1])
    return {file["id"]: file["state"] for file in told["files"]}


def test_a_removed_document_is_left_out_until_it_is_added(built: Path, capsys: Captured) -> None:
    code, told, _ = run(capsys, "remove", "sub/trains.txt")
    assert (code, "1 removed, 1 as before" in told) == (0, True)
    assert files(capsys) == {"lakes.txt": "read", "sub/trains.txt": "ignored"}
    assert (built / "documents" / "sub" / "trains.txt").read_text() == TEXTS["sub/trains.txt"]
    assert "Nothing has changed" in run(capsys, "build")[1]
    told = run(capsys, "status")[1]
    assert "Left out by you: sub/trains.txt (`ctqa add PATH` takes it in again)" in told
    assert "to look at" not in told
    assert run(capsys, "build", "--strict")[0] == 0
    code, told, _ = run(capsys, "add", "documents/sub/trains.txt")
    assert (code, "1 file added" in told) == (0, True)
    assert not (built / "documents" / LIST_NAME).exists()


def test_what_is_left_out_is_added_by_its_id_too(built: Path, capsys: Captured) -> None:
    assert ".ctqaignore" in run(capsys, "remove", "sub/trains.txt")[1]
    assert "1 file added" in run(capsys, "add", "sub/trains.txt")[1]
    assert files(capsys)["sub/trains.txt"] == "read"
    assert (
        run(capsys, "add", "sub/trains.txt")[0] == 3
    )  # it is not left out, and there is no such path


def test_added_paths_belong_to_the_index_from_then_on(built: Path, capsys: Captured) -> None:
    write_texts(built / "more", {"hills.txt": "The hills are steep.\n"})
    (built / "one.txt").write_text("One file by itself.\n")
    code, told, _ = run(capsys, "add", "more", "one.txt", "more", "documents/lakes.txt")
    assert (code, "2 files added" in told) == (0, True)
    assert api.roots_of("index") == [built / name for name in ("documents", "more", "one.txt")]
    assert "Nothing has changed" in run(capsys, "build")[1]
    assert "1 removed" in run(capsys, "remove", "one.txt")[1]
    assert files(capsys)["one.txt"] == "ignored"
    assert "1 file added" in run(capsys, "add", "one.txt")[1]


def test_adding_makes_an_index_where_there_is_none(tmp_path: Path, capsys: Captured) -> None:
    write_texts(tmp_path / "documents")
    assert "2 files added" in run(capsys, "add", "documents")[1]


def test_a_folder_is_left_out_as_a_whole(built: Path, capsys: Captured) -> None:
    assert "1 removed" in run(capsys, "remove", "documents/sub")[1]
    code, _, said = run(capsys, "add", "documents/sub/trains.txt")
    assert (code, f"`ctqa add {built / 'documents' / 'sub'}`" in said) == (2, True)
    assert "1 file added" in run(capsys, "add", "documents/sub")[1]


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        (["remove", "nothing.txt"], 2, "no such document in index"),
        (["remove", "documents"], 2, "is all that the index was made of there"),
        (["remove", "."], 2, "documents lies in it, and is all that the index was made of"),
        (["remove", ".."], 2, "documents lies in it, and is all that the index was made of"),
        (["remove", "documents/sub/.."], 2, "is all that the index was made of there"),
        (["remove", "lakes.txt", "sub/trains.txt"], 2, "nothing would be left"),
        (["add", "nothing.txt"], 3, "there is no such file or folder"),
        (["remove", "lakes.txt", "--index", "elsewhere"], 5, "no index here"),
    ],
)
def test_what_cannot_be_done_changes_nothing(
    built: Path, capsys: Captured, arguments: list[str], code: int, why: str
) -> None:
    found, _, said = run(capsys, *arguments)
    assert (found, why in said) == (code, True), said
    assert not (built / "documents" / LIST_NAME).exists()
    assert set(files(capsys).values()) == {"read"}


def test_a_path_is_the_same_however_it_is_spelt(built: Path, capsys: Captured) -> None:
    around = "documents/sub/../../documents"
    assert "1 removed" in run(capsys, "remove", f"{around}/lakes.txt")[1]
    assert left_out_in(built / "documents") == {"lakes.txt"}
    assert "1 file added" in run(capsys, "add", f"{around}/lakes.txt")[1]
    assert "1 removed" in run(capsys, "remove", f"{around}/sub")[1]
    assert "1 file added" in run(capsys, "add", f"{around}/sub")[1]
    assert api.roots_of("index") == [built / "documents"]
    assert library.roots_with(Path(around)) == [built / "documents"]


def test_each_file_of_a_folder_stands_in_the_list_that_tells_of_it(
    built: Path, capsys: Captured
) -> None:
    for name in ("documents/sub/trains.txt", "documents/sub/hills.txt"):
        write_texts(built, {name: f"The text of {name}.\n"})
    paths = ["documents/sub/trains.txt", "documents"]
    assert main(["build", *paths, "--index", "second", "--quiet"]) == 0
    assert library.leave_out(["documents/sub"], "second") == ("sub/hills.txt", "trains.txt")
    assert left_out_in(built / "documents" / "sub") == {"trains.txt"}
    assert left_out_in(built / "documents") == {"sub"}
    library.take_in(["documents/sub"], "second")
    assert not list(built.rglob(LIST_NAME))


def test_a_folder_with_a_root_of_its_own_is_left_in(built: Path, capsys: Captured) -> None:
    assert main(["build", "documents/sub", "documents", "--index", "second", "--quiet"]) == 0
    with pytest.raises(ConfigError, match="is all that the index was made of there"):
        library.leave_out(["documents/sub"], "second")
    assert library.leave_out(["documents/sub/trains.txt"], "second")
    assert left_out_in(built / "documents" / "sub") == {"trains.txt"}


def test_a_document_is_left_out_once(built: Path) -> None:
    library.remove(["lakes.txt"])
    with pytest.raises(ConfigError, match="left out already"):
        library.leave_out(["lakes.txt"])
    assert library.take_in(["lakes.txt"]) == ("lakes.txt",)


def test_an_index_from_elsewhere_loses_nothing_to_an_addition(built: Path) -> None:
    export_index(Path("index"), Path("whole.ctqa"))
    import_index(Path("whole.ctqa"), Path("imported"))
    with pytest.raises(ConfigError, match="came from another machine"):
        library.add(["documents"], "imported")
    with pytest.raises(ConfigError, match="came from another machine"):
        library.roots_with(built / "documents", "imported")


def test_where_documents_can_be_put(built: Path) -> None:
    assert library.folders_of() == (built / "documents",)
    assert library.roots_with(built / "documents") == [built / "documents"]
    assert library.roots_with(built / "new") == [built / "documents", built / "new"]


def test_a_broken_list_is_told_and_nothing_is_indexed_by_mistake(built: Path) -> None:
    (built / "documents" / LIST_NAME).write_bytes(b"\xff\xff")
    with pytest.raises(SourceError, match="mend or remove it"):
        api.build()
