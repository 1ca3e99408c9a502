"""The peers' own environment, and what every measured process is given."""

import os
import subprocess
import sys
import venv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bench.peers.systems import SYSTEMS

ROOT = Path(__file__).parents[2]
OUT = ROOT / "bench" / "out" / "peers"

_CONSTRAINTS = Path(__file__).with_name("constraints.txt")
_OWN = ROOT / "bench" / "out" / "peers-venv"
_QUIET = {
    "ANONYMIZED_TELEMETRY": "False",  # Chroma
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
}
_ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "RAYON_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
}


def peers_python() -> Path:
    """Give the interpreter of the peers' environment; make that where it is not there.

    CTQA_PEERS_VENV names another environment, which is taken as it is.
    """
    named = os.environ.get("CTQA_PEERS_VENV", "")
    folder = Path(named) if named else _OWN
    python = folder / "bin" / "python"
    if named and not python.is_file():
        raise SystemExit(
            f"CTQA_PEERS_VENV={named}: no {python}; name a virtual environment's folder"
        )
    made = folder / "installed"
    if not named and not (made.is_file() and made.read_bytes() == _CONSTRAINTS.read_bytes()):
        _make(folder, python)
        made.write_bytes(_CONSTRAINTS.read_bytes())
    return python


def _make(folder: Path, python: Path) -> None:
    print(f"installing the peers into {folder} (some 2 GB; minutes)", flush=True)
    venv.create(folder, with_pip=True)
    packages = sorted({name for each in SYSTEMS if not each.ours for name in each.packages})
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    subprocess.run([*pip, "--constraint", str(_CONSTRAINTS), *packages], check=True)


def python_of(*, ours: bool) -> Path:
    """Give the interpreter that runs CTQA, or the one that runs its peers."""
    return Path(sys.executable) if ours else peers_python()


def variables(*, one_core: bool) -> Mapping[str, str]:
    """Give a measured process's environment: offline, quiet and, if wished, one thread."""
    return {**os.environ, **_QUIET, **(_ONE_THREAD if one_core else {})}


@contextmanager
def cores(*, one: bool) -> Iterator[None]:
    """Keep the processes that are started meanwhile on one core, where the system can do that."""
    if not one or not hasattr(os, "sched_setaffinity"):
        yield
        return
    every = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(every)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, every)
