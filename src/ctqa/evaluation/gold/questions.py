"""What a gold set holds: questions, and where in the documents their answers stand.

A judgment names a document, and if it can a page and a quote; never a passage, so that a gold set
outlives every change of the splitter.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from ctqa.errors import GoldError


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgment:
    """A place that answers, enough alone; without quote and page it is the whole document."""

    document: str  # an id, a path or a file name
    quote: str | None = None  # verbatim but for white space
    page: int | None = None  # counts from 1
    relevance: int = 1  # 0 and below: judged and found not relevant
    context: str | None = None  # text around the quote, where the quote stands more than once
    offset: int | None = None  # of the quote within the context, where that is known


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldQuestion:
    """A question with all that is known of its answer; `impossible`: the sources do not answer."""

    id: str
    question: str
    judgments: tuple[Judgment, ...] = ()
    answers: tuple[str, ...] = ()  # short and verbatim, any one of them right
    impossible: bool = False
    kind: str = ""
    half: str = ""  # "tune" or "test", say: what a set was divided into

    @property
    def judges_answers(self) -> bool:
        """Whether it says what a right answer is, not only which document."""
        quoted = any(judgment.quote is not None for judgment in self.judgments)
        return self.impossible or bool(self.answers) or quoted


@dataclass(frozen=True, slots=True, kw_only=True)
class Gold:
    """A gold set.

    Raises:
        GoldError: there is no question in it, or two of them share an id.

    """

    name: str
    questions: tuple[GoldQuestion, ...]
    left_out: int = 0  # queries of the file that nobody judged
    notes: tuple[str, ...] = ()  # what its reader should know about how it was read
    # "gold.csv, line 7" by a question's id and a judgment; None: the question's first line
    where: Mapping[tuple[str, Judgment | None], str] = field(
        default_factory=dict, compare=False, repr=False
    )

    def __post_init__(self) -> None:
        if not self.questions:
            raise GoldError(f"{self.name}: holds no judged question; expected at least one")
        most_used, times = Counter(question.id for question in self.questions).most_common(1)[0]
        if times > 1:
            raise GoldError(f"{self.name}: {times} questions have the id {most_used!r}; keep one")
