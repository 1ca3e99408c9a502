"""What came of checking a gold set or of looking for questions, as markup."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from ctqa.evaluation.gold.finding import Finding, Severity
from ctqa.ui import words
from ctqa.ui.lines import short
from ctqa.ui.markup import NOTHING, Html, element, joined
from ctqa.ui.render_buttons import button

_LISTED = 100  # findings of a severity; more make a page that no browser likes
_CHARS = 600


def begun(told: str) -> Html:
    """Show that something is being done, nobody knows for how long."""
    return element(
        "div",
        element("p", told, class_="far"),
        element("progress", aria_label=told),
        class_="running",
    )


def done(found: Html) -> Html:
    """Show what came of it, and how to put it away."""
    close = element("div", button(words.CLOSE_ERRAND, "close-errand"), class_="do")
    return element("div", found, close, tabindex="-1", class_="card")


def findings(name: str, found: Sequence[Finding]) -> Html:
    """Show what is to mend in a gold set, and what to look at."""
    to_mend = [each for each in found if each.severity == "mend"]
    to_see = [each for each in found if each.severity == "look at"]
    return joined(
        element("h3", words.CHECKED, element("bdi", name)),
        element("p", words.findings(len(to_mend), len(to_see)), class_="status"),
        _of("mend", to_mend, is_open=True),
        _of("look at", to_see, is_open=not to_mend),
    )


def suggested(count: int, url: str) -> Html:
    """Offer suggested questions as a spreadsheet; there may be none."""
    if not count:
        return element("p", words.NOTHING_SUGGESTED)
    return joined(
        element("h3", words.suggested(count)),
        element("p", words.HOW_TO_ACCEPT),
        element("div", element("a", words.SAVE_SUGGESTIONS, href=url, download=""), class_="do"),
    )


def _of(severity: Severity, found: Sequence[Finding], *, is_open: bool) -> Html:
    if not found:
        return NOTHING
    left = len(found) - _LISTED
    return element(
        "details",
        element("summary", words.findings_of(severity, len(found))),
        *_by_kind(found[:_LISTED]),
        element("p", words.more_findings(left), class_="meta") if left > 0 else NOTHING,
        **({"open": ""} if is_open else {}),
    )


def _by_kind(found: Sequence[Finding]) -> Iterator[Html]:
    for kind, group in groupby(found, key=lambda each: each.kind):
        yield element("h4", f"{kind[:1].upper()}{kind[1:]}")
        yield element("ul", *(element("li", _finding(each)) for each in group), class_="to-mend")


def _finding(each: Finding) -> Html:
    which = ", ".join(part for part in (each.question, each.where) if part)
    return joined(
        element("p", element("bdi", which), class_="name") if which else NOTHING,
        element("p", short(_sentence(each.message), _CHARS), dir="auto"),
        element(
            "p", f"{words.WHAT_TO_DO}: {short(_sentence(each.what_to_do), _CHARS)}", dir="auto"
        ),
    )


def _sentence(told: str) -> str:
    return f"{told[:1].upper()}{told[1:]}{'' if told.endswith(('.', '?', '!')) else '.'}"
