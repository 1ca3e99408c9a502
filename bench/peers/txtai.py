"""txtai, dense, with the passages stored beside the vectors."""

from pathlib import Path
from typing import Any

from txtai import Embeddings

from bench.peers.asking import DEPTH, Search
from bench.peers.meter import Meter


def build(passages: dict[str, str], model: str, folder: Path, mark: Meter) -> None:
    """Index the passages and save."""
    build_with(passages, folder, mark, path=model, content=True)


def build_with(passages: dict[str, str], folder: Path, mark: Meter, **settings: Any) -> None:
    """Index the passages as the settings say, and save."""
    embeddings = Embeddings(**settings)
    mark("loaded")
    embeddings.index(list(passages.items()))
    embeddings.save(str(folder))


def opened(folder: Path, model: str) -> Search:  # noqa: ARG001  # the index knows its model
    """Open what was saved."""
    embeddings = Embeddings()
    embeddings.load(str(folder))
    return lambda question: [row["id"] for row in embeddings.search(question, DEPTH)]


def filled(vectors: Any) -> Any:
    """Put vectors, (n, d), into an index."""
    embeddings = Embeddings(method="external", transform=lambda rows: rows)
    embeddings.index(list(enumerate(vectors)))
    return lambda vector: embeddings.search(vector, DEPTH)
