"""What holds for every file that was read, whatever its format."""

from itertools import pairwise

from ctqa.records import Document, SourceFile


def assert_accounted_for(file: SourceFile) -> None:
    """Check that a file gave text or a reason, and that its documents are whole."""
    texts = [document.text for document in file.documents]
    assert any(text.strip() for text in texts) == (file.state == "read")
    assert file.state == "read" or file.reason
    assert len({document.id for document in file.documents}) == len(file.documents)
    for document in file.documents:
        assert_storable(document)
        assert_pages_cover_the_text(document)
        assert_sections_are_in_order(document)
        assert_blocks_and_asides_are_in_order(document)


def assert_storable(document: Document) -> None:
    source = document.source
    for text in (document.text, source.id, source.title, source.author, source.path):
        text.encode("utf-8")  # fails for a lone surrogate
        assert "\x00" not in text
    assert "\r" not in document.text
    assert source.id
    assert source.title == " ".join(source.title.split()) != ""
    assert len(source.sha256) == 64


def assert_pages_cover_the_text(document: Document) -> None:
    text, pages = document.text, document.pages
    assert [page.number for page in pages] == list(range(1, len(pages) + 1))
    assert all(page.start <= page.end for page in pages)
    assert pages[0].start == 0
    assert all(text[one.end : two.start] in {"\n", "\f"} for one, two in pairwise(pages))
    assert text[pages[-1].end :] in {"", "\f"}
    for page in pages:
        filled = page.state in {"text", "ocr", "poor"}
        assert filled == bool(text[page.start : page.end].strip())
        assert page.state in {"text", "ocr"} or page.reason


def assert_sections_are_in_order(document: Document) -> None:
    sections = document.sections
    assert all(0 <= section.start < section.end <= len(document.text) for section in sections)
    assert all(one.end <= two.start for one, two in pairwise(sections))
    assert all(section.path and all(section.path) for section in sections)


def assert_blocks_and_asides_are_in_order(document: Document) -> None:
    for ranges in (document.blocks, document.asides):
        assert all(0 <= each.start < each.end <= len(document.text) for each in ranges)
        assert all(one.end <= two.start for one, two in pairwise(ranges))
    for block in document.blocks:
        piece = document.text[block.start : block.end]
        assert piece == piece.strip() != ""
