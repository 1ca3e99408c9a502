"""Presentations (PPTX) -> content, a page a slide: title, shapes from the top, speaker notes."""

from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any

import pptx
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.exc import PythonPptxError
from pptx.shapes.group import GroupShape
from pptx.shapes.picture import Picture

from ctqa.sources.archive import (
    ENCRYPTED,
    Encrypted,
    damage_told,
    office_package,
    open_archive,
    parse_xml,
)
from ctqa.sources.content import Loaded, ReadOptions
from ctqa.sources.grid import Cell, write_grid
from ctqa.sources.manuscript import Manuscript
from ctqa.sources.number_format import shown
from ctqa.sources.office import author_of, counted, title_of, year_of

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_MARGINS = frozenset(
    {PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER, PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.HEADER}
)
_LISTS = frozenset({PP_PLACEHOLDER.BODY, PP_PLACEHOLDER.OBJECT})
_BAND = 180_000  # EMU, half a centimetre: shapes whose tops lie this near stand side by side
_MOST_DEPTH = 20  # groups within groups
_MOST_POINTS = 2_000  # of a chart


def load_slides(data: bytes, options: ReadOptions = ReadOptions()) -> Loaded:
    """Read a presentation; a slide that holds pictures alone is told to be unreadable.

    Raises:
        SourceError: the file is damaged, of the old format, or larger than is reasonable.

    """
    try:
        package = office_package(data, options.passwords)
    except Encrypted:
        return ENCRYPTED
    manuscript = Manuscript()
    with damage_told(PythonPptxError):
        presentation = pptx.Presentation(BytesIO(package))
        for slide in presentation.slides:
            _write_slide(manuscript, slide)
        core = presentation.core_properties
        title, author, year = title_of(core), author_of(core), year_of(core)
    left_out = "; ".join(_left_out(open_archive(package).names))
    if not len(presentation.slides):
        return Loaded(state="empty", reason=left_out or "no slides")
    content = manuscript.content(title=title, author=author, year=year)
    return Loaded(contents=(content,), reason=left_out)


def _write_slide(manuscript: Manuscript, slide: Any) -> None:
    hidden = slide._element.get("show") == "0"
    if _has_text(slide):
        manuscript.page(reason="a hidden slide" if hidden else "")
    elif any(isinstance(shape, Picture) for shape in slide.shapes):
        manuscript.page(state="unreadable", reason="it holds pictures alone, which are not read")
    else:
        manuscript.page()
    title = slide.shapes.title
    if title is not None:
        manuscript.heading(title.text_frame.text, 1)
    else:
        manuscript.section("", 1)
    shapes = [shape for shape in slide.shapes if title is None or shape.shape_id != title.shape_id]
    _write_shapes(manuscript, shapes, 0)
    notes = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
    if notes is not None and notes.text.strip():
        manuscript.section("Notes", 2)
        for paragraph in notes.paragraphs:
            manuscript.paragraph(_said(paragraph))


def _has_text(slide: Any) -> bool:
    frames = slide._element.iter(_A + "t")
    has_notes = slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None
    notes = slide.notes_slide.notes_text_frame.text if has_notes else ""
    charts = any(shape.has_chart for shape in slide.shapes)
    return charts or bool(notes.strip()) or any((node.text or "").strip() for node in frames)


def _write_shapes(manuscript: Manuscript, shapes: Sequence[Any], depth: int) -> None:
    for shape in sorted(shapes, key=_place):
        if isinstance(shape, GroupShape):
            if depth < _MOST_DEPTH:
                _write_shapes(manuscript, list(shape.shapes), depth + 1)
        elif shape.has_text_frame:
            _write_text(manuscript, shape)
        elif shape.has_table:
            _write_table(manuscript, shape.table)
        elif shape.has_chart:
            _write_chart(manuscript, shape.chart)
        else:
            _write_diagram(manuscript, shape)


def _place(shape: Any) -> tuple[int, int]:
    """Order shapes from the top, and side by side from the left."""
    top = 0 if shape.top is None else shape.top
    left = 0 if shape.left is None else shape.left
    return top // _BAND, left


def _write_text(manuscript: Manuscript, shape: Any) -> None:
    kind = shape.placeholder_format.type if shape.is_placeholder else None
    texts = [(_said(each), each.level) for each in shape.text_frame.paragraphs]
    said = [(text, level) for text, level in texts if text.strip()]
    listed = kind in _LISTS and len(said) > 1
    with manuscript.aside(kind in _MARGINS):
        for text, level in said:
            if listed or level > 0:
                manuscript.item(text)
            else:
                manuscript.paragraph(text)


def _said(paragraph: Any) -> str:
    return str(paragraph.text).replace("\v", "\n")


def _write_table(manuscript: Manuscript, table: Any) -> None:
    rows = [
        [
            Cell(text=cell.text, across=cell.span_width, down=cell.span_height)
            if cell.is_merge_origin
            else Cell(text=cell.text)
            for cell in row.cells
            if not cell.is_spanned
        ]
        for row in table.rows
    ]
    write_grid(manuscript, rows, heads=1 if table.first_row else None)


def _write_chart(manuscript: Manuscript, chart: Any) -> None:
    """Write what a chart of any kind shows as a table: a row a category, a column a series."""
    caption = chart.chart_title.text_frame.text if chart.has_title else ""
    if caption.strip():
        manuscript.paragraph(caption)
    series = list(chart._chartSpace.iter(_CHART + "ser"))
    names = [_points(each, "cat", "xVal") for each in series]
    columns = [_points(each, "val", "yVal") for each in series]
    places = sorted({at for column in (*names, *columns) for at in column})
    titles = ["".join(each.xpath("c:tx//c:v/text()")[:1]) for each in series]
    rows = [["", *titles]]
    for at in places:
        name = next((column[at] for column in names if at in column), "")
        rows.append([name, *(column.get(at, "") for column in columns)])
    if places:
        manuscript.table(rows, heads=1, caption=caption)


def _points(series: Any, *kinds: str) -> dict[int, str]:
    """Give the values that a chart was last drawn with, by their place."""
    found: dict[int, str] = {}
    for kind in kinds:
        for point in series.xpath(f"c:{kind}//c:pt"):
            at, text = point.get("idx", ""), "".join(point.xpath("c:v/text()"))
            if at.isdecimal() and len(found) < _MOST_POINTS:
                found[int(at)] = _number(text)
    return found


def _number(text: str) -> str:
    try:
        return shown(float(text), "General")
    except ValueError:
        return text


def _write_diagram(manuscript: Manuscript, shape: Any) -> None:
    """Write the words of a SmartArt diagram, which stand in a part of their own."""
    ids = shape._element.iter(_DIAGRAM + "relIds")
    for reference in ids:
        name = next((v for key, v in reference.attrib.items() if key.endswith("}dm")), "")
        if name in shape.part.rels:
            root = parse_xml(shape.part.related_part(name).blob)
            for point in root.iter(_DIAGRAM + "pt"):
                manuscript.item("".join(point.itertext(_A + "t")))


def _left_out(names: Sequence[str]) -> Iterator[str]:
    comments = [name for name in names if name.startswith("ppt/comments/")]
    if comments:
        yield f"comments on {len(comments)} slide{'s' * (len(comments) > 1)} left out"
    embedded = [name for name in names if name.startswith("ppt/embeddings/")]
    others = [name for name in embedded if not name.endswith((".xlsx", ".xlsb"))]  # of charts
    yield from counted(len(others), "embedded file")
    yield from counted(sum(name.endswith("vbaProject.bin") for name in names), "macro project")
