"""Which engine reads pages from their picture, how well and at what cost: rapidocr or Tesseract.

The pages come from the folders in CTQA_TEST_FILES and, for the filings, CTQA_DATA. Born-digital
pages are drawn at 200 dpi, once clean and once as a poor scan (blurred, noisy, skewed by a degree,
compressed); their text layer is the truth. Of scans the truth is a transcript by hand or the text
layer of another engine. Word F1 and order are those of `bench.extraction`; CER is the edit distance
by characters over the length of the truth, white space squeezed, on pages of one column. Tesseract
(Debian's `tesseract-ocr` with English) is left out where it is not installed.
"""

import os
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from statistics import mean

import numpy as np
import pypdfium2
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from bench.common import Table, run
from bench.extraction import score
from ctqa.sources.ocr import ENGINE, read_picture
from ctqa.text import squeeze

Picture = NDArray[np.uint8]  # (h, w, 3), RGB

_DPI = 200
_ONE_COLUMN = frozenset({"one column", "scan, turned", "scan"})
_BROKEN = re.compile("[\ufffe\x02](?:\r?\n)?")  # pdfium's mark for a word broken at a line end
_WHOSE = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


@dataclass(frozen=True, slots=True)
class Sample:
    """A page to read."""

    kind: str
    file: str  # the end of its path
    page: int = 1
    truth: str = ""  # "": the text layer


_SHORT = (
    "Docling bundles PDF document conversion to JSON and Markdown in an easy self contained package"
)
_LETTER = """THE SLEREXE COMPANY LIMITED SAPORS LANE - BOOLE - DORSET - BH 25 8 ER
TELEPHONE BOOLE (945 13) 51617 - TELEX 123456 Our Ref. 350/PJC/EAC 18th January, 1972.
Dr. P.N. Cundall, Mining Surveys Ltd., Holroyd Road, Reading, Berks. Dear Pete,
Permit me to introduce you to the facility of facsimile transmission.
In facsimile a photocell is caused to perform a raster scan over the subject copy. The variations of
print density on the document cause the photocell to generate an analogous electrical video signal.
This signal is used to modulate a carrier, which is transmitted to a remote destination over a radio
or cable communications link. At the remote terminal, demodulation reconstructs the video signal,
which is used to modulate the density of print produced by a printing device. This device is
scanning in a raster scan synchronised with that at the transmitting terminal. As a result, a
facsimile copy of the subject document is produced. Probably you have uses for this facility in
your organisation. Yours sincerely, Phil. P.J. CROSS Group Leader - Facsimile Research
Registered in England: No. 2038 No. 1 Registered Office: 60 Vicara Lane, Ilford. Essex."""
_CHUNKS = """Processing total chunks mean chunks per document (std) tables mean (std)
Base 128 64,058 800.73 (484.11) N/A Base 256 32,051 400.64 (242.04) N/A
Base 512 16,046 200.58 (121.01) N/A Chipper 20,843 260.57 (145.80) 96.20 (57.53)"""
_BALLOTS = """Disability Category Participants Ballots Completed Ballots Incomplete/ Terminated
Results Accuracy Time to complete Blind 5 1 4 34.5%, n=1 1199 sec, n=1
Low Vision 5 2 3 98.3% n=2 (97.7%, n=3) 1716 sec, n=3 (1934 sec, n=2)
Dexterity 5 4 1 98.3%, n=4 1672.1 sec, n=4 Mobility 3 3 0 95.4%, n=3 1416 sec, n=3"""
_MEMO = """SUGAR RESEARCH FOUNDATION, INC.
TO: MESSRS. ABBOTT, BOSTOCK, BUNKER, GREENE, KELLY, NADLER, and PLACE FROM: ODY H. LAMBORN
Desiring to keep you posted on the progress of the Foundation you will be interested to know that to
date the Foundation has received the following:
(a) A letter from The Amalgamated Sugar Company accepting membership and enclosing their check, and
executed contracts. (b) A letter from California and Hawaiian Sugar Refining Corporation, Ltd.
accepting membership and enclosing their check and executed contracts. (c) A letter from Central
Aguirre Associates accepting membership and enclosing their check and executed contracts. (d) A
letter from Liquid Sugars, Inc. accepting membership and enclosing their check and executed
contracts. (e) A letter from The National Sugar Refining Company accepting membership and enclosing
their executed contracts. (f) A letter from the Savannah Sugar Refining Corporation accepting
membership and enclosing their executed contracts.
Source: https://www.industrydocuments.ucsf.edu/docs/mjgl0226"""

SAMPLES = (
    Sample("scan, turned", "ocr_test_rotated_90.pdf", 1, _SHORT),
    Sample("scan, turned", "ocr_test_rotated_180.pdf", 1, _SHORT),
    Sample("scan, turned", "ocr_test_rotated_270.pdf", 1, _SHORT),
    Sample("scan, turned", "nemotron_multipage.pdf", 2, _SHORT),
    Sample("scan", "ocr_test.pdf", 1, _SHORT),
    Sample("scan", "sample_with_rotation_mismatch.pdf", 1, _LETTER),
    Sample("scan", "pdf-with-ocr-text.pdf", 1, _MEMO),
    Sample("scan", "Seige_of_Vicksburg_Sample_OCR.pdf", 1),
    Sample("scan", "Seige_of_Vicksburg_Sample_OCR.pdf", 2),
    Sample("scan", "Seige_of_Vicksburg_Sample_OCR.pdf", 5),
    Sample("scan", "a1977-backus-p21.pdf"),
    Sample("scanned table", "single_table.pdf", 1, _CHUNKS),
    Sample("scanned table", "table-multi-row-column-cells.pdf", 1, _BALLOTS),
    Sample("one column", "004-pdflatex-4-pages/pdflatex-4-pages.pdf"),
    Sample("one column", "multi_page.pdf", 1),
    Sample("one column", "multi_page.pdf", 4),
    Sample("one column", "layout-parser-paper-fast.pdf", 2),
    Sample("one column", "DA-1p.pdf"),
    Sample("two columns", "multi-column.pdf", 2),
    Sample("two columns", "multi-column.pdf", 3),
    Sample("two columns", "multi-column.pdf", 9),
    Sample("two columns", "026-latex-multicolumn/multicolumn.pdf"),
    Sample("two columns", "invalid-pdf-structure-pdfminer-one-page.pdf", 2),
    Sample("two columns", "amt_handbook_sample.pdf"),
    Sample("two columns", "ligatures_01.pdf", 2),
    Sample("table", "2305.03393v1-pg9.pdf"),
    Sample("table", "interface-config-guide-p93.pdf"),
    Sample("table", "layout-parser-paper-with-table.pdf"),
    Sample("table", "font_01.pdf"),
    Sample("French", "form_fields.pdf", 5),
    Sample("French", "fr_olap.pdf", 3),
    Sample("filing", "3M_2022_10K.pdf", 30),
    Sample("filing", "3M_2022_10K.pdf", 48),
    Sample("filing", "NIKE_2019_10K.pdf", 60),
    Sample("filing", "WALMART_2018_10K.pdf", 55),
    Sample("filing", "PEPSICO_2023Q1_EARNINGS.pdf", 7),
)


@dataclass(frozen=True, slots=True)
class Figures:
    """How one page was read; all but the costs 0..1."""

    kind: str
    f1: float
    order: float
    cer: float | None  # None: the order within the truth is no measure
    cpu_s: float


def by_tesseract(program: str, picture: Picture) -> str:
    """Read a picture with Tesseract, which finds out the page's turn and layout."""
    buffer = BytesIO()
    Image.fromarray(picture).save(buffer, "PNG", compress_level=1, dpi=(_DPI, _DPI))
    command = [program, "stdin", "stdout", "--oem", "1", "--psm", "1", "-l", "eng"]
    environment = {**os.environ, "OMP_THREAD_LIMIT": "2"}
    done = subprocess.run(
        command, input=buffer.getvalue(), capture_output=True, check=True, env=environment
    )
    return done.stdout.decode()


def by_rapidocr(picture: Picture) -> str:
    """Read a picture as CTQA does."""
    return read_picture(picture).text


def contenders() -> dict[str, Callable[[Picture], str]]:
    """Give the engines that are installed."""
    found: dict[str, Callable[[Picture], str]] = {ENGINE: by_rapidocr}
    program = shutil.which("tesseract")
    if program is not None:
        answer = subprocess.run([program, "--version"], capture_output=True, check=True)
        found[answer.stdout.decode().splitlines()[0]] = partial(by_tesseract, program)
    return found


def path_of(sample: Sample) -> Path | None:
    """Find a sample's file; None: it is not there."""
    names = [*os.environ.get("CTQA_TEST_FILES", "").split(os.pathsep), os.environ.get("CTQA_DATA")]
    for folder in (Path(name) for name in names if name):
        for path in sorted(folder.rglob(Path(sample.file).name)):
            if path.as_posix().endswith("/" + sample.file):
                return path
    return None


def drawn(path: Path, page: int) -> tuple[Picture, str]:
    """Draw a page, and give its text layer."""
    with pypdfium2.PdfDocument(path) as document:
        sheet = document[page - 1]
        picture = sheet.render(scale=_DPI / 72, rev_byteorder=True).to_numpy()[:, :, :3].copy()
        return picture, _BROKEN.sub("", sheet.get_textpage().get_text_bounded())


def worn(picture: Picture) -> Picture:
    """Make a poor scan of a clean page: skewed by a degree, blurred, noisy, compressed."""
    page = Image.fromarray(picture).rotate(
        1, Image.Resampling.BICUBIC, expand=True, fillcolor=(255, 255, 255)
    )
    blurred = np.asarray(page.filter(ImageFilter.GaussianBlur(0.9)), dtype=np.float64)
    noise = np.random.default_rng(0).normal(0, 12, blurred.shape[:2])[:, :, None]
    noisy = np.clip(0.9 * blurred + 12 + noise, 0, 255).astype(np.uint8)
    buffer = BytesIO()
    Image.fromarray(noisy).save(buffer, "JPEG", quality=40)
    return np.asarray(Image.open(buffer).convert("RGB"))


def edit_distance(found: str, truth: str) -> int:
    """Count the characters to insert, delete or change (Levenshtein)."""
    real = np.array([ord(char) for char in truth])
    steps = np.arange(len(real) + 1)
    row = steps.copy()
    for count, char in enumerate(found, 1):
        best = np.minimum(row[1:] + 1, row[:-1] + (real != ord(char)))
        row = np.minimum.accumulate(np.concatenate([[count], best]) - steps) + steps
    return int(row[-1])


def _cpu_s() -> float:
    own, children = (resource.getrusage(who) for who in _WHOSE)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _measured(read: Callable[[Picture], str], picture: Picture, kind: str, truth: str) -> Figures:
    started = _cpu_s()
    text = read(picture)
    seconds = _cpu_s() - started
    got = score(text, truth)
    squeezed = squeeze(truth)
    with_cer = kind.removesuffix(", worn") in _ONE_COLUMN
    cer = edit_distance(squeeze(text), squeezed) / len(squeezed) if with_cer else None
    return Figures(kind, got.f1, got.order, cer, seconds)


def pictures() -> Iterator[tuple[str, Picture, str]]:
    """Give each page as (kind, picture, truth); born-digital ones a second time, worn."""
    for sample in SAMPLES:
        path = path_of(sample)
        if path is None:
            print(f"{sample.file} is not there", file=sys.stderr)
            continue
        picture, layer = drawn(path, sample.page)
        truth = sample.truth or layer
        yield sample.kind, picture, truth
        if not sample.kind.startswith("scan"):
            yield f"{sample.kind}, worn", worn(picture), truth


def _means(figures: Sequence[Figures]) -> list[object]:
    cers = [each.cer for each in figures if each.cer is not None]
    return [
        mean(each.f1 for each in figures),
        mean(each.order for each in figures),
        mean(cers) if cers else "",
        f"{mean(each.cpu_s for each in figures):.1f}",
    ]


def main() -> None:
    """Read every page with every engine."""
    engines = contenders()
    for read in engines.values():  # loads models before the clock runs
        read(np.full((64, 256, 3), 255, dtype=np.uint8))
    kinds: dict[str, dict[str, list[Figures]]] = {}
    for kind, picture, truth in pictures():
        for name, read in engines.items():
            figures = _measured(read, picture, kind, truth)
            kinds.setdefault(kind, {}).setdefault(name, []).append(figures)
            print(name, *(getattr(figures, at) for at in Figures.__slots__), file=sys.stderr)
    table = Table("ocr", ("pages", "number", "engine", "F1", "order", "CER", "CPU s a page"))
    for kind, by_engine in sorted(kinds.items()):
        for name, every in by_engine.items():
            table.add(kind, len(every), name, *_means(every))
    for name in engines:
        every = [each for by_engine in kinds.values() for each in by_engine[name]]
        table.add("all", len(every), name, *_means(every))
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000
    print(f"peak memory of this process, with {ENGINE}: {peak_mb} MB")


run(main, __name__)
