"""Files -> a committed build of the index.

The order of the steps is what keeps the index safe: rows are staged where no reader sees them,
derived files are written beside the old ones and made durable, and one transaction makes it all
the current build. Whatever was encoded before a kill is in the cache and is not encoded again.
"""

import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path

from filelock import FileLock, Timeout

from ctqa.config import IndexConfig
from ctqa.errors import ConfigError, IndexLoadError, SourceError
from ctqa.index import dense, lexical
from ctqa.index.english import english
from ctqa.index.files import build_folder, checksums, make_durable, remove_stray_builds
from ctqa.index.mend import Mender, Vocabulary
from ctqa.index.plan import NO_ENGINE, Kitchen, Plan, make_plan
from ctqa.index.rows import Build, FileRow
from ctqa.index.searchable import with_mended, with_search_texts
from ctqa.index.writer import CatalogWriter, SplitDocument
from ctqa.models import Encoder
from ctqa.records import Document, FileState, SourceFile
from ctqa.sources import Citations, Collection, FoundFile, ReadOptions, ocr_engine
from ctqa.sources.isolated import Readers
from ctqa.sources.splitter import split

# Told of each stage ("read", "encode", "write") how much is done of how many. While files are read,
# "page" tells how many pages have been begun, of 0: how many there are is not known.
Progress = Callable[[str, int, int], None]

_LIBRARIES = (
    *("charset-normalizer", "ctqa", "faiss-cpu", "lxml", "markdown-it-py", "openpyxl"),
    *("pypdf", "pypdfium2", "python-docx", "python-pptx", "sentencex", "symspellpy", "tantivy"),
    "trafilatura",
)
_AT_ONCE = min(4, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2)
_ENCODE_BATCH = 512  # passages between two commits of the cache: what a kill costs at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A file, or a part of one, that a build could not take in."""

    path: str
    state: FileState
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildReport:
    """What a build did; `committed` is False when there was nothing to do."""

    build: int
    committed: bool
    added: int
    changed: int
    removed: int
    unchanged: int
    documents: int
    pages: int
    passages: int
    encoded: int
    reused: int
    problems: tuple[Problem, ...]
    seconds: float
    pages_unread: int = 0  # pages, and files none of whose pages is known


def build_index(
    collection: Collection,
    folder: Path,
    *,
    encoder: Encoder,
    config: IndexConfig,
    progress: Progress,
    passwords: tuple[str, ...] = (),
) -> BuildReport:
    """Make the index in `folder` hold exactly the collection's files, as one new build.

    Files whose bytes, citation and splitting are as before are not read again. Nothing is
    committed when nothing has changed. Where a build is stopped, the next one takes over what it
    has read and encoded.

    Raises:
        ConfigError: passages would be longer than the encoder reads.
        SourceError: no file has any text; the index stays as it was.
        IndexLoadError: another process is writing to this index, or it cannot be read.

    """
    _check_room(config, encoder)
    with locked(folder), closing(CatalogWriter.open(folder)) as catalog:
        return _Builder(catalog, encoder, config, progress).run(collection, passwords)


class _Builder:
    def __init__(
        self, catalog: CatalogWriter, encoder: Encoder, config: IndexConfig, progress: Progress
    ) -> None:
        self._catalog = catalog
        self._encoder = encoder
        self._config = config
        self._progress = progress
        self._libraries = {name: version(name) for name in _LIBRARIES}
        builds = catalog.builds()
        self._last = builds[-1] if builds else None
        self._number = self._last.number + 1 if self._last is not None else 1

    def run(self, collection: Collection, passwords: tuple[str, ...]) -> BuildReport:
        started = time.monotonic()
        self._catalog.revive(self._number - 1)
        remove_stray_builds(self._catalog.folder, [b.number for b in self._catalog.builds()])
        options = ReadOptions(passwords=passwords, ocr=self._config.ocr)
        plan = self._plan(collection, options)
        before = {row.id: row for row in self._catalog.files(self._number - 1)}
        staged = any(row.first_build == self._number for row in plan.kept)
        encoded = 0
        committed = bool(plan.read or plan.gone or staged or not self._same_recipe())
        if committed:
            self._stage(plan, collection.citations, options)
            encoded = self._encode()
            self._commit(collection.roots)
        report = self._report(before, committed, encoded, time.monotonic() - started)
        return replace(report, problems=(*_citing(collection.citations), *report.problems))

    def _same_recipe(self) -> bool:
        last = self._last
        if last is None or last.encoder != self._encoder.identity:
            return False
        return last.config | {"ocr": False} == asdict(self._config) | {"ocr": False}

    def _plan(self, collection: Collection, options: ReadOptions) -> Plan:
        kitchen = Kitchen(
            encoder=self._encoder.identity,
            config=self._config,
            libraries=self._libraries,
            citations=collection.citations,
            ocr_engine=(ocr_engine() or NO_ENGINE) if options.ocr else "",
        )
        return make_plan(self._catalog, self._number, collection, kitchen, options)

    def _stage(self, plan: Plan, citations: Citations, options: ReadOptions) -> None:
        staged = [row.key for row in plan.gone if row.first_build == self._number]
        self._catalog.unstage(self._number, staged)
        self._catalog.end_files(self._number - 1, [row.key for row in plan.gone])
        taken = self._catalog.document_ids(self._number)
        files = [file for file, _ in plan.read]
        pages = partial(self._progress, "page")
        self._progress("read", 0, len(files))
        with Readers(options, at_once=_AT_ONCE, on_pages=lambda count: pages(count, 0)) as readers:
            reading = readers.read(files, citations)
            for done, ((file, recipe), read) in enumerate(zip(plan.read, reading, strict=True), 1):
                self._stage_file(file, recipe, read, taken)
                self._progress("read", done, len(files))
        if not self._catalog.counts(self._number)["passages"]:
            raise SourceError(_nothing_read(self._catalog.files(self._number)))

    def _stage_file(self, file: FoundFile, recipe: str, read: SourceFile, taken: set[str]) -> None:
        fresh = [document for document in read.documents if document.id not in taken]
        taken.update(document.id for document in fresh)
        again = len(read.documents) - len(fresh)
        vocabulary = Vocabulary.of(document.text for document in fresh)
        splits = (self._split(document, vocabulary) for document in fresh)
        self._catalog.stage_file(self._number, file, _noting(read, again), recipe, splits)

    def _split(self, document: Document, vocabulary: Vocabulary) -> SplitDocument:
        (ends,) = self._encoder.token_ends([document.text])
        mender = Mender(english(), vocabulary, document.text)
        mended = with_mended(document, split(document, ends, self._config), mender)
        passages = with_search_texts(document, mended, self._encoder)
        return SplitDocument(document=document, passages=passages)

    def _encode(self) -> int:
        identity = self._encoder.identity
        keys = self._catalog.unencoded(self._number, identity)
        for start in range(0, len(keys), _ENCODE_BATCH):
            self._progress("encode", start, len(keys))
            texts = self._catalog.search_texts(keys[start : start + _ENCODE_BATCH])
            self._catalog.cache_vectors(identity, texts, self._encoder.encode_passages(texts))
        self._progress("encode", len(keys), len(keys))
        return len(keys)

    def _commit(self, roots: tuple[str, ...]) -> None:
        self._progress("write", 0, 1)
        target = build_folder(self._catalog.folder, self._number)
        beside = target.with_suffix(".new")
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir(parents=True)
        identity = self._encoder.identity
        vectors = self._catalog.vectors(self._number, identity)
        dense.write_vectors(beside / dense.FILE_NAME, identity.dimension, vectors)
        lexical.write_terms(beside / lexical.FOLDER_NAME, self._catalog.terms(self._number))
        make_durable(beside)
        beside.rename(target)
        make_durable(target.parent)
        self._catalog.commit(
            Build(
                number=self._number,
                created_at=datetime.now(UTC).isoformat(timespec="seconds"),
                roots=roots,
                config=asdict(self._config),
                encoder=identity,
                libraries=self._libraries,
                checksums=checksums(target),
            )
        )
        self._catalog.forget_before(self._number - 1)
        remove_stray_builds(self._catalog.folder, [b.number for b in self._catalog.builds()])
        self._progress("write", 1, 1)

    def _report(
        self, before: Mapping[str, FileRow], committed: bool, encoded: int, seconds: float
    ) -> BuildReport:
        number = self._number if committed else self._number - 1
        counts, files = self._catalog.counts(number), self._catalog.files(number)
        old = {row.id: row.key for row in before.values() if row.state != "ignored"}
        new = {row.id: row.key for row in files if row.state != "ignored"}
        both = old.keys() & new.keys()
        return BuildReport(
            build=number,
            committed=committed,
            added=len(new.keys() - old.keys()),
            changed=sum(old[name] != new[name] for name in both),
            removed=len(old.keys() - new.keys()),
            unchanged=sum(old[name] == new[name] for name in both),
            documents=counts["documents"],
            pages=counts["pages"],
            passages=counts["passages"],
            encoded=encoded,
            reused=counts["passages"] - encoded,
            problems=tuple(_problems(files)),
            seconds=seconds,
            pages_unread=counts["pages_unread"] + counts["files_unread"],
        )


def keep_calibration(folder: Path, models: str, form: str) -> None:
    """Keep a calibration, as JSON, with an index; it serves whatever is built here later.

    Raises:
        IndexLoadError: another process is writing to this index, or it cannot be read.

    """
    with locked(folder), closing(CatalogWriter.open(folder)) as catalog:
        catalog.keep_calibration(models, form)


def _check_room(config: IndexConfig, encoder: Encoder) -> None:
    most = encoder.identity.max_tokens
    if config.split == "sentences" and config.passage_tokens > most:
        raise ConfigError(
            f"passage_tokens = {config.passage_tokens}: {encoder.identity.name} reads only {most} "
            f"tokens of a text; set passage_tokens to {most} or less"
        )


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the right to write to an index.

    Raises:
        IndexLoadError: another process holds it.

    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / "write.lock")  # the system releases it when its holder is killed
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise IndexLoadError(
            f"{folder}: another process is writing to this index; try again when it is done"
        ) from error
    try:
        yield
    finally:
        lock.release()


def _noting(read: SourceFile, again: int) -> SourceFile:
    """Add to a file's reason that documents of it were left out."""
    if not again:
        return read
    note = f"{again} documents left out: documents with the same id stand in another file"
    return replace(read, reason="; ".join(part for part in (read.reason, note) if part))


def _citing(citations: Citations) -> Iterator[Problem]:
    for problem in citations.problems:
        yield Problem(path="sources.csv", state="read", reason=problem)


def _problems(files: Sequence[FileRow]) -> Iterator[Problem]:
    for row in files:
        if row.needs_attention:
            yield Problem(path=row.path, state=row.state, reason=row.reason)


def _nothing_read(files: Sequence[FileRow]) -> str:
    if not files:
        return "nothing to index: no files were found"
    reasons = "\n".join(f"  {row.path}: {row.reason}" for row in files[:10])
    return f"nothing to index: no text in any file of {len(files)}\n{reasons}"
