"""Sentence, row and heading bounds."""

import itertools
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctqa.records import Block, Document, Page, Sentence, Source, Span
from ctqa.text import body, outline, rows, sentences, squeeze

PROSE = "The pilots began in 2002. Dr. Smith (aged 85) said: “We won’t wait.” Nobody did."
LINES = st.lists(
    st.text(alphabet=string.ascii_letters + " .,:;–-•|#é’İ\t0123", max_size=90), max_size=12
)


def pieces(text: str) -> list[str]:
    return [squeeze(text[s.start : s.end]) for s in sentences(text)]


def kinds(text: str) -> list[tuple[str, str]]:
    return [(s.kind, squeeze(text[s.start : s.end])) for s in sentences(text)]


@given(st.one_of(st.text(max_size=400), LINES.map("\n".join), LINES.map("\n\n".join)))
def test_every_character_but_white_space_stands_in_exactly_one_sentence(text: str) -> None:
    covered = [False] * len(text)
    for sentence in sentences(text):
        piece = text[sentence.start : sentence.end]
        assert piece
        assert piece == piece.strip()
        assert not any(covered[sentence.start : sentence.end])
        covered[sentence.start : sentence.end] = [True] * len(piece)
    assert all(seen or char.isspace() for seen, char in zip(covered, text, strict=True))


@given(LINES.map("\n\n".join))
def test_sections_are_in_order_and_do_not_overlap(text: str) -> None:
    found = outline(text)
    assert all(0 <= s.start < s.end <= len(text) and s.path for s in found)
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))


def test_prose_is_cut_at_sentence_ends_and_not_at_abbreviations() -> None:
    assert pieces(PROSE) == [
        "The pilots began in 2002.",
        "Dr. Smith (aged 85) said: “We won’t wait.”",
        "Nobody did.",
    ]


def test_a_sentence_runs_on_over_line_ends_and_double_spacing() -> None:
    single = "A sentence of some length that is\nbroken over two lines. Another one."
    double = (
        "The barriers to communication were as high as anybody in the Department of\n\n"
        "Health had feared, and the pilots said so more than once in the years since\n\n"
        "2001. They were not alone."
    )
    assert pieces(single)[0] == "A sentence of some length that is broken over two lines."
    assert pieces(double)[1] == "They were not alone."
    assert pieces(double)[0].startswith("The barriers")
    assert pieces(double)[0].endswith("since 2001.")


def test_a_paragraph_that_breaks_off_does_not_run_into_the_next_one() -> None:
    text = (
        "The government has announced the first nine care trust pilot\n"
        "sites and confirmed that a further 29 areas are still under\n\n"
        "At an initial meeting the minister was encouraged by the interest.\n"
    )
    assert len(pieces(text)) == 2


def test_list_items_are_kept_whole() -> None:
    text = "Pilots:\n\n– Bexley (older people)\n\n– Essex (housing, focusing on\nolder people)\n"
    assert kinds(text)[1:] == [
        ("item", "– Bexley (older people)"),
        ("item", "– Essex (housing, focusing on older people)"),
    ]


def test_rows_after_a_caption_are_rows_until_prose_begins() -> None:
    text = (
        "Table II Launch dates of the trusts\n\nArea\nYear of\nlaunch\n\n"
        "Bradford 2002 Mental health\n"
        "Torbay 2005 Community health services and adult social care\n\n"
        "Not all of these remain care trusts, either because they were disbanded by those who\n"
        "made them or because they are foundation trusts now, as most had hoped to become.\n"
    )
    assert ("row", "Bradford 2002 Mental health") in kinds(text)
    assert ("row", "Year of launch") in kinds(text)
    assert kinds(text)[-1][0] == "sentence"
    assert outline(text)[0].path == ("Table II Launch dates of the trusts",)
    assert text[outline(text)[0].end :].startswith("Not all of these")


def test_captions_stand_under_the_heading_before_them() -> None:
    text = "Findings\n\nWe found much. See below.\n\nTable 1 Costs\n\nA 1\nB 2\nC 3\n"
    assert [s.path for s in outline(text)] == [("Findings",), ("Findings", "Table 1 Costs")]


@pytest.mark.parametrize(
    "line",
    ["Conclusion", "In whose interest?", "3 Results of the survey", "What is a Care Trust (CT)?"],
)
def test_a_short_line_of_its_own_is_a_heading(line: str) -> None:
    text = f"{PROSE}\n\n{line}\n\n{PROSE}\n"
    assert [s.path for s in outline(text)] == [(line,)]


@pytest.mark.parametrize("line", ["and so it ended", "He said:", "It ended.", "x" * 200])
def test_a_fragment_a_sentence_or_a_long_line_is_no_heading(line: str) -> None:
    assert outline(f"{PROSE}\n\n{line}\n\n{PROSE}\n") == ()


def test_the_last_line_of_a_text_is_no_heading() -> None:
    assert outline(f"{PROSE}\n\nComments closed") == ()


@pytest.mark.parametrize("text", ["", " \n\t\f ", "\n\n\n"])
def test_white_space_holds_nothing(text: str) -> None:
    assert sentences(text) == ()
    assert outline(text) == ()
    assert rows(text) == ()


def test_a_line_end_within_a_quoted_cell_does_not_end_the_row() -> None:
    text = 'name,note\nBexley,"two\nlines, ""quoted"""\nEssex,one\n'
    assert [text[r.start : r.end] for r in rows(text)] == [
        "name,note",
        'Bexley,"two\nlines, ""quoted"""',
        "Essex,one",
    ]


def test_an_unclosed_quote_loses_nothing() -> None:
    text = 'a,"b\nc,d\ne'
    assert [text[r.start : r.end] for r in rows(text)] == [text]


@given(st.text(alphabet="ab. \n\t", max_size=60), st.lists(st.integers(0, 60), max_size=6))
def test_a_body_has_its_text_in_place_and_its_asides_blank(text: str, cuts: list[int]) -> None:
    places = sorted({min(cut, len(text)) for cut in cuts})
    asides = [Span(start=a, end=b) for a, b in zip(places[::2], places[1::2], strict=False)]
    found = body(text, asides)
    assert len(found) == len(text)
    for at, (before, after) in enumerate(zip(text, found, strict=True)):
        if any(aside.start <= at < aside.end for aside in asides):
            assert after == " "
        else:
            assert after == before or (before.isspace() and after == " ")


def document(
    text: str, *, asides: tuple[str, ...] = (), blocks: tuple[Block, ...] = ()
) -> Document:
    spans = tuple(Span(start=text.index(each), end=text.index(each) + len(each)) for each in asides)
    return Document(
        source=Source(id="d", path="d", sha256="0" * 64, title="D"),
        text=text,
        pages=(Page(number=1, start=0, end=len(text)),),
        blocks=blocks,
        asides=spans,
    )


def document_sentences(of: Document) -> tuple[Sentence, ...]:
    return sentences(body(of.text, of.asides), of.blocks)


def test_a_sentence_goes_on_over_a_running_head() -> None:
    text = (
        "The trust was made in 2002 and it\nREVIEW 7\nQUARTERLY REVIEW\nran the homes of the town "
        "until the end.\nIt was the first."
    )
    found = document_sentences(document(text, asides=("REVIEW 7", "QUARTERLY REVIEW")))
    assert [squeeze(text[s.start : s.end]) for s in found] == [
        "The trust was made in 2002 and it REVIEW 7 QUARTERLY REVIEW ran the homes of the town "
        "until the end.",
        "It was the first.",
    ]


def test_blocks_that_the_file_marks_are_taken_as_they_are() -> None:
    text = "Costs\n\nThe costs rose. They fell.\n\nMenu\n\nArea | 2003\nBexley | 12"
    row = text.index("Bexley")
    blocks = (
        Block(start=0, end=5, kind="heading"),
        Block(start=7, end=33, kind="sentence"),
        Block(start=35, end=39, kind="sentence"),
        Block(start=41, end=row - 1, kind="row", lead="Table 1"),
        Block(start=row, end=len(text), kind="row", lead="Table 1", copy="Area: Bexley; 2003: 12"),
    )
    found = document_sentences(document(text, asides=("Menu",), blocks=blocks))
    assert [(s.kind, text[s.start : s.end], s.lead, s.mended) for s in found] == [
        ("heading", "Costs", "", ""),
        ("sentence", "The costs rose.", "", ""),
        ("sentence", "They fell.", "", ""),
        ("row", "Area | 2003", "Table 1", ""),
        ("row", "Bexley | 12", "Table 1", "Area: Bexley; 2003: 12"),
    ]
