from contextlib import suppress
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msoffcrypto.format.ooxml import OOXMLFile
from sources.archives import zipped

from ctqa.errors import SourceError
from ctqa.sources.archive import Encrypted, check_xml, office_package, open_archive, parse_xml

ENTITIES = '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
EXTERNAL = '<?xml version="1.0"?><!DOCTYPE a SYSTEM "http://example.org/a.dtd"><a/>'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def encrypted(flags_at: int, data: bytes) -> bytes:
    return data[:flags_at] + b"\x01" + data[flags_at + 1 :]


def test_entries_are_unpacked() -> None:
    archive = open_archive(zipped({"a.xml": "<a>b</a>", "c": b"\x00"}))

    assert archive.names == ["a.xml", "c"]
    assert archive.read("c") == b"\x00"
    assert archive.xml("a.xml").text == "b"


def test_what_is_not_there_is_damage() -> None:
    with pytest.raises(SourceError, match="damaged"):
        open_archive(zipped({"a": "b"})).read("word/document.xml")


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    with pytest.raises(SourceError, match="ZIP bomb"):
        open_archive(zipped({"a.xml": b" " * 25_000_000}))


def test_what_unpacks_to_too_much_is_refused() -> None:
    part = bytes(range(256)) * 40_000  # packs to more than a three-hundredth
    parts = {f"{number}.bin": part for number in range(3)}
    data = zipped(parts)
    central = data.find(b"PK\x01\x02")
    size_at = central + 24
    told = data[:size_at] + (600_000_000).to_bytes(4, "little") + data[size_at + 4 :]

    with pytest.raises(SourceError, match="unpacks to 620 MB; 500 are read"):
        open_archive(told)
    with pytest.raises(SourceError, match="unpacks to 30 MB; 20 are read"):
        office_package(data, (), most_bytes=20_000_000)


def test_too_many_entries_are_refused() -> None:
    buffer = BytesIO()
    with ZipFile(buffer, "w") as archive:
        for number in range(20_001):
            archive.writestr(str(number), b"")

    with pytest.raises(SourceError, match="20,001 parts"):
        open_archive(buffer.getvalue())


def test_an_entry_never_unpacks_to_more_than_it_declares() -> None:
    data = zipped({"a.bin": b"x" * 5_000})
    central = data.find(b"PK\x01\x02")
    told = data[: central + 24] + (10).to_bytes(4, "little") + data[central + 28 :]

    with pytest.raises(SourceError, match="damaged"):
        open_archive(told).read("a.bin")


@pytest.mark.parametrize(
    "data", [b"", b"PK", b"PK\x03\x04", b"no archive", b"PK\x05\x06" + b"x" * 30]
)
def test_what_is_no_whole_archive_is_damaged(data: bytes) -> None:
    with pytest.raises(SourceError, match="damaged"):
        open_archive(data)


def test_a_cut_archive_is_damaged() -> None:
    data = zipped({"a.xml": "<a/>" * 100})
    with pytest.raises(SourceError, match="damaged"):
        open_archive(data[:-30])


def test_an_entry_with_a_password_is_encrypted() -> None:
    data = zipped({"a": "b"})
    central = data.find(b"PK\x01\x02")
    with pytest.raises(Encrypted):
        open_archive(encrypted(central + 8, encrypted(6, data))).read("a")


def test_old_office_files_are_refused_with_what_to_do() -> None:
    with pytest.raises(SourceError, match="save it in the new format"):
        open_archive(OLE + b"\x00" * 600)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("xml", [ENTITIES, EXTERNAL])
def test_a_dtd_is_refused_in_any_encoding(xml: str, encoding: str) -> None:
    with pytest.raises(SourceError, match="DTD"):
        check_xml(xml.encode(encoding), "a.xml")


@pytest.mark.parametrize(
    "data",
    [
        b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE a+AD4-<a/>',
        '<?xml version="1.0" encoding="cp037"?><!DOCTYPE a><a/>'.encode("cp037"),
        ENTITIES.encode("utf-32"),
        b"no XML at all",
    ],
)
def test_encodings_that_could_hide_one_are_refused(data: bytes) -> None:
    with pytest.raises(SourceError):
        check_xml(data, "a.xml")


def test_plain_xml_passes() -> None:
    check_xml(b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<a>DOCTYPE</a>', "a.xml")
    check_xml("<a>é</a>".encode("utf-16"), "a.xml")
    check_xml(b"", "a.xml")


def test_entities_stay_unresolved() -> None:
    root = parse_xml(b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><a>x&b;y</a>')
    assert root.xpath("string()") == "xy"


def test_a_package_with_a_dtd_is_refused() -> None:
    with pytest.raises(SourceError, match=r"its part word/document\.xml has a DTD"):
        office_package(zipped({"word/document.xml": EXTERNAL}), ())


def test_strict_packages_are_made_transitional() -> None:
    strict = '<a xmlns="http://purl.oclc.org/ooxml/wordprocessingml/main"/>'
    package = open_archive(office_package(zipped({"word/document.xml": strict, "b": b"\x00"}), ()))

    name = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    assert package.xml("word/document.xml").tag == f"{{{name}}}a"
    assert package.read("b") == b"\x00"


def make_encrypted(password: str) -> bytes:
    plain, out = BytesIO(), BytesIO()
    docx.Document().save(plain)
    OOXMLFile(plain).encrypt(password, out)
    return out.getvalue()


def test_an_encrypted_package_opens_with_its_password_alone() -> None:
    data = make_encrypted("Beds 12")

    assert office_package(data, ("wrong", "Beds 12")).startswith(b"PK")
    with pytest.raises(Encrypted):
        office_package(data, ("wrong",))
    with pytest.raises(Encrypted):
        office_package(data, ())


def test_what_excel_opens_unasked_is_opened() -> None:
    assert office_package(make_encrypted("VelvetSweatshop"), ()).startswith(b"PK")


@given(st.binary(max_size=400))
def test_any_ole_file_is_told(data: bytes) -> None:
    with pytest.raises(SourceError):
        office_package(OLE + data, ())


@given(st.integers(0, 300), st.binary(min_size=1, max_size=8))
def test_any_damage_is_told(at: int, noise: bytes) -> None:
    data = zipped({"a.xml": "<a>some text</a>", "b.rels": "<b/>"})
    mutated = data[:at] + noise + data[at + len(noise) :]
    with suppress(SourceError, Encrypted):
        office_package(mutated, ())


def test_packed_parts_come_out_whole() -> None:
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        archive.writestr("a.xml", "<a>" + "b" * 100_000 + "</a>")
    assert office_package(buffer.getvalue(), ()) == buffer.getvalue()
