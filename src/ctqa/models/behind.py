"""Models that are loaded in a thread while other work goes on, and waited for when needed."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from threading import Lock, Thread
from typing import Any, Generic, TypeVar

from ctqa.errors import CtqaError
from ctqa.models.encoder import Encoder, EncoderIdentity, Vectors
from ctqa.models.load import (
    load_encoder,
    load_reranker,
    load_span_reader,
    located,
    located_span_reader,
)
from ctqa.models.reranker import Marked, Reading, Reranker, RerankerIdentity, Scores
from ctqa.models.shared_span_reader import load_shared_span_reader, trunk_of
from ctqa.models.shared_states import Trunk
from ctqa.models.shipped_reader import checked_reader
from ctqa.models.span_reader import MarkedSpans, SpanReader, SpanReaderIdentity, TextSpans

Model = TypeVar("Model")


def begin(work: Callable[[], Model]) -> Callable[[], Model]:
    """Begin with something in a thread; what this gives waits for it, and has its result."""
    pool = ThreadPoolExecutor(1, thread_name_prefix="ctqa-begun")
    begun = pool.submit(work)
    pool.shutdown(wait=False)
    return begun.result


class Behind:
    """Loads what was promised in a thread of its own, one model after the other.

    Not side by side: they share libraries, whose modules import each other in circles.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._started = False
        self._promised: list[Promised[Any]] = []
        self._runtimes: set[str] = set()

    def encoder(
        self, name: str, built: EncoderIdentity, check: Callable[[EncoderIdentity], None]
    ) -> "EncoderBehind":
        """Promise an encoder; until it is loaded, and checked, it is taken to be as `built` says.

        Its name and its weights are compared at once: they tell another model.

        Raises:
            ModelError: it is not on this machine, is damaged, or is no encoder.

        """

        def load() -> Encoder:
            encoder = load_encoder(name, built=built)
            check(encoder.identity)
            return encoder

        spec = located(name, "encoder", built=built).spec
        self._runtimes.add(spec.runtime)
        known = replace(built, name=spec.name, sha256=spec.weights_sha256)
        return EncoderBehind(known, self._promise(load))

    def reranker(self, name: str) -> "RerankerBehind":
        """Promise a reranker.

        Raises:
            ModelError: it is not on this machine, is damaged, or is no reranker.

        """
        spec = located(name, "reranker").spec
        self._runtimes.add(spec.runtime)
        return RerankerBehind(self._promise(partial(load_reranker, name)), spec.weights_sha256)

    def span_reader(self, name: str) -> "SpanReaderBehind":
        """Promise an extractive-QA model.

        Raises:
            ModelError: it is not on this machine, is damaged, or is no extractive-QA model.

        """
        self._runtimes.add(located_span_reader(name).spec.runtime)
        return SpanReaderBehind(self._promise(partial(load_span_reader, name)))

    def shared_span_reader(self, reranker: Reranker) -> SpanReader:
        """Promise CTQA's own span reader over a reranker that is promised; else load it.

        Raises:
            ModelError: there is none, it is damaged, or it stands on other weights.

        """
        if not isinstance(reranker, RerankerBehind):
            return load_shared_span_reader(reranker)
        checked_reader(reranker.sha256)
        return SpanReaderBehind(self._promise(partial(load_shared_span_reader, reranker)))

    def start(self) -> None:
        """Begin to load; who needs a model earlier does the same."""
        with self._lock:
            started, self._started = self._started, True
        if not started:
            Thread(target=self._load, name="ctqa-models", daemon=True).start()

    @property
    def is_apart(self) -> bool:
        """Tell whether loading imports nothing that a page imports as well.

        Two threads that import libraries which share modules may see them half made.
        """
        return self._runtimes <= {"onnx"}

    @property
    def is_over(self) -> bool:
        """Tell whether every model is loaded, or cannot be."""
        return all(promised.is_over for promised in self._promised)

    @property
    def problems(self) -> tuple[str, ...]:
        """Why models could not be loaded."""
        return tuple(filter(None, (promised.problem for promised in self._promised)))

    def _promise(self, load: Callable[[], Model]) -> "Promised[Model]":
        promised = Promised(load, self.start)
        self._promised.append(promised)
        return promised

    def _load(self) -> None:
        for promised in self._promised:
            promised.load()


class Promised(Generic[Model]):
    """One model that is loaded behind."""

    def __init__(self, load: Callable[[], Model], start: Callable[[], None]) -> None:
        self._load = load
        self._start = start
        self._future: Future[Model] = Future()
        self.problem = ""

    def load(self) -> None:
        """Load it; why that fails is told to all who wait for it."""
        try:
            self._future.set_result(self._load())
        except CtqaError as error:
            self.problem = str(error)
            self._future.set_exception(error)
        finally:
            self._future.cancel()  # does nothing where it is over; else who waits would for ever

    def get(self) -> Model:
        """Wait for it.

        Raises:
            CtqaError: it cannot be loaded.

        """
        self._start()
        return self._future.result()

    @property
    def is_over(self) -> bool:
        """Tell whether it is loaded, or cannot be."""
        return self._future.done()


class EncoderBehind:
    """An encoder whose identity is known before it is loaded."""

    def __init__(self, identity: EncoderIdentity, promised: Promised[Encoder]) -> None:
        self._identity = identity
        self._promised = promised

    @property
    def identity(self) -> EncoderIdentity:
        """What this encoder is."""
        return self._identity

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Encode what is searched; float32, shape (n, dimension), rows of unit length."""
        return self._promised.get().encode_passages(texts)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Encode what is asked; float32, shape (n, dimension), rows of unit length."""
        return self._promised.get().encode_queries(texts)

    def token_ends(self, texts: Sequence[str]) -> list[list[int]]:
        """Give, for each text, the character offset at which each of its tokens ends."""
        return self._promised.get().token_ends(texts)


class RerankerBehind:
    """A reranker that is waited for; its weights are known before."""

    def __init__(self, promised: Promised[Reranker], sha256: str) -> None:
        self._promised = promised
        self.sha256 = sha256

    @property
    def identity(self) -> RerankerIdentity:
        """What this reranker is."""
        return self._promised.get().identity

    def score(self, question: str, texts: Sequence[str]) -> Scores:
        """Give each text's relevance, a raw logit; float32, shape (n,), in the texts' order."""
        return self._promised.get().score(question, texts)

    def readings(
        self, question: str, texts: Sequence[Marked], *, least: Sequence[float] | None = None
    ) -> list[Reading]:
        """Score texts, and estimate what their parts would score alone."""
        return self._promised.get().readings(question, texts, least=least)

    def trunk(self) -> Trunk:
        """Give what a span reader stands on."""
        return trunk_of(self._promised.get())


class SpanReaderBehind:
    """An extractive-QA model that is waited for."""

    def __init__(self, promised: Promised[SpanReader]) -> None:
        self._promised = promised

    @property
    def identity(self) -> SpanReaderIdentity:
        """What this reader is."""
        return self._promised.get().identity

    def read(self, question: str, texts: Sequence[str]) -> list[TextSpans]:
        """Give each text's best spans, in the order of the texts."""
        return self._promised.get().read(question, texts)

    def mark(self, question: str, texts: Sequence[Marked]) -> list[MarkedSpans]:
        """Give the best span within each part of each text, in the order of the texts."""
        return self._promised.get().mark(question, texts)
