"""Files -> a committed build of the index.

The order of the steps is what keeps the index safe: rows are staged where no reader sees them,
derived files are written beside the old ones and made durable, and one transaction makes it all
the current build. Whatever was encoded before a kill is in the cache and is not encoded again.
"""

import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from ctqa.config import LOCAL, IndexConfig
from ctqa.errors import ConfigError, SourceError
from ctqa.index.derive import commit_build
from ctqa.index.encoding import Encoding
from ctqa.index.files import remove_stray_builds
from ctqa.index.lock import locked
from ctqa.index.plan import NO_ENGINE, Kitchen, Plan, make_plan
from ctqa.index.report import BuildReport, changes, problems
from ctqa.index.rows import Build, FileRow
from ctqa.index.staging import Progress, Stager
from ctqa.index.store import address_of, store_at, store_of
from ctqa.index.workers import LocalWorkers, Workers
from ctqa.index.writer import CatalogWriter
from ctqa.models import Encoder
from ctqa.sources import Citations, Collection, ReadOptions, ocr_engine

if TYPE_CHECKING:
    from ctqa.index.ray_connection import RayCluster

__all__ = ["BuildOptions", "Progress", "build_index", "keep_calibration"]

_LIBRARIES = (
    *("charset-normalizer", "ctqa", "faiss-cpu", "lxml", "markdown-it-py", "openpyxl"),
    *("pypdf", "pypdfium2", "python-docx", "python-pptx", "sentencex", "symspellpy", "tantivy"),
    "trafilatura",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildOptions:
    """What a user allows a build beyond the index's settings."""

    passwords: tuple[str, ...] = ()  # tried on every encrypted file; never stored
    new_encoder: bool = False  # encode all anew, by another encoder than the last build's
    ray: "RayCluster | None" = None  # a cluster that reads, splits and encodes


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
        ConfigError: passages would be longer than the encoder reads; the cluster fails.
        ModelError: a worker of the cluster has not the same encoder.
        SourceError: no file has any text; the index stays as it was.
        IndexLoadError: another process is writing to this index, it cannot be read, or was encoded
            by another encoder.
        IndexWriteError: the disk is full, or the folder may not be written to.

    """
    _check_room(config, encoder)
    with locked(folder), closing(CatalogWriter.open(folder)) as catalog:
        builder = _Builder(catalog, encoder, config, progress)
        builder.check_encoder(allowed=options.new_encoder)
        return builder.run(collection, options)


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

    def run(self, collection: Collection, allowed: BuildOptions) -> BuildReport:
        started = time.monotonic()
        store_at(self._catalog.folder, self._config.store)  # refuses what cannot be one
        self._catalog.revive(self._before)
        remove_stray_builds(self._catalog.folder, [b.number for b in self._catalog.builds()])
        mended = self._damaged()
        options = ReadOptions(passwords=allowed.passwords, ocr=self._config.ocr)
        plan = self._plan(collection, options)
        files = self._catalog.files(self._before)
        encoded = 0
        staged = any(row.first_build == self._number for row in plan.kept)
        changed = bool(plan.read or plan.moved or plan.gone or staged)
        if changed or mended or not self._same_recipe():
            with closing(self._workers(allowed.ray)) as workers:
                encoded = self._stage(plan, collection.citations, options, workers)
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
        """Name what of the last build is not as it was written to its store."""
        if self._last is None or address_of(self._last.config) != self._config.store:
            return ()  # it is not gone on from; what it is in may be lost for good
        return tuple(store_of(self._catalog.folder, self._last).differences(self._last))

    def _same_recipe(self) -> bool:
        last = self._last
        if last is None or last.encoder != self._encoder.identity:
            return False
        known = {"store": LOCAL} | last.config | {"ocr": False}
        return known == asdict(self._config) | {"ocr": False}

    def _plan(self, collection: Collection, options: ReadOptions) -> Plan:
        kitchen = Kitchen(
            encoder=self._encoder.identity,
            config=self._config,
            libraries=self._libraries,
            citations=collection.citations,
            ocr_engine=(ocr_engine() or NO_ENGINE) if options.ocr else "",
        )
        return make_plan(self._catalog, self._number, collection, kitchen, options)

    def _workers(self, ray: "RayCluster | None") -> Workers:
        if ray is None:
            return LocalWorkers(self._encoder, self._config)
        from ctqa.index.ray_cluster import RayWorkers  # noqa: PLC0415 -- an extra
        from ctqa.index.ray_tasks import Terms  # noqa: PLC0415

        return RayWorkers(ray, Terms.of(self._encoder, self._config, tuple(self._libraries)))

    def _stage(
        self, plan: Plan, citations: Citations, options: ReadOptions, workers: Workers
    ) -> int:
        """Stage what a plan says, and encode it; give how many texts were encoded."""
        staged = [row.key for row in plan.gone if row.first_build == self._number]
        self._catalog.end_files(self._before, [row.key for row in plan.gone])
        told = partial(self._progress, "encode")
        encoding = Encoding(self._catalog, self._number, self._encoder.identity, workers, told)
        stager = Stager(
            catalog=self._catalog,
            build=self._number,
            encoder=self._encoder,
            citations=citations,
            workers=workers,
        )
        stager.move(plan.moved)
        self._catalog.unstage(self._number, staged)
        stager.read(plan.read, options, self._progress, meanwhile=encoding.go_on)
        if not self._catalog.counts(self._number)["passages"]:
            raise SourceError(_nothing_read(self._catalog.files(self._number)))
        return encoding.finish()

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


def _nothing_read(files: Sequence[FileRow]) -> str:
    if not files:
        return "nothing to index: no files were found"
    reasons = "\n".join(f"  {row.path}: {row.reason}" for row in files[:10])
    return f"nothing to index: no text in any file of {len(files)}\n{reasons}"
