"""What a browser remembers of its conversation: each question with all that it brought back.

The browser keeps it, so what comes back from there is checked field by field.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from ctqa.answering.receipt import receipt_form
from ctqa.errors import ConfigError
from ctqa.index.receipt_claims import Claims, read_claims
from ctqa.records import Answer, Calibrated, Filter, Reply, Source
from ctqa.text import named_cells, squeeze
from ctqa.ui.history_fields import Fields, UnfitError, plausible
from ctqa.ui.history_near import Dispute, Near

MOST_TURNS = 50  # the newest
MOST_BYTES = 1_000_000  # of all turns as JSON; a browser keeps some 5 MB for a page
_VERSION = 1  # of a turn's form
_CLOSEST = 3  # passages remembered of a question without an answer
_OF_SOURCE = ("id", "path", "sha256", "title", "author", "publication", "year", "url")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """An answer as it was given."""

    receipt: Mapping[str, Any]  # sealed
    claims: Claims  # what the receipt says: words, place, build
    confidence: float | None  # None: not calibrated
    sentence: str = ""  # that the answer is a part of; "": it is all of it
    under: str = ""  # the column heads or the opening words over it; "": there are none
    newer: str = ""  # title of a newer edition of its document; "": none was known

    @property
    def source(self) -> Source:
        """The document, as it was when it was quoted."""
        return Source(**{name: self.claims.source.get(name, "") for name in _OF_SOURCE})

    @classmethod
    def of(cls, answer: Answer, build: int) -> "Quoted":
        """Remember an answer that a build gave."""
        receipt = receipt_form(answer, build)
        whole, newer = squeeze(answer.sentence_text), answer.newer
        parts = (answer.sentence.lead, named_cells(answer.sentence))
        under = " · ".join(squeeze(part) for part in parts if part)
        return cls(
            receipt=receipt,
            claims=_claims(receipt),
            confidence=answer.confidence,
            sentence="" if squeeze(answer.text) == whole else answer.sentence_text,
            under="" if under in whole else under,
            newer="" if newer is None else newer.title or newer.id,
        )

    @classmethod
    def read(cls, fields: Fields) -> "Quoted":
        """Read what `to_json` gave; a receipt that was changed since is none."""
        receipt = fields.mapping("receipt")
        return cls(
            receipt=receipt,
            claims=_claims(receipt),
            confidence=fields.share("confidence"),
            sentence=fields.text("sentence"),
            under=fields.text("under"),
            newer=fields.text("newer"),
        )

    def to_json(self) -> dict[str, Any]:
        """Give it as JSON-ready values."""
        return {
            "receipt": dict(self.receipt),
            "confidence": self.confidence,
            "sentence": self.sentence,
            "under": self.under,
            "newer": self.newer,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A question, and all that it brought back."""

    asked_at: str  # ISO 8601
    question: str
    searched: str  # where that is more than the question says; "": it alone
    where: Filter | None  # None: everywhere
    build: int
    pages_unread: int
    calibration: Calibrated | None
    answers: tuple[Quoted, ...]
    closest: tuple[Near, ...]  # (): it was answered, or nothing came near
    disputes: tuple[Dispute, ...] = ()  # possible ones

    @property
    def answered(self) -> bool:
        """Whether the sources answered."""
        return bool(self.answers)

    @property
    def id(self) -> str:
        """The name by which a browser tells one turn from another."""
        told = json.dumps([self.asked_at, self.question, self.build])
        return sha256(told.encode("ascii")).hexdigest()[:16]

    @classmethod
    def of(cls, reply: Reply, where: Filter | None, asked_at: str) -> "Turn":
        """Remember a reply; `where` is what was searched, `asked_at` is ISO 8601."""
        closest = () if reply.answered else reply.hits[:_CLOSEST]
        return cls(
            asked_at=asked_at,
            question=reply.question,
            searched=reply.searched,
            where=where,
            build=reply.build,
            pages_unread=reply.pages_unread,
            calibration=reply.calibration,
            answers=tuple(Quoted.of(answer, reply.build) for answer in reply.answers),
            closest=tuple(Near.of(hit) for hit in closest),
            disputes=tuple(Dispute.of(found) for found in reply.disagreements),
        )

    @classmethod
    def read(cls, fields: Fields) -> "Turn":
        """Read what `to_json` gave.

        Raises:
            UnfitError, ConfigError: it is something else.

        """
        if fields.number("turn") != _VERSION:
            raise UnfitError
        build = fields.number("build", least=1)
        answers = tuple(Quoted.read(each) for each in fields.objects("answers"))
        if any(answer.claims.build != build for answer in answers):
            raise UnfitError
        return cls(
            asked_at=_time(fields.text("asked_at")),
            question=fields.text("question"),
            searched=fields.text("searched"),
            where=_filter(fields.object("where")),
            build=build,
            pages_unread=fields.number("pages_unread"),
            calibration=_calibrated(fields.object("calibration")),
            answers=answers,
            closest=tuple(Near.read(each) for each in fields.objects("closest")[:_CLOSEST]),
            disputes=tuple(Dispute.read(each) for each in fields.objects("disputes")),
        )

    def to_json(self) -> dict[str, Any]:
        """Give it as JSON-ready values, for a browser to keep."""
        return {
            "turn": _VERSION,
            "asked_at": self.asked_at,
            "question": self.question,
            "searched": self.searched,
            "where": None if self.where is None else _listed(asdict(self.where)),
            "build": self.build,
            "pages_unread": self.pages_unread,
            "calibration": None if self.calibration is None else asdict(self.calibration),
            "answers": [answer.to_json() for answer in self.answers],
            "closest": [asdict(near) for near in self.closest],
            "disputes": [asdict(found) for found in self.disputes],
        }


def turns_from(value: Any) -> tuple[Turn, ...]:
    """Read what a browser kept, the oldest first; what is no turn is left out."""
    if not isinstance(value, list):
        return ()
    found = (_turn(each) for each in value[-MOST_TURNS:])
    return kept(turn for turn in found if turn is not None)


def kept(turns: Iterable[Turn]) -> tuple[Turn, ...]:
    """Give the newest turns, as many as a browser is asked to keep."""
    newest: list[Turn] = []
    size = 0
    for turn in reversed(list(turns)[-MOST_TURNS:]):
        size += len(json.dumps(turn.to_json(), ensure_ascii=False).encode("utf-8", "surrogatepass"))
        if size > MOST_BYTES:
            break
        newest.append(turn)
    return tuple(reversed(newest))


def without(turns: Iterable[Turn], id: str) -> tuple[Turn, ...]:
    """Forget one turn."""
    return tuple(turn for turn in turns if turn.id != id)


def _turn(value: Any) -> Turn | None:
    if not plausible(value):
        return None
    try:
        return Turn.read(Fields(value))
    except (UnfitError, ConfigError):
        return None


def _claims(receipt: Mapping[str, Any]) -> Claims:
    """Read the one receipt, as strictly as it is checked elsewhere."""
    if "receipt" not in receipt:
        raise UnfitError
    (claims,) = read_claims(json.dumps(receipt))
    sound = (
        claims.seal == claims.expected_seal
        and claims.page >= 1
        and 0 <= claims.start <= claims.end
        and len(claims.text) == claims.end - claims.start
    )
    if not sound:
        raise UnfitError
    return claims


def _filter(fields: Fields | None) -> Filter | None:
    if fields is None:
        return None
    return Filter(
        documents=fields.texts("documents", optional=True),
        folders=fields.texts("folders") or (),
        since=fields.year("since"),
        until=fields.year("until"),
        tags=fields.texts("tags") or (),
    )


def _calibrated(fields: Fields | None) -> Calibrated | None:
    if fields is None:
        return None
    ece = fields.share("ece")
    if ece is None:
        raise UnfitError
    return Calibrated(
        gold=fields.text("gold"),
        own=fields.flag("own"),
        questions=fields.number("questions"),
        ece=ece,
        created_at=fields.text("created_at"),
    )


def _listed(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in values.items()
    }


def _time(told: str) -> str:
    try:
        datetime.fromisoformat(told)
    except ValueError as error:
        raise UnfitError from error
    return told
