"""Where something stands, as markup: the citation, the file, the page and the section."""

from collections.abc import Sequence
from pathlib import PureWindowsPath

from ctqa.records import Source
from ctqa.text import squeeze
from ctqa.ui import words
from ctqa.ui.markup import Html, element, joined

_NOTHING = Html("")


def citation(source: Source) -> Html:
    """Cite a document; no part of it can turn the line around (`bdi`, `dir`)."""
    author = words.author_and_year(source.author, source.year)
    return joined(
        joined(element("bdi", author), ", ") if author else _NOTHING,
        title(source),
        joined(", ", element("bdi", source.publication)) if source.publication else _NOTHING,
    )


def title(source: Source) -> Html:
    """Name a document by its title, else by its file."""
    return element("cite", source.title or file(source), dir="auto")


def place(source: Source, page: str, section: Sequence[str], *, with_file: bool = True) -> Html:
    """Name the file, the page and the section."""
    where = words.section([squeeze(heading) for heading in section])
    return joined(
        joined(f"{words.FILE} ", element("bdi", file(source)), " · ") if with_file else _NOTHING,
        element("bdi", page),
        joined(f" · {words.SECTION} ", element("bdi", where)) if where else _NOTHING,
    )


def file(source: Source) -> str:
    """Name the document within its folder; behind the name of the file that holds several."""
    name = PureWindowsPath(source.path).name  # understands both slashes
    return source.id if source.id.endswith(name) else f"{name}, {source.id}"


def read_button(
    label: str, document: str, start: int, end: int, *, quote: str = "", marks: str = ""
) -> Html:
    """Offer to open a place in its document.

    `quote` is the sha256 of what stood there: where something else does by now, nothing is marked.
    `marks` are the places of the whole reply, as JSON.
    """
    given = {"data_quote": quote, "data_marks": marks}
    data = {name: value for name, value in given.items() if value}
    return element(
        "button",
        words.READ_THERE,
        type="button",
        aria_label=label,
        data_do="read",
        data_document=document,
        data_start=str(start),
        data_end=str(end),
        **data,
    )
