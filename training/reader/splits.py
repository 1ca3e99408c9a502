"""Which articles the reader learns from, is tuned by, and is reported on: parted once, by hash.

What is reported was never seen in training, not as a negative either, nor was anything that reads
nearly the same. Eight of the sixteen Wikipedia articles that have impossible questions as well are
reported on, three more are tuned by; of the reviews and the comments, a tenth and a twentieth.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

Split = Literal["train", "tune", "report"]
WIKIPEDIA = ("squad11_dev", "squad2_devhalf")
HELD = ("policyqa",)  # reported on as a whole: writing of a kind that is not learned from
REPORTED, TUNED = 8, 3  # Wikipedia articles
_OF = 240
_REPORTED_OF, _TUNED_OF = 24, 36  # of 240: where the first, and where the second ends
_RUN = 8  # words that are compared together
_SAME = (
    0.3  # the share of its runs that a passage has in common with one that reads nearly the same
)


def split_articles(names: Iterable[str]) -> dict[str, Split]:
    """Part the Wikipedia articles that have impossible questions."""
    order = sorted(set(names), key=_digest)
    return {
        name: "report" if at < REPORTED else "tune" if at < REPORTED + TUNED else "train"
        for at, name in enumerate(order)
    }


def split_of(collection: str, article: str, wikipedia: Mapping[str, Split]) -> Split:
    """Tell what an article is used for; `wikipedia` parts those that are not parted by hash."""
    if collection in WIKIPEDIA:
        return wikipedia.get(article, "train")
    if collection in HELD:
        return "report"
    place = int.from_bytes(_digest(f"{collection}/{article}")[:4]) % _OF
    return "report" if place < _REPORTED_OF else "tune" if place < _TUNED_OF else "train"


def near_duplicates(texts: Mapping[str, str], of: Iterable[str]) -> set[str]:
    """Find the keys of texts that share much of their wording with any of other texts."""
    held = {run for text in of for run in _runs(text)}
    return {key for key, text in texts.items() if _shared(list(_runs(text)), held) >= _SAME}


def _shared(runs: list[str], held: set[str]) -> float:
    return sum(run in held for run in runs) / len(runs) if runs else 0.0


def _runs(text: str) -> Iterator[str]:
    words = text.casefold().split()
    for at in range(max(len(words) - _RUN + 1, min(1, len(words)))):
        yield " ".join(words[at : at + _RUN])


def _digest(name: str) -> bytes:
    return sha256(f"reader/{name}".encode()).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Parting:
    """What the documents of a collection are used for."""

    splits: Mapping[str, Split]  # by document
    barred: frozenset[str]  # documents that read nearly as one that is not learned from

    def of(self, document: str) -> Split | None:
        """Tell what a document is used for; None: nothing."""
        return None if document in self.barred else self.splits.get(document)


def parted(
    collection: str,
    articles: Mapping[str, str],
    texts: Mapping[str, str],
    wikipedia: Mapping[str, Split],
) -> Parting:
    """Part the documents of a collection, given each one's article and text."""
    splits = {
        document: split_of(collection, article, wikipedia) for document, article in articles.items()
    }
    learned = {id: texts[id] for id, split in splits.items() if split == "train"}
    held = (texts[id] for id, split in splits.items() if split != "train")
    return Parting(splits=splits, barred=frozenset(near_duplicates(learned, held)))
