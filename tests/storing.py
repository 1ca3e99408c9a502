"""Builds in a store of one's choice, and ones that are killed on the way."""

import os
import signal
from pathlib import Path
from typing import Any

from encoders import WordEncoder
from library import build

from ctqa.config import IndexConfig
from ctqa.index import embedded
from ctqa.index.doctor import mend
from ctqa.index.embedded import EmbeddedStore
from ctqa.index.qdrant.store import QdrantStore
from ctqa.index.qdrant.writing import Writing
from ctqa.index.report import BuildReport
from ctqa.index.verify import verify_index
from ctqa.index.writer import CatalogWriter


def corpus(count: int) -> dict[str, str]:
    """Give short texts that share most of their words."""
    return {
        f"note{n:02}.txt": f"Note number {n} of the north. A lake lies {n % 7} miles away.\n\n"
        f"The train number {n % 5} carries fish, and dog licences are sold {n} times a day.\n"
        for n in range(count)
    }


def build_in(store: str, documents: Path, index: Path) -> BuildReport:
    """Build with the word encoder and small passages into a store."""
    config = IndexConfig(encoder="words", passage_tokens=24, overlap_tokens=8, store=store)
    return build(documents, index, config=config)


def found_wrong(index: Path) -> list[str]:
    """Verify an index, and give what is wrong."""
    return [each.what for each in verify_index(index, encoder=WordEncoder()).findings]


def mended(index: Path) -> list[str]:
    """Mend an index, and give what was done."""
    return list(mend(index, load_encoder=lambda *_, **__: WordEncoder()).done)


def name_in(address: str) -> str:
    """Give the name in an address."""
    return address.rpartition("/")[2]


def build_in_and_die(step: str, store: str, documents: Path, index: Path) -> None:
    """Build, and die without a word before a step, or in the middle of writing.

    For a child process.
    """
    if step == "commit":
        _die_before(CatalogWriter, "commit")
    elif step == "keep":
        _die_before(EmbeddedStore if store == "local" else QdrantStore, "keep")
    elif store == "local":
        _die_before(embedded, "make_durable")
    else:
        _die_after(Writing, "_put")
    build_in(store, documents, index)


def _die_before(owner: Any, name: str) -> None:
    setattr(owner, name, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))


def _die_after(owner: Any, name: str) -> None:
    whole = getattr(owner, name)

    def die(*given: Any, **named: Any) -> None:
        whole(*given, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, name, die)
