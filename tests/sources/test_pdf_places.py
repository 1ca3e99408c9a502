"""Where words of a text stand on a page: exactly, or not at all."""

from io import BytesIO

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter
from pypdf.generic import RectangleObject
from sources.pdfs import make_pdf, make_placed_pdf

from ctqa.sources.pdf import load_pdf
from ctqa.sources.pdf_places import Box, places_of

TWO_COLUMNS = [
    (
        60.0 if side == 0 else 330.0,
        700.0 - 14 * line,
        f"{word} line {line} of the ward plan runs on",
    )
    for line in range(8)
    for side, word in ((0, "Left"), (1, "Right"))
]


def text_of(data: bytes, page: int = 0) -> str:
    content = load_pdf(data).contents[0]
    return content.text[content.pages[page].start : content.pages[page].end]


def placed(data: bytes, text: str, *quotes: str, page: int = 0) -> list[list[Box] | None]:
    spans = [(text.index(quote), text.index(quote) + len(quote)) for quote in quotes]
    return placed_spans(data, text, spans, page)


def placed_spans(
    data: bytes, text: str, spans: list[tuple[int, int]], page: int = 0
) -> list[list[Box] | None]:
    document = pypdfium2.PdfDocument(data)
    try:
        opened = document[page]
        try:
            return places_of(opened, text, spans)
        finally:
            opened.close()
    finally:
        document.close()


def under(data: bytes, boxes: list[Box], page: int = 0) -> str:
    """Read the signs back whose middle lies under boxes, in the order they are drawn."""
    document = pypdfium2.PdfDocument(data)
    opened = document[page]
    reader = opened.get_textpage()
    found = []
    for index in range(reader.count_chars()):
        left, bottom, right, top = reader.get_charbox(index, loose=True)
        x, y = _in_per_cent(opened, (left + right) / 2, (bottom + top) / 2)
        if any(box[0] <= x <= box[2] and box[1] <= y <= box[3] for box in boxes):
            found.append(chr(pdfium.FPDFText_GetUnicode(reader.raw, index)))
    reader.close()
    opened.close()
    document.close()
    return "".join("".join(found).split())


def _in_per_cent(page: pypdfium2.PdfPage, x: float, y: float) -> tuple[float, float]:
    left, bottom, right, top = page.get_bbox()
    u, v = (x - left) / (right - left), (y - bottom) / (top - bottom)
    turned = {0: (u, 1 - v), 90: (v, u), 180: (1 - u, v), 270: (1 - v, 1 - u)}
    u, v = turned[page.get_rotation()]
    return 100 * u, 100 * v


def turned(data: bytes, degrees: int) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(BytesIO(data)))
    writer.pages[0].rotate(degrees)
    return _written(writer)


def cropped(data: bytes, *box: float) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(BytesIO(data)))
    writer.pages[0].cropbox = RectangleObject(box)
    return _written(writer)


def _written(writer: PdfWriter) -> bytes:
    buffer = BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def test_a_quote_is_marked_line_by_line_with_nothing_beside_it() -> None:
    data = make_pdf("The nurse orders transport.\nMedicines are handed\nover in a bag.")
    text = text_of(data)
    (boxes,) = placed(data, text, "Medicines are handed\nover")
    assert boxes is not None
    assert len(boxes) == 2
    assert under(data, boxes) == "Medicinesarehandedover"


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_pages_that_are_turned_or_cropped_are_marked_where_they_are_seen(degrees: int) -> None:
    data = make_pdf("The nurse orders transport.\nMedicines come in a bag.")
    for made in (turned(data, degrees), turned(cropped(data, 50, 500, 500, 760), degrees)):
        (boxes,) = placed(made, text_of(made), "orders transport")
        assert boxes is not None
        assert under(made, boxes) == "orderstransport"


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_boxes_cover_the_ink_of_the_picture(degrees: int) -> None:
    data = turned(cropped(make_pdf("The nurse orders transport."), 50, 500, 500, 760), degrees)
    (boxes,) = placed(data, text_of(data), "The nurse orders transport.")
    document = pypdfium2.PdfDocument(data)
    page = document[0]
    drawn = page.render(scale=2).to_numpy().min(axis=2).copy()  # (height, width)
    page.close()
    document.close()
    assert boxes is not None
    (left, top, right, bottom) = boxes[0]
    down, across = np.nonzero(drawn < 128)
    height, width = drawn.shape
    inked = (across.min() / width, down.min() / height, across.max() / width, down.max() / height)
    pixel = 100 / min(width, height)  # signs are drawn with soft edges
    assert left - pixel <= 100 * inked[0] < 100 * inked[2] <= right + pixel
    assert top - pixel <= 100 * inked[1] < 100 * inked[3] <= bottom + pixel


def test_columns_that_were_put_into_reading_order_are_marked_in_place() -> None:
    data = make_placed_pdf(TWO_COLUMNS)
    text = text_of(data)
    quote = text[text.index("Right line 2") : text.index("Right line 4")]
    assert "Left" not in quote
    (boxes,) = placed(data, text, quote)
    assert boxes is not None
    assert all(box[0] > 50 for box in boxes)
    assert under(data, boxes) == "".join(quote.split())


def test_the_same_words_are_told_apart_by_where_they_stand_in_the_text() -> None:
    data = make_pdf("Visits end at four.\nFlowers are banned.\nVisits end at four.")
    text = text_of(data)
    last = text.rindex("Visits")
    (first, second) = placed_spans(data, text, [(0, 19), (last, last + 19)])
    assert first is not None and second is not None
    assert first[0][3] <= second[0][1]


def test_a_text_in_another_order_is_found_by_what_tells_it_from_its_like() -> None:
    data = make_pdf("One: visits end.\nTwo: visits end.\nThree: flowers.")
    text = "Three: flowers. Two: visits end. One: visits end."
    (boxes,) = placed(data, text, "visits end")  # after "Two"
    assert boxes is not None
    (second,) = placed(data, text_of(data), "Two: visits end")
    assert second is not None
    assert boxes[0][1] == second[0][1]


@pytest.mark.parametrize(
    ("drawn", "text", "quote"),
    [
        ("Visits end at five.", "Visits end at four.", "at four"),
        ("Visits end.\nVisits end.", "Visits end. Flowers. Visits end.", "Visits end"),
        ("Visits end.", "Visits   end.", "   "),
        ("", "Visits end.", "Visits"),
    ],
)
def test_what_is_not_there_for_certain_is_not_marked(drawn: str, text: str, quote: str) -> None:
    assert placed(make_pdf(drawn), text, quote) == [None]


def test_other_signs_for_the_same_do_not_keep_a_quote_from_being_found() -> None:
    data = make_pdf('The "early" ward - a pilot - ends.')
    text = "The \u201cearly\u201d ward \u2013 a pilot \u2013 ends."
    (boxes,) = placed(data, text, "\u201cearly\u201d ward \u2013 a")
    assert boxes is not None
    assert under(data, boxes) == '"early"ward-a'


def test_text_outside_the_page_is_not_marked() -> None:
    data = cropped(make_pdf("Inside the page.\n" + "\n" * 20 + "Below it."), 0, 600, 612, 792)
    assert placed(data, "Inside the page. Below it.", "Below it") == [None]


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_what_stands_under_the_boxes_is_the_quote(drawn: st.DataObject) -> None:
    word = st.text("abcdefgh", min_size=1, max_size=6)
    lines = drawn.draw(st.lists(st.lists(word, min_size=1, max_size=6), min_size=1, max_size=8))
    data = make_pdf("\n".join(map(" ".join, lines)))
    text = text_of(data)
    start = drawn.draw(st.integers(0, len(text) - 1))
    end = drawn.draw(st.integers(start + 1, len(text)))
    (boxes,) = placed_spans(data, text, [(start, end)])
    quote = "".join(text[start:end].split())
    assert (boxes is None) == (not quote)
    if boxes is not None:
        assert under(data, boxes) == quote
