"""Where something stands, as markup: the citation, the file, the page and the section."""

from collections.abc import Sequence

from ctqa.records import Source
from ctqa.text import squeeze
from ctqa.ui import words
from ctqa.ui.lines import file_of, title_of
from ctqa.ui.markup import NOTHING, Html, element, joined
from ctqa.ui.render_buttons import button


def citation(source: Source) -> Html:
    """Cite a document; no part of it can turn the line around (`bdi`, `dir`)."""
    author = words.author_and_year(source.author, source.year)
    return joined(
        joined(element("bdi", author), ", ") if author else NOTHING,
        title(source),
        joined(", ", element("bdi", source.publication)) if source.publication else NOTHING,
    )


def title(source: Source) -> Html:
    """Name a document by its title, else by its file."""
    return element("cite", title_of(source), dir="auto")


def place(source: Source, page: str, section: Sequence[str], *, with_file: bool = True) -> Html:
    """Name the file, the page and the section."""
    where = words.section([squeeze(heading) for heading in section])
    return joined(
        joined(f"{words.FILE} ", element("bdi", file_of(source)), " · ") if with_file else NOTHING,
        element("bdi", page),
        joined(f" · {words.SECTION} ", element("bdi", where)) if where else NOTHING,
    )


def read_button(
    label: str, document: str, start: int, end: int, *, quote: str = "", marks: str = ""
) -> Html:
    """Offer to open a place in its document.

    `quote` is the sha256 of what stood there: where something else does by now, nothing is marked.
    `marks` are the places of the whole reply, as JSON.
    """
    given = {"quote": quote, "marks": marks}
    return button(
        words.READ_THERE,
        "read",
        name=label,
        document=document,
        start=str(start),
        end=str(end),
        **{name: value for name, value in given.items() if value},
    )
