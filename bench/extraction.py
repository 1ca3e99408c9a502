"""How much of a PDF's text comes out, and in what order: pypdf, pypdfium2 and CTQA.

The folders in CTQA_TEST_FILES are searched for PDFs with their text beside them as Markdown
(`x.pdf` and `groundtruth/x.md`). Word F1 takes both texts as bags of words. The order score is the
share of the words that occur once in both texts that stand in one common order: the longest
increasing run of their places. `CTQA_DATA` adds the filings of financebench: the share of a gold
page's evidence that is found on that very page, and its order there.
"""

import html
import json
import logging
import os
import re
import time
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pypdfium2
from pypdf import PdfReader

from bench.common import Table, run
from ctqa.sources.pdf import load_pdf

_WORD = re.compile(r"[^\W_]+")
_LINE_BREAK = re.compile(r"(?<=[^\W\d_])[-\u00ad\u2010]\s*\n\s*(?=[^\W\d_])")
_MARKS = re.compile(r"(?s)<!--.*?-->|!\[[^\]]*\]\([^)]*\)|^\|(?:\s*:?-+:?\s*\|)+\s*$|\\(?=[_*#])")

Extract = Callable[[bytes], list[str]]


def _by_pypdf(data: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(data)).pages]


def _by_pypdfium2(data: bytes) -> list[str]:
    texts = []
    with pypdfium2.PdfDocument(data) as document:
        for page in document:
            texts.append(page.get_textpage().get_text_bounded().replace("\r\n", "\n"))
            page.close()
    return texts


def _by_ctqa(data: bytes) -> list[str]:
    return [
        content.text[page.start : page.end]
        for content in load_pdf(data).contents
        for page in content.pages
    ]


CONTENDERS: dict[str, Extract] = {
    "pypdf": _by_pypdf,
    "pypdfium2": _by_pypdfium2,
    "CTQA": _by_ctqa,
}


@dataclass(frozen=True, slots=True)
class Score:
    """How near a text comes to the truth; each figure 0..1."""

    recall: float
    f1: float
    order: float


def words_of(text: str) -> list[str]:
    """Give the words of a text in lower case, those broken at line ends made whole."""
    whole = _LINE_BREAK.sub("", unicodedata.normalize("NFKC", text))
    return _WORD.findall(whole.lower())


def truth_of(path: Path) -> str:
    """Read a ground truth without the marks of Markdown."""
    return html.unescape(_MARKS.sub(" ", path.read_text(encoding="utf-8")))


def score(found: str, truth: str) -> Score:
    """Compare a text with the truth."""
    mine, real = words_of(found), words_of(truth)
    shared = (Counter(mine) & Counter(real)).total()
    total = len(mine) + len(real)
    return Score(
        shared / len(real) if real else 1.0, 2 * shared / total if total else 1.0, order(mine, real)
    )


def order(mine: Sequence[str], real: Sequence[str]) -> float:
    """Give the share of the words that occur once in both that are in one common order."""
    places = _places(real)
    anchors = [places[word] for word in _places(mine) if word in places]
    tails: list[int] = []
    for place in anchors:
        at = bisect_left(tails, place)
        tails[at : at + 1] = [place]
    return len(tails) / len(anchors) if anchors else 1.0


def _places(words: Sequence[str]) -> dict[str, int]:
    counts = Counter(words)
    return {word: place for place, word in enumerate(words) if counts[word] == 1}


def pairs() -> Iterator[tuple[Path, Path]]:
    """Give each PDF with its ground truth."""
    folders = [Path(name) for name in os.environ.get("CTQA_TEST_FILES", "").split(os.pathsep)]
    files = sorted(file for folder in folders for file in folder.rglob("*.pdf"))
    by_stem = {file.stem: file for file in files}
    truths = sorted(file for folder in folders for file in folder.rglob("groundtruth/*.md"))
    yield from ((by_stem[truth.stem], truth) for truth in truths if truth.stem in by_stem)


def against_markdown() -> None:
    """Measure every contender on every PDF that has its ground truth."""
    names = [f"{name} {what}" for name in CONTENDERS for what in ("F1", "order")]
    table = Table("extraction", ("file", "pages", *names))
    every: list[list[float]] = []
    for pdf, truth in pairs():
        data, real = pdf.read_bytes(), truth_of(truth)
        texts = [extract(data) for extract in CONTENDERS.values()]
        scores = [score("\n".join(text), real) for text in texts]
        figures = [figure for each in scores for figure in (each.f1, each.order)]
        every.append(figures)
        table.add(pdf.stem, len(texts[0]), *figures)
    if not every:
        raise SystemExit("set CTQA_TEST_FILES to a folder of PDFs with groundtruth/*.md")
    table.add("mean", "", *(sum(column) / len(every) for column in zip(*every, strict=True)))


def against_evidence() -> None:
    """Measure what each contender reads of the gold pages' evidence, and how fast it reads."""
    root = Path(os.environ.get("CTQA_DATA", "")) / "financebench"
    if not (root / "qa.jsonl").is_file():
        return
    with (root / "qa.jsonl").open(encoding="utf-8") as lines:
        questions = [json.loads(line) for line in lines]
    table = Table("extraction-filings", ("reader", "pages", "recall", "order", "pages a second"))
    for name, extract in CONTENDERS.items():
        started, pages, found = time.perf_counter(), 0, []
        texts = {}
        for path in sorted((root / "docs").glob("*.pdf")):
            texts[path.stem] = extract(path.read_bytes())
            pages += len(texts[path.stem])
        seconds = time.perf_counter() - started
        for question in questions:
            page_texts = texts[question["doc_id"]]
            for page, evidence in zip(question["pages0"], question["evidence"], strict=True):
                found.append(score(page_texts[page], evidence))
        recall = sum(each.recall for each in found) / len(found)
        in_order = sum(each.order for each in found) / len(found)
        table.add(name, pages, recall, in_order, f"{pages / seconds:.0f}")


def main() -> None:
    """Measure against ground truth, then on long filings."""
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    against_markdown()
    against_evidence()


run(main, __name__)
