"""What is copied from an answer: its quote with a citation, in each style a person may choose."""

from ctqa.citing import STYLES, Style, cite
from ctqa.citing.lists import in_text
from ctqa.citing.reference import reference
from ctqa.records import Answer
from ctqa.text import squeeze
from ctqa.ui import words

_IN_PROSE: tuple[Style, ...] = ("harvard", "vancouver")  # the others are for programs
_INNER = str.maketrans({"“": "‘", "”": "’", "„": "‚", '"': "'"})


def copied(answer: Answer) -> dict[str, str]:
    """Give a quote with its citation, by the name that the page gives each style.

    The quote is copied as it is shown, with single quotation marks within it, since double ones
    stand around it; a receipt holds the exact slice. Where a style is no prose but a program's,
    the author and year stand in brackets.
    """
    page = answer.page_label or str(answer.page)
    quote = f"“{squeeze(answer.text).translate(_INNER)}”"
    return {
        words.CITATION_STYLES[style]: f"{quote} {_cited(answer, style, page)}" for style in STYLES
    }


def _cited(answer: Answer, style: Style, page: str) -> str:
    if style in _IN_PROSE:
        return cite(answer.source, style, page)
    return in_text(reference(answer.source), page)
