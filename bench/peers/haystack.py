"""Haystack with its own store in memory, saved to disk."""

from pathlib import Path
from typing import Any

from haystack import Document, Pipeline
from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
from haystack.components.writers import DocumentWriter
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack_integrations.components.embedders.sentence_transformers import (
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)

from bench.peers.asking import DEPTH, Search
from bench.peers.meter import Meter


def build(passages: dict[str, str], model: str, folder: Path, mark: Meter) -> None:
    """Run the indexing pipeline and save the store."""
    store = InMemoryDocumentStore(embedding_similarity_function="cosine")
    embedder = SentenceTransformersDocumentEmbedder(model=model, progress_bar=False)
    embedder.warm_up()
    mark("loaded")
    pipeline = Pipeline()
    pipeline.add_component("embedder", embedder)
    pipeline.add_component("writer", DocumentWriter(store))
    pipeline.connect("embedder", "writer")
    documents = [Document(id=id, content=text) for id, text in passages.items()]
    pipeline.run({"embedder": {"documents": documents}})
    folder.mkdir()
    store.save_to_disk(str(folder / "store.json"))


def opened(folder: Path, model: str) -> Search:
    """Open what was saved, with the pipeline for questions."""
    store = InMemoryDocumentStore.load_from_disk(str(folder / "store.json"))
    pipeline = Pipeline()
    pipeline.add_component("embedder", _questions(model))
    pipeline.add_component("retriever", InMemoryEmbeddingRetriever(store, top_k=DEPTH))
    pipeline.connect("embedder.embedding", "retriever.query_embedding")
    pipeline.warm_up()

    def search(question: str) -> list[str]:
        found = pipeline.run({"embedder": {"text": question}})["retriever"]["documents"]
        return [document.id for document in found]

    return search


def _questions(model: str) -> SentenceTransformersTextEmbedder:
    return SentenceTransformersTextEmbedder(model=model, progress_bar=False)


def filled(vectors: Any) -> Any:
    """Put vectors, (n, d), into a store."""
    store = InMemoryDocumentStore(embedding_similarity_function="cosine")
    store.write_documents(
        [Document(id=str(n), content="", embedding=row.tolist()) for n, row in enumerate(vectors)]
    )
    retriever = InMemoryEmbeddingRetriever(store, top_k=DEPTH)
    return lambda vector: retriever.run(query_embedding=vector.tolist())
