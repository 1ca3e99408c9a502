"""Files -> a committed build of the index.

The order of the steps is what keeps the index safe: rows are staged where no reader sees them,
derived files are written beside the old ones and made durable, and one transaction makes it all
the current build. Whatever was encoded before a kill is in the cache and is not encoded again.
"""

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from filelock import FileLock, Timeout

from ctqa.config import IndexConfig
from ctqa.errors import ConfigError, IndexLoadError, SourceError
from ctqa.index import dense, lexical
from ctqa.index.catalog import Build, FileRow
from ctqa.index.english import english
from ctqa.index.files import build_folder, checksums, make_durable, remove_stray_builds
from ctqa.index.mend import Mender, Vocabulary
from ctqa.index.searchable import with_mended, with_search_texts
from ctqa.index.writer import CatalogWriter, SplitDocument
from ctqa.models import Encoder
from ctqa.records import Document, FileState, SourceFile
from ctqa.sources import Citations, Collection, FoundFile, read_file, sha256_of
from ctqa.sources.splitter import split

Progress = Callable[[str, int, int], None]  # stage ("read", "encode", "write"), done, of how many

_LIBRARIES = (
    *("charset-normalizer", "ctqa", "faiss-cpu", "markdown-it-py", "pypdf", "sentencex"),
    *("symspellpy", "tantivy"),
)
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


@dataclass(frozen=True, slots=True)
class _Plan:
    """Which files a build takes over, reads, and lets go."""

    kept: tuple[FileRow, ...]
    read: tuple[tuple[FoundFile, str], ...]  # with its recipe
    gone: tuple[FileRow, ...]  # removed, or about to be replaced by what is read


def build_index(
    collection: Collection,
    folder: Path,
    *,
    encoder: Encoder,
    config: IndexConfig,
    progress: Progress,
) -> BuildReport:
    """Make the index in `folder` hold exactly the collection's files, as one new build.

    Files whose bytes, citation and splitting are as before are not read again. Nothing is
    committed when nothing has changed.

    Raises:
        ConfigError: passages would be longer than the encoder reads.
        SourceError: no file has any text; the index stays as it was.
        IndexLoadError: another process is writing to this index, or it cannot be read.

    """
    _check_room(config, encoder)
    with locked(folder), closing(CatalogWriter.open(folder)) as catalog:
        return _Builder(catalog, encoder, config, progress).run(collection)


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

    def run(self, collection: Collection) -> BuildReport:
        started = time.monotonic()
        self._catalog.clear_uncommitted(self._number - 1)
        remove_stray_builds(self._catalog.folder, [b.number for b in self._catalog.builds()])
        plan = self._plan(collection)
        encoded = 0
        committed = bool(plan.read or plan.gone or not self._same_recipe())
        if committed:
            self._stage(plan, collection.citations)
            encoded = self._encode()
            self._commit(collection.roots)
        report = self._report(plan, committed, encoded, time.monotonic() - started)
        return replace(report, problems=(*_citing(collection.citations), *report.problems))

    def _same_recipe(self) -> bool:
        last = self._last
        return (
            last is not None
            and last.config == asdict(self._config)
            and last.encoder == self._encoder.identity
        )

    def _plan(self, collection: Collection) -> _Plan:
        before = self._catalog.files(self._last.number) if self._last is not None else []
        by_id = {row.id: row for row in before}
        kept, read = [], []
        for file in collection.files:
            row, recipe = by_id.get(file.id), self._recipe(file, collection.citations)
            if row is not None and row.recipe == recipe and row.sha256 == _hash_or_empty(file):
                kept.append(row)
            else:
                read.append((file, recipe))
        keys = {row.key for row in kept}
        gone = tuple(row for row in before if row.key not in keys)
        return _Plan(kept=tuple(kept), read=tuple(read), gone=gone)

    def _recipe(self, file: FoundFile, citations: Citations) -> str:
        """Digest all but the file's bytes that decides what its documents and passages are."""
        parts = [
            self._encoder.identity.key,
            asdict(self._config),
            self._libraries,
            repr(citations.of(file.path)),
        ]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]

    def _stage(self, plan: _Plan, citations: Citations) -> None:
        self._catalog.end_files(self._number - 1, [row.key for row in plan.gone])
        taken = self._catalog.document_ids(self._number)
        for done, (file, recipe) in enumerate(plan.read):
            self._progress("read", done, len(plan.read))
            read = read_file(file, citations)
            fresh = [document for document in read.documents if document.id not in taken]
            taken.update(document.id for document in fresh)
            again = len(read.documents) - len(fresh)
            vocabulary = Vocabulary.of(document.text for document in fresh)
            splits = (self._split(document, vocabulary) for document in fresh)
            self._catalog.stage_file(self._number, file, _noting(read, again), recipe, splits)
        self._progress("read", len(plan.read), len(plan.read))
        if not self._catalog.counts(self._number)["passages"]:
            raise SourceError(_nothing_read(self._catalog.files(self._number)))

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

    def _report(self, plan: _Plan, committed: bool, encoded: int, seconds: float) -> BuildReport:
        number = self._number if committed else self._number - 1
        counts, files = self._catalog.counts(number), self._catalog.files(number)
        passed_over = {row.id for row in files if row.state == "ignored"}
        read = {file.id for file, _ in plan.read} - passed_over
        gone = {row.id for row in plan.gone if row.state != "ignored"}
        return BuildReport(
            build=number,
            committed=committed,
            added=len(read - gone),
            changed=len(read & gone),
            removed=len(gone - read),
            unchanged=len({row.id for row in plan.kept} - passed_over),
            documents=counts["documents"],
            pages=counts["pages"],
            passages=counts["passages"],
            encoded=encoded,
            reused=counts["passages"] - encoded,
            problems=tuple(_problems(files)),
            seconds=seconds,
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


def _hash_or_empty(file: FoundFile) -> str:
    try:
        return sha256_of(file.path)
    except OSError:
        return ""  # matches no row: it is read again, and the ledger says what is wrong


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
