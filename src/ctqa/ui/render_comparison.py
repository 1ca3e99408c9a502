"""Two results side by side: how far they differ, what of that may be chance, which questions."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ctqa.evaluation.comparing import telling
from ctqa.evaluation.comparing.compare import Change, Compared, Comparison, Verdict, compare
from ctqa.evaluation.comparing.measured import of_result
from ctqa.evaluation.kept import Result
from ctqa.evaluation.naming import SHOWN
from ctqa.ui import words
from ctqa.ui.between import differing
from ctqa.ui.lines import short
from ctqa.ui.markup import NOTHING, Html, element, joined
from ctqa.ui.render_buttons import button
from ctqa.ui.render_failing import first_questions
from ctqa.ui.render_measures import named, table, title

_LISTED = 100  # questions of a kind; more make a page that no browser likes
_CHARS = 300  # of an answer
_REFUSED = "refused"  # by it questions are told apart that the sources do not answer
_VERDICTS: tuple[Verdict, ...] = ("lost", "won", "moved")


def side_by_side(a: Result, b: Result) -> Html:
    """Show two results, and how to be shown only one again.

    Raises:
        ConfigError: there is nothing by which they can be compared.

    """
    found = compare(of_result(a, words.FIRST), of_result(b, words.SECOND))
    again = words.named(words.END_COMPARISON, b.summary.gold)
    return element(
        "article",
        element("h3", words.SIDE_BY_SIDE),
        element("p", f"{words.FIRST}: ", title(a.summary)),
        element("p", f"{words.SECOND}: ", title(b.summary)),
        element("p", *(f"{each} " for each in telling.verdict(found.main)), class_="verdict"),
        *(element("p", each) for each in _cautions(a, b, found)),
        element("div", button(words.END_COMPARISON, "end-comparison", name=again), class_="do"),
        _measures(found),
        element("h4", words.CHANGED_QUESTIONS),
        element("p", words.changed_questions(found.main.measure), class_="meta"),
        *(_changes(verdict, found) for verdict in _VERDICTS),
        element("p", words.unchanged_questions(found.count("same")), class_="meta"),
        class_="result",
    )


def _cautions(a: Result, b: Result, found: Comparison) -> Iterator[str]:
    """Say in what else the two differ, so that a difference is not put down to the wrong thing."""
    told = differing(a.summary, b.summary)
    yield words.measured_with(told) if told else words.MEASURED_ALIKE
    yield from telling.cautions(replace(found, settings=()))


def _measures(found: Comparison) -> Html:
    first = [each for each in found.others if each.measure in SHOWN]
    rest = [each for each in found.others if each.measure not in SHOWN]
    beyond = sum(each.shown for each in rest)
    return joined(
        element("h4", words.MEASURES_TITLE),
        element("p", words.P_MEANING, class_="meta"),
        _table([found.main, *first]),
        element("details", element("summary", words.more_compared(beyond)), _table(rest))
        if rest
        else NOTHING,
    )


def _table(measures: Sequence[Compared]) -> Html:
    return table(
        (words.MEASURE, words.FIRST, words.SECOND, words.DIFFERENCE, words.CHANCE),
        (
            (
                named(each.measure),
                words.figure(each.a),
                words.figure(each.b),
                _difference(each),
                _chance(each),
            )
            for each in measures
        ),
    )


def _difference(each: Compared) -> Html:
    found = each.difference
    low, high = (telling.size(each, sign=True) for each in (found.low, found.high))
    return joined(
        telling.size(found.mean, sign=True),
        element("span", words.between(low, high), class_="means"),
    )


def _chance(each: Compared) -> Html:
    p = each.difference.p if each.adjusted_p is None else each.adjusted_p
    told = words.BEYOND_CHANCE if each.shown else words.MAY_BE_CHANCE
    return joined(telling.p_value(p), element("span", told, class_="means"))


def _changes(verdict: Verdict, found: Comparison) -> Html:
    changes = [each for each in found.changes if each.verdict == verdict]
    if not changes:
        return element("p", words.no_change(verdict), class_="meta")
    items = [_change(each) for each in changes[:_LISTED]]
    return element(
        "details",
        element("summary", words.changes(verdict, len(changes))),
        first_questions(items, len(changes)),
        **({} if verdict == "moved" else {"open": ""}),
    )


def _change(each: Change) -> Html:
    question = short(each.question, _CHARS)
    again = words.named(words.OPEN_IN_ASK, question)
    return element(
        "div",
        element("p", each.question, dir="auto", class_="question"),
        _side(each, 0, words.FIRST),
        _side(each, 1, words.SECOND),
        element(
            "div",
            button(words.OPEN_IN_ASK, "ask", name=again, question=each.question),
            class_="do",
        ),
        class_="outcome",
    )


def _side(each: Change, at: int, side: str) -> Html:
    """Say what became of a question on one side; where nothing answers, nothing is to be found."""
    found = element("p", words.rank_told(each.ranks[at]), class_="meta")
    return joined(
        element("p", f"{side}: ", _shown(each, at)),
        NOTHING if each.measure == _REFUSED else found,
    )


def _shown(each: Change, at: int) -> Html:
    answered, answer = each.answered[at], each.answers[at]
    if answered is None:
        return joined(words.NOT_ASKED, ".")
    if not answered or answer is None:
        return joined(words.NOTHING_SHOWN, ".")
    return element("q", short(answer, _CHARS), dir="auto")
