"""The files behind the documents, and the routes that hand them out."""

import os
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from ui.sources import LOCKED, NOTES, PLAN, ROWS, Library, build_again, open_library

from ctqa.errors import ConfigError, SourceError
from ctqa.ui.originals import Original
from ctqa.ui.routes import PATHS


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with open_library(tmp_path_factory.mktemp("originals")) as library:
        yield library


@pytest.fixture
def changing(tmp_path: Path) -> Iterator[Library]:
    with open_library(tmp_path) as library:
        yield library


def original_of(library: Library, document_id: str) -> Original:
    return library.originals.original(library.originals.document(document_id))


def test_a_file_is_known_by_an_id_that_tells_nothing_and_holds_for_one_process(
    library: Library, tmp_path: Path
) -> None:
    one, other = original_of(library, PLAN), original_of(library, NOTES)
    assert one == original_of(library, PLAN)
    assert library.originals.by_id(one.id) == one
    assert one.id != other.id and len(one.id) == 40
    assert (one.is_pdf, other.is_pdf) == (True, False)
    (tmp_path / "second").mkdir()
    with open_library(tmp_path / "second") as second:
        assert original_of(second, PLAN).id != one.id
        with pytest.raises(ConfigError):
            second.originals.by_id(one.id)


def test_a_file_is_only_given_as_long_as_it_is_the_one_that_was_read(changing: Library) -> None:
    path, id = changing.folder / NOTES, original_of(changing, NOTES).id
    text = path.read_text()
    path.write_text(text.replace("daily", "never"))
    with pytest.raises(SourceError, match="has changed"):
        changing.originals.by_id(id)
    assert changing.client.get(f"/source/{id}").status_code == 404
    path.write_text(text)
    assert changing.client.get(f"/source/{id}").text == text
    path.unlink()
    with pytest.raises(SourceError, match="no longer there"):
        changing.originals.by_id(id)
    os.mkfifo(path)  # would be waited for for ever
    with pytest.raises(SourceError, match="no longer there"):
        changing.originals.by_id(id)


def test_a_document_that_left_the_index_takes_its_file_along(changing: Library) -> None:
    id, path = original_of(changing, NOTES).id, changing.folder / NOTES
    assert changing.client.get(f"/source/{id}").status_code == 200
    kept = path.rename(changing.folder.parent / "kept.txt")
    build_again(changing.folder.parent)
    kept.rename(path)
    assert changing.serving.look()
    assert changing.client.get(f"/source/{id}").status_code == 404


def test_a_row_of_a_file_has_no_file_of_its_own(library: Library) -> None:
    with library.serving.lend() as qa:
        (row,) = [source.id for source in qa.documents() if source.path.endswith(ROWS)]
    with pytest.raises(SourceError, match="one of several"):
        original_of(library, row)


def test_a_pdf_is_shown_and_everything_else_is_saved(library: Library) -> None:
    shown = library.client.get(f"/source/{original_of(library, PLAN).id}")
    assert shown.headers["content-type"] == "application/pdf"
    assert shown.headers["content-disposition"].startswith("inline; ")
    assert "plan _b_.pdf" in shown.headers["content-disposition"]
    assert shown.content == (library.folder / PLAN).read_bytes()
    saved = library.client.get(f"/source/{original_of(library, NOTES).id}")
    assert saved.headers["content-type"] == "application/octet-stream"
    assert saved.headers["content-disposition"].startswith('attachment; filename="notes.txt"')
    assert "sandbox" in saved.headers["content-security-policy"]
    for answer in (shown, saved):
        assert answer.headers["cache-control"] == "private, no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
    head = library.client.head(f"/source/{original_of(library, PLAN).id}")
    assert (head.status_code, head.content) == (200, b"")


def test_pages_are_drawn_in_the_sizes_that_the_pane_asks_for(library: Library) -> None:
    id = original_of(library, PLAN).id
    drawn = library.client.get(f"/page/{id}/1/96.png")
    assert drawn.headers["content-type"] == "image/png"
    assert Image.open(BytesIO(drawn.content)).size == (816, 1056)


def test_what_is_not_there_is_not_found(library: Library) -> None:
    id, locked = original_of(library, PLAN).id, original_of(library, LOCKED).id
    for path in (
        f"/page/{id}/4/96.png",
        f"/page/{id}/0/96.png",
        f"/page/{id}/1/97.png",
        f"/page/{id}/1/9600000.png",
        f"/page/{id}/99999999999999999999/96.png",
        f"/page/{locked}/1/96.png",
        f"/page/{original_of(library, NOTES).id}/1/96.png",
        f"/page/{id[:-1]}/1/96.png",
        f"/source/{id.upper()}",
        "/source/..%2f..%2fetc%2fpasswd",
        f"/source/{PLAN}",
        f"/download/{'x' * 32}/a.txt",
    ):
        assert library.client.get(path).status_code == 404, path


def test_downloads_are_saved_under_their_name(library: Library) -> None:
    url = library.downloads.put(b"<script>alert(1)</script>", "answers é.html", "text/html")
    answer = library.client.get(f"/{url}")
    assert answer.content == b"<script>alert(1)</script>"
    assert answer.headers["content-disposition"] == (
        "attachment; filename=\"answers _.html\"; filename*=UTF-8''answers%20%C3%A9.html"
    )
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"


def test_the_guard_is_told_of_every_route(library: Library) -> None:
    id = original_of(library, PLAN).id
    download = library.downloads.put(b"", "a b.txt", "text/plain")
    for path in (f"/page/{id}/1/96.png", f"/source/{id}", f"/{download}"):
        assert re.fullmatch(PATHS, path)
    assert not re.fullmatch(PATHS, "/source/../config")
