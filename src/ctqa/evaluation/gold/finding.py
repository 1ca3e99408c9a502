"""What a check of gold questions finds."""

from dataclasses import dataclass
from typing import Literal

from ctqa.evaluation.gold.questions import Gold, GoldQuestion, Judgment

Severity = Literal["mend", "look at"]
Kind = Literal[
    "contradiction",
    "document not in the index",
    "quote not in the document",
    "wrong page",
    "same questions in two files",
    "leak between halves",
    "asked twice",
    "answer not in the quote",
    "place given twice",
    "stands in several places",
    "no quote",
    "how it was read",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something about a gold question that is wrong ("mend"), or may be ("look at")."""

    kind: Kind
    severity: Severity
    gold: str
    question: str  # its id; "": of the whole set
    where: str  # "gold.csv, line 7"; "": not known
    message: str
    what_to_do: str


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a finding is about: a question, or one of its places."""

    gold: Gold
    question: GoldQuestion
    judgment: Judgment | None = None

    @property
    def where(self) -> str:
        """Where it stands in its file; "" where that is not known."""
        where = self.gold.where
        first = where.get((self.question.id, None), "")
        return where.get((self.question.id, self.judgment), first)

    def mend(self, kind: Kind, message: str, what_to_do: str) -> Finding:
        """Make a finding of what is wrong."""
        return self._finding(kind, "mend", message, what_to_do)

    def look_at(self, kind: Kind, message: str, what_to_do: str) -> Finding:
        """Make a finding of what may be wrong."""
        return self._finding(kind, "look at", message, what_to_do)

    def _finding(self, kind: Kind, severity: Severity, message: str, what_to_do: str) -> Finding:
        return Finding(
            kind=kind,
            severity=severity,
            gold=self.gold.name,
            question=self.question.id,
            where=self.where,
            message=message,
            what_to_do=what_to_do,
        )
