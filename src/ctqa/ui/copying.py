"""What is copied of a source: a quote with its citation, in the style that a person chose."""

from ctqa.citing import STYLES, Style, cite
from ctqa.records import Answer, Source
from ctqa.text import squeeze
from ctqa.ui import words

_IN_PROSE: tuple[Style, ...] = ("harvard", "vancouver")  # the others are for programs


def copied(answer: Answer) -> dict[str, str]:
    """Give an answer's quote with its citation, by the name that the page gives each style."""
    page = page_cited(answer.source, answer.page, answer.page_label)
    return {
        words.CITATION_STYLES[style]: quoted(answer.text, answer.source, style, page)
        for style in STYLES
    }


def quoted(text: str, source: Source, style: Style, page: str) -> str:
    """Give a quote with its citation.

    White space is copied as it is shown, one space for each run; a receipt holds the exact slice.
    """
    between = " " if style in _IN_PROSE else "\n\n"
    return f"“{squeeze(text)}”{between}{cite(source, style, page)}"


def page_cited(source: Source, number: int, label: str) -> str:
    """Give the page to cite; "" where the file has but one, such as a web page."""
    if label:
        return label
    return str(number) if number > 1 or source.path.lower().endswith(".pdf") else ""
