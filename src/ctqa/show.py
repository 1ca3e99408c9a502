"""Words for people on a terminal: replies."""

import math
from collections.abc import Iterator, Sequence
from textwrap import shorten
from typing import TYPE_CHECKING

from ctqa.answering.wording import (
    NOT_RERANKED,
    in_words,
    label_after,
    nearly,
    rests_on,
    stands_for,
)
from ctqa.config import SearchConfig
from ctqa.lines import filled, harmless, indent
from ctqa.records import Answer, Disagreement, Hit, Place, Quote, Reply, Signals, Source
from ctqa.text import named_cells, squeeze

if TYPE_CHECKING:
    from ctqa.answering.calibration import Calibration
    from ctqa.answering.why import Explanation, Standing
    from ctqa.models import ModelState

_PLACES_SHOWN = 5
_BEGINNING = 180  # characters of a passage that is only pointed to
_HALFWAY = "~ is what it expected halfway of a passage that it did not read to its end. "
_HEADS = " rank   by meaning    by words     both  passage sentence  id"


def reply(found: Reply) -> str:
    """Show the answers with their places, or the closest passages when there are none."""
    searched = ["\n".join(_searched(found))] if found.searched else []
    fast = [] if found.reranked or not found.hits else [NOT_RERANKED]
    if not found.answered:
        return "\n\n".join([*searched, "\n".join(_no_answer(found)), *fast])
    answers = [_shown(answer) for answer in found.answers]
    differing = [_disagreement(each) for each in found.disagreements]
    rests = "\n".join([*fast, filled(rests_on(found.calibration))])
    return "\n\n".join([*searched, *answers, *differing, rests])


def _searched(found: Reply) -> Iterator[str]:
    yield filled(f"Searched: {squeeze(found.searched)}")
    for expansion in found.expansions:
        yield indent(stands_for(expansion))


def _no_answer(found: Reply) -> list[str]:
    unread = found.pages_unread
    lines = ["Not in your sources."]
    if near := nearly(found.held_back):
        lines.append(filled(near))
    if unread:
        lines.append(f"(Pages or files that could not be read: {unread}; see `ctqa status`.)")
    if found.hits:
        lines += ["The closest passages, whole with `ctqa search`:", *_begun(found.hits[:3])]
    return lines


def _begun(found: Sequence[Hit]) -> Iterator[str]:
    """Show where passages stand and how they begin."""
    for hit in found:
        yield filled(f"{hit.rank}. {place(hit.source, _page_of(hit), hit.passage.section)}")
        yield indent(shorten(squeeze(hit.passage.text), _BEGINNING, placeholder=" …"))


def explained(found: Reply) -> str:
    """Show how each passage was found, and what the confidence of each answer rests on."""
    rows = [_hit_row(hit) for hit in found.hits]
    legend = (
        "How the passages were found: rank and score by meaning (cosine) and by words (BM25), both "
        "together; what the reranker makes of the passage and of its best sentence (logits). "
        f"{_HALFWAY if any(hit.why.halfway for hit in found.hits) else ''}"
        "`ctqa why QUESTION ID` follows one of them."
    )
    parts = ["\n".join([filled(legend), _HEADS, *rows])] if rows else []
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
            filled("\n".join([*searched, found.verdict])),
            "\n".join(rows),
            *([indent(f"“{squeeze(best.text)}”")] if best is not None else []),
            f"{filled(place(found.source, page_name(passage.page), passage.section))}\n"
            f"{indent(squeeze(passage.text))}",
        ]
    )


def hits(found: Sequence[Hit]) -> str:
    """Show passages with their rank, score and place."""
    return "\n\n".join(
        f"{hit.rank}. {place(hit.source, _page_of(hit), hit.passage.section)}  [{hit.score:.3f}]"
        f"\n{indent(squeeze(hit.passage.text))}"
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
    return harmless(", ".join(part for part in parts if part) + f" ({source.path})")


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


def model(found: "ModelState") -> str:
    """Show a model of the registry in a line, and below it what came of preparing it."""
    line = f"{found.name:28} {found.kind:11} {found.licence:11} {found.state}"
    return f"{line}\n{indent(found.prepared)}" if found.prepared else line


def _shown(answer: Answer) -> str:
    where = place(answer.source, page_name(answer.page, answer.page_label), answer.section)
    range_ = f"characters {answer.start} to {answer.end}; {_confidence(answer)}"
    part = squeeze(answer.text) != squeeze(answer.sentence_text)
    whole = [indent(f"in “{squeeze(answer.sentence_text)}”")] if part else []
    cells = named_cells(answer.sentence)
    lead = " · ".join(squeeze(part) for part in (answer.sentence.lead, cells) if part)
    told = lead != "" and lead not in squeeze(answer.sentence_text)
    under = [indent(f"under “{lead}”")] if told else []
    same = [indent(f"the same stands in: {_places(answer.places)}")] if answer.places else []
    newer = [] if answer.newer is None else [indent(_newer(answer.newer))]
    newer += [indent("the newest edition in your sources")] if answer.newest else []
    lines = [_quoted(answer.text), *whole, *under, indent(where), *newer, indent(range_), *same]
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


def _disagreement(found: Disagreement) -> str:
    """Point out where two documents possibly contradict each other."""
    what = "other numbers or dates" if found.kind == "number" else "that one denies the other"
    head = f"Possible disagreement, {what}; found by simple rules, so read both:"
    quotes = (_quote_line(quote, found) for quote in (found.first, found.second))
    return "\n".join([filled(head), *quotes])


def _quote_line(quote: Quote, found: Disagreement) -> str:
    newer = found.newer is not None and found.newer.id == quote.source.id
    edition = ", the newer edition" if newer else ""
    where = f"{_title(quote.source)}, {page_name(quote.page, quote.page_label)}{edition}"
    return indent(f"“{squeeze(quote.text)}” {where}, characters {quote.start} to {quote.end}")


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
        _cell(why.fused_score, 8),
        f"{'~' if why.halfway else ''}{_cell(why.rerank_score, 0)}".rjust(8),
        _cell(why.sentence_score, 8),
    )
    return harmless(f"{' '.join(cells)}  {hit.passage.id}")


def _cell(value: float | None, width: int) -> str:
    if value is None:
        return f"{'-':>{width}}"
    return f"{value:{width}}" if isinstance(value, int) else f"{value:{width}.2f}"


def _rests_on(answer: Answer, number: int) -> str:
    head = f"Answer {number}, {_confidence(answer)}."
    if answer.signals is None:
        return head
    return f"{filled(head)} It rests on\n{_signals(answer.signals)}"


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
        *([f"the span reader's odds for its words: {found.span:.2f}"] if found.span != 0 else []),
    )
    return "\n".join(indent(line) for line in lines)


def _stage(name: str, standing: "Standing | None", score: str) -> str:
    if standing is None:
        return f"   {name:13} -"
    rank = f"{standing.rank} of {standing.of}"
    return f"   {name:13} {rank:14} {score} {standing.score:.2f}"


def _quoted(text: str) -> str:
    return filled(f"“{squeeze(text)}”")
