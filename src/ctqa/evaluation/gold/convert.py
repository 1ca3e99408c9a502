"""Writing a gold set in another form, and saying what that form cannot hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ctqa.errors import ConfigError
from ctqa.evaluation.gold.folders_out import as_beir, as_trec, left_behind
from ctqa.evaluation.gold.out import WRITERS
from ctqa.evaluation.gold.questions import Gold, GoldQuestion
from ctqa.evaluation.gold.squad_out import as_squad
from ctqa.evaluation.gold.wording import many
from ctqa.evaluation.locate import Documents, Library
from ctqa.writing import refuse_existing, replace_file, write_new

FORMS = ("beir", "trec", "squad", "jsonl", "csv", "xlsx")
_BY_SUFFIX: Mapping[str, str] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".xlsx": "xlsx",
    ".json": "squad",
    "": "beir",
}
_ONLY_READ = frozenset((".ods", ".tsv", ".xlsm"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """A gold set in another form."""

    path: str
    form: str
    questions: int  # that were written
    left_behind: tuple[str, ...]  # what the form does not hold, in words


def convert(
    gold: Gold,
    out: Path,
    form: str | None = None,
    *,
    documents: Documents | None = None,
    force: bool = False,
) -> Converted:
    """Write a gold set as `form`, by default what the ending of `out` says; none is a BEIR folder.

    SQuAD takes the documents' texts from `documents`.

    Raises:
        GoldError: it cannot be written in that form, or something is there already.
        ConfigError: the form cannot be told, or nothing can be written there.

    """
    chosen = form_of(out) if form is None else form
    questions = gold.questions
    if chosen in ("beir", "trec"):
        files = as_beir(questions) if chosen == "beir" else as_trec(questions)
        _write_folder(out, files, force=force)
        told = tuple(left_behind(questions, chosen))
        number = sum(bool(question.judgments) for question in questions)
    elif chosen == "squad":
        squad = as_squad(questions, None if documents is None else Library(documents))
        write_new(out, squad.data, force=force)
        told, number = squad.left_behind, squad.questions
    else:
        write_new(out, WRITERS[chosen](questions), force=force)
        told, number = _not_in_rows(gold), sum(map(_has_rows, questions))
    return Converted(path=str(out), form=chosen, questions=number, left_behind=told)


def form_of(out: Path) -> str:
    """Tell a form by a file's ending.

    Raises:
        ConfigError: it says nothing.

    """
    suffix = out.suffix.lower()
    form = _BY_SUFFIX.get(suffix)
    if form is None:
        why = (
            f"{suffix} is only read, not written"
            if suffix in _ONLY_READ
            else "its ending names no form"
        )
        raise ConfigError(
            f"{out}: {why}; end it in .jsonl, .csv, .xlsx or .json (SQuAD), in nothing for a BEIR "
            f"folder, or say which form with --to ({', '.join(FORMS)})"
        )
    return form


def _not_in_rows(gold: Gold) -> tuple[str, ...]:
    wrong = sum(one.relevance <= 0 for question in gold.questions for one in question.judgments)
    return (f"{many(wrong, 'judgment')} of what does not answer",) if wrong else ()


def _has_rows(question: GoldQuestion) -> bool:
    return question.impossible or any(one.relevance > 0 for one in question.judgments)


def _write_folder(out: Path, files: Mapping[str, bytes], *, force: bool) -> None:
    for name in files:
        refuse_existing(out / name, force=force)
    for name, data in files.items():
        replace_file(out / name, data, parents=True)
