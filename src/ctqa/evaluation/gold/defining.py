"""Sentences that say what a word means, and the question that each of them answers."""

import re
from collections.abc import Iterator

_WORD = r"[\w’'&/-]+"
_TERM = rf"(?P<term>{_WORD}(?: {_WORD}){{0,5}})"
_START = r"^(?P<article>(?:[Tt]he (?:term|phrase|word|expression)|The|An?) )?[“\"'‘]?"
_END = r"[”\"'’]?"
_SHORT = r"(?: \((?P<short>[A-Z][A-Za-z&]{1,9})\))?"
_HOW = r"(?:(?:generally|usually|commonly|often|broadly|here|best) )?"
_IS = r"(?P<verb>is|are|was|were|can be|may be)"
_DEFINED = re.compile(rf"{_START}{_TERM}{_SHORT}{_END} {_IS} {_HOW}(?:defined|understood) as \w")
_MEANS = re.compile(
    rf"{_START}{_TERM}{_SHORT}{_END} {_HOW}(?P<verb>refers to|means|denotes) (?!that\b|to\b)\w"
)
_BY = re.compile(
    rf"\b[Bb]y (?P<article>the (?:term|phrase|word) )?[“\"'‘]{_TERM}[”\"'’],? (?:we|I) mean\b"
    rf"|\b[Bb]y (?:the (?:term|phrase|word) )(?P<bare>{_WORD}(?: {_WORD}){{0,3}}),? (?:we|I) mean\b"
)
_IS_A = re.compile(
    rf"{_START}{_TERM}{_SHORT}{_END} (?P<verb>is|are) "
    r"an? (?!well|very|key|major|good|great|real|big|central|common|important|critical|difficult|"
    r"hard|essential|challeng|new|number|lot|few|bit|problem|complex|case|matter|result|part of)\w"
)
_NO_TERM = re.compile(
    r"\b(?:am|and|are|as|at|be|been|but|by|can|could|did|do|does|each|every|for|from|had|has|have|"
    r"he|here|how|however|I|if|in|into|is|it|its|may|might|must|my|no|none|not|now|of the|on|one|"
    r"or|other|others|our|shall|she|should|so|some|such|than|that|their|then|there|these|they|this|"
    r"those|thus|to|under|us|was|we|were|what|when|where|whereas|which|while|who|why|will|with|"
    r"would|you|your|please|see|refer|another|both|any|all|many|most|few|several|also|first|second|finally|"
    r"example|figure|table|section|chapter|appendix|result|results|aim|purpose|goal)\b",
    re.IGNORECASE,
)
_OFTEN = 3  # times that a text speaks of what it is worth asking about
_NUMBER = re.compile(r"\d")


def defined_in(sentence: str, text: str) -> Iterator[str]:
    """Give the question that a sentence answers which says what a term means.

    Words that only look like a definition are passed over: the term has to be a noun phrase
    without pronouns. `text` tells how the term is written within a sentence.
    """
    for form in (_DEFINED, _MEANS):
        found = form.search(sentence)
        if found is not None and _is_term(found["term"], found["article"]):
            term = as_written(found["term"], text)
            yield _asked(term, _article(found["article"]), found["verb"])
            return
    by = _BY.search(sentence)
    if by is not None:
        term = by["term"] if by["term"] is not None else by["bare"]
        if _is_term(term, "the term "):
            yield f"What is meant by “{term}”?"


def is_a(sentence: str, text: str, term: str = "") -> Iterator[str]:
    """Give the question of a sentence that says what something is: "Care trusts are a new …".

    Without the term that is looked for, it has to be one that the text speaks of again and again.
    """
    found = _IS_A.search(sentence)
    if found is None or not _is_term(found["term"], found["article"]):
        return
    written = as_written(found["term"], text)
    known = len(re.findall(rf"\b{re.escape(written)}\b", text)) >= _OFTEN
    often = found["short"] is not None or (known and (" " in written or written.isupper()))
    if found["term"].casefold() == term.casefold() if term else often:
        yield _asked(written, _article(found["article"]), found["verb"])


def _is_term(term: str, article: str | None) -> bool:
    words = term.split()
    if _NO_TERM.search(term) or _NUMBER.search(term) or len(term) < 3:
        return False
    if article == "The ":
        return len(words) > 1 and term != term.lower()  # "the study" is of one document alone
    return len(words) <= 5


def as_written(term: str, text: str) -> str:
    """Write what begins a sentence as the text writes it within one, as far as that is known."""
    small = term[0].lower() + term[1:]
    within = re.search(rf"[a-z,] {re.escape(small)}\b", text)
    acronym = sum(letter.isupper() for letter in term.split(maxsplit=1)[0]) > 1
    capital = re.search(rf"[a-z,] {re.escape(term)}\b", text)
    return term if acronym or (capital and not within) else small


def _article(article: str | None) -> str:
    if article is None or "term" in article or "word" in article or "phrase" in article:
        return ""
    return "" if article.startswith("the expression") else article.lower()


def _asked(term: str, article: str, verb: str) -> str:
    many = verb in {"are", "were"}
    if verb.startswith(("refer", "mean", "denote")):
        return f"What is meant by {article}{term}?" if article else f"What does “{term}” mean?"
    if not article and not many:
        return f"What is {term}?"
    return f"What {'are' if many else 'is'} {article}{term}?"
