"""Which measure is meant: by its name, or by what it is called in words."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from ctqa.evaluation.naming import NAMES


def measure_called(text: str, known: Iterable[str]) -> str:
    """Give the name of the known measure that a text names or labels, in whatever case.

    The text itself is given where there is none.
    """
    measures = tuple(known)
    return text if text in measures else _by_words(measures).get(_plain(text), text)


def meant(text: str, known: Iterable[str]) -> str:
    """Ask whether another measure is meant, as the end of a sentence; "." where none is near."""
    words = _by_words(known)
    near = get_close_matches(_plain(text), words, n=1)
    return f"; did you mean {words[near[0]]}?" if near else "."


def _by_words(known: Iterable[str]) -> dict[str, str]:
    return {_plain(words): name for name in known for words in _words(name)}


def _words(name: str) -> Iterator[str]:
    """Give all that a measure is called: "Found first (Success@1)" is "Found first" too."""
    yield name
    if name in NAMES:
        yield NAMES[name].label
        yield NAMES[name].label.removesuffix(f" ({name})")


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
