"""What is measured side by side: CTQA in two settings, and the peers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

MODEL = "all-MiniLM-L6-v2"  # of every peer, and of CTQA where it is held against them
REFERENCE = "sentence-transformers"  # that CTQA's ratios are taken to


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """One row of the tables."""

    key: str  # for --only and for file names
    name: str  # as the tables have it
    packages: tuple[str, ...]  # what a user installs for it
    module: str = ""  # of bench.peers, which runs it in the peers' environment; "": CTQA
    store: str = ""  # what the picture of growth calls its store; "": it is not drawn
    ways: tuple[str, ...] = ("dense",)  # in which a question can be put
    settings: Mapping[str, str] = field(default_factory=dict)  # of CTQA's IndexConfig

    @property
    def ours(self) -> bool:
        """Whether it is CTQA."""
        return self.module == ""


_OWN = ("ctqa", "faiss-cpu", "onnxruntime", "tantivy", "tokenizers")
_TORCH = ("sentence-transformers", "torch")
_WAYS = ("dense", "fused", "fast", "reranked")

SYSTEMS = (
    System(key="ctqa", name="CTQA, defaults", packages=_OWN, ways=_WAYS),
    System(
        key="ctqa-minilm",
        name=f"CTQA, {MODEL}",
        packages=_OWN,
        ways=_WAYS,
        settings={"encoder": MODEL, "split": "document"},
    ),
    System(
        key=REFERENCE,
        name="sentence-transformers + FAISS",
        packages=("faiss-cpu", *_TORCH),
        module="sentence_transformers_faiss",
        store="FAISS, flat",
    ),
    System(
        key="txtai", name="txtai, dense", packages=("txtai",), module="txtai", store="txtai, dense"
    ),
    System(
        key="txtai-hybrid",
        name="txtai, hybrid",
        packages=("txtai",),
        module="txtai_hybrid",
        ways=("hybrid",),
    ),
    System(
        key="haystack",
        name="Haystack, own store",
        packages=("haystack-ai", "sentence-transformers-haystack"),
        module="haystack",
        store="Haystack, own store",
    ),
    System(
        key="langchain",
        name="LangChain + FAISS",
        packages=(
            "langchain",
            "langchain-community",
            "langchain-huggingface",
            "faiss-cpu",
            *_TORCH,
        ),
        module="langchain",
        store="LangChain + FAISS",
    ),
    System(
        key="llama-index",
        name="LlamaIndex, own store",
        packages=("llama-index-core", "llama-index-embeddings-huggingface"),
        module="llama_index",
        store="LlamaIndex, own store",
    ),
    System(
        key="chroma",
        name="Chroma",
        packages=("chromadb", *_TORCH),
        module="chroma",
        store="Chroma",
    ),
)


def chosen(keys: Sequence[str]) -> tuple[System, ...]:
    """Pick systems by their keys, in the order of the tables; none picks all."""
    known = {system.key for system in SYSTEMS}
    unknown = sorted(set(keys) - known)
    if unknown:
        names = ", ".join(system.key for system in SYSTEMS)
        raise SystemExit(f"--only {','.join(keys)}: there is no {unknown[0]!r}; known are {names}")
    return tuple(system for system in SYSTEMS if not keys or system.key in keys)
