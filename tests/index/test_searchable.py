"""Search copies of passages: what stands in them, and that the encoder reads the whole."""

from collections.abc import Sequence

import pytest
from encoders import WordEncoder

from ctqa.config import IndexConfig
from ctqa.index.english import english
from ctqa.index.mend import Mender, Vocabulary
from ctqa.index.searchable import with_mended, with_search_texts
from ctqa.records import Document, Layout, Page, Passage, Source, Span
from ctqa.sources.splitter import split
from ctqa.text import outline

TABLE = "Table I Ferries\n\nPort Boats Carries\n\n" + "".join(
    f"Harbour{n} One Cars and lorries\n" for n in range(12)
)


def passages_of(
    text: str,
    *,
    layout: Layout = "prose",
    tokens: int = 30,
    reads: int = 256,
    asides: tuple[Span, ...] = (),
    encoder: WordEncoder | None = None,
) -> tuple[Passage, ...]:
    encoder = WordEncoder(max_tokens=reads) if encoder is None else encoder
    document = Document(
        source=Source(id="d", path="d.txt", sha256="0" * 64, title="The title"),
        text=text,
        pages=(Page(number=1, start=0, end=len(text)),),
        sections=outline(text) if layout == "prose" else (),
        layout=layout,
        asides=asides,
    )
    config = IndexConfig(passage_tokens=tokens, overlap_tokens=0)
    found = split(document, encoder.token_ends([text])[0], config)
    mender = Mender(english(), Vocabulary.of([text]), text)
    return with_search_texts(document, with_mended(document, found, mender), encoder)


def test_a_passage_of_rows_has_its_heads_once() -> None:
    first, second, *_ = passages_of(TABLE)
    assert second.search_text.count("Port Boats Carries") == 1
    assert second.search_text.startswith("The title\nTable I Ferries\nPort Boats Carries Harbour")
    assert second.search_text.count("Table I Ferries") == 1
    assert first.search_text.count("Port Boats Carries") == 1
    assert "Port Boats" not in second.text


def test_title_headings_and_leads_give_way_to_the_passage_in_turn() -> None:
    starts = [passages_of(TABLE, reads=reads)[1].search_text[:7] for reads in (38, 37, 35, 28)]
    assert starts == ["The tit", "Table I", "Harbour", "Harbour"]
    led = (
        "These are the pilots of the first year:\n\n"
        "- Bexley (older people), which came first and went first\n\n"
        "- Essex (housing), which came later and has stayed since then\n"
    )
    starts = [
        passages_of(led, tokens=16, reads=reads)[-1].search_text[:5] for reads in (25, 24, 22)
    ]
    assert starts == ["The t", "These", "- Ess"]


def test_a_passage_is_searched_by_its_mended_words() -> None:
    text = "It began.\n\nThe takeoverof the trust was in2006. It was a slow thing."
    (passage,) = passages_of(text, tokens=60)
    assert (
        passage.search_text
        == "The title\nIt began. The takeover of the trust was in 2006. It was a slow thing."
    )
    assert passage.text == text
    assert [s.mended for s in passage.sentences] == [
        "",
        "The takeover of the trust was in 2006.",
        "",
    ]


def test_the_rows_of_a_csv_stand_under_the_names_of_its_columns() -> None:
    text = "area,year\n" + "".join(f"Place{n},200{n}\n" for n in range(10))
    first, second, *_ = passages_of(text, layout="rows", tokens=16)
    assert first.search_text.count("area,year") == 1
    assert second.search_text.startswith("The title\narea,year\nPlace")
    assert second.sentences[0].mended.startswith("area: Place")


class Counting(WordEncoder):
    """Counts the texts whose tokens are asked for."""

    def __init__(self, *, max_tokens: int) -> None:
        super().__init__(max_tokens=max_tokens)
        self.asked: list[str] = []

    def token_ends(self, texts: Sequence[str]) -> list[list[int]]:
        self.asked.extend(texts)
        return super().token_ends(texts)


@pytest.mark.parametrize(("reads", "shorter"), [(256, 0), (38, 0), (37, 1)])
def test_tokens_are_counted_once_more_only_for_what_is_too_long(reads: int, shorter: int) -> None:
    encoder = Counting(max_tokens=reads)
    passages = passages_of(TABLE, encoder=encoder)
    assert len(encoder.asked) == 1 + len(passages) + shorter


def test_no_passages_no_copies() -> None:
    assert passages_of("") == ()


def test_a_running_head_within_a_sentence_is_not_searched() -> None:
    text = "The trust was made in 2002 and it\nQUARTERLY REVIEW 7\nran the homes of the town."
    start = text.index("QUARTERLY")
    asides = (Span(start=start, end=text.index("\nran")),)
    (passage,) = passages_of(text, tokens=60, asides=asides)
    assert passage.text == text
    assert passage.search_text.endswith("made in 2002 and it ran the homes of the town.")
    assert "QUARTERLY" not in passage.search_text
