import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sources.whole import assert_accounted_for

from ctqa.sources import FoundFile, load_citations, read_file, walk
from ctqa.sources.formats import LOADERS
from ctqa.sources.isolated import Limits, Readers

MARKS = ["\n", "\r\n", "\n\n", "\f", "\x00", "é", "“", " ", ",", ";", '"', "|", "\ufeff", "\u2028"]
MARKUP = ["# ", "- ", "1. ", "---\n", "```\n", "title: ", "Table 1 ", "text", "_id"]
LINES = ['{"_id": "a", "text": "b"}\n', '{"_id": "c", "text": "\\ud800"}\n', "word word word ", "."]
PIECES = st.sampled_from([*MARKS, *MARKUP, *LINES])
NOISE = st.binary(max_size=60)


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(sorted(LOADERS)),
    st.lists(PIECES, max_size=30).map("".join),
    st.sampled_from(["utf-8", "utf-16", "cp1252"]),
    NOISE,
)
def test_any_file_is_whole_or_told(suffix: str, text: str, encoding: str, noise: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a{suffix}"
        path.write_bytes(text.encode(encoding, "ignore") + noise)
        found = walk([path])
        assert_accounted_for(read_file(found[0], load_citations(found)))


def real_files() -> tuple[FoundFile, ...]:
    folders = os.environ.get("CTQA_TEST_FILES", "")
    return walk([Path(folder) for folder in folders.split(os.pathsep) if folder])


@pytest.mark.data
def test_real_files_are_whole_or_told() -> None:
    found = real_files()
    if not found:
        pytest.skip("CTQA_TEST_FILES names no folder of documents")
    citations = load_citations(found)
    with Readers() as readers:
        for file in readers.read(found, citations):
            assert_accounted_for(file)


EDITS = st.lists(
    st.tuples(
        st.floats(0, 1),  # where, as a share of the file
        st.integers(0, 2000),  # bytes taken out
        st.one_of(
            st.binary(max_size=8),
            st.sampled_from(
                [b"/Kids", b" 0 R", b"99999999999", b"<<" * 50, b"(" * 200, b"endstream", b"]]>"]
            ),
        ),
    ),
    min_size=1,
    max_size=5,
)


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    with Readers(limits=Limits(memory=1_500_000_000, still=60)) as readers:
        yield readers


@pytest.mark.data
@settings(max_examples=10_000 if os.environ.get("CTQA_MUTATIONS") == "all" else 150, deadline=None)
@given(data=st.data())
def test_mutated_copies_of_real_files_are_whole_or_told(
    data: st.DataObject, readers: Readers
) -> None:
    files = [file for file in real_files() if file.path.suffix.lower() in LOADERS]
    small = [file for file in files if 0 < file.size < 300_000]
    if not small:
        pytest.skip("CTQA_TEST_FILES names no folder of documents")
    chosen = data.draw(st.sampled_from(small), label="file")
    mutated = bytearray(chosen.path.read_bytes())
    for share, gone, put in data.draw(EDITS, label="edits"):
        at = int(share * len(mutated))
        mutated[at : at + gone] = put
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"mutated{chosen.path.suffix}"
        path.write_bytes(mutated)
        found = walk([path])
        (file,) = readers.read(found, load_citations(found))
    assert_accounted_for(file)
    assert not file.reason.startswith("the reader crashed"), file.reason
