"""Drawing pages in a child process."""

import hashlib
import struct
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sources.pdfs import make_pdf

from ctqa.errors import SourceError
from ctqa.sources.drawing import Drawer, DrawLimits, PdfFile
from ctqa.sources.png import png_of

TEXT = "The nurse orders transport.\nMedicines come in a bag."


@pytest.fixture(scope="module")
def drawer() -> Iterator[Drawer]:
    with closing(Drawer()) as drawer:
        yield drawer


def file_of(path: Path, data: bytes) -> PdfFile:
    path.write_bytes(data)
    return PdfFile(path=path, sha256=hashlib.sha256(data).hexdigest())


def test_a_page_is_drawn_as_fine_as_is_asked(drawer: Drawer, tmp_path: Path) -> None:
    file = file_of(tmp_path / "a.pdf", make_pdf(TEXT, "Second."))
    drawn = Image.open(BytesIO(drawer.picture(file, 1, 96)))
    assert (drawn.format, drawn.size) == ("PNG", (816, 1056))
    assert drawn.convert("L").getextrema() == (0, 255)
    assert drawer.picture(file, 1, 96) is drawer.picture(file, 1, 96)  # kept
    assert drawer.picture(file, 2, 96) != drawer.picture(file, 1, 96)


def test_a_giant_page_is_drawn_smaller(drawer: Drawer, tmp_path: Path) -> None:
    data = make_pdf(TEXT).replace(b"612", b"9999").replace(b"792", b"9999")
    drawn = drawer.picture(file_of(tmp_path / "a.pdf", data), 1, 240)
    width, height = struct.unpack(">II", drawn[16:24])
    assert width * height <= 9_100_000


def test_the_places_of_words_come_with_the_size_of_the_page(drawer: Drawer, tmp_path: Path) -> None:
    file = file_of(tmp_path / "a.pdf", make_pdf(TEXT))
    start = TEXT.index("Medicines")
    placed = drawer.places(file, 1, TEXT, [(0, 9), (start, start + 9), (0, len(TEXT))])
    assert (placed.width, placed.height) == (612, 792)
    assert [None if boxes is None else len(boxes) for boxes in placed.boxes] == [1, 1, 2]
    (not_there,) = drawer.places(file, 1, "Something else.", [(0, 9)]).boxes
    assert not_there is None


@pytest.mark.parametrize(
    ("data", "page", "why"),
    [
        (make_pdf(TEXT), 2, "the file has 1 pages"),
        (make_pdf(TEXT), 0, "the file has 1 pages"),
        (b"%PDF-1.7 nothing more", 1, "damaged"),
        (make_pdf(TEXT, opened_by="secret"), 1, "encrypted"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_the_reason(
    data: bytes, page: int, why: str, drawer: Drawer, tmp_path: Path
) -> None:
    with pytest.raises(SourceError, match=why):
        drawer.picture(file_of(tmp_path / "a.pdf", data), page, 96)


def test_only_the_file_that_was_read_is_drawn(drawer: Drawer, tmp_path: Path) -> None:
    file = file_of(tmp_path / "a.pdf", make_pdf(TEXT))
    file.path.write_bytes(make_pdf("Something else."))
    with pytest.raises(SourceError, match="has changed"):
        drawer.picture(file, 1, 96)
    file.path.unlink()
    with pytest.raises(SourceError, match="no longer there"):
        drawer.picture(file, 1, 144)


@pytest.mark.parametrize("limits", [DrawLimits(memory=1, memory_a_byte=0), DrawLimits(seconds=0)])
def test_a_process_that_takes_too_much_is_ended_and_another_one_begins(
    limits: DrawLimits, tmp_path: Path
) -> None:
    file = file_of(tmp_path / "a.pdf", make_pdf(TEXT))
    with closing(Drawer(limits)) as drawer:
        for _ in range(2):
            with pytest.raises(SourceError, match="too much to draw"):
                drawer.picture(file, 1, 96)


def test_many_threads_draw_at_once(drawer: Drawer, tmp_path: Path) -> None:
    pages = [f"Page {number} of the plan." for number in range(20)]
    file = file_of(tmp_path / "a.pdf", make_pdf(*pages))
    with ThreadPoolExecutor(20) as pool:
        drawn = list(pool.map(lambda page: drawer.picture(file, page, 96), range(1, 21)))
        found = list(
            pool.map(
                lambda page: drawer.places(file, page, pages[page - 1], [(0, 4)]), range(1, 21)
            )
        )
    assert len(set(drawn)) == 20
    assert all(placed.boxes[0] for placed in found)


def test_nobody_waits_for_ever_to_have_a_page_drawn(tmp_path: Path) -> None:
    file = file_of(tmp_path / "a.pdf", make_pdf(*(f"Page {number}." for number in range(12))))

    def drawn(page: int) -> str:
        try:
            return drawer.picture(file, page, 96)[1:4].decode()
        except SourceError as error:
            return str(error)

    with closing(Drawer(DrawLimits(waiting=0))) as drawer, ThreadPoolExecutor(12) as pool:
        found = set(pool.map(drawn, range(1, 13)))
        assert found == {"PNG", "many pages are being drawn at the moment; try again soon"}
        assert drawn(1) == "PNG"


def test_a_process_that_cannot_begin_is_told_and_holds_no_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = file_of(tmp_path / "a.pdf", make_pdf(TEXT))
    with closing(Drawer(DrawLimits(waiting=0))) as drawer:
        with monkeypatch.context() as without:
            without.setattr(sys, "executable", str(tmp_path / "none"))
            for _ in range(3):
                with pytest.raises(SourceError, match="no page can be drawn at the moment"):
                    drawer.picture(file, 1, 96)
        assert drawer.picture(file, 1, 96)


def test_a_picture_in_shades_of_grey_is_written_as_such() -> None:
    grey = np.repeat(np.arange(12, dtype=np.uint8).reshape(3, 4, 1), 3, axis=2)
    coloured = grey.copy()
    coloured[0, 0] = (255, 0, 0)
    for picture, mode in ((grey, "L"), (coloured, "RGB")):
        read = Image.open(BytesIO(png_of(picture)))
        assert read.mode == mode
        assert (np.asarray(read.convert("RGB")) == picture).all()
