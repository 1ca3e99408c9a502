"""Find the models that answer on this machine, and tell what it means where one is missing."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ctqa.config import SENTENCES, SPANS, SearchConfig
from ctqa.errors import ModelError
from ctqa.index.rows import Build
from ctqa.models import (
    Behind,
    Encoder,
    Reranker,
    SpanReader,
    load_encoder,
    load_reranker,
    load_shared_span_reader,
    load_span_reader,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """What ranks passages and sentences, and marks words in them; None where nothing does."""

    reranker: Reranker | None
    marking: SpanReader | None  # CTQA's own span reader, which stands on the reranker
    notices: tuple[str, ...]  # what the user should know of it, a line each


def ranking_at_hand(
    config: SearchConfig,
    behind: Behind | None,
    reranker: Reranker | None,
    marking: SpanReader | None = None,
) -> Ranking:
    """Load what a config asks for to rank and to mark with; what is there already is taken.

    What nobody has named may be missing: the default reranker, and CTQA's own span reader.

    Raises:
        ModelError: another reranker is not on this machine.

    """
    notices: tuple[str, ...] = ()
    counted_on = config.reader != SearchConfig().reader or (
        reranker is None and config.reranker == SearchConfig().reranker
    )
    if reranker is None and config.rerank > 0:
        reranker, notices = _reranker(config.reranker, behind)
    if reranker is not None and marking is None and config.reader == SPANS:
        try:
            marking = _marking(reranker, behind)
        except ModelError as error:
            if counted_on:  # somebody named it, or the defaults, which belong together, do not fit
                told = f"sentences are shown, and no words marked in them: {error}"
                notices = (*notices, told)
    return Ranking(reranker=reranker, marking=marking, notices=notices)


def _marking(reranker: Reranker, behind: Behind | None) -> SpanReader:
    if behind is None:
        return load_shared_span_reader(reranker)
    return behind.shared_span_reader(reranker)


def _reranker(name: str, behind: Behind | None) -> tuple[Reranker | None, tuple[str, ...]]:
    """Load a reranker; only the default one, which nobody has asked for, may be missing."""
    try:
        return load_reranker(name) if behind is None else behind.reranker(name), ()
    except ModelError as error:
        if name != SearchConfig().reranker:
            raise
        return None, (f"answers are not reranked, and less good for it: {error}",)


def span_reader_named(name: str, behind: Behind | None) -> SpanReader | None:
    """Load a user's own extractive-QA model; None where a reader of CTQA's is named.

    Raises:
        ModelError: it is not on this machine.

    """
    if name in (SENTENCES, SPANS):
        return None
    try:
        return load_span_reader(name) if behind is None else behind.span_reader(name)
    except ModelError as error:
        raise ModelError(
            f'reader = "{name}": {error}. Or set reader = "{SENTENCES}", which needs no such model'
        ) from error


def encoder_of(build: Build, folder: Path, behind: Behind | None) -> Encoder:
    """Load the encoder that a build was made with.

    Raises:
        ModelError: it is not on this machine.

    """
    name = str(build.config["encoder"])
    if behind is None:
        return load_encoder(name, built=build.encoder)
    return behind.encoder(name, build.encoder, partial(build.check_encoder, folder=folder))


def if_of(build: Build, encoder: Encoder) -> Encoder | None:
    """Give an encoder if a build was made with it; another one may have come meanwhile."""
    return encoder if encoder.identity == build.encoder else None
