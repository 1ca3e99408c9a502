"""Every English sentence of the page, as plain text."""

from collections.abc import Sequence

from ctqa.records import Why

WINDOW_TITLE = "CTQA: ask your documents"
TITLE = "Ask your documents"
PROMISE = (
    "Every answer is copied word for word from your own documents, together with the place it "
    "comes from. When they do not answer, this page says so."
)
LEFT_OUT = "What was left out, and why"

QUESTION = "Your question"
PLACEHOLDER = "Ask in plain English"
ASK = "Ask"
EXAMPLES = "Questions that your documents raise"
RESULTS = "Answers"

SEARCHING = "Searching your documents…"
FAILED = (
    "Something went wrong in CTQA, not in your question. The window in which CTQA was started "
    "says what; please try again."
)

ASKED = "You asked:"
FILE = "File"
PAGE = "Page"
SECTION = "Section"
WITHIN = " › "  # between a heading and the one below it
ON_THE_WEB = "The original on the web"
IN_ITS_PASSAGE = "Read it in its passage"
NOT_MARKED = "The answer could not be found in this passage, so nothing is marked."
WHY = "Why this passage?"
OTHERS = "Other passages"

NOT_THERE = "Not in your sources"
NOT_THERE_MEANING = (
    "Nothing in your documents answers this well enough to be quoted, so nothing is. "
    "It may help to ask in other words."
)
CLOSEST = "The closest passages"
CLOSEST_MEANING = "They come near the question, but they are not answers."


def searched(documents: int, passages: int, build: int) -> str:
    """Say what is searched."""
    return (
        f"Searching {_count(documents, 'document')} ({_count(passages, 'passage')}), build {build}."
    )


def unread(pages: int) -> str:
    """Say how much was never read."""
    was = "was" if pages == 1 else "were"
    return f"{_count(pages, 'page or file', 'pages or files')} {was} not read."


def unread_matters(pages: int) -> str:
    """Say what unread pages mean for a question without an answer."""
    stands = "it" if pages == 1 else "them"
    return f"{unread(pages)} An answer that stands in {stands} cannot be found."


def and_more(left: int) -> str:
    """Say how many more there are than are listed."""
    return f"… and {left:,} more: `ctqa status` lists them all."


def answers_found(answers: int, others: int) -> str:
    """Say in the status line what was found."""
    below = f" {_count(others, 'other passage')} below." if others else ""
    return f"{_count(answers, 'answer')} found.{below}"


def nothing_found(closest: int) -> str:
    """Say in the status line that there is no answer."""
    below = f" The closest {_count(closest, 'passage')} below." if closest else ""
    return f"{NOT_THERE}.{below}"


def answer_title(number: int, of: int) -> str:
    """Title an answer."""
    return "Answer" if of == 1 else f"Answer {number} of {of}"


def problem(message: str) -> str:
    """Put an error's message kindly; it says itself what was found and what to do."""
    return f"This could not be asked: {message}."


def sure(confidence: float | None, score: float) -> str:
    """Say how sure an answer is; a chance is only given where it was measured."""
    if confidence is None:
        return f"How sure? Not calibrated yet: check that it answers you. Rank score {score:.2f}."
    return (
        f"How sure? Of 100 answers like this one, {int(confidence * 100)} were right on your gold "
        f"questions. Score {score:.2f} of 1."
    )


def why(found: Why) -> str:
    """Say by what a passage was found."""
    ways = [
        f"{_ordinal(rank)} by {way}"
        for rank, way in ((found.dense_rank, "meaning"), (found.lexical_rank, "shared words"))
        if rank is not None
    ]
    return f"Of all passages it came {' and '.join(ways)}." if ways else ""


def took(elapsed_ms: float) -> str:
    """Say how long an answer took."""
    seconds = elapsed_ms / 1000
    return f"Took {seconds:.1f} seconds." if seconds >= 0.1 else "Took less than 0.1 seconds."


def answered_from(build: int) -> str:
    """Say which build answered."""
    return f"Build {build}."


def author_and_year(author: str, year: str) -> str:
    """Name an author as a citation does."""
    return " ".join(part for part in (author, f"({year})" if author and year else year) if part)


def section(path: Sequence[str]) -> str:
    """Name a section by its headings, the outermost first."""
    return WITHIN.join(path)


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _ordinal(number: int) -> str:
    teen = number % 100 in (11, 12, 13)
    ending = "th" if teen else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{ending}"
