"""Words for people on a terminal: what became of gold questions."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from ctqa.lines import count, filled, harmless, indent

if TYPE_CHECKING:
    from ctqa.evaluation.gold.add import Added
    from ctqa.evaluation.gold.convert import Converted
    from ctqa.evaluation.gold.finding import Finding
    from ctqa.evaluation.gold.suggest import Suggestion

_OF_A_KIND = 10  # findings shown
_SHOWN = 5  # suggestions shown


def checked(findings: Sequence["Finding"], questions: int, *, placed: bool) -> str:
    """Tell what a check found, kind by kind."""
    mend = sum(finding.severity == "mend" for finding in findings)
    look = len(findings) - mend
    asked = count(questions, "question")
    if not findings:
        done = "" if placed else " Whether quotes stand in the documents was not looked at."
        return filled(f"{asked}: nothing to mend.{done}")
    head = f"{asked}: {mend or 'nothing'} to mend, {look} to look at."
    groups = groupby(findings, key=lambda finding: (finding.kind, finding.severity))
    parts = [_kind(kind, severity, list(found)) for (kind, severity), found in groups]
    return "\n\n".join([head, *parts])


def _kind(kind: str, severity: str, found: Sequence["Finding"]) -> str:
    head = f"{kind[0].upper()}{kind[1:]} ({len(found)} to {severity})"
    lines = [line for finding in found[:_OF_A_KIND] for line in _finding(finding)]
    if len(found) > _OF_A_KIND:
        lines.append(f"   … and {len(found) - _OF_A_KIND} more; --json lists all")
    return "\n".join([head, *lines])


def _finding(finding: "Finding") -> Iterator[str]:
    where = finding.where or finding.gold
    at = f"{where} ({finding.question})" if finding.question else where
    yield indent(f"{at}: {finding.message}")
    yield indent(f"→ {finding.what_to_do}")


def converted(found: "Converted") -> str:
    """Tell what was written, and what the form does not hold."""
    head = f"{count(found.questions, 'question')} written to {found.path} ({found.form})."
    if not found.left_behind:
        return filled(head)
    left = [indent(f"- {one}") for one in found.left_behind]
    return "\n".join([filled(f"{head} Left behind, since this form does not hold it:"), *left])


def template(path: Path) -> str:
    """Tell what to do with a template."""
    return filled(
        f"{path} is ready to be filled in, a line a question; its examples do not count. When it "
        f"is filled in: ctqa gold check {path}"
    )


def added(found: "Added") -> str:
    """Tell what was added, and what was not and why."""
    lines = [filled(f"{count(len(found.added), 'question')} added to {found.path}.")]
    if found.already:
        lines.append(filled(f"{count(len(found.already), 'question')} there already."))
    for one in found.refused:
        lines += [harmless(f"Not added: {one.question}"), indent(one.why)]
    lines += [filled(f"Note: {note}") for note in found.notes]
    return "\n".join(lines)


def suggested(found: Sequence["Suggestion"], path: Path) -> str:
    """Tell what was suggested, and how to accept some of it."""
    first = [indent(f"{one.question} ({one.document}, page {one.page})") for one in found[:_SHOWN]]
    more = [f"   … and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
    then = (
        f"Nothing of it is gold yet. Open {path}, read each question with its quote, mend what "
        "could be asked better, and write yes into the column “accept” of the good ones. Then: "
        f"ctqa gold add GOLD --from {path}"
    )
    head = f"{count(len(found), 'question')} suggested in {path}:"
    return "\n".join([filled(head), *first, *more, filled(then)])
