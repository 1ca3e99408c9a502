"""Files -> documents -> passages."""

from ctqa.sources.cite import Citation, Citations, load_citations
from ctqa.sources.collection import Collection, collect
from ctqa.sources.files import FoundFile, sha256_of, walk
from ctqa.sources.read import read_file

__all__ = [
    "Citation",
    "Citations",
    "Collection",
    "FoundFile",
    "collect",
    "load_citations",
    "read_file",
    "sha256_of",
    "walk",
]
