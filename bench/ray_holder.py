"""Holds a Ray cluster in a network of its own, where nobody else can reach it.

    unshare --net python ray_holder.py PORT,… COMMAND…

It says "ready" once all ports of the cluster are open. When its stdin ends, also because the tests
were killed, it ends the cluster with all that belongs to it.
"""

import ctypes
import fcntl
import os
import socket
import struct
import subprocess
import sys
import time
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
    started = subprocess.Popen(
        sys.argv[2:],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    Thread(target=reap, daemon=True).start()
    Thread(target=tell_when_open, args=(sys.argv[1].split(","), started), daemon=True).start()
    sys.stdin.read()
    started.terminate()
    wait_s(started, LONG_S)
    for process in of_network(network(os.getpid())):
        if process != os.getpid():
            os.kill(process, SIGKILL)


def bring_up_loopback() -> None:
    """Make 127.0.0.1 one's own: a new network has nothing that is up."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", IFF_UP))


def tell_when_open(ports: list[str], started: "subprocess.Popen[bytes]") -> None:
    """Say so when all ports are open; end where the cluster ends before."""
    while not all(is_open(int(port)) for port in ports):
        if started.poll() is not None:
            os._exit(1)
        time.sleep(0.2)
    print("ready", flush=True)


def is_open(port: int) -> bool:
    """Tell whether somebody listens."""
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def reap() -> None:
    """Wait for every process that ends, as init does."""
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return


def wait_s(process: "subprocess.Popen[bytes]", seconds: float) -> None:
    """Wait for a process to end, and kill it if it does not."""
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
