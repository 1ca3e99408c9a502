"""Archives of strangers: whatever is in them, they are refused, or give the very same index."""

import json
import os
import random
import shutil
import sqlite3
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from zipfile import ZIP_BZIP2, ZIP_LZMA, ZIP_STORED, ZipFile, ZipInfo

import pytest
from index.archives import (
    Change,
    Parts,
    content,
    make_archive,
    reseal,
    reseal_bodies,
    reseal_pages,
    reseal_passages,
    write_zip,
)

from ctqa.errors import CtqaError, IndexLoadError, IndexWriteError
from ctqa.index import rows
from ctqa.index.archive import import_index
from ctqa.index.local import open_index
from ctqa.index.schema import FILE_NAME
from ctqa.index.seals import check_sum

ALL = os.environ.get("CTQA_MUTATIONS") == "all"


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_archive(tmp_path_factory.mktemp("good"))


@pytest.fixture(scope="module")
def parts(good: Path) -> Parts:
    return Parts.of(good)


@pytest.fixture(scope="module")
def original(good: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """Give what an index made of the archive holds."""
    folder = tmp_path_factory.mktemp("original") / "index"
    import_index(good, folder)
    return content(folder)


def refused(archive: Path, folder: Path, match: str = "cannot be used as an index") -> None:
    """Hold that an archive is refused and nothing of it is left."""
    before = sorted(folder.parent.iterdir())
    with pytest.raises(IndexLoadError, match=match):
        import_index(archive, folder)
    assert sorted(folder.parent.iterdir()) == before


def info(name: str, **fields: int) -> ZipInfo:
    made = ZipInfo(name)
    for field, value in fields.items():
        setattr(made, field, value)
    return made


OTHER_NAMES = (
    *("/etc/catalog.db", "../catalog.db", "C:\\catalog.db", "a\\catalog.db", "CATALOG.DB"),
    *("catalog.db/", "./catalog.db", "catalog.db\0.txt", "builds/1/vectors.faiss", ""),
)


@pytest.mark.parametrize("name", OTHER_NAMES)
def test_no_other_name_is_taken(name: str, parts: Parts, tmp_path: Path) -> None:
    manifest = ("manifest.json", json.dumps(parts.manifest))
    other = ZipInfo("x")
    other.filename = name
    archive = tmp_path / "a.zip"
    refused(write_zip(archive, manifest, (other, parts.catalog)), tmp_path / "index")
    refused(
        write_zip(archive, manifest, (FILE_NAME, parts.catalog), (other, b"")), tmp_path / "index"
    )


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_each_member_is_there_once(parts: Parts, tmp_path: Path) -> None:
    manifest, catalog = ("manifest.json", json.dumps(parts.manifest)), (FILE_NAME, parts.catalog)
    for members in (
        *([], [manifest], [catalog], [catalog, manifest], [manifest, manifest]),
        *([manifest, catalog, catalog], [manifest, manifest, catalog]),
    ):
        archive = write_zip(tmp_path / "a.zip", *members)
        refused(archive, tmp_path / "index", "does not hold|no archive")


@pytest.mark.parametrize(
    "fields",
    [
        {"external_attr": 0o120777 << 16},  # a link
        {"external_attr": 0o040755 << 16},  # a folder
        {"external_attr": 0o010644 << 16},  # a pipe
        {"external_attr": 0x10},  # a folder of DOS
        {"compress_type": ZIP_BZIP2},
        {"compress_type": ZIP_LZMA},
    ],
    ids=str,
)
@pytest.mark.parametrize("member", ["manifest.json", FILE_NAME])
def test_members_are_plain_files(
    member: str, fields: dict[str, int], parts: Parts, tmp_path: Path
) -> None:
    written = {"manifest.json": json.dumps(parts.manifest), FILE_NAME: parts.catalog}
    members = [
        (info(name, **(fields if name == member else {})), data) for name, data in written.items()
    ]
    refused(write_zip(tmp_path / "a.zip", *members), tmp_path / "index", "plain file|packed in")


@pytest.mark.parametrize(
    ("offset", "value"), [(8, 1), (8, 0x41), (8, 0x2001), (10, 99), (10, 9)], ids=str
)
def test_encrypted_and_oddly_packed_members_are_refused(
    offset: int, value: int, good: Path, tmp_path: Path
) -> None:
    data = bytearray(good.read_bytes())
    for mark, place in ((b"PK\1\2", offset), (b"PK\3\4", offset - 2)):
        struct.pack_into("<H", data, data.rindex(mark) + place, value)
    (tmp_path / "a.zip").write_bytes(data)
    refused(tmp_path / "a.zip", tmp_path / "index", "encrypted|packed in a way")


@pytest.mark.parametrize("count", [70, 70_000])
def test_a_long_directory_is_not_read(count: int, tmp_path: Path) -> None:
    with ZipFile(tmp_path / "a.zip", "w", ZIP_STORED) as packed:
        for number in range(count):
            packed.writestr(ZipInfo(f"{number}"), b"")
    refused(tmp_path / "a.zip", tmp_path / "index", "does not hold")


def test_a_long_directory_behind_a_lie_is_not_read(good: Path, tmp_path: Path) -> None:
    data = good.read_bytes()
    record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 2, 2, 1 << 40, 0)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, len(data) - 22, 1)
    (tmp_path / "a.zip").write_bytes(data[:-22] + record + locator + data[-22:])
    refused(tmp_path / "a.zip", tmp_path / "index", "does not hold")


def test_a_bomb_is_not_unpacked(parts: Parts, tmp_path: Path) -> None:
    bomb = parts.with_catalog(bytes(50_000_000)).write(tmp_path / "a.zip")
    refused(bomb, tmp_path / "index", "ZIP bomb")
    seen: list[tuple[str, int, int]] = []
    with pytest.raises(IndexLoadError):
        import_index(bomb, tmp_path / "index", progress=lambda *told: seen.append(told))
    assert seen == []


def test_no_more_is_unpacked_than_the_manifest_says(parts: Parts, tmp_path: Path) -> None:
    said = replace(parts.with_catalog(parts.catalog), catalog=parts.catalog + b"more")
    refused(said.write(tmp_path / "a.zip"), tmp_path / "index", "not of the size")
    flipped = bytes([parts.catalog[0] ^ 1]) + parts.catalog[1:]
    said = replace(parts, catalog=flipped)
    refused(said.write(tmp_path / "a.zip"), tmp_path / "index", "checksum")


@pytest.mark.parametrize("declared", [10, 10**7, 2**32 - 2])
def test_a_directory_that_lies_about_sizes_is_refused(
    declared: int, good: Path, tmp_path: Path
) -> None:
    data = bytearray(good.read_bytes())
    struct.pack_into("<L", data, data.rindex(b"PK\1\2") + 24, declared)
    (tmp_path / "a.zip").write_bytes(data)
    refused(tmp_path / "a.zip", tmp_path / "index", "not of the size")


def test_what_the_disk_cannot_hold_is_not_begun(parts: Parts, tmp_path: Path) -> None:
    huge = shutil.disk_usage(tmp_path).free * 2
    archive = parts.write(tmp_path / "a.zip")
    data = archive.read_bytes()
    size = {"size": huge, "sha256": "x"}
    manifest = json.dumps(parts.manifest | {"members": {FILE_NAME: size}})
    # What the directory says has to agree, in 64 bits; so has what is packed there, for its ratio.
    with ZipFile(archive, "w") as packed:
        packed.writestr("manifest.json", manifest)
        packed.writestr(FILE_NAME, b"x")
        entry = packed.getinfo(FILE_NAME)
        entry.file_size = entry.compress_size = huge
    assert archive.read_bytes() != data
    with pytest.raises(IndexWriteError, match=r"needs [\d,]+ MB here"):
        import_index(archive, tmp_path / "index")


BAD_MANIFESTS: dict[str, Callable[[dict[str, Any]], str]] = {
    "nothing": lambda _: "",
    "no object": lambda _: "[]",
    "a number": lambda _: "1",
    "null": lambda _: "null",
    "empty": lambda _: "{}",
    "deep": lambda _: "[" * 400_000,
    "deep objects": lambda _: '{"a":' * 150_000,
    "a huge number": lambda form: json.dumps(form | {"build": "N"}).replace('"N"', "9" * 9_000),
    "a number past float": lambda form: json.dumps(form | {"build": "N"}).replace('"N"', "1e999"),
    "NaN": lambda form: json.dumps(form | {"build": float("nan")}),
    "too large": lambda form: json.dumps(form) + " " * 1_000_000,
    "a name twice": lambda form: json.dumps(form)[:-1] + ', "build": 1}',
    "an unknown name": lambda form: json.dumps(form | {"more": 1}),
    "another archive format": lambda form: json.dumps(form | {"archive": 2}),
    "another index format": lambda form: json.dumps(form | {"index_format": 3}),
    "no format": lambda form: json.dumps(form | {"index_format": None}),
    "a text for a number": lambda form: json.dumps(form | {"build": "1"}),
    "true for a number": lambda form: json.dumps(form | {"build": True}),
    "another build": lambda form: json.dumps(form | {"build": 2}),
    "another encoder": lambda form: json.dumps(form | {"encoder": "others"}),
    "no encoder": lambda form: json.dumps(form | {"encoder": None}),
    "other counts": lambda form: json.dumps(form | {"counts": {}}),
    "counts of texts": lambda form: json.dumps(form | {"counts": {"files": "2"}}),
    "counts in a list": lambda form: json.dumps(form | {"counts": [1]}),
    "no members": lambda form: json.dumps(form | {"members": {}}),
    "members in a list": lambda form: json.dumps(form | {"members": [FILE_NAME]}),
    "a member too many": lambda form: json.dumps(
        form | {"members": form["members"] | {"x": form["members"][FILE_NAME]}}
    ),
    "a size below 0": lambda form: json.dumps(
        form | {"members": {FILE_NAME: form["members"][FILE_NAME] | {"size": -1}}}
    ),
    "no checksum": lambda form: json.dumps(
        form | {"members": {FILE_NAME: {"size": form["members"][FILE_NAME]["size"]}}}
    ),
    "a checksum of numbers": lambda form: json.dumps(
        form | {"members": {FILE_NAME: form["members"][FILE_NAME] | {"sha256": 1}}}
    ),
    "a lone surrogate": lambda form: json.dumps(form | {"encoder": "\ud800"}),
}


@pytest.mark.parametrize("name", BAD_MANIFESTS)
def test_a_manifest_holds_what_it_should_and_nothing_else(
    name: str, parts: Parts, tmp_path: Path
) -> None:
    text = BAD_MANIFESTS[name](parts.manifest)
    archive = write_zip(tmp_path / "a.zip", ("manifest.json", text), (FILE_NAME, parts.catalog))
    refused(archive, tmp_path / "index")


def test_a_manifest_that_is_no_text_is_refused(parts: Parts, tmp_path: Path) -> None:
    archive = write_zip(
        tmp_path / "a.zip", ("manifest.json", b"\xff\xfe{"), (FILE_NAME, parts.catalog)
    )
    refused(archive, tmp_path / "index", "damaged")


def resealed(table: str, columns: str, sql: str) -> Change:
    """Change rows and seal them anew."""

    def change(connection: sqlite3.Connection) -> None:
        connection.executescript(sql)
        reseal(connection, table, columns)

    return change


def in_build(sql: str) -> Change:
    return resealed("builds", rows.BUILD_COLUMNS, sql)


def in_documents(sql: str) -> Change:
    return resealed("documents", rows.DOCUMENT_COLUMNS, sql)


def in_files(sql: str) -> Change:
    return resealed("files", rows.FILE_COLUMNS, sql)


def in_acronyms(sql: str) -> Change:
    return resealed("acronyms", rows.ACRONYM_COLUMNS, sql)


def and_then(sql: str, seal: Callable[[sqlite3.Connection], None]) -> Change:
    def change(connection: sqlite3.Connection) -> None:
        connection.executescript(sql)
        seal(connection)

    return change


def in_texts(sql: str) -> Change:
    return and_then(sql, reseal_bodies)


def in_pages(sql: str) -> Change:
    return and_then(sql, reseal_pages)


def in_passages(sql: str) -> Change:
    return and_then(sql, reseal_passages)


BAD_CATALOGS: dict[str, str | Change] = {
    "a trigger": "CREATE TRIGGER t AFTER DELETE ON builds BEGIN DELETE FROM documents; END",
    "a trigger named like SQLite's": (
        "CREATE TRIGGER sqlitex AFTER DELETE ON builds BEGIN DELETE FROM documents; END"
    ),
    "a view": "CREATE VIEW v AS SELECT 1",
    "a table": "CREATE TABLE more (x)",
    "statistics": "ANALYZE",
    "an index": "CREATE INDEX more ON files(path)",
    "no index": "DROP INDEX documents_by_id",
    "another format": "PRAGMA user_version = 3",
    "no head": "DELETE FROM head",
    "two heads": "INSERT INTO head SELECT * FROM head",
    "another head": "UPDATE head SET build = 2",
    "no build": "DELETE FROM builds",
    "nothing": "DELETE FROM builds; DELETE FROM files; DELETE FROM documents;",
    "a build with another seal": "UPDATE builds SET roots = '[\"/etc\"]'",
    "two builds": in_build(
        "INSERT INTO builds SELECT 0, created_at, roots, config, encoder, libraries, checksums, "
        "counts, seal FROM builds"
    ),
    "a build of texts": in_build("UPDATE builds SET created_at = x'00'"),
    "settings unknown": in_build("""UPDATE builds SET config = '{"x": 1}'"""),
    "settings none": in_build("UPDATE builds SET config = '{}'"),
    "settings no object": in_build("UPDATE builds SET config = '[]'"),
    "settings of other types": in_build(
        "UPDATE builds SET config = json_set(config, '$.passage_tokens', 'many')"
    ),
    "settings out of range": in_build(
        "UPDATE builds SET config = json_set(config, '$.passage_tokens', -1)"
    ),
    "an encoder of no name": in_build("UPDATE builds SET encoder = json_remove(encoder, '$.name')"),
    "an encoder of more": in_build("UPDATE builds SET encoder = json_set(encoder, '$.x', 1)"),
    "another encoder": in_build("UPDATE builds SET encoder = json_set(encoder, '$.name', 'x')"),
    "a huge dimension": in_build(
        "UPDATE builds SET encoder = json_set(encoder, '$.dimension', 9999999999)"
    ),
    "libraries no object": in_build("UPDATE builds SET libraries = '[1]'"),
    "roots of numbers": in_build("UPDATE builds SET roots = '[1]'"),
    "counts too few": in_build("UPDATE builds SET counts = json_remove(counts, '$.passages')"),
    "counts too high": in_build("UPDATE builds SET counts = json_set(counts, '$.passages', 999)"),
    "deep JSON": in_build(f"UPDATE builds SET roots = '{'[' * 100_000}'"),
    "no JSON": in_build("UPDATE builds SET counts = '{'"),
    "a huge JSON number": in_build(f"UPDATE builds SET roots = '[{'9' * 9_000}]'"),
    "a file of another seal": "UPDATE files SET path = '/etc/passwd'",
    "a file too few": "PRAGMA foreign_keys = OFF; DELETE FROM files WHERE key = 1",
    "a file of an unknown state": in_files("UPDATE files SET state = 'eaten'"),
    "a file of bytes": in_files("UPDATE files SET path = x'ff'"),
    "a file of huge size": in_files(f"UPDATE files SET size = {2**62}"),
    "a file below 0": in_files("UPDATE files SET size = -1"),
    "a file with too many documents": in_files("UPDATE files SET documents = 7"),
    "a staged file": in_files("UPDATE files SET first_build = 2"),
    "a file that ends": "UPDATE files SET last_build = 1",
    "text in an integer": in_files("UPDATE files SET first_build = 'x' WHERE key = 1"),
    "a document of another seal": "UPDATE documents SET text = text || '!'",
    "a document of a missing file": in_documents("UPDATE documents SET file = 99"),
    "a document of two ids": in_documents("UPDATE documents SET id = 'x'"),
    "a document that ends": "UPDATE documents SET last_build = 1",
    "a layout": in_documents("UPDATE documents SET layout = 'round'"),
    "a source too short": in_documents("UPDATE documents SET source = '{}'"),
    "a source of more": in_documents("UPDATE documents SET source = json_set(source, '$.x', 'y')"),
    "a source of numbers": in_documents(
        "UPDATE documents SET source = json_set(source, '$.title', 1)"
    ),
    "a source of another id": in_documents(
        "UPDATE documents SET source = json_set(source, '$.id', 'x')"
    ),
    "a surrogate in a title": in_documents(
        """UPDATE documents SET source = replace(source, '"title": "', '"title": "\\ud800')"""
    ),
    "told of more": in_documents("UPDATE documents SET told = '[1, 2]'"),
    "too many passages": in_documents("UPDATE documents SET passages = passages + 1"),
    "facets": "UPDATE documents SET tags = 'x'",
    "sections no list": in_texts("UPDATE documents SET sections = '1'"),
    "a section beyond the text": in_texts(
        "UPDATE documents SET sections = '[[[\"a\"], 0, 99999]]'"
    ),
    "a section of numbers": in_texts("UPDATE documents SET sections = '[[[1], 0, 1]]'"),
    "a section backwards": in_texts("UPDATE documents SET sections = '[[[\"a\"], 5, 1]]'"),
    "an aside of texts": in_texts("""UPDATE documents SET asides = '[["a", "b"]]'"""),
    "another text": in_texts("UPDATE documents SET text = replace(text, '79', '97')"),
    "no UTF-8": "UPDATE documents SET text = text || CAST(x'ff' AS TEXT)",
    "a page of another seal": "UPDATE pages SET label = 'iv'",
    "no page": in_documents(
        "DELETE FROM pages; UPDATE documents SET pages = 0; "
        "UPDATE builds SET counts = json_set(counts, '$.pages', 0)"
    ),
    "a page beyond the text": in_pages('UPDATE pages SET "end" = 99999'),
    "a page before the text": in_pages("UPDATE pages SET start = -1"),
    "a page of an unknown state": in_pages("UPDATE pages SET state = 'torn'"),
    "a second page first": in_pages("UPDATE pages SET number = 2"),
    "a page of no document": (
        'PRAGMA foreign_keys = OFF; INSERT INTO pages SELECT 99, number, start, "end", state, '
        "reason, label, extractor, seal FROM pages LIMIT 1"
    ),
    "a passage of another seal": "UPDATE passages SET section = '[]'",
    "a passage elsewhere": in_passages("UPDATE passages SET start = start + 1"),
    "a passage backwards": in_passages('UPDATE passages SET start = "end" + 1'),
    "a passage beyond": in_passages('UPDATE passages SET "end" = 99999'),
    "a passage of no page": in_passages("UPDATE passages SET page = 9"),
    "a passage that ends": "UPDATE passages SET last_build = 1",
    "a staged passage": in_passages("UPDATE passages SET first_build = 7"),
    "a passage without sentences": in_passages("UPDATE passages SET sentences = '[]'"),
    "a sentence beyond": in_passages(
        "UPDATE passages SET sentences = json_set(sentences, '$[0][1]', 99999)"
    ),
    "a sentence of a kind": in_passages(
        "UPDATE passages SET sentences = json_set(sentences, '$[0][2]', 'song')"
    ),
    "a sentence too short": in_passages("UPDATE passages SET sentences = '[[1, 2]]'"),
    "a section of a passage": in_passages("UPDATE passages SET section = '[1]'"),
    "another search copy": "UPDATE passages SET search_text = 'x'",
    "a number for a copy": in_passages("UPDATE passages SET search_text = 1"),
    "an acronym of another seal": "UPDATE acronyms SET long = 'post office'",
    "an acronym beyond": in_acronyms('UPDATE acronyms SET "end" = 99999'),
    "an acronym of bytes": in_acronyms("UPDATE acronyms SET short = x'00'"),
    "no acronym": "DELETE FROM acronyms",
    "no vector": "DELETE FROM embeddings WHERE rowid = 1",
    "a vector of another crc": "UPDATE embeddings SET crc32 = 1",
    "a vector too many": "INSERT INTO embeddings VALUES ('x', x'00', 0, x'00')",
    "a calibration of another seal": "INSERT INTO calibrations VALUES ('m', '{}', x'00')",
    "a key too low": "PRAGMA foreign_keys = OFF; UPDATE files SET key = -key",
}


@pytest.mark.parametrize("name", BAD_CATALOGS)
def test_a_catalog_holds_what_ctqa_writes_and_nothing_else(
    name: str, parts: Parts, tmp_path: Path
) -> None:
    archive = parts.changed(tmp_path, BAD_CATALOGS[name]).write(tmp_path / "a.zip")
    refused(archive, tmp_path / "index", "cannot be used as an index")


@pytest.mark.parametrize("vector", [b"", b"abc", b"\0" * 256, b"\xff" * 256, b"\0" * 260])
def test_vectors_are_of_the_encoders_size_and_of_length_one(
    vector: bytes, parts: Parts, tmp_path: Path
) -> None:
    def change(connection: sqlite3.Connection) -> None:
        connection.execute(
            "UPDATE embeddings SET vector = ?, crc32 = ?", (vector, check_sum(vector))
        )

    archive = parts.changed(tmp_path, change).write(tmp_path / "a.zip")
    refused(archive, tmp_path / "index", "vector|buffer")


@pytest.mark.parametrize("form", ["", "[", "1", "null", "[]"])
def test_a_calibration_is_an_object(form: str, parts: Parts, tmp_path: Path) -> None:
    values = ("m", form, rows.seal_of_calibration("m", form))

    def change(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO calibrations VALUES (?, ?, ?)", values)

    refused(parts.changed(tmp_path, change).write(tmp_path / "a.zip"), tmp_path / "index")


def test_roots_of_a_stranger_are_forgotten(parts: Parts, tmp_path: Path) -> None:
    change = in_build("UPDATE builds SET roots = '[\"/etc\"]'")
    import_index(parts.changed(tmp_path, change).write(tmp_path / "a.zip"), tmp_path / "index")
    found = open_index(tmp_path / "index")
    assert found.build.roots == ()
    found.close()


@pytest.mark.parametrize("data", [b"", b"SQLite format 3\0", b"\0" * 4096, b"PK\3\4" * 99], ids=len)
def test_a_catalog_that_is_none_is_refused(data: bytes, parts: Parts, tmp_path: Path) -> None:
    refused(parts.with_catalog(data).write(tmp_path / "a.zip"), tmp_path / "index")


def test_a_catalog_in_utf_16_is_refused(parts: Parts, tmp_path: Path) -> None:
    path = tmp_path / "utf16.db"
    (tmp_path / "utf8.db").write_bytes(parts.catalog)
    source = sqlite3.connect(tmp_path / "utf8.db")
    target = sqlite3.connect(path)
    target.execute("PRAGMA encoding = 'UTF-16'")
    target.executescript("\n".join(line for line in source.iterdump() if "sqlite_seq" not in line))
    target.execute(f"PRAGMA user_version = {parts.manifest['index_format']}")
    target.close()
    source.close()
    archive = parts.with_catalog(path.read_bytes()).write(tmp_path / "a.zip")
    refused(archive, tmp_path / "index", "not UTF-8")


def test_an_archive_cut_off_anywhere_is_refused(good: Path, tmp_path: Path) -> None:
    data = good.read_bytes()
    for length in {*range(0, len(data), 97), *range(len(data) - 200, len(data))}:
        (tmp_path / "a.zip").write_bytes(data[:length])
        refused(tmp_path / "a.zip", tmp_path / "index", "not a whole one|damaged")


def mutated(data: bytes, chosen: random.Random) -> bytes:
    """Change, take out or put in some bytes."""
    changed = bytearray(data)
    for _ in range(chosen.choice([1, 1, 1, 4])):
        place = chosen.randrange(len(changed))
        kind = chosen.random()
        if kind < 0.8:
            changed[place] = chosen.randrange(256)
        elif kind < 0.9:
            del changed[place : place + chosen.randrange(1, 5)]
        else:
            changed[place:place] = chosen.randbytes(chosen.randrange(1, 5))
    return bytes(changed)


def refused_or_the_same(archive: Path, folder: Path, original: dict[str, list[Any]]) -> bool:
    """Import, and tell whether it was refused; else the index is the original one."""
    try:
        import_index(archive, folder)
    except CtqaError:
        assert not folder.exists()
        return True
    assert content(folder) == original
    shutil.rmtree(folder)
    return False


@pytest.mark.parametrize("seed", range(20))
def test_a_damaged_archive_is_refused_or_harmless(
    seed: int, good: Path, original: dict[str, list[Any]], tmp_path: Path
) -> None:
    chosen = random.Random(seed)  # noqa: S311
    data = good.read_bytes()
    for _ in range(500 if ALL else 10):
        (tmp_path / "a.zip").write_bytes(mutated(data, chosen))
        refused_or_the_same(tmp_path / "a.zip", tmp_path / "index", original)


@pytest.mark.parametrize("seed", range(20))
def test_a_damaged_catalog_with_the_right_checksum_is_refused_or_harmless(
    seed: int, parts: Parts, original: dict[str, list[Any]], tmp_path: Path
) -> None:
    chosen = random.Random(1000 + seed)  # noqa: S311
    for _ in range(500 if ALL else 10):
        archive = parts.with_catalog(mutated(parts.catalog, chosen)).write(tmp_path / "a.zip")
        refused_or_the_same(archive, tmp_path / "index", original)
