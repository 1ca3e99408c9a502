"""Taking a port for a server, and saying on stderr where it is."""

import errno
import os
import socket
import sys

from ctqa.errors import ConfigError

HOST = "127.0.0.1"  # this machine alone
LAST_PORT = 65_535


def listen(host: str, port: int, *, command: str) -> socket.socket:
    """Take a port for the server that a command starts; 0 takes any free one.

    Raises:
        ConfigError: there is no such port, it is taken, or may not be used.

    """
    if not 0 <= port <= LAST_PORT:
        raise no_port(port)
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        if os.name == "posix":  # elsewhere the option lets two servers share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen()
    except OSError as error:
        listener.close()
        raise ConfigError(f"port {port} on {host}: {_why(error, port, command)}") from error
    return listener


def no_port(given: int | str) -> ConfigError:
    """Say that something is no port's number."""
    return ConfigError(f"port {given}: expected a number from 0 (any free port) to {LAST_PORT}")


def say(line: str) -> None:
    """Write a line on stderr, at once."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _why(error: OSError, port: int, command: str) -> str:
    if error.errno != errno.EADDRINUSE:
        return f"{error.strerror}; `{command} --port 0` takes any free one"
    other = port + 1 if port < LAST_PORT else 0
    return (
        f"is taken by another program, perhaps another `{command}`; stop that one, or take another "
        f"port with `{command} --port {other}`"
    )
