"""txtai, hybrid: vectors and BM25, combined as txtai combines them by default."""

from pathlib import Path

from bench.peers.meter import Meter
from bench.peers.txtai import build_with, opened

__all__ = ["build", "opened"]


def build(passages: dict[str, str], model: str, folder: Path, mark: Meter) -> None:
    """Index the passages and save."""
    build_with(passages, folder, mark, path=model, hybrid=True, content=True)
