"""The documents' tab as markup: the list, what is asked before one is left out, and progress."""

from collections.abc import Iterator, Sequence
from pathlib import PurePath

from ctqa.index.rows import FileRow
from ctqa.sources.formats import LOADERS
from ctqa.ui import words
from ctqa.ui.building import BuildState
from ctqa.ui.markup import NOTHING, Html, element, joined
from ctqa.ui.render_buttons import button
from ctqa.ui.shelf import Entry, Shelf
from ctqa.ui.uploads import Refusal, Taken

PAGE_LENGTH = 100  # documents drawn at once
_PROBLEMS = 100  # files, likewise
_LEFT_OUT = 200
_REFUSED = 20
_PASSWORD, _OCR = "--password", "--ocr"  # in the reason of a file that they would help with


def listing(shelf: Shelf, query: str, page: int) -> Html:
    """Show the files to look at, a page (from 1) of the documents found, and what was left out."""
    counts = shelf.build.counts
    return joined(
        element(
            "p",
            words.documents_in_all(
                counts["documents"],
                counts["pages"],
                counts["passages"],
                shelf.build.number,
                shelf.build.created_at[:10],
            ),
            class_="meta",
        ),
        _problems(shelf),
        _documents(shelf, query, page),
        _left_out(shelf.left_out),
    )


def pages_of(shelf: Shelf, query: str) -> int:
    """Count the pages that the list has; 1 where it is empty."""
    return max(1, -(-len(shelf.found(query)) // PAGE_LENGTH))


def _problems(shelf: Shelf) -> Html:
    files = shelf.problems
    if not files:
        return NOTHING
    left = len(files) - _PROBLEMS
    return element(
        "section",
        element("h3", words.TO_LOOK_AT, id="to-look-at"),
        element("p", words.TO_LOOK_AT_MEANING, class_="meta"),
        *(element("p", line, class_="meta") for line in _ways_to_read(files)),
        element("ul", *(_problem(file) for file in files[:_PROBLEMS]), class_="shelf"),
        element("p", words.and_more(left)) if left > 0 else NOTHING,
        aria_labelledby="to-look-at",
        class_="problems",
    )


def _ways_to_read(files: Sequence[FileRow]) -> Iterator[str]:
    """Say what whoever set CTQA up can do: the page takes no passwords and reads no pictures."""
    if any(_PASSWORD in file.reason for file in files):
        yield words.ENCRYPTED_HELP
    if any(_OCR in file.reason for file in files):
        yield words.SCANNED_HELP


def _problem(file: FileRow) -> Html:
    return element(
        "li",
        element(
            "div",
            element("p", element("bdi", file.id)),
            element(
                "p",
                element("strong", words.file_state(file.state)),
                f": {file.reason}" if file.reason else "",
                class_="place",
            ),
        ),
        element("div", _file_button(words.LEAVE_OUT, "leave-out", file), class_="do"),
    )


def _documents(shelf: Shelf, query: str, page: int) -> Html:
    found = shelf.found(query)
    if not found:
        return element("p", words.NOTHING_LIKE_THAT)
    first = (page - 1) * PAGE_LENGTH
    shown = found[first : first + PAGE_LENGTH]
    return element(
        "section",
        element("h3", words.ALL_DOCUMENTS, id="all-documents"),
        element("ul", *(_document(each, shelf) for each in shown), class_="shelf"),
        _pager(page, first, len(shown), len(found)) if len(found) > PAGE_LENGTH else NOTHING,
        aria_labelledby="all-documents",
    )


def _document(entry: Entry, shelf: Shelf) -> Html:
    row, file = entry.document, entry.file
    alone = len(shelf.documents_of[file.key]) == 1
    facts = [
        PurePath(file.path).suffix.lstrip(".").upper(),
        words.pages_and_passages(row.pages, row.passages),
        words.author_and_year(row.source.author, row.source.year),
        words.read_on(shelf.dates.get(file.first_build, ""), min(shelf.dates.values())),
    ]
    outdated = element("strong", words.NEWER_EDITION) if entry.is_outdated else NOTHING
    name = file.id if alone else f"{file.id}, {row.id}"
    return element(
        "li",
        element(
            "div",
            element("p", element("cite", entry.title, dir="auto")),
            element("p", element("bdi", name), class_="place"),
            element(
                "p",
                *(element("bdi", fact, class_="fact") for fact in facts if fact),
                outdated,
                class_="place facts",
            ),
        ),
        element(
            "div",
            button(
                words.READ_IT,
                "read",
                name=words.named(words.READ_IT, entry.title),
                document=row.id,
                start="0",
                end="0",
            ),
            _file_button(words.LEAVE_OUT, "leave-out", file),
            class_="do",
        ),
    )


def _pager(page: int, first: int, shown: int, of: int) -> Html:
    return element(
        "nav",
        button(words.EARLIER_PAGE, "page", page=str(page - 1)) if page > 1 else NOTHING,
        element("span", words.list_range(first + 1, first + shown, of)),
        button(words.LATER_PAGE, "page", page=str(page + 1)) if first + shown < of else NOTHING,
        aria_label=words.PAGES_OF_LIST,
        class_="do",
    )


def _left_out(files: Sequence[FileRow]) -> Html:
    if not files:
        return NOTHING
    left = len(files) - _LEFT_OUT
    return element(
        "details",
        element("summary", f"{words.LEFT_OUT_BY_YOU} ({len(files):,})"),
        element(
            "ul",
            *(
                element(
                    "li",
                    element("div", element("p", element("bdi", file.id))),
                    element(
                        "div",
                        _file_button(words.TAKE_IN, "take-in", file),
                        class_="do",
                    ),
                )
                for file in files[:_LEFT_OUT]
            ),
            class_="shelf",
        ),
        element("p", words.and_more(left)) if left > 0 else NOTHING,
    )


def _file_button(label: str, do: str, file: FileRow) -> Html:
    return button(label, do, name=words.named(label, file.id), file=file.id)


# Before, while and after something is done --------------------------------------------------------


def asked_first(file: FileRow) -> Html:
    """Ask whether a file is to be left out."""
    return element(
        "section",
        element("h3", words.leave_out_this(file.id), id="leave-out", dir="auto"),
        element("p", words.with_all_in_it(file.documents)) if file.documents > 1 else NOTHING,
        element("p", words.LEAVE_OUT_MEANING),
        element(
            "div",
            button(words.LEAVE_OUT_NOW, "leave-out-now", file=file.id),
            button(words.KEEP_IT, "keep"),
            class_="do",
        ),
        class_="card",
        aria_labelledby="leave-out",
    )


def problem(message: str) -> Html:
    """Show why something could not be done."""
    return element("p", words.not_done(message), class_="problem")


def taken(found: Taken, why: str = "") -> Html:
    """Show what became of files that were sent, and why there were none."""
    return joined(
        element("p", words.stored(len(found.stored))) if found.stored else NOTHING,
        *(
            element("p", words.stored_as(name, was), dir="auto")
            for name, was in found.renamed.items()
        ),
        _refused(found.refused) if found.refused else NOTHING,
        element("p", why) if why else NOTHING,
    )


def _refused(files: Sequence[Refusal]) -> Html:
    items = [
        element("li", element("bdi", each.name), f": {each.reason}.") for each in files[:_REFUSED]
    ]
    left = len(files) - len(items)
    is_other = any(each.reason == words.NO_SUCH_FORMAT for each in files)
    return element(
        "div",
        element("p", words.refused(len(files))),
        element("ul", *items),
        element("p", words.and_more_files(left)) if left else NOTHING,
        element("p", words.formats_read(sorted(LOADERS))) if is_other else NOTHING,
        class_="problem",
    )


def progress(state: BuildState) -> Html:
    """Show how far a build has come; nothing where none is running."""
    if not state.is_running:
        return NOTHING
    if state.was_stopped:
        return element("p", words.STOPPING)
    counts = (state.done, state.of, state.pages, state.encoded)
    said = words.stage_progress(state.stage, counts, state.rate, state.seconds)
    known = {"max": str(state.of), "value": str(state.done)} if state.of else {}
    return joined(
        element("progress", said, role="progressbar", aria_label=words.BUILD_PROGRESS, **known),
        element("p", said, class_="meta"),
        element("p", words.BUILD_FOLLOWS, class_="meta") if state.is_followed else NOTHING,
    )


def outcome(state: BuildState) -> Html:
    """Show how a build ended."""
    report = state.report
    if report is None:
        if state.was_stopped:
            return element("p", words.BUILD_STOPPED)
        return element("p", words.build_failed(state.problem), class_="problem")
    if not report.committed:
        return element("p", words.build_unchanged(report.build))
    counts = {
        "added": report.added,
        "changed": report.changed,
        "renamed": report.renamed,
        "removed": report.removed,
        "as before": report.unchanged,
    }
    problems = len(report.problems)
    return element("p", words.build_done(report.build, counts, report.seconds, problems))
