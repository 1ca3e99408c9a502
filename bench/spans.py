"""What a span reader adds to answers, and what it costs: `python -m bench.spans [RUN]`.

Without a RUN, the reader that is shipped is measured; a RUN is one of `training.reader`, exported.
`CTQA_QUESTIONS` of each collection are asked (default 400), drawn by hash. Nothing is held back.

- samples: the samples' gold, all passages searched, with whole sentences shown and with words
  marked in them: is the first sentence right, and are the words the gold ones?
- squad11_dev: the same over all 2,067 passages, for questions about the eight articles that no
  reader has learned from; beside it, the best passage by BM25 alone and the same reader's best span
  in it. With --split tune the questions are about the articles that readers are tuned by, and every
  weight that spans may have beside sentences is tried.
- sure (--split tune): of first sentences that are right, how right marks are by the reader's odds.
- cost: the CPU time of a question asked for the first time, models warm, with words marked against
  without.
"""

import argparse
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import numpy as np

import ctqa
from bench.common import OUT, SEEDS, Table, collection, index_of, index_of_samples
from ctqa.answering import lines, marks
from ctqa.answering.copies import passage_copy
from ctqa.config import SENTENCES, SPANS
from ctqa.evaluation import evaluate, load_gold
from ctqa.evaluation.answers import exact_match, f1
from ctqa.models import SpanReader, fetch, load_reranker, load_shared_span_reader, shipped_reader
from ctqa.models.probe import find_probes
from ctqa.records import Answer, Hit
from training.halfway import MODEL
from training.reader.prepare import HOME, wikipedia_articles
from training.reader.questions import Question, read_questions
from training.reader.ship import put
from training.reader.splits import split_of

QUESTIONS = int(os.environ.get("CTQA_QUESTIONS", "400"))
COSTED = 60  # questions whose time is taken
SETTINGS = {
    reader: ctqa.SearchConfig(reader=reader, accepted_error=1.0, min_score=0.0)
    for reader in (SENTENCES, SPANS)
}
LEXICAL = ctqa.SearchConfig(dense_weight=0.0, rerank=0, passages=1)
ODDS = (-np.inf, -6.0, -4.0, -2.0, 0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0, np.inf)
PARTS = (0.0, 0.1, 0.25, 0.5, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What became of one question."""

    em: float
    f1: float
    holds: bool  # whether the sentence shown holds a gold answer at its place
    marked: bool  # whether less than the sentence is marked
    odds: float


def main() -> None:
    """Measure everything."""
    parser = argparse.ArgumentParser(prog="bench.spans", description=__doc__)
    parser.add_argument("run", nargs="?", help="of training.reader; default: what is shipped")
    parser.add_argument("--split", choices=("tune", "report"), default="report")
    asked = parser.parse_args()
    with reading_with(asked.run):
        parts = PARTS if asked.split == "tune" else (lines.SPAN_PARTS,)
        samples(parts)
        questions = questions_of(asked.split)
        index = index_of("squad11_dev", ctqa.IndexConfig())
        in_the_open(index, questions, asked.split, parts)
        cost(index, questions[:COSTED])


@contextmanager
def reading_with(run: str | None) -> Iterator[None]:
    """Let a run's reader stand where the shipped one does, within the context."""
    if run is None:
        yield
        return
    before = shipped_reader.SHIPPED
    shipped_reader.SHIPPED = OUT / "reader" / "shipped" / run
    put(HOME / "runs" / run, shipped_reader.SHIPPED)
    find_probes.cache_clear()
    fetch(MODEL)  # is laid out anew where the run starts at another layer
    try:
        yield
    finally:
        shipped_reader.SHIPPED = before
        find_probes.cache_clear()


def samples(tried: Sequence[float]) -> None:
    """Ask the samples' questions, with spans counting so many parts beside their line."""
    table = Table(
        "spans-samples",
        ("reader", "span parts", "questions", "first right", "one of three", "EM", "F1", "marked"),
    )
    gold = load_gold(SEEDS / "gold.jsonl")
    index = index_of_samples()
    for reader, config in SETTINGS.items():
        with closing(ctqa.load(index, config=config)) as qa:
            for parts in tried if reader == SPANS else (0.0,):
                with counting(parts):
                    found = evaluate(qa, gold)
                    mine = [row for row in found.rows if not row.impossible]
                    table.add(reader, parts, len(mine), *_figures(found), _share_marked(qa, mine))


def _figures(found: "ctqa.evaluation.Evaluation") -> Iterator[float]:
    for name in ("sentence_right", "any_sentence_right", "EM", "F1"):
        figure = found.figures[name]
        assert figure is not None
        yield figure.mean


def _share_marked(qa: ctqa.QA, rows: Sequence["ctqa.evaluation.Row"]) -> float:
    replies = (qa.ask(row.question) for row in rows)
    firsts = [reply.answers[0] for reply in replies if reply.answers]
    return float(np.mean([_is_marked(answer) for answer in firsts]))


def in_the_open(
    index: Path, questions: Sequence[Question], split: str, tried: Sequence[float]
) -> None:
    """Ask about the articles of a split, all passages searched."""
    table = Table(
        f"spans-squad11_dev-{split}", ("way", "questions", "EM", "F1", "sentence right", "marked")
    )
    with closing(ctqa.load(index, config=LEXICAL)) as qa:
        reader = load_shared_span_reader(load_reranker(MODEL))
        _row(table, "BM25 top-1, best span", [_best_in_first(qa, reader, q) for q in questions])
    for name, config in SETTINGS.items():
        with closing(ctqa.load(index, config=config)) as qa:
            for parts in tried if name == SPANS else (0.0,):
                with counting(parts):
                    found = [_asked(qa, question) for question in questions]
                _row(table, f"{name}, {parts} parts" if name == SPANS else name, found)
            if name == SPANS and split == "tune":
                with counting(lines.SPAN_PARTS, least=-np.inf):
                    found = [_asked(qa, question) for question in questions]
                _row(table, "spans, however unsure", found)
                sure(found, split)


def sure(found: Sequence[Read], split: str) -> None:
    """Tell by odds how right the marks are where the sentence is."""
    table = Table(f"spans-sure-{split}", ("odds from", "to", "marks", "EM", "F1"))
    held = [read for read in found if read.holds and read.marked]
    for low, high in pairwise(ODDS):
        some = [read for read in held if low <= read.odds < high]
        if some:
            figures = (float(np.mean([r.em for r in some])), float(np.mean([r.f1 for r in some])))
            table.add(low, high, len(some), *figures)


def cost(index: Path, questions: Sequence[Question]) -> None:
    """Take the CPU time of questions that were not asked before, with and without marks."""
    table = Table("spans-cost", ("reader", "questions", "CPU ms a question", "ratio"))
    spent: dict[str, float] = {}
    for name in (SENTENCES, SPANS, SENTENCES, SPANS):
        with closing(ctqa.load(index, config=SETTINGS[name])) as qa:
            qa.ask(questions[0].text)
            began = time.process_time()
            for question in questions[1:]:
                qa.ask(question.text)
            took = 1000 * (time.process_time() - began) / (len(questions) - 1)
            spent[name] = min(took, spent.get(name, np.inf))
    for name, took in spent.items():
        table.add(name, len(questions) - 1, took, took / spent[SENTENCES])


@contextmanager
def counting(parts: float, least: float = marks.LEAST_ODDS) -> Iterator[None]:
    """Let spans count so many parts beside their line, and be marked from some odds on."""
    before = lines.SPAN_PARTS, marks.LEAST_ODDS
    lines.SPAN_PARTS, marks.LEAST_ODDS = parts, least
    try:
        yield
    finally:
        lines.SPAN_PARTS, marks.LEAST_ODDS = before


def questions_of(split: str) -> list[Question]:
    """Draw questions about the articles of a split."""
    articles = wikipedia_articles()
    name = "squad11_dev"
    found = [
        question
        for question in read_questions(collection(name))
        if split_of(name, question.article, articles) == split
    ]
    return sorted(found, key=lambda q: sha256(q.id.encode()).digest())[:QUESTIONS]


def _asked(qa: ctqa.QA, question: Question) -> Read:
    answers = qa.ask(question.text).answers
    if not answers:
        return Read(em=0.0, f1=0.0, holds=False, marked=False, odds=-np.inf)
    first = answers[0]
    assert first.signals is not None
    return Read(
        em=exact_match(first.text, question.answers),
        f1=f1(first.text, question.answers),
        holds=_holds(first, question),
        marked=_is_marked(first),
        odds=first.signals.span,
    )


def _holds(answer: Answer, question: Question) -> bool:
    shown = answer.sentence
    there = answer.source.id == question.document
    return there and any(shown.start <= a and b <= shown.end for a, b in question.places)


def _is_marked(answer: Answer) -> bool:
    return answer.text != answer.sentence_text


def _best_in_first(qa: ctqa.QA, reader: SpanReader, question: Question) -> Read:
    hits = qa.search(question.text)
    text = _best_span(reader, question, hits[0]) if hits else ""
    return Read(
        em=exact_match(text, question.answers),
        f1=f1(text, question.answers),
        holds=bool(hits) and hits[0].source.id == question.document,
        marked=True,
        odds=0.0,
    )


def _best_span(reader: SpanReader, question: Question, hit: Hit) -> str:
    copy = passage_copy(hit)
    (found,) = reader.read(question.text, [copy.text])
    place = copy.in_document(found.spans[0].start, found.spans[0].end) if found.spans else None
    if place is None:
        return ""
    start, end = (at - hit.passage.start for at in place)
    return hit.passage.text[start:end]


def _row(table: Table, name: str, found: Sequence[Read]) -> None:
    means: Mapping[str, float] = {
        key: float(np.mean([getattr(read, key) for read in found]))
        for key in ("em", "f1", "holds", "marked")
    }
    table.add(name, len(found), *means.values())


if __name__ == "__main__":
    main()
