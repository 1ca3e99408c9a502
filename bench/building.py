"""What building costs besides encoding, stage by stage; how stages overlap; how it all grows.

    python -m bench.building [PASSAGES…]

Of passages of some hundred words in files of the BEIR form. CPU counts every process and thread.
Where the encoder would take all the time, one stands in that has the default encoder's tokens and
gives each text a vector that costs nothing.
"""

import shutil
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from functools import partial
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

import numpy as np

from bench.common import OUT, Table, run
from bench.growth import apart
from bench.growth_corpus import write_corpus
from bench.growth_measures import clock, status_mb
from ctqa import IndexConfig
from ctqa.index.build import build_index
from ctqa.index.derive import commit_build
from ctqa.index.english import english
from ctqa.index.mend import Mender, Vocabulary
from ctqa.index.rows import Build
from ctqa.index.searchable import with_mended, with_search_texts
from ctqa.index.staged import SplitDocument
from ctqa.index.writer import CatalogWriter
from ctqa.models import Encoder, EncoderIdentity, Vectors, load_encoder
from ctqa.records import Document, Passage, SourceFile
from ctqa.sources import FoundFile, collect
from ctqa.sources.isolated import Readers
from ctqa.sources.splitter import split

Result = TypeVar("Result")

FOLDER = OUT / "building"
SIZES = (100, 300, 1_000, 3_000, 10_000)
_STAGED = 2_000  # passages that are taken through the stages one after the other
_ENCODED = 200  # of them encoded, which takes the longest
_OVERLAPPED = 400  # passages of a build with the real encoder
_ROUNDS = 3


class Placed:
    """Has the default encoder's tokens, and gives each text a vector that its hash names."""

    def __init__(self) -> None:
        self._encoder = load_encoder(IndexConfig().encoder)

    @property
    def identity(self) -> EncoderIdentity:
        """What the default encoder is: nothing that is built by this one is kept."""
        return self._encoder.identity

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Place texts, (n, d): in few directions, as real vectors lie."""
        found = np.zeros((len(texts), self.identity.dimension), dtype=np.float32)
        for row, text in zip(found, texts, strict=True):
            row[:64] = np.frombuffer(blake2b(text.encode()).digest(), dtype=np.uint8)
        found[:, :64] -= 127.5
        scaled: Vectors = found / np.linalg.norm(found, axis=1, keepdims=True)
        return scaled

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Place texts, (n, d)."""
        return self.encode_passages(texts)

    def token_ends(self, texts: Sequence[str]) -> list[list[int]]:
        """Give, for each text, where its tokens end."""
        return self._encoder.token_ends(texts)


@dataclass(slots=True)
class Watched:
    """The default encoder, which notes when it was at work."""

    encoder: Encoder = field(default_factory=lambda: load_encoder(IndexConfig().encoder))
    spans: list[tuple[float, float]] = field(default_factory=list)

    @property
    def identity(self) -> EncoderIdentity:
        """What the default encoder is."""
        return self.encoder.identity

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Encode, and note from when to when."""
        began = time.perf_counter()
        found = self.encoder.encode_passages(texts)
        self.spans.append((began, time.perf_counter()))
        return found

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Encode what is asked."""
        return self.encoder.encode_queries(texts)

    def token_ends(self, texts: Sequence[str]) -> list[list[int]]:
        """Give, for each text, where its tokens end."""
        return self.encoder.token_ends(texts)


def main() -> None:
    """Measure the stages, the overlap, and the growth."""
    sizes = [int(size) for size in sys.argv[1:]] or SIZES
    for count in {*sizes, _STAGED, _OVERLAPPED}:
        write_corpus(_documents(count), count)
    stages = Table("building-stages", ("stage", f"CPU ms a passage, of {_STAGED:,}"))
    for stage, cost in _medians([apart(staged, _STAGED) for _ in range(_ROUNDS)]).items():
        stages.add(stage, cost)
    whole = Table("building-overlap", ("a build with the default encoder", "figure"))
    for what, figure in _medians([apart(overlapped, _OVERLAPPED) for _ in range(_ROUNDS)]).items():
        whole.add(what, figure)
    growth = Table("building-growth", ("passages", "CPU ms a passage", "peak MB"))
    for count in sizes:
        found = _medians([apart(grown, count) for _ in range(_ROUNDS)])
        growth.add(f"{count:,}", *found.values())


def staged(count: int) -> dict[str, float]:
    """Take a corpus through the stages one after the other; give the CPU ms of each a passage."""
    encoder, config, index = load_encoder(IndexConfig().encoder), IndexConfig(), _index("staged")
    english().frequency("word")
    found: dict[str, float] = {}
    timed = partial(_timed, found)
    files = timed("read", lambda: _read(count))
    documents = [document for _, file in files for document in file.documents]
    vocabulary = timed("mend", lambda: Vocabulary.of(each.text for each in documents))
    ends = timed("tokens", lambda: [encoder.token_ends([each.text])[0] for each in documents])
    cut = timed(
        "split", lambda: [split(*each, config) for each in zip(documents, ends, strict=True)]
    )
    mended = timed(
        "mend", lambda: [_mended(*each, vocabulary) for each in zip(documents, cut, strict=True)]
    )
    ready = timed(
        "search copies",
        lambda: [
            SplitDocument(document=document, passages=with_search_texts(document, some, encoder))
            for document, some in zip(documents, mended, strict=True)
        ],
    )
    passages = sum(len(each.passages) for each in ready)
    texts = [passage.search_text for each in ready for passage in each.passages]
    with closing(CatalogWriter.open(index)) as catalog:
        found_file, file = files[0]  # all stand for one file's
        timed("stage", lambda: catalog.stage_file(1, found_file, file, "recipe", ready))
        vectors = Placed().encode_passages(texts)
        timed("cache", lambda: catalog.cache_vectors(encoder.identity, texts, vectors))
        timed("derive", lambda: _derive(catalog, encoder.identity, config))
    some = texts[:: max(1, len(texts) // _ENCODED)]
    timed("encode", lambda: encoder.encode_passages(some))
    costs = {stage: 1000 * cpu / passages for stage, cpu in found.items()}
    encoding = costs.pop("encode") * passages / len(some)
    return costs | {"all but encoding": sum(costs.values()), "encode": encoding}


def _timed(found: dict[str, float], stage: str, work: Callable[[], Result]) -> Result:
    """Do something, and add the CPU seconds that it took to those of its stage."""
    _, start = clock()
    done = work()
    found[stage] = found.get(stage, 0.0) + clock()[1] - start
    return done


def overlapped(count: int) -> dict[str, float]:
    """Build with the default encoder; say how busy the cores were, and how soon."""
    encoder = Watched()
    start = clock()
    report = _build(count, encoder, _index("overlapped"))
    wall, cpu = (now - then for now, then in zip(clock(), start, strict=True))
    busy = sum(end - began for began, end in encoder.spans)
    return {
        "passages": float(report),
        "wall, s": wall,
        "CPU, s": cpu,
        "cores busy": cpu / wall,
        "passages a CPU second": report / cpu,
        "encoding begins after, s": encoder.spans[0][0] - start[0],
        "of the wall, encoding": busy / wall,
    }


def grown(count: int) -> dict[str, float]:
    """Build with an encoder that costs nothing; give CPU ms a passage, and peak memory."""
    encoder = Placed()
    _, start = clock()
    passages = _build(count, encoder, _index(f"{count}"))
    cpu = clock()[1] - start
    return {"cpu": 1000 * cpu / passages, "peak": status_mb()["VmHWM"]}


def _build(count: int, encoder: Encoder, index: Path) -> int:
    files = collect([_documents(count)])
    report = build_index(
        files, index, encoder=encoder, config=IndexConfig(), progress=lambda *_: None
    )
    return report.passages


def _documents(count: int) -> Path:
    return FOLDER / f"documents-{count}"


def _index(name: str) -> Path:
    """Give an empty folder: what is measured begins with nothing."""
    folder = FOLDER / f"index-{name}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _read(count: int) -> list[tuple[FoundFile, SourceFile]]:
    collection = collect([_documents(count)])
    with Readers() as readers:
        read = readers.read(collection.files, collection.citations)
        return list(zip(collection.files, read, strict=True))


def _mended(
    document: Document, passages: Sequence[Passage], vocabulary: Vocabulary
) -> tuple[Passage, ...]:
    return with_mended(document, passages, Mender(english(), vocabulary, document.text))


def _derive(catalog: CatalogWriter, encoder: EncoderIdentity, config: IndexConfig) -> None:
    build = Build(
        number=1,
        created_at="",
        roots=(),
        config=asdict(config),
        encoder=encoder,
        libraries={"ctqa": version("ctqa")},
        checksums={},
        counts=catalog.counts(1),
    )
    commit_build(catalog, build, before=None, encoder=None, progress=lambda *_: None)


def _medians(rounds: Sequence[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}


run(main, __name__)
