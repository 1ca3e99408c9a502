"""Every character of a copy knows where it stands in the document."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ctqa.answering.copies import aligned, passage_copy
from ctqa.records import Hit, Passage, Sentence, Source, Why
from ctqa.text import squeeze

TEXT = st.text(st.sampled_from("ab \n\t-é"), max_size=40)


@given(TEXT)
def test_squeezed_words_stand_where_they_stood(source: str) -> None:
    copy = squeeze(source)
    ranges = aligned(source, copy)
    assert len(ranges) == len(copy)
    for char, (start, end) in zip(copy, ranges, strict=True):
        held = source[start:end]
        assert held == char if not char.isspace() else held.isspace()


@given(TEXT, TEXT)
def test_whatever_the_copy_says_its_places_are_in_order_and_in_the_source(
    source: str, copy: str
) -> None:
    ranges = aligned(source, copy)
    assert len(ranges) == len(copy)
    assert all(0 <= start <= end <= len(source) for start, end in ranges)
    assert all(one[0] <= other[0] and one[1] <= other[1] for one, other in pairwise(ranges))


SOURCE = "Care\nhomes are in-\nspected. They  pay\nnothing."


def hit() -> Hit:
    """A passage from character 100 of its document on, of two sentences, the first one mended."""
    first = Sentence(start=100, end=127, mended="Care homes are inspected.")
    second = Sentence(start=128, end=100 + len(SOURCE))
    passage = Passage(
        id="p",
        document_id="d",
        start=100,
        end=100 + len(SOURCE),
        text=SOURCE,
        page=1,
        section=("Care",),
        sentences=(first, second),
    )
    source = Source(id="d", path="d.txt", sha256="0", title="D")
    return Hit(rank=1, score=0.0, passage=passage, source=source, why=Why())


def test_a_range_is_found_in_copy_and_document_alike() -> None:
    copy = passage_copy(hit())
    assert copy.text == "Care homes are inspected. They pay nothing."
    for words, shown in (
        ("homes", "homes"),
        ("are inspected.", "are in-\nspected."),
        ("They pay", "They  pay"),
        ("nothing.", "nothing."),
    ):
        start = copy.text.index(words)
        place = copy.in_document(start, start + len(words))
        assert place is not None
        assert SOURCE[place[0] - 100 : place[1] - 100] == shown
        assert copy.in_copy(*place) == (start, start + len(words))


def test_what_is_not_the_documents_own_has_no_place() -> None:
    made = hit()
    copy = passage_copy(made)
    assert copy.in_document(25, 26) is None  # the space between two sentences
    assert copy.in_copy(0, 5) is None
    assert copy.in_copy(120, 90000) is None
    assert copy.in_document(3, 3) is None
