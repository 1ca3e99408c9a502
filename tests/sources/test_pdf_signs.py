"""Where pdfium says that the words of a page stand."""

from io import BytesIO

import pypdfium2
import pytest
from pypdf import PdfReader, PdfWriter, Transformation
from pypdf.generic import RectangleObject
from sources.pdfs import PICTURE, make_pdf, make_placed_pdf

from ctqa.sources.pdf import load_pdf
from ctqa.sources.pdf_glyphs import Laid, Second
from ctqa.sources.pdf_signs import Glyphs, glyphs_of


def glyphs(data: bytes) -> Glyphs:
    with pypdfium2.PdfDocument(data) as document:
        page = document[0]
        try:
            return glyphs_of(page)
        finally:
            page.close()


def turned(data: bytes, degrees: float) -> bytes:
    """Turn what stands on a page, not the page."""
    writer = PdfWriter(clone_from=PdfReader(BytesIO(data)))
    there, back = Transformation().translate(-306, -396), Transformation().translate(306, 396)
    writer.pages[0].add_transformation(there.rotate(degrees).transform(back))
    return written(writer)


def cropped(data: bytes) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(BytesIO(data)))
    writer.pages[0].cropbox = RectangleObject((50, 400, 612, 792))
    return written(writer)


def written(writer: PdfWriter) -> bytes:
    buffer = BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def test_words_have_their_place_and_size() -> None:
    (turn,) = glyphs(make_placed_pdf([(72, 700, "Care trusts")])).turns

    assert [word.text for word in turn.words] == ["Care", "trusts"]
    first, second = turn.words
    assert (first.x0, first.base, first.size, first.bold) == (72, 92, 11, False)
    assert 72 < first.x1 < second.x0 < second.x1 < 130
    assert turn.height == 792


def test_words_are_upright_however_they_were_turned() -> None:
    upright = make_placed_pdf([(250, 420, "Care trusts"), (250, 406, "began in 2002.")])

    for degrees, quarters in ((0, 0), (90, 1), (180, 2), (270, 3)):
        data = turned(upright, degrees)
        (turn,) = glyphs(data).turns
        assert turn.quarters == quarters
        assert load_pdf(data).contents[0].text == "Care trusts\nbegan in 2002."


def test_words_askew_are_read_last_as_they_come() -> None:
    data = turned(make_placed_pdf([(250, 420, "Care trusts")]), 30)

    assert [[word.text for word in line] for line in glyphs(data).askew] == [["Care", "trusts"]]
    assert glyphs(data).turns == ()
    assert load_pdf(data).contents[0].text == "Care trusts"


def test_what_lies_outside_the_page_is_left_out_and_not_missed() -> None:
    data = cropped(
        make_placed_pdf([(72, 700, "On the page."), (72, 100, "The mark of a printer.")])
    )

    assert glyphs(data).outside == ("The", "mark", "of", "a", "printer.")
    (page,) = load_pdf(data).contents[0].pages
    assert load_pdf(data).contents[0].text == "On the page."
    assert page.state == "text"


def test_a_hyphen_at_a_line_end_is_kept() -> None:
    placed = make_placed_pdf([(72, 700, "The trusts were organ-"), (72, 686, "ised by area.")])

    assert load_pdf(placed).contents[0].text == "The trusts were organ-\nised by area."


def test_what_is_drawn_beside_text_is_told() -> None:
    second = Second(make_pdf(PICTURE, "Text."), "")
    try:
        picture, text = second.drawn(0), second.drawn(1)
        assert picture is not None
        assert text is not None
        assert round(picture.pictures, 2) == round(500 * 600 / (612 * 792), 2)
        assert (text.pictures, text.strokes) == (0.0, 0)
        rendered = second.picture(0, 36)
        assert rendered is not None
        assert rendered.shape == (396, 306, 3)
    finally:
        second.close()


def test_a_file_that_pdfium_cannot_open_gives_nothing() -> None:
    second = Second(b"%PDF-1.7", "")

    assert second.count == 0
    assert second.laid(0) == Laid()
    assert second.drawn(0) is None
    second.close()


def test_a_page_that_is_not_there_gives_nothing() -> None:
    second = Second(make_pdf("One."), "")

    assert second.laid(7) == Laid()
    second.close()


@pytest.mark.parametrize(
    ("name", "bold"),
    [
        ("Some-Bold", True),
        ("Abc-Black", True),
        ("CMBX10xyz", True),  # as TeX names its fonts
        ("Nimb-Medi", True),
        ("Book-Demi", True),
        ("Ab-Medium", False),
        ("SFRM01000", False),
        ("Helvetica", False),
    ],
)
def test_bold_type_is_known_by_the_name_of_its_font(name: str, bold: bool) -> None:
    data = make_placed_pdf([(72, 700, "Care")]).replace(b"/Helvetica", f"/{name}".encode())
    (turn,) = glyphs(data).turns

    assert [word.bold for word in turn.words] == [bold]
