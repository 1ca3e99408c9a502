"""What is found in an index that is not as it should be, and the one command that mends it."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Kind = Literal[
    "catalog",
    "head",
    "sqlite",
    "sequence",
    "row",
    "orphan",
    "count",
    "calibration",
    "vector",
    "encoding",
    "file",
    "entries",
    "model",
    "folder",
    "lock",
    "source",
    "library",
    "leftover",
    "replica",
    "store",
]
"""What a finding is about.

Damage: "catalog" (its structure), "head" (the rows that name the builds), "sqlite" (what SQLite
makes of the tables itself: indexes, free pages), "sequence" (the last key of a passage), "row" (of
a file and what it holds), "orphan" (rows that belong to none), "count" (of a build), "calibration",
"vector" (a cached one), "encoding" (the encoder gives other vectors), "file" (a derived one),
"entries" (of these files).

No damage: "model", "folder" and "lock" keep an index from being used or built; "source", "library",
"leftover" and "replica" (of a cluster, not active) are good to know; "store" is a cluster that does
not answer, so that nobody knows what it holds.
"""
BLOCKING: tuple[Kind, ...] = ("catalog", "head", "sqlite")  # no row can be relied on with these
NO_DAMAGE: tuple[Kind, ...] = (
    *("model", "folder", "lock", "source", "library", "leftover", "replica", "store"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is not as it should be."""

    kind: Kind
    what: str  # what was found and expected, and where
    mend: str  # the command that mends it; "": nothing has to be done
    build: int = 0  # whose derived files, counts or row; 0: of no build by itself
    file: int = 0  # key of the file whose rows; 0: of none that can be told

    @property
    def is_damage(self) -> bool:
        """Whether something that was written is not there as it was written."""
        return self.kind not in NO_DAMAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was checked in an index, and all that was found."""

    build: int  # the current one; 0: the catalog does not tell
    checked: Mapping[str, int]  # how many of each were looked at
    skipped: tuple[str, ...]  # what was not looked at, and why
    findings: tuple[Finding, ...]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is damaged."""
        return not any(finding.is_damage for finding in self.findings)


def fix(folder: Path) -> str:
    """Name the command that mends what can be mended in place."""
    return f"`ctqa doctor --fix --index {_quoted(folder)}`"


def fix_and_read(folder: Path) -> str:
    """Name the commands that take damaged files out and read them again."""
    return f"{fix(folder)}, then `ctqa build --index {_quoted(folder)}`"


def roll_back_to(folder: Path) -> str:
    """Name the command that makes the build before the current one."""
    return f"`ctqa rollback --index {_quoted(folder)}`"


def anew(folder: Path, roots: Sequence[str] = ()) -> str:
    """Name the commands that replace an index; `roots` is what was built from, if it is known."""
    paths = " ".join(map(shlex.quote, roots)) if roots else "PATH…"
    index = _quoted(folder)
    return (
        f"delete {folder} (but keep its judgments.jsonl, if there is one), then "
        f"`ctqa build {paths} --index {index}` or, of an archive, "
        f"`ctqa import ARCHIVE --index {index}`"
    )


def listed(faults: Sequence[str], most: int = 3) -> str:
    """Tell the first of many faults, and how many more there are."""
    rest = len(faults) - most
    return "; ".join(faults[:most]) + (f"; and {rest} more" if rest > 0 else "")


def shown(text: str) -> str:
    """Give text that can be printed, whatever bytes it was made of."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _quoted(folder: Path) -> str:
    return shlex.quote(str(folder))
