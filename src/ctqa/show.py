"""Words for people on a terminal: replies and reports."""

import math
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ctqa.answering.wording import in_words, label_after, nearly, rests_on, stands_for
from ctqa.config import SearchConfig
from ctqa.records import UNREAD_PAGES, Answer, Hit, Place, Reply, Signals, Source
from ctqa.text import named_cells, squeeze

if TYPE_CHECKING:
    from ctqa.answering.calibration import Calibration
    from ctqa.answering.why import Explanation, Standing
    from ctqa.index.archive import Exported, Imported
    from ctqa.index.dense import Segment
    from ctqa.index.doctor import Mended
    from ctqa.index.local import IndexStatus
    from ctqa.index.receipts import Checked
    from ctqa.index.report import BuildReport
    from ctqa.index.rows import Build, LedgerPage
    from ctqa.index.verify import Finding, Verdict
    from ctqa.models import ModelState

_WIDTH = 96
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_PROBLEMS_SHOWN = 20
_PLACES_SHOWN = 5
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
_HEADS = " rank   by meaning    by words     both  passage sentence  id"


def reply(found: Reply) -> str:
    """Show the answers with their places, or the closest passages when there are none."""
    searched = ["\n".join(_searched(found))] if found.searched else []
    if not found.answered:
        return "\n\n".join([*searched, "\n".join(_no_answer(found))])
    answers = [_shown(answer) for answer in found.answers]
    return "\n\n".join([*searched, *answers, _filled(rests_on(found.calibration))])


def _searched(found: Reply) -> Iterator[str]:
    yield _filled(f"Searched: {squeeze(found.searched)}")
    for expansion in found.expansions:
        yield _indent(stands_for(expansion))


def _no_answer(found: Reply) -> list[str]:
    unread = found.pages_unread
    lines = ["Not in your sources."]
    if near := nearly(found.held_back):
        lines.append(_filled(near))
    if unread:
        lines.append(f"({unread} pages or files could not be read: see `ctqa status`.)")
    if found.hits:
        lines += ["The closest passages:", hits(found.hits[:3])]
    return lines


def explained(found: Reply) -> str:
    """Show how each passage was found, and what the confidence of each answer rests on."""
    rows = [_hit_row(hit) for hit in found.hits]
    legend = (
        "How the passages were found: rank and score by meaning (cosine) and by words (BM25), both "
        "together; what the reranker makes of the passage and of its best sentence (logits). `ctqa "
        "why QUESTION ID` follows one of them."
    )
    parts = ["\n".join([_filled(legend), _HEADS, *rows])] if rows else []
    parts += [_rests_on(answer, number) for number, answer in enumerate(found.answers, start=1)]
    if found.answered and found.calibration is not None:
        parts.append(f"Expected calibration error on those questions: {found.calibration.ece:.3f}.")
    return "\n\n".join(parts)


def explanation(found: "Explanation") -> str:
    """Show how one passage fares at every stage, the verdict first."""
    searched = [f"Searched: {squeeze(found.searched)}"] if found.searched != found.question else []
    best, passage = found.best, found.passage
    rows = [
        _stage("by meaning", found.dense, "cosine"),
        _stage("by words", found.lexical, "BM25"),
        _stage("both", found.fused, "score"),
        _stage("reranker", found.reranked, "logit"),
        _stage("in the end", found.final, "score"),
        f"   {'best sentence':13} " + ("-" if best is None else f"logit {best.score:.2f}"),
    ]
    return "\n\n".join(
        [
            _filled("\n".join([*searched, found.verdict])),
            "\n".join(rows),
            *([_indent(f"“{squeeze(best.text)}”")] if best is not None else []),
            f"{_filled(place(found.source, page_name(passage.page), passage.section))}\n"
            f"{_indent(squeeze(passage.text))}",
        ]
    )


def hits(found: Sequence[Hit]) -> str:
    """Show passages with their rank, score and place."""
    return "\n\n".join(
        f"{hit.rank}. {place(hit.source, _page_of(hit), hit.passage.section)}  [{hit.score:.3f}]"
        f"\n{_indent(squeeze(hit.passage.text))}"
        for hit in found
    )


def page_name(number: int, label: str = "") -> str:
    """Name a page by its place in the file, and by what is printed on it where that differs."""
    return f"page {number}{label_after(number, label)}"


def _page_of(hit: Hit) -> str:
    return page_name(hit.passage.page, hit.page_label)


def place(source: Source, page: str, section: Sequence[str]) -> str:
    """Name a place in a document as a citation does."""
    parts = [source.author, source.year, source.title, source.publication, page, *section]
    return _harmless(", ".join(part for part in parts if part) + f" ({source.path})")


def build_report(report: "BuildReport", index: Any) -> str:
    """Sum up a build."""
    if not report.committed:
        head = f"Nothing has changed: build {report.build} in {index} is up to date"
    else:
        head = (
            f"Build {report.build} in {index}: {report.added} files added, {report.changed} "
            f"changed, {report.renamed} renamed, {report.removed} removed, {report.unchanged} as "
            "before"
        )
    body = (
        f"{report.documents} documents, {report.pages} pages, {report.passages} passages "
        f"({report.encoded} encoded, {report.reused} reused) in {report.seconds:.1f} s"
    )
    return "\n".join([head, body, *_mended(report.mended), *_problems(report.problems)])


def _mended(names: Sequence[str]) -> Iterator[str]:
    if names:
        yield (
            "Damaged files of the last build were found, and all that is derived was made anew: "
            f"{', '.join(names)}. If that happens again, look after the disk."
        )


def _problems(problems: Sequence[Any]) -> Iterator[str]:
    """List problems, those first that are most likely to be mended."""
    if problems:
        yield f"{_count(len(problems), 'file')} to look at:"
    for problem in sorted(problems, key=_gravity)[:_PROBLEMS_SHOWN]:
        yield _harmless(f"  {problem.state}: {problem.path}: {problem.reason}")
    if len(problems) > _PROBLEMS_SHOWN:
        yield f"  … and {len(problems) - _PROBLEMS_SHOWN} more: `ctqa status --json` lists them all"


def _gravity(problem: Any) -> int:
    return _GRAVEST.index(problem.state) if problem.state in _GRAVEST else len(_GRAVEST)


def calibration(found: "Calibration", config: SearchConfig) -> str:
    """Show what a calibration rests on, and what each accepted error would cost."""
    least = found.least_confidence(config.accepted_error)
    lines = [
        f"Calibrated on {found.questions} questions of {found.gold}: the first answer was right "
        f"for {found.right}",
        f"Expected calibration error {found.ece:.3f}, measured on answers that were not fitted on",
        "accepted error   answers from confidence   questions answered",
    ]
    for error in sorted({0.02, 0.05, 0.1, 0.2, 0.3, config.accepted_error}):
        point = found.point(error)
        told = (
            "none keeps to it"
            if point is None
            else f"{point.confidence:.2f}{point.coverage:>22.0%}"
        )
        lines.append(f"{error:>14.0%}   {told:>23}")
    if math.isinf(least):
        lines.append("With accepted_error as it is set, nothing would be answered: raise it.")
    lines.append("It is kept with the index and serves from the next start on.")
    return "\n".join(lines)


def status(found: "IndexStatus") -> str:
    """Sum up an index."""
    build = found.build
    problems = [file for file in found.files if file.needs_attention]
    lines = [
        f"Build {build.number} of {build.created_at} in {found.folder}",
        f"{len(found.files)} files, {found.documents} documents, {found.pages} pages, "
        f"{found.passages} passages",
        f"Pages: {_page_states(found)}",
        f"Encoder {build.encoder.name}, {build.encoder.dimension} dimensions, weights "
        f"{build.encoder.sha256[:12]}",
        *_segments(found.segments),
    ]
    return "\n".join([*lines, *_problems(problems)])


def _segments(found: Sequence["Segment"]) -> Iterator[str]:
    """Tell how the vectors are searched, and how well."""
    exact = sum(segment.vectors for segment in found if segment.recall is None)
    if exact:
        yield f"Vectors: {exact} searched one by one"
    for segment in found:
        if segment.recall is not None:
            yield (
                f"Vectors: {segment.vectors} searched by lists, which finds "
                f"{segment.recall.mean:.1%} of the {segment.recall.k} nearest "
                f"(measured with {segment.recall.queries} questions); cosines are exact"
            )


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
        f"Build {found.build} in {index}: {found.documents} documents, {found.passages} passages, "
        "all checked\nTo take in what has changed in the documents since, name their folder: "
        f"`ctqa build PATH… --index {index}`"
    )


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"


def verdict(found: "Verdict", index: Any) -> str:
    """Tell what was checked in an index, and what is wrong."""
    counts = ", ".join(f"{count} {name}" for name, count in found.checked.items())
    head = _filled(f"Build {found.build} in {index}: checked {counts}")
    skipped = [_filled(f"Not checked: {each}") for each in found.skipped]
    return "\n".join([head, *skipped, findings(found.findings)])


def findings(found: Sequence["Finding"]) -> str:
    """List what is wrong, each with what mends it."""
    if not found:
        return "Nothing is wrong."
    return "\n".join(_finding(each) for each in found)


def _finding(found: "Finding") -> str:
    mend = f"\n{_indent(found.mend)}" if found.mend else ""
    return f"{_filled(f'{found.kind}: {found.what}')}{mend}"


def mended(found: "Mended") -> str:
    """Tell what was mended, and what is left."""
    done = [f"Done: {each}" for each in found.done] or ["Nothing had to be mended."]
    done += [f"Left the index, until `ctqa build` reads it: {path}" for path in found.left_out]
    left = ["Left to do:", findings(found.left)] if found.left else ["Nothing is wrong."]
    return "\n".join([*map(_filled, done), *left])


def rolled_back(build: "Build") -> str:
    """Tell which build is the current one again."""
    return (
        f"Build {build.number} of {build.created_at} is the current one again. `ctqa build` takes "
        "in anew what has changed since."
    )


def checked(found: "Checked") -> str:
    """Tell what became of a receipt."""
    return _filled(f"{found.verdict}: {found.why}")


def _page_states(found: "IndexStatus") -> str:
    counts = found.page_states
    known = [f"{counts[state]} {what}" for state, what in _PAGES.items() if counts.get(state)]
    pageless = found.pages_unread - sum(counts.get(state, 0) for state in UNREAD_PAGES)
    files = [f"and {_count(pageless, 'file')} none of whose pages could be read"]
    return ", ".join([*known, *(files if pageless else [])])


def status_form(
    found: "IndexStatus", ledger: Mapping[int, Sequence["LedgerPage"]]
) -> dict[str, Any]:
    """Give an index's status as JSON-ready values: every file with every page of it."""
    form = asdict(found)
    for file in form["files"]:
        file["pages"] = [_page_form(page) for page in ledger.get(file["key"], ())]
    return form


def _page_form(found: "LedgerPage") -> dict[str, Any]:
    page = asdict(found.page)
    return page | {"document": found.document_id, "characters": page["end"] - page["start"]}


def model(found: "ModelState") -> str:
    """Show a model of the registry in a line."""
    return f"{found.name:28} {found.kind:9} {found.licence:11} {found.state}"


def _shown(answer: Answer) -> str:
    where = place(answer.source, page_name(answer.page, answer.page_label), answer.section)
    range_ = f"characters {answer.start} to {answer.end}; {_confidence(answer)}"
    part = squeeze(answer.text) != squeeze(answer.sentence_text)
    whole = [_indent(f"in “{squeeze(answer.sentence_text)}”")] if part else []
    cells = named_cells(answer.sentence)
    lead = " · ".join(squeeze(part) for part in (answer.sentence.lead, cells) if part)
    told = lead != "" and lead not in squeeze(answer.sentence_text)
    under = [_indent(f"under “{lead}”")] if told else []
    same = [_indent(f"the same stands in: {_places(answer.places)}")] if answer.places else []
    newer = [] if answer.newer is None else [_indent(_newer(answer.newer))]
    lines = [_quoted(answer.text), *whole, *under, _indent(where), *newer, _indent(range_), *same]
    return "\n".join(lines)


def _confidence(answer: Answer) -> str:
    if answer.confidence is None:
        return f"score {answer.score:.2f}, uncalibrated"
    # Never rounded up: 1.00 would be certainty.
    return f"confidence {int(answer.confidence * 100) / 100:.2f}: {in_words(answer.confidence)}"


def _places(places: Sequence[Place]) -> str:
    named = [
        f"{_title(place.source)}, {page_name(place.page, place.page_label)}, "
        f"characters {place.start} to {place.end}"
        for place in places[:_PLACES_SHOWN]
    ]
    left = len(places) - len(named)
    return "; ".join([*named, *([f"and {left} more"] if left else [])])


def _newer(source: Source) -> str:
    year = f" ({source.year})" if source.year and source.year not in source.title else ""
    return f"a newer edition is in your sources: {source.title}{year}, {source.id}"


def _title(source: Source) -> str:
    return f"{source.title} ({source.id})" if source.title else source.id


def _hit_row(hit: Hit) -> str:
    why = hit.why
    cells = (
        _cell(hit.rank, 5),
        f"{_cell(why.dense_rank, 5)} {_cell(why.dense_score, 6)}",
        f"{_cell(why.lexical_rank, 4)} {_cell(why.lexical_score, 6)}",
        *(_cell(score, 8) for score in (why.fused_score, why.rerank_score, why.sentence_score)),
    )
    return _harmless(f"{' '.join(cells)}  {hit.passage.id}")


def _cell(value: float | None, width: int) -> str:
    if value is None:
        return f"{'-':>{width}}"
    return f"{value:{width}}" if isinstance(value, int) else f"{value:{width}.2f}"


def _rests_on(answer: Answer, number: int) -> str:
    head = f"Answer {number}, {_confidence(answer)}."
    if answer.signals is None:
        return head
    return f"{_filled(head)} It rests on\n{_signals(answer.signals)}"


def _signals(found: Signals) -> str:
    lines = (
        f"relevance: of its passage {found.passage:.2f}, of the sentence {found.sentence:.2f}, "
        f"with its neighbour {found.run:.2f}",
        f"its lead over the best answer elsewhere: {round(found.ahead, 2) + 0.0:.2f}",
        f"how far the searches by meaning and by words agree on it: {found.agreement:.2f}",
        f"share of the question's terms: {found.terms:.2f} in the passage, "
        f"{found.terms_near:.2f} in what is shown",
        f"share of its names and numbers: {found.names:.2f} in the passage, "
        f"{found.names_near:.2f} in what is shown",
    )
    return "\n".join(_indent(line) for line in lines)


def _stage(name: str, standing: "Standing | None", score: str) -> str:
    if standing is None:
        return f"   {name:13} -"
    rank = f"{standing.rank} of {standing.of}"
    return f"   {name:13} {rank:14} {score} {standing.score:.2f}"


def _quoted(text: str) -> str:
    return _filled(f"“{squeeze(text)}”")


def _filled(text: str) -> str:
    lines = (_harmless(line) for line in text.splitlines())
    return "\n".join(textwrap.fill(line, width=_WIDTH) for line in lines)


def _harmless(text: str) -> str:
    """Leave out control characters, which could steer the terminal."""
    return _CONTROL.sub("", text)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def _indent(text: str) -> str:
    return textwrap.fill(
        _harmless(text), width=_WIDTH, initial_indent="   ", subsequent_indent="   "
    )
