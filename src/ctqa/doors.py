"""The calls for programs, which MCP and the page's REST interface share: arguments in, JSON out.

Types, bounds and descriptions stand in the signatures: what a program is told of a call is what it
is held to. Nothing here writes anything.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from functools import wraps
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, ValidationError, validate_call

from ctqa.answering.form import hit_form, reply_form
from ctqa.answering.receipt import receipt_form
from ctqa.answering.serving import Serving
from ctqa.config import SearchConfig
from ctqa.door_forms import Form, coverage_form, excerpt_form
from ctqa.errors import ConfigError
from ctqa.index.coverage import coverage_of
from ctqa.index.excerpts import excerpt_of_passage, excerpt_of_range
from ctqa.index.receipts import verify_receipts
from ctqa.records import Filter

Call = Callable[..., Form]

_MOST_RECEIPT_CHARS = 1_000_000
_MOST_EXCERPT_CHARS = 20_000
_FOUND_CHARS = 60  # of what was given, in a message


def _clean(text: str) -> str:
    """Replace characters that no file can hold, and that no answer could be sent with."""
    return text.encode(errors="replace").decode()


_Text = Annotated[str, AfterValidator(_clean)]
_Names = Annotated[list[Annotated[_Text, Field(max_length=1_000)]], Field(max_length=100)]
_Year = Annotated[int, Field(ge=0, le=9_999)]
_Offset = Annotated[int, Field(ge=0, le=10**12)]

Question = Annotated[_Text, Field(description="What to ask, in plain English, as one sentence.")]
Documents = Annotated[
    _Names | None, Field(description="Ids of the documents to search; left out: all.")
]
Folders = Annotated[
    _Names | None, Field(description="Search only documents below one of these folders.")
]
Tags = Annotated[_Names | None, Field(description="Search only documents with one of these tags.")]
Since = Annotated[_Year | None, Field(description="Search only documents of this year or later.")]
Until = Annotated[_Year | None, Field(description="Search only documents of this year or before.")]
Passages = Annotated[
    Annotated[int, Field(ge=1, le=50)] | None,
    Field(description="How many passages to give at most; left out: as configured, usually 10."),
]
Fast = Annotated[
    bool,
    Field(description="Without reranking: many times quicker, and less often right."),
]
Follows = Annotated[
    _Text | None,
    Field(description="The question asked before, of which this one leaves a part unsaid."),
]
PassageId = Annotated[
    _Text, Field(max_length=2_000, description="A passage's id, as search and ask give it.")
]
DocumentId = Annotated[
    _Text, Field(max_length=2_000, description="Or a document's id, with `start` and `end`.")
]
Start = Annotated[_Offset | None, Field(description="The first character, counted from 0.")]
End = Annotated[_Offset | None, Field(description="The character after the last one.")]
Around = Annotated[
    int,
    Field(ge=0, le=5_000, description="How many characters before and after to give as well."),
]
Receipt = Annotated[
    dict[str, Any],
    Field(description="One of the `receipts` of ask, unaltered; or a whole reply of ask."),
]
Most = Annotated[
    int, Field(ge=1, le=1_000, description="How many documents, and unread files, to list at most.")
]


class Doors:
    """What programs may call, over an index that is served; all of it reads only."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving

    def search(  # noqa: PLR0913, PLR0917 -- each is a parameter of the call
        self,
        question: Question,
        documents: Documents = None,
        folders: Folders = None,
        tags: Tags = None,
        since: Since = None,
        until: Until = None,
        passages: Passages = None,
        fast: Fast = False,
    ) -> dict[str, Any]:
        """Find the passages nearest to a question, best first, with their documents and places.

        Passages are copied word for word from the user's documents. Use this to read around a
        subject; use ask for an answer that is marked and can be cited.
        """
        where = _filter(documents, folders, tags, since, until)
        with self._serving.lend_to_ask() as qa:
            hits = qa.search(question, where=where, config=_config(qa.config, passages, fast))
            build = qa.build
        return {
            "question": question,
            "passages": [hit_form(hit) for hit in hits],
            "build": build,
        }

    def ask(  # noqa: PLR0913, PLR0917 -- each is a parameter of the call
        self,
        question: Question,
        documents: Documents = None,
        folders: Folders = None,
        tags: Tags = None,
        since: Since = None,
        until: Until = None,
        passages: Passages = None,
        follows: Follows = None,
        fast: Fast = False,
    ) -> dict[str, Any]:
        """Answer a question in the words of the user's documents, or say that they do not answer.

        Every answer is a quotation with its document, page and characters, and `receipts` holds a
        receipt for each, which verify_citation checks later. `answered` is false when nothing
        answers well enough; `passages` then lists the closest, which are no answers.
        `confidence` is the chance that an answer is right, null where it was not calibrated.
        """
        where = _filter(documents, folders, tags, since, until)
        with self._serving.lend_to_ask() as qa:
            reply = qa.ask(
                question,
                where=where,
                config=_config(qa.config, passages, fast),
                follows=None if follows == "" else follows,
            )
        receipts = [receipt_form(answer, reply.build) for answer in reply.answers]
        return reply_form(reply) | {"receipts": receipts}

    def get_passage(
        self,
        id: PassageId = "",
        document: DocumentId = "",
        start: Start = None,
        end: End = None,
        around: Around = 500,
    ) -> dict[str, Any]:
        """Read a passage, or any range of a document, with the text before and after it.

        Give either `id`, or `document` with `start` and `end` (at most 20,000 characters).
        """
        folder = self._serving.folder
        if id and not document and start is None and end is None:
            return excerpt_form(excerpt_of_passage(folder, id, around=around))
        if id or not document or start is None or end is None:
            raise ConfigError("give either a passage's id, or a document with start and end")
        if end - start > _MOST_EXCERPT_CHARS:
            raise ConfigError(
                f"start {start}, end {end}: expected at most {_MOST_EXCERPT_CHARS} characters"
            )
        return excerpt_form(excerpt_of_range(folder, document, start, end, around=around))

    def verify_citation(self, receipt: Receipt) -> dict[str, Any]:
        """Check that a quotation stands in its document, character for character, as was claimed.

        `verified` tells whether all does. `checked` says for each what became of it: "verified",
        "changed" (the document is there otherwise; `now` tells where the words stand), "gone" or
        "false" (what is claimed is not what stands there), and why. No model takes part in it.
        """
        found = verify_receipts(self._serving.folder, _receipt_text(receipt))
        return {
            "verified": bool(found) and all(each.verdict == "verified" for each in found),
            "checked": [asdict(each) for each in found],
        }

    def coverage(self, most: Most = 100) -> dict[str, Any]:
        """Tell what was read and what was not: documents, and files and pages with the reasons.

        What stands in an unread page cannot be found: look here before concluding that the
        documents say nothing about a subject. `listed` gives the ids to search by.
        """
        return coverage_form(coverage_of(self._serving.folder, most=most))

    @property
    def calls(self) -> Mapping[str, Call]:
        """All that may be called, by name; each checks what it is given.

        They raise a ConfigError for arguments that are unknown, of another type or out of bounds.
        """
        allowed = (self.search, self.ask, self.get_passage, self.verify_citation, self.coverage)
        return {call.__name__: _checked(call) for call in allowed}


def _checked(call: Call) -> Call:
    checked = validate_call(config=ConfigDict(strict=True))(call)

    @wraps(call)
    def called(*arguments: Any, **named: Any) -> Form:
        try:
            return checked(*arguments, **named)
        except ValidationError as error:
            raise ConfigError(_told(error)) from error

    return called


def _told(error: ValidationError) -> str:
    """Say which argument cannot be used, what was found and what was expected."""
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    expected = first["msg"][0].lower() + first["msg"][1:]
    if first["type"] in ("missing_argument", "unexpected_keyword_argument"):
        return _clean(f"{where}: {expected}")
    return _clean(f"{where}: found {first['input']!r:.{_FOUND_CHARS}}; {expected}")


def _filter(
    documents: list[str] | None,
    folders: list[str] | None,
    tags: list[str] | None,
    since: int | None,
    until: int | None,
) -> Filter:
    """Put filters together; an empty list filters nothing, as programs mean it."""
    return Filter(
        documents=tuple(documents) if documents else None,
        folders=tuple(folders) if folders else (),
        tags=tuple(tags) if tags else (),
        since=since,
        until=until,
    )


def _config(config: SearchConfig, passages: int | None, fast: bool) -> SearchConfig:
    wanted = config if passages is None else replace(config, passages=passages)
    return replace(wanted, rerank=0) if fast else wanted


def _receipt_text(receipt: Mapping[str, Any]) -> str:
    try:
        text = json.dumps(receipt)
    except RecursionError as error:
        raise ConfigError("receipt: it is nested too deeply") from error
    if len(text) > _MOST_RECEIPT_CHARS:
        raise ConfigError(
            f"receipt: has {len(text)} characters; expected at most {_MOST_RECEIPT_CHARS}"
        )
    return text
