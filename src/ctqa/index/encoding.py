"""Encoding what is staged, a batch at a time, while more is read and staged.

Who encodes sees nothing but texts and vectors. Whoever stages also takes the vectors back and puts
them into the cache, over the one connection that writes, whenever there is time: no batch is
looked for before there is room for it, so that memory is bounded whatever waits to be encoded.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass

from ctqa.index.workers import Encoded, Workers
from ctqa.index.writer import CatalogWriter
from ctqa.models import EncoderIdentity

Told = Callable[[int, int], None]  # how many passages are encoded, of how many; of 0: not known yet

_BATCH_S = 1.0  # that a batch should take: what a kill costs, and what Ctrl-C waits for
_FIRST, _LEAST, _MOST = 32, 16, 512  # texts of a batch
_LOOK_S = 0.2  # between two looks at what is waited for: on Windows nothing else ends a wait


@dataclass(frozen=True, slots=True)
class _Batch:
    texts: Sequence[str]
    encoded: "Future[Encoded]"


class Encoding:
    """Has the passages of one build to come encoded, each text once."""

    def __init__(
        self,
        catalog: CatalogWriter,
        build: int,
        identity: EncoderIdentity,
        workers: Workers,
        progress: Told,
    ) -> None:
        self._catalog = catalog
        self._build = build
        self._identity = identity
        self._workers = workers
        self._progress = progress
        self._batches: list[_Batch] = []
        self._in_hand: set[str] = set()  # the texts of all batches
        self._last = 0  # the key of the last passage that was looked at
        self._size = _FIRST
        self._staged_in_all = 0  # passages; 0: not known yet
        self._passed_over = 0  # passages whose text was encoded before, or stands in another one
        self.encoded = 0

    def go_on(self) -> None:
        """Keep what is encoded by now, and have more of what is staged encoded; wait for nothing.

        Whatever the encoder raised is raised here.
        """
        self._keep_done()
        self._hand_over()

    def finish(self) -> int:
        """Encode all that is left of what is staged; give how many texts were encoded in all."""
        self._staged_in_all = self._catalog.count_staged(self._build)
        self._hand_over()
        self._tell()
        while self._batches:
            while not self._keep_done():
                pending = [batch.encoded for batch in self._batches]
                wait(pending, timeout=_LOOK_S, return_when=FIRST_COMPLETED)
            self._hand_over()
        self._progress(self.encoded, self.encoded)
        return self.encoded

    def _keep_done(self) -> bool:
        """Keep what is encoded by now; tell whether any was."""
        done = [batch for batch in self._batches if batch.encoded.done()]
        for batch in done:
            self._batches.remove(batch)
            self._keep(batch)
        return bool(done)

    def _keep(self, batch: _Batch) -> None:
        found = batch.encoded.result()
        self._catalog.cache_vectors(self._identity, batch.texts, found.vectors)
        self._in_hand.difference_update(batch.texts)
        self.encoded += len(batch.texts)
        self._tell()
        wanted = round(_BATCH_S * len(batch.texts) / max(found.seconds, 1e-3))
        self._size = max(_LEAST, min(_MOST, wanted, 2 * self._size))

    def _tell(self) -> None:
        """Tell what is encoded and kept, and of how many passages."""
        known = self._staged_in_all > 0
        self._progress(self.encoded, self._staged_in_all - self._passed_over if known else 0)

    def _hand_over(self) -> None:
        room = self._workers.room
        while len(self._batches) < room:
            texts = self._next()
            if not texts:
                return
            self._in_hand.update(texts)
            self._batches.append(_Batch(texts, self._workers.encode(texts)))

    def _next(self) -> list[str]:
        """Give the next texts that are in no cache and in no batch, each once."""
        found: dict[str, None] = {}
        for text in self._staged():
            if text is None or text in self._in_hand or text in found:
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
