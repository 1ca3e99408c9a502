"""What a build did, told by what the catalog held before and after it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ctqa.index.plan import Recipe
from ctqa.index.rows import FileRow
from ctqa.records import FileState
from ctqa.sources import Citations


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
    renamed: int
    removed: int
    unchanged: int
    documents: int
    pages: int
    passages: int
    encoded: int
    reused: int
    problems: tuple[Problem, ...]
    seconds: float
    reread: int = 0  # of the unchanged files: for another encoder, setting or library version
    pages_unread: int = 0  # pages, and files none of whose pages is known
    mended: tuple[str, ...] = ()  # derived files that were damaged, and are made anew


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """How many files a build added, changed, renamed, removed and left as they were."""

    added: int
    changed: int
    renamed: int
    removed: int
    unchanged: int
    reread: int  # of the unchanged: nothing of the file, but what files are read with has changed


def changes(before: Iterable[FileRow], after: Iterable[FileRow]) -> Changes:
    """Compare the files of two builds; those that are no documents do not count."""
    old = {row.id: row for row in before if row.state != "ignored"}
    new = {row.id: row for row in after if row.state != "ignored"}
    both = old.keys() & new.keys()
    came = Counter(new[name].sha256 for name in new.keys() - both)
    went = Counter(old[name].sha256 for name in old.keys() - both)
    renamed = (came & went).total()
    kept = sum(old[name].key == new[name].key for name in both)
    reread = sum(_was_reread(old[name], new[name]) for name in both)
    return Changes(
        added=came.total() - renamed,
        changed=len(both) - kept - reread,
        renamed=renamed,
        removed=went.total() - renamed,
        unchanged=kept + reread,
        reread=reread,
    )


def _was_reread(old: FileRow, new: FileRow) -> bool:
    """Tell whether a file and its citation are as they were, and only what reads it is not."""
    before, after = (Recipe.of(row.recipe) for row in (old, new))
    same = (old.sha256, old.state, before.place) == (new.sha256, new.state, after.place)
    return same and before.kitchen != after.kitchen


def problems(files: Sequence[FileRow], citations: Citations) -> Iterator[Problem]:
    """List what a user should look at."""
    for problem in citations.problems:
        yield Problem(path="sources.csv", state="read", reason=problem)
    for row in files:
        if row.needs_attention:
            yield Problem(path=row.path, state=row.state, reason=row.reason)
