"""What a browser sends: names, sizes, kinds and doubles, each checked before it is a document."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctqa.sources import sha256_of, walk
from ctqa.ui import uploads
from ctqa.ui.uploads import Taken, Upload, stored_name

TEXT = b"Relatives may visit the ward.\n"


class Sent:
    """A folder that a browser sends to, as Gradio lays it out, and one for documents."""

    def __init__(self, folder: Path) -> None:
        self.within, self.documents = folder / "sent", folder / "documents"
        self.within.mkdir()
        self.documents.mkdir()
        self._count = 0

    def file(self, name: str, content: bytes = TEXT) -> Upload:
        self._count += 1
        folder = self.within / f"{self._count:040}"
        folder.mkdir()
        (folder / "blob").write_bytes(content)
        return Upload(path=folder / "blob", name=name)

    def take(self, *sent: Upload, held: dict[str, str] | None = None) -> Taken:
        return uploads.take(sent, self.within, self.documents, {} if held is None else held)

    def stored(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.documents.iterdir()}


@pytest.fixture
def sent(tmp_path: Path) -> Sent:
    return Sent(tmp_path)


def reasons(found: Taken) -> list[str]:
    return [each.reason for each in found.refused]


def test_good_files_are_moved_and_nothing_is_left_behind(sent: Sent) -> None:
    found = sent.take(sent.file("wards.txt"), sent.file("b.pdf", b"%PDF-1.7"))
    assert found == Taken(stored=("wards.txt", "b.pdf"), renamed={}, refused=())
    assert sent.stored() == {"wards.txt": TEXT, "b.pdf": b"%PDF-1.7"}
    assert list(sent.within.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("..\\..\\windows\\win.txt", "win.txt"),
        ("C:\\Users\\a.txt", "a.txt"),
        ("/absolute.txt", "absolute.txt"),
        (".hidden.txt", "hidden.txt"),
        ("...", "document"),
        ("", "document"),
        ("a\x00b\x1f\x7f.txt", "ab.txt"),
        ("invoice\u202efdp.txt", "invoicefdp.txt"),
        ("\u2066x\u2069.txt", "x.txt"),
        ("CON.txt", "_CON.txt"),
        ("lpt1", "_lpt1"),
        ("console.txt", "console.txt"),
        ('a<b>:"|?*.txt', "a-b------.txt"),
        ("trailing. . ", "trailing"),
        ("Ärzte & Pflege (2).txt", "Ärzte & Pflege (2).txt"),
        ("<img src=x onerror=alert(1)>.txt", "-img src=x onerror=alert(1)-.txt"),
        ("e\u0301.txt", "é.txt"),
    ],
)
def test_names_are_made_safe(name: str, stored: str) -> None:
    assert stored_name(name) == stored


@given(st.text(max_size=400))
def test_no_name_leads_anywhere_else(name: str) -> None:
    made = stored_name(name)
    assert made not in ("", ".", "..")
    assert not set(made) & set('/\\\0<>:"|?*\n')
    assert not made.startswith(".")
    assert not made.endswith((" ", "."))
    assert len(made.encode()) <= 255
    assert stored_name(made) == made


def test_what_is_stored_is_found_by_a_build(sent: Sent) -> None:
    sent.take(sent.file(".x\u202e../CON.txt"), sent.file("sub/ok.md", b"# Other\n"))
    assert {file.id for file in walk([sent.documents])} == {"_CON.txt", "ok.md"}


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.pdf", b"MZ\x90\x00 an executable", "not a PDF"),
        ("a.pdf", b"", "empty"),
        ("a.exe", b"MZ", "its format is not read"),
        ("a.svg", b"<svg/>", "its format is not read"),
        ("sources.csv", b"path,title\n", "is none itself"),
        ("Queries.jsonl", b"{}", "is none itself"),
    ],
)
def test_other_files_are_refused_and_removed(
    sent: Sent, name: str, content: bytes, why: str
) -> None:
    found = sent.take(sent.file(name, content))
    assert found.stored == ()
    assert why in reasons(found)[0]
    assert sent.stored() == {}
    assert list(sent.within.iterdir()) == []


def test_too_many_and_too_much(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MAX_FILES", 3)
    monkeypatch.setattr(uploads, "MAX_FILE_BYTES", 1_000_000)
    monkeypatch.setattr(uploads, "MAX_BYTES", 1_500_000)
    found = sent.take(
        sent.file("large.txt", b"a" * 1_000_001),
        sent.file("a.txt", b"a" * 900_000),
        sent.file("b.txt", b"b" * 900_000),
        sent.file("fourth.txt"),
    )
    assert found.stored == ("a.txt",)
    assert reasons(found) == [
        "larger than 1 MB; split it",
        "more than 1 MB came at once; add it by itself",
        "only 3 files are taken at once; add it with the next ones",
    ]


def test_doubles_are_refused_by_what_they_are_not_by_name(sent: Sent) -> None:
    first = sent.file("wards.txt")
    held = {sha256_of(sent.file("x", b"known\n").path): "old/known.txt"}
    found = sent.take(
        first,
        sent.file("copy.txt"),
        sent.file("known again.txt", b"known\n"),
        sent.file("wards.txt", b"Other rules.\n"),
        held=held,
    )
    assert found.stored == ("wards.txt", "wards (2).txt")
    assert found.renamed == {"wards (2).txt": "wards.txt"}
    assert reasons(found) == [
        "the same as wards.txt, which is there already",
        "the same as old/known.txt, which is there already",
    ]
    assert sent.stored()["wards.txt"] == TEXT  # what was there is never replaced


def test_only_what_was_sent_is_touched(sent: Sent, tmp_path: Path) -> None:
    other = tmp_path / "private.txt"
    other.write_bytes(TEXT)
    link = sent.within / "link.txt"
    link.symlink_to(other)
    outside = Upload(path=other, name="a.txt")
    above = Upload(path=sent.within / ".." / "private.txt", name="a.txt")
    gone = Upload(path=sent.within / "nothing.txt", name="a.txt")
    linked = Upload(path=link, name="a.txt")
    found = sent.take(outside, above, gone, linked)
    assert found == Taken(stored=(), renamed={}, refused=())
    assert (other.read_bytes(), sent.stored()) == (TEXT, {})


def test_a_folder_that_cannot_be_written_to_is_told(sent: Sent) -> None:
    sent.documents.rmdir()
    sent.documents.write_text("a file")
    found = sent.take(sent.file("a.txt"))
    assert "could not be put into" in reasons(found)[0]
