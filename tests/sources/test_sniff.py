"""A file's first bytes are held against its name."""

from pathlib import Path

import pytest

from ctqa.errors import SourceError
from ctqa.sources.sniff import check_content

EXE = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" + bytes(range(256)) * 8


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", b"%PDF-1.7\n"),
        ("a.pdf", b"\r\njunk that mailers put in front\n%PDF-1.4\n"),
        ("a.docx", b"PK\x03\x04 and so on"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 encrypted"),
        ("a.txt", "Grüße".encode("utf-16")),
        ("a.html", b"<p>Text"),
        ("a.csv", b"a,b\n1,2\n"),
    ],
)
def test_what_a_file_says_it_is(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    check_content(tmp_path / name, Path(name).suffix)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.pdf", EXE, "not a PDF"),
        ("a.pdf", b"", "empty"),
        ("a.pdf", b"<html>", "not a PDF"),
        ("a.docx", EXE, r"not a \.docx file"),
        ("a.docx", b"%PDF-1.7", r"not a \.docx file"),
        ("a.txt", EXE, "binary"),
        ("a.txt", b"%PDF-1.7", "a PDF"),
        ("a.html", b"PK\x03\x04", "ZIP"),
        ("a.exe", EXE, "not a format"),
        ("a", b"text", "not a format"),
        ("a.svg", b"<svg onload=alert(1)>", "not a format"),
    ],
)
def test_what_a_file_is_not(tmp_path: Path, name: str, content: bytes, why: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=why):
        check_content(tmp_path / name, Path(name).suffix)
