"""A corpus in the BEIR form ({"_id", "title", "text"}, one document a line) -> contents."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from ctqa.sources.content import Content, Loaded, page_of
from ctqa.sources.decode import clean, tidy

_SHOWN = 5  # problems named in a reason
_SNIFFED = 10  # objects that decide what a file is
_FORM = 'each line to be a JSON object with "_id" (or "id") and "text", and perhaps "title"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A line or row of a corpus: its document, or the reason why it gives none."""

    line: int
    content: Content | None = None
    problem: str = ""


def load_corpus(data: bytes) -> Loaded:
    """Read a `.jsonl` file as a corpus.

    Lines that cannot be used are left out: the reason names the first five and counts them all,
    and the state stays "read". Of lines with the same id the first is taken. Gold questions are
    "skipped", lines of any other form make the file "unsupported".
    """
    first = list(islice((each for _, each, _ in _objects(data) if each is not None), _SNIFFED))
    if any(is_gold(each) for each in first):
        return Loaded(state="ignored", reason="gold questions, not a document")
    if first and not any(_is_document(each) for each in first):
        keys = ", ".join(f'"{tidy(key)}"' for key in islice(first[0], 8))
        return Loaded(state="unsupported", reason=f"expected {_FORM}; found {keys or 'no keys'}")
    return gathered(_parts(data))


def gathered(parts: Iterator[Part]) -> Loaded:
    """Gather a corpus's documents, the first of each id, and say what was left out."""
    contents: list[Content] = []
    problems: list[str] = []
    taken: set[str] = set()
    for part in parts:
        if part.content is None:
            problems.append(f"line {part.line}: {part.problem}")
        elif part.content.id and part.content.id in taken:
            problems.append(f'line {part.line}: the id "{tidy(part.content.id)}" is taken')
        else:
            taken.add(part.content.id)
            contents.append(part.content)
    if contents:
        return Loaded(contents=tuple(contents), reason=_left_out(problems, len(contents)))
    if problems:
        return Loaded(state="unreadable", reason=_left_out(problems, 0))
    return Loaded(state="empty", reason="no documents in it")


def content_of_part(part: int, name: str, title: str, text: str, digest: str) -> Content:
    """Make the content of one line or row: a document of one page."""
    whole = clean(text)
    page = page_of(1, 0, whole)
    return Content(
        text=whole, pages=(page,), part=part, id=clean(name), sha256=digest, title=tidy(title)
    )


def is_gold(keys: Mapping[str, Any] | tuple[str, ...]) -> bool:
    """Tell CTQA's own gold questions and BEIR's judgments by their keys or columns."""
    gold = "question" in keys and ("quote" in keys or "impossible" in keys)
    return gold or ("query-id" in keys and "corpus-id" in keys)


def _left_out(problems: list[str], kept: int) -> str:
    if not problems:
        return ""
    shown = "; ".join(problems[:_SHOWN])
    more = "; …" if len(problems) > _SHOWN else ""
    return f"{len(problems)} of {kept + len(problems)} left out: {shown}{more}"


def _objects(data: bytes) -> Iterator[tuple[int, dict[str, Any] | None, bytes]]:
    """Give each line that is not blank: its number, its object if it holds one, and its bytes."""
    body = data.removeprefix(b"\xef\xbb\xbf")
    start, number = 0, 0
    while start < len(body):
        end = body.find(b"\n", start)
        end = len(body) if end < 0 else end
        line = body[start:end].rstrip(b"\r")
        start, number = end + 1, number + 1
        if line.strip():
            yield number, _parsed(line), line


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _parts(data: bytes) -> Iterator[Part]:
    for number, found, line in _objects(data):
        problem = _problem(found)
        if found is None or problem:
            yield Part(line=number, problem=problem)
            continue
        title = found.get("title")
        content = content_of_part(
            number,
            _id_of(found),
            title if isinstance(title, str) else "",
            found["text"],
            hashlib.sha256(line).hexdigest(),
        )
        yield Part(line=number, content=content)


def _problem(found: dict[str, Any] | None) -> str:
    if found is None:
        return "not a JSON object in UTF-8"
    if not _id_of(found):
        return 'no "_id"'
    return "" if isinstance(found.get("text"), str) else 'no "text"'


def _id_of(found: dict[str, Any]) -> str:
    value = found.get("_id", found.get("id"))
    is_name = isinstance(value, (str, int)) and not isinstance(value, bool)
    return str(value) if is_name else ""


def _is_document(found: dict[str, Any]) -> bool:
    return not _problem(found)
