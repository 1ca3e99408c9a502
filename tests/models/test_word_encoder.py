"""The deterministic encoder that other tests lean on keeps what an encoder promises."""

import numpy as np
from encoders import DIMENSION, WordEncoder
from hypothesis import given, settings
from hypothesis import strategies as st

ANY_TEXT = st.text(st.characters())


@settings(deadline=None)
@given(st.lists(ANY_TEXT, max_size=5))
def test_rows_are_of_unit_length_and_the_same_in_any_company(texts: list[str]) -> None:
    encoder = WordEncoder()
    rows = encoder.encode_passages(texts)
    assert rows.dtype == np.float32
    assert rows.shape == (len(texts), DIMENSION)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
    alone = [WordEncoder().encode_queries([text])[0] for text in texts]
    assert all(np.array_equal(row, one) for row, one in zip(rows, alone, strict=True))


@settings(deadline=None)
@given(ANY_TEXT)
def test_token_ends_stay_in_the_text_and_in_order(text: str) -> None:
    (ends,) = WordEncoder().token_ends([text])
    assert ends == sorted(set(ends))
    assert all(0 < end <= len(text) for end in ends)


def test_texts_that_share_words_are_near() -> None:
    question, near, far = WordEncoder().encode_passages(
        ["How late were ambulances?", "The ambulance was late.", "Carers claim an allowance."]
    )
    assert float(question @ near) > float(question @ far) + 0.2


def test_it_reads_up_to_max_tokens_counts_texts_and_differs_by_name() -> None:
    encoder = WordEncoder(max_tokens=2)
    first, second = encoder.encode_passages(["care home", "care home tea"])
    assert np.array_equal(first, second)
    assert encoder.encoded == ["care home", "care home tea"]
    other = WordEncoder(name="other", max_tokens=2)
    assert other.identity.key != encoder.identity.key
    assert not np.array_equal(other.encode_passages(["care home"])[0], first)
