"""LangChain with FAISS."""

from pathlib import Path
from typing import Any

from langchain_community.vectorstores import FAISS
from langchain_core.embeddings import DeterministicFakeEmbedding
from langchain_huggingface import HuggingFaceEmbeddings

from bench.peers.asking import DEPTH, Search
from bench.peers.meter import Meter


def build(passages: dict[str, str], model: str, folder: Path, mark: Meter) -> None:
    """Make a store of the passages and save it."""
    embeddings = HuggingFaceEmbeddings(model_name=model)
    mark("loaded")
    store = FAISS.from_texts(list(passages.values()), embeddings, ids=list(passages))
    store.save_local(str(folder))


def opened(folder: Path, model: str) -> Search:
    """Open what was saved."""
    store = FAISS.load_local(
        str(folder),
        HuggingFaceEmbeddings(model_name=model),
        allow_dangerous_deserialization=True,  # what was saved is a pickle
    )
    return lambda question: [str(hit.id) for hit in store.similarity_search(question, k=DEPTH)]


def filled(vectors: Any) -> Any:
    """Put vectors, (n, d), into a store."""
    rows = [(str(number), row.tolist()) for number, row in enumerate(vectors)]
    store = FAISS.from_embeddings(rows, DeterministicFakeEmbedding(size=vectors.shape[1]))
    return lambda vector: store.similarity_search_by_vector(vector.tolist(), k=DEPTH)
