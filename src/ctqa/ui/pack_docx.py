"""An evidence pack as a Word document, with styles that Word's own tools work on."""

import re
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from typing import Any

import docx
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from ctqa.ui import words
from ctqa.ui.pack import Item, Pack, Part

# What XML has no way to hold. A carriage return would come back as a line break.
_NOT_IN_WORD = re.compile("[\0-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_FILE_FONT = "Consolas"


def as_docx(pack: Pack) -> bytes:
    """Write a pack; the text of each quote's paragraph is the document's, to the character."""
    made = docx.Document()
    _set_up(made, pack)
    _add(made, words.PACK_TITLE, "Title")
    _paragraphs(made, pack.lines)
    for part in pack.parts:
        _part(made, part)
    _add(made, words.PACK_REFERENCES, "Heading1")
    _paragraphs(made, pack.references)
    if pack.references_file:
        _file(made, pack.references_file)
    elif not pack.references:
        _paragraphs(made, (words.PACK_NONE,))
    if pack.checking:
        _add(made, words.PACK_CHECKING, "Heading1")
        _paragraphs(made, pack.checking)
    out = BytesIO()
    made.save(out)
    return out.getvalue()


def _part(made: Any, part: Part) -> None:
    _add(made, part.title, "Heading1")
    _paragraphs(made, part.lines)
    for item in part.items:
        _add(made, item.title, "Heading2")
        _add(made, item.quote, "Quote")
        for fact in _facts(item):
            _add(made, fact, "ListBullet")


def _facts(item: Item) -> Iterator[str]:
    yield item.citation
    yield from item.lines
    lost = len(_NOT_IN_WORD.findall(item.quote))
    if lost:
        yield words.pack_replaced(lost)


def _paragraphs(made: Any, texts: tuple[str, ...]) -> None:
    for text in texts:
        made.add_paragraph(_legal(text))


def _add(made: Any, text: str, style: str) -> None:
    """Add a paragraph of a style, by its id: python-docx takes 3 ms to find one by its name."""
    made.add_paragraph(_legal(text))._p.style = style


def _file(made: Any, text: str) -> None:
    """Write references for a program, which line breaks belong to."""
    run = made.add_paragraph().add_run(_legal(text.replace("\r\n", "\n")))
    run.font.name, run.font.size = _FILE_FONT, Pt(9)


def _legal(text: str) -> str:
    return _NOT_IN_WORD.sub("\ufffd", text)


# How it looks ------------------------------------------------------------------------------------


def _set_up(made: Any, pack: Pack) -> None:
    about = made.core_properties
    about.title, about.author, about.comments = words.PACK_TITLE, "", ""
    about.language = "en-GB"
    about.created = about.modified = datetime.fromisoformat(pack.made_at)
    (page,) = made.sections
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = Mm(25)
    page.header.paragraphs[0].text = f"{words.PACK_HEADER} · {words.asked_at(pack.made_at)}"
    _number_pages(page.footer.paragraphs[0])
    _set_quotes_apart(made.styles["Quote"])


def _number_pages(paragraph: Any) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    run, number = OxmlElement("w:r"), OxmlElement("w:t")
    number.text = "1"  # until a word processor counts
    run.append(number)
    field.append(run)
    paragraph._p.append(field)


def _set_quotes_apart(style: Any) -> None:
    """Put a bar beside quotes: slanted letters would change how the words look."""
    style.font.italic = False
    style.font.color.rgb = RGBColor(0x1A, 0x1A, 0x1A)
    style.paragraph_format.left_indent = Mm(6)
    style.paragraph_format.keep_with_next = True
    bar = OxmlElement("w:left")
    for name, value in (("val", "single"), ("sz", "18"), ("space", "8"), ("color", "3B6EA5")):
        bar.set(qn(f"w:{name}"), value)
    borders = OxmlElement("w:pBdr")
    borders.append(bar)
    style.element.get_or_add_pPr().insert_element_before(
        borders, "w:shd", "w:spacing", "w:ind", "w:jc", "w:outlineLvl"
    )
