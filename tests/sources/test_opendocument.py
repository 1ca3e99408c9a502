from pathlib import Path

import pytest
from sources.archives import ODT_NAMES, make_odt, zipped

from ctqa.errors import SourceError
from ctqa.sources.content import Content
from ctqa.sources.opendocument import load_opendocument


def content_of(body: str, **parts: str) -> Content:
    (content,) = load_opendocument(make_odt(body, **parts)).contents
    return content


def blocks_of(body: str, **parts: str) -> list[tuple[str, str]]:
    content = content_of(body, **parts)
    return [(block.kind, content.text[block.start : block.end]) for block in content.blocks]


def test_headings_paragraphs_and_lists_in_order() -> None:
    body = (
        '<text:h text:outline-level="1">Care</text:h><text:p>One<text:s text:c="2"/>line'
        "<text:line-break/>and <text:span>another</text:span>.</text:p>"
        "<text:list><text:list-item><text:p>beds</text:p><text:list><text:list-item>"
        "<text:p><text:number>1.</text:number>hard</text:p></text:list-item></text:list>"
        "</text:list-item></text:list>"
        '<text:h text:outline-level="2">Money</text:h><text:p>None.</text:p>'
    )
    assert blocks_of(body) == [
        ("heading", "Care"),
        ("sentence", "One line\nand another."),
        ("item", "• beds"),
        ("item", "1. hard"),
        ("heading", "Money"),
        ("sentence", "None."),
    ]
    assert [section.path for section in content_of(body).sections] == [("Care",), ("Care", "Money")]


def test_tables_have_their_heads_and_caption() -> None:
    body = (
        "<text:p>Table 1 Beds</text:p><table:table><table:table-header-rows><table:table-row>"
        "<table:table-cell><text:p>Area</text:p></table:table-cell>"
        "<table:table-cell><text:p>Beds</text:p></table:table-cell>"
        "</table:table-row></table:table-header-rows><table:table-row>"
        "<table:table-cell><text:p>Bexley</text:p></table:table-cell>"
        "<table:table-cell><text:p>12</text:p></table:table-cell>"
        "</table:table-row></table:table>"
    )
    row = content_of(body).blocks[-1]
    assert (row.kind, row.lead, row.copy) == ("row", "Table 1 Beds", "Area: Bexley; Beds: 12")


def test_pages_begin_at_breaks_and_where_the_layout_broke() -> None:
    styles = (
        '<style:style style:name="P1" style:parent-style-name="Standard">'
        '<style:paragraph-properties fo:break-before="page"/></style:style>'
    )
    body = (
        "<text:p>First.</text:p><text:soft-page-break/><text:p>Second.</text:p>"
        '<text:p text:style-name="P1">Third.</text:p>'
    )
    content = content_of(body, styles=styles)
    texts = [content.text[page.start : page.end].strip() for page in content.pages]
    assert texts == ["First.", "Second.", "Third."]


def test_notes_follow_their_paragraph_and_changes_and_comments_are_left_out() -> None:
    body = (
        "<text:tracked-changes><text:p>deleted</text:p></text:tracked-changes>"
        "<text:p>It rose<text:note><text:note-citation>1</text:note-citation><text:note-body>"
        "<text:p>By a third.</text:p></text:note-body></text:note> fast"
        "<office:annotation><text:p>is that so?</text:p></office:annotation>.</text:p>"
    )
    loaded = load_opendocument(make_odt(body))
    assert loaded.contents[0].text == "It rose fast.\n\nBy a third."
    assert loaded.reason == "1 comment left out"


def test_what_the_file_tells_about_itself() -> None:
    meta = (
        "<dc:title>Care homes</dc:title><meta:initial-creator>Ann Lee</meta:initial-creator>"
        "<dc:date>2021-03-04T10:00:00</dc:date>"
    )
    content = content_of("<text:p>Text.</text:p>", meta=meta)
    assert (content.title, content.author, content.year) == ("Care homes", "Ann Lee", "2021")


def test_entities_are_refused_and_nothing_is_read_by_them(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the secret words")
    attack = (
        f'<!DOCTYPE x [<!ENTITY e SYSTEM "{secret.as_uri()}">]>'
        f"<office:document-content {ODT_NAMES}><office:body><office:text><text:p>&e;</text:p>"
        "</office:text></office:body></office:document-content>"
    )
    with pytest.raises(SourceError, match="has a DTD or entities"):
        load_opendocument(zipped({"content.xml": attack}))


def test_an_encrypted_document_says_so() -> None:
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        "<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>"
        "</manifest:manifest>"
    )
    loaded = load_opendocument(zipped({"content.xml": b"\\x00", "META-INF/manifest.xml": manifest}))
    assert loaded.state == "encrypted"


def test_lists_are_numbered_where_their_style_numbers_them() -> None:
    styles = (
        '<text:list-style style:name="L1"><text:list-level-style-number text:level="1"/>'
        '<text:list-level-style-bullet text:level="2"/></text:list-style>'
    )
    body = (
        '<text:list text:style-name="L1"><text:list-item><text:p>beds</text:p><text:list>'
        "<text:list-item><text:p>hard</text:p></text:list-item></text:list></text:list-item>"
        "<text:list-item><text:p>staff</text:p></text:list-item></text:list>"
    )
    assert [text for _, text in blocks_of(body, styles=styles)] == ["1. beds", "• hard", "2. staff"]
