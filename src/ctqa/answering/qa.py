"""The QA object: one opened index, one encoder, any number of questions."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from ctqa.answering.judge import judge
from ctqa.answering.read import PlainReader, Reader, RerankedReader
from ctqa.answering.rerank import CachedReranker, rerank
from ctqa.answering.retrieve import retrieve
from ctqa.config import SearchConfig
from ctqa.errors import ConfigError, ModelError
from ctqa.index.local import IndexStatus, LocalIndex, open_index
from ctqa.models import Encoder, Reranker, Vectors, load_encoder, load_reranker
from ctqa.records import Document, Hit, Reply, Source

MAX_QUESTION_CHARS = 20_000
Result = TypeVar("Result")


class QA:
    """Answers questions over one build of an index; threads may share it."""

    def __init__(
        self,
        index: LocalIndex,
        encoder: Encoder,
        reranker: Reranker | None,
        config: SearchConfig,
        notices: tuple[str, ...] = (),
    ) -> None:
        self._index = index
        self._encoder = encoder
        self._reranker = None if reranker is None else CachedReranker(reranker)
        self._plain = PlainReader(index, encoder)
        self.config = config
        self.notices = notices  # what the user should know of this QA, a line each

    @classmethod
    def load(
        cls,
        folder: Path,
        config: SearchConfig | None = None,
        *,
        encoder: Encoder | None = None,
        reranker: Reranker | None = None,
    ) -> "QA":
        """Open an index; None loads the encoder that it was built with and the config's reranker.

        Where that reranker is not on this machine, hits stay in their fused order, and `notices`
        says so.

        Raises:
            IndexLoadError: there is no usable index, or it was built with another encoder.
            ModelError: the encoder is not on this machine.

        """
        index = open_index(folder)
        try:
            if encoder is None:
                encoder = load_encoder(str(index.build.config["encoder"]))
            index.check_encoder(encoder.identity)
        except BaseException:
            index.close()
            raise
        settings = SearchConfig() if config is None else config
        notices: tuple[str, ...] = ()
        if reranker is None and settings.rerank > 0:
            reranker, notices = _reranker_at_hand(settings.reranker)
        return cls(index, encoder, reranker, settings, notices)

    def close(self) -> None:
        """Let go of the index's files."""
        self._index.close()

    @property
    def build(self) -> int:
        """The number of the build that answers."""
        return self._index.build.number

    def ask(
        self, question: str, *, id: str | None = None, config: SearchConfig | None = None
    ) -> Reply:
        """Answer a question in the documents' own words, or say that they do not answer it.

        `id` is handed through to the reply; `config` stands in for the QA's own for this question.

        Raises:
            ConfigError: the question is empty or longer than `MAX_QUESTION_CHARS`.

        """
        settings = self.config if config is None else config
        clock = _Clock()
        asked = _checked(question)
        queries = clock.time("encode", lambda: self._encoder.encode_queries([asked]))  # (1, d)
        (fused,) = clock.time("retrieve", lambda: self._fused([asked], queries, settings))
        hits = clock.time("rerank", lambda: self._reranked(asked, fused, settings))
        reader = self._reader(settings)
        found = clock.time("read", lambda: reader.read(asked, queries[0], hits))
        return Reply(
            id=id,
            question=question,
            answers=judge(found, settings),
            hits=hits,
            pages_unread=self._index.pages_unread,
            build=self.build,
            elapsed_ms=clock.elapsed_ms(),
        )

    def search(self, question: str, *, config: SearchConfig | None = None) -> tuple[Hit, ...]:
        """Find the passages nearest to a question, best first, without reading them."""
        return self.search_many([question], config=config)[0]

    def search_many(
        self, questions: Sequence[str], *, config: SearchConfig | None = None
    ) -> list[tuple[Hit, ...]]:
        """Search for many questions; the same hits as one by one, encoded together."""
        settings = self.config if config is None else config
        asked = [_checked(question) for question in questions]
        queries = self._encoder.encode_queries(asked)  # (n, d)
        fused = self._fused(asked, queries, settings)
        return [
            self._reranked(question, hits, settings)
            for question, hits in zip(asked, fused, strict=True)
        ]

    def _fused(
        self, questions: list[str], queries: Vectors, config: SearchConfig
    ) -> list[tuple[Hit, ...]]:
        """Retrieve as many hits as will be reranked or shown, whichever is more."""
        wanted = replace(config, passages=max(config.passages, config.rerank))
        return retrieve(self._index, questions, queries, wanted)

    def _reranked(
        self, question: str, hits: tuple[Hit, ...], config: SearchConfig
    ) -> tuple[Hit, ...]:
        if self._reranker is not None and config.rerank > 0:
            hits = rerank(self._reranker, question, hits, config.rerank)
        return hits[: config.passages]

    def _reader(self, config: SearchConfig) -> Reader:
        if self._reranker is None or config.rerank == 0:
            return self._plain
        return RerankedReader(self._reranker)

    def documents(self) -> tuple[Source, ...]:
        """List the documents in the order of their ids."""
        return self._index.sources()

    def document(self, document_id: str) -> Document:
        """Fetch a document with its text, pages and sections.

        Raises:
            ConfigError: the index holds no document of that id.

        """
        found = self._index.document(document_id)
        if found is None:
            raise ConfigError(f"no document {document_id!r} in build {self.build}")
        return found

    def text_of(self, document_id: str) -> str:
        """Fetch a document's text."""
        return self.document(document_id).text

    def status(self) -> IndexStatus:
        """Sum up what the index holds."""
        return self._index.status()


class _Clock:
    def __init__(self) -> None:
        self._started = time.perf_counter()
        self._stages: dict[str, float] = {}

    def time(self, stage: str, work: Callable[[], Result]) -> Result:
        started = time.perf_counter()
        result = work()
        self._stages[stage] = (time.perf_counter() - started) * 1000
        return result

    def elapsed_ms(self) -> dict[str, float]:
        total = (time.perf_counter() - self._started) * 1000
        return {name: round(ms, 2) for name, ms in (self._stages | {"total": total}).items()}


def _reranker_at_hand(name: str) -> tuple[Reranker | None, tuple[str, ...]]:
    try:
        return load_reranker(name), ()
    except ModelError as error:
        return None, (f"answers are not reranked, and less good for it: {error}",)


def _checked(question: str) -> str:
    """Refuse what cannot be a question; characters that no file can hold are replaced."""
    if not question.strip():
        raise ConfigError("the question is empty")
    if len(question) > MAX_QUESTION_CHARS:
        raise ConfigError(
            f"the question has {len(question)} characters; at most {MAX_QUESTION_CHARS} are read"
        )
    return question.encode(errors="replace").decode().replace("\0", " ")
