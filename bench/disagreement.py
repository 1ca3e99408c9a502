"""How often a contradiction between two documents is pointed out, and how often wrongly.

There is no collection of documents known to contradict each other, so one is made: of each question
of SQuAD 2.0 (half of its development set) whose answer stands in a sentence with a quantity or a
verb that can be denied, that sentence is put into a document of its own, shortened where it can be,
with another number, with a "not", or with the same number in other writing. The first two are to be
found, the third is not. It says how well alterations are found, not how people contradict.
"""

import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import ctqa
from bench.common import Table, collection
from ctqa.answering.numerals import NUMBER, valued
from ctqa.answering.quantities import Quantity, quantities
from ctqa.text import sentences

COLLECTION = "squad2_devhalf"
QUESTIONS = 240
_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_VERB = re.compile(r"\b(?:is|was|were|are|can|may|must|should|will)\b(?!\s+not)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A question, its article, and a sentence that says the same of it or another thing."""

    question: str
    article: str
    kind: str  # "number", "negation", "same"
    text: str


def main() -> None:
    """Print what was found of each kind, and what was found wrongly."""
    cases = list(islice(_cases(), QUESTIONS))
    with TemporaryDirectory() as folder:
        documents, index = Path(folder) / "documents", Path(folder) / "index"
        _write(documents, cases)
        ctqa.build([documents], index)
        qa = ctqa.load(index, config=ctqa.SearchConfig(rerank=0, min_score=0.3))
        altered = {f"copy-{n:03}.txt": case for n, case in enumerate(cases)}
        found, wrong, met = Counter[str](), Counter[str](), Counter[str]()
        for name, case in altered.items():
            reply = qa.ask(case.question)
            pair = {f"{case.article}.txt", name}
            met[case.kind] += bool(pair & {answer.source.id for answer in reply.answers})
            for told in reply.disagreements:
                ids = {told.first.source.id, told.second.source.id}
                copies = [altered[id] for id in ids if id in altered]
                right = len(copies) == 1 and {f"{copies[0].article}.txt"} < ids
                if right and copies[0].kind == told.kind:
                    found[case.kind] += ids == pair
                else:
                    wrong[told.kind] += 1
        qa.close()
    table = Table("disagreement", ("alteration", "cases", "answered from either", "told", "wrong"))
    for kind, number in sorted(Counter(case.kind for case in cases).items()):
        table.add(kind, number, met[kind], found[kind], wrong[kind])


def _cases() -> Iterator[Case]:
    folder = collection(COLLECTION)
    lines = (folder / "corpus.jsonl").read_text(encoding="utf-8").splitlines()
    texts = {row["_id"]: row for row in map(json.loads, lines)}
    lines = (folder / "qa.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if not row["impossible"]]
    seen: set[str] = set()
    random.Random(7).shuffle(rows)  # noqa: S311 -- no secret
    for row in rows:
        context, at = texts[row["context_id"]]["text"], row["answer_starts"][0]
        kind = ("number", "negation", "same")[len(seen) % 3]
        for sentence in sentences(context):
            text = context[sentence.start : sentence.end]
            if sentence.start <= at < sentence.end and text not in seen:
                answer = (at - sentence.start, at - sentence.start + len(row["answers"][0]))
                altered = _altered(text, kind, answer)
                if altered is not None:
                    seen.add(text)
                    yield Case(
                        question=row["question"], article=row["doc_id"], kind=kind, text=altered
                    )


def _altered(text: str, kind: str, answer: tuple[int, int]) -> str | None:
    if kind == "negation":
        return _shortened(_VERB.sub(r"\g<0> not", text, count=1)) if _VERB.search(text) else None
    asked = [q for q in quantities(text) if q.start < answer[1] and answer[0] < q.end]
    if len(asked) != 1:
        return None
    number = re.search(NUMBER, text[asked[0].start : asked[0].end], re.IGNORECASE)
    written = None if number is None else _written(asked[0], number.group(), kind)
    if number is None or written is None:
        return None
    start = asked[0].start + number.start()
    return _shortened(text[:start] + written + text[start + len(number.group()) :])


def _written(of: Quantity, number: str, kind: str) -> str | None:
    """Write another number, or the same one otherwise."""
    value = int(valued(number)[0])
    if kind == "number":
        return str(value + 3) if of.of == "date" else f"{value + max(2, value // 3):,}"
    if of.of == "date":
        return number
    if value <= 10:
        return _WORDS[value] if number.isdigit() else str(value)
    return number.replace(",", "") if "," in number else f"{value:,}"


def _shortened(text: str) -> str:
    """Leave out brackets, and the last part behind a comma where no number stands in it."""
    short = re.sub(r"\s*\([^)]*\)", "", text)
    head, comma, tail = short.rpartition(", ")
    if comma and len(head.split()) >= 8 and not re.search(r"\d", tail) and len(tail.split()) > 2:
        return f"{head}."
    return short


def _write(documents: Path, cases: list[Case]) -> None:
    documents.mkdir()
    lines = (collection(COLLECTION) / "corpus.jsonl").read_text(encoding="utf-8").splitlines()
    articles: dict[str, list[str]] = {}
    for row in map(json.loads, lines):
        articles.setdefault(row["doc_id"], [row["title"]]).append(row["text"])
    for name, parts in articles.items():
        (documents / f"{name}.txt").write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    for number, case in enumerate(cases):
        title = articles[case.article][0]
        text = f"{title}\n\n{case.text}\n"
        (documents / f"copy-{number:03}.txt").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
