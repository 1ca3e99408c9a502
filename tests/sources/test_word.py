from collections.abc import Mapping
from contextlib import suppress
from io import BytesIO
from zipfile import ZipFile

import docx
import pytest
from docx.enum.text import WD_BREAK
from hypothesis import given, settings
from hypothesis import strategies as st
from msoffcrypto.format.ooxml import OOXMLFile
from sources.archives import zipped

from ctqa.errors import SourceError
from ctqa.sources.content import Content, Loaded, ReadOptions
from ctqa.sources.word import load_word

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
NAMES = (
    f'{W} xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def make_docx(body: str, parts: Mapping[str, str] = {}, *, main: str = MAIN) -> bytes:
    """Make a Word file of what stands in its w:body; a part's name tells its relation."""
    relations = "".join(
        f'<Relationship Id="r{name}" Target="{name}.xml" Type="{KIND}/{name.rstrip("12")}"/>'
        for name in parts
    )
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/><Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>'
    )
    package = (
        f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r1" Type="{KIND}/officeDocument"'
        ' Target="word/document.xml"/></Relationships>'
    )
    files = {f"word/{name}.xml": xml.replace("NAMES", NAMES) for name, xml in parts.items()}
    return zipped(
        {
            "[Content_Types].xml": types,
            "_rels/.rels": package,
            "word/document.xml": f"<w:document {NAMES}><w:body>{body}</w:body></w:document>",
            "word/_rels/document.xml.rels": (
                f'<Relationships xmlns="{RELATIONS}">{relations}</Relationships>'
            ),
            **files,
        }
    )


def p(text: str = "", properties: str = "") -> str:
    """Write a paragraph of one run."""
    said = f"<w:r><w:t xml:space='preserve'>{text}</w:t></w:r>" if text else ""
    return f"<w:p><w:pPr>{properties}</w:pPr>{said}</w:p>"


def content_of(body: str, parts: Mapping[str, str] = {}) -> Content:
    (content,) = load_word(make_docx(body, parts)).contents
    return content


def blocks_of(body: str, parts: Mapping[str, str] = {}) -> list[tuple[str, str]]:
    return said(content_of(body, parts))


def said(content: Content) -> list[tuple[str, str]]:
    return [(block.kind, content.text[block.start : block.end]) for block in content.blocks]


def pages_of(body: str, parts: Mapping[str, str] = {}) -> list[str]:
    content = content_of(body, parts)
    return [content.text[page.start : page.end].strip() for page in content.pages]


STYLES = (
    "<w:styles NAMES>"
    '<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Own"><w:name w:val="Chapter"/>'
    '<w:basedOn w:val="Heading1"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="berschrift2"><w:name w:val="Zwei"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Third"><w:name w:val="Third"/>'
    '<w:pPr><w:outlineLvl w:val="2"/></w:pPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="Loop"><w:name w:val="Loop"/>'
    '<w:basedOn w:val="Loop"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="TOC1"><w:name w:val="toc 1"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Caption"><w:name w:val="caption"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Top"><w:name w:val="Top"/>'
    "<w:pPr><w:pageBreakBefore/></w:pPr></w:style>"
    '<w:style w:type="table" w:styleId="Grid"><w:name w:val="Grid 1"/>'
    '<w:tblStylePr w:type="firstRow"/></w:style>'
    "</w:styles>"
)


def styled(name: str, text: str) -> str:
    return p(text, f'<w:pStyle w:val="{name}"/>')


def test_headings_are_known_by_style_base_id_and_outline_level() -> None:
    body = "".join(
        [
            styled("Own", "Care"),
            styled("berschrift2", "Homes"),
            styled("Third", "Beds"),
            p("By hand", '<w:outlineLvl w:val="0"/>'),
            p("Body", '<w:pStyle w:val="Heading1"/><w:outlineLvl w:val="9"/>'),
            styled("Loop", "Round and round"),
        ]
    )
    content = content_of(body, {"styles": STYLES})

    kinds = [kind for kind, _ in said(content)]
    assert kinds == ["heading", "heading", "heading", "heading", "sentence", "sentence"]
    assert [section.path for section in content.sections] == [
        ("Care",),
        ("Care", "Homes"),
        ("Care", "Homes", "Beds"),
        ("By hand",),
    ]


def test_short_bold_lines_are_headings_where_no_style_makes_any() -> None:
    bold = "<w:p><w:r><w:rPr><w:b/></w:rPr><w:t>Apologies</w:t></w:r></w:p>"
    off = '<w:p><w:r><w:rPr><w:b w:val="0"/></w:rPr><w:t>Not bold</w:t></w:r></w:p>'
    stop = "<w:p><w:r><w:rPr><w:b/></w:rPr><w:t>A bold sentence.</w:t></w:r></w:p>"

    kinds = [kind for kind, _ in blocks_of(bold + off + stop + p("None."))]
    assert kinds == ["heading", "sentence", "sentence", "sentence"]
    kinds = [kind for kind, _ in blocks_of(bold + styled("Own", "Care"), {"styles": STYLES})]
    assert kinds == ["sentence", "heading"]


def test_the_line_in_the_style_title_is_the_title() -> None:
    body = styled("Title", "Winter plan") + styled("Own", "Care") + p("Text.")
    content = content_of(body, {"styles": STYLES})

    assert content.title == "Winter plan"
    assert [section.path for section in content.sections] == [("Winter plan",), ("Care",)]


NUMBERING = (
    "<w:numbering NAMES><w:abstractNum w:abstractNumId='0'>"
    "<w:lvl w:ilvl='0'><w:start w:val='1'/><w:numFmt w:val='decimal'/>"
    "<w:lvlText w:val='%1.'/></w:lvl>"
    "<w:lvl w:ilvl='1'><w:start w:val='1'/><w:numFmt w:val='lowerLetter'/>"
    "<w:lvlText w:val='%1%2)'/></w:lvl>"
    "<w:lvl w:ilvl='2'><w:start w:val='4'/><w:numFmt w:val='upperRoman'/><w:lvlText w:val='(%3)'/>"
    "</w:lvl></w:abstractNum>"
    "<w:abstractNum w:abstractNumId='1'><w:lvl w:ilvl='0'><w:numFmt w:val='bullet'/>"
    "<w:lvlText w:val='\uf0b7'/></w:lvl><w:lvl w:ilvl='1'><w:numFmt w:val='bullet'/>"
    "<w:lvlText w:val='–'/></w:lvl></w:abstractNum>"
    "<w:num w:numId='1'><w:abstractNumId w:val='0'/></w:num>"
    "<w:num w:numId='2'><w:abstractNumId w:val='1'/></w:num>"
    "<w:num w:numId='3'><w:abstractNumId w:val='0'/><w:lvlOverride w:ilvl='0'>"
    "<w:startOverride w:val='7'/></w:lvlOverride></w:num>"
    "</w:numbering>"
)


def item(text: str, number: int, level: int = 0) -> str:
    return p(text, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>')


def test_list_items_have_the_marks_that_word_shows() -> None:
    body = "".join(
        [
            item("one", 1),
            item("deeper", 1, 1),
            item("deeper still", 1, 1),
            item("deepest", 1, 2),
            item("two", 1),
            item("begins anew", 1, 1),
            item("bullet", 2),
            item("dash", 2, 1),
            item("restarted", 3),
            item("goes on", 3),
            item("no list", 0),
            item("unknown list", 9),
        ]
    )
    assert blocks_of(body, {"numbering": NUMBERING}) == [
        ("item", "1. one"),
        ("item", "1a) deeper"),
        ("item", "1b) deeper still"),
        ("item", "(IV) deepest"),
        ("item", "2. two"),
        ("item", "2a) begins anew"),
        ("item", "• bullet"),
        ("item", "– dash"),
        ("item", "7. restarted"),
        ("item", "8. goes on"),
        ("sentence", "no list"),
        ("item", "• unknown list"),
    ]


def cell(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{p(text)}</w:tc>"


def row(*cells: str, properties: str = "") -> str:
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(cells)}</w:tr>"


def table(*rows: str, properties: str = "") -> str:
    return f"<w:tbl><w:tblPr>{properties}</w:tblPr>{''.join(rows)}</w:tbl>"


def test_a_table_has_caption_heads_and_merged_cells_said_once() -> None:
    down, on = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    body = p("Table 1 Beds by area") + table(
        row(cell("Area"), cell("2003", '<w:gridSpan w:val="2"/>'), properties="<w:tblHeader/>"),
        row(cell(""), cell("beds"), cell("staff"), properties="<w:tblHeader/>"),
        row(cell("Bexley", down), cell("12"), cell("40")),
        row(cell("", on), cell("13"), cell("41")),
    )
    content = content_of(body)

    assert said(content) == [
        ("sentence", "Table 1 Beds by area"),
        ("row", "Area | 2003"),
        ("row", "| beds | staff"),
        ("row", "Bexley | 12 | 40"),
        ("row", "| 13 | 41"),
    ]
    assert content.blocks[-1].lead == "Table 1 Beds by area"
    assert content.blocks[-1].copy == "Area: Bexley; 2003 beds: 13; 2003 staff: 41"


def test_a_head_is_known_by_its_table_style() -> None:
    rows = row(cell("Name"), cell("Role")), row(cell("Ann"), cell("Chair"))
    look = '<w:tblStyle w:val="Grid"/><w:tblLook w:val="04A0"/>'

    content = content_of(table(*rows, properties=look), {"styles": STYLES})
    assert content.blocks[-1].copy == "Name: Ann; Role: Chair"
    plain = content_of(table(*rows), {"styles": STYLES})
    assert plain.blocks[-1].copy == ""


def test_a_caption_may_stand_under_its_table() -> None:
    rows = row(cell("a"), cell("1")), row(cell("b"), cell("2"))
    content = content_of(table(*rows) + styled("Caption", "Beds in 2003"), {"styles": STYLES})

    assert [block.lead for block in content.blocks] == ["Beds in 2003", "Beds in 2003", ""]


def test_rows_that_begin_late_keep_their_columns() -> None:
    body = table(
        row(cell("Area"), cell("Beds"), properties="<w:tblHeader/>"),
        row(cell("12"), properties='<w:gridBefore w:val="1"/>'),
    )
    assert content_of(body).blocks[-1].copy == "Beds: 12"


def test_tables_within_tables_follow_and_layout_tables_are_none() -> None:
    inner = table(row(cell("c"), cell("1")), row(cell("d"), cell("2")))
    outer = table(row(cell("a"), f"<w:tc>{p('b')}{inner}</w:tc>"), row(cell("e"), cell("f")))
    assert blocks_of(outer) == [
        ("row", "a | b"),
        ("row", "e | f"),
        ("row", "c | 1"),
        ("row", "d | 2"),
    ]
    frame = table(row(f"<w:tc>{p('One.')}{p('Two.')}</w:tc>"))
    assert blocks_of(frame) == [("sentence", "One."), ("sentence", "Two.")]


def test_content_controls_and_hyperlinks_are_read() -> None:
    body = (
        f"<w:sdt><w:sdtPr/><w:sdtContent>{p('In a control.')}</w:sdtContent></w:sdt>"
        '<w:p><w:hyperlink r:id="x"><w:r><w:t>A link</w:t></w:r></w:hyperlink>'
        "<w:sdt><w:sdtContent><w:r><w:t>, a field</w:t></w:r></w:sdtContent></w:sdt></w:p>"
        f"<w:tbl><w:sdt><w:sdtContent>{row(cell('a'), cell('b'))}</w:sdtContent></w:sdt>"
        f"{row(cell('c'), cell('d'))}</w:tbl>"
    )
    assert [text for _, text in blocks_of(body)] == [
        "In a control.",
        "A link, a field",
        "a | b",
        "c | d",
    ]


def test_deletions_are_left_out_and_insertions_kept() -> None:
    body = (
        "<w:p><w:r><w:t>We </w:t></w:r><w:del><w:r><w:delText>may</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>will</w:t></w:r></w:ins>"
        "<w:moveFrom><w:r><w:t> not</w:t></w:r></w:moveFrom>"
        "<w:r><w:t> act.</w:t></w:r></w:p>"
        + table(
            row(cell("a"), cell("b")),
            row(cell("gone"), cell("gone"), properties="<w:del/>"),
            row(cell("c"), cell("d")),
        )
    )
    assert [text for _, text in blocks_of(body)] == ["We will act.", "a | b", "c | d"]


def test_fields_give_their_results_over_paragraphs() -> None:
    def field(kind: str) -> str:
        return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'

    body = (
        f"<w:p>{field('begin')}<w:r><w:instrText>TOC</w:instrText><w:t>code</w:t></w:r>"
        f"{field('separate')}<w:r><w:t>See</w:t></w:r></w:p>"
        f"<w:p><w:r><w:t>page 3</w:t></w:r>{field('end')}{field('end')}</w:p>"
        '<w:p><w:fldSimple w:instr="DATE"><w:r><w:t>1 May</w:t></w:r></w:fldSimple></w:p>'
    )
    assert [text for _, text in blocks_of(body)] == ["See", "page 3", "1 May"]


def test_tabs_breaks_symbols_and_equations_are_told_apart() -> None:
    body = (
        "<w:p><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:noBreakHyphen/>"
        '<w:t>d</w:t><w:sym w:font="Wingdings" w:char="F0FC"/><w:softHyphen/></w:r></w:p>'
        "<w:p><m:oMath><m:r><m:t>a=b</m:t></m:r></m:oMath>"
        "<m:oMath><m:r><m:t>c=d</m:t></m:r></m:oMath></w:p>"
    )
    assert [text for _, text in blocks_of(body)] == ["a b\nc-d✓", "a=b c=d"]


def test_a_text_box_is_read_once_after_its_paragraph() -> None:
    box = f"<w:txbxContent>{p('In the box.')}</w:txbxContent>"
    body = (
        "<w:p><w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing>"
        f"{box}</w:drawing></mc:Choice><mc:Fallback><w:pict>{box}</w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r><w:r><w:t>Anchor.</w:t></w:r></w:p>"
        f"<w:p><w:r><mc:AlternateContent><mc:Choice Requires='x'/><mc:Fallback><w:pict>"
        f"<w:txbxContent>{p('Old box.')}</w:txbxContent></w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r></w:p>"
    )
    assert [text for _, text in blocks_of(body)] == ["Anchor.", "In the box.", "Old box."]


NOTES = (
    f"<w:footnotes NAMES><w:footnote w:type='separator' w:id='0'>{p('line')}</w:footnote>"
    f"<w:footnote w:id='2'>{p('Note two.')}</w:footnote></w:footnotes>"
)


def test_notes_follow_the_paragraph_that_refers_to_them() -> None:
    refer = '<w:p><w:r><w:t>Beds.</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r></w:p>'
    ends = f"<w:endnotes NAMES><w:endnote w:id='2'>{p('End note.')}</w:endnote></w:endnotes>"
    late = '<w:p><w:r><w:t>Staff.</w:t><w:endnoteReference w:id="2"/></w:r></w:p>'

    found = blocks_of(refer + p("Next.") + late, {"footnotes": NOTES, "endnotes": ends})
    assert [text for _, text in found] == ["Beds.", "Note two.", "Next.", "Staff.", "End note."]


def test_notes_of_a_table_follow_it() -> None:
    noted = '<w:tc><w:p><w:r><w:t>12</w:t><w:footnoteReference w:id="2"/></w:r></w:p></w:tc>'
    body = table(row(cell("a"), noted), row(cell("b"), cell("13")))
    found = blocks_of(body, {"footnotes": NOTES})
    assert [text for _, text in found] == ["a | 12", "b | 13", "Note two."]


RENDERED = "<w:r><w:lastRenderedPageBreak/></w:r>"
HARD = '<w:r><w:br w:type="page"/></w:r>'


def test_pages_begin_where_word_last_broke_them() -> None:
    body = (
        p("One.")
        + f"<w:p>{RENDERED}<w:r><w:t>Two.</w:t></w:r></w:p>"
        + f"<w:p><w:r><w:t>Torn </w:t></w:r>{RENDERED}<w:r><w:t>paragraph.</w:t></w:r></w:p>"
        + p("Three.")
    )
    assert pages_of(body) == ["One.", "Two.\n\nTorn paragraph.", "Three."]


def test_a_break_set_by_hand_and_marked_by_word_is_one() -> None:
    hard = f"<w:p>{HARD}</w:p><w:p>{RENDERED}<w:r><w:t>Two.</w:t></w:r></w:p>"
    assert pages_of(p("One.") + hard) == ["One.", "Two."]
    assert pages_of(p("One.") + f"<w:p>{HARD}</w:p>" + p("Two.")) == ["One.", "Two."]
    top = f"<w:p><w:pPr><w:pageBreakBefore/></w:pPr>{RENDERED}<w:r><w:t>Two.</w:t></w:r></w:p>"
    assert pages_of(p("One.") + top) == ["One.", "Two."]


def test_pages_begin_with_styles_and_sections() -> None:
    assert pages_of(styled("Top", "One.") + styled("Top", "Two."), {"styles": STYLES}) == [
        "One.",
        "Two.",
    ]
    end = "<w:sectPr/>"
    assert pages_of(p("One.", end) + p("Two.") + "<w:sectPr/>") == ["One.", "Two."]
    same = '<w:sectPr><w:type w:val="continuous"/></w:sectPr>'
    assert pages_of(p("One.", end) + p("Two.") + same) == ["One.\n\nTwo."]


def test_a_page_without_text_is_accounted_for() -> None:
    content = content_of(p("One.") + f"<w:p>{HARD}{HARD}</w:p>" + p("Three."))
    assert [page.state for page in content.pages] == ["text", "empty", "text"]


def test_pages_begin_between_the_rows_of_a_table() -> None:
    late = f"<w:tc><w:p>{RENDERED}<w:r><w:t>c</w:t></w:r></w:p></w:tc>"
    torn = f"<w:tc><w:p><w:r><w:t>x</w:t></w:r>{RENDERED}<w:r><w:t>y</w:t></w:r></w:p></w:tc>"
    body = table(row(cell("a"), cell("b")), row(late, cell("d")), row(torn, torn)) + p("After.")
    assert pages_of(body) == ["a | b", "c | d\nxy | xy", "After."]


def test_heads_and_feet_are_asides_said_once() -> None:
    parts = {
        "header1": f"<w:hdr NAMES>{p('Draft')}</w:hdr>",
        "header2": f"<w:hdr NAMES>{p('Draft')}</w:hdr>",
        "footer1": f"<w:ftr NAMES>{p('Page 1')}</w:ftr>",
    }
    body = p("Text.") + (
        '<w:sectPr><w:headerReference r:id="rheader1"/><w:headerReference r:id="rheader2"/>'
        '<w:footerReference r:id="rfooter1"/><w:footerReference r:id="gone"/></w:sectPr>'
    )
    content = content_of(body, parts)

    assert [text for _, text in said(content)] == ["Draft", "Text.", "Page 1"]
    asides = [content.text[span.start : span.end] for span in content.asides]
    assert asides == ["Draft", "Page 1"]


def test_a_table_of_contents_is_an_aside() -> None:
    content = content_of(styled("TOC1", "Care 3") + styled("Own", "Care"), {"styles": STYLES})
    assert [content.text[span.start : span.end] for span in content.asides] == ["Care 3"]


def test_what_is_left_out_is_told() -> None:
    comments = f"<w:comments NAMES><w:comment w:id='1'>{p('Really?')}</w:comment></w:comments>"
    body = (
        "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>secret</w:t></w:r><w:r><w:t>Open.</w:t></w:r></w:p>"
        '<w:altChunk r:id="x"/>'
    )
    loaded = load_word(make_docx(body, {"comments": comments}))

    assert [text for _, text in said(loaded.contents[0])] == ["Open."]
    assert loaded.reason == "1 comment left out; 1 hidden text left out; 1 embedded file left out"


@pytest.mark.parametrize(
    "kind",
    [
        "ms-word.document.macroEnabled",
        "ms-word.template.macroEnabledTemplate",
        "openxmlformats-officedocument.wordprocessingml.template",
    ],
)
def test_files_with_macros_and_templates_are_read(kind: str) -> None:
    data = make_docx(p("Text."), main=f"application/vnd.{kind}.main+xml")
    (content,) = load_word(data).contents
    assert content.text == "Text."


def test_a_file_without_text_is_empty() -> None:
    assert load_word(make_docx("")) == Loaded(state="empty", reason="no text")


def saved(document: docx.document.Document) -> bytes:
    buffer = BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def test_what_python_docx_writes_is_read_with_its_properties() -> None:
    document = docx.Document()
    document.core_properties.title = "Winter plan"
    document.core_properties.author = "Ann Lee"
    document.add_heading("Care", 1)
    document.add_paragraph("Beds.").add_run().add_break(WD_BREAK.PAGE)
    document.add_paragraph("one", style="List Bullet")
    (content,) = load_word(saved(document)).contents

    assert (content.title, content.author) == ("Winter plan", "Ann Lee")
    assert said(content) == [("heading", "Care"), ("sentence", "Beds."), ("item", "• one")]
    assert len(content.pages) == 2


@pytest.mark.parametrize("title", ["Word Document", "Document1", "minutes.docx", "  "])
def test_titles_that_programs_write_are_none(title: str) -> None:
    document = docx.Document()
    document.core_properties.title = title
    document.add_paragraph("Text.")
    (content,) = load_word(saved(document)).contents
    assert (content.title, content.author) == ("", "")


def test_an_encrypted_file_needs_its_password() -> None:
    document, out = docx.Document(), BytesIO()
    document.add_paragraph("Secret.")
    OOXMLFile(BytesIO(saved(document))).encrypt("tika", out)

    assert load_word(out.getvalue()).state == "encrypted"
    (content,) = load_word(out.getvalue(), ReadOptions(passwords=("tika",))).contents
    assert content.text == "Secret."


def test_nothing_outside_the_file_is_read() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("socket.socket.connect", _refuse)
        data = make_docx(p("Text.") + '<w:sectPr><w:headerReference r:id="out"/></w:sectPr>')
        with ZipFile(BytesIO(data)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        parts["word/_rels/document.xml.rels"] = (
            f'<Relationships xmlns="{RELATIONS}"><Relationship Id="out" Type="{KIND}/header"'
            ' Target="http://example.org/header.xml" TargetMode="External"/><Relationship Id="s"'
            f' Type="{KIND}/styles" Target="http://example.org/s.xml" TargetMode="External"/>'
            "</Relationships>"
        ).encode()
        (content,) = load_word(zipped(parts)).contents
    assert content.text == "Text."


def _refuse(*_: object) -> None:
    raise AssertionError("a connection was opened")


def test_a_package_that_is_no_word_file_is_refused() -> None:
    with pytest.raises(SourceError):
        load_word(zipped({"a": "b"}))
    with pytest.raises(SourceError):
        load_word(make_docx(p("a"), main="application/vnd.openxmlformats-officedocument.x+xml"))


SAMPLE = {
    "styles": STYLES,
    "numbering": NUMBERING,
    "footnotes": NOTES,
    "header1": f"<w:hdr NAMES>{p('Draft')}</w:hdr>",
}
SAMPLE_BODY = (
    styled("Own", "Care")
    + item("one", 1)
    + table(row(cell("a", '<w:gridSpan w:val="2"/>')), row(cell("b"), cell("c")))
    + f"<w:p>{HARD}{RENDERED}<w:r><w:t>x</w:t><w:footnoteReference w:id='2'/></w:r></w:p>"
    + '<w:sectPr><w:headerReference r:id="rheader1"/></w:sectPr>'
)


@settings(deadline=None)
@given(
    st.sampled_from(["word/document.xml", *(f"word/{name}.xml" for name in SAMPLE)]),
    st.data(),
    st.sampled_from(['"', "<", ">", "/", "0", "-9", "99999999999", "é", "w:", "<w:p/>", "&#0;"]),
)
def test_any_change_of_the_xml_is_read_or_told(name: str, data: st.DataObject, noise: str) -> None:
    with ZipFile(BytesIO(make_docx(SAMPLE_BODY, SAMPLE))) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    at = data.draw(st.integers(0, len(parts[name])))
    upto = at + data.draw(st.integers(0, 6))
    parts[name] = parts[name][:at] + noise + parts[name][upto:]
    with suppress(SourceError):
        loaded = load_word(zipped(parts))
        for content in loaded.contents:
            assert all(block.end <= len(content.text) for block in content.blocks)
