"""Questions with the places of their answers, asked of an index: what calibrations learn from.

With a span reader, only questions about articles count that it has not learned from: "tune" are
then those that it was tuned by, "report" those that it is reported on.

Each set is a folder with `corpus.jsonl` and `qa.jsonl` ({"id", "question", "answers", "context_id",
"impossible", "answer_starts"}). What was asked is kept, a line a question, and not asked again.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import ctqa
from bench.common import OUT, collection
from ctqa.config import SENTENCES as SENTENCES_READER
from ctqa.config import SPANS
from ctqa.evaluation.calibrate import Sample
from ctqa.models.shipped_reader import shipped_reader
from ctqa.records import Answer, Signals
from ctqa.text import squeeze
from training.reader.prepare import LEARNED, wikipedia_articles
from training.reader.questions import article_of
from training.reader.splits import WIKIPEDIA, split_of

# open: of the whole collection. halved: half of its passages are left out, so that the questions
# about them have no answer. bound: of the one passage that a question was written about.
Way = Literal["open", "halved", "bound"]
SENTENCES = ctqa.SearchConfig(reader=SENTENCES_READER)
PLAIN = ctqa.SearchConfig(rerank=0, reader=SENTENCES_READER)
MARKED = ctqa.SearchConfig(reader=SPANS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What became of one question."""

    id: str
    possible: bool
    found: bool  # whether the first hit is the passage that it was written about
    right: bool  # whether the first answer holds a gold answer at its place
    any_right: bool  # or one of the first three
    signals: Signals | None

    @property
    def sample(self) -> Sample:
        """What a calibration learns from it."""
        return Sample(signals=self.signals, right=self.right, possible=self.possible)


def asked(
    name: str, way: Way, half: str, most: int, config: ctqa.SearchConfig = SENTENCES
) -> list[Asked]:
    """Ask the first `most` questions of a half ("tune" or "report"), in an order drawn by hash."""
    kind = _kind(config)
    kept = OUT / "asked" / f"{name}-{way}-{half}-{kind}.jsonl"
    kept.parent.mkdir(parents=True, exist_ok=True)
    known = {row["id"]: row for row in _lines(kept)} if kept.exists() else {}
    unseen = config.reader == SPANS
    wanted = (_unseen(name, half) if unseen else _questions(name, half))[:most]
    missing = [row for row in wanted if row["id"] not in known]
    if missing:
        with kept.open("a", encoding="utf-8") as file:
            for found in _ask(name, way, missing, config):
                known[found.id] = asdict(found)
                print(json.dumps(known[found.id]), file=file, flush=True)
    return [_from_json(known[row["id"]]) for row in wanted]


def _kind(config: ctqa.SearchConfig) -> str:
    """Name what answers, the weights of a span reader included."""
    if config.rerank == 0:
        return "plain"
    found = shipped_reader() if config.reader == SPANS else None
    return "reranked" if found is None else f"spans-{found.sha256[:8]}"


def _unseen(name: str, half: str) -> list[dict[str, Any]]:
    """Draw questions of a half of the articles that no span reader has learned from."""
    if name not in {*LEARNED, *WIKIPEDIA}:
        return _questions(name, half)
    articles = wikipedia_articles()
    rows = (*_questions(name, "tune"), *_questions(name, "report"))
    mine = [row for row in rows if split_of(name, article_of(name, row), articles) == half]
    return sorted(mine, key=lambda row: sha256(row["id"].encode()).digest()[1:])


def _questions(name: str, half: str) -> list[dict[str, Any]]:
    digests = {
        row["id"]: (sha256(row["id"].encode()).digest(), row)
        for row in _lines(collection(name) / "qa.jsonl")
    }
    tune = half == "tune"
    drawn = [(digest, row) for digest, row in digests.values() if (digest[0] < 128) is tune]
    return [row for _, row in sorted(drawn, key=lambda pair: pair[0][1:])]


def _ask(
    name: str, way: Way, rows: list[dict[str, Any]], config: ctqa.SearchConfig
) -> Iterator[Asked]:
    everything = replace(config, accepted_error=1.0, min_score=0.0)
    qa = ctqa.load(_index(name, way), config=everything)
    present = {source.id for source in qa.documents()}
    for row in rows:
        context = row["context_id"]
        reply = qa.ask(row["question"], documents=[context] if way == "bound" else None)
        possible = not row["impossible"] and context in present
        right = [possible and _holds(answer, row) for answer in reply.answers]
        yield Asked(
            id=row["id"],
            possible=possible,
            found=bool(reply.hits) and reply.hits[0].source.id == context,
            right=any(right[:1]),
            any_right=any(right),
            signals=reply.answers[0].signals if reply.answers else None,
        )
    qa.close()


def _holds(answer: Answer, row: dict[str, Any]) -> bool:
    """Tell whether the sentences shown hold a gold answer, at its place where that is known."""
    if answer.source.id != row["context_id"]:
        return False
    starts = row.get("answer_starts")
    if starts is None:
        return any(squeeze(text) in squeeze(answer.sentence_text) for text in row["answers"])
    shown = answer.sentence
    return any(
        shown.start <= start and start + len(text) <= shown.end
        for text, start in zip(row["answers"], starts, strict=True)
    )


def _index(name: str, way: Way) -> Path:
    corpus = collection(name) / "corpus.jsonl"
    folder = OUT / "index" / f"{name}-{'halved' if way == 'halved' else 'whole'}"
    if way == "halved":
        corpus = _halved(corpus, OUT / "halved" / name / "corpus.jsonl")
    ctqa.build([corpus], folder)
    return folder


def _halved(corpus: Path, target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    lines = corpus.read_text(encoding="utf-8").split("\n")
    kept = [line for line in lines if line and _digit(json.loads(line)["_id"]) < 128]
    target.write_text("\n".join(kept) + "\n", encoding="utf-8")
    return target


def _digit(name: str) -> int:
    return sha256(name.encode()).digest()[0]


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8").split("\n"):
        if line:
            yield json.loads(line)


def _from_json(row: dict[str, Any]) -> Asked:
    signals = None if row["signals"] is None else Signals(**row["signals"])
    return Asked(**(row | {"signals": signals}))
