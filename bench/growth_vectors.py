"""Vectors for a corpus of any size, near real ones: how wide the noise between them has to be.

A text gets the vector of a real sentence that its hash names, moved along the difference of two
others: noise that spreads as real vectors do, in few directions. At the scale chosen, a text's
tenth neighbour is as near as among so many real sentences (.70), a question's a little farther
(.57 for .61): somewhat harder to search than real vectors are.
"""

import json
import os
from collections.abc import Iterator, Sequence
from functools import cache
from hashlib import blake2b, sha256
from pathlib import Path
from random import Random
from re import compile as pattern

import numpy as np

from bench.common import OUT, Table, run
from ctqa import IndexConfig
from ctqa.models import EncoderIdentity, Vectors, load_encoder

FOLDER = OUT / "growth"
SCALE = 0.4
QUESTIONS = 300
_SEED = 12
_SENTENCES = 40_000
_BATCH = 512
_END = pattern(r"(?<=[.!?])\s+")
_WORD = pattern(r"\S+")
_ASKED = ("policyqa", "scifact_train", "squad11_dev", "wikiqa")
_RANKS = (1, 10, 100, 1000)
_SCALES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7)


class GrowthEncoder:
    """Gives a text the vector that its hash names: the same text, the same vector."""

    def __init__(self, scale: float = SCALE, vectors: Vectors | None = None) -> None:
        self._vectors = real_vectors() if vectors is None else vectors
        self._scale = np.float32(scale)

    @property
    def identity(self) -> EncoderIdentity:
        """What it is; the scale is part of it."""
        return EncoderIdentity(
            name="growth",
            sha256=sha256(f"{self._scale} {len(self._vectors)}".encode()).hexdigest(),
            dimension=self._vectors.shape[1],
            pooling="mean",
            max_tokens=512,
        )

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Place texts among the real vectors, (n, d)."""
        digests = b"".join(blake2b(text.encode(), digest_size=24).digest() for text in texts)
        places = np.frombuffer(digests, dtype="<u8").reshape(-1, 3) % len(self._vectors)  # (n, 3)
        home, ahead, behind = (self._vectors[column] for column in places.T)
        return unit(home + self._scale * (ahead - behind))

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Place texts among the real vectors, (n, d)."""
        return self.encode_passages(texts)

    def token_ends(self, texts: Sequence[str]) -> list[list[int]]:
        """Give, for each text, where its words end."""
        return [[match.end() for match in _WORD.finditer(text)] for text in texts]


def unit(vectors: Vectors) -> Vectors:
    """Bring vectors, (n, d), to length 1."""
    scaled: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return scaled


@cache
def sentences() -> tuple[str, ...]:
    """Give the distinct sentences of all collections, neighbours beside each other."""
    found: dict[str, None] = {}
    for text in _texts("corpus.jsonl"):
        found |= dict.fromkeys(each for each in _END.split(text) if 4 <= len(each.split()) <= 60)
    return tuple(found)


@cache
def questions() -> tuple[str, ...]:
    """Draw real questions."""
    asked = sorted({text for name in _ASKED for text in _texts("queries.jsonl", name)})
    return tuple(Random(_SEED).sample(asked, QUESTIONS))  # noqa: S311


@cache
def real_vectors() -> Vectors:
    """Give the vectors, (n, d), of real sentences, encoded once."""
    drawn = Random(_SEED).sample(sentences(), _SENTENCES)  # noqa: S311
    return _kept("sentences", drawn)


@cache
def question_vectors() -> Vectors:
    """Give the vectors, (n, d), of the questions, encoded once."""
    return _kept("questions", questions())


def _texts(file: str, name: str = "*") -> Iterator[str]:
    root = Path(os.environ.get("CTQA_DATA", ""))
    for path in sorted(root.glob(f"{name}/{file}")):
        with path.open(encoding="utf-8") as lines:
            yield from (" ".join(json.loads(line)["text"].split()) for line in lines)


def _kept(name: str, texts: Sequence[str]) -> Vectors:
    path = FOLDER / f"{name}.npy"
    if not path.is_file():
        encoder = load_encoder(IndexConfig().encoder)
        encode = encoder.encode_queries if name == "questions" else encoder.encode_passages
        parts = [encode(texts[n : n + _BATCH]) for n in range(0, len(texts), _BATCH)]
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, np.concatenate(parts))
    vectors: Vectors = np.load(path)
    return vectors


def nearness(vectors: Vectors) -> list[float]:
    """Give the mean cosine of neighbours at each rank: those of questions, those of texts."""
    places = np.random.default_rng(_SEED).choice(len(vectors), QUESTIONS, replace=False)
    asked = question_vectors(), vectors[places]
    ordered = [-np.sort(-(queries @ vectors.T), axis=1) for queries in asked]
    itself = 1  # stands before a text's neighbours
    return [
        *(float(ordered[0][:, rank - 1].mean()) for rank in _RANKS),
        *(float(ordered[1][:, rank - 1 + itself].mean()) for rank in _RANKS),
    ]


def main() -> None:
    """Hold several scales against as many real vectors, eight of them to each real one."""
    columns = [f"{what} at {rank}" for what in ("question", "text") for rank in _RANKS]
    table = Table("growth-vectors", ("vectors", *columns))
    real = real_vectors()
    table.add("real", *nearness(real))
    names = [f"text {n}" for n in range(len(real))]
    for scale in _SCALES:
        made = GrowthEncoder(scale, real[::8]).encode_passages(names)
        table.add(f"scale {scale}", *nearness(made))


run(main, __name__)
