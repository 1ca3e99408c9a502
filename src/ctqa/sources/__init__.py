"""Files -> documents -> passages."""

from ctqa.sources.cite import Citation, Citations, load_citations
from ctqa.sources.collection import Collection, collect
from ctqa.sources.content import ReadOptions
from ctqa.sources.files import FoundFile, sha256_of, walk
from ctqa.sources.read import moved, read_file

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


def ocr_engine() -> str:
    """Name the engine that reads pages from their pictures; "" where none is installed."""
    from ctqa.sources import ocr  # noqa: PLC0415 -- heavy

    return "" if ocr.missing() else ocr.ENGINE
