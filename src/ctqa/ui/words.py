"""Every English sentence of the page, as plain text."""

from collections.abc import Sequence

from ctqa.answering.wording import label_after, ordinal, percent
from ctqa.records import Hit

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
SEARCHED = "Searched for:"
CARRIED_OVER = "Searched for, together with your last question"
TOGETHER = "Asked together with your last question."
SEARCH_INSTEAD = "Search this instead"
ASK_ALONE = "Ask it on its own"
FILE = "File"
SECTION = "Section"
WITHIN = " › "  # between a heading and the one below it
ON_THE_WEB = "The original on the web"
NEWER = "A newer edition is in your sources:"
IN = "in"  # the sentence that an answer is a part of
IN_ITS_PASSAGE = "Read it in its passage"
NOT_MARKED = "The answer could not be found in this passage, so nothing is marked."
SAME_ELSEWHERE = "The same stands in:"
UNSURE = "Confidence: not calibrated."
FOUND = "How it was found:"
OTHERS = "Other passages"

UNDER = "It stands under"
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


def page(number: int, label: str) -> str:
    """Name a page by its place in the file, and by what is printed on it where that differs."""
    return f"Page {number}{label_after(number, label)}"


def unread(pages: int) -> str:
    """Say how much was never read."""
    was = "was" if pages == 1 else "were"
    return f"{_count(pages, 'page or file', 'pages or files')} {was} not read."


def unread_matters(pages: int) -> str:
    """Say what unread pages mean for a question without an answer."""
    stands = "it" if pages == 1 else "them"
    return f"{unread(pages)} An answer that stands in {stands} cannot be found."


def and_more_places(left: int) -> str:
    """Say in how many more places the same stands than are listed."""
    return f"… and {_count(left, 'other place')}."


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


def sure(confidence: float) -> str:
    """Give the chance that an answer is right as a number."""
    return f"Confidence {percent(confidence)}"


def found(hit: Hit) -> str:
    """Say by what a passage was found; "" where nothing is known of it."""
    ways = [
        f"{ordinal(rank)} {way}"
        for rank, way in (
            (hit.why.dense_rank, "closest in meaning"),
            (hit.why.lexical_rank, "by the words it shares with the question"),
        )
        if rank is not None
    ]
    if not ways:
        return ""
    read = f"; {ordinal(hit.rank)} once it was read together with the question"
    return (
        f"{FOUND} of all passages, {' and '.join(ways)}"
        f"{'' if hit.why.rerank_score is None else read}."
    )


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


# == A: the source, opened at the place ==


# == C: documents ==


# == D: judgments ==


# == E: evaluation ==


# == F: history and export ==


# == G: the server ==


# == H: answers from several documents, filters, examples ==


# == L: tabs and the rest of the page ==
