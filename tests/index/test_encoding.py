"""Encoding beside reading: overlapped, each text once, and nothing of it lost."""

import json
import multiprocessing
import signal
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

import pytest
from encoders import WordEncoder
from hypothesis import given, settings
from hypothesis import strategies as st
from library import build, build_and_die, open_qa, write_texts

from ctqa.config import IndexConfig
from ctqa.errors import ModelError
from ctqa.index.encoding import Encoding
from ctqa.index.staged import SplitDocument
from ctqa.index.verify import verify_index
from ctqa.index.workers import LocalWorkers
from ctqa.index.writer import CatalogWriter
from ctqa.models import Vectors
from ctqa.records import Document, Page, Passage, Source, SourceFile
from ctqa.sources import FoundFile

LONG_S = 60.0
MANY = 600  # documents of one file: some transactions


class Awaited(WordEncoder):
    """Tells when the first texts come to be encoded; waits for that at the last document."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = Event()
        self.began_in_time = False

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        self.begun.set()
        return super().encode_passages(texts)

    def token_ends(self, texts: Sequence[str]) -> list[list[int]]:
        if any("The last" in text for text in texts):
            self.began_in_time = self.begun.wait(LONG_S)
        return super().token_ends(texts)


class Failing(WordEncoder):
    """Fails at the last text."""

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        if any("The last" in text for text in texts):
            raise ModelError("the model cannot be run")
        return super().encode_passages(texts)


def corpus(folder: Path, count: int = MANY) -> Path:
    texts = [f"The depth of lake {n} is {n} metres." for n in range(count - 1)]
    lines = [
        json.dumps({"_id": f"d{n}", "title": "", "text": text})
        for n, text in enumerate([*texts, "The last lake is dry."])
    ]
    return write_texts(folder, {"corpus.jsonl": "\n".join(lines)})


def test_encoding_begins_before_the_last_file_is_split(tmp_path: Path) -> None:
    texts = {f"{n}.txt": f"Lake {n} is {n} metres deep." for n in range(6)}
    encoder = Awaited()
    build(write_texts(tmp_path / "d", texts | {"z.txt": "The last one."}), tmp_path / "i", encoder)
    assert encoder.began_in_time
    assert len(encoder.encoded) == 7


def test_encoding_begins_before_a_large_file_is_staged(tmp_path: Path) -> None:
    encoder = Awaited()
    report = build(corpus(tmp_path / "documents"), tmp_path / "index", encoder)
    assert encoder.began_in_time
    assert report.encoded == report.passages == len(encoder.encoded) == MANY


def test_progress_tells_a_total_once_everything_is_read(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    build(
        corpus(tmp_path / "documents"),
        tmp_path / "index",
        progress=lambda *each: told.append(each),
    )
    read = told.index(("read", 1, 1))
    before = [each for each in told[:read] if each[0] == "encode"]
    after = [each for each in told[read:] if each[0] == "encode"]
    assert all(total == 0 for _, _, total in before)
    assert {total for _, _, total in after} == {MANY}
    assert after[-1] == ("encode", MANY, MANY)
    counts = [done for stage, done, _ in told if stage == "encode"]
    assert counts == sorted(counts)


def test_what_the_encoder_raises_ends_the_build_and_the_next_one_goes_on(tmp_path: Path) -> None:
    documents, index = corpus(tmp_path / "documents", 100), tmp_path / "index"
    failing = Failing()
    with pytest.raises(ModelError, match="cannot be run"):
        build(documents, index, failing)
    encoder = WordEncoder()
    assert build(documents, index, encoder).passages == 100
    assert failing.encoded
    assert not set(failing.encoded) & set(encoder.encoded)


def test_a_file_that_was_staged_in_part_is_staged_again_and_not_encoded_again(
    tmp_path: Path,
) -> None:
    documents, index = corpus(tmp_path / "documents"), tmp_path / "index"
    build(write_texts(tmp_path / "first", {"a.txt": "Nobody fishes there."}), index)
    process = multiprocessing.get_context("spawn").Process(
        target=build_and_die, args=("_stage_portion", documents, index, 2)
    )
    process.start()
    process.join(LONG_S)
    assert process.exitcode == -signal.SIGKILL
    with closing(CatalogWriter.open(index)) as catalog:
        assert 0 < catalog.count_staged(2) < MANY
    assert verify_index(index, encoder=None).findings == ()
    encoder = WordEncoder()
    report = build(documents, index, encoder)
    assert report.passages == MANY
    assert report.encoded == len(encoder.encoded)
    assert verify_index(index, encoder=None).findings == ()
    qa = open_qa(index)
    assert len(list(qa.documents())) == MANY
    qa.close()


def staged(catalog: CatalogWriter, name: str, texts: Sequence[str]) -> None:
    """Stage a file with a document of one passage for each text."""
    path = Path(f"{name}.txt")
    splits = [_split(f"{name}-{n}", text) for n, text in enumerate(texts)]
    read = SourceFile(
        path=str(path),
        sha256=name,
        size=1,
        state="read",
        documents=tuple(each.document for each in splits),
    )
    found = FoundFile(path=path, id=path.name, size=1)
    catalog.stage_file(1, found, read, "recipe", splits)


def _split(name: str, text: str) -> SplitDocument:
    page = Page(number=1, start=0, end=len(text))
    source = Source(id=name, path=name, sha256=name, title="")
    passage = Passage(
        id=name,
        document_id=name,
        start=0,
        end=len(text),
        text=text,
        page=1,
        section=(),
        sentences=(),
        search_text=text,
    )
    return SplitDocument(
        document=Document(source=source, text=text, pages=(page,)), passages=(passage,)
    )


@settings(max_examples=30)
@given(st.lists(st.tuples(st.lists(st.integers(0, 60), max_size=80), st.booleans()), max_size=6))
def test_each_text_is_encoded_once_whenever_it_comes_and_all_are(
    files: list[tuple[list[int], bool]],
) -> None:
    encoder = WordEncoder()
    texts = {f"lake {number}" for numbers, _ in files for number in numbers}
    with TemporaryDirectory() as folder, closing(CatalogWriter.open(Path(folder))) as catalog:
        with closing(LocalWorkers(encoder, IndexConfig())) as workers:
            encoding = Encoding(catalog, 1, encoder.identity, workers, lambda *_: None)
            for place, (numbers, looked_at) in enumerate(files):
                staged(catalog, f"{place}", [f"lake {number}" for number in numbers])
                if looked_at:
                    encoding.go_on()
            assert encoding.finish() == len(texts)
        assert sorted(encoder.encoded) == sorted(texts)
        assert catalog.unencoded(1, encoder.identity) == []
        with closing(LocalWorkers(encoder, IndexConfig())) as workers:
            again = Encoding(catalog, 1, encoder.identity, workers, lambda *_: None)
            assert again.finish() == 0
