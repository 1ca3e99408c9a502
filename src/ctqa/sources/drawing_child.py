"""The process that draws strangers' PDFs: `python -m ctqa.sources.drawing_child`.

It answers one request after another (`wire`), within the limits of the reading process, and keeps
the file it was asked about last open. "draw" is answered by "drawn", a PNG in base64; "locate" by
"located", the boxes over stretches of a page's text; both by "refused", with the reason.
"""

import base64
import hashlib
import math
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2

from ctqa.errors import SourceError
from ctqa.sources.child import limit, set_apart
from ctqa.sources.files import plain_reason
from ctqa.sources.pdf_places import places_of
from ctqa.sources.png import png_of
from ctqa.sources.wire import WireError, receive, send

CHANGED = "the file has changed since it was read; build again to have it read anew"

_MOST_PIXELS = 9_000_000
_INCH = 72  # points


def main() -> None:
    """Serve requests until stdin ends."""
    requests, answers = sys.stdin.buffer, set_apart()
    opened = _Opened()
    while True:
        try:
            kind, request = receive(requests)
        except WireError:
            return
        limit(memory=request["memory"], seconds=request["seconds"])
        try:
            name, serve = _SERVED[kind]
            send(answers, name, opened.on_page(request, serve))
        except SourceError as exc:
            send(answers, "refused", {"reason": str(exc)})


class _Opened:
    """The file that was asked about last."""

    def __init__(self) -> None:
        self._sha256 = ""
        self._document: pypdfium2.PdfDocument | None = None

    def on_page(
        self,
        request: Mapping[str, Any],
        serve: Callable[[pypdfium2.PdfPage, Mapping[str, Any]], dict[str, Any]],
    ) -> dict[str, Any]:
        """Serve a request about a page.

        Raises:
            SourceError: the file is not the one that was meant, or has no such page to be drawn.

        """
        document = self._of(Path(request["path"]), request["sha256"])
        position = request["page"] - 1
        if not 0 <= position < len(document):
            raise SourceError(
                f"the file has {len(document)} pages, none of the number {position + 1}"
            )
        try:
            page = document[position]
            try:
                return serve(page, request)
            finally:
                page.close()
        except pypdfium2.PdfiumError as exc:
            raise SourceError(f"the page is damaged ({exc})") from exc

    def _of(self, path: Path, sha256: str) -> pypdfium2.PdfDocument:
        if self._document is None or self._sha256 != sha256:
            self._close()
            self._document, self._sha256 = _opened(path, sha256), sha256
        return self._document

    def _close(self) -> None:
        if self._document is not None:
            self._document.close()
        self._document = None


def _opened(path: Path, sha256: str) -> pypdfium2.PdfDocument:
    try:
        data = path.read_bytes()
    except OSError as exc:
        raise SourceError(plain_reason(exc)) from exc
    if hashlib.sha256(data).hexdigest() != sha256:
        raise SourceError(CHANGED)
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as exc:
        if "password" in str(exc).lower():
            raise SourceError("the file is encrypted, and its password is not kept") from exc
        raise SourceError(f"the file is damaged ({exc})") from exc


def _draw(page: pypdfium2.PdfPage, request: Mapping[str, Any]) -> dict[str, Any]:
    width, height = page.get_size()
    scale = min(request["dpi"] / _INCH, math.sqrt(_MOST_PIXELS / (width * height)))
    bitmap = page.render(scale=scale, rev_byteorder=True)
    try:
        data = png_of(np.asarray(bitmap.to_numpy()[..., :3]))  # (height, width, 3)
    finally:
        bitmap.close()
    return {"png": base64.b64encode(data).decode("ascii")}


def _locate(page: pypdfium2.PdfPage, request: Mapping[str, Any]) -> dict[str, Any]:
    width, height = page.get_size()
    spans = [(start, end) for start, end in request["spans"]]
    return {"width": width, "height": height, "boxes": places_of(page, request["text"], spans)}


_SERVED: Mapping[str, tuple[str, Callable[..., dict[str, Any]]]] = {
    "draw": ("drawn", _draw),
    "locate": ("located", _locate),
}

if __name__ == "__main__":
    main()
