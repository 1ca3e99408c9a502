"""What is searched for a passage: its own words, mended, under its title, headings and leads.

A search copy is never shown; what is shown is the source's own text.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ctqa.index.mend import Mender
from ctqa.leads import column_heads
from ctqa.models import Encoder
from ctqa.records import Document, Passage, Sentence
from ctqa.text import body, plain_copy, squeeze

_CONTEXT_CHARS = 200
_FORMS = 5  # of a search copy


def with_mended(
    document: Document, passages: Sequence[Passage], mender: Mender
) -> tuple[Passage, ...]:
    """Fill the sentences' mended copies, without asides; rows under heads have theirs already."""
    if document.layout == "rows":
        return tuple(passages)
    text = body(document.text, document.asides)

    def mended(sentence: Sentence) -> Sentence:
        words = text[sentence.start : sentence.end] if sentence.mended == "" else sentence.mended
        copy = mender.mend(words)
        if copy == "" and (document.asides or sentence.mended):
            shown = squeeze(document.text[sentence.start : sentence.end])
            copy = "" if squeeze(words) == shown else squeeze(words)
        return sentence if copy == sentence.mended else replace(sentence, mended=copy)

    return tuple(
        replace(passage, sentences=tuple(map(mended, passage.sentences))) for passage in passages
    )


def with_search_texts(
    document: Document, passages: Sequence[Passage], encoder: Encoder
) -> tuple[Passage, ...]:
    """Fill the search copies of a document's passages.

    Title, headings and leads are put in only as far as the encoder then still reads the whole
    passage: the title gives way first, then the headings, then the leads.
    """
    forms = [_forms(document, passage) for passage in passages]
    chosen = [next(each) for each in forms]
    places: Sequence[int] = range(len(chosen))
    for _ in range(_FORMS - 1):
        places = _too_long(chosen, places, encoder)
        for place in places:
            chosen[place] = next(forms[place])
    return tuple(
        replace(passage, search_text=copy) for passage, copy in zip(passages, chosen, strict=True)
    )


def _too_long(copies: Sequence[str], places: Sequence[int], encoder: Encoder) -> list[int]:
    """Give those of the places whose copies the encoder does not read to their end."""
    if not places:
        return []
    counted = zip(places, encoder.token_ends([copies[place] for place in places]), strict=True)
    return [place for place, ends in counted if len(ends) > encoder.identity.max_tokens]


def _forms(document: Document, passage: Passage) -> Iterator[str]:
    """Give a passage's search copies, `_FORMS` of them, richest first; the last is its own text."""
    title = "" if document.name else document.source.title  # a file's name may change
    for context in ([title, *passage.section], passage.section, ()):
        yield _copy([*_context(context)], document, passage)
    own = squeeze(passage.text)
    if document.layout == "rows":
        yield own
    else:
        yield " ".join(plain_copy(passage, sentence) for sentence in passage.sentences)
    yield own


def _context(parts: Sequence[str]) -> Iterator[str]:
    return (squeeze(part)[:_CONTEXT_CHARS] for part in parts if part.strip())


def _copy(above: list[str], document: Document, passage: Passage) -> str:
    if document.layout == "rows":
        rows = squeeze(passage.text)
        heads = column_heads(document.text)
        return "\n".join([*above, rows if rows.startswith(heads) else f"{heads}\n{rows}"])
    words = [plain_copy(passage, sentence) for sentence in passage.sentences]
    whole = "\n".join([*above, " ".join(words)])
    led = [
        " ".join([*_news(before.lead if before else "", sentence.lead, whole), copy])
        for before, sentence, copy in zip(
            (None, *passage.sentences), passage.sentences, words, strict=False
        )
    ]
    return "\n".join([*above, " ".join(led)])


def _news(before: str, lead: str, whole: str) -> Iterator[str]:
    """Give the parts of a lead that neither the sentence before has nor the passage holds."""
    known = before.split("\n")
    return (part for part in lead.split("\n") if part and part not in known and part not in whole)
