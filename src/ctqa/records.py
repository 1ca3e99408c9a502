"""The records that travel through CTQA: frozen, slotted, keyword-only.

All offsets are half-open character ranges of `Document.text`; pages and ranks count from 1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

PageState = Literal["text", "ocr", "poor", "empty", "unreadable", "encrypted", "failed", "skipped"]
"""What became of a page.

"text" was read from the file's own text, "ocr" from its picture; "poor" holds text that cannot be
relied on. "empty" has nothing to read. Not read are "unreadable" (there is something to read, and
nothing at hand that reads it: a scan), "encrypted", "failed" (damaged, or too much for the reader)
and "skipped" (left out on purpose, at a limit).
"""
FileState = Literal[
    "read", "empty", "unreadable", "encrypted", "failed", "unsupported", "skipped", "ignored"
]
"""What became of a file; "ignored" is no document (gold questions), or left out by the user."""
Layout = Literal["prose", "rows"]  # "rows": every line of the text is a table row
SentenceKind = Literal["sentence", "heading", "row", "item"]

UNREAD_PAGES: tuple[PageState, ...] = ("unreadable", "encrypted", "failed", "skipped")
UNREAD_FILES: tuple[FileState, ...] = (
    *("unreadable", "encrypted", "failed", "unsupported", "skipped"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a document came from and how to cite it; "" where the source does not tell."""

    id: str
    path: str
    sha256: str  # of the file's bytes; in a corpus.jsonl or CSV corpus, of the line's or row's text
    title: str
    author: str = ""
    publication: str = ""
    year: str = ""
    url: str = ""
    tags: str = ""  # parted by semicolons


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which documents are searched: those that meet every condition; without any, all."""

    documents: tuple[str, ...] | None = None  # by id; None: any
    folders: tuple[str, ...] = ()  # one of these, or below it, as the files' ids have them
    since: int | None = None  # years, both included; a document of no known year meets neither
    until: int | None = None
    tags: tuple[str, ...] = ()  # one of these


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a document, accounted for even when it holds no text.

    A page is what the format parts a document into: a slide of a presentation, a sheet of a
    workbook, a file within an EPUB.
    """

    number: int  # as it lies in the file, from 1
    start: int
    end: int
    state: PageState = "text"
    reason: str = ""  # why it is not "text", or what is missing from it
    label: str = ""  # as printed on it ("iv", "A-3"), or a sheet's name; "": none is known
    extractor: str = ""  # "pypdf", "pypdfium2", "pypdf+pypdfium2", "rapidocr"; "": it has one


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A stretch of text under a heading; `path` runs from the outermost heading inwards."""

    path: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Text that belongs together: a paragraph ("sentence"), a heading, a table row, a list item."""

    start: int
    end: int
    kind: SentenceKind
    # For search copies, never shown, where the file itself tells: what stands over the block (a
    # table's caption), and a row with each cell under its head: "area: Bexley; year: 2003".
    lead: str = ""
    copy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of a document's text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a document's file tells of it apart from its text; "" where it does not."""

    part: int = 0  # counts the lines or rows of a corpus from 1; 0: the document is the whole file
    id: str = ""  # of a part
    sha256: str = ""  # of a part
    title: str = ""
    author: str = ""
    year: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A source's text exactly as extracted, with its pages and sections in order."""

    source: Source
    text: str
    pages: tuple[Page, ...]
    sections: tuple[Section, ...] = ()
    layout: Layout = "prose"
    blocks: tuple[Block, ...] = ()  # in order, as the file marks them; (): found in the text
    asides: tuple[Span, ...] = ()  # in order: running heads, menus; never searched
    told: Told = Told()
    name: str = ""  # its title, where that was made of the file's name for want of a better one

    @property
    def id(self) -> str:
        """The source's id."""
        return self.source.id


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """What became of one file: the ledger's line. `documents` is empty unless `state` is "read"."""

    path: str
    sha256: str
    size: int
    state: FileState
    reason: str = ""  # why it is not "read", or what was left out of it
    documents: Sequence[Document] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """The smallest thing ever shown: a sentence, a heading, a table row or a list item."""

    start: int
    end: int
    kind: SentenceKind = "sentence"
    page: int = 1  # of its first character
    # For search copies, never shown: the caption and column heads over a row, the sentence that
    # opens a list; and the text itself where extraction's slips could be mended. "": nothing.
    lead: str = ""
    mended: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """What is ranked: a run of whole sentences of one document."""

    id: str
    document_id: str
    start: int
    end: int
    text: str
    page: int  # of its first character
    section: tuple[str, ...]
    sentences: tuple[Sentence, ...]
    search_text: str = ""  # its search copy: title, headings, leads and mended words; never shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Why a hit stands where it stands; None where a stage did not see the passage."""

    dense_rank: int | None = None
    lexical_rank: int | None = None
    dense_score: float | None = None  # cosine, -1..1
    lexical_score: float | None = None  # BM25, 0 upwards; comparable within one question only
    fused_score: float | None = None  # 0..1; comparable within one question only
    rerank_score: float | None = None  # the reranker's logit of the passage
    halfway: bool = False  # whether that is what it expected, and the passage was not read on
    sentence_score: float | None = None  # and that of its best sentence, where these were read


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A passage found for a question."""

    rank: int
    score: float
    passage: Passage
    source: Source
    why: Why
    page_label: str = ""  # what is printed as the number of the passage's page; "": nothing known


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """What the confidence of an answer rests on.

    Relevance is the reranker's logit or, without a reranker, the cosine to the question.
    """

    passage: float  # relevance of the whole passage
    sentence: float  # relevance of the sentence that answers
    run: float  # the best relevance of that sentence with a neighbour, or alone
    ahead: float  # by which its score leads the best answer's elsewhere; below 0: it does not lead
    agreement: float  # of the retrievers, 0..1: 1 when both rank the passage first
    terms: float  # share of the question's terms in the passage, rare ones counting more, 0..1
    terms_near: float  # the same for the sentences shown, with their heading and title
    names: float  # share of the question's names and numbers in the passage, 0..1; 1 without any
    names_near: float  # the same for the sentences shown, with their heading and title
    span: float = 0.0  # log-odds of their best words against no answer, -20..20; 0: nothing marks


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the words of an answer stand once more."""

    source: Source
    page: int
    start: int
    end: int
    page_label: str = ""  # as printed on the page; "": nothing known


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A slice of a document that answers: `document.text[start:end] == text`, always."""

    text: str
    start: int
    end: int
    page: int
    section: tuple[str, ...]
    score: float  # 0..1 for the sentence reader; ranks the answers of one reply
    confidence: float | None  # chance of being right; None: not calibrated
    quote_sha256: str
    sentence: Sentence
    sentence_text: str
    passage: Passage
    source: Source
    signals: Signals | None = None  # None: the reader gives none, and nothing is calibrated
    page_label: str = ""  # as printed on the page; "": nothing known
    places: tuple[Place, ...] = ()  # where the same stands too, in this document or another
    newer: Source | None = None  # the newest edition of the document; None: no newer one is known
    newest: bool = False  # whether it is the newest of several editions in the index


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """What the confidences of a reply rest on."""

    gold: str  # the gold questions' name
    own: bool  # whether they ask about the index's own documents
    questions: int
    ece: float  # expected calibration error out of sample, 0..1
    created_at: str  # ISO 8601


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBack:
    """The best candidate of a question that was not answered."""

    confidence: float  # its own
    least: float  # from which on answers are given; infinite: none is


@dataclass(frozen=True, slots=True, kw_only=True)
class Expansion:
    """An acronym of the documents that was searched in both forms, and where it is defined."""

    short: str
    long: str
    document_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A sentence of a document: `document.text[start:end] == text`, always."""

    source: Source
    page: int
    start: int
    end: int
    text: str
    differs: str = ""  # the part of it that differs from another quote; "": a word that is missing
    page_label: str = ""  # as printed on the page; "": nothing known


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """Two documents that possibly contradict each other about what was asked.

    "number": they tell other values of the same thing; "negation": one denies what the other says.
    """

    kind: Literal["number", "negation"]
    first: Quote  # what was answered
    second: Quote
    newer: Source | None = None  # the newer one's, where both are editions of one document


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """All that one question brought back. `answers` is empty when the sources do not answer."""

    question: str
    answers: tuple[Answer, ...]
    hits: tuple[Hit, ...]
    pages_unread: int
    build: int
    elapsed_ms: Mapping[str, float] = field(default_factory=dict)
    id: str | None = None
    searched: str = ""  # what was searched, where that is more than the question says; "": it alone
    expansions: tuple[Expansion, ...] = ()
    calibration: Calibrated | None = None  # None: no confidence was calibrated
    held_back: HeldBack | None = None  # None: something was answered, or nothing was found at all
    disagreements: tuple[Disagreement, ...] = ()  # possible ones, of answers with other documents

    @property
    def answered(self) -> bool:
        """Whether the sources answer."""
        return bool(self.answers)

    @property
    def reranked(self) -> bool:
        """Whether a reranker ordered the hits; without one, answers are right less often."""
        return any(hit.why.rerank_score is not None for hit in self.hits)
