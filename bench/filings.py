"""Long filings as PDF: is the page that answers among the first passages? Build time and memory.

Needs the folder `financebench` below CTQA_DATA: `docs/*.pdf`, and `qa.jsonl` with the gold pages
of each question, from 0, in `pages0`. All filings are searched together.
"""

import json
import os
import resource
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import ctqa
from bench.common import OUT, Table, run

_DEPTHS = (1, 3, 5, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question, the document that answers it, and the pages of it that do, from 1."""

    text: str
    document: str
    pages: frozenset[int]


def main() -> None:
    """Build the filings and print at which rank the gold page is found."""
    folder = Path(os.environ.get("CTQA_DATA", "")) / "financebench"
    if not (folder / "qa.jsonl").is_file():
        raise SystemExit("set CTQA_DATA to a folder with the collection 'financebench'")
    index = OUT / "index" / "financebench"
    started = time.monotonic()
    report = ctqa.build([folder / "docs"], index)
    seconds = time.monotonic() - started
    print(f"{report.documents} filings, {report.pages} pages, {report.passages} passages")
    print(f"built in {seconds:.0f} s ({report.encoded} encoded), peak memory {_peak_mb()}")
    table = Table("filings", ("retrieval", "questions", *(f"page in first {k}" for k in _DEPTHS)))
    questions = list(_questions(folder / "qa.jsonl"))
    for name, config in (
        ("fused", ctqa.SearchConfig(rerank=0)),
        ("reranked", ctqa.SearchConfig()),
    ):
        table.add(name, len(questions), *_shares(index, questions, config))


def _peak_mb() -> str:
    own, children = (
        resource.getrusage(who).ru_maxrss // 1000
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return f"{own} MB, and {children} MB of the largest reading process"


def _questions(path: Path) -> Iterator[Question]:
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        pages = frozenset(page + 1 for page in row["pages0"])
        yield Question(text=row["question"], document=row["doc_id"], pages=pages)


def _shares(
    index: Path, questions: Sequence[Question], config: ctqa.SearchConfig
) -> Iterator[float]:
    qa = ctqa.load(index, config=config)
    try:
        ranks = [_rank(qa, question) for question in questions]
    finally:
        qa.close()
    for depth in _DEPTHS:
        yield sum(rank is not None and rank <= depth for rank in ranks) / len(ranks)


def _rank(qa: ctqa.QA, question: Question) -> int | None:
    """Give the rank of the first passage that touches a gold page."""
    for hit in qa.search(question.text):
        passage, pages = hit.passage, qa.document(hit.source.id).pages
        touched = {p.number for p in pages if p.start < passage.end and passage.start < p.end}
        if Path(hit.source.path).stem == question.document and touched & question.pages:
            return hit.rank
    return None


run(main, __name__)
