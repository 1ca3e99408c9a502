"""Writers exclude each other, readers never notice one: each sees one whole build, its own."""

import multiprocessing
import os
import signal
from pathlib import Path

import pytest
from apart import apart
from contending import (
    BUILDS,
    READERS,
    build_and_wait,
    build_while_others_read,
    texts_of,
)
from kills import told
from library import build, open_qa, write_texts

from ctqa.errors import IndexWriteError
from ctqa.index.local import open_index

QUESTION = "How deep is the lake?"


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    return write_texts(tmp_path / "documents", texts_of(1))


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "index"


def test_a_second_writer_is_refused_until_the_first_is_gone(documents: Path, index: Path) -> None:
    context = multiprocessing.get_context("spawn")
    writing = context.Event()
    first = context.Process(target=build_and_wait, args=(documents, index, writing))
    first.start()
    assert writing.wait(60)
    with pytest.raises(IndexWriteError, match="another process is writing"):
        build(documents, index)
    assert first.pid is not None
    os.kill(first.pid, signal.SIGKILL)
    first.join()
    assert build(documents, index).committed


@pytest.mark.skipif(not hasattr(os, "fork"), reason="readers are forked processes")
def test_each_of_many_readers_always_sees_one_whole_build(documents: Path, index: Path) -> None:
    build(documents, index)
    found = apart(build_while_others_read, documents, index)
    assert found["failures"] == []
    assert found["writer"] == BUILDS
    assert len(found["readers"]) == READERS
    assert all(asked > 0 for asked, _ in found["readers"])
    assert len({number for _, numbers in found["readers"] for number in numbers}) > 1


def test_a_reader_keeps_its_build_while_five_more_are_committed(
    documents: Path, index: Path
) -> None:
    build(documents, index)
    expected = told(index)
    qa = open_qa(index)
    before = qa.ask(QUESTION)
    log = index / "catalog.db-wal"
    for number in range(2, 7):
        write_texts(documents, texts_of(number))
        build(documents, index)
    kept = qa.ask(QUESTION)
    assert (kept.build, kept.answers, kept.hits) == (1, before.answers, before.hits)
    assert [repr(qa.document(source.id)) for source in qa.documents()] == expected["documents"]
    assert log.stat().st_size > 0
    qa.close()
    write_texts(documents, texts_of(7))
    build(documents, index)
    assert not log.exists()
    assert told(index)["build"] == 7


def test_the_log_stays_short_under_readers_that_renew_and_never_leave(
    documents: Path, index: Path
) -> None:
    build(documents, index)
    log = index / "catalog.db-wal"
    reader = open_index(index)
    sizes = []
    for number in range(2, 9):
        write_texts(documents, texts_of(number))
        build(documents, index)
        expected = repr(reader.sources())
        reader.renew()  # changes nothing where another build is the current one
        assert repr(reader.sources()) == expected
        fresh = open_index(index)
        reader.close()
        reader = fresh
        expected = repr(reader.sources())
        reader.renew()
        assert repr(reader.sources()) == expected
        sizes.append(log.stat().st_size)
    assert max(sizes) < 2 * sizes[0]
    reader.close()
