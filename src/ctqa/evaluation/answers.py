"""Whether a reply is right: its words against the gold's, its place against the gold's."""

import re
import string
from collections import Counter
from collections.abc import Callable, Sequence

from ctqa.evaluation.gold.questions import GoldQuestion
from ctqa.evaluation.locate import Target
from ctqa.records import Answer, Reply

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)
_PROOF_WORDS = 5


def normalise(text: str) -> str:
    """Lower the case; drop ASCII punctuation, articles and extra space, as SQuAD's script does."""
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def exact_match(answer: str, gold: Sequence[str]) -> float:
    """Score 1 for an answer that equals a gold answer once normalised, else 0."""
    return _best(_equal, answer, gold)


def f1(answer: str, gold: Sequence[str]) -> float:
    """Score the overlap in words with the closest gold answer, 0 to 1; nothing equals nothing."""
    return _best(_overlap, answer, gold)


def score_reply(
    reply: Reply, question: GoldQuestion, targets: Sequence[Target]
) -> dict[str, float]:
    """Compute every measure of a reply that its gold question allows.

    An impossible question allows "refused" alone. EM and F1 need gold answers or quotes; the
    sentence can be judged where the gold names a quote or answers.
    """
    if question.impossible:
        return {"refused": float(not reply.answered)}
    values = {"answered": float(reply.answered)}
    first = reply.answers[:1]
    values |= _words(first, question)
    values["document_right"] = float(any(names(a, t) for a in first for t in targets))
    values["citation_right"] = float(any(cites(a, t) for a in first for t in targets))
    if question.judges_answers:
        right = [any(holds_answer(a, t) for t in targets) for a in reply.answers]
        values["sentence_right"] = float(any(right[:1]))
        values["any_sentence_right"] = float(any(right))
    return values


def holds_answer(answer: Answer, target: Target) -> bool:
    """Tell whether the sentence shown answers.

    It does when it stands at the gold place: it holds a short answer there whole or, where none is
    known, at least half of the quote. It also does when it holds the whole quote's words at another
    place, provided these are at least five: a name or a number alone proves nothing elsewhere. What
    the gold judges irrelevant does not answer.
    """
    if target.judgment.relevance <= 0:
        return False
    return _stands_there(answer, target) or _says_the_same(answer.sentence_text, target)


def names(answer: Answer, target: Target) -> bool:
    """Tell whether an answer's document is the gold's, be the quote there or not."""
    return target.judgment.relevance > 0 and answer.source.id == target.document


def cites(answer: Answer, target: Target) -> bool:
    """Tell whether an answer's document and page are the gold's; no gold page: the document."""
    on_page = not target.pages or answer.page in target.pages
    return not target.missed and names(answer, target) and on_page


def _words(first: Sequence[Answer], question: GoldQuestion) -> dict[str, float]:
    relevant = [judgment for judgment in question.judgments if judgment.relevance > 0]
    quotes = tuple(judgment.quote for judgment in relevant if judgment.quote is not None)
    gold = question.answers or quotes
    if not gold:
        return {}
    text = first[0].text if first else ""
    return {"EM": exact_match(text, gold), "F1": f1(text, gold)}


def _stands_there(answer: Answer, target: Target) -> bool:
    if answer.source.id != target.document:
        return False
    start, end = answer.sentence.start, answer.sentence.end
    if target.answers:
        return any(start <= span.start and span.end <= end for span in target.answers)
    return target.level == "quote" and any(span.half_within(start, end) for span in target.spans)


def _says_the_same(sentence: str, target: Target) -> bool:
    quote = normalise("" if target.judgment.quote is None else target.judgment.quote)
    return len(quote.split()) >= _PROOF_WORDS and f" {quote} " in f" {normalise(sentence)} "


def _best(score: Callable[[str, str], float], answer: str, gold: Sequence[str]) -> float:
    """Take the best over the gold answers; mere articles do not count as one, as in SQuAD 2.0."""
    golds = [text for text in map(normalise, gold) if text]
    found = normalise(answer)
    return max(score(found, text) for text in (golds or [""]))


def _equal(found: str, gold: str) -> float:
    return float(found == gold)


def _overlap(found: str, gold: str) -> float:
    found_words, gold_words = found.split(), gold.split()
    if not found_words or not gold_words:
        return float(found_words == gold_words)
    shared = (Counter(found_words) & Counter(gold_words)).total()
    return 2 * shared / (len(found_words) + len(gold_words))
