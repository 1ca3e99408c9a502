"""Verifying: whatever is damaged is found, named, and told how to mend; what is whole is not."""

import os
import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest
from encoders import WordEncoder
from index.damage import (
    cache_sealed,
    change,
    change_sealed,
    copy_of,
    derived,
    make_index,
    readable,
    with_small_pages,
)
from library import build, write_texts
from sources.pdfs import BROKEN, PICTURE, make_pdf

from ctqa.errors import IndexLoadError
from ctqa.index.doctor import roll_back
from ctqa.index.files import build_folder, checksums
from ctqa.index.rows import BUILD_COLUMNS, seal_of_build
from ctqa.index.verify import Finding, verify_index
from ctqa.index.writer import CatalogWriter
from ctqa.models import Vectors

ALL = os.environ.get("CTQA_MUTATIONS") == "all"
FLIPS = 250  # tried in the default run, of the catalog


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_index(tmp_path_factory.mktemp("verify"))


@pytest.fixture
def index(whole: Path, tmp_path: Path) -> Path:
    return copy_of(whole, tmp_path / "index")


def found(index: Path) -> tuple[Finding, ...]:
    return verify_index(index, encoder=None).findings


def kinds(index: Path) -> set[str]:
    return {finding.kind for finding in found(index)}


def test_a_whole_index_is_whole_and_all_of_it_was_looked_at(whole: Path) -> None:
    steps: list[tuple[int, int]] = []
    verdict = verify_index(whole, encoder=WordEncoder(), progress=lambda *step: steps.append(step))
    assert (verdict.build, verdict.findings, verdict.skipped) == (2, (), ())
    assert verdict.is_whole
    assert verdict.checked == {
        "files": 5,
        "documents": 4,
        "pages": 4,
        "passages": 8,
        "acronyms": 1,
        "vectors": 7,
        "derived files": len(derived(whole, 1)) + len(derived(whole, 2)),
        "derived bytes": sum(p.stat().st_size for n in (1, 2) for p in derived(whole, n)),
        "vector entries": 8,
        "lexical entries": 8,
        "samples": 5,
    }
    assert steps[-1] == (11, 11)


def test_what_is_not_looked_at_is_told(whole: Path) -> None:
    (skipped,) = verify_index(whole, encoder=None).skipped
    assert "no encoder" in skipped
    (skipped,) = verify_index(whole, encoder=WordEncoder(name="other")).skipped
    assert "other is not the encoder of build 2" in skipped


def test_an_index_of_all_sorts_of_pages_is_whole(tmp_path: Path) -> None:
    documents = write_texts(tmp_path / "documents")
    (documents / "mixed.pdf").write_bytes(make_pdf("The words of a page.", PICTURE, "", BROKEN))
    (documents / "scan.pdf").write_bytes(make_pdf(PICTURE, PICTURE))
    (documents / "broken.pdf").write_bytes(b"%PDF-1.4 nonsense")
    line = '{{"_id": "{}", "title": "A (B) C", "text": "The bread and butter pudding (BBP) {}."}}\n'
    lines = [line.format(n, "is sweet" if n else "") for n in range(30)]
    (documents / "corpus.jsonl").write_text("".join(lines))
    (documents / "table.csv").write_text("a,b\n1,2\n3,4\n")
    build(documents, tmp_path / "index")
    verdict = verify_index(tmp_path / "index", encoder=WordEncoder())
    assert verdict.findings == ()
    assert verdict.checked["documents"] > 30


def test_a_build_that_was_stopped_is_no_damage(tmp_path: Path) -> None:
    documents, index = write_texts(tmp_path / "documents"), tmp_path / "index"

    def stop(stage: str, done: int, _: int) -> None:
        if stage == "read" and done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(documents, index, progress=stop)
    with pytest.raises(IndexLoadError, match="no build was ever completed"):
        verify_index(index, encoder=None)
    build(documents, index)
    write_texts(documents, {"a.txt": "More of it.", "lakes.txt": "Less."})
    with pytest.raises(KeyboardInterrupt):
        build(documents, index, progress=stop)
    assert found(index) == ()


def test_what_is_built_meanwhile_is_no_damage(tmp_path: Path) -> None:
    documents, index = write_texts(tmp_path / "documents"), tmp_path / "index"
    build(documents, index)

    def build_on() -> None:
        for number in range(6):
            (documents / "lakes.txt").write_text(f"Lake number {number} is deep.")
            build(documents, index)

    builder = Thread(target=build_on)
    builder.start()
    verdicts = [verify_index(index, encoder=None)]
    while builder.is_alive():
        verdicts.append(verify_index(index, encoder=None))
    builder.join()
    assert [verdict.findings for verdict in verdicts] == [()] * len(verdicts)
    assert verify_index(index, encoder=None).build == 7


def test_an_index_that_was_rolled_back_is_whole(index: Path) -> None:
    roll_back(index)
    verdict = verify_index(index, encoder=WordEncoder())
    assert (verdict.build, verdict.findings) == (1, ())


def test_no_index_and_another_format_are_refused(index: Path, tmp_path: Path) -> None:
    with pytest.raises(IndexLoadError, match="no index here"):
        verify_index(tmp_path / "none", encoder=None)
    change(index, "PRAGMA user_version = 3")
    with pytest.raises(IndexLoadError, match="index format 3"):
        verify_index(index, encoder=None)


DAMAGE = {
    "head": ("UPDATE head SET build = 1", "head"),
    "two heads": ("INSERT INTO head SELECT * FROM head", "head"),
    "current build": ("UPDATE builds SET roots = '[]' WHERE number = 2", "head"),
    "build before": ("UPDATE builds SET counts = '{}' WHERE number = 1", "count"),
    "a build that is none": ("UPDATE builds SET number = 7 WHERE number = 1", "count"),
    "tables": ("DROP INDEX passages_by_search", "catalog"),
    "more tables": ("CREATE TABLE more (x)", "catalog"),
    "file": ("UPDATE files SET path = 'x' WHERE key = 1", "row"),
    "file's builds": ("UPDATE files SET last_build = 1 WHERE id = 'empty.txt'", "row"),
    "file gone": ("DELETE FROM files WHERE id = 'empty.txt'", "count"),
    "document": ("UPDATE documents SET layout = 'rows' WHERE id = 'trains.txt'", "row"),
    "document's filter": ("UPDATE documents SET facets_crc32 = 1 WHERE id = 'trains.txt'", "row"),
    "document's builds": ("UPDATE documents SET last_build = 1 WHERE id = 'trains.txt'", "row"),
    "document's text": ("UPDATE documents SET text = text || '.' WHERE id = 'trains.txt'", "row"),
    "document's sections": ("UPDATE documents SET sections = '[]' WHERE id = 'trains.txt'", "row"),
    "document gone": ("DELETE FROM documents WHERE id = 'trains.txt'", "orphan"),
    "document named twice": ("UPDATE documents SET id = 'trains.txt'", "count"),
    "page": ("UPDATE pages SET label = 'iv' WHERE document = 1", "row"),
    "page gone": ("DELETE FROM pages WHERE document = 1", "row"),
    "page of none": ("UPDATE pages SET document = 77 WHERE document = 1", "orphan"),
    "passage": ("UPDATE passages SET page = 2 WHERE key = 5", "row"),
    "passage's copy": ("UPDATE passages SET search_text = 'x' WHERE key = 5", "row"),
    "passage's hash": ("UPDATE passages SET search_sha256 = x'00' WHERE key = 5", "row"),
    "passage's builds": ("UPDATE passages SET last_build = 1 WHERE key = 5", "row"),
    "passage gone": ("DELETE FROM passages WHERE key = 5", "row"),
    "passage of none": ("UPDATE passages SET document = 77 WHERE key = 5", "orphan"),
    "acronym": ("UPDATE acronyms SET long = 'x'", "row"),
    "acronym gone": ("DELETE FROM acronyms", "row"),
    "calibration": ("UPDATE calibrations SET form = '{}'", "calibration"),
    "vector": ("UPDATE embeddings SET vector = zeroblob(256) WHERE rowid = 1", "vector"),
    "vector's checksum": ("UPDATE embeddings SET crc32 = 0 WHERE rowid = 1", "vector"),
    "vector's encoder": ("UPDATE embeddings SET encoder = 'x' WHERE rowid = 1", "vector"),
    "vector gone": ("DELETE FROM embeddings WHERE rowid = 1", "vector"),
    "last key": ("UPDATE sqlite_sequence SET seq = 7", "sequence"),
    "last key far ahead": ("UPDATE sqlite_sequence SET seq = 1 << 40", "sequence"),
    "last key gone": ("DELETE FROM sqlite_sequence", "sequence"),
}


@pytest.mark.parametrize(("sql", "kind"), DAMAGE.values(), ids=DAMAGE)
def test_every_row_and_every_count_is_checked(index: Path, sql: str, kind: str) -> None:
    change(index, sql)
    findings = found(index)
    assert kind in {finding.kind for finding in findings}
    assert all(finding.is_damage and str(index) in finding.what for finding in findings)
    assert all("`ctqa " in finding.mend for finding in findings)


IMPOSSIBLE = {
    "page": ("passages", {"page": 7}, "noted on page 7"),
    "sentence": ("passages", {"sentences": '[[0, 999, "sentence", 1, "", ""]]'}, "lies beyond"),
    "sentence's page": ("passages", {"sentences": '[[0, 9, "item", 2, "", ""]]'}, "on page 2"),
    "end": ("passages", {"end": 9_999}, "does not lie within"),
    "start": ("passages", {"start": -9}, "does not lie within"),
    "pages' end": ("pages", {"end": 9_999}, "does not lie within"),
    "pages' number": ("pages", {"number": 0}, "does not lie within"),
    "unread": ("pages", {"state": "failed"}, "unread, expected 0"),
    "section": ("bodies", {"sections": '[[["a"], 0, 9999]]'}, "reaches beyond"),
    "aside": ("bodies", {"asides": "[[7, 3]]"}, "reaches beyond"),
}


@pytest.mark.parametrize(("table", "values", "told"), IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_what_is_sealed_and_yet_impossible_is_found(
    index: Path, table: str, values: dict[str, Any], told: str
) -> None:
    change_sealed(index, table, **values)
    assert told in " ".join(finding.what for finding in found(index))


def test_a_vector_of_another_length_or_text_is_found(index: Path) -> None:
    vector = np.zeros(64, dtype=np.float32)
    vector[0] = 1
    for wrong in (2 * vector, vector[:32], np.full(64, np.nan, np.float32)):
        cache_sealed(index, 4, wrong)
        assert kinds(index) == {"vector"}
    cache_sealed(index, 4, vector)
    findings = verify_index(index, encoder=WordEncoder()).findings
    assert {finding.kind for finding in findings} == {"encoding", "entries"}
    assert any("vectors are not the cached ones" in finding.what for finding in findings)


class Turned(WordEncoder):
    """The word encoder, after something in it has changed and its name has not."""

    def encode_passages(self, texts: Any) -> Vectors:
        return np.roll(super().encode_passages(texts), 1, axis=1)


def test_an_encoder_that_gives_other_vectors_is_found(whole: Path) -> None:
    (finding,) = verify_index(whole, encoder=Turned()).findings
    assert finding.kind == "encoding"
    assert "5 of 5 passages encoded again by words have another vector" in finding.what


@pytest.mark.parametrize("number", [1, 2])
def test_every_derived_file_that_is_changed_cut_or_gone_is_named(index: Path, number: int) -> None:
    for path in derived(index, number):
        whole = path.read_bytes()
        path.unlink()  # others may be the same file
        path.write_bytes(whole)
        for damaged in (whole[:-1], whole[: len(whole) // 2], b"", whole + b" ", None):
            if damaged is None:
                path.unlink()
            else:
                path.write_bytes(damaged)
            (finding,) = found(index)
            assert (finding.kind, finding.build) == ("file", number)
            assert str(path) in finding.what
            assert f"`ctqa doctor --fix --index {index}`" == finding.mend
            path.write_bytes(whole)
    assert found(index) == ()


def test_a_link_in_place_of_a_file_or_folder_is_refused(index: Path, tmp_path: Path) -> None:
    path = derived(index, 2)[0]
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    (finding,) = found(index)
    assert "is a link" in finding.what
    path.unlink()
    (tmp_path / "elsewhere").rename(path)
    (index / "builds" / "2").rename(tmp_path / "2")
    (index / "builds" / "2").symlink_to(tmp_path / "2")
    assert kinds(index) == {"file"}


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 1.0])
def test_a_catalog_that_is_cut_off_is_named(index: Path, share: float) -> None:
    path = index / "catalog.db"
    whole = path.read_bytes()
    path.write_bytes(whole[: min(int(share * len(whole)), len(whole) - 1)])
    findings = found(index)
    assert findings
    assert all(str(path) in finding.what for finding in findings)


def test_a_catalog_that_is_none_is_named(index: Path) -> None:
    (index / "catalog.db").write_bytes(b"not a database, but long enough to be one" * 50)
    (finding,) = found(index)
    assert "is damaged or no catalog" in finding.what
    assert f"`ctqa import ARCHIVE --index {index}`" in finding.mend


def test_where_nothing_helps_the_roots_to_build_from_are_named(index: Path) -> None:
    change(index, "UPDATE head SET seal = x'00'")
    (finding,) = found(index)
    with_roots = [part for part in finding.mend.split("`") if part.startswith("ctqa build /")]
    assert with_roots[0].endswith(f"/documents --index {index}")


def test_where_the_build_before_is_whole_going_back_is_offered(index: Path) -> None:
    change(index, "UPDATE builds SET roots = '[]' WHERE number = 2")
    (finding,) = found(index)
    assert finding.mend == f"`ctqa rollback --index {index}` (build 1 is whole)"
    derived(index, 1)[0].unlink()
    (finding,) = found(index)
    assert "rollback" not in finding.mend


def test_entries_that_are_not_the_passages_are_found(index: Path) -> None:
    """A build's files may be whole, and yet not be made of its passages."""
    with closing(CatalogWriter.open(index)) as catalog:
        _, current = catalog.builds()
        other = build_folder(index, 1)
        values = replace(current, checksums=checksums(other)).values()
        (shutil.rmtree(build_folder(index, 2)), shutil.copytree(other, build_folder(index, 2)))
    columns = ", ".join(f"{name} = ?" for name in BUILD_COLUMNS.split(", "))
    with closing(sqlite3.connect(index / "catalog.db", isolation_level=None)) as connection:
        connection.execute(
            f"UPDATE builds SET {columns}, seal = ? WHERE number = 2",
            (*values, seal_of_build(values)),
        )
    findings = found(index)
    assert {finding.kind for finding in findings} == {"entries"}
    assert "3 vector entries are not those of the 5 passages of build 2" in findings[0].what


# Every flipped byte is found, or makes no difference --------------------------------------------


def flipped(path: Path, places: Iterator[int] | range | list[int]) -> Iterator[int]:
    """Flip one byte after the other in a file, each back again before the next."""
    whole = path.read_bytes()
    for place in places:
        write_at(path, place, whole[place] ^ (1 << (place * 5 % 8)))
        yield place
        write_at(path, place, whole[place])
    assert path.read_bytes() == whole


def write_at(path: Path, place: int, value: int) -> None:
    with path.open("r+b") as file:
        file.seek(place)
        file.write(bytes([value]))


def verdict_on(index: Path) -> str:
    """Tell the kind of what is found first; "" where nothing is."""
    try:
        verdict = verify_index(index, encoder=None)
    except IndexLoadError:
        return "refused"
    return verdict.findings[0].kind if verdict.findings else ""


def test_every_flipped_byte_of_the_catalog_is_found_or_harmless(
    tmp_path: Path, record_property: Any
) -> None:
    index = with_small_pages(make_index(tmp_path))
    path = index / "catalog.db"
    size = path.stat().st_size
    places = range(size)
    if not ALL:
        chosen = random.Random(7)  # noqa: S311 -- the same places every time
        places = sorted({*range(100), *chosen.sample(places, FLIPS)})
    expected = repr(readable(index))
    told: Counter[str] = Counter()
    for place in flipped(path, places):
        verdict = verdict_on(index)
        told[verdict] += 1
        if not verdict:
            assert repr(readable(index)) == expected, f"byte {place} makes a difference"
    record_property("verdicts", dict(told))
    assert sum(told.values()) == len(places)
    assert {"catalog", "row", "sqlite"} <= told.keys()


def test_every_flipped_byte_of_the_derived_files_is_found(index: Path) -> None:
    for number in (1, 2):
        for path in derived(index, number):
            whole = path.read_bytes()
            path.unlink()
            path.write_bytes(whole)
            step = 1 if ALL else 101
            for place in flipped(path, range(0, len(whole), step)):
                assert verdict_on(index) == "file", f"{path}: byte {place}"
