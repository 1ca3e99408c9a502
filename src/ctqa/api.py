"""The calls that most programs need: build, load, evaluate, compare, calibrate."""

import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ctqa.config import SENTENCES, SPANS, IndexConfig, SearchConfig
from ctqa.errors import ConfigError
from ctqa.index.catalog import Catalog
from ctqa.index.rows import Build
from ctqa.index.schema import FILE_NAME
from ctqa.models import begin, is_apart, load_encoder

if TYPE_CHECKING:
    from ctqa.answering.calibration import Calibration
    from ctqa.answering.qa import QA
    from ctqa.evaluation import Evaluation, Progress
    from ctqa.evaluation.comparing.compare import Comparison
    from ctqa.index.build import BuildOptions
    from ctqa.index.build import Progress as BuildProgress
    from ctqa.index.report import BuildReport
    from ctqa.models import Encoder


def _silent(*_: object) -> None:
    """Report progress to nobody."""


def build(  # noqa: PLR0913 -- of what, where, how, and by whom
    paths: Iterable[str | Path] | None = None,
    index: str | Path = "index",
    *,
    config: IndexConfig | None = None,
    progress: "BuildProgress" = _silent,
    passwords: Iterable[str] = (),
    new_encoder: bool = False,
    ray: str | None = None,
) -> "BuildReport":
    """Make an index folder hold exactly the documents in `paths`, files or folders.

    None takes the paths of the last build again, and likewise its `config`.
    What has not changed is neither read nor encoded again. A file that cannot be read does not
    stop the build; it stands in the report's `problems`. `passwords` are tried on encrypted files
    and kept nowhere. `new_encoder` allows another encoder than the last build's: everything is
    then encoded anew beside it, and it answers until that is done. `ray` is the address of a Ray
    cluster whose workers read, split and encode: "auto", "HOST:PORT" or "ray://HOST:PORT".

    Raises:
        SourceError: a path does not exist, or no file in it has any text.
        ConfigError: the Ray cluster cannot be reached, or its workers have another CTQA.
        ModelError: the encoder is not on this machine, or not on a worker of the cluster.
        IndexLoadError: the index cannot be read, or is encoded by another encoder; or the Qdrant
            cluster that it is to be in does not answer.
        IndexWriteError: another process is writing to the index, or it cannot be written to.

    """
    from ctqa.index.build import BuildOptions  # noqa: PLC0415 -- asking needs no more
    from ctqa.index.reaching import reached  # noqa: PLC0415

    folder = Path(index)
    settings = settings_of(folder) if config is None else config
    with reached(folder, settings.store, ray) as cluster:
        given = roots_of(folder) if paths is None else [Path(path) for path in paths]
        options = BuildOptions(passwords=tuple(passwords), new_encoder=new_encoder, ray=cluster)
        return built(given, folder, settings, progress, options)


def built(
    given: Sequence[Path],
    folder: Path,
    settings: IndexConfig,
    progress: "BuildProgress",
    options: "BuildOptions",
) -> "BuildReport":
    """Do the same once it is known that the clusters it needs are there; raises the same."""
    from ctqa.index.build import build_index  # noqa: PLC0415 -- asking needs no more
    from ctqa.sources import collect  # noqa: PLC0415

    return build_index(
        collect(given, without=folder),
        folder,
        encoder=_encoder_for(settings.encoder, folder, anew=options.new_encoder),
        config=settings,
        progress=progress,
        options=options,
    )


def _encoder_for(name: str, folder: Path, *, anew: bool) -> "Encoder":
    """Load an encoder; in the form that made an index's last build, unless another may come."""
    last = None if anew else last_build(folder)
    if last is None or last.config["encoder"] != name:
        return load_encoder(name)
    return load_encoder(name, built=last.encoder)


def settings_of(index: str | Path) -> IndexConfig:
    """Give the settings of an index's last build, the defaults where there is none.

    Reading pictures is not among them: it is asked for each time.
    """
    last = last_build(Path(index))
    return IndexConfig() if last is None else IndexConfig(**last.config | {"ocr": False})


def last_build(folder: Path) -> Build | None:
    """Give the last build of an index; None where there is none."""
    if not (folder / FILE_NAME).is_file():
        return None
    with closing(Catalog.open(folder)) as catalog:
        builds = catalog.builds()
    return builds[-1] if builds else None


def roots_of(index: str | Path) -> list[Path]:
    """Give the files and folders that an index's last build was made of.

    Raises:
        ConfigError: nothing was built here yet, or the index came from another machine.

    """
    folder = Path(index)
    with closing(Catalog.open(folder)) as catalog:
        builds = catalog.builds()
    if not builds or not builds[-1].roots:
        why = "this index came from another machine" if builds else "nothing was built here yet"
        raise ConfigError(f"{folder}: {why}; give the documents' PATH")
    return [Path(root) for root in builds[-1].roots]


def load(index: str | Path = "index", *, config: SearchConfig | None = None) -> "QA":
    """Open an index folder for asking and searching.

    Raises:
        IndexLoadError: there is no usable index in the folder.
        ModelError: the encoder that it was built with is not on this machine.

    """
    folder = Path(index)
    begun = _encoder_begun(folder)
    from ctqa.answering.qa import QA  # noqa: PLC0415 -- while the encoder is loaded

    return QA.load(folder, config, begun=begun)


def _encoder_begun(folder: Path) -> "Callable[[], Encoder] | None":
    """Begin to load an index's encoder, and give what waits for it; None: that can not be begun."""
    last = last_build(folder)
    if last is None:
        return None
    name = str(last.config["encoder"])
    if not is_apart(name, built=last.encoder):
        return None
    return begin(partial(load_encoder, name, built=last.encoder))


def calibrate(
    index: str | Path,
    gold: str | Path,
    *,
    config: SearchConfig | None = None,
    progress: "Progress | None" = None,
) -> "Calibration":
    """Learn from gold questions how likely an answer is right, and keep it with the index.

    It serves from the next `load` on, for the same reranker and reader, and outlives rebuilds.

    Raises:
        GoldError: the gold set cannot be read, or is too thin to learn from.
        ConfigError: the config names another reader than CTQA's, whose answers carry no signals.
        IndexLoadError: there is no usable index, or another process is writing to it.

    """
    if config is not None and config.reader not in (SENTENCES, SPANS):
        raise ConfigError(
            f'reader = "{config.reader}": only the answers of reader = "{SENTENCES}" or '
            f'"{SPANS}" can be calibrated'
        )
    from ctqa.evaluation.calibrate import SIGNALS, SPAN_SIGNALS, collect, fit  # noqa: PLC0415
    from ctqa.evaluation.gold.named import load_named  # noqa: PLC0415
    from ctqa.index.build import keep_calibration  # noqa: PLC0415

    qa = load(index, config=config)
    try:
        questions = load_named(Path(gold), Path(index))
        found = fit(
            collect(qa, questions, progress=progress),
            gold=questions.name,
            own=True,
            models=qa.models,
            signals=SPAN_SIGNALS if qa.marks_words else SIGNALS,
        )
    finally:
        qa.close()
    keep_calibration(Path(index), found.models, json.dumps(found.to_json()))
    return found


def evaluate(
    qa: "QA", gold: str | Path, *, answers: bool = True, progress: "Progress | None" = None
) -> "Evaluation":
    """Measure an opened index on a gold question set; see README, "Gold questions".

    `answers=False` measures retrieval alone, with rerank=0 it takes seconds.

    Raises:
        GoldError: the gold set cannot be read.

    """
    from ctqa import evaluation  # noqa: PLC0415

    questions = evaluation.load_gold(Path(gold))
    return evaluation.evaluate(qa, questions, answers=answers, progress=progress)


def compare(  # noqa: PLR0913 -- what is compared, and how what is not yet evaluated is
    a: "str | Path | Evaluation" = "previous",
    b: "str | Path | Evaluation" = "latest",
    *,
    index: str | Path = "index",
    gold: str | Path | None = None,
    config: SearchConfig | None = None,
    answers: bool = True,
    measure: str | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> "Comparison":
    """Compare two results question by question: what differs, and what of it is beyond chance.

    Each is an evaluation, or what names one: the id of a result kept with `index`, "previous",
    "latest", a file that `ctqa eval --json` printed, a TREC run, an index folder or a ctqa.toml.
    The last three are held against `gold`; `config` and `answers` say how index folders are
    evaluated. `measure` decides, by default what the gold tells about answers.

    Raises:
        ConfigError: one stands for nothing or for several things, or they have nothing in common.
        GoldError: the gold set cannot be read.
        IndexLoadError: an index or a result cannot be read.
        ModelError: a model that evaluating needs is not on this machine.

    """
    from ctqa.evaluation import Evaluation  # noqa: PLC0415
    from ctqa.evaluation.comparing import compare as comparing  # noqa: PLC0415 -- loads scipy
    from ctqa.evaluation.comparing.measured import Measured, of_evaluation  # noqa: PLC0415
    from ctqa.evaluation.comparing.operands import Surroundings, check_both, take  # noqa: PLC0415
    from ctqa.evaluation.gold.named import load_named  # noqa: PLC0415

    around = Surroundings(
        index=Path(index),
        gold=None if gold is None else load_named(Path(gold), Path(index)),
        search=SearchConfig() if config is None else config,
        answers=answers,
        progress=progress,
    )

    if not isinstance(a, Evaluation) and not isinstance(b, Evaluation):
        check_both(str(a), str(b), around)

    def measured(given: "str | Path | Evaluation", name: str) -> Measured:
        if isinstance(given, Evaluation):
            return of_evaluation(given, name)
        return take(str(given), around)

    return comparing.compare(measured(a, "A"), measured(b, "B"), measure)
