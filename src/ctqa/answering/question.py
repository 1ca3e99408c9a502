"""What is asked and what is searched for it: a question checked, completed, and said once."""

import re
from dataclasses import dataclass

from ctqa.answering.follow import carry_over
from ctqa.answering.query import expand
from ctqa.errors import ConfigError
from ctqa.index.local import LocalIndex
from ctqa.records import Expansion
from ctqa.text import sentences, squeeze

MAX_QUESTION_CHARS = 20_000
# Nothing in it ends a sentence but its last character: what finds sentences need not be loaded.
_ONE_SENTENCE = re.compile(r"[\w ,'’/&%£$()-]*[?.!]?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question as it goes through the stages."""

    searched: str
    added: bool  # whether more is searched than the question itself says
    expansions: tuple[Expansion, ...]

    @property
    def legible(self) -> bool:
        """Whether there is anything in it that could be answered: a letter or a digit."""
        return any(map(str.isalnum, self.searched))


def make_asked(question: str, index: LocalIndex, follows: str | None = None) -> Asked:
    """Complete a question with what it leaves unsaid and with the documents' own acronyms.

    Raises:
        ConfigError: the question, or the one it follows, is empty or too long.

    """
    asked = _checked(question)
    whole = asked if follows is None else carry_over(asked, _checked(follows))
    expanded = expand(_said_once(whole), index.acronyms, index.holding)
    return Asked(
        searched=expanded.searched,
        added=expanded.searched != asked,
        expansions=tuple(
            Expansion(
                short=definition.acronym.short,
                long=definition.acronym.long,
                document_id=definition.document_id,
                start=definition.acronym.start,
                end=definition.acronym.end,
            )
            for definition in expanded.used
        ),
    )


def _checked(question: str) -> str:
    """Refuse what cannot be a question; characters that no file can hold are replaced."""
    if not question.strip():
        raise ConfigError("the question is empty")
    if len(question) > MAX_QUESTION_CHARS:
        raise ConfigError(
            f"the question has {len(question)} characters; at most {MAX_QUESTION_CHARS} are read"
        )
    return question.encode(errors="replace").decode().replace("\0", " ")


def _said_once(question: str) -> str:
    """Leave out sentences said before: a reranker takes a question put twice for an answer."""
    if _ONE_SENTENCE.fullmatch(question):
        return question
    found = [question[s.start : s.end] for s in sentences(question)]
    once = dict.fromkeys(squeeze(sentence) for sentence in found)
    return question if len(once) == len(found) else " ".join(once)
