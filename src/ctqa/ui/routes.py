"""What the page fetches beside Gradio: drawn pages, original files, and files made for download.

Nothing here says where a file lies, and a name that is not known is a plain 404.
"""

import os
import re
from contextlib import suppress
from functools import partial
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from ctqa.errors import CtqaError
from ctqa.ui import sheets
from ctqa.ui.downloads import Downloads, safe_name
from ctqa.ui.originals import Originals
from ctqa.ui.zoom import DPIS

PATHS = (
    r"/page/[0-9a-f]{40}/\d{1,5}/\d{2,3}\.png|/source/[0-9a-f]{40}|/download/[\w-]{32}/[^/]+"
    rf"|/{re.escape(sheets.TEMPLATE)}"
)
"""What the guard has to let through."""

_KEPT = "private, no-store"
# Chromium and Firefox show a PDF in a viewer of their own, which `sandbox` would keep from loading.
_SHOWN_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
_SAVED_POLICY = "default-src 'none'; sandbox"


def make_routes(originals: Originals, downloads: Downloads) -> list[Route]:
    """Make the routes, which have to stand before Gradio's."""
    return [
        Route("/page/{id}/{number:int}/{dpi:int}.png", partial(_page, originals)),
        Route("/source/{id}", partial(_source, originals)),
        Route("/download/{token}/{name}", partial(_download, downloads)),
        Route(f"/{sheets.TEMPLATE}", _template),
    ]


def _page(originals: Originals, request: Request) -> Response:
    path = request.path_params
    if path["dpi"] not in DPIS.values():
        return _not_found()
    try:
        original = originals.by_id(path["id"])
        drawn = originals.picture(original, path["number"], path["dpi"])
    except CtqaError:
        return _not_found()
    return Response(drawn, headers=_headers("private, max-age=3600"), media_type="image/png")


def _source(originals: Originals, request: Request) -> Response:
    with suppress(CtqaError, OSError):
        original = originals.by_id(request.path_params["id"])
        is_shown = original.is_pdf
        return FileResponse(
            original.path,
            headers={
                **_headers(_KEPT, _SHOWN_POLICY if is_shown else _SAVED_POLICY),
                "content-disposition": _disposition(
                    "inline" if is_shown else "attachment", original.name
                ),
            },
            media_type="application/pdf" if is_shown else "application/octet-stream",
            stat_result=os.stat(original.path),  # noqa: PTH116 -- as FileResponse wants it
        )
    return _not_found()


def _download(downloads: Downloads, request: Request) -> Response:
    found = downloads.take(request.path_params["token"])
    if found is None:
        return _not_found()
    return Response(
        found.content,
        headers={**_headers(_KEPT), "content-disposition": _disposition("attachment", found.name)},
        media_type=found.media_type,
    )


def _template(_: Request) -> Response:
    disposition = _disposition("attachment", sheets.TEMPLATE)
    return Response(
        sheets.template(),
        headers={**_headers(_KEPT), "content-disposition": disposition},
        media_type=sheets.MEDIA_TYPE,
    )


def _headers(cache: str, policy: str = _SAVED_POLICY) -> dict[str, str]:
    return {
        "cache-control": cache,
        "content-security-policy": policy,
        "x-content-type-options": "nosniff",
    }


def _disposition(how: str, name: str) -> str:
    """Name a file in a header (RFC 6266): plainly, and in full for whoever reads that."""
    safe = safe_name(name)
    plain = safe.encode("ascii", "replace").decode().replace("?", "_").replace("%", "_")
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(safe, safe='')}"


def _not_found() -> Response:
    return PlainTextResponse("not found", status_code=404, headers=_headers(_KEPT))
