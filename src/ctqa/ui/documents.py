"""What happens in the documents' tab: plain functions, without Gradio."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ctqa import library
from ctqa.errors import CtqaError
from ctqa.sources import left_out
from ctqa.ui import render_documents, uploads, words
from ctqa.ui.building import Builder
from ctqa.ui.markup import Html, element, joined
from ctqa.ui.shelf import Shelf, Shelves
from ctqa.ui.uploads import Upload

SEARCHED_FROM = 20  # documents: fewer are seen through at a glance


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What of the builds a browser was told already."""

    number: int = 0
    stage: str = ""
    is_over: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """How far a build is, as HTML, for one browser."""

    progress: str
    said: str | None  # to be read aloud; None: nothing new
    is_running: bool
    has_ended: bool  # since this browser looked last
    seen: Seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """What a button does, as HTML; None: that part of the page stays as it is."""

    notice: str | None = None
    begun: str | None = None  # what is true only until the build has ended
    asked: str | None = None  # before something is done; "": nothing is asked any more
    page: int | None = None  # of the list, to be drawn
    has_begun: bool = False  # a build


class Documents:
    """The documents of one index, for any number of browsers."""

    def __init__(self, folder: Path, builder: Builder) -> None:
        self._folder = folder
        self._builder = builder
        self._shelves = Shelves(folder)

    def listing(self, query: str | None, page: int = 1) -> str:
        """Show the list, at a page of it or the last one before that."""
        wanted = "" if query is None else query
        try:
            shelf = self._shelves.now()
        except CtqaError as error:
            return render_documents.problem(str(error)).markup
        shown = min(max(page, 1), render_documents.pages_of(shelf, wanted))
        return render_documents.listing(shelf, wanted, shown).markup

    def is_searched(self) -> bool:
        """Tell whether there are so many documents that one has to look for one."""
        try:
            return len(self._shelves.now().entries) > SEARCHED_FROM
        except CtqaError:
            return False

    def press(self, data: Mapping[str, str]) -> Pressed:
        """Do what a button in the list or in the question before it is for."""
        try:
            return self._pressed(data)
        except CtqaError as error:
            return Pressed(notice=render_documents.problem(str(error)).markup, asked="", page=1)

    def _pressed(self, data: Mapping[str, str]) -> Pressed:
        match data.get("do"):
            case "page":
                number = data.get("page", "")
                return Pressed(page=int(number) if _is_number(number) else 1)
            case "keep":
                return Pressed(asked="")
            case "leave-out" | "leave-out-now" | "take-in" as wish:
                return self._change(wish, self._shelves.now(), data.get("file", ""))
            case _:
                return Pressed()

    def _change(self, wish: str, shelf: Shelf, name: str) -> Pressed:
        file = shelf.files.get(name)
        if file is None:
            return Pressed(notice=_said(words.NO_SUCH_DOCUMENT), asked="", page=1)
        if wish == "leave-out":
            return Pressed(asked=render_documents.asked_first(file).markup)
        if wish == "leave-out-now":
            library.leave_out([file.id], self._folder)
            said = words.is_left_out(file.id)
        else:
            library.take_in([file.id], self._folder)
            said = words.is_taken_in(file.id)
        return Pressed(notice="", begun=_said(said, self._begin()), asked="", has_begun=True)

    def rebuild(self) -> Pressed:
        """Build again, of what the last build was made of."""
        return Pressed(notice="", begun=_said(self._begin()), has_begun=True)

    def stop(self) -> None:
        """Stop the build that is running."""
        self._builder.stop()

    def folders(self) -> list[str]:
        """Name the folders into which documents may be put, the usual one first."""
        try:
            return [str(folder) for folder in self._folders()]
        except CtqaError:
            return []

    def _folders(self) -> Sequence[Path]:
        """Give the folders of the index, or one beside it where it was made of files alone."""
        found = library.folders_of(self._folder)
        if found:
            return found
        beside = self._folder.absolute()
        return (beside.with_name(f"{beside.name}-documents"),)

    def take(self, sent: Sequence[Upload], within: Path, chosen: str | None) -> Pressed:
        """Put files that a browser sent below `within` into a folder of the documents, and build.

        They are gone from `within` afterwards, whatever became of them.
        """
        try:
            folders = self._folders()
            folder = next((each for each in folders if str(each) == chosen), folders[0])
            roots = library.roots_with(folder, self._folder)
            held = self._held()
        except CtqaError as error:
            uploads.discard(sent, within)
            return Pressed(notice=render_documents.problem(str(error)).markup)
        found = uploads.take(sent, within, folder, held)
        if not found.stored:
            why = "" if found.refused else words.NOTHING_ARRIVED
            return Pressed(notice=render_documents.taken(found, why).markup)
        try:
            left_out.take_in(folder, found.stored)  # as a file that is gone was called
        except CtqaError as error:
            return Pressed(notice=render_documents.problem(str(error)).markup)
        told = words.BUILD_BEGUN if self._builder.start(roots) else words.BUILD_FOLLOWS
        return Pressed(
            notice=render_documents.taken(found).markup, begun=_said(told), has_begun=True
        )

    def _held(self) -> dict[str, str]:
        """Name the files that the index knows, by their sha256."""
        return {
            file.sha256: words.same_as_left_out(name) if library.is_left_out(file) else name
            for name, file in self._shelves.now().files.items()
            if file.sha256
        }

    def _begin(self) -> str:
        return words.BUILD_BEGUN if self._builder.start() else words.BUILD_FOLLOWS

    def follow(self, seen: Seen | None) -> Followed:
        """Tell a browser how far the build is, given what it was told already."""
        before = self.joined_in() if seen is None else seen
        state = self._builder.state()
        now = Seen(number=state.number, stage=state.stage, is_over=not state.is_running)
        said: Html | None = None
        known = before.is_over and before.number == now.number
        has_ended = now.is_over and not known
        if has_ended:
            said = render_documents.outcome(state)
        elif state.is_running and now != before:
            said = element("p", words.stage(state.stage), class_="unseen")
        return Followed(
            progress=render_documents.progress(state).markup,
            said=None if said is None else said.markup,
            is_running=state.is_running,
            has_ended=has_ended,
            seen=now,
        )

    def joined_in(self) -> Seen:
        """Give what a browser that has just come needs not to be told: what ended before."""
        state = self._builder.state()
        return Seen(number=state.number if not state.is_running else state.number - 1)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 9


def _said(*lines: str) -> str:
    return joined(*(element("p", line, dir="auto") for line in lines)).markup
