"""Holds a Ray cluster in a network of its own, where nobody else can reach it.

    unshare --net python ray_holder.py COMMAND…

It ends the cluster with all that belongs to it when its stdin ends: also where the tests are
killed.
"""

import ctypes
import fcntl
import os
import socket
import struct
import subprocess
import sys
from pathlib import Path
from signal import SIGKILL
from threading import Thread

SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER: what loses its parent becomes a child of this process
SIOCSIFFLAGS, IFF_UP = 0x8914, 0x1
LONG_S = 20.0


def main() -> None:
    """Start the cluster, and wait for the end."""
    bring_up_loopback()
    ctypes.CDLL(None).prctl(SUBREAPER, 1)
    started = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
    Thread(target=reap, daemon=True).start()
    sys.stdin.read()
    started.terminate()
    wait_s(started, LONG_S)
    for process in of_network(network(os.getpid())):
        if process != os.getpid():
            os.kill(process, SIGKILL)


def bring_up_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", IFF_UP))


def reap() -> None:
    """Wait for every process that ends, as init does."""
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return


def wait_s(process: "subprocess.Popen[bytes]", seconds: float) -> None:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()


def of_network(name: str) -> list[int]:
    """List the processes of a network."""
    processes = (int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal())
    return [each for each in processes if network(each) == name]


def network(process: int) -> str:
    """Name the network that a process is in."""
    try:
        return os.readlink(f"/proc/{process}/ns/net")  # noqa: PTH115 -- no path but a name
    except OSError:
        return ""  # it has ended


if __name__ == "__main__":
    main()
