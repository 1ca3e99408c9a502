"""The span reader that comes with CTQA, and which reranker's weights it stands on.

It is the upper layers of a reader that shares its lower ones with a reranker: `training/reader`
makes it, `python -m training.reader.ship` puts it here. Over any other weights it would read
nonsense, so it names those that it was trained over, and is refused over others.
"""

import json
from dataclasses import dataclass, fields
from pathlib import Path

from ctqa.errors import ModelError
from ctqa.models.folder import hash_file

SHIPPED = Path(__file__).with_name("reader")
ENTRY, GRAPH, CARD = "reader.json", "reader.onnx", "CARD.md"
TAKES, GIVES = "states", "logits"  # what the graph calls them


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedReader:
    """What the reader's file must be, and what it stands on."""

    name: str
    licence: str
    sha256: str  # of the graph
    bytes: int
    reranker: str  # by its name
    reranker_sha256: str  # the weights whose states it takes
    tensor: str  # the value of their graph that it takes


def shipped_reader(folder: Path | None = None) -> ShippedReader | None:
    """Read what reader a folder holds, CTQA's own unless another is named; None where none does.

    Raises:
        ModelError: the entry cannot be read.

    """
    path = home(folder) / ENTRY
    if not path.is_file():
        return None
    try:
        row = json.loads(path.read_text(encoding="utf-8"))
        return ShippedReader(**{field.name: row[field.name] for field in fields(ShippedReader)})
    except (OSError, ValueError, TypeError, KeyError) as exc:
        raise ModelError(
            f"{path}: does not tell what the reader is ({exc}); expected what `python -m "
            "training.reader.ship` writes: install CTQA again"
        ) from exc


def shared_tensor(reranker_sha256: str) -> str | None:
    """Name the value of a reranker's graph that a reader takes; None where none stands on it."""
    found = shipped_reader()
    return found.tensor if found is not None and found.reranker_sha256 == reranker_sha256 else None


def checked_reader(reranker_sha256: str, folder: Path | None = None) -> ShippedReader:
    """Give the reader that stands on a reranker's weights, its file checked.

    Raises:
        ModelError: there is none, it stands on other weights, or its file is damaged.

    """
    found = shipped_reader(folder)
    if found is None:
        raise ModelError("this CTQA comes without a span reader")
    if found.reranker_sha256 != reranker_sha256:
        raise ModelError(
            f"the span reader stands on the lower layers of {found.reranker} (weights "
            f"{found.reranker_sha256[:12]}…), found a reranker with weights "
            f'{reranker_sha256[:12]}…: use `reranker = "{found.reranker}"`'
        )
    path = graph_path(folder)
    try:
        file = hash_file(path.parent, GRAPH)
    except OSError as exc:
        raise ModelError(f"{path}: cannot be read ({exc}): install CTQA again") from exc
    if file.sha256 != found.sha256:
        raise ModelError(
            f"{path} is damaged (sha256 {file.sha256}, expected {found.sha256}): install CTQA again"
        )
    return found


def home(folder: Path | None) -> Path:
    """Give the folder that a reader lies in: CTQA's own, unless another is named."""
    return SHIPPED if folder is None else folder


def graph_path(folder: Path | None = None) -> Path:
    """Name the file of a reader's graph."""
    return home(folder) / GRAPH
