"""Passages: whole sentences, within the token limit, overlapping, under their headings."""

from itertools import pairwise

import pytest
from encoders import WordEncoder
from hypothesis import given
from hypothesis import strategies as st

from ctqa.config import IndexConfig
from ctqa.records import Document, Page, Passage, Section, Source
from ctqa.sources.splitter import split
from ctqa.text import outline

ENCODER = WordEncoder()
WORDS = st.sampled_from(
    ["care", "trust", "Torbay", "2002.", "é.", "“Yes!”", "-", "\n", "\n\n", "x" * 90]
)


def document(text: str, **fields: object) -> Document:
    values: dict[str, object] = {
        "source": Source(id="d", path="d.txt", sha256="0" * 64, title="D"),
        "text": text,
        "pages": (Page(number=1, start=0, end=len(text)),),
        "sections": outline(text),
    }
    return Document(**(values | fields))  # type: ignore[arg-type]


def passages_of(doc: Document, **settings: object) -> list[Passage]:
    config = IndexConfig(**settings)  # type: ignore[arg-type]
    return split(doc, ENCODER.token_ends([doc.text])[0], config)


def tokens(text: str) -> int:
    return len(ENCODER.token_ends([text])[0])


@given(
    st.lists(WORDS, max_size=120).map(" ".join),
    st.integers(16, 40),
    st.integers(0, 15),
    st.booleans(),
)
def test_passages_slice_the_text_fit_and_lose_nothing(
    text: str, most: int, overlap: int, as_rows: bool
) -> None:
    doc = document(text, layout="rows" if as_rows else "prose")
    found = passages_of(doc, passage_tokens=most, overlap_tokens=overlap)
    covered = [False] * len(text)
    for passage in found:
        assert text[passage.start : passage.end] == passage.text
        assert sum(tokens(text[s.start : s.end]) for s in passage.sentences) <= most
        assert passage.id == f"d:{passage.start}-{passage.end}"
        for sentence in passage.sentences:
            covered[sentence.start : sentence.end] = [True] * (sentence.end - sentence.start)
    assert all(seen or char.isspace() for seen, char in zip(covered, text, strict=True))
    assert len({passage.id for passage in found}) == len(found)
    assert all(a.start < b.start and a.end < b.end for a, b in pairwise(found))


def test_a_passage_starts_with_the_end_of_the_one_before() -> None:
    text = " ".join(f"Sentence number {n} stands here." for n in range(30))
    found = passages_of(document(text), passage_tokens=30, overlap_tokens=12)
    assert len(found) > 4
    for before, after in pairwise(found):
        assert before.sentences[-2:] == after.sentences[:2]


def test_no_overlap_when_none_is_asked_for() -> None:
    text = " ".join(f"Sentence number {n} stands here." for n in range(30))
    found = passages_of(document(text), passage_tokens=30, overlap_tokens=0)
    assert all(a.end <= b.start for a, b in pairwise(found))


def test_a_passage_does_not_run_over_a_heading_and_knows_it() -> None:
    text = "It began.\n\nHistory\n\nIt was in 2002. Much came of it.\n\nCosts\n\nThey were high.\n"
    assert [(p.section, p.text.split()[0]) for p in passages_of(document(text))] == [
        ((), "It"),
        (("History",), "History"),
        (("Costs",), "Costs"),
    ]


def test_headings_with_nothing_under_them_go_with_the_section_that_follows() -> None:
    text = "Part one\n\nHistory of it\n\nIt was in 2002. Much came of it.\n"
    (passage,) = passages_of(document(text))
    assert passage.text.startswith("Part one")
    assert passage.section == ("History of it",)


def test_rows_are_never_torn() -> None:
    text = "area,year\n" + "".join(f'Area {n},"{2000 + n}\nlate"\n' for n in range(40))
    found = passages_of(document(text, layout="rows"), passage_tokens=24, overlap_tokens=0)
    assert len(found) > 5
    assert all(p.text.count('"') % 2 == 0 for p in found)


def test_a_sentence_longer_than_a_passage_is_cut_between_words() -> None:
    text = " ".join(f"word{n}" for n in range(100)) + "."
    found = passages_of(document(text), passage_tokens=16, overlap_tokens=4)
    assert all(p.text.split()[0].startswith("word") for p in found)
    assert " ".join(p.text for p in found).split() == text.split()


def test_one_passage_a_document_when_asked_for() -> None:
    text = "One.\n\nHeading\n\n" + "Two. " * 500
    (passage,) = passages_of(document(text), split="document")
    assert (passage.start, passage.end) == (0, len(text.rstrip()))


@pytest.mark.parametrize("text", ["", " \n "])
def test_no_text_no_passage(text: str) -> None:
    assert passages_of(document(text)) == []


def test_passage_and_sentences_know_their_page() -> None:
    text = "On the first page.\fOn the second page. It goes on."
    pages = (Page(number=1, start=0, end=18), Page(number=2, start=19, end=len(text)))
    (passage,) = passages_of(document(text, pages=pages, sections=()))
    assert passage.page == 1
    assert [s.page for s in passage.sentences] == [1, 2, 2]


def test_sections_that_do_not_cover_the_text_leave_the_rest_without_one() -> None:
    text = "Before. Inside. After."
    doc = document(text, sections=(Section(path=("S",), start=8, end=15),))
    assert [p.section for p in passages_of(doc)] == [(), ("S",), ()]
