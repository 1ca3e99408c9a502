"""The commands that make and check gold questions: `ctqa gold ACTION`."""

import argparse
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from ctqa import bars, show_gold
from ctqa.errors import ConfigError, GoldError
from ctqa.terminal import put, say

if TYPE_CHECKING:
    from ctqa.evaluation.gold.opened import OpenedDocuments
    from ctqa.evaluation.gold.questions import Gold, GoldQuestion

_DONE, _NEGATIVE = 0, 1


def gold(options: argparse.Namespace) -> int:
    """Do what was asked for with gold questions."""
    return _ACTIONS[options.action](options)


def _check(options: argparse.Namespace) -> int:
    from ctqa.evaluation.gold.check import check  # noqa: PLC0415

    golds = [_load(options, path) for path in options.golds]
    with ExitStack() as held:
        documents = _documents(options, held)
        progress = held.enter_context(bars.progress(quiet=options.quiet))
        found = check(golds, documents, lambda done, total: progress("check", done, total))
    total = sum(len(gold.questions) for gold in golds)
    form = {"questions": total, "findings": [asdict(finding) for finding in found]}
    put(options, form, show_gold.checked(found, total, placed=documents is not None))
    return _NEGATIVE if any(finding.severity == "mend" for finding in found) else _DONE


def _add(options: argparse.Namespace) -> int:
    from ctqa.evaluation.gold.add import add  # noqa: PLC0415
    from ctqa.evaluation.gold.opened import opened_documents  # noqa: PLC0415

    many = options.suggestions is not None
    questions = _suggested(options) if many else [_question(options)]
    with opened_documents(options.index) as documents:
        found = add(options.gold, questions, documents)
    if not many and found.refused:
        raise GoldError(f"not added: {found.refused[0].why}")
    if not many and found.already:
        raise GoldError(f"not added: {options.gold} holds this question with this place already")
    put(options, asdict(found), show_gold.added(found))
    return _NEGATIVE if found.refused else _DONE


def _suggest(options: argparse.Namespace) -> int:
    from ctqa.evaluation.gold.opened import opened_documents  # noqa: PLC0415
    from ctqa.evaluation.gold.suggest import suggest  # noqa: PLC0415
    from ctqa.evaluation.gold.suggestions_out import write_suggestions  # noqa: PLC0415
    from ctqa.writing import prepare, refuse_existing  # noqa: PLC0415

    if options.most < 1:
        raise ConfigError(f"--most {options.most}: expected 1 or more")
    refuse_existing(options.out, force=options.force)
    prepare(options.out)
    with (
        opened_documents(options.index) as documents,
        bars.progress(quiet=options.quiet) as progress,
    ):
        found = suggest(
            documents, options.most, lambda done, total: progress("look through", done, total)
        )
    if not found:
        say(options, "ctqa: no heading, caption or definition suggests a question; write your own")
        return _NEGATIVE
    write_suggestions(options.out, found, force=options.force)
    form = {"path": str(options.out), "suggestions": [asdict(one) for one in found]}
    put(options, form, show_gold.suggested(found, options.out))
    return _DONE


def _template(options: argparse.Namespace) -> int:
    from ctqa.evaluation.gold.template import write_template  # noqa: PLC0415

    write_template(options.out, force=options.force)
    put(options, {"path": str(options.out)}, show_gold.template(options.out))
    return _DONE


def _convert(options: argparse.Namespace) -> int:
    from ctqa.evaluation.gold.convert import convert, form_of  # noqa: PLC0415

    form = form_of(options.out) if options.to is None else options.to
    gold = _load(options, options.gold)
    with ExitStack() as held:
        documents = _documents(options, held) if form == "squad" else None
        found = convert(gold, options.out, form, documents=documents, force=options.force)
    put(options, asdict(found), show_gold.converted(found))
    return _DONE


_ACTIONS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "check": _check,
    "add": _add,
    "suggest": _suggest,
    "template": _template,
    "convert": _convert,
}


def _load(options: argparse.Namespace, path: Path) -> "Gold":
    from ctqa.evaluation.gold.named import load_named  # noqa: PLC0415

    return load_named(path, options.index)


def _documents(options: argparse.Namespace, held: ExitStack) -> "OpenedDocuments | None":
    """Open the documents; where there is no index, say what is not done without it."""
    from ctqa.evaluation.gold.opened import is_index, opened_documents  # noqa: PLC0415

    if is_index(options.index):
        return held.enter_context(opened_documents(options.index))
    say(
        options,
        f"ctqa: there is no index in {options.index}, so quotes are not looked for; build one with "
        "`ctqa build PATH`, or name it with --index DIR",
    )
    return None


def _question(options: argparse.Namespace) -> "GoldQuestion":
    """Make a question of what was typed."""
    from ctqa.evaluation.gold.questions import GoldQuestion, Judgment  # noqa: PLC0415

    told = options.document is not None or options.quote is not None or bool(options.answer)
    placed = options.document is not None and options.quote is not None
    if options.question is None or placed == options.impossible or (options.impossible and told):
        raise ConfigError(
            "add what? give --question Q with --document D and --quote T, or with --impossible and "
            "none of these if the documents do not answer it, or --from FILE with suggestions that "
            "you accepted"
        )
    place = Judgment(document=options.document, quote=options.quote, page=options.page)
    return GoldQuestion(
        id="",
        question=options.question.strip(),
        judgments=(place,) if placed else (),
        answers=tuple(options.answer),
        impossible=options.impossible,
        kind=options.kind,
        half=options.half,
    )


def _suggested(options: argparse.Namespace) -> "tuple[GoldQuestion, ...]":
    """Take the accepted lines of a file of suggestions."""
    from ctqa.evaluation import load_gold  # noqa: PLC0415

    if options.question is not None:
        raise ConfigError("--from FILE: then no --question is given")
    return load_gold(options.suggestions).questions
