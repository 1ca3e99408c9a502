"""Files -> documents -> passages."""

from typing import TYPE_CHECKING

from ctqa.lazily import names_of

if TYPE_CHECKING:
    from ctqa.sources.cite import Citation, Citations, load_citations
    from ctqa.sources.collection import Collection, collect
    from ctqa.sources.content import ReadOptions
    from ctqa.sources.files import FoundFile, sha256_of, walk
    from ctqa.sources.read import moved, read_file

_HOMES = {
    "ctqa.sources.cite": ("Citation", "Citations", "load_citations"),
    "ctqa.sources.collection": ("Collection", "collect"),
    "ctqa.sources.content": ("ReadOptions",),
    "ctqa.sources.files": ("FoundFile", "sha256_of", "walk"),
    "ctqa.sources.read": ("moved", "read_file"),
}

__all__ = [
    "Citation",
    "Citations",
    "Collection",
    "FoundFile",
    "ReadOptions",
    "collect",
    "load_citations",
    "moved",
    "ocr_engine",
    "read_file",
    "sha256_of",
    "walk",
]

__getattr__ = names_of(__name__, _HOMES)


def ocr_engine() -> str:
    """Name the engine that reads pages from their pictures; "" where none is installed."""
    from ctqa.sources import ocr  # noqa: PLC0415 -- heavy

    return "" if ocr.missing() else ocr.ENGINE
