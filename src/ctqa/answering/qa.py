"""The QA object: one opened index, one encoder, any number of questions."""

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ctqa.answering.at_hand import (
    Ranking,
    encoder_of,
    if_of,
    ranking_at_hand,
    span_reader_named,
)
from ctqa.answering.cached import CachedReranker
from ctqa.answering.calibration import Calibration, from_text, models_key, shipped
from ctqa.answering.disagree import disagreements
from ctqa.answering.judge import held_back, judge
from ctqa.answering.lines import HITS_READ, read_closely
from ctqa.answering.marks import Marker
from ctqa.answering.pages import on_their_pages, with_labels, with_quoted_labels
from ctqa.answering.question import make_asked
from ctqa.answering.read import PlainReader, Reader, RerankedReader
from ctqa.answering.rerank import rerank
from ctqa.answering.retrieve import retrieve
from ctqa.answering.same import told_once
from ctqa.config import SENTENCES, SPANS, SearchConfig
from ctqa.errors import ConfigError
from ctqa.index.facets import Filterable
from ctqa.index.files import Checked
from ctqa.index.local import IndexStatus, LocalIndex, open_index
from ctqa.models import Behind, Encoder, Reranker, SpanReader, Vectors, begin, is_apart
from ctqa.records import Answer, Document, Filter, Hit, Passage, Reply, Source

if TYPE_CHECKING:
    from ctqa.answering.spans import SpanAnswers
    from ctqa.answering.why import Explanation

Result = TypeVar("Result")


class QA:
    """Answers questions over one build of an index; threads may share it."""

    def __init__(
        self,
        index: LocalIndex,
        encoder: Encoder,
        reranker: Reranker | None,
        config: SearchConfig,
        notices: tuple[str, ...] = (),
        span_reader: SpanReader | None = None,
    ) -> None:
        self._index = index
        self._encoder = encoder
        self._reranker = None if reranker is None else CachedReranker(reranker)
        self._plain = PlainReader(index, encoder)
        self._calibrations: dict[str, Calibration | None] = {}
        self._span_reader = span_reader
        self._marker: Marker | None = None
        self._spans: SpanAnswers | None = None
        if span_reader is not None and config.reader == SPANS:
            self._marker = Marker(span_reader)
        elif span_reader is not None:
            self._spans = self._span_answers(span_reader)
        self.config = config
        self.notices = notices  # what the user should know of this QA, a line each

    def _span_answers(self, span_reader: SpanReader) -> "SpanAnswers":
        from ctqa.answering.spans import SpanAnswers  # noqa: PLC0415 -- few use it

        return SpanAnswers(span_reader, self.document)

    @classmethod
    def load(  # noqa: PLR0913 -- each is something that the caller may hold already
        cls,
        folder: Path,
        config: SearchConfig | None = None,
        *,
        encoder: Encoder | None = None,
        reranker: Reranker | None = None,
        span_reader: SpanReader | None = None,
        checked: Checked | None = None,
        behind: Behind | None = None,
        begun: Callable[[], Encoder] | None = None,
    ) -> "QA":
        """Open an index; None loads its own encoder, and the config's reranker and reader.

        Where the default reranker is not on this machine, hits stay in their fused order; where
        reader = "spans" cannot be had, sentences are shown; `notices` says so. Files in `checked`
        are not checked again; those that are, come to it.
        Models that `behind` is to load are not waited for until a question needs them. `begun`
        waits for an encoder that is being loaded already, most likely the index's.

        Raises:
            IndexLoadError: there is no usable index, or it was built with another encoder.
            ModelError: the encoder, the config's reader, or a reranker that is not the default is
                not on this machine.

        """
        settings = SearchConfig() if config is None else config
        reranks = reranker is None and settings.rerank > 0
        ranking: Callable[[], Ranking] = partial(
            ranking_at_hand, settings, behind, reranker, span_reader
        )
        if reranks and behind is None and is_apart(settings.reranker):
            ranking = begin(ranking)  # while the index is opened and the encoder is loaded
        index = open_index(folder, checked)
        try:
            if encoder is None and begun is not None:
                encoder = if_of(index.build, begun())
            if encoder is None:
                encoder = encoder_of(index.build, folder, behind)
            index.check_encoder(encoder.identity)
            named = span_reader_named(settings.reader, behind) if span_reader is None else None
            found = ranking()
        except BaseException:
            index.close()
            raise
        reader = found.marking if named is None else named
        return cls(index, encoder, found.reranker, settings, found.notices, reader)

    def close(self) -> None:
        """Let go of the index's files."""
        self._index.close()

    def opened_again(self, folder: Path, checked: Checked) -> "QA":
        """Open what an index holds now, beside this QA, with the same models.

        Only where another encoder made it, that one is loaded. Files in `checked` are not checked
        again; those that are, come to it.

        Raises:
            IndexLoadError: there is no usable index.
            ModelError: the encoder that made it is not on this machine.

        """
        index = open_index(folder, checked)
        try:
            encoder = self._encoder
            if index.build.encoder != encoder.identity:
                encoder = encoder_of(index.build, folder, None)
            index.check_encoder(encoder.identity)
        except BaseException:
            index.close()
            raise
        opened = QA(index, encoder, None, self.config, self.notices, self._span_reader)
        # With what they remember: they know texts, not builds.
        opened._reranker, opened._marker = self._reranker, self._marker
        return opened

    @property
    def state(self) -> tuple[int, str]:
        """What changes whenever another build or calibration of the index is the current one."""
        return self._index.state()

    def renew(self) -> None:
        """Let what was written since the index was opened be merged, if this is still current."""
        self._index.renew()

    @property
    def build(self) -> int:
        """The number of the build that answers."""
        return self._index.build.number

    def ask(
        self,
        question: str,
        *,
        id: str | None = None,
        config: SearchConfig | None = None,
        documents: Collection[str] | None = None,
        where: Filter | None = None,
        follows: str | None = None,
    ) -> Reply:
        """Answer a question in the documents' own words, or say that they do not answer it.

        `id` is handed through to the reply; `config` stands in for the QA's own for this question.
        `documents` names those to search, by id, `where` what they have to meet; None searches
        all. `follows` is the question asked before: what this one leaves unsaid is taken from it,
        and the reply tells what was searched.

        Raises:
            ConfigError: a document is not in the index or none meets the filter, the question is
                empty or longer than `MAX_QUESTION_CHARS`, or `config` names a reader that was not
                loaded.

        """
        settings = self.config if config is None else config
        clock = _Clock()
        made = make_asked(question, self._index, follows)
        asked = made.searched
        within = self._keys_of(documents, where)
        queries = clock.time("encode", lambda: self._encoder.encode_queries([asked]))  # (1, d)
        (fused,) = clock.time("retrieve", lambda: self._fused([asked], queries, settings, within))
        hits = clock.time("rerank", lambda: self._reranked(asked, fused, settings))
        reader = self._reader(settings)
        read = hits if made.legible else ()
        found = clock.time("read", lambda: reader.read(asked, queries[0], read))
        calibration = self.calibration(settings, given=_is_given(within))
        candidates = told_once(found, hits)
        answers = judge(candidates, calibration, settings)
        differing = clock.time("compare", lambda: disagreements(self._index, asked, answers, hits))
        return Reply(
            id=id,
            question=question,
            answers=self._with_editions(on_their_pages(self._index, answers)),
            hits=with_labels(self._index, hits[: settings.passages]),
            pages_unread=self._index.pages_unread,
            build=self.build,
            elapsed_ms=clock.elapsed_ms(),
            searched=asked if made.added else "",
            calibration=None if calibration is None else calibration.told(),
            expansions=made.expansions,
            held_back=None if answers else held_back(candidates, calibration, settings),
            disagreements=with_quoted_labels(self._index, differing),
        )

    def search(
        self,
        question: str,
        *,
        config: SearchConfig | None = None,
        documents: Collection[str] | None = None,
        where: Filter | None = None,
    ) -> tuple[Hit, ...]:
        """Find the passages nearest to a question, best first, without cutting answers out."""
        return self.search_many([question], config=config, documents=documents, where=where)[0]

    def search_many(
        self,
        questions: Sequence[str],
        *,
        config: SearchConfig | None = None,
        documents: Collection[str] | None = None,
        where: Filter | None = None,
    ) -> list[tuple[Hit, ...]]:
        """Search for many questions; the same hits as one by one, encoded together."""
        settings = self.config if config is None else config
        asked = [make_asked(question, self._index).searched for question in questions]
        queries = self._encoder.encode_queries(asked)  # (n, d)
        fused = self._fused(asked, queries, settings, self._keys_of(documents, where))
        return [
            with_labels(self._index, self._reranked(question, hits, settings)[: settings.passages])
            for question, hits in zip(asked, fused, strict=True)
        ]

    def why(
        self, question: str, passage: str, *, config: SearchConfig | None = None
    ) -> "Explanation":
        """Tell how one passage fares for a question at every stage, and where it is lost.

        `passage` is a passage's id, or words quoted from a document.

        Raises:
            ConfigError: no passage is meant, or the question cannot be asked.

        """
        from ctqa.answering.why import Stages, explain  # noqa: PLC0415 -- asking does not need it

        settings = self.config if config is None else config
        made = make_asked(question, self._index)
        asked = made.searched
        queries = self._encoder.encode_queries([asked])  # (1, d)
        everything = replace(settings, passages=2 * settings.candidates)
        (fused,) = self._fused([asked], queries, everything, None)
        hits = self._reranked(asked, fused, settings)
        closely = [hit for hit in hits if hit.why.sentence_score is not None]
        read = hits if made.legible else ()
        passages = len(self._index)
        stages = Stages(
            question=question,
            searched=asked,
            config=settings,
            dense=self._index.dense(queries, passages)[0] if settings.dense_weight > 0 else [],
            lexical=self._index.lexical(asked, passages) if settings.dense_weight < 1 else [],
            fused=fused,
            hits=hits,
            lines=read_closely(self._reranker, asked, closely) if self._reranker else (),
            found=self._reader(settings).read(asked, queries[0], read),
            calibration=self.calibration(settings),
        )
        return explain(self._index, stages, passage)

    def _with_editions(self, answers: Iterable[Answer]) -> tuple[Answer, ...]:
        """Tell of answers from a document of which the index holds other editions."""
        return tuple(
            replace(answer, newer=newer, newest=newest)
            for answer in answers
            for newer, newest in (self._index.edition(answer.source.id),)
        )

    def _fused(
        self,
        questions: list[str],
        queries: Vectors,
        config: SearchConfig,
        within: Sequence[int] | None,
    ) -> list[tuple[Hit, ...]]:
        """Retrieve as many hits as will be reranked or shown, whichever is more."""
        wanted = replace(config, passages=max(config.passages, config.rerank))
        return retrieve(self._index, questions, queries, wanted, within)

    def _keys_of(self, documents: Collection[str] | None, where: Filter | None) -> list[int] | None:
        """List the keys of the passages to search; None for all."""
        wanted = Filter() if where is None else where
        if documents is not None:
            within = set(documents if wanted.documents is None else wanted.documents)
            wanted = replace(wanted, documents=tuple(sorted(within.intersection(documents))))
        ids = wanted.documents
        unknown = set() if ids is None else set(ids) - self._index.ids_among(ids)
        if unknown:
            raise ConfigError(
                f"no document {min(unknown)!r} in build {self.build}; `ctqa status --json` lists "
                "their ids, paths below the folder that was given: 'reports/2024.pdf'"
            )
        if ids is not None and wanted == Filter(documents=ids):
            return self._index.keys_of(ids)
        return None if wanted == Filter() else self._index.keys_where(wanted)

    def _reranked(
        self, question: str, hits: tuple[Hit, ...], config: SearchConfig
    ) -> tuple[Hit, ...]:
        if self._reranker is not None and config.rerank > 0:
            return rerank(self._reranker, question, hits, config.rerank)
        return hits

    def _reader(self, config: SearchConfig) -> Reader:
        if config.reader not in (SENTENCES, self.config.reader):
            raise ConfigError(
                f'reader = "{config.reader}": was not loaded with this QA (reader = '
                f'"{self.config.reader}"); name it in the config given to load'
            )
        if config.reader != SENTENCES and self._spans is not None:
            return self._spans
        if self._reranker is None or config.rerank == 0:
            return self._plain
        return RerankedReader(self._reranker, self._index, self._marking(config))

    def _marking(self, config: SearchConfig) -> Marker | None:
        reranks = self._reranker is not None and config.rerank > 0
        return self._marker if reranks and config.reader == SPANS else None

    @property
    def index_settings(self) -> Mapping[str, Any]:
        """IndexConfig's values for the build that answers, as they were called when it was made."""
        return self._index.build.config

    @property
    def marks_words(self) -> bool:
        """Whether the very words that answer are marked in what is shown."""
        return self._marking(self.config) is not None

    @property
    def models(self) -> str:
        """The models that decide what an answer's signals mean."""
        return self._models(self.config, given=False)

    def _models(self, config: SearchConfig, *, given: bool) -> str:
        """Give the key of calibrations that understand the signals."""
        marker = self._marking(config)
        unmarked = _unmarked(config.reader)
        reranker = self._reranker if config.rerank > 0 else None
        return models_key(
            reader=unmarked if marker is None else f"{SPANS}-{marker.sha256[:8]}",
            reranker_sha256=None if reranker is None else reranker.sha256,
            encoder_key=self._encoder.identity.key,
            given=given,
        )

    def calibration(
        self, config: SearchConfig | None = None, *, given: bool = False
    ) -> Calibration | None:
        """Give what confidence rests on: the index's own calibration, else the one CTQA ships.

        `given` asks for the one that serves where so few passages are searched that all are read.
        None where neither was made with these models: answers are then uncalibrated.
        """
        key = self._models(self.config if config is None else config, given=given)
        if key not in self._calibrations:
            own = self._index.calibration(key)
            self._calibrations[key] = shipped(key) if own is None else from_text(own)
        return self._calibrations[key]

    def documents(self) -> tuple[Source, ...]:
        """List the documents in the order of their ids."""
        return self._index.sources()

    def filterable(self) -> Filterable:
        """Give what a filter can ask for."""
        return self._index.filterable()

    def document(self, document_id: str) -> Document:
        """Fetch a document with its text, pages and sections.

        Raises:
            ConfigError: the index holds no document of that id.

        """
        found = self._index.document(document_id)
        if found is None:
            raise ConfigError(f"no document {document_id!r} in build {self.build}")
        return found

    def text_of(self, document_id: str) -> str:
        """Fetch a document's text."""
        return self.document(document_id).text

    def passages_of(self, document_id: str) -> tuple[Passage, ...]:
        """Fetch the passages of a document in the order of its text; none where it has no text.

        Raises:
            ConfigError: the index holds no document of that id.

        """
        found = self._index.passages(self._keys_of([document_id], None) or [])
        return tuple(sorted((passage for passage, _ in found.values()), key=lambda p: p.start))

    def status(self) -> IndexStatus:
        """Sum up what the index holds."""
        return self._index.status()


class _Clock:
    def __init__(self) -> None:
        self._started = time.perf_counter()
        self._stages: dict[str, float] = {}

    def time(self, stage: str, work: Callable[[], Result]) -> Result:
        started = time.perf_counter()
        result = work()
        self._stages[stage] = (time.perf_counter() - started) * 1000
        return result

    def elapsed_ms(self) -> dict[str, float]:
        total = (time.perf_counter() - self._started) * 1000
        return {name: round(ms, 2) for name, ms in (self._stages | {"total": total}).items()}


def _unmarked(reader: str) -> str:
    """Name the reader that answers where nothing marks words."""
    return SENTENCES if reader == SPANS else reader


def _is_given(within: Sequence[int] | None) -> bool:
    """Tell whether whoever asks named so few passages that every one of them is read."""
    return within is not None and len(within) <= HITS_READ
