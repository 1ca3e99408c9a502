"""The documents' tab in Gradio: the list, and adding, leaving out and building anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.data_classes import FileData, ListFiles
from gradio.utils import get_upload_folder

from ctqa.ui import words
from ctqa.ui.documents import Documents, Followed, Pressed, Seen
from ctqa.ui.markup import element
from ctqa.ui.parts import PLAIN, SAID, html, on, or_as_before, pressed, then
from ctqa.ui.uploads import Upload

Values = tuple[Any, ...]

_LOOK_S = 1.0  # between two looks at how far a build is
_TAKEN_UP_S = 2.0  # between two looks at whether a build that ended is the one that answers
# What is asked gets the focus; when it is answered, the focus goes to what came of it.
_FOCUS = """
watch('value', () => setTimeout(() => {
  const came = [...document.querySelectorAll(
    '#documents-notice [tabindex], #build-begun [tabindex]')];
  (element.querySelector('button') ?? came.find((each) => each.textContent))?.focus();
}, 60));
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentsTab:
    """The parts of the tab."""

    files: gr.File
    folder: gr.Dropdown
    rebuild: gr.Button
    stop: gr.Button
    notice: gr.HTML  # what came of what was done last
    begun: gr.HTML  # what is true of it only until the build has ended
    told: gr.HTML  # how the build is doing, for screen readers, and how it ended
    progress: gr.HTML
    query: gr.Textbox
    asked: gr.HTML  # before something is left out
    place: gr.HTML  # the list; its `select` event tells of a button, "read" among them
    page: gr.State
    seen: gr.State
    timer: gr.Timer
    ended: gr.Timer  # ticks after a build has ended, until whoever shows the index stops it

    @property
    def done(self) -> list[Any]:
        """Give what a button changes, in the order of `_done`."""
        return [self.notice, self.begun, self.asked, self.page, self.place]

    @property
    def followed(self) -> list[Any]:
        """Give what a look at the build changes, in the order of `_followed`."""
        return [
            *(self.progress, self.told, self.seen, self.timer, self.ended),
            *(self.stop, self.begun, self.place, self.query),
        ]


def add_documents(documents: Documents, shown_on: Sequence[Any]) -> DocumentsTab:
    """Lay the tab out and connect it; the list is drawn at the events in `shown_on`."""
    tab = _lay_out(documents)
    _connect_list(documents, tab, shown_on)
    _connect_changes(documents, tab)
    return tab


def _lay_out(documents: Documents) -> DocumentsTab:
    folders = documents.folders()
    html(_heading(folders))
    with gr.Row(elem_id="adding"):
        files = _new_files()
        with gr.Column(min_width=200):
            folder = gr.Dropdown(
                [(Path(each).name, each) for each in folders],
                value=folders[0] if folders else None,
                label=words.ADD_TO,
                visible=len(folders) > 1,
            )
            rebuild = gr.Button(words.REBUILD, size="md", elem_id="rebuild")
            stop = gr.Button(words.STOP, size="md", visible=False, elem_id="stop-build")
    return DocumentsTab(
        files=files,
        folder=folder,
        rebuild=rebuild,
        stop=stop,
        notice=html("", template=SAID, elem_id="documents-notice"),
        begun=html("", template=SAID, elem_id="build-begun"),
        progress=html("", template=PLAIN, elem_id="build-progress"),
        told=html("", template=SAID, elem_id="build-told"),
        asked=html("", template=PLAIN, elem_id="asked-first", js=_FOCUS),
        query=gr.Textbox(
            label=words.FIND_DOCUMENT,
            placeholder=words.FIND_PLACEHOLDER,
            lines=1,
            max_lines=1,
            visible=documents.is_searched(),
            elem_id="find-document",
        ),
        place=html(documents.listing(""), template=PLAIN, elem_id="documents"),
        page=gr.State(1),
        seen=gr.State(None),  # that of a browser which has just come
        timer=gr.Timer(_LOOK_S, active=False),
        ended=gr.Timer(_TAKEN_UP_S, active=False),
    )


def _new_files() -> gr.File:
    """Make a place for files, which are given with the names that the browser has for them.

    `gr.File` simplifies these. To derive a class from it would write a `.pyi` beside this module.
    """
    files = gr.File(label=words.ADD, file_count="multiple", height=170, elem_id="new-files")
    files.preprocess = _uploads  # type: ignore[assignment, method-assign]
    return files


def _uploads(payload: ListFiles | FileData | None) -> list[Upload]:
    if payload is None:
        return []
    files: Sequence[FileData] = payload.root if isinstance(payload, ListFiles) else [payload]
    return [Upload(path=Path(file.path), name=_name_of(file)) for file in files]


def _name_of(file: FileData) -> str:
    return file.orig_name if isinstance(file.orig_name, str) else Path(file.path).name


def _heading(folders: Sequence[str]) -> str:
    return element(
        "div",
        element("h2", words.DOCUMENTS),
        element("p", f"{words.ADD_MEANING} {words.copied_into(folders)}", class_="meta"),
        element("p", words.DOCUMENTS_MEANING, class_="meta"),
        lang="en",
    ).markup


def _connect_list(documents: Documents, tab: DocumentsTab, shown_on: Sequence[Any]) -> None:
    def show(query: str | None, page: int, seen: Seen | None) -> Values:
        followed = _followed(documents, documents.follow(seen), query, page)
        is_searched = gr.update(visible=documents.is_searched())
        return (*followed[:-2], documents.listing(query, page), is_searched)

    def find(query: str | None) -> Values:
        return documents.listing(query), 1

    on(shown_on, show, [tab.query, tab.page, tab.seen], tab.followed)
    on([tab.query.change], find, [tab.query], [tab.place, tab.page], mode="always_last")


def _connect_changes(documents: Documents, tab: DocumentsTab) -> None:
    def press(query: str | None, page: int, event: gr.EventData) -> Values:
        return _done(documents, documents.press(pressed(event)), query, page)

    def take(sent: list[Upload], folder: str | None, query: str | None, page: int) -> Values:
        found = documents.take(sent, Path(get_upload_folder()), folder)
        return (None, *_done(documents, found, query, page))

    def rebuild(query: str | None, page: int) -> Values:
        return _done(documents, documents.rebuild(), query, page)

    def follow(query: str | None, page: int, seen: Seen | None) -> Values:
        return _followed(documents, documents.follow(seen), query, page)

    where = [tab.query, tab.page]
    changes = [
        on([tab.place.select, tab.asked.select], press, where, tab.done),
        on([tab.files.upload], take, [tab.files, tab.folder, *where], [tab.files, *tab.done]),
        on([tab.rebuild.click], rebuild, where, tab.done),
        on([tab.stop.click], documents.stop),
    ]
    looking = [*where, tab.seen]
    on([tab.timer.tick], follow, looking, tab.followed)
    for change in changes:
        then(change, follow, looking, tab.followed)


def _done(documents: Documents, found: Pressed, query: str | None, page: int) -> Values:
    """Give what the parts become, in the order of `DocumentsTab.done`."""
    shown = page if found.page is None else found.page
    return (
        or_as_before(found.notice),
        or_as_before(found.begun),
        or_as_before(found.asked),
        shown,
        gr.skip() if found.page is None else documents.listing(query, shown),
    )


def _followed(documents: Documents, found: Followed, query: str | None, page: int) -> Values:
    """Give what the parts become, in the order of `DocumentsTab.followed`."""
    return (
        found.progress,
        or_as_before(found.said),
        found.seen,
        gr.Timer(active=found.is_running),
        gr.Timer(active=True) if found.has_ended else gr.skip(),
        gr.update(visible=found.is_running),
        "" if found.has_ended else gr.skip(),
        documents.listing(query, page) if found.has_ended else gr.skip(),
        gr.update(visible=documents.is_searched()) if found.has_ended else gr.skip(),
    )
