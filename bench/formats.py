"""How much of office documents, web pages and books comes out, and in what order: CTQA, markitdown.

The folders in CTQA_TEST_FILES are searched for files of each format. The truth is the file's own
ground truth where one lies beside it (`groundtruth/x.docx.html` for `sources/x.docx`); else it is
raw: the text nodes of its XML (the paragraphs of Word and ODT; slides, then their charts and notes;
the values of a workbook's cells as saved), or all that an HTML page or a book's files hold outside
scripts and styles. A raw truth lacks what a reader sees and no text node says (the numbers of
lists, 26% for 0.26), and slides have no order but that of their drawing. Files that are locked,
damaged or without text have no truth and are passed over.

Word F1 and the order score are those of `bench.extraction`. Markitdown is no dependency:
CTQA_MARKITDOWN names the Python of an environment that has it
(`pip install "markitdown[docx,pptx,xlsx]"`); without it, CTQA is measured alone.
"""

import html
import json
import os
import posixpath
import re
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import lxml.html
from lxml import etree

from bench.common import Table, run
from bench.extraction import score
from ctqa.sources.content import ReadOptions
from ctqa.sources.formats import LOADERS

_SUFFIXES = (".docx", ".pptx", ".xlsx", ".odt", ".html", ".epub")
_IMAGE = re.compile(r"(?s)<!--.*?-->|!\[[^\]]*\]\([^)]*\)|\\(?=[_*#])")
_LINK = re.compile(r"\]\([^)]*\)")
_NUMBER = re.compile(r"\d+")
_PEER = """
import json, sys, time, warnings
warnings.simplefilter("ignore")
from markitdown import MarkItDown
reader = MarkItDown(enable_plugins=False)
for number, path in enumerate([sys.argv[1], *sys.argv[1:]]):
    started = time.perf_counter()
    try:
        text = reader.convert(path).markdown
    except Exception as exc:
        text = ""
    seconds = time.perf_counter() - started
    if number:
        print(json.dumps({"text": text, "seconds": seconds}))
"""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a contender made of a file, and how long it took."""

    text: str
    seconds: float


def by_ctqa(files: Sequence[Path]) -> list[Reading]:
    """Read files with CTQA; the first one twice, so that no import is measured."""
    found = [_read(path) for path in (files[0], *files)]
    return found[1:]


def _read(path: Path) -> Reading:
    data = path.read_bytes()
    started = time.perf_counter()
    loaded = LOADERS[path.suffix](data, ReadOptions())
    seconds = time.perf_counter() - started
    return Reading("\n".join(content.text for content in loaded.contents), seconds)


def by_markitdown(files: Sequence[Path]) -> list[Reading]:
    """Read files with markitdown, likewise; the marks of Markdown and link targets are left out."""
    python = os.environ.get("CTQA_MARKITDOWN", "")
    if not python:
        return []
    command = [python, "-c", _PEER, *map(str, files)]
    printed = subprocess.run(command, capture_output=True, check=True, encoding="utf-8").stdout
    told = [json.loads(line) for line in printed.splitlines() if line.startswith('{"text"')]
    return [Reading(_plain(each["text"]), each["seconds"]) for each in told]


def _plain(markdown: str) -> str:
    return html.unescape(_LINK.sub("] ", _IMAGE.sub(" ", markdown)))


def truth_of(path: Path) -> tuple[str, bool]:
    """Give the words that a file holds, and whether they are its own ground truth."""
    beside = path.parent.parent / "groundtruth" / f"{path.name}.html"
    if beside.is_file():
        return _html_text(beside.read_bytes()), True
    if path.suffix == ".html":
        return _html_text(path.read_bytes()), False
    try:
        with ZipFile(path) as archive:
            return _RAW[path.suffix](archive), False
    except (BadZipFile, etree.XMLSyntaxError):
        return "", False


def _html_text(data: bytes) -> str:
    root = lxml.html.fromstring(data)
    for hidden in list(root.iter("script", "style", "head", "template", "noscript")):
        hidden.drop_tree()
    etree.strip_tags(root, "a", "b", "i", "em", "strong", "span", "sub", "sup", "u", "s", "code")
    return "\n".join(root.itertext())


def _paragraphs(archive: ZipFile, names: Sequence[str]) -> str:
    """Give the text nodes of XML parts: a line a paragraph, its runs put together."""
    said: list[str] = []
    for name in names:
        before = None
        for node in _root(archive, name).iter("{*}t", "{*}br", "{*}tab", "{*}v"):
            paragraph = next(node.iterancestors("{*}p", "{*}pt"), None)
            said.append("" if paragraph is before else "\n")
            said.append((node.text or "") if node.tag.endswith(("}t", "}v")) else " ")
            before = paragraph
    return "".join(said)


def _root(archive: ZipFile, name: str) -> Any:
    root = etree.fromstring(archive.read(name), etree.XMLParser(resolve_entities=False))
    for twice in list(root.iter("{*}Fallback", "{*}moveFrom")):
        twice.getparent().remove(twice)
    return root


def _named(archive: ZipFile, pattern: str) -> list[str]:
    """List the entries of a name, in the order of their numbers."""
    names = [name for name in archive.namelist() if re.fullmatch(pattern, name)]
    return sorted(names, key=lambda name: [int(number) for number in _NUMBER.findall(name)])


def _docx(archive: ZipFile) -> str:
    names = _named(archive, r"word/(?:document|header\d*|footer\d*|footnotes|endnotes)\.xml")
    ordered = sorted(names, key=lambda name: ("header" not in name, "document" not in name))
    return _paragraphs(archive, ordered)


def _pptx(archive: ZipFile) -> str:
    slides = _named(archive, r"ppt/slides/slide\d+\.xml")
    notes = _named(archive, r"ppt/notesSlides/notesSlide\d+\.xml")
    charts = _named(archive, r"ppt/charts/chart\d+\.xml")
    return _paragraphs(archive, [*slides, *charts, *notes])


def _odt(archive: ZipFile) -> str:
    root = _root(archive, "content.xml")
    return "\n".join("".join(each.itertext()) for each in root.iter("{*}p", "{*}h"))


def _xlsx(archive: ZipFile) -> str:
    names = [sheet.get("name") for sheet in _root(archive, "xl/workbook.xml").iter("{*}sheet")]
    shared: list[str] = []
    if "xl/sharedStrings.xml" in archive.namelist():
        items = _root(archive, "xl/sharedStrings.xml").iter("{*}si")
        shared = ["".join(node.text or "" for node in item.iter("{*}t")) for item in items]
    sheets = _named(archive, r"xl/worksheets/sheet\d+\.xml")
    cells = [value for name in sheets for value in _values(_root(archive, name), shared)]
    return "\n".join([*names, *cells])


def _values(root: Any, shared: Sequence[str]) -> Iterator[str]:
    for cell in root.iter("{*}c"):
        value = cell.findtext("{*}v")
        if cell.get("t") == "s" and value is not None:
            yield shared[int(value)]
        else:
            yield value or "".join(cell.itertext("{*}t"))


def _epub(archive: ZipFile) -> str:
    (path,) = [name for name in archive.namelist() if name.endswith(".opf")]
    root = _root(archive, path)
    items = {item.get("id"): item.get("href") for item in root.iter("{*}item")}
    hrefs = [items[each.get("idref")] for each in root.iter("{*}itemref")]
    names = [posixpath.join(posixpath.dirname(path), href) for href in hrefs]
    return "\n".join(_html_text(archive.read(name)) for name in names)


_RAW: dict[str, Callable[[ZipFile], str]] = {
    ".docx": _docx,
    ".pptx": _pptx,
    ".xlsx": _xlsx,
    ".odt": _odt,
    ".epub": _epub,
}


def files_of(suffix: str) -> list[Path]:
    """List the files of a format; those of the same name and size once."""
    folders = os.environ.get("CTQA_TEST_FILES", "").split(os.pathsep)
    found = (file for folder in folders if folder for file in Path(folder).rglob(f"*{suffix}"))
    own = [file for file in found if file.parent.name != "groundtruth"]
    return sorted({(file.name, file.stat().st_size): file for file in own}.values())


def measured(readings: Sequence[Reading], truths: Sequence[str]) -> tuple[object, ...]:
    """Give mean word F1, mean order score and files a second; dashes where nothing is read."""
    if not any(reading.text.strip() for reading in readings):
        return ("–", "–", "–")
    scores = [score(reading.text, truth) for reading, truth in zip(readings, truths, strict=True)]
    seconds = sum(reading.seconds for reading in readings)
    f1, order = (
        sum(figure) / len(scores)
        for figure in zip(*((each.f1, each.order) for each in scores), strict=True)
    )
    return f1, order, f"{len(readings) / seconds:.0f}"


def main() -> None:
    """Measure every format."""
    contenders = {"CTQA": by_ctqa, "markitdown": by_markitdown}
    names = [f"{name} {what}" for name in contenders for what in ("F1", "order", "files a second")]
    table = Table("formats", ("format", "files", "truth", *names))
    for suffix in _SUFFIXES:
        told = [(path, *truth_of(path)) for path in files_of(suffix)]
        for kind in (True, False):
            files = [path for path, text, is_own in told if is_own is kind and text.strip()]
            truths = [text for _, text, is_own in told if is_own is kind and text.strip()]
            if files:
                figures = [measured(read(files), truths) for read in contenders.values()]
                where = "beside it" if kind else "raw"
                table.add(suffix[1:], len(files), where, *(each for row in figures for each in row))
    if not table.rows:
        raise SystemExit("set CTQA_TEST_FILES to folders with office documents")


run(main, __name__)
