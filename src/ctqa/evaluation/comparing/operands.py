"""What can be compared, by what people call it: kept results, files, indexes, configurations."""

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path

from ctqa.answering.qa import QA
from ctqa.config import Config, IndexConfig, SearchConfig, load_config
from ctqa.errors import ConfigError
from ctqa.evaluation.comparing.measured import (
    Measured,
    Ranks,
    check_ranks,
    of_evaluation,
    of_result,
)
from ctqa.evaluation.comparing.runs import load_run
from ctqa.evaluation.comparing.saved import load_saved
from ctqa.evaluation.gold.opened import is_index, opened_documents
from ctqa.evaluation.gold.questions import Gold
from ctqa.evaluation.kept import Results, Summary, circumstances, read_result
from ctqa.evaluation.locate import Library
from ctqa.evaluation.run import Progress, evaluate
from ctqa.index.local import open_index

LATEST, PREVIOUS = "latest", "previous"
_START_OF_ID = re.compile(r"[0-9]{4}[0-9TZ]*(-[0-9a-f]*)?")  # a year at least
_LISTED = 5  # of the results that a beginning could mean
_KNOWN = (
    "the id of a kept result or its beginning, latest, previous, a file that `ctqa eval --json` "
    "printed, a TREC run, an index folder or a ctqa.toml"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Where operands are looked for, and how those are evaluated that are not yet."""

    index: Path = Path("index")
    gold: Gold | None = None
    search: SearchConfig = field(default_factory=SearchConfig)  # for index folders
    answers: bool = True
    progress: Callable[[str, int, int], None] | None = None  # stage, done, of how many


@dataclass(frozen=True, slots=True, kw_only=True)
class _Meaning:
    """Something that a name could stand for."""

    what: str
    take: Callable[[], Measured]


def take(name: str, around: Surroundings) -> Measured:
    """Give what a name stands for; an index folder and a ctqa.toml are evaluated now.

    Raises:
        ConfigError: it stands for nothing, for several things, or needs a gold set to be given.
        IndexLoadError: the index or the result cannot be read.
        ModelError: a model that evaluating needs is not on this machine.

    """
    meanings = [*_kept(name, around), *_on_disk(name, around)]
    if not meanings:
        raise ConfigError(f"{name}: there is no such thing; expected {_KNOWN}{_there_are(around)}")
    if len(meanings) > 1:
        listed = "; ".join(meaning.what for meaning in meanings[:_LISTED])
        more = len(meanings) - _LISTED
        left = f"; and {more} more" if more > 0 else ""
        raise ConfigError(
            f"{name}: could be {listed}{left}; write more of the id, or ./{name} for the file"
        )
    return meanings[0].take()


def check_both(a: str, b: str, around: Surroundings) -> None:
    """See before anything is evaluated that the ranks of two operands count the same things.

    Raises:
        ConfigError: one is a run, which ranks documents, and the other ranks passages.

    """
    if around.gold is not None:
        others = _ranks(around.gold)
        check_ranks(*((name, "documents" if _is_run(name) else others) for name in (a, b)))


def take_saved(name: str, around: Surroundings) -> Measured:
    """Give what a name stands for, provided it was evaluated before.

    Raises:
        ConfigError: it stands for nothing, for several things, or was not evaluated before.
        IndexLoadError: the result cannot be read.

    """
    path = Path(name)
    if path.is_dir() or path.suffix == ".toml" or _is_run(name):
        raise ConfigError(
            f"{name}: is not evaluated; expected the id of a kept result, or a file that `ctqa "
            "eval --json` printed"
        )
    return take(name, around)


# Kept results -----------------------------------------------------------------------------------


def _kept(name: str, around: Surroundings) -> Iterator[_Meaning]:
    results = Results(around.index)
    if name in (LATEST, PREVIOUS):
        kept = list(_readable(results))
        found = _latest(kept, around) if name == LATEST else _previous(kept, around)
        yield _meaning(found, name, around)
    elif _START_OF_ID.fullmatch(name):
        for each in _readable(results):
            if each.id.startswith(name):
                yield _meaning(each, name, around)


def _meaning(found: Summary, name: str, around: Surroundings) -> _Meaning:
    called = found.id if name not in (LATEST, PREVIOUS) else f"{name} ({found.id})"
    return _Meaning(
        what=f"the result {found.id} of {found.gold}, build {found.build}",
        take=lambda: _ranked(of_result(Results(around.index).open(found.id), called), around),
    )


def _readable(results: Results) -> Iterator[Summary]:
    """Give the kept results, the newest first; those that cannot be read are passed over."""
    return (each for each in results.listed() if isinstance(each, Summary))


def _latest(kept: list[Summary], around: Surroundings) -> Summary:
    if not kept:
        raise ConfigError(
            f"{around.index}: no result is kept here; `ctqa eval GOLD --index {around.index}` "
            "keeps one"
        )
    return kept[0]


def _previous(kept: list[Summary], around: Surroundings) -> Summary:
    """Give the result before the latest of the same gold set, be it as it was then or not."""
    latest = _latest(kept, around)
    same = [each for each in kept[1:] if each.about.gold_sha256 == latest.about.gold_sha256]
    named = [each for each in kept[1:] if each.gold == latest.gold]
    if not same and not named:
        raise ConfigError(
            f"{around.index}: {latest.gold}, the gold set of the latest result, has no result "
            "before that; change something, run `ctqa eval` again, then compare"
        )
    return (same or named)[0]


def _there_are(around: Surroundings) -> str:
    kept = [each.id for each in _readable(Results(around.index))][:_LISTED]
    return f"; kept last are {', '.join(kept)}" if kept else f"; in {around.index} none is kept"


# What is on the disk ----------------------------------------------------------------------------


def _on_disk(name: str, around: Surroundings) -> Iterator[_Meaning]:
    path = Path(name)
    if path.is_dir():
        what = "an index folder" if is_index(path) else "a folder that is no index"
        yield _Meaning(what=f"{path}, {what}", take=lambda: _of_index(path, around))
    elif path.suffix == ".toml" and path.exists():
        yield _Meaning(what=f"the configuration {path}", take=lambda: _of_config(path, around))
    elif path.exists():
        yield _Meaning(what=f"the file {path}", take=lambda: _of_file(path, around))


def _of_file(path: Path, around: Surroundings) -> Measured:
    content = _read(path)
    if not _is_json(content):
        return _of_run(path, content, around)
    if _is_kept(content):
        return _ranked(of_result(read_result(path), str(path)), around)
    return _ranked(load_saved(path, content), around)


def _is_run(name: str) -> bool:
    """Tell whether a name is that of a file that is read as a TREC run."""
    path = Path(name)
    return path.is_file() and path.suffix != ".toml" and not _is_json(_read(path))


def _is_json(content: str) -> bool:
    return content.lstrip().startswith("{")


def _is_kept(content: str) -> bool:
    try:
        head = json.loads(content.partition("\n")[0])
    except (RecursionError, ValueError):
        return False  # JSON over several lines, or no JSON at all
    return "rows_sha256" in head


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read ({error}); expected {_KNOWN}") from error


def _of_run(path: Path, content: str, around: Surroundings) -> Measured:
    gold = _gold(path, around)
    if not is_index(around.index):
        return load_run(path, content, gold)
    with opened_documents(around.index) as documents:
        return load_run(path, content, gold, Library(documents).find)


def _of_index(folder: Path, around: Surroundings) -> Measured:
    if not is_index(folder):
        raise ConfigError(f"{folder}: holds no index; expected {_KNOWN}")
    return _evaluated(str(folder), folder, around.search, around)


def _of_config(path: Path, around: Surroundings) -> Measured:
    """Evaluate the index with the search settings of a file.

    Raises:
        ConfigError: its index settings are not those that the index was built with.

    """
    with closing(open_index(around.index)) as index:
        built = IndexConfig(**index.build.config | {"ocr": False})
    config = load_config(path, Config(index=built))
    asked = asdict(replace(config.index, ocr=False))
    differing = [
        f"{n} = {v} (built: {getattr(built, n)})"
        for n, v in asked.items()
        if v != getattr(built, n)
    ]
    if differing:
        raise ConfigError(
            f"{path}: asks for an index with {', '.join(differing)}, which {around.index} is not; "
            f"build it (`ctqa build PATH --index OTHER --config {path}`) and compare the two index "
            "folders"
        )
    return _evaluated(str(path), around.index, config.search, around)


def _evaluated(name: str, folder: Path, search: SearchConfig, around: Surroundings) -> Measured:
    gold = _gold(Path(name), around)
    began = time.monotonic()
    with closing(QA.load(folder, search)) as qa:
        found = evaluate(qa, gold, answers=around.answers, progress=_progress(name, around))
        about = circumstances(qa, gold, found, time.monotonic() - began)
    return _ranked(of_evaluation(found, name, about), around)


def _progress(name: str, around: Surroundings) -> Progress | None:
    return None if around.progress is None else partial(around.progress, f"evaluate {name}")


def _ranked(found: Measured, around: Surroundings) -> Measured:
    """Add what the ranks count, where a gold set is given that tells it."""
    if around.gold is None:
        return found
    return replace(found, ranks=_ranks(around.gold))


def _ranks(gold: Gold) -> Ranks:
    """Tell what all but a run rank: passages where the gold says where in a document."""
    places = any(
        judgment.quote is not None or judgment.page is not None
        for question in gold.questions
        for judgment in question.judgments
    )
    return "passages" if places else "documents"


def _gold(path: Path, around: Surroundings) -> Gold:
    if around.gold is None:
        raise ConfigError(f"{path}: what is right in it? add --gold GOLD, the gold set")
    return around.gold
