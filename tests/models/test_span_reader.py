"""Windows and spans, over tokenizers whose tokens are not words."""

import unicodedata
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import (
    Encoding,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
)

from ctqa.errors import ModelError
from ctqa.models.reranker import Marked
from ctqa.models.span_reader import (
    Logits,
    Span,
    TextSpans,
    Window,
    WindowReader,
    best_spans,
    spans_in,
)

CLS, SEP = 0, 1
SPECIAL = ["<s>", "</s>", "<unk>"]
Run = Callable[[Encoding], tuple[Logits, Logits]]


def framed(tokenizer: Tokenizer) -> Tokenizer:
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> $B:1 </s>:1",
        special_tokens=[("<s>", CLS), ("</s>", SEP)],
    )
    return tokenizer


def single_bytes() -> Tokenizer:
    """Every byte of UTF-8 a token, as RoBERTa's; the space before a word is its first byte."""
    alphabet = [*SPECIAL, *sorted(pre_tokenizers.ByteLevel.alphabet())]
    tokenizer = Tokenizer(models.BPE({byte: i for i, byte in enumerate(alphabet)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    return framed(tokenizer)


def pieces() -> Tokenizer:
    """Words that begin with their space, as SentencePiece's."""
    vocabulary = [*SPECIAL, "▁", "▁care", "▁home", "▁tea", "▁t", "ea", "👧", "\u0301", "e"]
    tokenizer = Tokenizer(
        models.Unigram([(piece, -1.0 - len(piece) / 9) for piece in vocabulary], unk_id=2)
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    return framed(tokenizer)


def accentless() -> Tokenizer:
    """Lower-cased words without their accents, as BERT's."""
    words = [*SPECIAL, "cafe", "naive", "tea", "e", "👩", "👧"]
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, "<unk>"))
    tokenizer.normalizer = normalizers.BertNormalizer(strip_accents=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return framed(tokenizer)


TOKENIZERS = [single_bytes(), pieces(), accentless()]

odd = st.text(
    st.one_of(
        st.sampled_from("te carhom .\n\t\u00a0e\u0301\u0308\u200d\ufe0f👩👧🏽🇬ﷺßΩ字▁"),
        st.characters(exclude_categories=["Cs"]),
    ),
    min_size=1,
    max_size=60,
)


def reader(tokenizer: Tokenizer, max_tokens: int = 384) -> WindowReader:
    return WindowReader(tokenizer, max_tokens=max_tokens, cls=CLS)


def zeros(encoding: Encoding) -> tuple[Logits, Logits]:
    none = np.zeros(len(encoding.ids), dtype=np.float32)
    return none, none


def peak(first: int, last: int) -> Run:
    """Give logits by which one pair of a window's tokens wins."""

    def run(encoding: Encoding) -> tuple[Logits, Logits]:
        starts, ends = zeros(encoding)[0].copy(), zeros(encoding)[0].copy()
        starts[first], ends[last] = 4.0, 4.0
        return starts, ends

    return run


def read(own: WindowReader, question: str, text: str, run: Run = zeros) -> TextSpans:
    (found,) = own.read(question, [text], run)
    return found


@given(st.sampled_from(TOKENIZERS), odd, st.data())
def test_the_winning_tokens_are_the_slice_but_for_space_and_what_clings(
    tokenizer: Tokenizer, text: str, data: st.DataObject
) -> None:
    encoding = tokenizer.encode("tea", text)
    own = [at for at, side in enumerate(encoding.sequence_ids) if side == 1]
    if not own:
        assert read(reader(tokenizer), "tea", text).spans == ()
        return
    first = data.draw(st.sampled_from(own))
    last = data.draw(st.sampled_from([at for at in own if first <= at < first + 30]))
    told = (encoding.offsets[first][0], encoding.offsets[last][1])
    piece = text[slice(*told)]
    spans = read(reader(tokenizer), "tea", text, peak(first, last)).spans
    if not piece.strip():
        assert all(span.score < 8 for span in spans)
        return
    best = spans[0]
    assert best.score == 8
    start = told[0] + len(piece) - len(piece.lstrip())
    end = told[0] + len(piece.rstrip())
    assert best.start <= start < end <= best.end
    added = text[best.start : start] + text[end : best.end]
    if not any(clings(text, at) for at in range(1, len(text))):
        assert added == ""
    assert not clings(text, best.start) or text[best.start - 1].isspace()
    assert best.end == len(text) or not clings(text, best.end) or text[best.end].isspace()


def clings(text: str, at: int) -> bool:
    """Whether Unicode's table of grapheme boundaries would not break before a character."""
    if at == 0:
        return False
    marks = unicodedata.category(text[at]).startswith("M")
    return marks or "\U0001f3fb" <= text[at] <= "\U0001f3ff" or "\u200d" in text[at - 1 : at + 1]


@given(st.sampled_from(TOKENIZERS), st.text(max_size=60), odd, st.integers(12, 40))
def test_every_word_of_any_text_is_in_a_window_and_its_slice_exact(
    tokenizer: Tokenizer, question: str, text: str, max_tokens: int
) -> None:
    lengths: list[int] = []

    def run(encoding: Encoding) -> tuple[Logits, Logits]:
        lengths.append(len(encoding.ids))
        covered.extend(range(a, b) for (a, b), side in zip_sides(encoding) if side == 1)
        return zeros(encoding)

    covered: list[range] = []
    found = read(reader(tokenizer, max_tokens), question, text, run)
    assert max(lengths) <= max_tokens
    whole = {at for (a, b) in tokenizer.encode("", text).offsets for at in range(a, b)}
    assert {at for part in covered for at in part} == whole
    for span in found.spans:
        piece = text[span.start : span.end]
        assert piece
        assert piece == piece.strip()


def zip_sides(encoding: Encoding) -> Sequence[tuple[tuple[int, int], int | None]]:
    return list(zip(encoding.offsets, encoding.sequence_ids, strict=True))


@pytest.mark.parametrize(
    ("tokenizer", "text", "at", "expected"),
    [
        (accentless(), "tea in a cafe\u0301.", 3, "cafe\u0301"),
        (accentless(), "a café, nai\u0308ve", 3, "nai\u0308ve"),
        (accentless(), "👩.👩\u200d👧.", 2, "👩\u200d👧"),
        (pieces(), "home tea care", 1, "tea"),
        (pieces(), "  tea", 1, "tea"),
        (single_bytes(), "a 👧🏽 b", 3, "👧🏽"),  # the first byte of the girl
        (single_bytes(), "a 👧🏽 b", 8, "👧🏽"),  # the second byte of her skin
    ],
)
def test_known_tokens_and_their_slices(
    tokenizer: Tokenizer, text: str, at: int, expected: str
) -> None:
    at += 2  # the frame of an empty question
    best = read(reader(tokenizer), "", text, peak(at, at)).spans[0]
    assert text[best.start : best.end] == expected


def test_a_question_is_cut_to_sixty_four_tokens() -> None:
    seen: list[int] = []

    def run(encoding: Encoding) -> tuple[Logits, Logits]:
        seen.append(sum(side == 0 for side in encoding.sequence_ids))
        return zeros(encoding)

    read(reader(accentless()), "tea " * 64, "tea", run)
    read(reader(accentless()), "tea " * 65, "tea", run)
    read(reader(single_bytes()), "👧" * 40, "tea", run)
    assert seen == [64, 64, 61]  # a space, and the four bytes of each of fifteen


def test_windows_of_a_long_text_overlap_by_128_tokens() -> None:
    windows: list[int] = []

    def run(encoding: Encoding) -> tuple[Logits, Logits]:
        windows.append(next(a for (a, _), side in zip_sides(encoding) if side == 1))
        return zeros(encoding)

    read(reader(accentless()), "tea", "tea " * 1000, run)
    room = 384 - 3 - 1
    assert windows == [4 * n * (room - 128) for n in range(4)]


def window(starts: list[float], ends: list[float], null: float) -> Window:
    """A window over "one two three": CLS and the three words."""
    return Window(
        places=[(0, 0), (0, 3), (4, 7), (8, 13)],
        of_text=np.array([False, True, True, True]),
        null=0,
        start_logits=np.array([null, *starts], dtype=np.float32),
        end_logits=np.array([0, *ends], dtype=np.float32),
    )


def test_spans_worked_by_hand() -> None:
    one = window([3, 1, 0], [0, 2, -1], null=2)
    found = best_spans("one two three", [one], most=4, max_answer_tokens=2)
    assert found.null_score == 2
    assert found.spans == (
        Span(start=0, end=7, score=5),
        Span(start=0, end=3, score=3),  # ties go by place
        Span(start=4, end=7, score=3),
        Span(start=4, end=13, score=0),
    )


def test_the_better_of_two_windows_and_the_least_no_answer_count() -> None:
    low, high = window([3, 1, 0], [0, 2, -1], null=2), window([1, 1, 5], [0, 0, 4], null=-3)
    found = best_spans("one two three", [low, high], most=3)
    assert found.null_score == -3
    assert found.spans == (
        Span(start=8, end=13, score=9),
        Span(start=0, end=7, score=5),
        Span(start=0, end=13, score=5),
    )
    assert best_spans("one two three", [high, low], most=3) == found


def test_a_span_does_not_end_in_a_token_before_its_first_one() -> None:
    letter = Window(
        places=[(0, 0), (0, 1), (0, 1)],  # two tokens of one letter
        of_text=np.array([False, True, True]),
        null=0,
        start_logits=np.array([0, 0, 5], dtype=np.float32),
        end_logits=np.array([0, 4, 0], dtype=np.float32),
    )
    assert best_spans("é", [letter]).spans == (Span(start=0, end=1, score=5),)


def test_a_hundred_thousand_tokens_are_read_in_their_windows() -> None:
    found = read(reader(accentless()), "tea", "tea " * 100_000)
    assert len(found.spans) == 20
    assert found.spans[0] == Span(start=0, end=3, score=0)


def test_a_window_without_room_for_a_text_is_refused() -> None:
    with pytest.raises(ModelError, match="at most 4 tokens, 3 of them special"):
        reader(accentless(), 4)


@given(st.sampled_from(TOKENIZERS), odd, st.integers(0, 60), st.integers(0, 60), st.data())
def test_the_best_span_of_a_part_lies_in_it_and_none_in_it_is_better(
    tokenizer: Tokenizer, text: str, one: int, other: int, data: st.DataObject
) -> None:
    part = (min(one, other, len(text)), min(max(one, other), len(text)))
    tokens = len(tokenizer.encode("tea", text).ids)
    drawn = st.lists(st.integers(-4, 4), min_size=tokens, max_size=tokens)
    starts, ends = (np.array(data.draw(drawn), dtype=np.float32) for _ in range(2))
    own = reader(tokenizer)
    marked = Marked(text=text, parts=(part, (0, len(text))))
    (found,) = own.mark("tea", [marked], lambda _: (starts, ends))
    every = best_spans(text, own._read("tea", text, lambda _: (starts, ends)), most=10**6)
    assert found.null_score == every.null_score
    assert found.spans[1] == next(iter(every.spans), None)
    inside = [s for s in every.spans if part[0] <= s.start and s.end <= part[1]]
    best = found.spans[0]
    if best is None:
        # Only what clings to a token beyond the part may stand in the way.
        assert not inside or any(clings(text, at) for at in range(1, len(text)))
        return
    assert part[0] <= best.start < best.end <= part[1]
    assert best in inside
    if not any(clings(text, at) for at in range(1, len(text))):
        assert best.score == inside[0].score


def test_a_part_that_two_windows_hold_has_the_better_of_both() -> None:
    low, high = window([3, 1, 0], [0, 2, -1], null=2), window([1, 1, 5], [0, 0, 4], null=-3)
    marked = Marked(text="one two three", parts=((0, 7), (4, 13), (3, 4), (4, 6)))
    for windows in ([low, high], [high, low]):
        found = spans_in(marked, windows)
        assert found.null_score == -3
        assert found.spans == (
            Span(start=0, end=7, score=5),
            Span(start=8, end=13, score=9),
            None,  # a space
            None,  # a word that is cut
        )
