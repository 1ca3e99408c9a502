"""A document opened at a place, as HTML: the page itself with boxes, or its text with marks."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ctqa.records import Page, Source
from ctqa.sources.drawing import Box
from ctqa.text import squeeze
from ctqa.ui import words, zoom
from ctqa.ui.lines import is_on_the_web
from ctqa.ui.markup import NOTHING, Html, element, joined
from ctqa.ui.render_buttons import button
from ctqa.ui.wanted import Wanted, data_of

_TITLE = "source-title"
_BLANK_LINES = re.compile(r"(\n[^\S\n]*(?:\n[^\S\n]*)+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A page as it is drawn."""

    url: str
    width: float
    height: float
    marked: tuple[tuple[Box, bool], ...]  # boxes, and whether they belong to the mark that is meant


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """Text of a page: all of it, or a part of a long one."""

    text: str
    start: int  # in the document
    marked: tuple[tuple[int, int, bool], ...]  # in the document, in order, never overlapping
    headings: tuple[tuple[int, int], ...]  # the same
    before: int | None  # from where on the part before is shown; None: there is none
    after: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A place as the pane shows it."""

    wanted: Wanted
    source: Source
    page: Page
    pages: int
    section: tuple[str, ...]
    content: Sheet | Excerpt
    is_drawable: bool  # whether the page can be shown as it is
    notices: tuple[str, ...]
    copied: str  # the quote with its citation; "": nothing is quoted
    original: tuple[str, str] | None  # URL, and what following it does; None: there is no file


def problem(message: str) -> Html:
    """Say why a source cannot be opened."""
    said = element("p", words.not_opened(message), class_="problem", role="alert")
    return _pane("", _top(words.SOURCE), said)


def pane(shown: Shown) -> Html:
    """Show a document at a place."""
    title = shown.source.title or shown.source.id
    section = words.section([squeeze(heading) for heading in shown.section])
    return _pane(
        shown.source.id,
        _top(title),
        element("p", element("bdi", shown.source.id), *_under(section), class_="meta"),
        element(
            "div",
            _mark_buttons(shown),
            _page_buttons(shown),
            _look_buttons(shown),
            _part_buttons(shown),
            class_="bar",
        ),
        *(element("p", notice, class_="notice", role="status") for notice in shown.notices),
        _sheet(shown.content, shown) if isinstance(shown.content, Sheet) else NOTHING,
        _excerpt(shown.content, shown) if isinstance(shown.content, Excerpt) else NOTHING,
        _taking(shown),
    )


def _under(section: str) -> Iterator[Html]:
    if section:
        yield joined(f" · {words.SECTION} ", element("bdi", section))


def _pane(document: str, *children: Html) -> Html:
    return element(
        "div",
        *children,
        class_="source",
        role="region",
        aria_labelledby=_TITLE,
        data_of=document,
    )


def _top(title: str) -> Html:
    """Give the title, and the ways out; the page knows whether the way back leads elsewhere."""
    back = element(
        "button", words.BACK_TO_ANSWER, type="button", class_="back", data_elsewhere=words.BACK
    )
    return element(
        "div",
        element("h2", title, id=_TITLE, tabindex="-1", dir="auto"),
        back,
        element("button", words.CLOSE_SOURCE, type="button", class_="close", data_do="close"),
        class_="top",
    )


# Going about ------------------------------------------------------------------------------------


def _mark_buttons(shown: Shown) -> Html:
    wanted = shown.wanted
    if wanted.mark not in wanted.marks or len(wanted.marks) < 2:
        return NOTHING
    at = wanted.marks.index(wanted.mark)
    return _group(
        words.MOVE_MARKS,
        _button(words.BEFORE, "mark-before", _at_mark(wanted, at - 1), words.MARK_BEFORE),
        element("span", words.mark_of(at + 1, len(wanted.marks))),
        _button(words.AFTER, "mark-after", _at_mark(wanted, at + 1), words.MARK_AFTER),
    )


def _at_mark(wanted: Wanted, at: int) -> Wanted | None:
    if not 0 <= at < len(wanted.marks):
        return None
    mark = wanted.marks[at]
    return replace(wanted, document=mark.document, mark=mark, page=None, since=None)


def _page_buttons(shown: Shown) -> Html:
    number = shown.page.number
    where = element("span", element("bdi", words.page_of(number, shown.pages, shown.page.label)))
    if shown.pages == 1:
        return NOTHING
    return _group(
        words.MOVE_PAGES,
        _button(words.BEFORE, "page-before", _at_page(shown, number - 1), words.PAGE_BEFORE),
        where,
        _button(words.AFTER, "page-after", _at_page(shown, number + 1), words.PAGE_AFTER),
    )


def _at_page(shown: Shown, number: int) -> Wanted | None:
    is_there = 1 <= number <= shown.pages
    return replace(shown.wanted, page=number, since=None) if is_there else None


def _look_buttons(shown: Shown) -> Html:
    if not shown.is_drawable:
        return NOTHING
    wanted = replace(shown.wanted, page=shown.page.number)
    if wanted.as_text:
        page = replace(wanted, as_text=False, since=None)
        return _group(words.ZOOM, _button(words.AS_PAGE, "look", page))
    return _group(
        words.ZOOM,
        _button(words.LESS, "smaller", _at_zoom(wanted, -1), words.SMALLER),
        element("span", words.zoomed(wanted.zoom)),
        _button(words.MORE, "larger", _at_zoom(wanted, 1), words.LARGER),
        _button(words.AS_TEXT, "look", replace(wanted, as_text=True)),
    )


def _at_zoom(wanted: Wanted, by: int) -> Wanted | None:
    step = zoom.step(wanted.zoom, by)
    return None if step is None else replace(wanted, zoom=step)


def _part_buttons(shown: Shown) -> Html:
    """Lead on in a long page; none of it where all of the page is shown."""
    excerpt = shown.content
    if isinstance(excerpt, Sheet) or (excerpt.before is None and excerpt.after is None):
        return NOTHING
    page = replace(shown.wanted, page=shown.page.number)
    return _group(
        words.PART_OF_PAGE,
        _button(words.TEXT_BEFORE, "text-before", _since(page, excerpt.before)),
        _button(words.TEXT_AFTER, "text-after", _since(page, excerpt.after)),
        element("span", words.PART_OF_PAGE, class_="meta"),
    )


def _since(wanted: Wanted, since: int | None) -> Wanted | None:
    return None if since is None else replace(wanted, since=since)


def _group(label: str, *children: Html) -> Html:
    return element("div", *children, class_="tools", role="group", aria_label=label)


def _button(label: str, key: str, wanted: Wanted | None, whole: str = "") -> Html:
    """Make a button that shows something else; none that leads nowhere can be pressed."""
    said = {"aria_label": whole, "title": whole} if whole else {}
    data = {"disabled": ""} if wanted is None else {"data_do": "view", **data_of(wanted)}
    return element("button", label, type="button", data_key=key, **said, **data)


# What stands there ------------------------------------------------------------------------------


def _sheet(sheet: Sheet, shown: Shown) -> Html:
    where = words.page_of(shown.page.number, shown.pages, shown.page.label)
    picture = element(
        "img", src=sheet.url, alt=words.picture_of(shown.source.title, where), draggable="false"
    )
    boxes = (
        element("span", class_="box meant" if is_meant else "box", style=_placed(box))
        for box, is_meant in sheet.marked
    )
    page = element(
        "div",
        picture,
        *boxes,
        class_="sheet",
        style=f"--zoom:{shown.wanted.zoom / 100};aspect-ratio:{sheet.width:.2f}/{sheet.height:.2f}",
    )
    return _frame(page, where)


def _placed(box: Box) -> str:
    left, top, right, bottom = box
    return f"left:{left:.3f}%;top:{top:.3f}%;width:{right - left:.3f}%;height:{bottom - top:.3f}%"


def _excerpt(excerpt: Excerpt, shown: Shown) -> Html:
    where = words.page_of(shown.page.number, shown.pages, shown.page.label)
    return _frame(element("div", *_pieces(excerpt), class_="text", dir="auto"), where)


def _frame(content: Html, label: str) -> Html:
    """Hold what may be larger than the pane; the keyboard scrolls it as well."""
    return element("div", content, class_="frame", role="group", aria_label=label, tabindex="0")


def _pieces(excerpt: Excerpt) -> Iterator[Html]:
    """Give text with its headings and marks; not a character is lost."""
    end = excerpt.start + len(excerpt.text)
    bounds = {excerpt.start, end, *(bound for each in excerpt.headings for bound in each)}
    for start, stop in pairwise(sorted(bound for bound in bounds if excerpt.start <= bound <= end)):
        marked = joined(*_marked(excerpt, start, stop))
        if any(first <= start and stop <= last for first, last in excerpt.headings):
            yield element("span", marked, class_="heading", role="heading", aria_level="3")
        else:
            yield marked


def _marked(excerpt: Excerpt, start: int, stop: int) -> Iterator[Html | str]:
    text, offset = excerpt.text, excerpt.start
    for mark_start, mark_end, is_meant in excerpt.marked:
        first, last = max(mark_start, start), min(mark_end, stop)
        if first < last:
            yield text[start - offset : first - offset]
            class_ = "meant" if is_meant else "other"
            for at, part in enumerate(_BLANK_LINES.split(text[first - offset : last - offset])):
                yield part if at % 2 or not part else element("mark", part, class_=class_)
            start = last
    yield text[start - offset : stop - offset]


# Taking it along --------------------------------------------------------------------------------


def _taking(shown: Shown) -> Html:
    copy = button(
        words.COPY_QUOTE,
        "copy",
        key="copy",
        text=shown.copied,
        done=words.COPIED,
        failed=words.NOT_COPIED,
    )
    links: list[tuple[str, str]] = [] if shown.original is None else [shown.original]
    if is_on_the_web(shown.source):
        links.append((shown.source.url, words.READ_ON_THE_WEB))
    return element("div", *_links(links), copy if shown.copied else NOTHING, class_="tools taking")


def _links(links: Sequence[tuple[str, str]]) -> Iterator[Html]:
    for url, label in links:
        yield element("a", label, href=url, target="_blank", rel="noopener noreferrer")
