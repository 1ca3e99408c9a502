"""What an index is made of: adding documents, leaving some out, taking them in again."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ctqa import api
from ctqa.config import IndexConfig
from ctqa.errors import ConfigError, SourceError
from ctqa.index.build import BuildOptions, Progress
from ctqa.index.catalog import Catalog
from ctqa.index.reaching import reached
from ctqa.index.report import BuildReport
from ctqa.index.rows import FileRow
from ctqa.index.schema import FILE_NAME
from ctqa.sources import left_out


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listed:
    """A file or folder of an index, as the list of what is left out names it."""

    folder: Path  # in which the list lies
    name: str
    files: tuple[FileRow, ...]  # that it stands for


def _silent(*_: object) -> None:
    """Report progress to nobody."""


def add(
    paths: Iterable[str | Path],
    index: str | Path = "index",
    *,
    config: IndexConfig | None = None,
    progress: Progress = _silent,
    passwords: Iterable[str] = (),
    ray: str | None = None,
) -> BuildReport:
    """Add files or folders to what an index is made of, and build; or take in what was left out.

    Raises:
        SourceError: a path does not exist, or no file has any text.
        ConfigError: the index came from another machine, or a path lies in a folder that is left
            out as a whole; or the cluster cannot be used.
        ModelError, IndexLoadError, IndexWriteError: as for `build`.

    """
    folder = Path(index)
    roots = _roots(folder)
    given = [_meant_by(path, folder) for path in paths]
    settings = api.settings_of(folder) if config is None else config
    with reached(folder, settings.store, ray) as cluster:
        for path in given:
            home = _home_of(path, roots)
            if home is not None:
                _take_in(home, left_out.spelt(path.relative_to(home).as_posix()))
        fresh = [path for path in given if _home_of(path, roots) is None]
        options = BuildOptions(passwords=tuple(passwords), ray=cluster)
        return api.built([*roots, *dict.fromkeys(fresh)], folder, settings, progress, options)


def _meant_by(path: str | Path, index: Path) -> Path:
    """Find what is to be added: a path, or the id of a file that is left out."""
    found = _absolute(path)
    if found.exists():
        return found
    for row in _files(index) if (index / FILE_NAME).is_file() else ():
        if row.id == str(path) and row.state == "ignored" and Path(row.path).exists():
            return Path(row.path)
    raise SourceError(f"{found}: there is no such file or folder; check the path")


def remove(
    names: Iterable[str],
    index: str | Path = "index",
    *,
    progress: Progress = _silent,
) -> BuildReport:
    """Leave documents out of an index, and build; the files stay where they are.

    Each is named by its id or its path; a folder's path stands for all that is below it.

    Raises:
        ConfigError: a name is no file's, is left out already, or nothing would be left.
        SourceError, ModelError, IndexLoadError, IndexWriteError: as for `build`.

    """
    leave_out(names, index)
    return api.build(None, index, progress=progress)


def leave_out(names: Iterable[str], index: str | Path = "index") -> tuple[str, ...]:
    """Put documents on the list of what the next build leaves out; give the ids of their files.

    Raises:
        ConfigError: a name is no file's, is left out already, or nothing would be left.
        SourceError: a list that is there cannot be read.
        IndexLoadError: the index cannot be read.

    """
    rows, roots = _files(Path(index)), _roots(Path(index))
    found = [each for name in names for each in _listed(name, rows, roots, Path(index))]
    going = {row.id for each in found for row in each.files}
    for each in found:
        if all(row.state == "ignored" for row in each.files):
            raise ConfigError(f"{each.name}: is no document of the index, or left out already")
    if not any(row.state == "read" and row.id not in going for row in rows):
        raise ConfigError(
            "nothing would be left in the index: it needs one document that is read; "
            "add another first"
        )
    for each in found:
        left_out.leave_out(each.folder, [each.name])
    return tuple(sorted(going))


def take_in(names: Iterable[str], index: str | Path = "index") -> tuple[str, ...]:
    """Take documents off the list of what is left out; the next build takes them in again.

    Raises:
        ConfigError: a name is no file's, or stands in a folder that is left out as a whole.
        SourceError: the list cannot be read.
        IndexLoadError: the index cannot be read.

    """
    rows, roots = _files(Path(index)), _roots(Path(index))
    found = [each for name in names for each in _listed(name, rows, roots, Path(index))]
    for each in found:
        _take_in(each.folder, each.name)
    return tuple(sorted({row.id for each in found for row in each.files}))


def folders_of(index: str | Path = "index") -> tuple[Path, ...]:
    """Give the folders among what an index is made of, into which documents can be put.

    Raises:
        ConfigError: the index came from another machine.
        IndexLoadError: the index cannot be read.

    """
    return tuple(root for root in _roots(Path(index)) if root.is_dir())


def roots_with(folder: Path, index: str | Path = "index") -> list[Path]:
    """Give what an index is to be made of once a folder belongs to it.

    Raises:
        ConfigError: the index came from another machine.
        IndexLoadError: the index cannot be read.

    """
    roots, given = _roots(Path(index)), _absolute(folder)
    return roots if _home_of(given, roots) is not None else [*roots, given]


def is_left_out(row: FileRow) -> bool:
    """Tell whether it is the user who left a file out."""
    return row.state == "ignored" and row.reason == left_out.REASON


def _take_in(folder: Path, name: str) -> None:
    whole = left_out.covered(left_out.left_out_in(folder), name)
    if whole not in ("", name):
        raise ConfigError(
            f"{folder / name}: lies in a folder that is left out as a whole; "
            f"`ctqa add {folder / whole}` takes that in again"
        )
    left_out.take_in(folder, [name])


def _roots(folder: Path) -> list[Path]:
    """Give what the last build was made of; [] where none was ever made."""
    if not (folder / FILE_NAME).is_file():
        return []
    with closing(Catalog.open(folder)) as catalog:
        if not catalog.builds():
            return []
    return api.roots_of(folder)


def _files(folder: Path) -> list[FileRow]:
    with closing(Catalog.open(folder)) as catalog:
        builds = catalog.builds()
        return catalog.files(builds[-1].number) if builds else []


def _listed(
    name: str, rows: Sequence[FileRow], roots: Sequence[Path], index: Path
) -> Iterator[_Listed]:
    """Give what a name stands for; files that are roots themselves stand in lists of their own."""
    meant = tuple(_meant(name, rows))
    if not meant:
        raise ConfigError(
            f"{name}: no such document in {index}; `ctqa status --json --index {index}` lists the "
            "files with their ids"
        )
    given = Path(meant[0].path) if meant[0].id == name else _absolute(name)
    found: dict[tuple[Path, str], list[FileRow]] = {}
    for row in meant:
        path = Path(row.path) if Path(row.path) in roots else given
        home = _home_of(Path(row.path), roots)
        if home is None:
            raise ConfigError(f"{name}: lies in none of the folders that the index was made of")
        if home.is_relative_to(path):  # only what is below a root can stand on its list
            raise _all_of(name, home, index, is_root=home == path)
        listed = left_out.spelt(path.relative_to(home).as_posix())
        found.setdefault((home, listed), []).append(row)
    for (home, listed), files in found.items():
        yield _Listed(folder=home, name=listed, files=tuple(files))


def _all_of(name: str, root: Path, index: Path, *, is_root: bool) -> ConfigError:
    what = "is" if is_root else f"{root} lies in it, and is"
    return ConfigError(
        f"{name}: {what} all that the index was made of there; `ctqa build PATH… --index {index}` "
        "makes it of something else"
    )


def _meant(name: str, rows: Sequence[FileRow]) -> Iterator[FileRow]:
    """Give the file of an id or a path, or the files below a folder."""
    known = [row for row in rows if row.id == name]
    if known:
        yield from known
        return
    path = _absolute(name)
    yield from (row for row in rows if Path(row.path).is_relative_to(path))


def _absolute(path: str | Path) -> Path:
    """Spell a path as the roots of an index are, so that they can be compared."""
    return Path(os.path.abspath(path))  # noqa: PTH100 -- resolve() would follow links


def _home_of(path: Path, roots: Sequence[Path]) -> Path | None:
    """Give the folder whose list tells of a file: the first root it lies in; None: it lies in none.

    Where a root is the file itself, its list lies beside it.
    """
    for root in roots:
        if path == root and not root.is_dir():
            return root.parent
        if path.is_relative_to(root):
            return root
    return None
