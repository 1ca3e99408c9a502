"""What a reading process and its parent say to each other: JSON in frames, never pickle.

A frame is a line "<kind> <length>" and then as many bytes. Requests are "read"; answers are "page"
(a page is begun), "content" (one document), "done" (the file's end), and "error" (the process
gives up). What a child says is checked before it is believed: it has read a stranger's file.
"""

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, BinaryIO

from ctqa.records import Block, Page, Section, Span
from ctqa.sources.content import Content

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
    head = stream.readline(100).split()
    if len(head) != 2 or not head[1].isdigit() or int(head[1]) > MOST_BYTES:
        raise WireError("no frame")
    data = stream.read(int(head[1]))
    if len(data) != int(head[1]):
        raise WireError("the stream ended within a frame")
    try:
        body = json.loads(data)
    except (ValueError, RecursionError) as exc:
        raise WireError("no JSON") from exc
    if not isinstance(body, dict):
        raise WireError("no object")
    return head[0].decode("ascii", "replace"), body


def content_from(form: Mapping[str, Any]) -> Content:
    """Make a content of what a child sent.

    Raises:
        WireError: it is none, or one of its ranges does not lie within its text.

    """
    try:
        content = Content(
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
        _check(content)
    except (TypeError, KeyError, AttributeError) as exc:
        raise WireError(f"no content: {exc}") from exc
    return content


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
