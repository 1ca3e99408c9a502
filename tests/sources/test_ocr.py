"""Reading pictures of pages; the engine is optional, its models come in its package."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from numpy.typing import NDArray
from PIL import Image
from sources.pdfs import make_placed_pdf

from ctqa.sources import ocr
from ctqa.sources.content import ReadOptions
from ctqa.sources.pdf import load_pdf

pytestmark = [
    pytest.mark.model,
    pytest.mark.skipif(bool(ocr.missing()), reason='no OCR engine: pip install "ctqa[ocr]"'),
]

LINES = (
    "The league of friends bought eleven wheelchairs.",
    "They were paid for by two summer fairs in 2019.",
    "Nobody asked for more than a cup of tea.",
)


def drawn(placed: list[tuple[float, float, str]], dpi: int = 150) -> NDArray[np.uint8]:
    """Draw the top third of a page and give its picture, (height, width, 3)."""
    with pypdfium2.PdfDocument(make_placed_pdf(placed)) as document:
        picture: NDArray[np.uint8] = document[0].render(scale=dpi / 72).to_numpy()[..., :3].copy()
    return picture[: len(picture) // 3]


def page() -> NDArray[np.uint8]:
    return drawn([(72, 700 - 20 * at, line) for at, line in enumerate(LINES)])


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_a_page_is_read_however_it_was_laid_into_the_scanner(quarters: int) -> None:
    picture = np.ascontiguousarray(np.rot90(page(), quarters))
    found = ocr.read_picture(picture)
    assert found.text.split() == " ".join(LINES).split()
    assert found.confidence > 0.9


def test_columns_are_read_one_after_the_other() -> None:
    left = [f"On the left stands sentence number {n} here" for n in range(5)]
    right = [f"On the right stands sentence number {n} too" for n in range(5)]
    placed = [(50, 700 - 18 * n, line) for n, line in enumerate(left)]
    placed += [(330, 700 - 18 * n, line) for n, line in enumerate(right)]
    words = " ".join(ocr.read_picture(drawn(placed)).text.split())
    assert words == " ".join([*left, *right])


def test_columns_a_narrow_gutter_apart_are_parted() -> None:
    left = [f"On the left stands sentence number {n} here" for n in range(8)]
    right = [f"On the right stands sentence number {n} too" for n in range(8)]
    placed = [(72, 700 - 14 * n, line) for n, line in enumerate(left)]
    placed += [(296, 700 - 14 * n, line) for n, line in enumerate(right)]
    words = " ".join(ocr.read_picture(drawn(placed)).text.split())
    assert words == " ".join([*left, *right])


def test_a_skewed_page_is_read_line_by_line() -> None:
    skewed = Image.fromarray(page()).rotate(2, Image.Resampling.BICUBIC, fillcolor=(255, 255, 255))
    assert ocr.read_picture(np.asarray(skewed)).text == "\n".join(LINES)


def test_cells_of_a_table_stay_in_their_row() -> None:
    rows = [("Area", "2018", "2019"), ("Bexley", "412", "398"), ("Barking", "77", "81")]
    placed = [
        (72 + 150 * column, 700 - 20 * row, cell)
        for row, cells in enumerate(rows)
        for column, cell in enumerate(cells)
    ]
    assert ocr.read_picture(drawn(placed)).text == "\n".join("  ".join(cells) for cells in rows)


def test_paragraphs_stand_apart() -> None:
    placed = [(72, 700 - 16 * at - 24 * (at // 3), line) for at, line in enumerate(LINES * 2)]
    paragraph = "\n".join(LINES)
    assert ocr.read_picture(drawn(placed)).text == f"{paragraph}\n\n{paragraph}"


@pytest.mark.parametrize("shape", [(1, 1, 3), (4, 4, 3), (20, 3000, 3), (3000, 20, 3)])
def test_pictures_of_odd_sizes_hold_nothing(shape: tuple[int, ...]) -> None:
    assert ocr.read_picture(np.full(shape, 255, dtype=np.uint8)).text == ""


def test_a_page_that_cannot_be_made_out_is_told() -> None:
    assert ocr.read_picture(page()).is_legible
    assert not ocr.read_picture(np.ascontiguousarray(page()[:, ::-1])).is_legible


def test_an_empty_page_holds_nothing() -> None:
    assert ocr.read_picture(np.full((600, 450, 3), 255, dtype=np.uint8)).text == ""


def test_the_same_picture_gives_the_same_text() -> None:
    assert ocr.read_picture(page()) == ocr.read_picture(page())


def test_a_scanned_page_is_read_where_that_is_asked_for(tmp_path: Path) -> None:
    with pypdfium2.PdfDocument(make_placed_pdf([(72, 700, LINES[0])])) as document:
        document[0].render(scale=3).to_pil().convert("RGB").save(tmp_path / "scan.pdf")
    data = (tmp_path / "scan.pdf").read_bytes()
    assert load_pdf(data).contents[0].pages[0].state == "unreadable"
    (content,) = load_pdf(data, ReadOptions(ocr=True)).contents
    assert content.text.strip() == LINES[0]
    assert (content.pages[0].state, content.pages[0].extractor) == ("ocr", ocr.ENGINE)


ALONE = """
import os
import sys
def refuse(event, arguments):
    writes = event == "open" and (arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    if event.startswith(("socket.", "urllib.")) or writes:
        raise PermissionError(event)
import numpy as np
from ctqa.sources import ocr
picture = np.load(sys.argv[1])
sys.addaudithook(refuse)
print(ocr.read_picture(picture).text)
"""


def test_nothing_is_fetched_or_written(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    np.save(tmp_path / "page.npy", page())
    done = subprocess.run(
        [sys.executable, "-c", ALONE, str(tmp_path / "page.npy")],
        env=os.environ | {"HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("\n".join([*LINES, ""]), "")
    assert list(home.iterdir()) == []
