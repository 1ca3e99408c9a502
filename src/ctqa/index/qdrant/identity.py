"""What tells an index from all others in a cluster: a name that it keeps for good."""

from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

from ctqa.index.qdrant.held import INDEX
from ctqa.index.rows import Build

_FILE = "store.id"


def index_id(folder: Path, builds: Sequence[Build]) -> str:
    """Give what tells an index from others in a cluster; made when it is first asked for."""
    path = folder / _FILE
    if not path.is_file():
        known = [build.checksums[INDEX] for build in builds if INDEX in build.checksums]
        keep_id(folder, known[-1] if known else str(uuid4()))
    return path.read_text(encoding="ascii")


def keep_id(folder: Path, index: str) -> None:
    """Let an index be the one that is called so in clusters."""
    beside = folder / f"{_FILE}.new"
    beside.write_text(index, encoding="ascii")
    beside.replace(folder / _FILE)
