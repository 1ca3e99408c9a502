"""What a reading process and its parent say to each other: JSON in frames, never pickle.

A frame is a line "<kind> <length>" and then as many bytes. Requests are "read"; answers are "page"
(a page is begun), "content" (one document), "done" (the file's end), and "error" (the process
gives up). What a child says is checked before it is believed: it has read a stranger's file.
"""

import json
from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, overload
from weakref import finalize

from ctqa.errors import IndexWriteError
from ctqa.records import Block, Page, Section, Span
from ctqa.sources.content import Content

_AT_HAND = 256  # contents of a file
_SPOOLED_BYTES = 16_000_000  # of the others in memory; more go to a file that nobody else sees
MOST_BYTES = 600_000_000  # of one frame: 100 million characters of text, and then some


class WireError(Exception):
    """The other side said what it may not say, or nothing more."""


def send(stream: BinaryIO, kind: str, body: Mapping[str, Any]) -> None:
    """Write one frame."""
    data = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    stream.write(b"%s %d\n" % (kind.encode("ascii"), len(data)))
    stream.write(data)
    stream.flush()


def receive(stream: BinaryIO) -> tuple[str, dict[str, Any]]:
    """Read one frame.

    Raises:
        WireError: the stream ended, or what came is no frame.

    """
    kind, data = receive_raw(stream)
    return kind, parsed(data)


def receive_raw(stream: BinaryIO) -> tuple[str, bytes]:
    """Read one frame, but not what it says.

    Raises:
        WireError: the stream ended, or what came is no frame.

    """
    head = stream.readline(100).split()
    if len(head) != 2 or not head[1].isdigit() or int(head[1]) > MOST_BYTES:
        raise WireError("no frame")
    data = stream.read(int(head[1]))
    if len(data) != int(head[1]):
        raise WireError("the stream ended within a frame")
    return head[0].decode("ascii", "replace"), data


def parsed(data: bytes) -> dict[str, Any]:
    """Read what a frame says.

    Raises:
        WireError: it is no JSON object.

    """
    try:
        body = json.loads(data)
    except (ValueError, RecursionError) as exc:
        raise WireError("no JSON") from exc
    if not isinstance(body, dict):
        raise WireError("no object")
    return body


def content_from(form: Mapping[str, Any]) -> Content:
    """Make a content of what a child sent.

    Raises:
        WireError: it is none, or one of its ranges does not lie within its text.

    """
    try:
        content = _content(form)
        _check(content)
    except (TypeError, KeyError, AttributeError) as exc:
        raise WireError(f"no content: {exc}") from exc
    return content


class Contents(Sequence[Content]):
    """What a child sends of a file: the first at hand, those of a large corpus made when asked for.

    As objects they would take several times the file's size, and a corpus may be most of a disk.
    """

    def __init__(self) -> None:
        self._first: list[Content] = []
        self._rest = SpooledTemporaryFile(max_size=_SPOOLED_BYTES)  # noqa: SIM115 -- see below
        self._ends = array("Q", [0])  # of each of the rest
        finalize(self, self._rest.close)

    def keep(self, frame: bytes) -> None:
        """Put in the content that a frame holds.

        Raises:
            WireError: it holds none.
            IndexWriteError: there is no room for temporary files.

        """
        content = content_from(parsed(frame))
        if len(self._first) < _AT_HAND:
            self._first.append(content)
            return
        with _making_room():
            self._rest.seek(self._ends[-1])
            self._ends.append(self._ends[-1] + self._rest.write(frame))

    def whole(self) -> Sequence[Content]:
        """Give them, as a tuple where all are at hand.

        Raises:
            IndexWriteError: there is no room for temporary files.

        """
        if len(self) == len(self._first):
            return tuple(self._first)
        with _making_room():
            self._rest.flush()
        return self

    def __len__(self) -> int:
        return len(self._first) + len(self._ends) - 1

    @overload
    def __getitem__(self, place: int) -> Content: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Content]: ...

    def __getitem__(self, place: int | slice) -> Content | Sequence[Content]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        at = range(len(self))[place] - len(self._first)
        if at < 0:
            return self._first[at]
        self._rest.seek(self._ends[at])
        return _content(json.loads(self._rest.read(self._ends[at + 1] - self._ends[at])))


@contextmanager
def _making_room() -> Iterator[None]:
    """Tell of a full disk as what it is: it is no fault of the file that is read."""
    try:
        yield
    except OSError as exc:
        raise IndexWriteError(
            f"what is read of a large file cannot be put into a temporary file ({exc.strerror}): "
            "make room in the folder for temporary files, or name another one in TMPDIR"
        ) from exc


def _content(form: Mapping[str, Any]) -> Content:
    return Content(
        **{
            **form,
            "pages": tuple(Page(**page) for page in form["pages"]),
            "sections": tuple(
                Section(**{**section, "path": tuple(section["path"])})
                for section in form["sections"]
            ),
            "blocks": tuple(Block(**block) for block in form["blocks"]),
            "asides": tuple(Span(**span) for span in form["asides"]),
        }
    )


def _check(content: Content) -> None:
    end = len(content.text)
    kinds: tuple[Sequence[Page | Section | Block | Span], ...] = (
        *(content.pages, content.sections),
        *(content.blocks, content.asides),
    )
    for ranges in kinds:
        if any(not 0 <= each.start <= each.end <= end for each in ranges):
            raise WireError("a range outside the text")
        if any(one.end > two.start for one, two in pairwise(ranges)):
            raise WireError("ranges that overlap")
    if not content.pages or "\x00" in content.text or "\r" in content.text:
        raise WireError("a text that cannot be stored")
