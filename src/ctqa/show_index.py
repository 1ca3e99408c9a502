"""Words for people on a terminal: what became of an index."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import TYPE_CHECKING, Any

from ctqa.lines import count, filled, harmless, indent
from ctqa.records import UNREAD_PAGES
from ctqa.sources.left_out import REASON

if TYPE_CHECKING:
    from ctqa.index.archive import Exported, Imported
    from ctqa.index.dense import Segment
    from ctqa.index.doctor import Mended
    from ctqa.index.local import IndexStatus
    from ctqa.index.receipts import Checked
    from ctqa.index.report import BuildReport
    from ctqa.index.rows import Build, LedgerPage
    from ctqa.index.verify import Finding, Verdict

LEFT_OUT = (
    "What is left out stays where it is; .ctqaignore in its folder names it, and `ctqa add PATH` "
    "takes it in again."
)
_NAMED = 10
_PROBLEMS_SHOWN = 20
_FINDINGS_SHOWN = 10  # of those that one command mends
_FILES_NAMED = 5
_WAYS = {"ivf-sq8": "by lists", "hnsw": "by the cluster's HNSW"}
_AIMED_AT = 0.98  # of the hundred nearest: what the lists in the folder are tuned for
_PAGES = {  # in the order in which they are told
    "text": "with text",
    "ocr": "read from their picture",
    "poor": "with poor text",
    "empty": "empty",
    "unreadable": "unreadable",
    "encrypted": "encrypted",
    "failed": "failed",
    "skipped": "skipped",
}
_GRAVEST = ("encrypted", "unreadable", "read", "failed", "skipped", "empty")


def build_report(report: "BuildReport", index: Any) -> str:
    """Sum up a build."""
    if not report.committed:
        head = f"Nothing has changed: build {report.build} in {index} is up to date"
    else:
        head = (
            f"Build {report.build} in {index}: {count(report.added, 'file')} added, "
            f"{report.changed} changed, {report.renamed} renamed, {report.removed} removed, "
            f"{report.unchanged} as before{_reread(report.reread)}"
        )
    body = (
        f"{count(report.documents, 'document')}, {count(report.pages, 'page')}, "
        f"{count(report.passages, 'passage')} "
        f"({report.encoded} encoded, {report.reused} reused) in {report.seconds:.1f} s"
    )
    return "\n".join([head, body, *_mended(report.mended), *_problems(report.problems)])


def _reread(files: int) -> str:
    other = "for another encoder, setting or library version"
    return f" ({files} read again {other})" if files else ""


def _mended(names: Sequence[str]) -> Iterator[str]:
    if names:
        more = f" and {len(names) - _FILES_NAMED} more" if len(names) > _FILES_NAMED else ""
        yield (
            "Damaged files of the last build were found, and all that is derived was made anew: "
            f"{', '.join(names[:_FILES_NAMED])}{more}. If that happens again, look after the disk."
        )


def _problems(problems: Sequence[Any]) -> Iterator[str]:
    """List problems, those first that are most likely to be mended."""
    if problems:
        yield f"{count(len(problems), 'file')} to look at:"
    for problem in sorted(problems, key=_gravity)[:_PROBLEMS_SHOWN]:
        yield harmless(f"  {problem.state}: {problem.path}: {problem.reason}")
    if len(problems) > _PROBLEMS_SHOWN:
        yield f"  … and {len(problems) - _PROBLEMS_SHOWN} more: `ctqa status --json` lists them all"


def _gravity(problem: Any) -> int:
    return _GRAVEST.index(problem.state) if problem.state in _GRAVEST else len(_GRAVEST)


def status(found: "IndexStatus", encoder: str, reader: str) -> str:
    """Sum up an index; `encoder` and `reader` say what its encoder, and the reader, run on."""
    build = found.build
    problems = [file for file in found.files if file.needs_attention]
    lines = [
        f"Build {build.number} of {build.created_at} in {found.folder}",
        f"{count(len(found.files), 'file')}, {count(found.documents, 'document')}, "
        f"{count(found.pages, 'page')}, {count(found.passages, 'passage')}",
        f"Pages: {_page_states(found)}",
        f"Encoder {build.encoder.name}, {build.encoder.dimension} dimensions, weights "
        f"{build.encoder.sha256[:12]}, runs on {encoder}",
        f"Reader: {reader}",
        *_segments(found.segments),
        *([f"Store: {found.store}"] if found.store else []),
        *_left_out(found),
    ]
    return "\n".join([*lines, *_problems(problems)])


def _left_out(found: "IndexStatus") -> Iterator[str]:
    names = [file.id for file in found.files if file.reason == REASON and file.state == "ignored"]
    if names:
        shown = ", ".join(names[:_NAMED]) + (" …" if len(names) > _NAMED else "")
        yield harmless(f"Left out by you: {shown} (`ctqa add PATH` takes it in again)")


def _segments(found: Sequence["Segment"]) -> Iterator[str]:
    """Tell how the vectors are searched, and how well."""
    exact = sum(segment.live for segment in found if segment.kind == "flat")
    if exact:
        yield f"Vectors: {exact} searched one by one"
    for segment in found:
        if segment.kind != "flat":
            yield f"Vectors: {segment.live} searched {_WAYS[segment.kind]}, {_finds(segment)}"


def _finds(segment: "Segment") -> str:
    """Tell how much of what is nearest a search finds."""
    recall = segment.recall
    if recall is None:
        return "how much of the nearest that finds was not measured; cosines are exact"
    told = f"which finds {recall.mean:.1%} of the {recall.k} nearest "
    told += f"(measured with {recall.queries} questions); cosines are exact"
    if segment.kind == "hnsw" and recall.mean < _AIMED_AT:
        told += f". That is less than the {_AIMED_AT:.0%} aimed at: docs/scale.md tells what to do"
    return told


def _page_states(found: "IndexStatus") -> str:
    counts = found.page_states
    known = [f"{counts[state]} {what}" for state, what in _PAGES.items() if counts.get(state)]
    pageless = found.pages_unread - sum(counts.get(state, 0) for state in UNREAD_PAGES)
    files = [f"and {count(pageless, 'file')} none of whose pages could be read"]
    return ", ".join([*known, *(files if pageless else [])])


def status_form(
    found: "IndexStatus", runs_on: Mapping[str, str], ledger: Mapping[int, Sequence["LedgerPage"]]
) -> dict[str, Any]:
    """Give an index's status as JSON-ready values: every file with every page of it."""
    form = asdict(found) | {"runs_on": dict(runs_on)}
    for file in form["files"]:
        file["pages"] = [_page_form(page) for page in ledger.get(file["key"], ())]
    return form


def _page_form(found: "LedgerPage") -> dict[str, Any]:
    page = asdict(found.page)
    return page | {"document": found.document_id, "characters": page["end"] - page["start"]}


def exported(found: "Exported") -> str:
    """Tell what an archive holds."""
    return (
        f"Build {found.build} is in {found.path}: {found.documents} documents, {found.passages} "
        f"passages, {_megabytes(found.size)}, sha256 {found.sha256}\n"
        "It holds the documents' texts. `ctqa import FILE --index DIR` makes an index of it."
    )


def imported(found: "Imported", index: Any) -> str:
    """Tell what was made of an archive."""
    return (
        f"Build {found.build} in {index}: {count(found.documents, 'document')}, "
        f"{count(found.passages, 'passage')}, all checked\n"
        "To take in what has changed in the documents since, name their folder: "
        f"`ctqa build PATH… --index {index}`"
    )


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"


def verdict(found: "Verdict", index: Any) -> str:
    """Tell what was checked in an index, and what is wrong."""
    counts = ", ".join(f"{count} {name}" for name, count in found.checked.items())
    where = f"Build {found.build} in {index}" if found.build else index
    head = filled(f"{where}: checked {counts}" if counts else f"{where}: nothing could be checked")
    skipped = [filled(f"Not checked: {each}") for each in found.skipped]
    return "\n".join([head, *skipped, findings(found.findings)])


def findings(found: Sequence["Finding"]) -> str:
    """List what is wrong, with what mends it: once for all that it mends."""
    if not found:
        return "Nothing is wrong."
    alike = groupby(found, key=lambda each: (each.kind, each.mend))
    return "\n".join(line for (_, mend), some in alike for line in _findings(list(some), mend))


def _findings(found: Sequence["Finding"], mend: str) -> Iterator[str]:
    for each in found[:_FINDINGS_SHOWN]:
        yield filled(f"{each.kind}: {each.what}")
    if len(found) > _FINDINGS_SHOWN:
        yield f"… and {len(found) - _FINDINGS_SHOWN} more like them: --json lists them all"
    if mend:
        yield indent(mend)


def mended(found: "Mended", index: Any) -> str:
    """Tell what was mended, and what is left."""
    lines = [filled(f"Done: {each}") for each in found.done] or ["Nothing was mended."]
    lines += [f"Left the index: {harmless(path)}" for path in found.left_out]
    if found.left_out:
        lines.append(f"Left to do: `ctqa build --index {index}`, which reads them again")
    if found.left:
        lines += ["Left to do:", findings(found.left)]
    if not found.left_out and not found.left:
        lines.append("Nothing is wrong.")
    return "\n".join(lines)


def rolled_back(build: "Build") -> str:
    """Tell which build is the current one again."""
    return (
        f"Build {build.number} of {build.created_at} is the current one again. `ctqa build` takes "
        "in anew what has changed since."
    )


def checked(found: "Checked") -> str:
    """Tell what became of a receipt."""
    return filled(f"{found.verdict}: {found.why}")
