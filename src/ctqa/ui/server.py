"""Serving the page on this machine."""

import errno
import ipaddress
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from ctqa.answering.serving import Serving
from ctqa.config import SearchConfig
from ctqa.errors import ConfigError

if TYPE_CHECKING:
    import uvicorn
    from fastapi import FastAPI

_HOST, _PORT = "127.0.0.1", 7860
_LAST_PORT = 65_535
_FOLDER_VARIABLE = "GRADIO_TEMP_DIR"
_PATIENCE_S = 3  # for answers under way, when the server is stopped
# Read by Gradio when it is imported: no telemetry, and no statistics about questions.
_OFFLINE = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "GRADIO_ANALYTICS_CACHE_FREQUENCY": "1000000000",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}


def serve(index: Path, *, config: SearchConfig, host: str | None, port: int | None) -> None:
    """Serve the page of the current build until Ctrl-C.

    None takes Gradio's environment variables, else the defaults.

    Raises:
        ConfigError: the host or the port cannot be used.
        IndexLoadError: there is no usable index in the folder.
        ModelError: the encoder that it was built with is not on this machine.

    """
    with (
        closing(listen(*address(host, port))) as listener,
        closing(Serving(index, config)) as serving,
    ):
        run(serving, listener)


def address(host: str | None, port: int | None) -> tuple[str, int]:
    """Settle where to serve: what is given, else the environment, else 127.0.0.1:7860.

    Raises:
        ConfigError: the host can be reached from other machines, or the port is none.

    """
    if host is None:
        host = _environment("GRADIO_SERVER_NAME", _HOST)
    if not _is_loopback(host):
        raise ConfigError(
            f"host {host}: other machines could reach it, and the page cannot ask for a password "
            f"yet; leave the host at {_HOST}, and from another machine come through a tunnel: "
            f"`ssh -L {_PORT}:{_HOST}:{_PORT} THIS-MACHINE`"
        )
    given = str(port) if port is not None else _environment("GRADIO_SERVER_PORT", str(_PORT))
    if not (given.isascii() and given.isdigit() and int(given) <= _LAST_PORT):
        raise ConfigError(f"port {given}: expected a number from 0 (any free port) to {_LAST_PORT}")
    return host, int(given)


def listen(host: str, port: int) -> socket.socket:
    """Take a port; 0 takes any free one.

    Raises:
        ConfigError: the port is taken, or may not be used.

    """
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        if os.name == "posix":  # elsewhere the option lets two servers share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen()
    except OSError as error:
        listener.close()
        raise ConfigError(_cannot_listen(host, port, error)) from error
    return listener


def run(serving: Serving, listener: socket.socket) -> None:
    """Serve the page until Ctrl-C, saying where it is as soon as it can be opened."""
    serving.start(_say)
    with private_folder(), suppress(KeyboardInterrupt):
        make_server(serving, listener, announce=True).run(sockets=[listener])


def make_server(
    serving: Serving, listener: socket.socket, *, announce: bool = False
) -> "uvicorn.Server":
    """Make a server of the page; run it with `sockets=[listener]`."""
    import uvicorn  # noqa: PLC0415 -- serving needs it, `import ctqa.ui` does not

    host, port = listener.getsockname()[:2]

    def app() -> "FastAPI":  # made in the server's event loop: Gradio would open stray ones
        made = make_app(serving, host)
        if announce:
            _say(_greeting(serving, host, port))
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


def make_app(serving: Serving, host: str = _HOST) -> "FastAPI":
    """Make the web application; it answers only to requests for this machine by a local name."""
    os.environ.update(_OFFLINE)
    import gradio as gr  # noqa: PLC0415 -- seconds, and it reads the environment
    from fastapi import FastAPI  # noqa: PLC0415
    from starlette.middleware.trustedhost import TrustedHostMiddleware  # noqa: PLC0415

    from ctqa.ui.app import make_page  # noqa: PLC0415
    from ctqa.ui.guard import AllowedPaths, SecurityHeaders  # noqa: PLC0415
    from ctqa.ui.theme import CSS, theme  # noqa: PLC0415

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(AllowedPaths)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["localhost", _HOST, _in_url(host)])
    app.add_middleware(SecurityHeaders)  # the last one added is the first one passed
    gr.mount_gradio_app(
        app,
        make_page(serving),
        path="/",
        theme=theme(),
        css=CSS,
        footer_links=[],
        run_history=False,  # else questions and answers would be kept in the browser
        show_error=False,
        allowed_paths=[],
        max_file_size=1,
        ssr_mode=False,
        mcp_server=False,
        enable_monitoring=False,
        pwa=False,
    )
    return app


@contextmanager
def private_folder() -> Iterator[None]:
    """Give Gradio a folder of its own; its default, in /tmp, may belong to someone else."""
    if os.environ.get(_FOLDER_VARIABLE):
        yield
        return
    with TemporaryDirectory(prefix="ctqa-", ignore_cleanup_errors=True) as folder:
        os.environ[_FOLDER_VARIABLE] = folder
        try:
            yield
        finally:
            del os.environ[_FOLDER_VARIABLE]


def _environment(name: str, default: str) -> str:
    value = os.environ.get(name, "").strip()
    return value or default


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _cannot_listen(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        other = port + 1 if port < _LAST_PORT else _PORT
        return (
            f"port {port} on {host}: is taken by another program, perhaps another `ctqa serve`; "
            f"stop that one, or take another port with `ctqa serve --port {other}`"
        )
    return f"port {port} on {host}: {error.strerror}; try `ctqa serve --port {_PORT}`"


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _greeting(serving: Serving, host: str, port: int) -> str:
    with serving.lend() as qa:
        documents, build = qa.status().documents, qa.build
    return (
        f"Serving build {build} ({documents} document{'s' * (documents != 1)}) on "
        f"http://{_in_url(host)}:{port}/ (stop with Ctrl-C)"
    )


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
