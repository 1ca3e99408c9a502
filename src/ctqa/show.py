"""Words for people on a terminal: replies, reports and progress."""

import re
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ctqa.records import Answer, Hit, Reply, Source
from ctqa.text import squeeze

if TYPE_CHECKING:
    from ctqa.index.build import BuildReport
    from ctqa.index.local import IndexStatus
    from ctqa.models import ModelState

_WIDTH = 96
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_PROBLEMS_SHOWN = 20


def reply(found: Reply) -> str:
    """Show the answers with their places, or the closest passages when there are none."""
    if found.answered:
        return "\n\n".join(_shown(answer) for answer in found.answers)
    unread = found.pages_unread
    lines = ["Not in your sources."]
    if unread:
        lines.append(f"({unread} pages or files could not be read: see `ctqa status`.)")
    if found.hits:
        lines += ["The closest passages:", hits(found.hits[:3])]
    return "\n".join(lines)


def hits(found: Sequence[Hit]) -> str:
    """Show passages with their rank, score and place."""
    return "\n\n".join(
        f"{hit.rank}. {place(hit.source, hit.passage.page, hit.passage.section)}  [{hit.score:.3f}]"
        f"\n{_indent(squeeze(hit.passage.text))}"
        for hit in found
    )


def place(source: Source, page: int, section: Sequence[str]) -> str:
    """Name a place in a document as a citation does."""
    parts = [source.author, source.year, source.title, source.publication, f"page {page}", *section]
    return _harmless(", ".join(part for part in parts if part) + f" ({source.path})")


def build_report(report: "BuildReport", index: Any) -> str:
    """Sum up a build."""
    if not report.committed:
        head = f"Nothing has changed: build {report.build} in {index} is up to date"
    else:
        head = (
            f"Build {report.build} in {index}: {report.added} files added, {report.changed} "
            f"changed, {report.removed} removed, {report.unchanged} as before"
        )
    body = (
        f"{report.documents} documents, {report.pages} pages, {report.passages} passages "
        f"({report.encoded} encoded, {report.reused} reused) in {report.seconds:.1f} s"
    )
    served = ["A page that is being served shows it once it is started anew."] * report.committed
    return "\n".join([head, body, *_problems(report.problems), *served])


def _problems(problems: Sequence[Any]) -> Iterator[str]:
    if problems:
        yield f"{_count(len(problems), 'file')} to look at:"
    for problem in problems[:_PROBLEMS_SHOWN]:
        yield f"  {problem.state}: {problem.path}: {problem.reason}"
    if len(problems) > _PROBLEMS_SHOWN:
        yield f"  … and {len(problems) - _PROBLEMS_SHOWN} more: `ctqa status --json` lists them all"


def status(found: "IndexStatus") -> str:
    """Sum up an index."""
    build = found.build
    problems = [file for file in found.files if file.needs_attention]
    lines = [
        f"Build {build.number} of {build.created_at} in {found.folder}",
        f"{len(found.files)} files, {found.documents} documents, {found.pages} pages "
        f"({found.pages_unread} not read), {found.passages} passages",
        f"Encoder {build.encoder.name}, {build.encoder.dimension} dimensions, weights "
        f"{build.encoder.sha256[:12]}",
    ]
    return "\n".join([*lines, *_problems(problems)])


def status_form(found: "IndexStatus") -> dict[str, Any]:
    """Give an index's status as JSON-ready values."""
    return asdict(found)


def model(found: "ModelState") -> str:
    """Show a model of the registry in a line."""
    return f"{found.name:28} {found.kind:9} {found.licence:11} {found.state}"


@contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """Give a function that shows how far a stage is: a bar on a terminal, else a line a stage."""
    if quiet:
        yield lambda *_: None
    elif sys.stderr.isatty():
        yield from _bars()
    else:
        yield _line


def _line(stage: str, done: int, total: int) -> None:
    if done == total and total:
        print(f"{stage}: {total}", file=sys.stderr, flush=True)


def _bars() -> Iterator[Callable[[str, int, int], None]]:
    from tqdm import tqdm  # noqa: PLC0415

    bars: dict[str, Any] = {}

    def step(stage: str, done: int, total: int) -> None:
        if stage not in bars:
            bars[stage] = tqdm(total=total, desc=stage, file=sys.stderr, dynamic_ncols=True)
        bars[stage].update(done - bars[stage].n)

    try:
        yield step
    finally:
        for bar in bars.values():
            bar.close()


def _shown(answer: Answer) -> str:
    where = place(answer.source, answer.page, answer.section)
    range_ = f"characters {answer.start} to {answer.end}; {_confidence(answer)}"
    return "\n".join([_quoted(answer.text), _indent(where), _indent(range_)])


def _confidence(answer: Answer) -> str:
    if answer.confidence is None:
        return f"score {answer.score:.2f}, uncalibrated: check that it answers you"
    return f"confidence {answer.confidence:.2f}"


def _quoted(text: str) -> str:
    return textwrap.fill(f"“{_harmless(squeeze(text))}”", width=_WIDTH)


def _harmless(text: str) -> str:
    """Leave out control characters, which could steer the terminal."""
    return _CONTROL.sub("", text)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def _indent(text: str) -> str:
    return textwrap.fill(
        _harmless(text), width=_WIDTH, initial_indent="   ", subsequent_indent="   "
    )
