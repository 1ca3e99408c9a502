"""Document -> passages: runs of whole sentences, sized in the encoder's own tokens."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ctqa import text
from ctqa.config import IndexConfig
from ctqa.leads import with_column_names, with_leads
from ctqa.records import Document, Passage, Section, Sentence


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence with what the splitter asks about it."""

    sentence: Sentence
    tokens: int
    section: tuple[str, ...]


def split(document: Document, token_ends: Sequence[int], config: IndexConfig) -> list[Passage]:
    """Cut a document into overlapping passages of at most `config.passage_tokens` tokens.

    `token_ends` are the character offsets at which the document's tokens end. A passage begins
    anew where the section changes, and holds sentences, rows and items whole; only one that is
    longer than a passage by itself is cut, between words where it can be. A document without
    text gives no passage.
    """
    found = _sentences_of(document)
    if not found:
        return []
    if config.split == "document":
        return [_passage(document, found)]
    tokens = _Tokens(token_ends, document.text)
    whole = [part for sentence in found for part in tokens.fit(sentence, config.passage_tokens)]
    units = [
        _Unit(part, tokens.count(part.start, part.end), _section_at(document.sections, part.start))
        for part in whole
    ]
    return [
        _passage(document, [unit.sentence for unit in run])
        for section in _sections_of(units)
        for run in _runs(section, config)
    ]


def _sentences_of(document: Document) -> tuple[Sentence, ...]:
    if document.layout == "rows":
        return with_column_names(document.text, text.rows(document.text))
    plain = text.body(document.text, document.asides)
    found = text.sentences(plain, document.blocks)
    return with_leads(plain, found, rows_told=bool(document.blocks))


@dataclass(frozen=True, slots=True)
class _Tokens:
    ends: Sequence[int]
    text: str

    def count(self, start: int, end: int) -> int:
        """Count the tokens that end within a range."""
        return bisect_right(self.ends, end) - bisect_right(self.ends, start)

    def fit(self, sentence: Sentence, most: int) -> Iterator[Sentence]:
        """Cut a sentence into pieces of at most `most` tokens; one that fits stays whole."""
        start = sentence.start
        while self.count(start, sentence.end) > most:
            limit = self.ends[bisect_right(self.ends, start) + most - 1]
            cut = self._between_words(start, limit)
            sentence = replace(sentence, mended="")  # it says the whole
            yield from self._piece(sentence, start, cut)
            start = cut
        yield from self._piece(sentence, start, sentence.end)

    def _between_words(self, start: int, limit: int) -> int:
        """Find the last end of a word up to `limit`; `limit` itself where there is none."""
        if self.text[limit : limit + 1].isspace():
            return limit
        piece = self.text[start:limit]
        kept = len(piece) - len(piece.split()[-1])
        return start + kept if piece[:kept].strip() else limit

    def _piece(self, sentence: Sentence, start: int, end: int) -> Iterator[Sentence]:
        piece = self.text[start:end]
        if piece.strip():
            begin = start + len(piece) - len(piece.lstrip())
            end = start + len(piece.rstrip())
            whole = (begin, end) == (sentence.start, sentence.end)
            yield sentence if whole else replace(sentence, start=begin, end=end)


def _section_at(sections: Sequence[Section], offset: int) -> tuple[str, ...]:
    """Give the path of the section that holds an offset; () where none does."""
    at = bisect_right(sections, offset, key=lambda section: section.start) - 1
    return sections[at].path if at >= 0 and offset < sections[at].end else ()


def _sections_of(units: Sequence[_Unit]) -> Iterator[list[_Unit]]:
    """Group by section; headings with nothing under them go to the section that follows."""
    group = [units[0]]
    for before, unit in pairwise(units):
        if unit.section != before.section and any(u.sentence.kind != "heading" for u in group):
            yield group
            group = []
        group.append(unit)
    yield group


def _runs(units: Sequence[_Unit], config: IndexConfig) -> Iterator[list[_Unit]]:
    """Pack units into runs; each run but the first starts with the end of the one before."""
    run: list[_Unit] = []
    for unit in units:
        if run and sum(u.tokens for u in run) + unit.tokens > config.passage_tokens:
            yield run
            room = min(config.overlap_tokens, config.passage_tokens - unit.tokens)
            run = _tail(run, room)
        run.append(unit)
    yield run


def _tail(run: Sequence[_Unit], tokens: int) -> list[_Unit]:
    """Take the last units of a run that fit into `tokens`, never all of them."""
    taken: list[_Unit] = []
    for unit in reversed(run[1:]):
        if sum(u.tokens for u in taken) + unit.tokens > tokens:
            break
        taken.insert(0, unit)
    return taken


def _passage(document: Document, found: Sequence[Sentence]) -> Passage:
    start, end = found[0].start, found[-1].end
    body = next((s for s in found if s.kind != "heading"), found[0])
    return Passage(
        id=passage_id(document.id, start, end),
        document_id=document.id,
        start=start,
        end=end,
        text=document.text[start:end],
        page=page_at(document, start),
        section=_section_at(document.sections, body.start),
        sentences=tuple(_on_page(s, page_at(document, s.start)) for s in found),
    )


def _on_page(sentence: Sentence, page: int) -> Sentence:
    return sentence if sentence.page == page else replace(sentence, page=page)


def passage_id(document_id: str, start: int, end: int) -> str:
    """Name a passage by its place."""
    return f"{document_id}:{start}-{end}"


def page_at(document: Document, offset: int) -> int:
    """Give the number of the page that holds an offset; between pages, the page before it."""
    at = bisect_right(document.pages, offset, key=lambda page: page.start) - 1
    return document.pages[max(at, 0)].number
