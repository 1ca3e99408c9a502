"""Gold written as a BEIR or a TREC folder, which judge whole documents."""

import json
from collections.abc import Iterator, Mapping, Sequence

from ctqa.errors import GoldError
from ctqa.evaluation.gold.questions import GoldQuestion
from ctqa.evaluation.gold.wording import many
from ctqa.text import squeeze


def as_beir(questions: Sequence[GoldQuestion]) -> dict[str, bytes]:
    """Give the files of a BEIR folder, without its corpus.

    Raises:
        GoldError: no question names a document, or a name cannot be written in this form.

    """
    asked = _possible(questions)
    queries = [{"_id": question.id, "text": question.question} for question in asked]
    lines = [f"{q}\t{d}\t{r}\n" for q, d, r in _judged(asked)]
    return {
        "queries.jsonl": "".join(json.dumps(q, ensure_ascii=False) + "\n" for q in queries).encode(
            "utf-8", "backslashreplace"
        ),
        "qrels.tsv": _encoded("".join(["query-id\tcorpus-id\tscore\n", *lines])),
    }


def as_trec(questions: Sequence[GoldQuestion]) -> dict[str, bytes]:
    """Give the files of a TREC folder; white space within names is percent-encoded.

    Raises:
        GoldError: no question names a document, or a name cannot be written in this form.

    """
    asked = _possible(questions)
    topics = [f"{one_word(question.id)}\t{squeeze(question.question)}\n" for question in asked]
    lines = [f"{one_word(q)} 0 {one_word(d)} {r}\n" for q, d, r in _judged(asked)]
    return {"topics.tsv": _encoded("".join(topics)), "qrels.txt": _encoded("".join(lines))}


def left_behind(questions: Sequence[GoldQuestion], form: str) -> Iterator[str]:
    """Say what of a gold set such a folder cannot hold."""
    judgments = [judgment for question in questions for judgment in question.judgments]
    for number, *nouns in (
        (sum(judgment.quote is not None for judgment in judgments), "quote"),
        (sum(judgment.page is not None for judgment in judgments), "page number"),
        (sum(len(question.answers) for question in questions), "short answer"),
        (sum(question.impossible for question in questions), "impossible question"),
        (sum(bool(question.kind) for question in questions), "question's kind", "questions' kinds"),
        (
            sum(bool(question.half) for question in questions),
            "question's half",
            "questions' halves",
        ),
    ):
        if number:
            yield many(number, *nouns)
    if form == "trec" and any(one_word(one.document) != one.document for one in judgments):
        yield (
            "spaces in documents' names: they are written %20, as in `ctqa eval --run-out`, and a "
            "document is not found by such a name when this folder is read as gold again"
        )


def one_word(name: str) -> str:
    """Percent-encode the white space of a name, as a run file has it."""
    return "".join(
        "".join(f"%{byte:02X}" for byte in c.encode()) if c.isspace() else c for c in name
    )


def _possible(questions: Sequence[GoldQuestion]) -> list[GoldQuestion]:
    found = [question for question in questions if question.judgments]
    if not found:
        raise GoldError(
            "no question names a document, which is all that this form holds; write .jsonl, .csv "
            "or .xlsx instead"
        )
    return found


def _judged(questions: Sequence[GoldQuestion]) -> Iterator[tuple[str, str, int]]:
    """Give query, document and relevance; the highest of those that are judged twice."""
    for question in questions:
        best: dict[str, int] = {}
        for one in question.judgments:
            best[one.document] = max(one.relevance, best.get(one.document, one.relevance))
        for document, relevance in _writable(best).items():
            yield question.id, document, relevance


def _writable(judged: Mapping[str, int]) -> Mapping[str, int]:
    for document in judged:
        if any(sign in document for sign in "\t\n\r"):
            raise GoldError(
                f"document {document!r}: this form holds no name with a tab or a line end; rename "
                "it, or write .jsonl, .csv or .xlsx"
            )
    return judged


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")
