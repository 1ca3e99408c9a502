"""How to cite the documents: what a `sources.csv` beside them says."""

import os
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

from ctqa.errors import SourceError
from ctqa.sources.decode import decode, tidy
from ctqa.sources.files import CITATIONS_NAME, FoundFile, plain_reason
from ctqa.sources.rows import Row, Table, table_with

_WEB = re.compile(r"https?://", re.IGNORECASE)  # what is safe to make a link of
_DASHES = frozenset({"-", "–", "—"})  # how tables are told that there is nothing
_HEADING = "path,title,author,publication,year,url,tags"


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """What is known of a document apart from its file; "" where nothing is."""

    title: str = ""
    author: str = ""
    publication: str = ""
    year: str = ""
    url: str = ""  # http or https
    tags: str = ""  # parted by semicolons


_FIELDS = tuple(each.name for each in fields(Citation))
_NOTHING = Citation()


@dataclass(frozen=True, slots=True, kw_only=True)
class Citations:
    """The citations of all documents, with the rows that could not be used."""

    by_path: Mapping[str, Citation] = field(default_factory=dict)
    problems: tuple[str, ...] = ()  # one line each, to be shown to the user

    def of(self, path: Path) -> Citation:
        """Give what is known of a file; an empty citation where nothing is."""
        return self.by_path.get(_key(path), _NOTHING)

    def for_one(self, path: Path) -> "Citations":
        """Give what is known of one file alone."""
        return Citations(by_path={_key(path): self.of(path)})


def load_citations(found: Sequence[FoundFile]) -> Citations:
    """Read every `sources.csv` that lies beside the files found or above them up to their root.

    Its columns are path, title, author, publication, year, url and tags (parted by semicolons), in
    any order and case; others are ignored. Paths count from the folder that it lies in. Where two
    files tell about the same document, the one in the inner folder is taken; within one file, the
    first row.

    Raises:
        SourceError: a `sources.csv` cannot be read or has no column "path".

    """
    by_path: dict[str, Citation] = {}
    problems: list[str] = []
    for path in _citation_files(found):
        here: dict[str, Citation] = {}
        for row in _table(path).rows():
            problems += [f"{path}, line {row.line}: {what}" for what in _enter(row, path, here)]
        by_path |= here
    return Citations(by_path=by_path, problems=tuple(problems))


def _citation_files(found: Iterable[FoundFile]) -> list[Path]:
    """Find them, from the outermost folder inwards."""
    folders = {folder for file in found for folder in _folders_above(file)}
    paths = [path for folder in folders for path in _csv_within(folder)]
    return sorted(paths, key=lambda path: (len(path.parts), path.as_posix()))


def _folders_above(file: FoundFile) -> Iterator[Path]:
    root = file.path.parent if file.root is None else file.root
    for folder in file.path.parents:
        yield folder
        if folder == root:
            return


def _csv_within(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.name.casefold() == CITATIONS_NAME]
    except OSError:
        return []  # the folder itself stands in the ledger as unreadable


def _table(path: Path) -> Table:
    try:
        text = decode(path.read_bytes())
    except OSError as exc:
        raise SourceError(f"{path}: {plain_reason(exc)}; mend or remove it") from exc
    except SourceError as exc:
        raise SourceError(f"{path}: {exc}; save it as CSV or remove it") from exc
    table = table_with(text, "path")
    if table is None:
        line = text.lstrip().partition("\n")[0]
        number = 1 + text[: len(text) - len(text.lstrip())].count("\n")
        raise SourceError(
            f'{path}, line {number}: expected a heading with a column "path", found '
            f'"{tidy(line)}"; make that line {_HEADING}'
        )
    return table


def _enter(row: Row, csv_path: Path, here: dict[str, Citation]) -> Iterator[str]:
    """Enter a row into `here`, and give what is wrong with it."""
    name = row.cells.get("path", "").strip().replace("\\", "/")
    path = csv_path.parent / name
    if row.problem:
        yield row.problem
    elif not name:
        yield "the path is missing"
    elif not os.path.isfile(path):  # noqa: PTH113 -- Path.is_file() raises for some names
        yield f'there is no file "{name}" in {csv_path.parent}'
    elif _key(path) in here:
        yield f'"{name}" stands in a row above, which is taken'
    else:
        citation = Citation(**{name: _told(row.cells.get(name, "")) for name in _FIELDS})
        if citation.url and not _WEB.match(citation.url):
            yield f'the url "{citation.url}" is left out: it does not begin with https://'
            citation = replace(citation, url="")
        here[_key(path)] = citation


def _told(cell: str) -> str:
    told = tidy(cell)
    return "" if told in _DASHES else told


def _key(path: Path) -> str:
    """Spell a path so that it compares equal however it was written."""
    plain = os.path.normcase(os.path.abspath(path))  # noqa: PTH100 -- links are kept
    return unicodedata.normalize("NFC", plain)
