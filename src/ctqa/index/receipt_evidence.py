"""What stands in the catalog of a document, and the first claim that differs from it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import Any

from ctqa.index.catalog import Catalog
from ctqa.index.paging import page_at
from ctqa.index.receipt_claims import Claims, Elsewhere, Slice
from ctqa.index.schema import damaged
from ctqa.records import Document, Page, Passage

_FILE = "document sha256"
_SHOWN = 60  # characters of a value


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A claim that is not what stands there."""

    name: str
    claimed: str  # both shortened
    found: str

    @classmethod
    def of(cls, name: str, claimed: Any, found: Any) -> "Difference":
        """Tell of two values; of long texts, from a little before they part."""
        at = 0
        if isinstance(claimed, str) and isinstance(found, str):
            at = max(0, _common_length(claimed, found) - _SHOWN // 2)
        return cls(name=name, claimed=_shown(claimed, at), found=_shown(found, at))

    @property
    def is_of_file(self) -> bool:
        """Whether the document is made of another file than is claimed."""
        return self.name == _FILE

    def __str__(self) -> str:
        return f"{self.name} is claimed to be {self.claimed}, and is {self.found}"


def _common_length(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _shown(value: Any, at: int) -> str:
    """Give a value as it is written in messages, a text from an offset on."""
    told = repr(value[at:] if isinstance(value, str) else value)
    end = "…" if len(told) > _SHOWN else ""
    return f"{'…' if at else ''}{told[:_SHOWN]}{end}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A document as a build has it."""

    build: int
    file: int  # key
    document: Document
    passages: tuple[Passage, ...]

    @classmethod
    def fetch(cls, catalog: Catalog, build: int, document_id: str) -> "Evidence | None":
        """Fetch a document; None when the build has none of that id."""
        rows = catalog.documents_named(build, [document_id])
        if not rows:
            return None
        if len(rows) > 1:
            raise damaged(catalog.folder, f"two documents are called {document_id}")
        row = rows[0]
        return cls(
            build=build,
            file=row.file,
            document=catalog.whole(row),
            passages=catalog.passages_of(row),
        )

    @property
    def text(self) -> str:
        """The document's text."""
        return self.document.text

    @property
    def source(self) -> dict[str, str]:
        """What the document is cited by."""
        return asdict(self.document.source)

    def page(self, offset: int) -> Page:
        """Give the page on which an offset stands."""
        return page_at(self.document.pages, offset)


Fetch = Callable[[str], Evidence | None]


def first_difference(claims: Claims, found: Evidence, fetch: Fetch) -> Difference | None:
    """Give the first claim about a document that is not what stands there; None: all do.

    `fetch` gives the other documents that are named.
    """
    return next(_differences(claims, found, fetch), None)


def _differences(claims: Claims, found: Evidence, fetch: Fetch) -> Iterator[Difference]:
    yield from _source_differences(claims.source, found.source)
    whole = Slice(start=claims.start, end=claims.end, text=claims.text)
    yield from _slice_differences(whole, found)
    quoted = sha256(claims.text.encode()).hexdigest()
    yield from _unlike("quote_sha256", claims.quote_sha256, quoted)
    yield from _page_differences(claims, found)
    yield from _passage_differences(claims, found)
    yield from _sentence_differences(claims, found)
    for elsewhere in claims.elsewhere:
        for difference in _elsewhere_differences(elsewhere, fetch):
            yield replace(difference, name=f"{difference.name} of another place")


def _unlike(name: str, claimed: Any, found: Any) -> Iterator[Difference]:
    if claimed != found:
        yield Difference.of(name, claimed, found)


def _source_differences(
    claimed: Mapping[str, str], found: Mapping[str, str]
) -> Iterator[Difference]:
    for name in ("sha256", *claimed):
        yield from _unlike(f"document {name}", claimed[name], found[name])


def _slice_differences(claimed: Slice, found: Evidence, of: str = "") -> Iterator[Difference]:
    outside = list(_range_differences(claimed.start, claimed.end, found, of))
    yield from outside
    if not outside:
        yield from _unlike(f"{of}text", claimed.text, found.text[claimed.start : claimed.end])


def _range_differences(start: int, end: int, found: Evidence, of: str = "") -> Iterator[Difference]:
    if not 0 <= start < end <= len(found.text):
        within = f"within 0-{len(found.text)}"
        yield Difference(name=f"{of}start and end", claimed=f"{start}-{end}", found=within)


def _page_differences(claims: Claims | Elsewhere, found: Evidence) -> Iterator[Difference]:
    page = found.page(0 if claims.start is None else claims.start)
    yield from _unlike("page", claims.page, page.number)
    if claims.page_label is not None:
        yield from _unlike("page_label", claims.page_label, page.label)


def _passage_differences(claims: Claims, found: Evidence) -> Iterator[Difference]:
    """Hold the passage and the section against the passages that hold the answer."""
    holding = [p for p in found.passages if p.start <= claims.start and claims.end <= p.end]
    passage = claims.passage
    if passage is not None:
        yield from _slice_differences(passage, found, "passage ")
        named = [p for p in holding if p.id == passage.id]
        if not named:
            yield Difference.of("passage id", passage.id, [p.id for p in holding])
        for each in named:
            yield from _unlike("passage start", passage.start, each.start)
            yield from _unlike("passage end", passage.end, each.end)
        holding = named
    sections = [each.section for each in holding]
    if claims.section not in sections:
        yield Difference.of("section", list(claims.section), [list(each) for each in sections[:1]])


def _sentence_differences(claims: Claims, found: Evidence) -> Iterator[Difference]:
    """Hold the sentence, or the run of them, against those of the document's passages."""
    claimed = claims.sentence
    if claimed is None:
        return
    yield from _slice_differences(claimed, found, "sentence ")
    sentences = [each for passage in found.passages for each in passage.sentences]
    if claimed.start not in {each.start for each in sentences}:
        yield Difference.of("sentence start", claimed.start, "in the middle of one")
    if claimed.end not in {each.end for each in sentences}:
        yield Difference.of("sentence end", claimed.end, "in the middle of one")
    if not (claimed.start < claims.end and claims.start < claimed.end):
        span = f"{claimed.start}-{claimed.end}"
        yield Difference(name="sentence", claimed=span, found=f"at {claims.start}-{claims.end}")


def _elsewhere_differences(claimed: Elsewhere, fetch: Fetch) -> Iterator[Difference]:
    found = fetch(claimed.source["id"])
    if found is None:
        yield Difference.of("document id", claimed.source["id"], "no document's")
        return
    yield from _source_differences(claimed.source, found.source)
    if claimed.start is not None:
        yield from _range_differences(claimed.start, claimed.end, found)
        yield from _page_differences(claimed, found)
