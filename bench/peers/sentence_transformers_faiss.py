"""sentence-transformers with FAISS: what its documentation calls semantic search, by hand."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from sentence_transformers import SentenceTransformer

from bench.peers.asking import DEPTH, Question, Search, rank
from bench.peers.meter import Meter


def build(passages: dict[str, str], model: str, folder: Path, mark: Meter) -> None:
    """Encode, put the vectors into a flat index, write it with the passages beside it."""
    encoder = SentenceTransformer(model)
    mark("loaded")
    vectors = encoder.encode(list(passages.values()), normalize_embeddings=True)  # (n, d)
    mark("encoded")
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    folder.mkdir()
    faiss.write_index(index, str(folder / "vectors.faiss"))
    (folder / "passages.json").write_text(json.dumps(passages), encoding="utf-8")


def opened(folder: Path, model: str) -> Search:
    """Open what was written."""
    encoder = SentenceTransformer(model)
    index, ids = _read(folder)

    def search(question: str) -> list[str]:
        vector = encoder.encode([question], normalize_embeddings=True)  # (1, d)
        return [ids[place] for place in index.search(vector, DEPTH)[1][0]]

    return search


def ranks(folder: Path, model: str, questions: Sequence[Question]) -> list[int | None]:
    """Rank the passage of each question, all questions encoded together."""
    index, ids = _read(folder)
    texts = [question.text for question in questions]
    vectors = SentenceTransformer(model).encode(texts, normalize_embeddings=True)  # (q, d)
    places = index.search(vectors, DEPTH)[1]  # (q, k)
    return [
        rank([ids[place] for place in row], question.passage)
        for row, question in zip(places, questions, strict=True)
    ]


def filled(vectors: Any) -> Any:
    """Put vectors, (n, d), into a flat index."""
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    return lambda vector: index.search(np.atleast_2d(vector), DEPTH)


def _read(folder: Path) -> tuple[Any, list[str]]:
    passages = json.loads((folder / "passages.json").read_text(encoding="utf-8"))
    return faiss.read_index(str(folder / "vectors.faiss")), list(passages)
