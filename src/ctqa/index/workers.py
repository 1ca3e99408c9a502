"""Who reads, splits and encodes for a build: this machine, unless it has others to do it."""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from ctqa.config import IndexConfig
from ctqa.index.mend import Vocabulary
from ctqa.index.splitting import split_documents
from ctqa.index.staged import SplitDocument
from ctqa.models import Encoder, Vectors
from ctqa.records import Document, SourceFile
from ctqa.sources import Citations, FoundFile, ReadOptions
from ctqa.sources.isolated import Meanwhile, Readers

AT_ONCE = min(4, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2)
"""Files that this machine reads side by side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFile:
    """What became of a file; `split` holds its documents' passages where they are there already."""

    file: SourceFile
    split: tuple[SplitDocument, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """What encoding a batch of texts gave."""

    vectors: Vectors  # (n, d)
    seconds: float  # that it took


class Workers(Protocol):
    """Whoever does the work of a build that needs no catalog; the same bytes whoever it is."""

    @property
    def room(self) -> int:
        """How many batches of texts may be in hand at a time."""
        ...

    def read(
        self,
        files: Sequence[FoundFile],
        citations: Citations,
        options: ReadOptions,
        meanwhile: Meanwhile,
    ) -> Iterator[ReadFile]:
        """Read files, several at once, and give them in their order."""
        ...

    def split(
        self, documents: Iterable[Document], vocabulary: Vocabulary
    ) -> Iterator[SplitDocument]:
        """Split documents of one file, whose words are `vocabulary`, and give them in order."""
        ...

    def encode(self, texts: Sequence[str]) -> "Future[Encoded]":
        """Have a batch of texts encoded."""
        ...

    def close(self) -> None:
        """Give up whatever is in hand; nobody waits for it."""
        ...


class LocalWorkers:
    """The local machine: children read the files, and a thread of its own encodes the texts."""

    room = 2  # one batch is encoded, and one lies ready

    def __init__(self, encoder: Encoder, config: IndexConfig) -> None:
        self._encoder = encoder
        self._config = config
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="encoder")

    def read(
        self,
        files: Sequence[FoundFile],
        citations: Citations,
        options: ReadOptions,
        meanwhile: Meanwhile,
    ) -> Iterator[ReadFile]:
        """Read files, several at once, and give them in their order."""
        with Readers(options, at_once=AT_ONCE, meanwhile=meanwhile) as readers:
            for file in readers.read(files, citations):
                yield ReadFile(file=file)

    def split(
        self, documents: Iterable[Document], vocabulary: Vocabulary
    ) -> Iterator[SplitDocument]:
        """Split documents, each when it is asked for."""
        return split_documents(documents, vocabulary, self._encoder, self._config)

    def encode(self, texts: Sequence[str]) -> "Future[Encoded]":
        """Have a batch of texts encoded."""
        return self._pool.submit(timed, self._encoder.encode_passages, texts)

    def close(self) -> None:
        """Have the thread end after the batch it is at, which nobody waits for."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def timed(encode: Callable[[Sequence[str]], Vectors], texts: Sequence[str]) -> Encoded:
    """Encode texts, and say how long it took."""
    start = time.monotonic()
    vectors = encode(texts)
    return Encoded(vectors=vectors, seconds=time.monotonic() - start)
