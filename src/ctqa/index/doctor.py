"""What keeps an index from working, mending it, and going back to the build before."""

from collections.abc import Callable, Iterator
from contextlib import closing
from importlib.metadata import PackageNotFoundError, version
from os import W_OK, access
from pathlib import Path

from ctqa import models
from ctqa.errors import IndexLoadError, IndexWriteError, ModelError
from ctqa.index.catalog import Catalog
from ctqa.index.doctor_mending import Mended, Mending
from ctqa.index.lock import locked
from ctqa.index.repair import Repairer
from ctqa.index.rows import Build
from ctqa.index.schema import FILE_NAME
from ctqa.index.store import let_go, store_of
from ctqa.index.verify import Progress, verify_index
from ctqa.index.verify_catalog import Examination
from ctqa.index.verify_findings import Finding, fix, listed
from ctqa.models import Encoder

__all__ = ["Mended", "diagnose", "mend", "roll_back"]

LoadEncoder = Callable[..., Encoder]  # as load_encoder does


def _silent(*_: int) -> None:
    """Report progress to nobody."""


def diagnose(
    folder: Path, *, load_encoder: LoadEncoder = models.load_encoder, progress: Progress = _silent
) -> tuple[Finding, ...]:
    """Tell all that is wrong with an index, and what keeps it from being used or built.

    Raises:
        IndexLoadError: there is no index, no build was ever completed, or it is of another format.

    """
    build = _current(folder)
    encoder, found = (None, []) if build is None else _encoder_of(build, folder, load_encoder)
    found = [*verify_index(folder, encoder=encoder, progress=progress).findings, *found]
    found += _access(folder)
    if build is not None:
        found += [*_sources(folder, build), *_libraries(folder, build)]
        is_at_work = any(each.kind == "lock" for each in found)
        found += [] if is_at_work else _leftovers(folder)
    return tuple(found)


def mend(
    folder: Path, *, load_encoder: LoadEncoder = models.load_encoder, progress: Progress = _silent
) -> Mended:
    """Mend what can be mended of an index, verify it again, and tell what was done and is left.

    Readers go on meanwhile. What cannot be mended is not touched. `load_encoder` loads the index's
    own encoder, with which vectors that are damaged or missing are made again.

    Raises:
        IndexLoadError: there is no index, no build was ever completed, or it is of another format.
        IndexWriteError: another process is writing to the index, or it cannot be written to.

    """
    _refuse_none(folder)
    with locked(folder):
        build = _current(folder)
        encoder, found = (None, []) if build is None else _encoder_of(build, folder, load_encoder)
        return Mending(folder, encoder, progress).run(no_encoder=found)


def roll_back(folder: Path) -> Build:
    """Make the build before the current one the current one again; give it.

    Raises:
        IndexLoadError: there is no build before, it is damaged, or there is no index.
        IndexWriteError: another process is writing to the index, or it cannot be written to.

    """
    _refuse_none(folder)
    with locked(folder), closing(Repairer.open(folder)) as catalog:
        current = catalog.head().build
        builds = catalog.sealed_builds()
        before = [build for build in builds if build.number < current]
        if not before:
            raise IndexLoadError(
                f"{folder}: there is no build before {current} to go back to; a build keeps the "
                "one before it, unless that was damaged or is gone back from already"
            )
        target = before[-1]
        _refuse_damaged(catalog, target)
        catalog.roll_back(target)
        let_go(folder, builds, [target])
    return target


def _refuse_none(folder: Path) -> None:
    if not (folder / FILE_NAME).is_file():
        Catalog.open(folder).close()  # says so


def _refuse_damaged(catalog: Catalog, build: Build) -> None:
    folder = catalog.folder
    found = store_of(folder, build).differences(build)
    wrong = [f"{name} {how}" for name, how in found.items()]
    if catalog.counts(build.number) != build.counts:
        wrong.append(f"{folder / FILE_NAME} holds more or less of it than it should")
    if wrong:
        raise IndexLoadError(
            f"{folder}: build {build.number} is damaged ({listed(wrong)}), so it cannot be gone "
            f"back to; {fix(folder)} mends the current one"
        )


def _current(folder: Path) -> Build | None:
    """Give the current build, where the catalog can tell."""
    try:
        with closing(Catalog.open(folder)) as catalog:
            builds = catalog.builds()
    except IndexLoadError:
        return None
    return builds[-1] if builds else None


def _encoder_of(
    build: Build, folder: Path, load_encoder: LoadEncoder
) -> tuple[Encoder | None, list[Finding]]:
    """Load the encoder of a build; None, and why, where it is not at hand."""
    name = str(build.config["encoder"])
    try:
        encoder = load_encoder(name, built=build.encoder)
        build.check_encoder(encoder.identity, folder)
    except ModelError as error:
        fetch = f"`ctqa models fetch {name}`"
        return None, [Finding(kind="model", what=str(error), mend=fetch)]
    except IndexLoadError as error:
        what, _, other = str(error).partition("; ")
        return None, [Finding(kind="model", what=what, mend=other)]
    return encoder, []


def _access(folder: Path) -> Iterator[Finding]:
    """Find why an index could not be written to."""
    if not access(folder, W_OK):
        what = f"{folder}: cannot be written to; it can be asked, and neither built nor mended"
        yield Finding(kind="folder", what=what, mend="let CTQA write there")
        return
    try:
        with locked(folder):
            pass
    except IndexWriteError as error:
        what, _, later = str(error).partition("; ")
        yield Finding(kind="lock", what=what, mend=later)


def _sources(folder: Path, build: Build) -> Iterator[Finding]:
    """Find which documents are not where they were read; an archive does not tell where that is."""
    if not build.roots:
        return
    try:
        with closing(Catalog.open(folder)) as catalog:
            files = catalog.files(build.number)
    except IndexLoadError:
        return  # what is wrong is found by verifying
    gone = [row.path for row in files if not Path(row.path).exists()]
    if gone:
        what = (
            f"{len(gone)} of {len(files)} files are not where they were: {listed(gone)}; they are "
            "answered from all the same, and leave the index with the next `ctqa build`"
        )
        yield Finding(kind="source", what=what, mend="")


def _libraries(folder: Path, build: Build) -> Iterator[Finding]:
    now = {name: _version(name) for name in build.libraries}
    other = [f"{n} {now[n]} (was {was})" for n, was in build.libraries.items() if now[n] != was]
    if other:
        what = f"build {build.number} was made with other versions of libraries: {listed(other, 5)}"
        again = (
            f"nothing has to be done; the next `ctqa build --index {folder}` reads all files anew"
        )
        yield Finding(kind="library", what=what, mend=again)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"


def _leftovers(folder: Path) -> Iterator[Finding]:
    """Find what a stopped build has left; the next one takes it over or clears it away."""
    try:
        with closing(Examination.begin(folder)) as exam:
            kept = {str(build.number) for build in exam.builds()}
            staged = exam.one("SELECT count(*) FROM files, head WHERE first_build > build")
            unused = exam.one(
                "SELECT count(*) FROM embeddings WHERE search_sha256 NOT IN "
                "(SELECT search_sha256 FROM passages)"
            )
    except IndexLoadError:
        return
    stray = sorted(path.name for path in folder.glob("builds/*") if path.name not in kept)
    left = [f"builds/{name}" for name in stray]
    left += [f"files that were read ({staged})"] if staged else []
    left += [f"vectors of no passage ({unused})"] if unused else []
    if left:
        what = f"a stopped or undone build has left {', '.join(left)}; the next one takes it over"
        yield Finding(kind="leftover", what=what, mend="")
