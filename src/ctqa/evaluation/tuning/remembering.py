"""An index and models that remember: many settings are tried on a question for the price of one."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from ctqa.answering.cached import CachedReranker
from ctqa.index.local import LocalIndex
from ctqa.models import (
    Encoder,
    EncoderIdentity,
    Marked,
    Reading,
    Reranker,
    RerankerIdentity,
    Scores,
    Trunk,
    Vectors,
    trunk_of,
)

Ranked = list[tuple[int, float]]
_KEPT = 256  # questions


class RememberingIndex(LocalIndex):
    """An opened index that retrieves once for a question, as deep as it will ever be asked.

    The best few of a deep list are the short list, so nothing changes but the time. Segments that
    are searched approximately may find a little more than a shorter list would.
    """

    _depth: int
    _dense: dict[bytes, Ranked]
    _lexical: dict[str, Ranked]
    _cosines: dict[bytes, dict[int, float]]

    @classmethod
    def over(cls, index: LocalIndex, depth: int) -> Self:
        """Take over an opened index, which must not be used any more; `depth` is the most asked."""
        made = cls(index._catalog, index.build, index._opened)
        made._depth = depth
        made._dense, made._lexical, made._cosines = {}, {}, {}
        return made

    def dense(
        self, queries: Vectors, k: int, within: Sequence[int] | None = None
    ) -> list[list[tuple[int, float]]]:
        """Find the `k` nearest passages to each query, (n, d), as (key, cosine), best first."""
        if within is not None or k > self._depth:
            return super().dense(queries, k, within)
        _make_room(self._dense)
        fresh = [query for query in queries if query.tobytes() not in self._dense]
        if fresh:
            found = super().dense(np.stack(fresh), self._depth)
            self._dense |= {q.tobytes(): ranked for q, ranked in zip(fresh, found, strict=True)}
        return [self._dense[query.tobytes()][:k] for query in queries]

    def lexical(
        self, question: str, k: int, within: Sequence[int] | None = None
    ) -> list[tuple[int, float]]:
        """Find the `k` passages that best match the question's terms, as (key, BM25)."""
        if within is not None or k > self._depth:
            return super().lexical(question, k, within)
        if question not in self._lexical:
            _make_room(self._lexical)
            self._lexical[question] = super().lexical(question, self._depth)
        return self._lexical[question][:k]

    def dense_scores(self, query: Vectors, keys: Sequence[int]) -> list[float]:
        """Give the cosine of one query, (d,), to each passage."""
        _make_room(self._cosines)
        known = self._cosines.setdefault(query.tobytes(), {})
        fresh = [key for key in keys if key not in known]
        known |= dict(zip(fresh, super().dense_scores(query, fresh), strict=True))
        return [known[key] for key in keys]


class RememberingEncoder:
    """An encoder that encodes a question once."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._known: dict[str, Vectors] = {}

    @property
    def identity(self) -> EncoderIdentity:
        """What the encoder is."""
        return self._encoder.identity

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Encode what is searched, (n, d)."""
        return self._encoder.encode_passages(texts)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Encode what is asked, (n, d)."""
        _make_room(self._known)
        fresh = [text for text in dict.fromkeys(texts) if text not in self._known]
        if fresh:
            self._known |= dict(zip(fresh, self._encoder.encode_queries(fresh), strict=True))
        return np.stack([self._known[text] for text in texts])

    def token_ends(self, texts: Sequence[str]) -> list[list[int]]:
        """Give where the tokens of each text end."""
        return self._encoder.token_ends(texts)


class RememberingReranker:
    """A reranker that several indexes share: what one of them had read, all know."""

    def __init__(self, reranker: Reranker) -> None:
        self._reranker = reranker
        self._cached = CachedReranker(reranker)
        self.identity: RerankerIdentity = reranker.identity

    def trunk(self) -> Trunk:
        """Give what a span reader stands on."""
        return trunk_of(self._reranker)

    def score(self, question: str, texts: Sequence[str]) -> Scores:
        """Give each text's relevance as a raw logit."""
        return np.asarray(self._cached.score(question, texts), dtype=np.float32)

    def readings(
        self, question: str, texts: Sequence[Marked], *, least: Sequence[float] | None = None
    ) -> list[Reading]:
        """Score texts, and estimate what their parts would score alone."""
        return self._cached.readings(question, texts, least=least)


def _make_room(kept: dict[Any, Any]) -> None:
    if len(kept) >= _KEPT:
        kept.clear()
