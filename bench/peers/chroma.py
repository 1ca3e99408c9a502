"""Chroma with its persistent client."""

from pathlib import Path
from typing import Any

import chromadb
from chromadb.utils.embedding_functions import SentenceTransformerEmbeddingFunction

from bench.peers.asking import DEPTH, Search
from bench.peers.meter import Meter

_NAME = "passages"


def build(passages: dict[str, str], model: str, folder: Path, mark: Meter) -> None:
    """Add the passages to a collection, which is on disk at once."""
    encoder = SentenceTransformerEmbeddingFunction(model_name=model)
    mark("loaded")
    client = chromadb.PersistentClient(str(folder))
    collection = client.create_collection(_NAME, embedding_function=encoder)
    most = client.get_max_batch_size()
    rows = list(passages.items())
    for start in range(0, len(rows), most):
        ids, texts = zip(*rows[start : start + most], strict=True)
        collection.add(ids=list(ids), documents=list(texts))


def opened(folder: Path, model: str) -> Search:
    """Open the collection."""
    encoder = SentenceTransformerEmbeddingFunction(model_name=model)
    collection = chromadb.PersistentClient(str(folder)).get_collection(_NAME, encoder)

    def search(question: str) -> list[str]:
        return list(collection.query(query_texts=[question], n_results=DEPTH)["ids"][0])

    return search


def filled(vectors: Any) -> Any:
    """Put vectors, (n, d), into a collection in memory."""
    client = chromadb.EphemeralClient()
    name = f"{_NAME}-{len(vectors)}"
    collection = client.create_collection(name, embedding_function=None)
    most = client.get_max_batch_size()
    for start in range(0, len(vectors), most):
        some = vectors[start : start + most]
        ids = [str(start + place) for place in range(len(some))]
        collection.add(ids=ids, embeddings=some)
    return lambda vector: collection.query(query_embeddings=[vector], n_results=DEPTH)
