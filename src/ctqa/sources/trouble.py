"""What libraries raise over damaged files beside errors of their own, in plain words.

They take what they read to be of the shape it should have, and let the errors of Python, zlib and
struct through.
"""

import struct
import zlib

PYTHONS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,  # RecursionError, NotImplementedError and a ZIP entry's password are among them
    TypeError,
    ValueError,  # UnicodeError and binascii.Error are among them
    struct.error,
    zlib.error,
)
"""The errors that are none of a library's own."""


def too_much(exc: BaseException) -> str:
    """Say of what a file asks too much; "" where that is not what went wrong."""
    if isinstance(exc, RecursionError):
        return "it is nested too deeply"
    return "it needs more memory than there is" if isinstance(exc, MemoryError) else ""
