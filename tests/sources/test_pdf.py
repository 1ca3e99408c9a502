import logging

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf.errors import DependencyError, PdfReadError
from sources.pdfs import BROKEN, BROKEN_PART, INLINE_PICTURE, PICTURE, make_pdf

from ctqa.errors import SourceError
from ctqa.records import Page, Section
from ctqa.sources import pdf_reading
from ctqa.sources.content import Content, ReadOptions
from ctqa.sources.pdf import load_pdf
from ctqa.sources.pdf_trouble import FAILURES, plain_failure
from ctqa.text import outline


def load(data: bytes) -> Content:
    (content,) = load_pdf(data).contents
    return content


def test_pages_are_exact_ranges_joined_by_line_ends() -> None:
    content = load(make_pdf("Care trusts\nbegan in 2002.", "They (mostly) went on."))

    assert content.text == "Care trusts\nbegan in 2002.\nThey (mostly) went on."
    assert [content.text[page.start : page.end] for page in content.pages] == [
        "Care trusts\nbegan in 2002.",
        "They (mostly) went on.",
    ]


def test_every_page_is_accounted_for() -> None:
    content = load(make_pdf("One.", "", PICTURE, BROKEN, "Five.", INLINE_PICTURE))

    assert content.text == "One.\n\n\n\nFive.\n"
    assert [(page.number, page.state) for page in content.pages] == [
        (1, "text"),
        (2, "empty"),
        (3, "unreadable"),
        (4, "failed"),
        (5, "text"),
        (6, "unreadable"),
    ]
    assert content.pages[1].reason == "no text"
    assert (
        content.pages[2].reason
        == content.pages[5].reason
        == ("a scan: it has no text layer; read it with --ocr")
    )
    assert "/NoSuchDecode" in content.pages[3].reason


def test_a_part_missing_from_a_page_is_told() -> None:
    content = load(make_pdf("Kept." + BROKEN_PART, BROKEN_PART, "Whole."))

    assert content.pages == (
        Page(
            number=1,
            start=0,
            end=5,
            reason="a part of the page cannot be decoded",
            extractor="pypdf",
        ),
        Page(
            number=2,
            start=6,
            end=6,
            state="failed",
            reason="a part of the page cannot be decoded",
        ),
        Page(number=3, start=7, end=13, extractor="pypdf"),
    )


def test_log_of_pypdf_is_kept_off_and_restored(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    logger = logging.getLogger("pypdf")
    before = (logger.level, logger.propagate, list(logger.handlers))

    load(make_pdf("Kept." + BROKEN_PART))

    assert capfd.readouterr() == ("", "")
    assert not caplog.records
    assert (logger.level, logger.propagate, list(logger.handlers)) == before


def test_limits_leave_pages_out_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_reading, "_MOST_PAGES", 3)
    monkeypatch.setattr(pdf_reading, "_MOST_PAGE_CHARS", 20)

    content = load(make_pdf("One.", "x" * 21, "Three.", "Four."))

    assert [page.state for page in content.pages] == ["text", "skipped", "text", "skipped"]
    assert content.pages[1].reason == "21 characters on one page; at most 20 are read"
    assert content.pages[3].reason == "only the first 3 pages are read"

    monkeypatch.setattr(pdf_reading, "_MOST_CHARS", 4)
    assert load(make_pdf("One.", "Two.")).pages[1].reason == "the pages before hold 4 characters"


def test_metadata_is_taken_where_it_tells_something() -> None:
    info = {"/Title": "Care\x01trusts ", "/Author": "R. Miller", "/CreationDate": "D:20110405"}

    assert_told(info, ("", "R. Miller", "2011"))  # a control character spoils the title
    assert_told(info | {"/Title": " Care  trusts "}, ("Care trusts", "R. Miller", "2011"))


@pytest.mark.parametrize(
    "title",
    [
        "(anonymous)",
        "(…)",
        "12",
        "Document1",
        "Microsoft Word - x.doc",
        "PowerPoint Presentation",
        "Slide 1",
        "Untitled-1",
        "a_file_name",
        "file:///C|/x y.htm",
        "report.INDD",
        "untitled",
    ],
)
def test_placeholders_are_no_titles(title: str) -> None:
    info = {"/Title": title, "/Author": "Administrator", "/CreationDate": "unknown"}

    assert_told(info, ("", "", ""))


@pytest.mark.parametrize(
    "author", ["python-docx", "Microsoft Office User", "(Anonymous)", "openpyxl", "--", "unknown"]
)
def test_programs_and_roles_are_no_authors(author: str) -> None:
    assert_told({"/Title": "Care trusts", "/Author": author}, ("Care trusts", "", ""))


def assert_told(info: dict[str, str], told: tuple[str, str, str]) -> None:
    content = load(make_pdf("lower case text.", info=info))
    assert (content.title, content.author, content.year) == told


def test_bookmarks_become_nested_sections() -> None:
    data = make_pdf(
        "A paper\n1. Origins\nText.\n2. Findings of\nthe study\nText.",
        "More text.\nCONCLUSIONS\nText.",
        "The last page.",
        bookmarks=[
            ("Origins", 0, 0),
            ("Findings of the study", 0, 0),
            ("Conclusions", 1, 1),
            ("Not on its page", 1, 0),
            ("Last", 2, 0),
        ],
    )
    content = load(data)

    paths = {content.text[s.start : s.end]: s.path for s in content.sections}
    assert paths == {
        "1. Origins\nText.\n": ("Origins",),
        "2. Findings of\nthe study\nText.\nMore text.\n": ("Findings of the study",),
        "CONCLUSIONS\nText.\n": ("Findings of the study", "Conclusions"),
        "The last page.": ("Last",),
    }


def test_equal_bookmarks_on_one_page_are_found_in_turn() -> None:
    data = make_pdf("Summary\nOne.\nSummary\nTwo.", bookmarks=[("Summary", 0, 0)] * 2)

    assert [section.start for section in load(data).sections] == [0, 13]


def test_bookmarks_that_only_count_pages_are_no_sections() -> None:
    numbers = [("Page 1", 0, 0), ("2", 1, 0), ("Slide 3", 2, 0)]
    with_numbers = make_pdf("lower.", "case.", "text.", bookmarks=numbers)

    assert load(with_numbers).sections == ()


def test_one_bookmark_alone_tells_less_than_the_headings() -> None:
    content = load(make_pdf("Care trusts\nThey began.", bookmarks=[("Whole paper", 0, 0)]))

    assert content.sections == outline(content.text)


def test_of_bookmarks_at_one_place_the_innermost_is_taken() -> None:
    data = make_pdf("text", "text", bookmarks=[("Part", 0, 0), ("Chapter", 0, 1), ("Other", 1, 0)])

    assert load(data).sections == (
        Section(path=("Part", "Chapter"), start=0, end=5),
        Section(path=("Other",), start=5, end=9),
    )


def test_encrypted_files_are_read_where_no_password_is_needed() -> None:
    assert load(make_pdf("Open.", opened_by="")).text == "Open."
    closed = make_pdf("Closed.", opened_by="secret")
    loaded = load_pdf(closed, ReadOptions(passwords=("wrong",)))
    assert (loaded.state, loaded.contents) == ("encrypted", ())
    assert "ctqa build --password" in loaded.reason
    (content,) = load_pdf(closed, ReadOptions(passwords=("wrong", "secret"))).contents
    assert content.text == "Closed."


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"<html>", make_pdf(), make_pdf("x")[:300]])
def test_what_is_no_pdf_is_refused(data: bytes) -> None:
    with pytest.raises(SourceError, match="not a readable PDF"):
        load_pdf(data)


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (DependencyError("cryptography>=3.1 is required for AES"), "encrypted with AES, which"),
        (DependencyError("brotli is required"), "made in a way that is not read (brotli is"),
        (NotImplementedError("only Standard"), "made in a way that is not read (only Standard)"),
        (RecursionError("maximum"), "nested too deeply"),
        (MemoryError(), "needs more memory than there is"),
        (PdfReadError("EOF marker\nnot found"), "damaged (EOF marker not found)"),
        (KeyError("/Root"), "damaged (KeyError '/Root')"),
        (AssertionError(), "damaged (AssertionError)"),
    ],
)
def test_failures_are_told_in_plain_words(failure: Exception, words: str) -> None:
    assert words in plain_failure(failure)
    assert isinstance(failure, FAILURES)


WHOLE = make_pdf("One.", "Two.", BROKEN_PART, info={"/Title": "T"}, bookmarks=[("One", 0, 0)])


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_damage_never_raises_anything_but_source_errors(data: st.DataObject) -> None:
    damaged = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        new = data.draw(st.binary(max_size=4) | st.sampled_from([b"null", b"-1", b"<<", b"1 0 R"]))
        damaged[at : at + len(new)] = new
    try:
        content = load(bytes(damaged))
    except SourceError:
        return
    assert [page.number for page in content.pages] == list(range(1, len(content.pages) + 1))
