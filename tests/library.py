"""Small document folders and indexes for tests."""

import os
import signal
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from encoders import WordEncoder

from ctqa.answering.qa import QA
from ctqa.config import IndexConfig, SearchConfig
from ctqa.index.build import BuildOptions, Progress, build_index
from ctqa.index.report import BuildReport
from ctqa.index.writer import CatalogWriter
from ctqa.models import Encoder
from ctqa.sources import collect

LAKES = (
    "Lakes of the north\n\nThe deepest lake is Wastwater. It is 79 metres deep.\n\n"
    "Fishing\n\nFishing needs a licence. Licences are sold at the post office.\n"
)
TRAINS = (
    "Trains\n\nThe night train leaves Carlisle at 23.10. It carries bicycles free of charge.\n\n"
    "Tickets are checked on board. A dog travels for half the fare.\n"
)
TEXTS = {"lakes.txt": LAKES, "sub/trains.txt": TRAINS}


def write_texts(folder: Path, texts: dict[str, str] | None = None) -> Path:
    """Write documents below a folder and give the folder."""
    for name, text in (TEXTS if texts is None else texts).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def build(
    documents: Path,
    index: Path,
    encoder: Encoder | None = None,
    config: IndexConfig | None = None,
    *,
    options: BuildOptions = BuildOptions(),
    progress: Progress = lambda *_: None,
) -> BuildReport:
    """Build an index with the word encoder and small passages."""
    return build_index(
        collect([documents], without=index),
        index,
        encoder=WordEncoder() if encoder is None else encoder,
        config=IndexConfig(encoder="words", passage_tokens=24, overlap_tokens=8)
        if config is None
        else config,
        progress=progress,
        options=options,
    )


def open_qa(index: Path, encoder: Encoder | None = None, config: SearchConfig | None = None) -> QA:
    """Open an index that `build` made, without a reranker unless the configuration asks for it."""
    settings = SearchConfig(rerank=0) if config is None else config
    return QA.load(index, settings, encoder=WordEncoder() if encoder is None else encoder)


def build_and_die(step: str, documents: Path, index: Path, time: int = 1) -> None:
    """Build, and die without a word when the catalog is asked for `step` for the n-th time.

    For a child process.
    """
    whole = getattr(CatalogWriter, step)
    asked = count(1)

    def die(*given: Any, **named: Any) -> Any:
        if next(asked) == time:
            os.kill(os.getpid(), signal.SIGKILL)
        return whole(*given, **named)

    def die_when_iterated(*_: object, **__: object) -> Iterator[None]:
        yield die()

    setattr(CatalogWriter, step, die_when_iterated if step == "terms" else die)
    build(documents, index)
