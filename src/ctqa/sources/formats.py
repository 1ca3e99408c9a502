"""Which loader reads which format, and how large a file of it may be.

Loaders are imported when the first file of their format comes: some of their libraries take a
fifth of a second and more.
"""

from collections.abc import Callable
from importlib import import_module

from ctqa.sources.content import Loaded, ReadOptions

Loader = Callable[[bytes, ReadOptions], Loaded]

_MOST_BYTES = 200_000_000
_MOST_CORPUS_BYTES = 1_000_000_000
_CORPUS_SUFFIXES = frozenset({".jsonl", ".csv", ".tsv"})


def most_bytes(suffix: str) -> int:
    """Give the size of the largest file of a format that is read."""
    return _MOST_CORPUS_BYTES if is_corpus(suffix) else _MOST_BYTES


def is_corpus(suffix: str) -> bool:
    """Tell whether a file of a format may hold a document a line."""
    return suffix in _CORPUS_SUFFIXES


def _plainly(module: str, function: str) -> Loader:
    """Make a loader of a function that takes nothing but the bytes."""

    def load(data: bytes, _: ReadOptions) -> Loaded:
        loaded: Loaded = getattr(import_module(f"ctqa.sources.{module}"), function)(data)
        return loaded

    return load


def _with_options(module: str, function: str) -> Loader:
    def load(data: bytes, options: ReadOptions) -> Loaded:
        loaded: Loaded = getattr(import_module(f"ctqa.sources.{module}"), function)(data, options)
        return loaded

    return load


LOADERS: dict[str, Loader] = {
    ".txt": _plainly("plain", "load_plain"),
    ".text": _plainly("plain", "load_plain"),
    ".md": _plainly("markdown", "load_markdown"),
    ".markdown": _plainly("markdown", "load_markdown"),
    ".pdf": _with_options("pdf", "load_pdf"),
    **dict.fromkeys((".docx", ".docm", ".dotx", ".dotm"), _with_options("word", "load_word")),
    **dict.fromkeys((".xlsx", ".xlsm"), _with_options("sheets", "load_sheets")),
    **dict.fromkeys((".pptx", ".pptm"), _with_options("slides", "load_slides")),
    ".odt": _plainly("opendocument", "load_opendocument"),
    ".epub": _plainly("epub", "load_epub"),
    ".eml": _plainly("mail", "load_mail"),
    ".html": _plainly("html", "load_html"),
    ".htm": _plainly("html", "load_html"),
    ".xhtml": _plainly("html", "load_html"),
    ".jsonl": _plainly("corpus", "load_corpus"),
    ".csv": _plainly("table", "load_table"),
    ".tsv": _plainly("table", "load_table"),
}
"""The loader of each format, by the suffix in lower case."""
