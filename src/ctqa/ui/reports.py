"""The report of a kept result, for a tab of its own.

It is kept apart from the page by a policy of its own: nothing in it could act for whoever reads it.
"""

from functools import partial

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from ctqa.errors import CtqaError
from ctqa.evaluation.kept import Results
from ctqa.ui import words

PATH = r"/report/\d{8}T\d{12}Z-[0-9a-f]{6}"
"""What the guard has to let through."""

_KEPT = {"cache-control": "private, no-store", "x-content-type-options": "nosniff"}


def address(id: str) -> str:
    """Give where the report of a result is, relative to the page."""
    return f"report/{id}"


def make_report_route(results: Results) -> Route:
    """Make the route, which has to stand before Gradio's."""
    return Route("/report/{id}", partial(_report, results))


def _report(results: Results, request: Request) -> Response:
    from ctqa.evaluation.html_report import (  # noqa: PLC0415 -- plotly is slow to be imported
        html_of,
        policy_when_served,
    )

    id = request.path_params["id"]
    try:
        result = results.open(id)
    except CtqaError as error:
        told = words.no_report(str(error))
        policy = {"content-security-policy": "default-src 'none'; sandbox"}
        return PlainTextResponse(told, status_code=404, headers={**_KEPT, **policy})
    return HTMLResponse(
        html_of(result),
        headers={
            **_KEPT,
            "content-security-policy": policy_when_served(),
            "content-disposition": f'inline; filename="evaluation-{id}.html"',
        },
    )
