import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sources.whole import assert_accounted_for

from ctqa.sources import FoundFile, load_citations, read_file, walk
from ctqa.sources.formats import LOADERS

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
    for file in found:
        assert_accounted_for(read_file(file, citations))
