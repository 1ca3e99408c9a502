"""Questions that the page offers: the documents' own headings, as far as they are answered.

A heading that asks is taken as it stands. One that names a thing becomes a question about it, if
the text itself speaks of that thing as one does of a thing ("of discharge planning"): that tells it
from a headline such as "Trust hails pilots". Each is asked before it is offered, in the background.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from threading import Lock, Thread
from weakref import WeakKeyDictionary, WeakSet

from ctqa.answering.follow import FUNCTION_WORDS
from ctqa.answering.qa import QA
from ctqa.answering.serving import Serving
from ctqa.errors import CtqaError
from ctqa.records import Document, Source
from ctqa.text import squeeze
from ctqa.ui import words

EXAMPLES = 3  # questions that the page offers, at most
_DOCUMENTS_LOOKED_AT = 100
_ASKED = 12  # candidates that are asked, at most
_A_DOCUMENT = 3  # candidates of one document
_MOST_CHARS = 120
_THING_WORDS = 6
_THING = re.compile(r"[A-Za-z][A-Za-z’'-]*(?: [A-Za-z][A-Za-z’'-]*)*")
_NUMBERED = re.compile(
    r"^(?:(?:chapter|section|part|appendix)\s+)?(?:\d+(?:\.\d+)*[.):]?|[IVX]+[.):]|[A-Z][.):])\s+",
    re.IGNORECASE,
)
_MARKDOWN = re.compile(r"^#+\s*")
_EMPTY = frozenset(
    (
        *("abstract", "acknowledgements", "acknowledgments", "aim", "aims", "annex", "appendix"),
        *("approach", "background", "bibliography", "conclusion", "conclusions", "contents"),
        *("context", "design", "discussion", "figures", "findings", "foreword", "glossary"),
        *("introduction", "key findings", "key points", "limitations", "method", "methods"),
        *("methodology", "notes", "overview", "preface", "purpose", "recommendations"),
        *("references", "results", "scope", "summary", "executive summary", "tables"),
        *("further reading", "contact", "contact us", "next steps", "keywords", "originality"),
    )
)
_NO_THING = re.compile(
    r"\b(?:am|are|be|been|being|can|could|did|do|does|had|has|have|he|how|I|is|it|may|might|must|"
    r"our|shall|she|should|that|they|this|us|was|we|were|what|when|where|which|who|why|will|would|"
    r"you|your)\b",
    re.IGNORECASE,
)
_SMALL_LAST = re.compile(
    r"\b(?:a|an|and|as|at|by|for|from|in|of|on|or|the|to|with)$", re.IGNORECASE
)
_TIED = re.compile(r"(?:what|how) about\b|why not\b|and\b|but\b|so\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:[’'-][^\W_]+)*")
_TELLING = 2  # words that say what is asked
_LED_BY = r"(?:the|of|for|in|about|on|by|with|to|from|and|their|its|our|such as)\s+"


def candidates(qa: QA) -> list[tuple[str, str]]:
    """Give questions with the document whose heading each is, one of each document first."""
    of_each = [
        [(question, document.id) for question in _first(_questions(document))]
        for source in _spread(qa.documents())
        for document in (qa.document(source.id),)
    ]
    rounds = (
        questions[at] for at in range(_A_DOCUMENT) for questions in of_each if at < len(questions)
    )
    return list(dict.fromkeys(rounds))[:_ASKED]


def answered(qa: QA, offered: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Give the questions that the document answers whose heading they are, `EXAMPLES` at most."""
    found = 0
    for question, document in offered:
        if any(answer.source.id == document for answer in qa.ask(question).answers):
            yield question
            found += 1
            if found == EXAMPLES:
                return


class Examples:
    """The questions to offer for the current build, found in the background."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving
        self._lock = Lock()
        self._found: WeakKeyDictionary[QA, tuple[str, ...]] = WeakKeyDictionary()
        self._looking: WeakSet[QA] = WeakSet()

    def now(self) -> tuple[str, ...]:
        """Give those found so far; the first call for a build begins to look for them."""
        with ExitStack() as lent:
            qa = lent.enter_context(self._serving.lend())
            with self._lock:
                if qa in self._found:
                    return self._found[qa]
                self._found[qa] = ()
                self._looking.add(qa)
            held = lent.pop_all()  # until the thread is done with it
            Thread(target=self._find, args=(qa, held), daemon=True).start()
        return ()

    def looking(self) -> bool:
        """Tell whether more may be found for the current build."""
        with self._serving.lend() as qa, self._lock:
            return qa not in self._found or qa in self._looking

    def _in_turn(self, offered: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        """Give one after the other, each when nobody is being answered: people go first."""
        for each in offered:
            if not self._serving.stand_back():
                return
            yield each

    def _find(self, qa: QA, held: ExitStack) -> None:
        with held, suppress(CtqaError):  # what is wrong with an index is said where it is asked
            for question in answered(qa, self._in_turn(candidates(qa))):
                with self._lock:
                    self._found[qa] = (*self._found[qa], question)
        with self._lock:
            self._looking.discard(qa)


def _spread(sources: Sequence[Source]) -> Sequence[Source]:
    """Take as many documents as are looked at, from all over the list."""
    return sources[:: max(len(sources) // _DOCUMENTS_LOOKED_AT, 1)][:_DOCUMENTS_LOOKED_AT]


def _first(questions: Iterable[str]) -> list[str]:
    found: dict[str, None] = {}
    for question in questions:
        found[question] = None
        if len(found) == _A_DOCUMENT:
            break
    return list(found)


def _questions(document: Document) -> Iterator[str]:
    headings = [squeeze(section.path[-1]) for section in document.sections]
    yield from (each for each in headings if _asks(each))
    text = squeeze(document.text)
    for heading in headings:
        thing = _thing(_NUMBERED.sub("", _MARKDOWN.sub("", heading)), text)
        if thing:
            yield words.example_about(thing)


def _asks(heading: str) -> bool:
    """Tell whether a heading is a question that says by itself what it asks."""
    if not heading.endswith("?") or len(heading) > _MOST_CHARS or _TIED.match(heading):
        return False
    telling = [word for word in _WORD.findall(heading) if word.lower() not in FUNCTION_WORDS]
    return len(telling) >= _TELLING


def _thing(heading: str, text: str) -> str:
    """Write what a heading names as it stands in the text; "" where it names no thing there."""
    number = len(heading.split())
    if not 2 <= number <= _THING_WORDS or heading.lower() in _EMPTY:
        return ""
    if not _THING.fullmatch(heading) or _NO_THING.search(heading) or _SMALL_LAST.search(heading):
        return ""
    spoken = re.search(rf"\b{_LED_BY}({re.escape(heading)})\b", text, re.IGNORECASE)
    return "" if spoken is None or spoken[1] == heading.upper() else spoken[1]
