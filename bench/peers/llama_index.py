"""LlamaIndex with its own simple store."""

from pathlib import Path
from typing import Any

from llama_index.core import Document, StorageContext, VectorStoreIndex, load_index_from_storage
from llama_index.core.schema import TextNode
from llama_index.core.vector_stores import SimpleVectorStore, VectorStoreQuery
from llama_index.embeddings.huggingface import HuggingFaceEmbedding

from bench.peers.asking import DEPTH, Search
from bench.peers.meter import Meter


def build(passages: dict[str, str], model: str, folder: Path, mark: Meter) -> None:
    """Make an index of the passages and write it."""
    encoder = HuggingFaceEmbedding(model)
    mark("loaded")
    documents = [Document(id_=id, text=text) for id, text in passages.items()]
    index = VectorStoreIndex.from_documents(documents, embed_model=encoder)
    index.storage_context.persist(str(folder))


def opened(folder: Path, model: str) -> Search:
    """Open what was written."""
    storage = StorageContext.from_defaults(persist_dir=str(folder))
    index = load_index_from_storage(storage, embed_model=HuggingFaceEmbedding(model))
    retriever = index.as_retriever(similarity_top_k=DEPTH)
    return lambda question: [str(hit.node.ref_doc_id) for hit in retriever.retrieve(question)]


def filled(vectors: Any) -> Any:
    """Put vectors, (n, d), into a store."""
    store = SimpleVectorStore()
    store.add([TextNode(id_=str(n), embedding=row.tolist()) for n, row in enumerate(vectors)])

    def search(vector: Any) -> object:
        query = VectorStoreQuery(query_embedding=vector.tolist(), similarity_top_k=DEPTH)
        return store.query(query)

    return search
