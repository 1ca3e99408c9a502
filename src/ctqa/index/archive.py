"""A whole index as one file, to keep or to give away.

The archive is a ZIP with two members: `manifest.json`, and `catalog.db` with one build and the
vectors of its encoder. It holds the documents' whole texts, the paths that their files had, and the
calibrations: whoever has the archive can read them. The files derived from the catalog are not in
it; they are made anew where it is imported, so that no FAISS or tantivy file of a stranger is read.

What an archive is trusted with: its checksums and seals show damage on the way, and nothing more.
They do not show who made it, and whoever makes an archive can seal what they like. An import
therefore believes nothing: the archive may hold two members of known names and bounded sizes, the
catalog no tables but CTQA's, and every row has to be of a kind that CTQA itself writes. What a
hostile archive can still do is what a hostile document can: say things that are not true. A
receipt that is checked against the source shows that.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path

from ctqa.config import LOCAL
from ctqa.errors import IndexLoadError, IndexWriteError
from ctqa.index.archive_catalog import StrangersCatalog, adopted, copy_build
from ctqa.index.archive_check import check_build
from ctqa.index.archive_file import (
    Manifest,
    Member,
    Progress,
    damage_told,
    open_archive,
    told,
    unusable,
    write_archive,
)
from ctqa.index.derive import commit_build
from ctqa.index.files import make_durable, make_names_durable
from ctqa.index.lock import locked
from ctqa.index.rows import Build
from ctqa.index.schema import FILE_NAME, FORMAT, damaged
from ctqa.index.verify import verify_index
from ctqa.sources import sha256_of

Finish = Callable[[Path, Build, Progress], None]  # commits the build of a checked catalog

_DERIVED = ("faiss-cpu", "tantivy")  # what writes the derived files
_ROOM = 2  # times the catalog: its vectors and terms stand in the derived files once more


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """An archive that was written."""

    path: str
    size: int  # bytes
    sha256: str
    build: int
    documents: int
    passages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """An index that was made of an archive."""

    folder: str
    build: int
    encoder: str  # what `ctqa ask` will load
    documents: int
    passages: int


def _silent(stage: str, done: int, total: int) -> None:
    """Tell nobody."""


def export_index(
    folder: Path, target: Path, *, replace: bool = False, progress: Progress = _silent
) -> Exported:
    """Write the current build of an index, with all its texts, as one archive.

    Readers and a writer may be at work. The same build gives the same bytes. An existing target is
    replaced only where `replace` says so, and only by a whole archive.

    Raises:
        IndexLoadError: there is no index, or what it holds is damaged.
        IndexWriteError: the target is there already, or cannot be written.

    """
    _check_target(target, allowed=replace)
    with _written(target), workplace(target, "exporting") as work:
        progress("copy", 0, 1)
        build = copy_build(folder, work)
        progress("copy", 1, 1)
        with closing(StrangersCatalog.open(work)) as copy, _found_in(folder, work):
            check_build(copy, progress)
        path = work / FILE_NAME
        manifest = _manifest(build, Member(size=path.stat().st_size, sha256=sha256_of(path)))
        write_archive(work / target.name, manifest, path, progress)
        made = Exported(
            path=str(target),
            size=(work / target.name).stat().st_size,
            sha256=sha256_of(work / target.name),
            build=build.number,
            documents=build.counts["documents"],
            passages=build.counts["passages"],
        )
        _check_target(target, allowed=replace)
        (work / target.name).replace(target)
        make_names_durable(target.absolute().parent)
    return made


def import_index(
    archive: Path,
    folder: Path,
    *,
    store: str = LOCAL,
    finish: Finish | None = None,
    progress: Progress = _silent,
) -> Imported:
    """Make an index of an archive, in a folder that is empty or not there yet.

    Its passages are put into `store`, or are there already: `finish` then commits the build.

    The build keeps its number. It forgets where its documents lay, which is on another machine:
    `ctqa build` has to be told a PATH. Nothing is at `folder` before all is made and checked.

    Raises:
        IndexLoadError: the archive is damaged, of another format, or not what CTQA writes.
        IndexWriteError: something is in the folder already, or the disk is full.

    """
    target = folder.resolve()
    _check_empty(target, folder)
    with _written(folder), workplace(target, "importing") as work, damage_told(archive, work):
        manifest = _unpacked(archive, work, progress)
        with closing(StrangersCatalog.open(work)) as catalog:
            build = check_build(catalog, progress)
        _compare(archive, manifest, build)
        with told(archive):
            (partial(_finish, store) if finish is None else finish)(work, build, progress)
        _take_place(work, target, folder)
    return Imported(
        folder=str(folder),
        build=build.number,
        encoder=str(build.config["encoder"]),
        documents=build.counts["documents"],
        passages=build.counts["passages"],
    )


def _manifest(build: Build, catalog: Member) -> Manifest:
    return Manifest(
        index_format=FORMAT,
        build=build.number,
        encoder=build.encoder.name,
        ctqa=version("ctqa"),
        counts=build.counts,
        members={FILE_NAME: catalog},
    )


def _unpacked(archive: Path, work: Path, progress: Progress) -> Manifest:
    with open_archive(archive) as opened:
        needed = _ROOM * opened.manifest.members[FILE_NAME].size
        free = shutil.disk_usage(work).free
        if needed > free:
            raise IndexWriteError(
                f"{archive}: needs {needed // 1_000_000:,} MB here, {free // 1_000_000:,} MB are "
                "free; make room, or choose another --index DIR"
            )
        opened.unpack(work / FILE_NAME, progress)
        return opened.manifest


def _compare(archive: Path, manifest: Manifest, build: Build) -> None:
    """Hold what an archive says of its catalog against the catalog."""
    if _manifest(build, manifest.members[FILE_NAME]) != replace(manifest, ctqa=version("ctqa")):
        raise unusable(archive, "its manifest tells of another build than its catalog holds")


def _finish(store: str, work: Path, build: Build, progress: Progress) -> None:
    """Put what is searched of a checked catalog into a store, and commit its build in it."""
    libraries = build.libraries | {name: version(name) for name in _DERIVED}
    config = build.config | {"store": store}
    mine = replace(build, roots=(), checksums={}, libraries=libraries, config=config)
    with closing(adopted(work)) as catalog:
        step = partial(progress, "write")
        commit_build(catalog, mine, before=None, encoder=None, progress=step)
    refuse_damaged(work)


def refuse_damaged(work: Path) -> None:
    """Refuse an index in which verifying finds something.

    Raises:
        IndexLoadError: it does.

    """
    for finding in verify_index(work, encoder=None).findings:
        if finding.is_damage:
            raise damaged(work, finding.what)


def _take_place(work: Path, target: Path, folder: Path) -> None:
    make_durable(work)
    _check_empty(target, folder)
    if target.exists():
        target.rmdir()
    work.rename(target)
    make_names_durable(target.parent)


def _check_target(target: Path, *, allowed: bool) -> None:
    if not target.absolute().parent.is_dir():
        raise IndexWriteError(f"{target}: its folder does not exist; make it first")
    if target.is_dir() or not target.name:
        raise IndexWriteError(f"{target}: is a folder; name a file to write")
    if not allowed and (target.exists() or target.is_symlink()):
        raise IndexWriteError(
            f"{target}: is there already and is not overwritten; name another file, or remove it"
        )


def _check_empty(target: Path, folder: Path) -> None:
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise IndexWriteError(
            f"{folder}: is not empty, and nothing is overwritten; choose another --index DIR"
        )


@contextmanager
def workplace(target: Path, doing: str) -> Iterator[Path]:
    """Give an empty folder beside a target that this process alone has, and clear it away."""
    place = target.absolute().parent / f".{target.name}.{doing}"
    if place.is_symlink():
        raise IndexWriteError(f"{place}: is a link, and is in the way; remove it")
    work = place / "work"
    try:
        with locked(place):
            try:
                _clear(work)
                work.mkdir()
                yield work
            finally:
                shutil.rmtree(place, ignore_errors=True)
    except IndexWriteError as error:
        raise IndexWriteError(str(error).replace(str(work), str(target))) from error


def _clear(work: Path) -> None:
    """Remove what lies there, which may be what a kill has left."""
    if work.is_symlink():
        work.unlink()
    if work.exists():
        shutil.rmtree(work)


@contextmanager
def _written(target: Path) -> Iterator[None]:
    """Let what the system says while a target is written be ours."""
    try:
        yield
    except OSError as error:
        raise IndexWriteError(
            f"{target}: cannot be written ({error.strerror or error}); nothing was left there: "
            "make room, or choose another place"
        ) from error


@contextmanager
def _found_in(folder: Path, work: Path) -> Iterator[None]:
    """Say of the index what was found in the copy of its catalog."""
    try:
        yield
    except IndexLoadError as error:
        raise IndexLoadError(str(error).replace(str(work), str(folder))) from error
