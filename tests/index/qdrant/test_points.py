"""A passage's weights: BM25 as tantivy has it, whatever the lengths."""

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctqa.index.lexical import LexicalIndex, term_maker, write_terms
from ctqa.index.qdrant.points import ALIVE, asked, id_of, place_of, rounded, seal_of, weights
from ctqa.index.rows import Life

WORDS = [f"word{n}" for n in range(12)]
LIFE = Life(
    key=7, document=2, document_id="a.txt", start=0, end=9, search_sha256="ab", first=1, last=None
)


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(st.lists(st.sampled_from(WORDS), min_size=1, max_size=8), st.integers(1, 60)),
        min_size=1,
        max_size=12,
    ),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=6),
)
def test_scores_are_those_of_tantivy(
    made_of: list[tuple[list[str], int]], question: list[str]
) -> None:
    """Lengths go up to 480 terms, where tantivy rounds them to three significant bits."""
    texts = [" ".join(words * times) for words, times in made_of]
    with TemporaryDirectory() as folder:
        write_terms(Path(folder) / "lexical", enumerate(texts, 1))
        index = LexicalIndex.load(Path(folder) / "lexical")
        expected = dict(index.search(" ".join(question), len(texts)))
        terms = term_maker()
        held = [terms(text) for text in texts]
        mean = sum(map(len, held)) / len(held)
        shares = {term: n * index.rarity(term) for term, n in Counter(question).items()}
        query = asked(shares)
    wanted = dict(zip(query.indices, query.values, strict=True))
    scores = {}
    for key, each in enumerate(held, 1):
        stored = weights(each, mean)
        pairs = zip(stored.indices, stored.values, strict=True)
        score = sum(value * wanted.get(place, 0.0) for place, value in pairs)
        if score > 0:
            scores[key] = score
    assert scores == pytest.approx(expected, rel=1e-5)


def test_lengths_are_rounded_as_tantivy_does() -> None:
    known = [*range(40), *range(40, 56, 2), *range(56, 88, 4), *range(88, 152, 8), 152, 168, 184]
    assert sorted({rounded(length) for length in range(200)}) == known
    assert all(rounded(length) <= length for length in range(5_000))
    assert rounded(1_100) == 1_048


def test_places_rise_and_are_of_32_bits() -> None:
    stored = weights([*WORDS, *WORDS[:3]], 10.0)
    assert stored.indices == sorted({place_of(word) for word in WORDS})
    assert all(0 <= place < 1 << 32 for place in stored.indices)
    assert place_of("lake") == place_of("lake") != place_of("Lake")


def test_an_id_is_of_place_text_and_first_build_alone() -> None:
    values = {name: getattr(LIFE, name) for name in LIFE.__slots__}
    assert id_of(Life(**values | {"key": 8, "document": 3, "last": 4})) == id_of(LIFE)
    for change in ({"document_id": "b.txt"}, {"end": 10}, {"search_sha256": "ac"}, {"first": 2}):
        assert id_of(Life(**values | change)) != id_of(LIFE)


def test_a_seal_is_of_all_but_the_last_build() -> None:
    stored = {"text": "A lake.", "key": 1, "last": ALIVE, "sha256": ""}
    assert seal_of(stored) == seal_of(stored | {"last": 3})
    assert seal_of(stored) != seal_of(stored | {"text": "A lake!"}) != seal_of(stored | {"key": 2})
