import hashlib
import json
import os
import sys
from pathlib import Path

import pytest
from sources.pdfs import BROKEN, PICTURE, make_pdf

from ctqa.records import Document, Page, Source, SourceFile
from ctqa.sources import Citation, Citations, FoundFile, formats, load_citations, read_file, walk


def put(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def read_at(path: Path, citations: Citations = Citations()) -> SourceFile:  # noqa: B008 -- frozen
    (found,) = walk([path])
    return read_file(found, citations)


def test_text_file_is_read_into_a_document(tmp_path: Path) -> None:
    data = b"Text in lower case,\nno heading."
    path = put(tmp_path / "care_trusts.txt", data)
    digest = hashlib.sha256(data).hexdigest()

    assert read_at(path) == SourceFile(
        path=str(path),
        sha256=digest,
        size=len(data),
        state="read",
        documents=(
            Document(
                source=Source(
                    id="care_trusts.txt", path=str(path), sha256=digest, title="care trusts"
                ),
                text=data.decode(),
                pages=(Page(number=1, start=0, end=len(data)),),
                name="care trusts",
            ),
        ),
    )


@pytest.mark.parametrize(
    ("name", "data", "text"),
    [
        ("a.TXT", b"plain", "plain"),
        ("a.text", b"plain", "plain"),
        ("a.MD", b"# Title", "# Title"),
        ("a.markdown", b"# Title", "# Title"),
        ("a.Pdf", make_pdf("page"), "page"),
        ("a.jsonl", b'{"_id": "x", "text": "line"}', "line"),
        ("a.csv", b"text\nrow\n", "row"),
        ("a.tsv", b"a\tb\n", "a\tb\n"),
    ],
)
def test_formats_are_known_by_suffix_in_any_case(
    tmp_path: Path, name: str, data: bytes, text: str
) -> None:
    (document,) = read_at(put(tmp_path / name, data)).documents

    assert document.text == text


@pytest.mark.parametrize("name", sorted(formats.LOADERS))
def test_file_without_bytes_is_empty(tmp_path: Path, name: str) -> None:
    result = read_at(put(tmp_path / f"a{name}", b""))

    assert (result.state, result.reason, result.size) == ("empty", "the file is empty", 0)
    assert result.sha256 == hashlib.sha256(b"").hexdigest()


@pytest.mark.parametrize(
    ("name", "data", "state", "reason"),
    [
        ("a.pdf", b"no pdf", "failed", "not a readable PDF"),
        ("a.txt", bytes(range(256)) * 9, "failed", "not text: it looks like binary data"),
        ("a.jsonl", b'{"name": 1}', "unsupported", "expected each line"),
        (
            "a.mp4",
            b"PK",
            "unsupported",
            'the format ".mp4" is not read; save it as one that is read: .pdf',
        ),
        ("README", b"x", "unsupported", "a name without a suffix"),
        ("gold.jsonl", b'{"question": "", "quote": ""}', "ignored", "gold questions"),
        ("queries.jsonl", b'{"_id": "1", "text": ""}', "ignored", "BEIR's name for questions"),
    ],
)
def test_what_gives_no_document_is_told(
    tmp_path: Path, name: str, data: bytes, state: str, reason: str
) -> None:
    result = read_at(put(tmp_path / name, data))

    assert result.documents == ()
    assert (result.state, result.size) == (state, len(data))
    assert result.reason.startswith(reason)
    assert result.sha256 == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize(
    ("name", "data", "state", "reason", "pages"),
    [
        ("a.txt", b" \n\x0c\n", "empty", "2 of 2 pages: no text", ["empty"] * 2),
        ("a.csv", b'text\n" "\n', "empty", "1 of 1 pages: no text", ["empty"]),
        (
            "a.pdf",
            make_pdf(PICTURE, "", PICTURE),
            "unreadable",
            "2 of 3 pages: ",
            ["unreadable", "empty", "unreadable"],
        ),
        ("a.pdf", make_pdf(BROKEN), "failed", "1 of 1 pages: ", ["failed"]),
    ],
)
def test_pages_without_text_stand_in_the_ledger(
    tmp_path: Path, name: str, data: bytes, state: str, reason: str, pages: list[str]
) -> None:
    result = read_at(put(tmp_path / name, data))

    assert result.state == state
    assert result.reason.startswith(reason)
    (document,) = result.documents
    assert [page.state for page in document.pages] == pages


def test_a_file_of_which_a_page_is_missing_says_so(tmp_path: Path) -> None:
    result = read_at(put(tmp_path / "a.pdf", make_pdf("Some words.", PICTURE)))

    assert result.state == "read"
    assert result.reason.startswith("1 of 2 pages: ")


def test_files_past_the_limit_are_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "_MOST_BYTES", 3)
    monkeypatch.setattr(formats, "_MOST_CORPUS_BYTES", 11)

    assert read_at(put(tmp_path / "a.txt", b"123")).state == "read"
    result = read_at(put(tmp_path / "b.txt", b"1234"))
    assert (result.state, result.size) == ("skipped", 4)
    assert result.sha256 == hashlib.sha256(b"1234").hexdigest()
    assert read_at(put(tmp_path / "c.csv", b"text\nabcdef")).state == "read"


def test_file_that_vanished_since_it_was_found_is_unreadable(tmp_path: Path) -> None:
    path = put(tmp_path / "a.txt", b"text")
    (found,) = walk([path])
    path.unlink()

    result = read_file(found, Citations())

    assert (result.state, result.reason, result.sha256) == (
        "unreadable",
        "it is no longer there",
        "",
    )


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="permissions do not bind")
def test_file_that_may_not_be_opened_is_unreadable(tmp_path: Path) -> None:
    path = put(tmp_path / "a.txt", b"text")
    path.chmod(0)

    result = read_at(path)

    assert (result.state, result.reason) == ("unreadable", "you have no permission to read it")


def test_what_walking_found_unfit_is_passed_on(tmp_path: Path) -> None:
    found = FoundFile(path=tmp_path, id="x", size=0, state="skipped", reason="a link")

    assert read_file(found, Citations()) == SourceFile(
        path=str(tmp_path), sha256="", size=0, state="skipped", reason="a link"
    )


def test_citation_goes_before_what_the_file_tells(tmp_path: Path) -> None:
    front = b"---\ntitle: Own\nauthor: Own\ndate: 1999\n---\ntext\n"
    cited, partly = put(tmp_path / "a.md", front), put(tmp_path / "b.md", front)
    table = b"path,title,author,publication,year,url\na.md,T,A,P,2011,https://x\nb.md,,,P,,\n"
    put(tmp_path / "sources.csv", table)
    citations = load_citations(walk([tmp_path]))

    first, second = (read_at(path, citations).documents[0].source for path in (cited, partly))

    assert (first.title, first.author, first.publication, first.year, first.url) == (
        "T",
        "A",
        "P",
        "2011",
        "https://x",
    )
    assert (second.title, second.author, second.publication, second.year) == (
        "Own",
        "Own",
        "P",
        "1999",
    )


def test_documents_of_a_corpus_keep_their_titles(tmp_path: Path) -> None:
    rows = [{"_id": "a", "title": "Own", "text": "x"}, {"_id": "b", "text": "y"}]
    path = put(tmp_path / "c.jsonl", "\n".join(map(json.dumps, rows)).encode())
    cited = Citations(by_path={str(path): Citation(title="All", author="A")})

    sources = [document.source for document in read_at(path, cited).documents]
    assert [(each.id, each.title, each.author) for each in sources] == [
        ("a", "Own", "A"),
        ("b", "All", "A"),
    ]
    assert [each.source.title for each in read_at(path).documents] == ["Own", "b"]


def test_rows_without_an_id_are_known_by_file_and_number(tmp_path: Path) -> None:
    path = put(tmp_path / "sub" / "faq.csv", b"text\none\ntwo\n")
    (found,) = walk([tmp_path])

    documents = read_file(found, Citations()).documents

    assert [document.id for document in documents] == ["sub/faq.csv#1", "sub/faq.csv#2"]
    assert {document.source.path for document in documents} == {str(path)}
    assert documents[0].source.sha256 == hashlib.sha256(b"one").hexdigest()


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("care-trusts_in__England.txt", "care-trusts in England"),
        ("care-trusts.txt", "care trusts"),
        ("report-2010-11.txt", "report-2010-11"),
        ("_.txt", "_"),
        ("Annual report.v2.txt", "Annual report.v2"),
    ],
)
def test_file_name_makes_the_title_where_there_is_no_other(
    tmp_path: Path, name: str, title: str
) -> None:
    (document,) = read_at(put(tmp_path / name, b"lower case.")).documents

    assert document.source.title == title
