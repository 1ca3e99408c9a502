"""Building again whenever the documents change."""

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from threading import Event

from ctqa.errors import CtqaError, SourceError
from ctqa.index.report import BuildReport
from ctqa.sources.left_out import LIST_NAME

_QUIET_MS = 1_000  # without a change, before a build begins: files are copied one after the other
_LOOK_MS = 500  # between two looks at whether to stop
_AGAIN_S = 10  # until a build that failed is tried once more


def builds(
    paths: Sequence[Path],
    index: Path,
    build: Callable[[], BuildReport],
    stop: Event | None = None,
) -> Iterator[BuildReport | CtqaError]:
    """Build now, and again after each change below `paths`, until `stop` is set.

    What happens while a build runs starts the next one. A build that fails gives its error, and is
    tried again when something changes, or after a while.

    Raises:
        SourceError: a path does not exist, or cannot be watched.

    """
    from watchfiles import watch  # noqa: PLC0415

    try:
        changes = watch(
            *_folders(paths),
            watch_filter=_Wanted(paths, index),
            debounce=10 * _QUIET_MS,  # at the most
            step=_QUIET_MS,
            rust_timeout=_LOOK_MS,
            yield_on_timeout=True,
            stop_event=stop,
        )
        next(changes, None)  # from here on nothing is missed
        yield from _builds(changes, build)
    except OSError as error:
        raise SourceError(f"cannot watch {', '.join(map(str, paths))}: {error}") from error


def _builds(
    changes: Iterator[Collection[object]], build: Callable[[], BuildReport]
) -> Iterator[BuildReport | CtqaError]:
    looks_left = 0  # until a build is due even without a change
    yield (done := _built(build))
    for changed in changes:
        looks_left -= 1
        failed = isinstance(done, CtqaError)
        if changed or (failed and looks_left <= 0):
            again = _built(build)
            if changed or not isinstance(again, CtqaError):  # not the same error every time
                yield again
            done, looks_left = again, _AGAIN_S * 1000 // _LOOK_MS


def _built(build: Callable[[], BuildReport]) -> BuildReport | CtqaError:
    try:
        return build()
    except CtqaError as error:
        return error


def _folders(paths: Sequence[Path]) -> list[Path]:
    """Give what to watch: editors replace files, which only the folder sees."""
    missing = [path for path in paths if not path.exists()]
    if missing:
        raise SourceError(f"{missing[0]}: there is no such file or folder; check the path")
    return [path if path.is_dir() else path.parent for path in map(Path.absolute, paths)]


class _Wanted:
    """Tells whether a changed path concerns the documents."""

    def __init__(self, paths: Sequence[Path], index: Path) -> None:
        self._paths = [path.absolute() for path in paths]
        self._files = {path for path in self._paths if path.is_file()}
        self._index = index.absolute()

    def __call__(self, _change: object, name: str) -> bool:
        path = Path(name)
        if path.is_relative_to(self._index):
            return False
        roots = [root for root in self._paths if path.is_relative_to(root)]
        if not roots:
            beside = any(file.parent == path.parent for file in self._files)
            return beside and (path.name.casefold() == "sources.csv" or path.name == LIST_NAME)
        *folders, last = path.relative_to(roots[0]).parts or ("",)
        if any(folder.startswith(".") for folder in folders):
            return False
        return last == LIST_NAME or not last.startswith(".")
