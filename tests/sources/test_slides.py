from io import BytesIO

import pptx
import pypdfium2
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches
from sources.pdfs import make_pdf

from ctqa.sources.content import Loaded
from ctqa.sources.slides import load_slides


def loaded(presentation: object) -> Loaded:
    buffer = BytesIO()
    presentation.save(buffer)  # type: ignore[attr-defined]
    return load_slides(buffer.getvalue())


def test_a_page_is_a_slide_with_title_list_and_notes() -> None:
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[1])
    slide.shapes.title.text = "Findings"
    slide.placeholders[1].text = "Beds fell\nStaff rose"
    slide.notes_slide.notes_text_frame.text = "Say that beds fell by a third."
    second = presentation.slides.add_slide(presentation.slide_layouts[6])
    for left, top, text in ((5, 2, "right"), (1, 2, "left"), (1, 1, "top")):
        box = second.shapes.add_textbox(Inches(left), Inches(top), Inches(2), Inches(0.5))
        box.text_frame.text = text
    (content,) = loaded(presentation).contents
    first, last = content.pages
    assert content.text[first.start : first.end] == (
        "Findings\n\nBeds fell\nStaff rose\n\nSay that beds fell by a third."
    )
    assert content.text[last.start : last.end] == "top\n\nleft\n\nright"
    assert [block.kind for block in content.blocks[:3]] == ["heading", "item", "item"]
    paths = [section.path for section in content.sections]
    assert paths[:2] == [("Findings",), ("Findings", "Notes")]


def test_tables_and_charts_have_their_heads() -> None:
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[6])
    table = slide.shapes.add_table(2, 2, Inches(1), Inches(1), Inches(4), Inches(1)).table
    for at, text in enumerate(("Area", "Beds", "Bexley", "12")):
        table.cell(at // 2, at % 2).text = text
    data = CategoryChartData()
    data.categories = ["2019", "2020"]
    data.add_series("Nurses", (3, 4.5))
    where = (Inches(1), Inches(3), Inches(4), Inches(3))
    slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *where, data)
    (content,) = loaded(presentation).contents
    copies = [block.copy for block in content.blocks if block.copy]
    assert copies == ["Area: Bexley; Beds: 12", "2019; Nurses: 3", "2020; Nurses: 4.5"]


def test_hidden_slides_are_told_and_pictures_alone_are_unreadable() -> None:
    with pypdfium2.PdfDocument(make_pdf("drawn")) as document:
        picture = BytesIO()
        document[0].render(scale=0.5).to_pil().save(picture, "PNG")
    presentation = pptx.Presentation()
    hidden = presentation.slides.add_slide(presentation.slide_layouts[5])
    hidden.shapes.title.text = "Kept back"
    hidden._element.set("show", "0")
    drawn = presentation.slides.add_slide(presentation.slide_layouts[6])
    drawn.shapes.add_picture(picture, Inches(1), Inches(1))
    presentation.slides.add_slide(presentation.slide_layouts[6])
    (content,) = loaded(presentation).contents
    assert [(page.state, page.reason) for page in content.pages] == [
        ("text", "a hidden slide"),
        ("unreadable", "it holds pictures alone, which are not read"),
        ("empty", "no text"),
    ]
