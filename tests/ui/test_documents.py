"""The documents' tab without Gradio: its list, its buttons, what is sent, and builds followed."""

import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from library import build, write_texts
from ui.outline import outline
from ui.serving import DAMAGED, HOSTILE_NAME, make_index

from ctqa import api
from ctqa.index.local import open_index
from ctqa.index.rows import FileRow
from ctqa.records import FileState
from ctqa.sources.archive import ENCRYPTED
from ctqa.sources.left_out import LIST_NAME
from ctqa.sources.pdf import _CLOSED
from ctqa.sources.pdf_reading import _SCAN
from ctqa.ui import render_documents, words
from ctqa.ui.building import Builder
from ctqa.ui.documents import Documents, Followed, Seen
from ctqa.ui.uploads import Upload

WORDS = (sys.executable, str(Path(__file__).parents[1] / "word_build.py"))
SLOW = (*WORDS, "slow")
LONG_S = 60.0


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return make_index(tmp_path)


@pytest.fixture
def builder(index: Path) -> Iterator[Builder]:
    with closing(Builder(index, command=WORDS)) as builder:
        yield builder


@pytest.fixture
def documents(index: Path, builder: Builder) -> Documents:
    return Documents(index, builder)


def send(index: Path, name: str, text: str) -> tuple[list[Upload], Path]:
    within = index.parent / "sent"
    (within / "1").mkdir(parents=True)
    (within / "1" / "blob").write_text(text, encoding="utf-8")
    return [Upload(path=within / "1" / "blob", name=name)], within


def send_more(within: Path, name: str) -> list[Upload]:
    (within / "2").mkdir()
    (within / "2" / "blob").write_text("x", encoding="utf-8")
    return [Upload(path=within / "2" / "blob", name=name)]


def file_row(state: FileState, reason: str) -> FileRow:
    return FileRow(
        key=1,
        id="a.pdf",
        path="a.pdf",
        sha256="",
        size=1,
        state=state,
        reason=reason,
        recipe="",
        documents=0,
        first_build=1,
    )


def text(markup: str) -> str:
    return " ".join(outline(markup).texts("p"))


def states(index: Path) -> dict[str, str]:
    with closing(open_index(index)) as opened:
        return {file.id: file.state for file in opened.status().files}


def follow_to_the_end(documents: Documents, seen: Seen) -> Followed:
    end = time.monotonic() + LONG_S
    while not (found := documents.follow(seen)).has_ended:
        assert time.monotonic() < end
        seen = found.seen
        time.sleep(0.02)
    return found


def test_the_list_tells_of_problems_first_then_of_documents(documents: Documents) -> None:
    shown = documents.listing("")
    problem, first, last = (
        shown.index(text) for text in ("scan &lt;i&gt;old.pdf", "discharge.txt", "wards.txt")
    )
    assert problem < first < last
    assert words.TO_LOOK_AT in shown
    assert "3 documents, 3 pages, 3 passages. Build 1 of 20" in shown
    assert "<img" not in shown
    assert 'data-do="read" aria-label="Read: ' in shown
    assert 'data-document="wards.txt" data-start="0" data-end="0"' in shown
    assert words.LEFT_OUT_BY_YOU not in shown


def test_a_document_is_found_by_its_words(documents: Documents) -> None:
    assert "wards.txt" in documents.listing("WARD")
    assert "discharge.txt" not in documents.listing("ward")
    assert words.NOTHING_LIKE_THAT in text(documents.listing("ward zeppelin"))
    assert words.TO_LOOK_AT in documents.listing("ward zeppelin")
    assert not documents.is_searched()


def test_many_documents_are_shown_page_by_page(
    index: Path, documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render_documents, "PAGE_LENGTH", 2)
    first, second = documents.listing(None), documents.listing(None, 2)
    assert "1 to 2 of 3" in first
    assert 'data-page="2">Next' in first
    assert "3 to 3 of 3" in second
    assert 'data-page="1">Back' in second
    assert documents.listing(None, 99) == second
    assert documents.listing(None, -1) == first
    assert documents.press({"do": "page", "page": "2"}).page == 2
    for hostile in ("", "-1", "x", "9" * 5000, "²"):
        assert documents.press({"do": "page", "page": hostile}).page == 1


def test_leaving_out_is_asked_first_done_and_taken_back(
    index: Path, builder: Builder, documents: Documents
) -> None:
    button = {"do": "leave-out", "file": HOSTILE_NAME}
    asked = documents.press(button)
    assert asked.asked is not None
    assert "Leave &lt;img src=x onerror=alert(1)&gt;.txt out?" in asked.asked
    assert not asked.has_begun
    assert documents.press({"do": "keep"}).asked == ""
    assert states(index)[HOSTILE_NAME] == "read"

    done = documents.press(button | {"do": "leave-out-now"})
    assert (done.has_begun, done.asked) == (True, "")
    assert builder.wait(LONG_S).problem == ""
    assert states(index)[HOSTILE_NAME] == "ignored"
    assert (index.parent / "documents" / HOSTILE_NAME).exists()
    shown = documents.listing("")
    assert f"{words.LEFT_OUT_BY_YOU} (1)" in shown
    assert "2 documents" in shown

    assert documents.press(button | {"do": "take-in"}).has_begun
    assert builder.wait(LONG_S).problem == ""
    assert states(index)[HOSTILE_NAME] == "read"


@pytest.mark.parametrize("does", ["leave-out", "leave-out-now", "take-in"])
def test_a_document_that_is_not_there_is_told_kindly(documents: Documents, does: str) -> None:
    for name in ("", "nothing.txt", "../../etc/passwd", "x" * 9000, "\0"):
        found = documents.press({"do": does, "file": name})
        assert found.notice is not None
        assert words.NO_SUCH_DOCUMENT in found.notice
        assert not found.has_begun


def test_buttons_of_others_and_none_do_nothing(documents: Documents) -> None:
    for data in ({}, {"do": "read", "document": "wards.txt"}, {"do": "nonsense"}):
        found = documents.press(data)
        assert (found.notice, found.asked, found.page, found.has_begun) == (None, None, None, False)


def test_what_must_stay_is_told(index: Path, documents: Documents) -> None:
    (index.parent / "documents" / LIST_NAME).write_text("/wards.txt\n/discharge.txt\n")
    documents.rebuild()
    documents._builder.wait(LONG_S)
    found = documents.press({"do": "leave-out-now", "file": HOSTILE_NAME})
    assert found.notice is not None
    assert "nothing would be left in the index" in found.notice


def test_what_is_sent_becomes_a_document(
    index: Path, builder: Builder, documents: Documents
) -> None:
    sent, within = send(index, "../parking.txt", "Parking is free on Sundays.\n")
    found = documents.take(sent, within, None)
    assert found.has_begun
    assert found.notice is not None
    assert "1 file added." in found.notice
    assert "../parking.txt is now called parking.txt." in found.notice
    ended = follow_to_the_end(documents, Seen())
    assert ended.said is not None
    assert "Build 2 is ready" in ended.said
    assert "1 added, 4 as before" in ended.said
    assert "1 file to look at" in ended.said
    assert states(index)["parking.txt"] == "read"
    assert list(within.iterdir()) == []


def test_what_is_true_only_until_the_build_ends_is_said_apart(documents: Documents) -> None:
    done = documents.press({"do": "leave-out-now", "file": "wards.txt"})
    assert done.notice == ""
    assert done.begun is not None
    assert text(done.begun) == f"{words.is_left_out('wards.txt')} {words.BUILD_BEGUN}"
    follow_to_the_end(documents, Seen())


def test_formats_are_listed_once_for_all_files_that_have_none(
    index: Path, documents: Documents
) -> None:
    sent, within = send(index, "a.exe", "x")
    found = documents.take([*sent, *send_more(within, "b.svg")], within, None)
    assert found.notice is not None
    assert found.notice.count(words.NO_SUCH_FORMAT) == 2
    assert found.notice.count(".docx") == 1
    assert not found.has_begun


def test_the_page_says_who_can_have_encrypted_files_and_scans_read() -> None:
    locked, locked_office = file_row("encrypted", _CLOSED), file_row("encrypted", ENCRYPTED.reason)
    scan = file_row("unreadable", _SCAN)
    assert list(render_documents._ways_to_read([locked_office])) == [words.ENCRYPTED_HELP]
    assert list(render_documents._ways_to_read([locked])) == [words.ENCRYPTED_HELP]
    assert list(render_documents._ways_to_read([scan, locked])) == [
        words.ENCRYPTED_HELP,
        words.SCANNED_HELP,
    ]


def test_when_a_file_was_read_is_told_as_far_as_it_is_known() -> None:
    assert words.read_on("2026-11-02", "2026-11-01") == "read 2026-11-02"
    assert words.read_on("", "2026-11-01") == "read 2026-11-01 or before"


def test_what_is_there_already_is_named(index: Path, documents: Documents) -> None:
    text = (index.parent / "documents" / "wards.txt").read_text(encoding="utf-8")
    sent, within = send(index, "copy.txt", text)
    found = documents.take(sent, within, "/somewhere/else")
    assert found.notice is not None
    assert "the same as wards.txt, which is there already" in found.notice
    assert not found.has_begun
    again = documents.take([], within, None)
    assert again.notice is not None
    assert words.NOTHING_ARRIVED in again.notice


def test_an_index_of_single_files_gets_a_folder_beside_it(tmp_path: Path) -> None:
    texts = write_texts(tmp_path / "documents")
    index = tmp_path / "index"
    build(texts / "lakes.txt", index)
    with closing(Builder(index, command=WORDS)) as builder:
        documents = Documents(index, builder)
        assert documents.folders() == [str(tmp_path / "index-documents")]
        sent, within = send(index, "hills.txt", "The hills are steep.\n")
        assert documents.take(sent, within, None).has_begun
        assert builder.wait(LONG_S).problem == ""
    assert states(index) == {"lakes.txt": "read", "hills.txt": "read"}
    assert api.roots_of(index) == [texts / "lakes.txt", tmp_path / "index-documents"]


def test_a_name_that_was_left_out_is_read_when_it_is_sent(
    index: Path, builder: Builder, documents: Documents
) -> None:
    (index.parent / "documents" / LIST_NAME).write_text("/parking.txt\n")
    sent, within = send(index, "parking.txt", "Parking is free on Sundays.\n")
    documents.take(sent, within, None)
    assert builder.wait(LONG_S).problem == ""
    assert states(index)["parking.txt"] == "read"


def test_each_browser_is_told_once(documents: Documents, builder: Builder) -> None:
    quiet = documents.follow(None)
    assert (quiet.said, quiet.progress, quiet.has_ended) == (None, "", False)
    documents.rebuild()
    first = documents.follow(documents.joined_in())
    assert first.is_running
    assert first.said is not None
    assert documents.follow(first.seen).said is None or first.seen.stage == ""
    ended = follow_to_the_end(documents, first.seen)
    assert ended.said is not None
    assert "Nothing has changed: build 1 is up to date." in ended.said
    again = documents.follow(ended.seen)
    assert (again.said, again.has_ended) == (None, False)
    assert not documents.follow(documents.joined_in()).has_ended
    assert follow_to_the_end(documents, Seen()).said == ended.said  # another browser's


def test_a_build_is_shown_and_stopped(index: Path) -> None:
    write_texts(index.parent / "documents", {"parking.txt": "Parking is free on Sundays.\n"})
    with closing(Builder(index, command=SLOW)) as builder:
        documents = Documents(index, builder)
        documents.rebuild()
        seen, end = Seen(), time.monotonic() + LONG_S
        while (found := documents.follow(seen)).seen.stage != "encode":
            assert time.monotonic() < end
            seen = found.seen
            time.sleep(0.02)
        assert '<progress role="progressbar"' in found.progress
        assert 'max="1" value="0"' in found.progress
        assert "Making passages searchable: 0 of 1" in found.progress
        begun = documents.rebuild().begun
        assert begun is not None
        assert words.BUILD_FOLLOWS in begun
        documents.stop()
        assert words.STOPPING in documents.follow(found.seen).progress
        ended = follow_to_the_end(documents, found.seen)
        assert ended.said is not None
        assert words.BUILD_STOPPED in ended.said
    assert "parking.txt" not in states(index)


def test_an_index_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    documents = Documents(tmp_path / "nothing", Builder(tmp_path / "nothing", command=WORDS))
    assert "That could not be done" in documents.listing("")
    assert documents.folders() == [str(tmp_path / "nothing-documents")]
    found = documents.press({"do": "take-in", "file": DAMAGED[0]})
    assert found.notice is not None
    assert "no index here" in found.notice
