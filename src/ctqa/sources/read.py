"""A found file -> what became of it: its documents, or the reason why there are none."""

import hashlib
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from ctqa.errors import SourceError
from ctqa.records import Document, FileState, Source, SourceFile
from ctqa.sources.cite import Citation, Citations
from ctqa.sources.content import Content, Loaded
from ctqa.sources.corpus import load_corpus
from ctqa.sources.decode import clean, tidy
from ctqa.sources.files import FoundFile, plain_reason, sha256_of
from ctqa.sources.plain import load_plain
from ctqa.sources.table import load_table

Loader = Callable[[bytes], Loaded]

_MOST_BYTES = 200_000_000
_MOST_CORPUS_BYTES = 1_000_000_000
_CORPUS_SUFFIXES = frozenset({".jsonl", ".csv", ".tsv"})
_HYPHEN = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])")  # between letters: not in 2010-11


def _load_markdown(data: bytes) -> Loaded:
    from ctqa.sources.markdown import load_markdown  # noqa: PLC0415 -- imports for 90 ms

    return load_markdown(data)


def _load_pdf(data: bytes) -> Loaded:
    from ctqa.sources.pdf import load_pdf  # noqa: PLC0415 -- imports for 180 ms

    return load_pdf(data)


LOADERS: dict[str, Loader] = {
    ".txt": load_plain,
    ".text": load_plain,
    ".md": _load_markdown,
    ".markdown": _load_markdown,
    ".pdf": _load_pdf,
    ".jsonl": load_corpus,
    ".csv": load_table,
    ".tsv": load_table,
}
"""Which loader reads which format, by the suffix in lower case."""


def read_file(found: FoundFile, citations: Citations) -> SourceFile:
    """Read a file; whatever is wrong with it stands in the result, nothing is raised.

    `sha256` is of the very bytes that were read, or of the file where it was not read; "" where
    it cannot be opened. A citation goes before what a file tells about itself, but the documents
    of a corpus keep their own titles. The reason of a file that is "read" says what was left out.
    """
    if found.state != "found":
        return _unread(found, found.state, found.reason)
    suffix = found.path.suffix.lower()
    if suffix not in LOADERS:
        return _unread(found, "unsupported", _unsupported(suffix))
    if found.path.name.lower() == "queries.jsonl":
        return _unread(found, "ignored", "BEIR's name for questions; documents need another name")
    most = _MOST_CORPUS_BYTES if suffix in _CORPUS_SUFFIXES else _MOST_BYTES
    try:
        data = _bytes_of(found.path, most)
    except OSError as exc:
        return _unread(found, "unreadable", plain_reason(exc))
    if len(data) > most:
        return _unread(found, "skipped", f"larger than {most // 1_000_000} MB; split it")
    return _loaded(found, data, LOADERS[suffix], citations.of(found.path))


def _bytes_of(path: Path, most: int) -> bytes:
    """Read a file, or one byte more than `most` of a larger one."""
    with path.open("rb") as file:
        return file.read(most + 1)


def _unsupported(suffix: str) -> str:
    what = f'the format "{clean(suffix)}" is not read' if suffix else "a name without a suffix"
    return f"{what}; these are: {', '.join(sorted(LOADERS))}"


def _unread(found: FoundFile, state: FileState, reason: str) -> SourceFile:
    try:
        digest = sha256_of(found.path)
    except OSError:
        digest = ""
    path = clean(str(found.path))
    return SourceFile(path=path, sha256=digest, size=found.size, state=state, reason=reason)


def _loaded(found: FoundFile, data: bytes, load: Loader, citation: Citation) -> SourceFile:
    digest = hashlib.sha256(data).hexdigest()
    try:
        loaded = load(data) if data else Loaded(state="empty", reason="the file is empty")
    except SourceError as exc:
        loaded = Loaded(state="unreadable", reason=str(exc))
    state, reason = _verdict(loaded)
    contents = loaded.contents if state == "read" else ()
    return SourceFile(
        path=clean(str(found.path)),
        sha256=digest,
        size=len(data),
        state=state,
        reason=reason,
        documents=tuple(_document(content, found, digest, citation) for content in contents),
    )


def _verdict(loaded: Loaded) -> tuple[FileState, str]:
    """Tell what became of a file by its pages, for one without any text."""
    if loaded.state != "read" or any(content.text.strip() for content in loaded.contents):
        return loaded.state, loaded.reason
    pages = [page for content in loaded.contents for page in content.pages]
    states = {page.state for page in pages}
    reasons = Counter(page.reason for page in pages).most_common(3)
    reason = "; ".join(f"{count} of {len(pages)} pages: {why}" for why, count in reasons)
    if "unreadable" in states:
        return "unreadable", reason
    return ("skipped" if "skipped" in states else "empty"), reason


def _document(content: Content, found: FoundFile, digest: str, citation: Citation) -> Document:
    return Document(
        source=_source(content, found, digest, citation),
        text=content.text,
        pages=content.pages,
        sections=content.sections,
        layout=content.layout,
    )


def _source(content: Content, found: FoundFile, digest: str, citation: Citation) -> Source:
    if content.part:
        name = _first(content.id, f"{found.id}#{content.part}")
        title = _first(content.title, citation.title, name)
    else:
        name, title = found.id, _first(citation.title, content.title, _readable(found.path.stem))
    return Source(
        id=name,
        path=clean(str(found.path)),
        sha256=_first(content.sha256, digest),
        title=title,
        author=_first(citation.author, content.author),
        publication=citation.publication,
        year=_first(citation.year, content.year),
        url=citation.url,
    )


def _first(*choices: str) -> str:
    """Give the first that says something."""
    return next((choice for choice in choices if choice), "")


def _readable(stem: str) -> str:
    """Make words of a file's name."""
    words = stem.replace("_", " ")
    return _first(tidy(words if " " in words else _HYPHEN.sub(" ", words)), clean(stem))
