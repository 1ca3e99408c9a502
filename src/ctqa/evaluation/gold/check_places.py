"""Whether what gold questions quote stands in the documents, on the page that they name."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from ctqa.evaluation.gold.check_missing import missing_documents, missing_quotes
from ctqa.evaluation.gold.finding import About, Finding
from ctqa.evaluation.gold.folding import Span, fold, places
from ctqa.evaluation.gold.questions import Gold, GoldQuestion
from ctqa.evaluation.gold.wording import shown
from ctqa.evaluation.locate import Documents, Library, Target, locate
from ctqa.records import Page

_SHORT = 40  # characters: a longer quote that stands twice says the same twice


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where a gold question's quote stands: in the index if there is one, else as it is written."""

    about: About
    document: str
    span: Span | None  # None: not looked for, or not to be told
    quote: str  # as quotes are compared; "": none, or one that stands in several places


@dataclass(slots=True)
class PlaceCheck:
    """Looks at one question after the other, and then at what was not found, all at once."""

    documents: Documents | None
    spots: list[Spot] = field(default_factory=list)
    _library: Library | None = None
    _found: list[Finding] = field(default_factory=list)
    _unknown: dict[str, list[About]] = field(default_factory=dict)  # by what is wrong
    _missing: list[tuple[About, str]] = field(default_factory=list)  # with the document's id

    def __post_init__(self) -> None:
        if self.documents is not None:
            self._library = Library(self.documents)

    def look_at(self, gold: Gold, question: GoldQuestion) -> None:
        """Look at a question's judgments."""
        about = About(gold=gold, question=question)
        if self._library is None:
            self.spots += [
                _spot(replace(about, judgment=judgment), judgment.document)
                for judgment in question.judgments
            ]
            return
        targets = locate(question, self._library)
        for target in targets:
            self._look_at(replace(about, judgment=target.judgment), target, self._library)
        self._found += _given_twice(about, targets)
        self._found += _answers(about, targets, self._library)

    def findings(self) -> Iterator[Finding]:
        """Give all that was found."""
        yield from self._found
        if self.documents is not None and self._library is not None:
            yield from missing_documents(self._unknown, self.documents)
            yield from missing_quotes(self._missing, self.documents, self._library)

    def _look_at(self, about: About, target: Target, library: Library) -> None:
        if target.document is None:
            self._unknown.setdefault(target.problem, []).append(about)
            return
        if target.level == "quote" and target.missed:
            self._missing.append((about, target.document))
        elif target.problem and target.judgment.page is not None and target.level != "document":
            pages = library.document(target.document).pages
            self._found.append(_wrong_page(about, target, pages))
        elif _is_vague(target):
            self._found.append(_vague(about, target))
        self.spots.append(_spot(about, target.document, target))


def _spot(about: About, document: str, target: Target | None = None) -> Spot:
    quote = "" if about.judgment is None or about.judgment.quote is None else about.judgment.quote
    spans = () if target is None or target.level != "quote" else target.spans
    return Spot(
        about=about,
        document=document,
        span=spans[0] if len(spans) == 1 else None,
        quote="" if len(spans) > 1 else fold(quote),
    )


def _wrong_page(about: About, target: Target, pages: Sequence[Page]) -> Finding:
    wanted, there = target.judgment.page, sorted(target.pages)
    if target.level != "quote" or not there:
        return about.mend("wrong page", target.problem, "correct the page, or leave it out")
    on = f"page{'s' if len(there) > 1 else ''} {', '.join(map(str, there))}"
    what = f"write page {there[0]}"
    if any(page.label == str(wanted) and page.number in there for page in pages):
        what += f": {wanted} is what is printed there, but pages are counted from the first"
    told = f"the quote is not on page {wanted}; it stands on {on}"
    return about.mend("wrong page", told, what)


def _is_vague(target: Target) -> bool:
    judgment = target.judgment
    if judgment.quote is None or judgment.context is not None:
        return False
    return len(target.spans) > 1 and len(judgment.quote) < _SHORT


def _vague(about: About, target: Target) -> Finding:
    return about.look_at(
        "stands in several places",
        f"{shown(str(target.judgment.quote))} stands in {len(target.spans)} places of "
        f"“{target.judgment.document}”, and any of them counts as right",
        "quote the whole sentence, or put the words around it into “context”",
    )


def _given_twice(about: About, targets: Sequence[Target]) -> Iterator[Finding]:
    """Find places that a question names twice, and those that it judges right and wrong."""
    seen: dict[tuple[str, tuple[Span, ...]], Target] = {}
    for target in targets:
        if target.document is None or target.missed:
            continue
        first = seen.setdefault((target.document, target.spans), target)
        at = replace(about, judgment=target.judgment)
        if (first.judgment.relevance > 0) != (target.judgment.relevance > 0):
            yield at.mend(
                "contradiction",
                f"the same place in “{target.judgment.document}” is judged right and wrong",
                "keep one of the two judgments",
            )
        elif first is not target:
            yield at.look_at(
                "place given twice",
                f"the same place in “{target.judgment.document}” is given twice",
                "delete one of the two lines",
            )


def _answers(about: About, targets: Sequence[Target], library: Library) -> Iterator[Finding]:
    """Find short answers that stand in none of the question's places."""
    usable = [target for target in targets if not target.missed]
    for answer in about.question.answers if usable else ():
        if not any(_holds(target, answer, library) for target in usable):
            quoted = any(target.level == "quote" for target in usable)
            yield about.look_at(
                "answer not in the quote",
                f"the answer {shown(answer)} does not stand in its "
                f"{'quote' if quoted else 'document'}",
                "copy the answer from the quote as it stands there, or take a longer quote",
            )


def _holds(target: Target, answer: str, library: Library) -> bool:
    text = library.document(str(target.document)).text
    around = target.spans or (Span(0, len(text)),)
    return any(places(answer, text, span) for span in around)
