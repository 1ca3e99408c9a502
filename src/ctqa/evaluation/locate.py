"""Finding the places that a gold set names in the documents of an index."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Literal, Protocol
from unicodedata import normalize

from ctqa.evaluation.gold.folding import Span, places
from ctqa.evaluation.gold.questions import GoldQuestion, Judgment
from ctqa.records import Document, Page, Passage, Source

__all__ = ["Documents", "Level", "Library", "Span", "Target", "locate", "places"]

Level = Literal["document", "page", "quote"]


class Documents(Protocol):
    """What locating asks of an index."""

    def documents(self) -> Sequence[Source]:
        """List the documents."""
        ...

    def document(self, document_id: str) -> Document:
        """Fetch a document with its text and pages."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a judgment stands in the index; `missed`: nowhere, so that no hit can be right."""

    judgment: Judgment
    level: Level
    document: str | None = None  # its id in the index
    spans: tuple[Span, ...] = ()  # of the quote, wherever it stands, or of the page
    answers: tuple[Span, ...] = ()  # where the short answers stand within these
    pages: frozenset[int] = frozenset()  # that the spans touch; empty: any page is right
    problem: str = ""
    missed: bool = False

    def held_by(self, passage: Passage) -> bool:
        """Tell whether a passage holds it.

        A quote is held by what covers at least half of it, a page by a passage of which at least
        half stands on it, a document by any of its passages.
        """
        if self.missed or passage.document_id != self.document:
            return False
        if self.level == "document":
            return True
        extent = Span(passage.start, passage.end)
        if self.level == "page":
            return any(extent.half_within(*page) for page in self.spans)
        return any(span.half_within(*extent) for span in self.spans)


class Library:
    """An index's documents, found by what gold sets call them."""

    def __init__(self, index: Documents) -> None:
        self.document = lru_cache(maxsize=64)(index.document)
        self.around = lru_cache(maxsize=64)(self._around)
        self._ids: dict[str, list[str]] = {}
        self._paths: dict[str, list[str]] = {}
        self._names: dict[str, list[tuple[str, str]]] = {}  # file name -> (path, id)
        self._titles: dict[str, list[str]] = {}  # titles, and file names without their suffix
        for source in index.documents():
            path = PurePosixPath(_key(source.path))
            self._ids.setdefault(_key(source.id), []).append(source.id)
            self._paths.setdefault(str(path), []).append(source.id)
            self._names.setdefault(path.name, []).append((f"/{path}", source.id))
            for title in {_key(source.title), path.stem}:
                self._titles.setdefault(title, []).append(source.id)

    def find(self, name: str) -> tuple[str, ...]:
        """Find the ids of the documents a name stands for.

        An id goes before a path, that before the end of a path (a file name is enough), that
        before a title or a file name without its suffix.
        """
        key = _key(name)
        path = PurePosixPath(key)
        endings = [
            found for whole, found in self._names.get(path.name, []) if whole.endswith(f"/{path}")
        ]
        for ids in (self._ids.get(key), self._paths.get(str(path)), endings):
            if ids:
                return tuple(ids)
        return tuple(self._titles.get(key, ()))

    def _around(self, document: str, context: str | None) -> tuple[Span, ...]:
        """Find where a context stands in a document; None stands for the whole document."""
        text = self.document(document).text
        whole = Span(0, len(text))
        return (whole,) if context is None else places(context, text, whole)


def locate(question: GoldQuestion, library: Library) -> tuple[Target, ...]:
    """Find each judgment of a question in the index."""
    return tuple(_locate(judgment, question.answers, library) for judgment in question.judgments)


def _key(name: str) -> str:
    """Compare names as one file system would: macOS decomposes accents, Windows has backslashes."""
    return normalize("NFC", name).replace("\\", "/")


def _locate(judgment: Judgment, answers: Sequence[str], library: Library) -> Target:
    level: Level = "document" if judgment.page is None else "page"
    target = Target(judgment=judgment, level="quote" if judgment.quote else level)
    ids = library.find(judgment.document)
    if len(ids) != 1:
        problem = "is not in the index" if not ids else f"could be any of {len(ids)} documents"
        return _miss(target, f"document “{judgment.document}” {problem}")
    target = replace(target, document=ids[0])
    if target.level == "quote":
        target = _find_quote(target, library)
    elif target.level == "page":
        target = _find_page(target, library.document(ids[0]).pages)
    if target.missed or not answers:
        return target
    return _find_answers(target, answers, library.document(ids[0]).text)


def _miss(target: Target, problem: str) -> Target:
    return replace(target, problem=problem, missed=True)


def _find_quote(target: Target, library: Library) -> Target:
    document, judgment = str(target.document), target.judgment
    surroundings = library.around(document, judgment.context)
    if not surroundings:
        return _miss(target, "the context is not in the document")
    found = library.document(document)
    spans = [span for around in surroundings for span in _quoted(judgment, found.text, around)]
    if not spans:
        return _miss(target, "the quote is not in the document")
    return _narrow(replace(target, spans=tuple(dict.fromkeys(spans))), found.pages)


def _quoted(judgment: Judgment, text: str, around: Span) -> tuple[Span, ...]:
    quote = "" if judgment.quote is None else judgment.quote
    if judgment.offset is not None:
        start = around.start + judgment.offset
        if text.startswith(quote, start):
            return (Span(start, start + len(quote)),)
    return places(quote, text, around)


def _narrow(target: Target, pages: Sequence[Page]) -> Target:
    """Keep the places on the page that the judgment names; where there are none, keep all."""
    wanted, touched = target.judgment.page, _touched(target.spans, pages)
    if wanted is None:
        return replace(target, pages=touched)
    on_page = tuple(span for span in target.spans if wanted in _touched([span], pages))
    if on_page:
        return replace(target, spans=on_page, pages=frozenset([wanted]))
    found = ", ".join(map(str, sorted(touched)))
    problem = f"the quote is not on page {wanted}; taken was where it stands, page {found}"
    return replace(target, pages=touched, problem=problem)


def _find_page(target: Target, pages: Sequence[Page]) -> Target:
    wanted = target.judgment.page
    page = next((page for page in pages if page.number == wanted), None)
    if page is None:
        return _miss(target, f"there is no page {wanted}: the document has {len(pages)}")
    if page.start == page.end:
        return _miss(target, f"page {wanted} holds no text")
    return replace(target, spans=(Span(page.start, page.end),), pages=frozenset([page.number]))


def _touched(spans: Sequence[Span], pages: Sequence[Page]) -> frozenset[int]:
    return frozenset(
        page.number for page in pages if any(span.overlap(page.start, page.end) for span in spans)
    )


def _find_answers(target: Target, answers: Sequence[str], text: str) -> Target:
    around = target.spans or (Span(0, len(text)),)
    found = [span for part in around for answer in answers for span in places(answer, text, part)]
    if found or target.level == "quote":
        return replace(target, answers=tuple(dict.fromkeys(found)))
    return replace(target, problem="none of the answers stands in it word for word")
