"""Gold quotes that are not in their document: what stands there instead, or where they stand."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import PurePosixPath

from ctqa.evaluation.gold.closest import closest, without_marks
from ctqa.evaluation.gold.finding import About, Finding
from ctqa.evaluation.gold.folding import Span, fold, folded, places
from ctqa.evaluation.gold.questions import Judgment
from ctqa.evaluation.gold.wording import many, shown
from ctqa.evaluation.locate import Documents, Library
from ctqa.index.paging import page_at
from ctqa.records import Document

_NAMES_COMPARED = 100  # unknown documents to which the closest name is looked for
_LIKE = 0.6  # difflib's likeness, from which on a name is worth being named
_SHOWN = 300  # characters of what stands there


def missing_documents(
    unknown: Mapping[str, Sequence[About]], documents: Documents
) -> Iterator[Finding]:
    """Tell of documents that are not in the index, or several, by the problem with each."""
    names = [name for source in documents.documents() for name in (source.path, source.id)]
    short = dict.fromkeys(PurePosixPath(name).name for name in names)
    for number, (problem, asked) in enumerate(unknown.items()):
        name = _document(asked[0])
        near: list[str] = []
        if number < _NAMES_COMPARED:
            near = get_close_matches(name, short, n=1, cutoff=_LIKE)
        others = f" ({many(len(asked), 'place')} of the gold name it)" if len(asked) > 1 else ""
        what = "add it with `ctqa add PATH`, or correct the name"
        if "could be any" in problem:
            what = "write more of its path, or its id as `ctqa status --json` has it"
        elif near:
            what = f"did you mean “{near[0]}”?"
        yield asked[0].mend("document not in the index", f"{problem}{others}", what)


def missing_quotes(
    missing: Sequence[tuple[About, str]], documents: Documents, library: Library
) -> Iterator[Finding]:
    """Tell of quotes that are not in the document, whose id stands beside each."""
    elsewhere = _elsewhere(missing, documents)
    for at, (about, document) in enumerate(missing):
        told, what = _what_stands_there(about.judgment, library.document(document))
        if at in elsewhere:
            told += f"; it stands word for word in “{elsewhere[at]}”"
            what = f"name the document “{elsewhere[at]}”, if that is the one that is meant"
        yield about.mend(
            "quote not in the document",
            f"{shown(_quote(about.judgment))} is not in “{_document(about)}”{told}",
            what,
        )


def nearest_place(quote: str, document: Document) -> str:
    """Say what stands in a document where a quote nearly does; "" where nothing is like it."""
    near = closest(quote, document.text)
    if near is None:
        return ""
    start, end = near.span
    on = ""
    if len(document.pages) > 1:
        on = f" on page {page_at(document.pages, start).number}"
    return f"the closest there{on}: {shown(document.text[start:end], _SHOWN)}"


def _what_stands_there(judgment: Judgment | None, document: Document) -> tuple[str, str]:
    quote, text = _quote(judgment), document.text
    given = judgment is not None and judgment.context is not None
    if given and places(quote, text, Span(0, len(text))):
        return (
            ", at least not within the context that is given",
            "copy the context anew, or leave it out",
        )
    if without_marks(quote, text):
        return (
            "; without the marks at its ends it is",
            "leave the quotation marks or dots at its ends out, which are not the document's",
        )
    near = nearest_place(quote, document)
    if not near:
        return "; nothing there is like it", "name another document, or copy the quote anew"
    return f"; {near}", "copy the quote anew from the document"


def _elsewhere(missing: Sequence[tuple[About, str]], documents: Documents) -> Mapping[int, str]:
    """Find which other document a missing quote stands in, by the quote's place in the list."""
    wanted = {at: fold(_quote(about.judgment)) for at, (about, _) in enumerate(missing)}
    found: dict[int, str] = {}
    for source in documents.documents() if wanted else ():
        copy = folded(documents.document(source.id).text).copy
        for at, quote in wanted.items():
            if at not in found and quote and quote in copy and missing[at][1] != source.id:
                found[at] = source.id
    return found


def _quote(judgment: Judgment | None) -> str:
    return "" if judgment is None or judgment.quote is None else judgment.quote


def _document(about: About) -> str:
    return "" if about.judgment is None else about.judgment.document
