"""Trying settings on an index and on trial indexes beside it; the index itself is only read.

A setting of the index needs an index of its own: it is built in a temporary folder, from the
documents of the last build, and begins with what that build has encoded, so that no text is encoded
twice. The folder goes when all is done, and when it is stopped.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from ctqa import api
from ctqa.answering.at_hand import ranking_at_hand, span_reader_named
from ctqa.answering.qa import QA
from ctqa.config import LOCAL, SPANS, Config, IndexConfig, SearchConfig
from ctqa.errors import ConfigError
from ctqa.evaluation.gold.named import load_named
from ctqa.evaluation.gold.questions import GoldQuestion
from ctqa.evaluation.tuning.folds import draw_folds
from ctqa.evaluation.tuning.knobs import INDEX_KNOBS, Value, grid, make_knobs
from ctqa.evaluation.tuning.remembering import (
    RememberingEncoder,
    RememberingIndex,
    RememberingReranker,
)
from ctqa.evaluation.tuning.trials import (
    ANSWERING,
    Trial,
    cautions,
    located,
    measure_for,
    questions_for,
    try_all,
)
from ctqa.evaluation.tuning.tune import Tuning, check_folds, conclude
from ctqa.index.archive_catalog import adopted, copy_build
from ctqa.index.build import BuildOptions, build_index
from ctqa.index.build import Progress as BuildProgress
from ctqa.index.catalog import Catalog
from ctqa.index.local import open_index
from ctqa.models import Encoder, Reranker, SpanReader, load_encoder, load_reranker, models
from ctqa.sources import Collection, collect, sha256_of

Knobs = Mapping[str, Sequence[Value] | None]  # None: a few values around the present one
Shown = Callable[[], AbstractContextManager[BuildProgress]]  # shows one stretch of work

_PROBED = 2  # questions


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What tuning will take; seconds are estimated from a short trial."""

    settings: int
    questions: int
    indexes: int  # to be built
    build_s: float  # encoding alone: how long files take to be read again is not known
    try_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Where tuning tells how it goes."""

    cost: Callable[[Cost], None] = lambda _: None
    note: Callable[[str], None] = lambda _: None
    shown: Shown = lambda: nullcontext(lambda *_: None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The models that are tried, loaded once; None of a kind loads those that are named."""

    encoders: Mapping[str, Encoder] | None = None
    reranker: Reranker | None = None


def tune(  # noqa: PLR0913 -- what is tuned, by what, and how
    index: str | Path,
    gold: str | Path,
    *,
    config: SearchConfig | None = None,
    knobs: Knobs | None = None,
    measure: str | None = None,
    folds: int = 5,
    passwords: Sequence[str] = (),
    watch: Watch = Watch(),
    parts: Parts = Parts(),
) -> Tuning:
    """Find by cross-validation which settings serve a gold set best; nothing is changed.

    `knobs` None turns all but the encoder. `config` is what there is now.

    Raises:
        GoldError: the gold set cannot be read, or has too few questions for the folds.
        ConfigError: a knob, value or measure cannot be used, or documents have changed.
        IndexLoadError: there is no usable index.
        ModelError: an encoder or the reranker is not on this machine.

    """
    folder, asked = Path(index), load_named(Path(gold), Path(index))
    present = Config(
        index=api.settings_of(folder), search=SearchConfig() if config is None else config
    )
    by = measure_for(asked, measure)
    questions, notes = questions_for(asked, by)
    check_folds(folds, len(questions), asked.name)
    wanted, about = (knobs, ()) if knobs is not None else _usual_knobs(folder, present)
    laboratory = _Laboratory(folder, present, wanted, by, parts)
    with laboratory.base() as base:
        targets = located(base, questions)
        watch.cost(laboratory.cost(base, questions))
        with laboratory.trials(base, passwords, watch) as trials, watch.shown() as progress:
            scores = try_all(
                trials, questions, by, lambda done, total: progress("try", done, total)
            )
    return conclude(
        laboratory.settings,
        [question.id for question in questions],
        scores,
        draw_folds(targets, folds),
        gold=asked.name,
        measure=by,
        notes=(*notes, *about, *cautions(questions, by, wanted), *laboratory.notes),
    )


def _usual_knobs(folder: Path, present: Config) -> tuple[Knobs, tuple[str, ...]]:
    """Name the knobs that are turned unless others are named, and tell which are left out."""
    search: dict[str, None] = {"dense_weight": None, "candidates": None}
    if present.search.rerank > 0:
        search["rerank"] = None
    if present.index.split == "document":
        return search, ("passage_tokens was not tried: one passage is one document here",)
    try:
        api.roots_of(folder)
    except ConfigError as error:
        return search, (f"passage_tokens was not tried, since it takes the documents: {error}",)
    return {"passage_tokens": None, **search}, ()


class _Laboratory:
    """The settings to try, the models for them, and the indexes they are tried on."""

    def __init__(
        self, folder: Path, present: Config, knobs: Knobs, measure: str, parts: Parts
    ) -> None:
        here = _encoders_here() if "encoder" in knobs else []
        made = make_knobs(knobs, present, here)
        names = next((knob.values for knob in made if knob.name == "encoder"), None)
        names = (present.index.encoder,) if names is None else names
        self._encoders = {
            str(name): RememberingEncoder(_encoder(str(name), parts)) for name in names
        }
        room = {name: each.identity.max_tokens for name, each in self._encoders.items()}
        self.settings, self.notes = grid(made, present, room)
        self._folder, self._present, self._measure = folder, present, measure
        self._collection = _unchanged(folder) if len(self._by_index()) > 1 else None
        self._reranker = self._load_reranker(parts)
        self._depth = max(setting.config.search.candidates for setting in self.settings)

    @contextmanager
    def base(self) -> Iterator[QA]:
        """Open the user's index."""
        with closing(self._opened(self._folder, self._present.index)) as qa:
            yield qa

    def cost(self, base: QA, questions: Sequence[GoldQuestion]) -> Cost:
        """Estimate what trying will take, from a few questions and passages."""
        indexes = self._by_index()
        own = _numbered(Trial(qa=base, settings=indexes.pop(self._present.index)))
        first, *probed = questions[:: len(questions) // (_PROBED + 1)][: _PROBED + 1]
        try_all([own], [first], self._measure)  # what is loaded when first needed
        began = time.monotonic()
        try_all([own], probed, self._measure)
        a_question = (time.monotonic() - began) / len(probed)
        tokens = self._present.index.passage_tokens  # a longer passage takes longer to read
        longer = sum(config.passage_tokens / tokens for config in indexes)
        return Cost(
            settings=len(self.settings),
            questions=len(questions),
            indexes=len(indexes),
            build_s=len(indexes) * self._encode_s(base, probed[0].question) if indexes else 0.0,
            try_s=a_question * (1 + longer) * len(questions),
        )

    @contextmanager
    def trials(self, base: QA, passwords: Sequence[str], watch: Watch) -> Iterator[list[Trial]]:
        """Build and open an index for every combination of its settings; they go afterwards."""
        indexes = self._by_index()
        with ExitStack() as stack:
            trials = [Trial(qa=base, settings=indexes.pop(self._present.index))]
            work = Path(stack.enter_context(TemporaryDirectory(prefix="ctqa-tune-")))
            for number, (config, settings) in enumerate(indexes.items(), start=1):
                watch.note(f"building trial index {number} of {len(indexes)}: {_told(config)}")
                place = work / str(number)
                with watch.shown() as progress:
                    self._build(place, config, passwords, progress)
                qa = stack.enter_context(closing(self._opened(place, config)))
                trials.append(Trial(qa=qa, settings=settings))
            yield trials

    def _by_index(self) -> dict[IndexConfig, dict[int, SearchConfig]]:
        """Group the settings, by their numbers, by the index that they need."""
        found: dict[IndexConfig, dict[int, SearchConfig]] = {self._present.index: {}}
        for number, setting in enumerate(self.settings):
            found.setdefault(setting.config.index, {})[number] = setting.config.search
        return found

    def _build(
        self, place: Path, config: IndexConfig, passwords: Sequence[str], progress: BuildProgress
    ) -> None:
        """Build a trial index, beginning with what the user's index has read and encoded."""
        assert self._collection is not None  # noqa: S101 -- found where an index is to be built
        place.mkdir()
        copy_build(self._folder, place)
        adopted(place).close()
        build_index(
            self._collection,
            place,
            encoder=self._encoders[config.encoder],
            config=replace(config, store=LOCAL),  # a trial is nobody else's
            progress=progress,
            options=BuildOptions(passwords=tuple(passwords), new_encoder=True),
        )

    def _opened(self, place: Path, config: IndexConfig) -> QA:
        encoder, search = self._encoders[config.encoder], self._present.search
        reader = self._span_reader(search) if self._measure in ANSWERING else None
        index = RememberingIndex.over(open_index(place), self._depth)
        try:
            index.check_encoder(encoder.identity)
        except BaseException:
            index.close()
            raise
        return QA(index, encoder, self._reranker, search, span_reader=reader)

    def _span_reader(self, search: SearchConfig) -> SpanReader | None:
        if search.reader == SPANS and self._reranker is not None:
            return ranking_at_hand(search, None, self._reranker).marking
        return span_reader_named(search.reader, None)

    def _load_reranker(self, parts: Parts) -> RememberingReranker | None:
        if all(setting.config.search.rerank == 0 for setting in self.settings):
            return None
        name = self._present.search.reranker
        given = load_reranker(name) if parts.reranker is None else parts.reranker
        return RememberingReranker(given)

    def _encode_s(self, base: QA, question: str) -> float:
        """Estimate how long it takes to encode all passages."""
        texts = [hit.passage.text for hit in base.search(question)]
        encoder = self._encoders[self._present.index.encoder]
        began = time.monotonic()
        encoder.encode_passages(texts)
        each = (time.monotonic() - began) / max(1, len(texts))
        return each * base.status().passages


def _numbered(trial: Trial) -> Trial:
    """Give the only trial that there is, its settings numbered from 0."""
    return Trial(qa=trial.qa, settings=dict(enumerate(trial.settings.values())))


def _encoders_here() -> list[str]:
    return [each.name for each in models() if each.kind == "encoder" and each.state == "ready"]


def _encoder(name: str, parts: Parts) -> Encoder:
    return load_encoder(name) if parts.encoders is None else parts.encoders[name]


def _told(config: IndexConfig) -> str:
    return ", ".join(f"{name} = {getattr(config, name)}" for name in INDEX_KNOBS)


def _unchanged(folder: Path) -> Collection:
    """Find the documents of the last build again.

    Raises:
        ConfigError: they are not what they were, or on another machine.

    """
    try:
        collection = collect(api.roots_of(folder), without=folder)
    except ConfigError as error:
        raise ConfigError(
            f"{error}: settings of the index are tried on the documents. Or turn knobs of the "
            "search alone: --knob dense_weight --knob candidates --knob rerank"
        ) from error
    with closing(Catalog.open(folder)) as catalog:
        rows = catalog.files(catalog.builds()[-1].number)
    then = {row.id: row.sha256 for row in rows if row.state == "read"}
    now = {file.id: file.path for file in collection.files if file.state == "found"}
    known = {row.id for row in rows}
    changed = sorted(
        {name for name, digest in then.items() if name not in now or sha256_of(now[name]) != digest}
        | (now.keys() - known)
    )
    if changed:
        raise ConfigError(
            f"{len(changed)} documents are not as they were built ({changed[0]}), so that trial "
            f"indexes would hold others than yours: run `ctqa build --index {folder}` first"
        )
    return collection
