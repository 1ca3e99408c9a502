"""Questions that the documents themselves suggest, for a person to accept or refuse.

They come from headings, captions, definitions and acronyms, each with the document's own words that
answer. None is gold until a person has said so.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from ctqa.evaluation.gold.defining import as_written, defined_in, is_a
from ctqa.evaluation.gold.headings import asking, naming
from ctqa.evaluation.locate import Documents
from ctqa.index.acronyms import mine
from ctqa.index.paging import page_at
from ctqa.records import Document, Section, Sentence, Source
from ctqa.text import sentences, squeeze

Origin = Literal["heading", "definition", "acronym", "caption"]

_MOST_CHARS = 200_000  # of a document that are looked through
_OF_A_KIND = 12  # suggestions of one origin from one document, at most
_ACRONYMS = 4  # of one document, at most
_LOOKED_AT = 500  # documents at least, if there are as many
_TO_CHOOSE_FROM = 2  # suggestions for each that is wanted, at least
_LEAST_QUOTE, _MOST_QUOTE = 40, 500  # characters
_LETTERS = 0.7  # share of a quote's characters; less is a table, or what extraction broke
_GLUED = re.compile(r"[^\W\d_]{24,}|[a-z]{2,}[A-Z][a-z]{2,}")
_ENDS = re.compile(r"[.!?][\"'”’)\]]*$")
_BEGINS = re.compile(r"[\"'“‘(]?[A-Z0-9]")
_CAPTION = re.compile(
    r"(?P<label>(?:Table|Figure|Fig\.|Box|Chart|Exhibit) (?:\d+(?:\.\d+)*|[IVXLC]+))"
    r"(?P<apart>[.:]| [-–—]|(?= [A-Z]))\s+(?P<about>[A-Z][^|]{14,110}?)(?=[.:;](?:\s|$)|$)"
)
_CUT = re.compile(
    r"(?:-|\b(?:a|an|and|as|at|by|for|from|in|of|on|or|per|the|to|with))$", re.IGNORECASE
)
_NO_CAPTION = re.compile(r"(?:This|These|An? example|Example|Continued|Source)\b", re.IGNORECASE)
_NOUN_OF = re.compile(r"[a-z]+ (?:of|in|for) ")
_WH = re.compile(r"(?:how|what|when|where|which|who|whom|whose|why)\b", re.IGNORECASE)
_LONG_FORM = re.compile(r"[^\W\d_][\w’'&,/-]*(?:[ -][\w’'&,/-]+)+")
_PLURAL = re.compile(r"(?<=[A-Z])s$")
_LEADS = re.compile(  # a sentence that leans on the one before, or says nothing by itself
    r"(?:He|She|It|They|This|These|That|Those|Such|Here|There|However|But|And|Also|Thus|Hence|"
    r"Therefore|Moreover|Furthermore|In addition|For example|As such|See|Click|Note that)\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A question and the words that answer it: `document.text[start:end] == quote`, always."""

    question: str
    document: str  # its id
    quote: str
    start: int
    end: int
    page: int
    origin: Origin
    answer: str = ""  # short and verbatim; "": the whole quote

    @property
    def id(self) -> str:
        """A name that stays the same as long as question and quote do."""
        told = f"{self.question}\0{self.document}\0{squeeze(self.quote)}"
        return f"s{hashlib.sha256(told.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def suggest(
    documents: Documents, most: int = 50, progress: Callable[[int, int], None] | None = None
) -> tuple[Suggestion, ...]:
    """Suggest questions, spread over the documents, none twice.

    Documents are looked through from all over the index until there are more than enough.
    """
    sources = _spread(documents.documents())
    of_each: list[list[Suggestion]] = []
    number = 0
    for done, source in enumerate(sources, start=1):
        of_each.append(list(_of_document(documents.document(source.id))))
        number += len(of_each[-1])
        if progress is not None:
            progress(done, len(sources))
        if done >= _LOOKED_AT and number >= _TO_CHOOSE_FROM * most:
            break
    return tuple(islice(_without_repeats(_in_turn(of_each)), most))


def _spread(sources: Sequence[Source]) -> Sequence[Source]:
    """Put documents into an order of which the first are from all over the list."""
    step = max(len(sources) // _LOOKED_AT, 1)
    return [source for first in range(step) for source in sources[first::step]]


def _without_repeats(found: Iterable[Suggestion]) -> Iterator[Suggestion]:
    """Leave out questions of the same words, and those of which the quote was taken."""
    asked: set[str] = set()
    quoted: set[tuple[str, int]] = set()
    for one in found:
        words = " ".join(re.findall(r"\w+", one.question.casefold()))
        if words not in asked and (one.document, one.start) not in quoted:
            asked.add(words)
            quoted.add((one.document, one.start))
            yield one


def _in_turn(of_each: Sequence[Sequence[Suggestion]]) -> Iterator[Suggestion]:
    """Give the first of each document, then the second of each, and so on."""
    for turn in range(max(map(len, of_each), default=0)):
        yield from (of_one[turn] for of_one in of_each if turn < len(of_one))


def _of_document(document: Document) -> Iterator[Suggestion]:
    """Give a document's suggestions, those of different origins by turns."""
    if document.layout == "rows":
        return
    text = squeeze(document.text[:_MOST_CHARS])
    pieces = _pieces(document)
    kinds = (
        _from_headings(document, pieces),
        _from_definitions(document, pieces, text),
        _from_captions(document, pieces, text),
        _from_named_sections(document, pieces, text),
        _from_acronyms(document, pieces),
    )
    yield from _in_turn([list(islice(kind, _OF_A_KIND)) for kind in kinds])


def _pieces(document: Document) -> tuple[Sentence, ...]:
    """Cut the part of a document that is looked through, without running heads and menus."""
    blocks = [block for block in document.blocks if block.end <= _MOST_CHARS]
    whole = document.text[: blocks[-1].end if blocks else _MOST_CHARS]
    asides = document.asides
    return tuple(
        piece
        for piece in sentences(whole, blocks)
        if not any(aside.start < piece.end and piece.start < aside.end for aside in asides)
    )


def _from_headings(document: Document, pieces: Sequence[Sentence]) -> Iterator[Suggestion]:
    for section, question in asking(document):
        for start, end in _opening(document, section, pieces) if _WH.match(question) else ():
            yield _suggestion(document, question, start, end, "heading")


def _from_definitions(
    document: Document, pieces: Sequence[Sentence], text: str
) -> Iterator[Suggestion]:
    for piece in pieces:
        plain = squeeze(document.text[piece.start : piece.end])
        if piece.kind in ("sentence", "item") and _is_good(plain):
            for question in islice((*defined_in(plain, text), *is_a(plain, text)), 1):
                yield _suggestion(document, question, piece.start, piece.end, "definition")


def _from_acronyms(document: Document, pieces: Sequence[Sentence]) -> Iterator[Suggestion]:
    defined = [one for one in mine(document.text[:_MOST_CHARS]) if _LONG_FORM.fullmatch(one.long)]
    for found in defined[:_ACRONYMS]:
        around = [p for p in pieces if p.start <= found.start and found.end <= p.end]
        for piece in around[:1]:
            plain = squeeze(document.text[piece.start : piece.end])
            if piece.kind == "sentence" and _is_good(plain):
                question = f"What does {_PLURAL.sub('', found.short)} stand for?"
                start, end = piece.start, piece.end
                yield _suggestion(document, question, start, end, "acronym", found.long)


def _from_captions(
    document: Document, pieces: Sequence[Sentence], text: str
) -> Iterator[Suggestion]:
    for piece in pieces:
        plain = squeeze(document.text[piece.start : piece.end])
        found = _CAPTION.match(plain)
        if found is None or len(plain) > _MOST_QUOTE or not _is_readable(found["about"]):
            continue
        about = found["about"].rstrip(" .")
        if _CUT.search(about) or _NO_CAPTION.match(about):
            continue
        thing = found["label"].split()[0].lower().replace("fig.", "figure")
        question = f"Which {thing} shows {_captioned(about, text)}?"
        yield _suggestion(document, question, piece.start, piece.end, "caption", found["label"])


def _captioned(about: str, text: str) -> str:
    """Put a caption into a question: as it stands where its words are capitalised."""
    words = about.split()
    long = [word for word in words[1:] if len(word) > 3]
    titled = 2 * sum(word[0].isupper() for word in long) >= max(len(long), 1)
    if titled or words[1][0].isupper():
        return f"“{about}”"
    written = as_written(about, text)
    return f"the {written}" if _NOUN_OF.match(written) else written


def _from_named_sections(
    document: Document, pieces: Sequence[Sentence], text: str
) -> Iterator[Suggestion]:
    for section, thing in naming(document):
        for start, end in _opening(document, section, pieces):
            opening = squeeze(document.text[start:end])
            said = f"What is said about {_with_article(thing, opening)}?"
            question = next(is_a(opening, text, thing), said)
            if _speaks_of(opening, thing):
                yield _suggestion(document, question, start, end, "heading")


def _opening(
    document: Document, section: Section, pieces: Sequence[Sentence]
) -> Iterator[tuple[int, int]]:
    """Give where the first one or two sentences of a section stand, if it begins with some."""
    within = [p for p in pieces if section.start <= p.start and p.end <= section.end]
    body = [piece for piece in within if piece.kind != "heading"][:2]
    if not body or body[0].kind not in ("sentence", "item"):
        return
    start, end = body[0].start, body[0].end
    if not _is_good(squeeze(document.text[start:end])):
        return
    if len(body) > 1 and body[1].kind == "sentence" and body[1].end - start <= _MOST_QUOTE:
        longer = squeeze(document.text[start : body[1].end])
        between = document.text[end : body[1].start]
        if _is_good(longer) and not between.strip() and "\f" not in between:
            end = body[1].end
    yield start, end


def _with_article(thing: str, opening: str) -> str:
    spoken = re.search(rf"\b(?:the|an?) {re.escape(thing)}\b", opening, re.IGNORECASE)
    return thing if spoken is None else f"the {thing}"


def _speaks_of(opening: str, thing: str) -> bool:
    """Tell whether most words of a thing stand in what is said first of it."""
    words = re.findall(r"\w{4,}", thing.casefold())
    there = sum(word[:5] in opening.casefold() for word in words)
    return bool(words) and 2 * there >= len(words)


def _is_good(quote: str) -> bool:
    """Tell whether a quote is a readable sentence that can be understood by itself."""
    if not _LEAST_QUOTE <= len(quote) <= _MOST_QUOTE or _LEADS.match(quote):
        return False
    whole = _BEGINS.match(quote) is not None and _ENDS.search(quote) is not None
    return whole and _is_readable(quote)


def _is_readable(text: str) -> bool:
    letters = sum(character.isalpha() or character == " " for character in text)
    return letters >= _LETTERS * len(text) and _GLUED.search(text) is None


def _suggestion(
    document: Document, question: str, start: int, end: int, origin: Origin, answer: str = ""
) -> Suggestion:
    quote = document.text[start:end]
    return Suggestion(
        question=question,
        document=document.id,
        quote=quote,
        start=start,
        end=end,
        page=page_at(document.pages, start).number,
        origin=origin,
        answer=answer if answer in squeeze(quote) else "",
    )
