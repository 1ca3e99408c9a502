"""What a build reads again, and what it takes over."""

from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path

from encoders import WordEncoder
from library import build, write_texts
from sources.pdfs import PICTURE, make_pdf

from ctqa.config import IndexConfig
from ctqa.index import rows
from ctqa.index.plan import NO_ENGINE, Kitchen, make_plan
from ctqa.index.writer import CatalogWriter, _insert
from ctqa.sources import ReadOptions, collect


def test_pages_without_text_are_read_again_once_for_each_engine(tmp_path: Path) -> None:
    documents = write_texts(tmp_path / "documents")
    (documents / "scan.pdf").write_bytes(make_pdf("Some words of a page.", PICTURE))
    index = tmp_path / "index"
    build(documents, index)
    collection = collect([documents])
    with closing(CatalogWriter.open(index)) as catalog:
        plain = Kitchen(
            encoder=WordEncoder().identity,
            config=IndexConfig(encoder="words", passage_tokens=24, overlap_tokens=8),
            libraries=catalog.builds()[-1].libraries,
            citations=collection.citations,
            ocr_engine="",
        )
        for engine, again in (("", []), (NO_ENGINE, ["scan.pdf"]), ("engine 1", ["scan.pdf"])):
            kitchen = replace(plain, ocr_engine=engine)
            plan = make_plan(catalog, 1, collection, kitchen, ReadOptions(ocr=engine != ""))
            assert [planned.file.id for planned in plan.read] == again
            for planned in plan.read:
                _note(catalog, planned.file.id, planned.recipe)
            same = make_plan(catalog, 1, collection, kitchen, ReadOptions(ocr=engine != ""))
            assert same.read == ()


def _note(catalog: CatalogWriter, file_id: str, recipe: str) -> None:
    (row,) = (row for row in catalog.files(1) if row.id == file_id)
    values = tuple(asdict(replace(row, recipe=recipe)).values())
    with catalog._transaction() as run:
        _insert(run, "files", rows.FILE_COLUMNS, values, rows.seal_of_file)
