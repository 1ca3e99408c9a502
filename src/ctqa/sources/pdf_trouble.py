"""What pypdf raises and logs over broken files, in plain words."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from pypdf.errors import DependencyError, DeprecationError, PyPdfError

from ctqa.sources.decode import tidy
from ctqa.sources.trouble import PYTHONS, too_much

FAILURES = (
    PyPdfError,
    DependencyError,
    DeprecationError,  # for names in a file that pypdf once read
    *PYTHONS,
)
"""What comes out of pypdf 7.1."""

_LOSSES = {  # how its log begins where it goes on without a part of a page
    "Impossible to decode XFormObject": "a part of the page cannot be decoded",
    "Exceeded %(limit)d form XObject invocations": "the page is made of too many parts",
}


def plain_failure(exc: BaseException) -> str:
    """Say in a line what went wrong."""
    if isinstance(exc, DependencyError) and "AES" in str(exc):
        return 'encrypted with AES, which needs a further package: pip install "pypdf[crypto]"'
    if much := too_much(exc):
        return much
    if isinstance(exc, (DependencyError, NotImplementedError)):
        return tidy(f"it is made in a way that is not read ({exc})")
    name = "" if isinstance(exc, PyPdfError) else type(exc).__name__
    return f"damaged ({tidy(f'{name} {exc}')})"


@contextmanager
def quietly() -> Iterator[list[str]]:
    """Keep pypdf's log off the terminal, and give what it says to be missing from a page.

    The list grows as pypdf reads; whoever reads page by page clears it between pages.
    """
    logger, losses = logging.getLogger("pypdf"), _Losses()
    level, propagate = logger.level, logger.propagate
    logger.addHandler(losses)
    logger.setLevel(logging.WARNING)
    logger.propagate = False
    try:
        yield losses.noted
    finally:
        logger.removeHandler(losses)
        logger.setLevel(level)
        logger.propagate = propagate


class _Losses(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.noted: list[str] = []
        self._thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread:
            message = str(record.msg)
            self.noted += [what for start, what in _LOSSES.items() if message.startswith(start)]
