"""Pages of PDFs: which text is taken, in what order, and what is told of them."""

import re
from contextlib import closing
from io import BytesIO

import pytest
from pypdf import PdfReader, PdfWriter
from sources.pdfs import PICTURE, make_pdf, make_placed_pdf

from ctqa.sources.content import Content
from ctqa.sources.pdf import load_pdf
from ctqa.sources.pdf_choice import agreement, reads_better, runs_right_to_left, what_is_poor
from ctqa.sources.pdf_glyphs import Second
from ctqa.sources.pdf_reading import _better

PROSE = "The trust was made in the spring and it ran the homes of the town for many years after. "


def load(data: bytes) -> Content:
    (content,) = load_pdf(data).contents
    return content


def columns(rows: int = 12) -> list[tuple[float, float, str]]:
    """Place two columns line beside line, a heading over both and a foot under them."""
    left = [f"left line number {n} goes on in prose" for n in range(rows)]
    right = [f"right line number {n} goes on in prose" for n in range(rows)]
    beside = [
        (x, 680 - 14 * row, text)
        for row, pair in enumerate(zip(left, right, strict=True))
        for x, text in zip((72, 330), pair, strict=True)
    ]
    return [
        (72, 730, "One heading over both columns of the page"),
        *beside,
        (72, 400, f"Below. {PROSE}"),
    ]


def test_columns_are_read_one_after_the_other() -> None:
    words = load(make_placed_pdf(columns())).text
    places = [words.index(f"left line number {n} ") for n in range(12)]
    places += [words.index(f"right line number {n} ") for n in range(12)]
    assert places == sorted(places)
    assert words.index("One heading") < places[0]
    assert words.index("Below.") > places[-1]


def test_the_cells_of_a_row_stay_on_its_line() -> None:
    rows = [("Area", "Beds", "Staff"), ("Bexley", "12", "40"), ("Essex", "7", "31")]
    placed = [
        (x, 700 - 16 * at, cell)
        for at, row in enumerate(rows)
        for x, cell in zip((72, 250, 400), row, strict=True)
    ]
    lines = load(make_placed_pdf(placed)).text.split("\n")
    assert [re.split(r" {2,}", line) for line in lines if line] == [list(row) for row in rows]


def test_a_page_turned_by_a_quarter_is_read_along_its_lines() -> None:
    reader = PdfReader(BytesIO(make_pdf("Words along the page.\nAnd a second line.")))
    writer = PdfWriter()
    writer.add_page(reader.pages[0].rotate(90))
    turned = BytesIO()
    writer.write(turned)
    assert load(turned.getvalue()).text.split("\n") == [
        "Words along the page.",
        "And a second line.",
    ]


def test_a_file_that_pypdf_cannot_open_is_read_by_the_other() -> None:
    data = make_pdf("Words that are still there.")
    spoilt = data.replace(b"/Type /Catalog", b"/Type /Catalog /Pages null", 1)
    loaded = load_pdf(spoilt)
    (content,) = loaded.contents
    assert content.text == "Words that are still there."
    if loaded.reason:  # else pypdf mended it
        assert loaded.reason.startswith("read by pypdfium2 alone")
        assert content.pages[0].extractor == "pypdfium2"


def test_labels_are_the_files_own_or_those_printed_on_the_pages() -> None:
    names = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta")
    placed = [
        [(72, 600, f"{name}: {PROSE}"), (72, 580, f"{name} again."), (300, 40, str(n))]
        for n, name in enumerate(names, 101)
    ]
    content = load(make_placed_pdf(*placed))
    assert [page.label for page in content.pages] == [str(n) for n in range(101, 107)]
    spans = [content.text[aside.start : aside.end] for aside in content.asides]
    assert spans == [str(n) for n in range(101, 107)]

    writer = PdfWriter(clone_from=PdfReader(BytesIO(make_placed_pdf(*placed))))
    writer.set_page_label(0, 1, style="/r")
    writer.set_page_label(2, 5, style="/D")
    labelled = BytesIO()
    writer.write(labelled)
    assert [page.label for page in load(labelled.getvalue()).pages] == [
        *("i", "ii"),
        *("1", "2", "3", "4"),
    ]


def test_what_does_not_repeat_is_no_running_head() -> None:
    placed = [
        [(72, 750, head), (72, 600, f"{head} is told of here. {PROSE}")]
        for head in ("Beds", "Staff", "Money", "Homes")
    ]
    content = load(make_placed_pdf(*placed))
    assert content.asides == ()


def test_a_page_with_nothing_but_a_running_head_keeps_it() -> None:
    page = [(72, 750, "QUARTERLY REVIEW")]
    content = load(make_placed_pdf(page, page, page, page))
    assert content.asides == ()


def test_headings_by_their_type_make_sections() -> None:
    body = [PROSE[:70], PROSE[10:80], PROSE[5:75]]
    pages = [
        [(72, 700, head, 18), *((72, 660 - 14 * line, text) for line, text in enumerate(body))]
        for head in ("1 Homes", "2 Money", "3 Staff")
    ]
    content = load(make_placed_pdf(*pages))
    assert [section.path[-1] for section in content.sections] == ["1 Homes", "2 Money", "3 Staff"]


def test_a_scan_is_unreadable_and_says_what_to_do() -> None:
    content = load(make_pdf("Some words.", PICTURE))
    assert (content.pages[1].state, "--ocr" in content.pages[1].reason) == ("unreadable", True)


def test_a_page_whose_signs_make_no_words_is_poor_and_says_why() -> None:
    (page,) = load(make_pdf(" ".join(["xkcd", "qrst", "wvbn", "hjkl"] * 8))).pages
    assert (page.state, "do not make words" in page.reason) == ("poor", True)


@pytest.mark.parametrize(
    ("by_pypdf", "extractor", "text"),
    [
        ("The trust ran the homes", "pypdf", "The trust ran the homes"),
        ("the homes The trust ran", "pypdf+pypdfium2", "The trust ran the homes"),
        ("Thetrustranthehomesofthetownformany", "pypdfium2", "The trust ran the homes"),
        (
            "\ufffd\ufffd\ufffd \ufffd\ufffd\ufffd\ufffd\ufffd ran",
            "pypdfium2",
            "The trust ran the homes",
        ),
        ("", "pypdfium2", "The trust ran the homes"),
        (PROSE, "pypdf", PROSE),
    ],
)
def test_the_better_text_of_a_page_is_taken_and_recorded(
    by_pypdf: str, extractor: str, text: str
) -> None:
    with closing(Second(make_placed_pdf([(72, 700, "The trust ran the homes")]), "")) as second:
        page = _better(by_pypdf, second.laid(0), "")
    assert (page.extractor, page.text) == (extractor, text)


@pytest.mark.parametrize(
    ("one", "two", "better"),
    [
        ("the trust ran the homes of the town", "thetrustranthehomesofthetownforyearsandyears", 1),
        ("the trust ran the homes", "(cid:12)(cid:13) trust (cid:1)(cid:2)(cid:3) the", 1),
        ("the trust ran the homes", "the trust", 1),
        ("the trust ran", "the trust ran", 0),
        ("tthhee ttrruusstt rraann tthhee hhoommeess", "the trust ran the homes", -1),
    ],
)
def test_the_text_that_reads_better_is_known_by_its_words(one: str, two: str, better: int) -> None:
    assert reads_better(one, two) == (better == 1)
    assert reads_better(two, one) == (better == -1)


def test_what_two_texts_share_and_what_cannot_be_relied_on() -> None:
    assert agreement("a b c", "c b a") == 1.0
    assert agreement("a b", "c d") == 0.0
    assert agreement("", "") == 1.0
    assert what_is_poor(PROSE) == ""
    assert "fonts" in what_is_poor("\ue001\ue002\ue003 \ue004\ue005 ok")
    assert "do not make words" in what_is_poor(" ".join(["xkcd", "qrst", "wvbn", "hjkl"] * 8))
    assert runs_right_to_left("שלום עולם")
    assert not runs_right_to_left(PROSE)
