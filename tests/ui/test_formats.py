"""Documents as people have them, each asked a question in the browser."""

from collections.abc import Iterator
from contextlib import closing
from io import BytesIO
from pathlib import Path

import docx
import pypdfium2
import pytest
from encoders import WordEncoder
from playwright.sync_api import Browser, expect
from pypdf import PdfReader, PdfWriter
from sources.pdfs import make_pdf, make_placed_pdf
from ui.pages import ask, open_at
from ui.serving import Served, open_serving, served_by

from ctqa.config import IndexConfig
from ctqa.index.build import build_index
from ctqa.sources import collect, ocr_engine

pytestmark = pytest.mark.browser

LEFT = (
    *("The night wards were staffed", "by agency nurses for most of", "the winter, as the review"),
    *("found. Recruitment began in", "the spring and filled nearly", "every post in the summer."),
)
RIGHT = (
    *("Kitchens served late meals", "to patients who came back", "from surgery after seven."),
    *("Porters carried the trays", "and were paid an allowance", "of four pounds a shift."),
)
SAVED_PAGE = """<!DOCTYPE html><html><head><title>Gardens and recovery</title></head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/garden">Garden shop</a></li></ul></nav>
<main><h1>Gardens and recovery</h1>
<p>The hospital opened a walled garden behind its stroke ward, where visitors may sit all day.</p>
<p>Patients who spent an hour a day among the plants slept better, and two thirds of them asked
for fewer painkillers than before. Volunteers water the beds each morning before breakfast.</p>
<p>The charity that paid for the garden expects to open three more of them within two years.</p>
</main><footer><p>Cookies help us. Copyright the garden people.</p></footer></body></html>"""

ASKED = {
    "minutes.docx": (
        "On which day will the Ashford day centre close?",
        "The board agreed to close the Ashford day centre on Fridays.",
        "Page 2 · Section Decisions",
    ),
    "review.pdf": (
        "Who carried the trays and what allowance were porters paid?",
        "Porters carried the trays and were paid an allowance of four pounds a shift.",
        "Page 1",
    ),
    "scan.pdf": (
        "Did the league of friends buy eleven wheelchairs for the ward?",
        "The league of friends bought eleven wheelchairs for the ward.",
        "Page 2",
    ),
    "garden.html": (
        "Do volunteers water the beds each morning before breakfast?",
        "Volunteers water the beds each morning before breakfast.",
        "Page 1",
    ),
}


def minutes() -> bytes:
    document = docx.Document()
    document.add_heading("Present", 1)
    document.add_paragraph("Twelve members were there, and the chair opened the meeting at noon.")
    document.add_page_break()
    document.add_heading("Decisions", 1)
    document.add_paragraph(ASKED["minutes.docx"][1])
    buffer = BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def two_columns() -> bytes:
    """Write line beside line, as the page is drawn by some programs, not column after column."""
    lines = [
        (x, 700 - 14 * row, text)
        for row, pair in enumerate(zip(LEFT * 4, LEFT * 3 + RIGHT, strict=True))
        for x, text in zip((72, 330), pair, strict=True)
    ]
    return make_placed_pdf(lines)


def partly_scanned() -> bytes:
    """Put a picture of a page behind a page of text."""
    drawn = make_placed_pdf(
        [(72, 700, ASKED["scan.pdf"][1]), (72, 684, "They were paid for by two summer fairs.")]
    )
    with closing(pypdfium2.PdfDocument(drawn)) as document:
        picture = document[0].render(scale=3).to_pil().convert("RGB")
    scan = BytesIO()
    picture.save(scan, "PDF", resolution=216)
    writer = PdfWriter()
    for part in (make_pdf("The friends of the ward wrote a report."), scan.getvalue()):
        writer.append(PdfReader(BytesIO(part)))
    whole = BytesIO()
    writer.write(whole)
    return whole.getvalue()


@pytest.fixture(scope="module")
def formats(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    if not ocr_engine():
        pytest.skip('no OCR engine: pip install "ctqa[ocr]"')
    folder = tmp_path_factory.mktemp("formats")
    documents: Path = folder / "documents"
    documents.mkdir()
    (documents / "minutes.docx").write_bytes(minutes())
    (documents / "review.pdf").write_bytes(two_columns())
    (documents / "scan.pdf").write_bytes(partly_scanned())
    (documents / "garden.html").write_text(SAVED_PAGE, encoding="utf-8")
    report = build_index(
        collect([documents]),
        folder / "index",
        encoder=WordEncoder(),
        config=IndexConfig(encoder="words", ocr=True),
        progress=lambda *_: None,
    )
    assert report.problems == ()
    with closing(open_serving(folder / "index")) as serving, served_by(serving) as served:
        yield served


@pytest.mark.parametrize("name", sorted(ASKED))
def test_the_answer_is_marked_on_its_page(formats: Served, browser: Browser, name: str) -> None:
    question, answer, place = ASKED[name]
    with closing(browser.new_page()) as page:
        open_at(page, formats.url)
        newest = ask(page, question)
        card = newest.get_by_role("article")
        expect(card.locator("mark")).to_have_text(answer)
        expect(card.locator(".where")).to_contain_text(f"File {name} · {place}")
