"""What always holds, over real files of every format that can be read.

CTQA_TEST_FILES names folders of real files (separated as PATH is); without it the seeds are used
alone.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from encoders import WordEncoder

from ctqa.config import IndexConfig
from ctqa.index.english import english
from ctqa.index.mend import Mender, Vocabulary
from ctqa.index.searchable import with_mended, with_search_texts
from ctqa.records import Document
from ctqa.sources import collect, read_file
from ctqa.sources.splitter import split

SEEDS = Path(__file__).parents[1] / "seeds"
FOLDERS = [Path(name) for name in os.environ.get("CTQA_TEST_FILES", "").split(os.pathsep) if name]
ENCODER = WordEncoder(max_tokens=300)


def documents(folder: Path) -> Iterator[Document]:
    collection = collect([folder])
    for file in collection.files:
        yield from read_file(file, collection.citations).documents


def check(document: Document) -> int:
    config = IndexConfig(passage_tokens=200, overlap_tokens=50)
    passages = split(document, ENCODER.token_ends([document.text])[0], config)
    covered = bytearray(len(document.text))
    for passage in passages:
        assert document.text[passage.start : passage.end] == passage.text
        for sentence in passage.sentences:
            assert document.text[sentence.start : sentence.end].strip()
            assert passage.start <= sentence.start < sentence.end <= passage.end
            covered[sentence.start : sentence.end] = b"\1" * (sentence.end - sentence.start)
    lost = [
        c for c, seen in zip(document.text, covered, strict=True) if not seen and not c.isspace()
    ]
    assert not lost
    mender = Mender(english(), Vocabulary.of([document.text]), document.text)
    copied = with_search_texts(document, with_mended(document, passages, mender), ENCODER)
    for ends in ENCODER.token_ends([passage.search_text for passage in copied]):
        assert len(ends) <= ENCODER.identity.max_tokens
    for passage, copy in zip(passages, copied, strict=True):
        bare = tuple(replace(s, mended="") for s in copy.sentences)
        assert replace(copy, search_text="", sentences=bare) == replace(passage, sentences=bare)
    return len(passages)


def test_every_passage_of_the_seeds_is_a_slice() -> None:
    assert sum(check(document) for document in documents(SEEDS)) > 40


@pytest.mark.data
@pytest.mark.skipif(not FOLDERS, reason="CTQA_TEST_FILES names no folders of real files")
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_passage_of_every_real_file_is_a_slice(folder: Path) -> None:
    assert sum(check(document) for document in documents(folder)) > 0
