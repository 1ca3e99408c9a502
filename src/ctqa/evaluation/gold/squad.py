"""Gold as SQuAD 1.1 or 2.0 JSON: an article is a document, an answer's place a judgment."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from ctqa.errors import GoldError
from ctqa.evaluation.gold.questions import Gold, GoldQuestion, Judgment
from ctqa.evaluation.gold.reading import name_of, read_text

_Value = TypeVar("_Value")


def load_squad(path: Path) -> Gold:
    """Load a SQuAD file; each answer is a quote, narrowed to its place in its paragraph.

    Raises:
        GoldError: the file is no SQuAD; the message names the place, as "data[3].paragraphs[0]".

    """
    text = read_text(path)
    try:
        content = json.loads(text)
    except (RecursionError, ValueError) as error:
        raise GoldError(f"{path}: is not JSON ({error})") from error
    if not isinstance(content, dict) or "data" not in content:
        raise GoldError(
            f'{path}: found no "data"; expected SQuAD JSON (CTQA\'s own gold is .jsonl or .csv)'
        )
    questions: dict[str, GoldQuestion] = {}
    for where, question in _questions(path, content):
        if question.id in questions:
            raise GoldError(f"{where}: the id {question.id!r} is there twice; expected it once")
        questions[question.id] = question
    return Gold(name=name_of(path), questions=tuple(questions.values()))


def _questions(path: Path, content: Mapping[str, Any]) -> Iterator[tuple[str, GoldQuestion]]:
    for at, article in _each(f"{path}: ", content, "data"):
        title = _get(at, article, "title", str)
        for place, paragraph in _each(f"{at}.", article, "paragraphs"):
            context = _get(place, paragraph, "context", str)
            for where, entry in _each(f"{place}.", paragraph, "qas"):
                yield where, _question(where, entry, title, context)


def _question(where: str, entry: Mapping[str, Any], title: str, context: str) -> GoldQuestion:
    impossible = entry.get("is_impossible", False)
    answers = [] if impossible else list(_answers(where, entry, title, context))
    if not impossible and not answers:
        raise GoldError(f'{where}: has no answer; expected one, or "is_impossible": true')
    return GoldQuestion(
        id=_get(where, entry, "id", str),
        question=_get(where, entry, "question", str).strip(),
        judgments=tuple(dict.fromkeys(answers)),
        answers=tuple(dict.fromkeys(answer.quote for answer in answers if answer.quote)),
        impossible=bool(impossible),
    )


def _answers(where: str, entry: Mapping[str, Any], title: str, context: str) -> Iterator[Judgment]:
    for at, answer in _each(f"{where}.", entry, "answers"):
        text = _get(at, answer, "text", str)
        if text.strip():
            offset = _get(at, answer, "answer_start", int)
            yield Judgment(document=title, quote=text, context=context, offset=offset)


def _each(
    prefix: str, parent: Mapping[str, Any], name: str
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for number, child in enumerate(_get(prefix.rstrip(".: "), parent, name, list)):
        where = f"{prefix}{name}[{number}]"
        if not isinstance(child, dict):
            raise GoldError(f"{where}: found a {type(child).__name__}; expected an object")
        yield where, child


def _get(where: str, parent: Mapping[str, Any], name: str, expected: type[_Value]) -> _Value:
    value = parent.get(name)
    if not isinstance(value, expected):
        raise GoldError(f'{where}: "{name}" is {value!r}; expected a {expected.__name__}')
    return value
