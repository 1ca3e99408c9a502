import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sources.pdfs import make_pdf
from sources.whole import assert_accounted_for

from ctqa.errors import IndexWriteError
from ctqa.records import SourceFile
from ctqa.sources import ReadOptions, load_citations, read_file, walk, wire
from ctqa.sources.isolated import Limits, Readers


def read_all(
    paths: Sequence[Path],
    *,
    limits: Limits = Limits(),
    meanwhile: Callable[[Readers, int], None] = lambda *_: None,
) -> list[SourceFile]:
    found = walk(paths)
    with Readers(at_once=2, limits=limits, meanwhile=lambda n: meanwhile(readers, n)) as readers:
        return list(readers.read(found, load_citations(found)))


def test_children_read_what_this_process_would_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Heading\n\nSome text.\x0cMore.", encoding="utf-8")
    (tmp_path / "b.md").write_text("# One\n\n- item\n\n## Two\n\nText — é.", encoding="utf-8")
    (tmp_path / "c.csv").write_text("text\none\ntwo\n", encoding="utf-8")
    (tmp_path / "d.pdf").write_bytes(make_pdf("First page.", "", "Third page."))
    (tmp_path / "e.pdf").write_bytes(b"no PDF")
    (tmp_path / "f.mp4").write_bytes(b"film")
    (tmp_path / "g.txt").write_bytes(b"")
    found = walk([tmp_path])
    citations = load_citations(found)

    assert read_all([tmp_path]) == [read_file(file, citations) for file in found]


def test_files_come_in_their_order_however_long_each_takes(tmp_path: Path) -> None:
    for number in range(30):
        words = "word " * (100_000 if number % 7 == 0 else 1)
        (tmp_path / f"{number:02}.txt").write_text(f"{number} {words}", encoding="utf-8")

    texts = [file.documents[0].text for file in read_all([tmp_path])]
    assert [int(text.split()[0]) for text in texts] == list(range(30))


def test_a_file_that_needs_too_much_memory_costs_itself_alone(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("small", encoding="utf-8")
    (tmp_path / "b.txt").write_bytes(b"word " * 40_000_000)
    (tmp_path / "c.txt").write_text("small too", encoding="utf-8")

    files = read_all([tmp_path], limits=Limits(memory=500_000_000, memory_a_byte=0))

    assert [file.state for file in files] == ["read", "failed", "read"]
    assert files[1].reason == "it needs more memory than reading a file may take"
    assert len(files[1].sha256) == 64


def test_a_file_that_comes_to_no_end_is_given_up(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"word " * 30_000_000)
    (tmp_path / "b.csv").write_bytes(b"text\none\n")

    files = read_all([tmp_path], limits=Limits(still=1.5))

    assert [file.state for file in files] == ["failed", "read"]
    assert "it came to no end" in files[0].reason


def test_a_large_corpus_is_what_this_process_would_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "_SPOOLED_BYTES", 10_000)  # the rest goes to the disk
    lines = [
        {"_id": f"d{n}", "title": f"Tarn {n}", "text": f"It is {n} m deep."} for n in range(400)
    ]
    lines[399]["text"] = " "
    (tmp_path / "corpus.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    (found,) = walk([tmp_path])
    here = read_file(found, load_citations([found]))
    (file,) = read_all([tmp_path])
    assert replace(file, documents=()) == replace(here, documents=())
    assert list(file.documents) == list(here.documents)
    assert list(file.documents) == list(here.documents)  # they can be gone through once more
    assert file.documents[-2:] == [*here.documents[-2:]]
    assert file.documents[300] == here.documents[300]
    with pytest.raises(IndexError):
        _ = file.documents[400]


def test_a_full_disk_is_no_fault_of_the_file_that_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "_SPOOLED_BYTES", 1_000)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    lines = [json.dumps({"_id": f"d{n}", "title": "", "text": "Deep."}) for n in range(400)]
    (tmp_path / "corpus.jsonl").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(IndexWriteError, match=r"\(No such file or directory\).* TMPDIR"):
        read_all([tmp_path])


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGSEGV])
def test_a_crash_over_a_page_costs_that_page_alone(tmp_path: Path, blow: signal.Signals) -> None:
    pages = [f"The words of page {number}." for number in range(1, 401)]
    (tmp_path / "a.pdf").write_bytes(make_pdf(*pages))
    struck: list[int] = []

    def strike(readers: Readers, begun: int) -> None:
        if begun > 3 and not struck:
            struck.append(begun)
            os.kill(readers._children[0]._process.pid, blow)

    (file,) = read_all([tmp_path], meanwhile=strike)

    assert struck
    assert_accounted_for(file)
    states = [page.state for page in file.documents[0].pages]
    assert states.count("failed") == 1
    assert states.count("text") == 399
    assert file.reason.startswith("1 of 400 pages: ")


def test_leaving_early_ends_every_child(tmp_path: Path) -> None:
    for number in range(8):
        (tmp_path / f"{number}.txt").write_text("words", encoding="utf-8")
    found = walk([tmp_path])

    with Readers(at_once=2) as readers:
        next(readers.read(found, load_citations(found)))
        children = tuple(readers._children)

    assert children
    assert all(child._process.returncode is not None for child in children)


REFUSED = """
import socket, subprocess
from ctqa.sources import child
child._close_off()
for attempt in (
    lambda: socket.create_connection(("127.0.0.1", {port}), timeout=5),
    lambda: subprocess.run(["true"]),
    lambda: open({path!r}, "w").write("x" * 100_000),
):
    try:
        attempt()
    except OSError as exc:
        print(type(exc).__name__)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the limit on files is one of POSIX")
def test_a_child_connects_to_nothing_starts_nothing_and_writes_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        code = REFUSED.format(port=port, path=str(tmp_path / "out"))
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )

    assert done.stdout.split() == ["PermissionError", "PermissionError", "OSError"], done.stderr


def test_options_reach_the_child(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(make_pdf("One.", "Two.", "Three."))
    found = walk([tmp_path])

    with Readers(ReadOptions(without=frozenset({2}))) as readers:
        (file,) = readers.read(found, load_citations(found))

    # What to leave out is decided anew for each file.
    assert [page.state for page in file.documents[0].pages] == ["text", "text", "text"]
