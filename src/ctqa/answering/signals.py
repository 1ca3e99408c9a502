"""What the confidence of an answer rests on, beside the reranker's own logits."""

import math
import re
from collections.abc import Mapping

from ctqa.index.local import LocalIndex
from ctqa.records import Hit, Why
from ctqa.text import squeeze

_WORD = re.compile(r"[^\W_]+(?:['’.,&/-][^\W_]+)*")
# Capitals that begin a question name nothing.
_OPENING = re.compile(
    r"(?:who|whom|whose|what|which|when|where|why|how|is|are|was|were|do|does|did|can|could|should|"
    r"would|will|has|have|had|may|might|must|in|on|at|by|for|from|to|of|with|and|but|the|a|an|name|"
    r"list|explain|describe|tell|if|according|i|after|before|during|since|under)$",
    re.IGNORECASE,
)


class Evidence:
    """Tells which share of a question's terms, names and numbers a text holds."""

    def __init__(self, index: LocalIndex, question: str) -> None:
        self._index = index
        self._weights: Mapping[str, float] = {
            term: index.rarity(term) for term in index.terms(question)
        }
        self._names = frozenset(
            term for name in names(question) for term in index.terms(name.replace("'s", ""))
        )

    def terms(self, text: str) -> float:
        """Give the share of the question's terms in a text, weighed by their rarity; 0..1."""
        return self._terms(set(self._index.terms(text)))

    def terms_and_names(self, text: str) -> tuple[float, float]:
        """Give that share, and that of the question's names and numbers; 1 where it has none."""
        held = set(self._index.terms(text))
        return self._terms(held), self._named(held)

    def _terms(self, held: set[str]) -> float:
        total = math.fsum(self._weights.values())
        found = math.fsum(weight for term, weight in self._weights.items() if term in held)
        return found / total if total > 0 else 0.0

    def _named(self, held: set[str]) -> float:
        return len(self._names & held) / len(self._names) if self._names else 1.0


def names(question: str) -> tuple[str, ...]:
    """Give the words of a question that name something: capitalised, or with a digit."""
    found = []
    for number, match in enumerate(_WORD.finditer(question)):
        word = match.group()
        opening = number == 0 and _OPENING.match(word) is not None
        named = word[0].isupper() and not opening
        if (named or any(c.isdigit() for c in word)) and word != "I":
            found.append(word)
    return tuple(found)


def sigmoid(logit: float) -> float:
    """Turn log-odds into a chance, 0..1."""
    return 1 / (1 + math.exp(-max(logit, -700.0)))  # beyond that, exp overflows


def agreement(why: Why) -> float:
    """Give how far both retrievers hold a passage to be the best: the mean of 1 / rank."""
    ranks = (why.dense_rank, why.lexical_rank)
    return math.fsum(1 / rank for rank in ranks if rank is not None) / 2


def above(hit: Hit) -> str:
    """Give what an answer of a hit stands under: the document's title and the headings."""
    return "\n".join(squeeze(part) for part in (hit.source.title, *hit.passage.section))
