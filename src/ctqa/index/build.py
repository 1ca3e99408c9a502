"""Files -> a committed build of the index.

The order of the steps is what keeps the index safe: rows are staged where no reader sees them,
derived files are written beside the old ones and made durable, and one transaction makes it all
the current build. Whatever was encoded before a kill is in the cache and is not encoded again.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path

from ctqa.config import IndexConfig
from ctqa.errors import ConfigError, SourceError
from ctqa.index.derive import commit_build
from ctqa.index.english import english
from ctqa.index.files import build_folder, differences, remove_stray_builds
from ctqa.index.lock import locked
from ctqa.index.mend import Mender, Vocabulary
from ctqa.index.plan import LEFT_OUT, NO_ENGINE, Kitchen, Plan, Planned, make_plan
from ctqa.index.report import BuildReport, changes, problems
from ctqa.index.rows import Build, DocumentRow, FileRow
from ctqa.index.searchable import with_mended, with_search_texts
from ctqa.index.writer import CatalogWriter, SplitDocument
from ctqa.models import Encoder
from ctqa.records import Document, SourceFile
from ctqa.sources import Citations, Collection, ReadOptions, moved, ocr_engine
from ctqa.sources.decode import clean
from ctqa.sources.isolated import Readers
from ctqa.sources.splitter import passage_id, split

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
class BuildOptions:
    """What a user allows a build beyond the index's settings."""

    passwords: tuple[str, ...] = ()  # tried on every encrypted file; never stored
    new_encoder: bool = False  # encode all anew, by another encoder than the last build's


def build_index(
    collection: Collection,
    folder: Path,
    *,
    encoder: Encoder,
    config: IndexConfig,
    progress: Progress,
    options: BuildOptions = BuildOptions(),
) -> BuildReport:
    """Make the index in `folder` hold exactly the collection's files, as one new build.

    Files whose bytes, citation and splitting are as before are not read again. Nothing is
    committed when nothing has changed. Where a build is stopped, the next one takes over what it
    has read and encoded.

    Raises:
        ConfigError: passages would be longer than the encoder reads.
        SourceError: no file has any text; the index stays as it was.
        IndexLoadError: another process is writing to this index, it cannot be read, or was encoded
            by another encoder.
        IndexWriteError: the disk is full, or the folder may not be written to.

    """
    _check_room(config, encoder)
    with locked(folder), closing(CatalogWriter.open(folder)) as catalog:
        builder = _Builder(catalog, encoder, config, progress)
        builder.check_encoder(allowed=options.new_encoder)
        return builder.run(collection, options.passwords)


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
        self._before = 0 if self._last is None else self._last.number
        self._number = catalog.head().next

    def check_encoder(self, *, allowed: bool) -> None:
        if self._last is not None and not allowed:
            self._last.check_encoder(self._encoder.identity, self._catalog.folder)

    def run(self, collection: Collection, passwords: tuple[str, ...]) -> BuildReport:
        started = time.monotonic()
        self._catalog.revive(self._before)
        remove_stray_builds(self._catalog.folder, [b.number for b in self._catalog.builds()])
        mended = self._damaged()
        options = ReadOptions(passwords=passwords, ocr=self._config.ocr)
        plan = self._plan(collection, options)
        files = self._catalog.files(self._before)
        encoded = 0
        staged = any(row.first_build == self._number for row in plan.kept)
        changed = bool(plan.read or plan.moved or plan.gone or staged)
        if changed or mended or not self._same_recipe():
            self._stage(plan, collection.citations, options)
            encoded = self._encode()
            self._commit(collection.roots, None if mended else self._last)
        now = self._catalog.builds()[-1]
        after = self._catalog.files(now.number)
        return BuildReport(
            build=now.number,
            committed=now.number == self._number,
            **asdict(changes(files, after)),
            documents=now.counts["documents"],
            pages=now.counts["pages"],
            passages=now.counts["passages"],
            encoded=encoded,
            reused=now.counts["passages"] - encoded,
            problems=tuple(problems(after, collection.citations)),
            seconds=time.monotonic() - started,
            pages_unread=now.counts["pages_unread"] + now.counts["files_unread"],
            mended=mended,
        )

    def _damaged(self) -> tuple[str, ...]:
        """Name what of the last build's derived files is not as it was written."""
        if self._last is None:
            return ()
        folder = build_folder(self._catalog.folder, self._last.number)
        return tuple(differences(folder, self._last.checksums))

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
        self._catalog.end_files(self._before, [row.key for row in plan.gone])
        self._stage_moved(plan.moved, citations)
        self._catalog.unstage(self._number, staged)
        self._stage_read(plan.read, citations, options)
        if not self._catalog.counts(self._number)["passages"]:
            raise SourceError(_nothing_read(self._catalog.files(self._number)))

    def _stage_moved(self, planned: Sequence[Planned], citations: Citations) -> None:
        """Take over files that were read before, under the path and citation that they have now."""
        for each in planned:
            like = each.like
            assert like is not None  # noqa: S101 -- the plan's own promise
            splits = [self._moved(row, each, citations) for row in self._catalog.documents_of(like)]
            read = SourceFile(
                path=clean(str(each.file.path)),
                sha256=like.sha256,
                size=like.size,
                state=like.state,
                reason=like.reason,
                documents=tuple(split.document for split in splits),
            )
            taken = self._taken(read.documents)
            fresh = [split for split in splits if split.document.id not in taken]
            noted = _noting(read, len(splits) - len(fresh))
            self._catalog.stage_file(self._number, each.file, noted, each.recipe, fresh)

    def _taken(self, documents: Iterable[Document]) -> set[str]:
        """Give the ids of documents that another file of this build has."""
        named = self._catalog.documents_named(self._number, [each.id for each in documents])
        return {row.id for row in named}

    def _moved(self, row: DocumentRow, to: Planned, citations: Citations) -> SplitDocument:
        sha256 = "" if to.like is None else to.like.sha256
        document = moved(self._catalog.whole(row), to.file, sha256, citations)
        passages = [
            replace(
                passage,
                id=passage_id(document.id, passage.start, passage.end),
                document_id=document.id,
            )
            for passage in self._catalog.passages_of(row)
        ]
        return SplitDocument(
            document=document, passages=with_search_texts(document, passages, self._encoder)
        )

    def _stage_read(
        self, planned: Sequence[Planned], citations: Citations, options: ReadOptions
    ) -> None:
        plain = [each for each in planned if not each.ocr]
        pictured = [each for each in planned if each.ocr]
        self._progress("read", 0, len(planned))
        done = 0
        for group, how in ((plain, options), (pictured, replace(options, ocr=True))):
            for each, read in self._read(group, citations, how):
                self._stage_file(each, read)
                done += 1
                self._progress("read", done, len(planned))

    def _read(
        self, planned: Sequence[Planned], citations: Citations, options: ReadOptions
    ) -> Iterator[tuple[Planned, SourceFile]]:
        if not planned:
            return
        pages = partial(self._progress, "page")
        with Readers(options, at_once=_AT_ONCE, on_pages=lambda count: pages(count, 0)) as readers:
            files = [each.file for each in planned]
            yield from zip(planned, readers.read(files, citations), strict=True)

    def _stage_file(self, planned: Planned, read: SourceFile) -> None:
        taken = self._taken(read.documents)
        fresh = [document for document in read.documents if document.id not in taken]
        again = len(read.documents) - len(fresh)
        vocabulary = Vocabulary.of(document.text for document in fresh)
        splits = (self._split(document, vocabulary) for document in fresh)
        noted = _noting(read, again)
        self._catalog.stage_file(self._number, planned.file, noted, planned.recipe, splits)

    def _split(self, document: Document, vocabulary: Vocabulary) -> SplitDocument:
        (ends,) = self._encoder.token_ends([document.text])
        mender = Mender(english(), vocabulary, document.text)
        mended = with_mended(document, split(document, ends, self._config), mender)
        passages = with_search_texts(document, mended, self._encoder)
        return SplitDocument(document=document, passages=passages)

    def _encode(self) -> int:
        identity = self._encoder.identity
        is_same = self._last is not None and self._last.encoder == identity
        keys = self._catalog.unencoded(self._number, identity, new_ones=is_same)
        for start in range(0, len(keys), _ENCODE_BATCH):
            self._progress("encode", start, len(keys))
            texts = self._catalog.search_texts(keys[start : start + _ENCODE_BATCH])
            self._catalog.cache_vectors(identity, texts, self._encoder.encode_passages(texts))
        self._progress("encode", len(keys), len(keys))
        return len(keys)

    def _commit(self, roots: tuple[str, ...], before: Build | None) -> None:
        commit_build(
            self._catalog,
            Build(
                number=self._number,
                created_at=datetime.now(UTC).isoformat(timespec="seconds"),
                roots=roots,
                config=asdict(self._config),
                encoder=self._encoder.identity,
                libraries=self._libraries,
                checksums={},
                counts=self._catalog.counts(self._number),
            ),
            before=before,
            encoder=self._encoder,
            progress=partial(self._progress, "write"),
        )


def keep_calibration(folder: Path, models: str, form: str) -> None:
    """Keep a calibration, as JSON, with an index; it serves whatever is built here later.

    Raises:
        IndexLoadError: another process is writing to this index, or it cannot be read.
        IndexWriteError: it cannot be written to.

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


def _noting(read: SourceFile, again: int) -> SourceFile:
    """Add to a file's reason that documents of it were left out."""
    if not again:
        return read
    note = f"{again} {LEFT_OUT}: documents with the same id stand in another file"
    return replace(read, reason="; ".join(part for part in (read.reason, note) if part))


def _nothing_read(files: Sequence[FileRow]) -> str:
    if not files:
        return "nothing to index: no files were found"
    reasons = "\n".join(f"  {row.path}: {row.reason}" for row in files[:10])
    return f"nothing to index: no text in any file of {len(files)}\n{reasons}"
