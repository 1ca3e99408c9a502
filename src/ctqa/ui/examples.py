"""Questions that the page offers: the documents' own headings, as far as they are answered.

Each is asked before it is offered, in the background.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from threading import Lock, Thread
from weakref import WeakKeyDictionary, WeakSet

from ctqa.answering.qa import QA
from ctqa.answering.serving import Serving
from ctqa.errors import CtqaError
from ctqa.evaluation.gold.headings import asking, naming
from ctqa.records import Document, Source
from ctqa.ui import words

EXAMPLES = 3  # questions that the page offers, at most
_DOCUMENTS_LOOKED_AT = 100
_ASKED = 12  # candidates that are asked, at most
_A_DOCUMENT = 3  # candidates of one document


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
    yield from (heading for _, heading in asking(document))
    yield from (words.example_about(thing) for _, thing in naming(document))
