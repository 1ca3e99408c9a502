"""The commands that measure: eval, compare, calibrate, tune."""

import argparse
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ctqa import bars, show
from ctqa.asking import load
from ctqa.config import Config
from ctqa.configuring import configured
from ctqa.errors import ConfigError
from ctqa.terminal import put, say, warn
from ctqa.upkeep import passwords
from ctqa.writing import prepare

if TYPE_CHECKING:
    from ctqa.config_file import Change
    from ctqa.evaluation import Evaluation, Gold
    from ctqa.evaluation.comparing.gate import Gates, Judged
    from ctqa.evaluation.kept import Circumstances
    from ctqa.evaluation.tuning.tune import Tuning

_DONE, _GATE_FAILED = 0, 4


def eval_(options: argparse.Namespace) -> int:
    """Measure the index on gold questions, and keep the result with it."""
    from ctqa.evaluation import evaluate, format_report  # noqa: PLC0415
    from ctqa.evaluation.gold.named import load_named  # noqa: PLC0415
    from ctqa.evaluation.kept import circumstances  # noqa: PLC0415

    gold = load_named(options.gold, options.index)
    gates = _gates(options, gold)
    _prepare(options)
    options.kept = "nothing was measured yet"
    qa = load(options)
    began = time.monotonic()
    with bars.progress(quiet=options.quiet) as progress:
        result = evaluate(
            qa, gold, answers=not options.retrieval_only, progress=_telling(options, progress)
        )
    about = circumstances(qa, gold, result, time.monotonic() - began)
    kept = _keep(options, result, about) if options.keep else ""
    if options.run_out is not None:
        result.write_run(options.run_out)
    if options.report is not None:
        _report(options, result, about, kept)
    judged = _judged(gates, result, about)
    form = _form(result, about, kept) | ({} if judged is None else {"gate": judged.to_json()})
    put(options, form, format_report(result, kept))
    return _DONE if judged is None else _passed(options, judged)


def calibrate(options: argparse.Namespace) -> int:
    """Learn from gold how likely an answer is right."""
    from ctqa import api  # noqa: PLC0415

    with bars.progress(quiet=options.quiet) as progress:
        found = api.calibrate(
            options.index,
            options.gold,
            config=configured(options).search,
            progress=lambda done, total: progress("ask", done, total),
        )
    put(options, found.to_json(), show.calibration(found, configured(options).search))
    return _DONE


def compare(options: argparse.Namespace) -> int:
    """Compare two results question by question."""
    from ctqa import api, show_evaluation  # noqa: PLC0415

    if len(options.results) not in (0, 2):
        raise ConfigError(
            f"compare {' '.join(options.results)}: found {len(options.results)}; expected two "
            "results, or none for the previous and the latest"
        )
    options.kept = "nothing is kept of what was measured"
    with bars.progress(quiet=options.quiet) as progress:
        found = api.compare(
            *options.results,
            index=options.index,
            gold=options.gold,
            config=configured(options).search,
            answers=not options.retrieval_only,
            measure=options.measure,
            progress=progress,
        )
    put(options, found.to_json(), show_evaluation.comparison(found))
    return _DONE


def tune(options: argparse.Namespace) -> int:
    """Find by cross-validation which settings serve a gold set best."""
    from ctqa import api, show_tuning  # noqa: PLC0415
    from ctqa.config_file import prepare_settings  # noqa: PLC0415
    from ctqa.evaluation.tuning.knobs import read_knob  # noqa: PLC0415
    from ctqa.tuning import Watch  # noqa: PLC0415
    from ctqa.tuning import tune as tune_index  # noqa: PLC0415

    options.kept = "your index is as it was, and nothing is kept of what was tried"
    if options.write is not None:
        prepare_settings(options.write, Config(index=api.settings_of(options.index)))
    found = tune_index(
        options.index,
        options.gold,
        config=configured(options).search,
        knobs=dict(map(read_knob, options.knob)) or None,
        measure=options.measure,
        folds=options.folds,
        passwords=passwords(asked=False),
        watch=Watch(
            cost=lambda cost: say(options, show_tuning.cost(cost)),
            note=lambda line: say(options, f"ctqa: {line}"),
            shown=lambda: bars.progress(quiet=options.quiet),
        ),
    )
    changes = _written(options, found)
    form = found.to_json() | {"written": [asdict(each) for each in changes]}
    put(options, form, show_tuning.tuning(found, options.gold, options.write, changes))
    return _DONE


def _written(options: argparse.Namespace, found: "Tuning") -> "tuple[Change, ...]":
    """Write what is recommended, where that was asked for and is not what there is."""
    from ctqa import api  # noqa: PLC0415
    from ctqa.config_file import write_settings  # noqa: PLC0415

    if options.write is None or found.keeps:
        return ()
    present = Config(index=api.settings_of(options.index))
    return write_settings(options.write, found.recommended.values, present)


def _gates(options: argparse.Namespace, gold: "Gold") -> "Gates":
    """Read the gates, and see that they can be judged, before anything is evaluated."""
    from ctqa.evaluation.comparing.gate import check, put_together  # noqa: PLC0415
    from ctqa.evaluation.comparing.operands import Surroundings, take_saved  # noqa: PLC0415

    around = Surroundings(index=options.index)
    before = [take_saved(name, around) for name in options.fail_if_worse_than]
    gates = put_together(options.fail_under, options.fail_over, before)
    check(gates, gold, answers=not options.retrieval_only)
    return gates


def _judged(gates: "Gates", result: "Evaluation", about: "Circumstances") -> "Judged | None":
    """Hold a result against the gates; None where there are none."""
    from ctqa.evaluation.comparing.gate import judge  # noqa: PLC0415
    from ctqa.evaluation.comparing.measured import of_evaluation  # noqa: PLC0415

    return judge(result, gates, of_evaluation(result, "now", about)) if gates else None


def _prepare(options: argparse.Namespace) -> None:
    """See, before anything is evaluated, that what was asked for can be written."""
    if options.report is not None and options.report.suffix.lower() not in (".html", ".htm"):
        raise ConfigError(f"--report {options.report}: is for a browser; end its name in .html")
    for path in filter(None, (options.report, options.run_out)):
        if path.exists() and options.gold.exists() and path.samefile(options.gold):
            raise ConfigError(f"{path}: is the gold set itself; name another file")
        prepare(path)


def _passed(options: argparse.Namespace, judged: "Judged") -> int:
    for line in judged.notes:
        say(options, f"ctqa: {line}")
    for line in judged.reasons:
        warn(f"ctqa: gate failed: {line}")
    return _DONE if judged.passed else _GATE_FAILED


def _telling(options: argparse.Namespace, progress: bars.Progress) -> Callable[[int, int], None]:
    """Show how far an evaluation is, and have it said where it is interrupted."""

    def tell(done: int, total: int) -> None:
        options.kept = f"{done:,} of {total:,} questions were done, and nothing is kept of them"
        progress("evaluate", done, total)

    return tell


def _keep(options: argparse.Namespace, result: "Evaluation", about: "Circumstances") -> str:
    """Keep a result and give its id; where that cannot be done, say so: it was measured anyway."""
    from ctqa.errors import IndexLoadError, IndexWriteError  # noqa: PLC0415
    from ctqa.evaluation.kept import Results  # noqa: PLC0415

    try:
        return Results(options.index).keep(result, about).id
    except (IndexLoadError, IndexWriteError) as error:
        say(options, f"ctqa: the result is not kept: {error}")
        return ""


def _report(
    options: argparse.Namespace, result: "Evaluation", about: "Circumstances", kept: str
) -> None:
    """Write the report of what was just evaluated."""
    from ctqa.evaluation.html_report import write_report  # noqa: PLC0415
    from ctqa.evaluation.kept import Results, result_of  # noqa: PLC0415

    found = Results(options.index).open(kept) if kept else result_of(result, about)
    write_report(found, options.report)
    say(options, f"ctqa: the report is in {options.report}; open it in a browser")


def _form(result: "Evaluation", about: "Circumstances", kept: str) -> dict[str, Any]:
    from ctqa.evaluation.failing import failures, most_to_be_won  # noqa: PLC0415

    chance = most_to_be_won(result.rows)
    return result.to_json() | {
        "about": asdict(about),
        "failures": failures(result.rows),
        "most_to_be_won": None if chance is None else chance.told,
        "kept": kept or None,
    }
