"""Where formats that mark their structure meet: headings, paragraphs, items and tables -> content.

Blocks stand on lines of their own, an empty line between them but for items and rows, whose cells
are parted by " | ". What a loader says of a block goes into the content with its exact range.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from ctqa.records import Block, Page, PageState, Section, SentenceKind, Span
from ctqa.sources import progress
from ctqa.sources.content import Content, title_within
from ctqa.sources.decode import clean, tidy
from ctqa.text import squeeze

_CELLS = " | "
_LEAD_CHARS = 200
_CLOSE: tuple[SentenceKind, ...] = ("item", "row")  # no empty line between two of them


@dataclass(slots=True)
class _Mark:
    """A heading, or the start of a page."""

    start: int
    level: int = 0
    title: str = ""


@dataclass(slots=True)
class Manuscript:
    """A document while it is written, in reading order, from its first block to its last."""

    _parts: list[str] = field(default_factory=list)
    _length: int = 0
    _blocks: list[Block] = field(default_factory=list)
    _asides: list[Span] = field(default_factory=list)
    _headings: list[_Mark] = field(default_factory=list)
    _pages: list[tuple[int, str, PageState, str]] = field(default_factory=list)
    _aside: bool = False
    _unheaded: tuple[int, str] | None = None  # level and title of a section that is to begin

    def heading(self, text: str, level: int) -> None:
        """Add a heading; level 1 is the outermost."""
        line = squeeze(clean(text))
        if line:
            start = self._add(line, "heading")
            if not self._aside:
                self._headings.append(_Mark(start, level, tidy(line)))

    def paragraph(self, text: str) -> None:
        """Add a paragraph; the line ends within it are kept."""
        self._add_lines(text, "sentence")

    def item(self, text: str) -> None:
        """Add a list item, with its mark if it has one."""
        self._add_lines(text, "item")

    def section(self, title: str, level: int = 1) -> None:
        """Begin a section with the next block although no heading stands there; "" only ends some.

        It ends those of its own and of inner levels.
        """
        self._unheaded = (level, tidy(title))

    def table(
        self,
        rows: Sequence[Sequence[str]],
        *,
        heads: int,
        caption: str = "",
        copies: Sequence[Sequence[str]] | None = None,
        pages_before: Sequence[int] = (),
    ) -> None:
        """Add a table of which the first `heads` rows name the columns.

        White space within a cell becomes one space; rows without any text are left out. A caption
        is not added by itself: it is what the rows are searched under. `copies` is the table as it
        is searched, where merged cells make that differ; `pages_before` counts from 0 the rows
        before which a page begins, each as often as one does.
        """
        cells = [_squeezed(row) for row in rows]
        searched = cells if copies is None else [_squeezed(row) for row in copies]
        names = _column_names(searched[:heads])
        lead = squeeze(clean(caption))[:_LEAD_CHARS]
        for number, (row, full) in enumerate(zip(cells, searched, strict=True)):
            for _ in range(pages_before.count(number)):
                self.page()
            line = _CELLS.join(_without_empty_end(row)).strip()
            if any(row):
                copy = "" if number < heads else _named(names, full)
                self._add(line, "row", lead=lead, copy=copy)

    def page(self, label: str = "", *, state: PageState = "text", reason: str = "") -> None:
        """Begin a page; what was added before the first call is a page too.

        `state` and `reason` tell of a page that is not read; one without text becomes "empty".
        """
        if self._length and not self._pages:
            self._pages.append((0, "", "text", ""))
        if self._pages:
            self._append("\n")
        self._pages.append((self._length, label, state, reason))
        progress.begun(len(self._pages))

    @contextmanager
    def aside(self, on: bool = True) -> Iterator[None]:
        """Leave out of search what is added meanwhile: menus, running heads, notices."""
        before, self._aside = self._aside, self._aside or on
        try:
            yield
        finally:
            self._aside = before

    def content(self, *, title: str = "", author: str = "", year: str = "") -> Content:
        """Give all that was added; a title that is not told is taken from the first headings."""
        text = "".join(self._parts)
        sections = tuple(self._sections(len(text)))
        return Content(
            text=text,
            pages=tuple(self._page_records(text)),
            sections=sections,
            blocks=tuple(self._blocks),
            asides=tuple(self._asides),
            title=tidy(title) if title.strip() else title_within(text, sections),
            author=tidy(author),
            year=year,
        )

    @property
    def length(self) -> int:
        """Count the characters added so far."""
        return self._length

    def _add_lines(self, text: str, kind: SentenceKind) -> None:
        lines = (line.strip() for line in clean(text).splitlines())
        whole = "\n".join(squeeze(line) for line in lines if line)
        if whole:
            self._add(whole, kind)

    def _add(self, text: str, kind: SentenceKind, *, lead: str = "", copy: str = "") -> int:
        if self._length and not self._begins_page:
            close = kind in _CLOSE and bool(self._blocks) and self._blocks[-1].kind == kind
            self._append("\n" if close else "\n\n")
        start = self._length
        if self._unheaded is not None and not self._aside:
            level, title = self._unheaded
            self._headings.append(_Mark(start, level, title))
            self._unheaded = None
        self._append(text)
        self._blocks.append(Block(start=start, end=self._length, kind=kind, lead=lead, copy=copy))
        if self._aside:
            self._asides.append(Span(start=start, end=self._length))
        return start

    @property
    def _begins_page(self) -> bool:
        return bool(self._pages) and self._pages[-1][0] == self._length

    def _append(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)

    def _sections(self, end: int) -> Iterator[Section]:
        """Let each heading's section run to the next heading, under those of lower levels above."""
        if not self._headings:
            return
        above: list[_Mark] = []
        ends = [mark.start for mark in self._headings[1:]] + [end]
        for mark, section_end in zip(self._headings, ends, strict=True):
            above = [other for other in above if other.level < mark.level] + [mark]
            path = tuple(other.title for other in above if other.title)
            if path and mark.start < section_end:
                yield Section(path=path, start=mark.start, end=section_end)

    def _page_records(self, text: str) -> Iterator[Page]:
        """Part the text where pages began; the line end between two pages belongs to neither."""
        begun = self._pages or [(0, "", "text", "")]
        starts = [start for start, *_ in begun]
        ends = [start - 1 for start in starts[1:]] + [len(text)]
        for number, (start, end, (_, label, state, reason)) in enumerate(
            zip(starts, ends, begun, strict=True), 1
        ):
            filled = bool(text[start:end].strip())
            is_empty = state == "text" and not filled
            yield Page(
                number=number,
                start=start,
                end=end,
                state="empty" if is_empty else state,
                reason="no text" if is_empty else reason,
                label=tidy(label),
            )


def _squeezed(row: Sequence[str]) -> list[str]:
    return [squeeze(clean(cell)) for cell in row]


def _column_names(heads: Sequence[Sequence[str]]) -> list[str]:
    """Name each column by its heads from the top down, each said once."""
    width = max((len(row) for row in heads), default=0)
    columns = [[row[at] for row in heads if at < len(row) and row[at]] for at in range(width)]
    return [" ".join(dict.fromkeys(column))[:_LEAD_CHARS] for column in columns]


def _named(names: Sequence[str], row: Sequence[str]) -> str:
    """Put each cell under its name; "" where no column has one."""
    if not any(names) or not any(row):
        return ""
    padded = [*names, *[""] * (len(row) - len(names))]
    cells = zip(padded, row, strict=False)
    return "; ".join(f"{name}: {cell}" if name else cell for name, cell in cells if cell)


def _without_empty_end(row: Sequence[str]) -> Sequence[str]:
    filled = [at for at, cell in enumerate(row) if cell]
    return row[: filled[-1] + 1] if filled else ()
