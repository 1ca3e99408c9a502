"""Taking a conversation away, as files with links to them, or forgetting it."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ctqa.citing import STYLES, Style
from ctqa.errors import CtqaError
from ctqa.ui import words
from ctqa.ui.downloads import Downloads
from ctqa.ui.history import Turn, turns_from
from ctqa.ui.markup import Html, element, joined
from ctqa.ui.pack import Pack, as_receipts, check, pack
from ctqa.ui.pack_markdown import as_markdown

KINDS = ("markdown", "docx", "receipts")

_ENDINGS = {"markdown": "md", "docx": "docx"}
_MEDIA_TYPES = {
    "md": "text/markdown; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "json": "application/json",
}


def export(
    history: Any, kind: Any, style: Any, downloads: Downloads, *, folder: Path, now: str
) -> Html:
    """Make the files of what a browser keeps, and show links to them.

    `kind` is one of `KINDS`, `folder` the index's, against which the answers are checked,
    `now` ISO 8601.
    """
    turns = turns_from(history)
    known = next((each for each in STYLES if each == style), None)
    if not turns:
        return element("p", words.NOTHING_TO_EXPORT)
    if known is None or kind not in KINDS:
        return element("p", words.NO_SUCH_EXPORT)
    files = list(_files(turns, kind, known, folder, now))
    if not files:
        return element("p", words.NO_RECEIPTS)
    links = (
        element("li", element("a", name, href=_put(downloads, name, content), download=name))
        for name, content in files
    )
    return joined(element("p", words.READY), element("ul", *links))


def clear() -> tuple[list[Any], Html]:
    """Forget all that a browser keeps: what it keeps then, and what the page says to it."""
    return [], element("p", words.FORGOTTEN)


def _files(
    turns: Sequence[Turn], kind: str, style: Style, folder: Path, now: str
) -> Iterator[tuple[str, bytes]]:
    """Give names and contents: the pack, and the receipts of its answers where it has any."""
    receipts, name = as_receipts(turns), f"ctqa-receipts-{now[:10]}.json"
    if kind != "receipts":
        made = _pack(turns, style, folder, now, name)
        yield f"ctqa-answers-{now[:10]}.{_ENDINGS[kind]}", _written(made, kind)
    if receipts:
        yield name, json.dumps(receipts, indent=1, ensure_ascii=False).encode()


def _pack(turns: Sequence[Turn], style: Style, folder: Path, now: str, receipts_name: str) -> Pack:
    """Put the pack together; where the index cannot check its answers, it says why."""
    try:
        checked, not_checked = check(folder, turns), ""
    except CtqaError as error:
        checked, not_checked = (), str(error)
    return pack(
        turns,
        style,
        made_at=now,
        receipts_name=receipts_name,
        checked=checked,
        not_checked=not_checked,
    )


def _written(made: Pack, kind: str) -> bytes:
    if kind == "markdown":
        return as_markdown(made).encode()
    from ctqa.ui.pack_docx import as_docx  # noqa: PLC0415  # the page starts without it

    return as_docx(made)


def _put(downloads: Downloads, name: str, content: bytes) -> str:
    return downloads.put(content, name, _MEDIA_TYPES[name.rpartition(".")[2]])
