"""A picture -> PNG, the plainest there is: pages are mostly white, which packs well anyway."""

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

SIGNATURE = b"\x89PNG\r\n\x1a\n"

_GREY, _COLOUR = 0, 2
_LEVEL = 3  # of zlib: beyond it pages take twice the time and stay nearly as large


def png_of(picture: NDArray[np.uint8]) -> bytes:
    """Write a picture, (height, width, 3), in shades of grey where it has no colours."""
    height, width = picture.shape[:2]
    red, green, blue = picture[..., 0], picture[..., 1], picture[..., 2]
    is_grey = bool((red == green).all() and (green == blue).all())
    signs = red if is_grey else picture.reshape(height, 3 * width)
    rows = np.zeros((height, 1 + signs.shape[1]), dtype=np.uint8)  # each begins with its filter: 0
    rows[:, 1:] = signs
    kind = _GREY if is_grey else _COLOUR
    head = struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)
    data = zlib.compress(rows.tobytes(), _LEVEL)
    return SIGNATURE + _chunk(b"IHDR", head) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
