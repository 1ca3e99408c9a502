"""All that a build starts from: the files found, and what is known of how to cite them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ctqa.sources.cite import Citations, load_citations
from ctqa.sources.files import FoundFile, walk


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """The files that an index is to hold."""

    roots: tuple[str, ...]  # what the user gave, absolute
    files: tuple[FoundFile, ...]
    citations: Citations


def collect(paths: Sequence[Path], *, without: Path | None = None) -> Collection:
    """Find the files in `paths`, leaving out the folder `without`, and their citations.

    Raises:
        SourceError: a path does not exist, or a `sources.csv` cannot be used.

    """
    files = walk(paths, without=without)
    roots = tuple(str(path.absolute()) for path in paths)
    return Collection(roots=roots, files=files, citations=load_citations(files))
