"""Gold written as SQuAD JSON: each question with a text, and where in it the answer stands."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ctqa.errors import GoldError
from ctqa.evaluation.gold.folding import Span, places
from ctqa.evaluation.gold.questions import GoldQuestion, Judgment
from ctqa.evaluation.gold.wording import many
from ctqa.evaluation.locate import Library, Target, locate

_NOWHERE = ("not in the documents", "")  # title and text of what nothing answers


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placed:
    """An answer in its text."""

    title: str
    context: str
    span: Span
    narrowed: bool  # a short answer within its quote

    @property
    def form(self) -> dict[str, Any]:
        start, end = self.span
        return {"text": self.context[start:end], "answer_start": start}


@dataclass(frozen=True, slots=True, kw_only=True)
class Squad:
    """A SQuAD file, and what of the gold is not in it."""

    data: bytes
    questions: int
    left_behind: tuple[str, ...]


def as_squad(questions: Sequence[GoldQuestion], library: Library | None) -> Squad:
    """Write SQuAD 1.1, or 2.0 where there are impossible questions.

    The text is a judgment's own context, else its document's. Short answers go before quotes.

    Raises:
        GoldError: the text of no answer is known.

    """
    two = any(question.impossible for question in questions)
    paragraphs: dict[tuple[str, str], list[dict[str, Any]]] = {}
    lost = elsewhere = narrowed = 0
    for question in questions:
        found = list(_placed(question, library))
        if not found and not question.impossible:
            lost += 1
            continue
        title, context = (found[0].title, found[0].context) if found else _NOWHERE
        here = [one for one in found if (one.title, one.context) == (title, context)]
        elsewhere += len(found) - len(here)
        narrowed += sum(one.narrowed for one in here)
        entry: dict[str, Any] = {
            "id": question.id,
            "question": question.question,
            "answers": [one.form for one in here],
        }
        paragraphs.setdefault((title, context), []).append(
            entry | ({"is_impossible": question.impossible} if two else {})
        )
    _refuse_nothing(paragraphs, library)
    return Squad(
        data=_file(paragraphs, two=two),
        questions=len(questions) - lost,
        left_behind=tuple(_told(lost, elsewhere, narrowed, library)),
    )


def _placed(question: GoldQuestion, library: Library | None) -> Iterator[_Placed]:
    targets = () if library is None else locate(question, library)
    for at, judgment in enumerate(question.judgments):
        if judgment.relevance <= 0:
            continue
        if judgment.context is not None and judgment.quote is not None:
            yield from _in_context(judgment, judgment.context, judgment.quote, question.answers)
        elif library is not None and not targets[at].missed:
            yield from _in_document(targets[at], library)


def _in_context(
    judgment: Judgment, context: str, quote: str, answers: Sequence[str]
) -> Iterator[_Placed]:
    at = judgment.offset
    known = at is not None and context.startswith(quote, at)
    spans = places(quote, context, Span(0, len(context)))
    span = Span(at, at + len(quote)) if known and at is not None else next(iter(spans), None)
    if span is None:
        return
    short = [found for answer in answers for found in places(answer, context, span)]
    for one in short or [span]:
        yield _Placed(title=judgment.document, context=context, span=one, narrowed=one != span)


def _in_document(target: Target, library: Library) -> Iterator[_Placed]:
    document = library.document(str(target.document))
    whole = target.spans if target.level == "quote" else ()
    for span in target.answers or whole:
        yield _Placed(
            title=document.id,
            context=document.text,
            span=span,
            narrowed=bool(target.answers) and span not in whole,
        )


def _refuse_nothing(paragraphs: object, library: Library | None) -> None:
    if not paragraphs:
        why = "no text is known" if library is None else "none of its quotes and answers is found"
        raise GoldError(
            f"SQuAD needs the text that answers, and {why}; name the index of the documents with "
            "--index DIR, or write .jsonl"
        )


def _told(lost: int, elsewhere: int, narrowed: int, library: Library | None) -> Iterator[str]:
    if lost:
        why = "no index was given" if library is None else "they were not found in the index"
        yield f"{many(lost, 'question')} whose text is not known ({why})"
    if elsewhere:
        yield f"{many(elsewhere, 'place')} in a second document: this form has one for a question"
    if narrowed:
        yield f"{many(narrowed, 'quote')}, of which the short answer within is kept"


def _file(paragraphs: dict[tuple[str, str], list[dict[str, Any]]], *, two: bool) -> bytes:
    articles: dict[str, list[dict[str, Any]]] = {}
    for (title, context), entries in paragraphs.items():
        articles.setdefault(title, []).append({"context": context, "qas": entries})
    data = [{"title": title, "paragraphs": found} for title, found in articles.items()]
    form = {"version": "v2.0" if two else "1.1", "data": data}
    return (json.dumps(form, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")
