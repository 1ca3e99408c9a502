"""Adding questions to a gold file, each only after it was held against the documents."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ctqa.errors import GoldError
from ctqa.evaluation.gold.append import with_rows
from ctqa.evaluation.gold.check import check
from ctqa.evaluation.gold.check_pairs import words_of
from ctqa.evaluation.gold.finding import Finding
from ctqa.evaluation.gold.holding import held
from ctqa.evaluation.gold.load import load_gold
from ctqa.evaluation.gold.out import rows
from ctqa.evaluation.gold.questions import Gold, GoldQuestion, Judgment
from ctqa.evaluation.gold.rows import NoQuestions
from ctqa.evaluation.locate import Documents, Library, Target, locate
from ctqa.text import squeeze
from ctqa.writing import replace_file

_NUMBERED = re.compile(r"(.*?)(\d+)", re.DOTALL)
_ANSWERED = {True: "impossible", False: "answered"}
_REFUSED = frozenset(("answer not in the quote",))  # though it need not be wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A question that was not added, and why."""

    question: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What became of questions that were to be added."""

    path: str
    added: tuple[str, ...] = ()  # their ids
    already: tuple[str, ...] = ()  # questions that the file holds with the same place
    refused: tuple[Refused, ...] = ()
    notes: tuple[str, ...] = ()


def add(path: Path, questions: Sequence[GoldQuestion], documents: Documents) -> Added:
    """Add questions to a JSONL, CSV or XLSX file, which is begun where it is not there.

    A question that the file holds gets the new place under its own id. What is refused leaves the
    others to be added.

    Raises:
        GoldError: the file cannot be read as gold, or not be added to.
        ConfigError: it cannot be written.

    """
    with held(path):
        adding = _Adding(_questions_of(path), documents)
        found = adding.all(path, questions)
        new = list(rows(adding.new))
        if new:
            replace_file(path, with_rows(path, new))
    return found


def _questions_of(path: Path) -> tuple[GoldQuestion, ...]:
    if not path.exists() or path.stat().st_size == 0:
        return ()
    try:
        return load_gold(path).questions
    except NoQuestions:
        return ()


class _Adding:
    """Questions on their way into a file."""

    def __init__(self, there: Sequence[GoldQuestion], documents: Documents) -> None:
        self._library = Library(documents)
        self._documents = documents
        self._by_words = {_words(question): question for question in there}
        self._ids = {question.id: None for question in there}  # in order
        self.new: list[GoldQuestion] = []
        self.notes: list[str] = []  # on the question that was prepared last

    def all(self, path: Path, questions: Sequence[GoldQuestion]) -> Added:
        """Make questions ready to be written, and tell what becomes of each."""
        added, already, refused, notes = [], [], [], []
        for question in questions:
            try:
                one = self.prepared(question)
            except GoldError as error:
                refused.append(Refused(question=question.question, why=str(error)))
                continue
            notes += self.notes
            if one is None:
                already.append(question.question)
            else:
                added.append(one.id)
        return Added(
            path=str(path),
            added=tuple(added),
            already=tuple(already),
            refused=tuple(refused),
            notes=tuple(notes),
        )

    def prepared(self, question: GoldQuestion) -> GoldQuestion | None:
        """Make a question ready to be written; None where all of it is there already.

        Raises:
            GoldError: it cannot be gold.

        """
        if not question.question.strip():
            raise GoldError("the question is empty; write it")
        self._check(question)
        told = replace(question, judgments=self._places(question))
        before = self._by_words.get(_words(question))
        if before is not None:
            told = _joined(before, told, self._library)
            if not told.judgments:
                return None
        else:
            told = replace(told, id=self._id(question.id))
        self._ids[told.id] = None
        merged = told if before is None else _merged(before, told)
        self._by_words[_words(question)] = merged
        self.new.append(told)
        return told

    def _check(self, question: GoldQuestion) -> None:
        found = check([Gold(name="", questions=(question,))], self._documents)
        wrong = [one for one in found if one.severity == "mend" or one.kind in _REFUSED]
        self.notes = [_said(one) for one in found if one not in wrong and one.kind != "no quote"]
        if wrong:
            raise GoldError("; ".join(map(_said, wrong)))

    def _places(self, question: GoldQuestion) -> tuple[Judgment, ...]:
        return tuple(_as_it_stands(t, self._library) for t in locate(question, self._library))

    def _id(self, wished: str) -> str:
        """Give the id that is wished for, or the next one after the file's last."""
        if wished and wished not in self._ids:
            return wished
        last = next(reversed(self._ids), "q0")
        numbered = _NUMBERED.fullmatch(last)
        stem, number = (numbered[1], numbered[2]) if numbered else (f"{last}-", "0")
        at = int(number) + 1
        while (id := f"{stem}{at:0{len(number)}}") in self._ids:
            at += 1
        return id


def _words(question: GoldQuestion) -> str:
    return " ".join(words_of(question.question))


def _said(finding: Finding) -> str:
    mark = ":" if finding.kind == "wrong page" else ";"
    return f"{finding.message}{mark} {finding.what_to_do}"


def _as_it_stands(target: Target, library: Library) -> Judgment:
    """Give a place in the document's own words, with its page where one place is meant."""
    judgment = replace(target.judgment, document=str(target.document))
    if target.level != "quote" or not target.spans:
        return judgment
    document, span = library.document(str(target.document)), target.spans[0]
    told = replace(judgment, quote=squeeze(document.text[span.start : span.end]))
    if judgment.page is None and len(target.spans) == 1 and len(document.pages) > 1:
        return replace(told, page=min(target.pages, default=None))
    return told


def _joined(before: GoldQuestion, question: GoldQuestion, library: Library) -> GoldQuestion:
    """Give what a question adds to one of the same words, under that one's id.

    Raises:
        GoldError: they contradict each other.

    """
    if before.impossible != question.impossible:
        was, is_now = _ANSWERED[before.impossible], _ANSWERED[question.impossible]
        raise GoldError(
            f"it is {was} in the file ({before.id!r}), and {is_now} here; delete it there first"
        )
    for name in ("half", "kind"):
        there, here = getattr(before, name), getattr(question, name)
        if here and here != there:
            raise GoldError(f"its {name} is {there!r} in the file ({before.id!r}), not {here!r}")
    known = [(target.document, target.spans) for target in locate(before, library)]
    new = [
        target.judgment
        for target in locate(question, library)
        if (target.document, target.spans) not in known
    ]
    return replace(
        before,
        judgments=tuple(new),
        answers=tuple(one for one in question.answers if one not in before.answers),
    )


def _merged(before: GoldQuestion, told: GoldQuestion) -> GoldQuestion:
    return replace(
        before,
        judgments=before.judgments + told.judgments,
        answers=before.answers + told.answers,
    )
