"""Serving the page."""

import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from ctqa.answering.serving import Serving
from ctqa.config import SearchConfig
from ctqa.errors import ConfigError
from ctqa.listening import listen, say
from ctqa.ui.access import Access
from ctqa.ui.sparing import sparing

if TYPE_CHECKING:
    import gradio as gr
    import uvicorn
    from fastapi import FastAPI

    from ctqa.ui.desk import Desk

_FOLDER_VARIABLE = "GRADIO_TEMP_DIR"
_PATIENCE_S = 3  # for answers under way, when the server is stopped
_THREADS = 64  # for the page's events: of them, `AT_ONCE + IN_LINE` may hold questions
# Read by Gradio when it is imported: no telemetry, and no statistics about questions.
_OFFLINE = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "GRADIO_ANALYTICS_CACHE_FREQUENCY": "1000000000",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}


def serve(index: Path, *, config: SearchConfig, access: Access) -> None:
    """Serve the page of the current build until Ctrl-C.

    Raises:
        ConfigError: the host or the port cannot be used.
        IndexLoadError: there is no usable index in the folder.
        ModelError: the encoder that it was built with is not on this machine.

    """
    with (
        closing(listen(access.host, access.port, command="ctqa serve")) as listener,
        closing(Serving(index, config)) as serving,
    ):
        run(serving, listener, access)


def run(serving: Serving, listener: socket.socket, access: Access) -> None:
    """Serve the page until Ctrl-C, saying where it is as soon as it can be opened."""
    from ctqa.ui.desk import desk_over  # noqa: PLC0415

    serving.start(say)
    serving.load_models(while_importing=True)
    with private_folder(), desk_over(serving) as desk, suppress(KeyboardInterrupt):
        make_server(desk, listener, access, announce=True).run(sockets=[listener])


def make_server(
    desk: "Desk", listener: socket.socket, access: Access, *, announce: bool = False
) -> "uvicorn.Server":
    """Make a server of the page; run it with `sockets=[listener]`, in a `private_folder`."""
    import uvicorn  # noqa: PLC0415 -- serving needs it, `import ctqa.ui` does not

    host, port = listener.getsockname()[:2]

    def app() -> "FastAPI":  # made in the server's event loop: Gradio would open stray ones
        made = make_app(desk, access)
        desk.serving.load_models()
        if announce:
            say(_greeting(desk.serving, access, host, port))
        return made

    return uvicorn.Server(
        uvicorn.Config(
            app,
            factory=True,
            log_level="warning",
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=_PATIENCE_S,
        )
    )


def make_app(desk: "Desk", access: Access) -> "FastAPI":
    """Make the web application."""
    os.environ.update(_OFFLINE)
    with sparing():
        import gradio as gr  # noqa: PLC0415 -- seconds, and it reads the environment
    from fastapi import FastAPI  # noqa: PLC0415

    from ctqa.evaluation.kept import Results  # noqa: PLC0415
    from ctqa.ui.app import make_page  # noqa: PLC0415
    from ctqa.ui.reports import make_report_route  # noqa: PLC0415
    from ctqa.ui.routes import make_routes  # noqa: PLC0415
    from ctqa.ui.theme import CSS, theme  # noqa: PLC0415
    from ctqa.ui.uploads import MAX_FILE_BYTES  # noqa: PLC0415

    page = make_page(desk)
    page.max_threads = _THREADS
    page.has_launched = True  # else Gradio takes any file of this machine that an event names
    app = FastAPI(
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        routes=[
            *make_routes(desk.originals, desk.downloads),
            make_report_route(Results(desk.serving.folder)),
        ],
    )
    _guard(app, page, access)
    gr.mount_gradio_app(
        app,
        page,
        path="/",
        root_path=None if access.proxy is None else access.proxy.url,
        theme=theme(),
        css=CSS,
        footer_links=[],
        run_history=False,  # else questions and answers would be kept in the browser
        show_error=False,
        allowed_paths=[],
        max_file_size=MAX_FILE_BYTES,
        ssr_mode=False,
        mcp_server=False,
        enable_monitoring=False,
        pwa=False,
    )
    # By the newer protocol that Gradio announces, its Python client takes whatever has a "path",
    # as documents in a reply have, for a file to fetch; by this one, which the server speaks as
    # well, it fetches only what is marked as a file.
    page.config["protocol"] = "sse_v2.1"
    return app


def _guard(app: "FastAPI", page: "gr.Blocks", access: Access) -> None:
    """Put before the page what keeps others out; the last one added is the first one passed."""
    from ctqa.ui import reports, routes  # noqa: PLC0415
    from ctqa.ui.bodies import BoundedBodies, Events  # noqa: PLC0415
    from ctqa.ui.gate import Gate  # noqa: PLC0415
    from ctqa.ui.guard import AllowedPaths, SecurityHeaders  # noqa: PLC0415

    named = [event for event in page.fns.values() if event.api_name]
    events = Events(
        taking_files={number: _taking_files(event.inputs) for number, event in page.fns.items()},
        names={str(event.api_name): number for number, event in page.fns.items() if event.api_name},
        public=frozenset(str(e.api_name) for e in named if e.api_visibility == "public"),
    )
    folder = Path(os.environ[_FOLDER_VARIABLE])
    app.add_middleware(BoundedBodies, events=events, folder=folder)
    app.add_middleware(AllowedPaths, own=f"{routes.PATHS}|{reports.PATH}", calls=events.public)
    app.add_middleware(Gate, access=access)
    app.add_middleware(SecurityHeaders)


def _taking_files(parts: Sequence[object]) -> frozenset[int]:
    """Give the places of those of an event's inputs that take uploaded files."""
    import gradio as gr  # noqa: PLC0415

    return frozenset(
        place for place, part in enumerate(parts) if isinstance(part, (gr.File, gr.UploadButton))
    )


@contextmanager
def private_folder() -> Iterator[None]:
    """Give Gradio a folder of its own, for uploads, that ends with the block.

    It lies where GRADIO_TEMP_DIR says; Gradio's default, in /tmp, may belong to someone else.
    """
    parent = os.environ.get(_FOLDER_VARIABLE)
    try:
        folder = TemporaryDirectory(prefix="ctqa-", dir=parent, ignore_cleanup_errors=True)
    except OSError as error:
        raise ConfigError(f"{_FOLDER_VARIABLE} = {parent}: {error.strerror}") from error
    with folder as path:
        os.environ[_FOLDER_VARIABLE] = path
        try:
            yield
        finally:
            if parent is None:
                del os.environ[_FOLDER_VARIABLE]
            else:
                os.environ[_FOLDER_VARIABLE] = parent


def _greeting(serving: Serving, access: Access, host: str, port: int) -> str:
    with serving.lend() as qa:
        documents, build = qa.status().documents, qa.build
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    line = (
        f"Serving build {build} ({documents} document{'s' * (documents != 1)}) on "
        f"{url if access.proxy is None else access.proxy.url}/ (stop with Ctrl-C)"
    )
    if access.is_loopback or access.proxy is not None:
        return line
    return f"{line}\nThe password, questions and answers travel unencrypted to other machines."
