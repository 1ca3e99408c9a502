"""Seals: a short digest beside every row of the catalog, so that a damaged row is never believed.

SQLite notices a damaged page only where its structure breaks. A seal notices every changed byte of
what a row says; how many rows there should be is sealed in the row above them.
"""

import zlib
from hashlib import blake2b

Value = int | str | bytes

_BYTES = 16


def seal(table: str, *values: Value) -> bytes:
    """Digest a row: 16 bytes that depend on its table, and on the type and order of its values."""
    digest = blake2b(digest_size=_BYTES, person=table.encode())
    for value in values:
        raw = value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")
        digest.update(f"{type(value).__name__}{len(raw)}:".encode())
        digest.update(raw)
    return digest.digest()


def check_sum(stored: bytes) -> int:
    """Give the CRC-32 of a cached vector, say: it finds every change of up to 32 bits in a row."""
    return zlib.crc32(stored)
