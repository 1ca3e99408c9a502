"""What one changed file costs a build: that file, and no more."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pypdfium2
import pytest
from encoders import WordEncoder
from library import TEXTS, build, open_qa, write_texts
from sources.pdfs import make_placed_pdf

from ctqa.answering.qa import QA
from ctqa.config import IndexConfig
from ctqa.index.build import BuildOptions
from ctqa.index.local import LocalIndex, open_index
from ctqa.sources import ocr

PLAIN = "all is told in lower case here, so nothing is a heading. " * 9


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    return write_texts(tmp_path / "documents", {**TEXTS, "plain.txt": PLAIN})


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "index"


@contextmanager
def opened(index: Path) -> Iterator[LocalIndex]:
    found = open_index(index)
    try:
        yield found
    finally:
        found.close()


@contextmanager
def asked(index: Path) -> Iterator[QA]:
    qa = open_qa(index)
    try:
        yield qa
    finally:
        qa.close()


class Reads:
    """Counts the files that a build reads."""

    count = 0

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage == "read":
            self.count = total


def test_a_renamed_file_is_neither_read_nor_encoded_again(documents: Path, index: Path) -> None:
    build(documents, index)
    (documents / "other").mkdir()
    for name in ("lakes.txt", "plain.txt"):  # the latter has no title but its name
        (documents / name).rename(documents / "other" / f"new_{name}")
    encoder, reads = WordEncoder(), Reads()
    report = build(documents, index, encoder, progress=reads)
    assert (report.added, report.renamed, report.changed, report.removed) == (0, 2, 0, 0)
    assert (report.unchanged, report.encoded, reads.count, encoder.encoded) == (1, 0, 0, [])
    with asked(index) as qa:
        assert {source.id: source.title for source in qa.documents()} == {
            "other/new_lakes.txt": "Lakes of the north",
            "other/new_plain.txt": "new plain",
            "sub/trains.txt": "Trains",
        }
        for hit in qa.search("How deep is the deepest lake?"):
            document = qa.document(hit.source.id)
            assert hit.passage.id.startswith(f"{hit.source.id}:")
            assert hit.source.path == str(documents / hit.source.id)
            assert document.text[hit.passage.start : hit.passage.end] == hit.passage.text
    assert not build(documents, index).committed


def test_the_words_of_a_name_are_found_until_the_file_has_another(
    documents: Path, index: Path
) -> None:
    build(documents, index)
    (documents / "plain.txt").rename(documents / "zebra_crossings.txt")
    with opened(index) as before:
        assert before.lexical("plain", 9)
        assert not before.lexical("zebra", 9)
    build(documents, index)
    with opened(index) as after:
        assert not after.lexical("plain", 9)
        assert {after.passages([key])[key][1].id for key, _ in after.lexical("zebra", 9)} == {
            "zebra_crossings.txt"
        }


def test_a_copied_file_is_neither_read_nor_encoded_again(documents: Path, index: Path) -> None:
    build(documents, index)
    shutil.copy(documents / "lakes.txt", documents / "lakes-2.txt")
    encoder, reads = WordEncoder(), Reads()
    report = build(documents, index, encoder, progress=reads)
    assert (report.added, report.renamed, reads.count, encoder.encoded) == (1, 0, 0, [])
    with asked(index) as qa:
        assert qa.text_of("lakes-2.txt") == qa.text_of("lakes.txt")


def test_a_file_of_another_kind_is_read_whatever_its_bytes(documents: Path, index: Path) -> None:
    build(documents, index)
    (documents / "lakes.txt").rename(documents / "lakes.md")
    reads = Reads()
    report = build(documents, index, progress=reads)
    assert (report.renamed, reads.count) == (1, 1)


def test_a_new_citation_reads_nothing_and_going_gives_back_the_files_own(
    documents: Path, index: Path
) -> None:
    build(documents, index)
    (documents / "sources.csv").write_text("path,title,year\nlakes.txt,The Lakes,1999\n")
    reads = Reads()
    assert build(documents, index, progress=reads).changed == 1
    with asked(index) as qa:
        assert next((s.title, s.year) for s in qa.documents()) == ("The Lakes", "1999")
    (documents / "sources.csv").unlink()
    assert build(documents, index, progress=reads).changed == 1
    assert reads.count == 0
    with asked(index) as qa:
        assert next((s.title, s.year) for s in qa.documents()) == ("Lakes of the north", "")


def test_a_twin_whose_original_has_gone_is_taken_in(documents: Path, index: Path) -> None:
    (documents / "z.txt").hardlink_to(documents / "lakes.txt")
    (problem,) = build(documents, index).problems
    assert "the same file as lakes.txt" in problem.reason
    (documents / "lakes.txt").unlink()
    assert build(documents, index).problems == ()
    with asked(index) as qa:
        assert qa.text_of("z.txt") == TEXTS["lakes.txt"]


def test_parts_of_a_corpus_keep_their_names_when_its_file_is_renamed(
    tmp_path: Path, index: Path
) -> None:
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "c.csv").write_text('_id,text\na,"The lake is deep."\n,"Rain fell."\n')
    build(documents, index)
    (documents / "c.csv").rename(documents / "d.csv")
    report = build(documents, index, encoder := WordEncoder())
    assert (report.renamed, encoder.encoded) == (1, [])
    with asked(index) as qa:
        assert [source.id for source in qa.documents()] == ["a", "d.csv#2"]


def test_files_swapped_under_one_anothers_names_are_renamed(documents: Path, index: Path) -> None:
    build(documents, index)
    lakes, trains = documents / "lakes.txt", documents / "sub" / "trains.txt"
    lakes.rename(documents / "x")
    trains.rename(lakes)
    (documents / "x").rename(trains)
    encoder, reads = WordEncoder(), Reads()
    report = build(documents, index, encoder, progress=reads)
    assert (report.changed, reads.count, encoder.encoded) == (2, 0, [])
    with asked(index) as qa:
        assert qa.text_of("lakes.txt") == TEXTS["sub/trains.txt"]
        assert qa.text_of("sub/trains.txt") == TEXTS["lakes.txt"]


def test_a_removed_file_leaves_nothing_behind_two_builds_later(
    documents: Path, index: Path
) -> None:
    build(documents, index)
    (documents / "lakes.txt").unlink()
    build(documents, index)
    (documents / "more.txt").write_text("Rain fell on the hills.")
    build(documents, index)
    for path in index.rglob("*"):
        assert not (path.is_file() and b"Wastwater is" in path.read_bytes()), path


def test_a_file_that_is_named_a_second_time_is_encoded_once(documents: Path, index: Path) -> None:
    build(documents, index)
    (documents / "lakes.txt").unlink()
    build(documents, index)
    write_texts(documents)
    encoder = WordEncoder()
    report = build(documents, index, encoder)
    assert (report.added, encoder.encoded) == (1, [])  # the build before last still had it


@pytest.mark.model
@pytest.mark.skipif(bool(ocr.missing()), reason='no OCR engine: pip install "ctqa[ocr]"')
def test_what_was_read_from_pictures_is_not_lost(tmp_path: Path, index: Path) -> None:
    documents = write_texts(tmp_path / "documents")
    with pypdfium2.PdfDocument(make_placed_pdf([(72, 700, "Nobody asked for tea.")])) as drawn:
        drawn[0].render(scale=3).to_pil().convert("RGB").save(documents / "scan.pdf")
    small = {"encoder": "words", "passage_tokens": 24, "overlap_tokens": 8}
    build(documents, index, config=IndexConfig(**small, ocr=True))

    def extractors() -> list[str]:
        with opened(index) as found:
            keys = {file.key for file in found.status().files if file.id.endswith(".pdf")}
            return [p.page.extractor for key in keys for p in found.ledger()[key]]

    before = extractors()
    assert ocr.ENGINE in before
    (documents / "scan.pdf").rename(documents / "renamed.pdf")
    reads = Reads()
    build(documents, index, progress=reads)
    assert (extractors(), reads.count) == (before, 0)
    other = WordEncoder(name="others")
    build(documents, index, other, options=BuildOptions(new_encoder=True), progress=reads)
    assert (extractors(), reads.count) == (before, 3)
    assert not build(documents, index, other).committed
