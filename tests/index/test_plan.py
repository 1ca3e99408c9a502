"""What a build reads again, and what it takes over."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

from encoders import WordEncoder
from library import build, write_texts
from sources.pdfs import PICTURE, make_pdf

from ctqa.config import IndexConfig
from ctqa.index.plan import NO_ENGINE, Kitchen, make_plan
from ctqa.index.writer import CatalogWriter
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
            assert [file.id for file, _ in plan.read] == again
            recipes = {kitchen.recipe(file) for file, _ in plan.read}
            catalog._connection.executemany(
                "UPDATE files SET recipe = ? WHERE id = 'scan.pdf'", [(r,) for r in recipes]
            )
            same = make_plan(catalog, 1, collection, kitchen, ReadOptions(ocr=engine != ""))
            assert same.read == ()
