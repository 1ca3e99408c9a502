"""The page's endpoints for programs: REST through Gradio, and whatever speaks to it."""

from collections.abc import Callable
from functools import wraps
from inspect import getdoc, signature
from typing import Any

import gradio as gr
from gradio.events import api

from ctqa.answering.serving import Serving
from ctqa.doors import Call, Doors
from ctqa.errors import CtqaError

_AT_ONCE = 4  # calls of programs that are answered at the same time; the others wait in line


def add_endpoints(serving: Serving) -> None:
    """Add an endpoint for each of the `Doors`, within a page that is being made."""
    for name, call in Doors(serving).calls.items():
        api(
            _told(call),
            api_name=name,
            api_description=getdoc(call),
            concurrency_limit=_AT_ONCE,
            concurrency_id="programs",
        )


def _told(call: Call) -> Callable[..., Any]:
    names = signature(call).parameters

    @wraps(call)
    def answer(*arguments: Any) -> Any:
        try:
            return call(**dict(zip(names, arguments, strict=True)))
        except CtqaError as error:
            raise gr.Error(str(error), print_exception=False) from error

    return answer
