"""Encoding what is staged, in a thread of its own, while more is read and staged.

The thread sees nothing but texts and vectors. Whoever stages also takes the vectors back and puts
them into the cache, over the one connection that writes, whenever there is time: no batch is
looked for before there is room for it, so that memory is bounded whatever waits to be encoded.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Self

from ctqa.index.writer import CatalogWriter
from ctqa.models import Encoder, Vectors

Told = Callable[[int, int], None]  # how many passages are encoded, of how many; of 0: not known yet

_BATCH_S = 1.0  # that a batch should take: what a kill costs, and what Ctrl-C waits for
_FIRST, _LEAST, _MOST = 32, 16, 512  # texts of a batch
_WAITING = 2  # batches: one is encoded, and one lies ready
_LOOK_S = 0.2  # between two looks at what is waited for: on Windows nothing else ends a wait


@dataclass(frozen=True, slots=True)
class _Batch:
    texts: Sequence[str]
    vectors: "Future[tuple[Vectors, float]]"  # and the seconds that they took


class Encoding:
    """Encodes the passages of one build to come; a context manager, which ends its thread."""

    def __init__(
        self, catalog: CatalogWriter, build: int, encoder: Encoder, progress: Told
    ) -> None:
        self._catalog = catalog
        self._build = build
        self._encoder = encoder
        self._identity = encoder.identity
        self._progress = progress
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="encoder")
        self._batches: deque[_Batch] = deque()
        self._last = 0  # the key of the last passage that was looked at
        self._size = _FIRST
        self._passed_over = 0  # passages whose text was encoded before, or stands in another one
        self.encoded = 0

    def __enter__(self) -> Self:
        """Start nothing yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """Have the thread end after the batch it is at, which nobody waits for."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def go_on(self) -> None:
        """Keep what is encoded by now, and have more of what is staged encoded; wait for nothing.

        Whatever the encoder raised is raised here.
        """
        while self._batches and self._batches[0].vectors.done():
            self._keep(self._batches.popleft())
            self._progress(self.encoded, 0)
        self._hand_over()

    def finish(self) -> int:
        """Encode all that is left of what is staged; give how many texts were encoded in all."""
        staged = self._catalog.count_staged(self._build)
        self._hand_over()
        while self._batches:
            self._progress(self.encoded, staged - self._passed_over)
            batch = self._batches.popleft()
            while not batch.vectors.done():
                wait([batch.vectors], timeout=_LOOK_S)
            self._keep(batch)
            self._hand_over()
        self._progress(self.encoded, self.encoded)
        return self.encoded

    def _keep(self, batch: _Batch) -> None:
        vectors, seconds = batch.vectors.result()
        self._catalog.cache_vectors(self._identity, batch.texts, vectors)
        self.encoded += len(batch.texts)
        wanted = round(_BATCH_S * len(batch.texts) / max(seconds, 1e-3))
        self._size = max(_LEAST, min(_MOST, wanted, 2 * self._size))

    def _hand_over(self) -> None:
        while len(self._batches) < _WAITING:
            texts = self._next()
            if not texts:
                return
            self._batches.append(_Batch(texts, self._pool.submit(self._encode, texts)))

    def _encode(self, texts: Sequence[str]) -> tuple[Vectors, float]:
        start = time.monotonic()
        return self._encoder.encode_passages(texts), time.monotonic() - start

    def _next(self) -> list[str]:
        """Give the next texts that are in no cache and in no batch, each once."""
        in_hand = {text for batch in self._batches for text in batch.texts}
        found: dict[str, None] = {}
        for text in self._staged():
            if text is None or text in in_hand or text in found:
                self._passed_over += 1
            else:
                found[text] = None
            if len(found) == self._size:
                break
        return list(found)

    def _staged(self) -> Iterator[str | None]:
        """Go on through what is staged: the texts, None for one that is in the cache."""
        while True:
            rows = self._catalog.staged_texts(
                self._build, self._identity, after=self._last, most=self._size
            )
            for key, text in rows:
                self._last = key
                yield text
            if len(rows) < self._size:
                return
