"""Every English sentence of the page, as plain text.

It is one long file on purpose: it is all that whoever translates the page has to be given.
"""

from collections.abc import Mapping, Sequence

from ctqa.answering.wording import label_after, ordinal, percent
from ctqa.records import Filter, Hit

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

NO_WORDS = "the question has no letter and no digit; ask it in words"
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
ASK_AGAIN = "Ask it again"
STOP = "Stop"  # a build, an evaluation
STOPPING = "Stopping…"
FILE = "File"
SECTION = "Section"
_WITHIN = " › "  # between a heading and the one below it
ON_THE_WEB = "The original on the web"
NEWER = "A newer edition is in your sources:"
IN = "in"  # the sentence that an answer is a part of
IN_ITS_PASSAGE = "Read it in its passage"
NOT_MARKED = "The answer could not be found in this passage, so nothing is marked."
SAME_ELSEWHERE = "The same stands in:"
UNSURE = "Confidence: not calibrated."
_FOUND = "How it was found:"
OTHERS = "Other passages"

UNDER = "It stands under"
NOT_THERE = "Not in your sources"
NOT_THERE_MEANING = (
    "Nothing in your documents answers this well enough to be quoted, so nothing is. "
    "It may help to ask in other words."
)
NOT_IN_THOSE = "Not in the documents that were searched"
NOT_IN_THOSE_MEANING = (
    "Nothing in them answers this well enough to be quoted, so nothing is. The others were not "
    "searched: to search them too, clear “Where to look” and ask again."
)
NOT_JUDGED = (
    "Whether your documents answer this can be judged only where all of them were searched."
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


def unread_anywhere(pages: int) -> str:
    """Say what unread pages mean where only some documents were searched."""
    return f"Of all your documents, not only those searched: {unread_matters(pages)}"


def and_more_places(left: int) -> str:
    """Say in how many more places the same stands than are listed."""
    return f"… and {_count(left, 'other place')}."


def and_more(left: int) -> str:
    """Say how many more there are than are listed."""
    return f"… and {left:,} more: `ctqa status` lists them all."


def answers_found(answers: int, others: int) -> str:
    """Say in the status line what was found."""
    more = f", with {_count(others, 'other passage')}" if others else ""
    return f"{_count(answers, 'answer')} found{more}."


def nothing_found(closest: int, *, narrowed: bool = False) -> str:
    """Say in the status line that there is no answer, where all or only some was searched."""
    near = f" The closest {_count(closest, 'passage')} shown." if closest else ""
    return f"{NOT_IN_THOSE if narrowed else NOT_THERE}.{near}"


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
        f"{_FOUND} of all passages, {' and '.join(ways)}"
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
    return _WITHIN.join(path)


def _count(number: int, one: str, many: str | None = None) -> str:
    if number == 1:
        return f"1 {one}"
    return f"{number:,} {f'{one}s' if many is None else many}"


# The source, opened at the place ------------------------------------------------------------------

SOURCE = "The source"
BACK_TO_ANSWER = "Back to the answer"
BACK = "Back"  # where it was opened from another tab
CLOSE_SOURCE = "Close"
MOVE_MARKS = "From answer to answer"
BEFORE = "←"  # the short form of what follows, beside "Answer 2 of 5" or "Page 2 of 5"
AFTER = "→"
MARK_BEFORE = "Previous answer"
MARK_AFTER = "Next answer"
MOVE_PAGES = "From page to page"
PAGE_BEFORE = "Previous page"
PAGE_AFTER = "Next page"
TEXT_BEFORE = "Earlier text"
TEXT_AFTER = "Later text"
ZOOM = "How large it is shown"
LESS = "−"  # the short forms of what follows, beside "100 %"
MORE = "+"
SMALLER = "Smaller"
LARGER = "Larger"
AS_TEXT = "Show its text"
AS_PAGE = "Show the page itself"
COPY_QUOTE = "Copy with citation"
COPIED = "Copied"
NOT_COPIED = "Your browser does not allow it"
CITATION_STYLE = "Style of the citation"
CITATION_STYLES = {
    "harvard": "Harvard",
    "vancouver": "Vancouver",
    "bibtex": "BibTeX",
    "ris": "RIS",
    "csl-json": "CSL-JSON",
}
OPEN_ORIGINAL = "Open the original"
SAVE_ORIGINAL = "Save the original"
READ_ON_THE_WEB = "On the web"
PART_OF_PAGE = "This is a part of a long page."
MARK_ELSEWHERE = "The quoted words stand on another page."
MARK_GOES_ON = "The quoted words go on over more than this page."
NOT_ON_PICTURE = (
    "The quoted words could not be found on this page with certainty, so nothing is marked on it. "
    "They are marked in its text."
)
READ_FROM_PICTURE = (
    "This page was read from its picture, so nothing can be marked on it exactly. The quoted words "
    "are marked in its text."
)
NO_MORE_THERE = (
    "The document has been read anew since, and the quoted words do not stand at this place any "
    "more, so nothing is marked. Ask again to find them."
)
NO_PLACE = "the page did not say which place is meant; ask once more"
ONE_OF_SEVERAL = "This document is one of several in its file, so only its text is shown."
ORIGINAL_CHANGED = (
    "The file has changed since it was read, so only the text that was read is shown."
)


def original_gone(why: str) -> str:
    """Say why the file of a document cannot be used."""
    return f"Only the text that was read is shown, for its file cannot be opened: {why}."


def not_drawn(why: str) -> str:
    """Say why a page is not shown as it is."""
    return f"Only the text that was read is shown, for the page cannot be drawn: {why}."


def not_opened(message: str) -> str:
    """Put kindly why a source cannot be opened."""
    return f"This could not be opened: {message}."


def mark_of(number: int, of: int) -> str:
    """Say which of the answers is shown."""
    return f"Answer {number} of {of}"


def page_of(number: int, of: int, label: str) -> str:
    """Say which page is shown, and what is printed on it where that differs."""
    printed = label_after(number, label)
    return f"Page {number}{printed}{',' if printed else ''} of {of:,}"


def zoomed(per_cent: int) -> str:
    """Say how large a page is shown."""
    return f"{per_cent} %"


def picture_of(title: str, where: str) -> str:
    """Describe a picture of a page to those who do not see it."""
    return f"{title}: {where}, as a picture. “{AS_TEXT}” gives its words."


# Documents ----------------------------------------------------------------------------------------

DOCUMENTS = "Your documents"
ALL_DOCUMENTS = "All documents"
DOCUMENTS_MEANING = "Nothing here changes or deletes a file of yours."
ADD = "Add documents"
ADD_MEANING = (
    "PDF, Word, PowerPoint, Excel, OpenDocument, EPUB, web pages, e-mails, Markdown, text, CSV and "
    "JSONL."
)
ADD_TO = "Folder to put them in"


def copied_into(folders: Sequence[str]) -> str:
    """Say where files go that are added."""
    if not folders:
        return "They are copied into a folder beside the index, and read at once."
    where = f"the folder {folders[0]}" if len(folders) == 1 else "the folder that you choose"
    return f"They are copied into {where}, and read at once."


REBUILD = "Look for changes"
FIND_DOCUMENT = "Find a document"
FIND_PLACEHOLDER = "Title, file, author or year"
TO_LOOK_AT = "To look at first"
TO_LOOK_AT_MEANING = "Of these, nothing or not all could be read, so answers in them are missed."
ENCRYPTED_HELP = (
    "An encrypted file is read once its password is known: whoever set CTQA up on this machine can "
    "give it on the command line, with “ctqa build --password”."
)
SCANNED_HELP = (
    "A scan is only pictures of pages: whoever set CTQA up can have the text in them read, with "
    "“ctqa build --ocr” on the command line."
)
LEFT_OUT_BY_YOU = "Left out by you"
READ_IT = "Read"
LEAVE_OUT = "Leave out"
TAKE_IN = "Take in again"
LEAVE_OUT_MEANING = (
    "It will no longer be searched or quoted. The file itself stays where it is, and you can take "
    "it in again."
)
LEAVE_OUT_NOW = "Leave it out"
KEEP_IT = "Keep it"
NO_SUCH_DOCUMENT = "There is no such document any more; the list has been drawn anew."
NOTHING_LIKE_THAT = "No document's title, file, author or year has all of these words."
NOTHING_ARRIVED = "No file arrived; please try again."
NO_DOCUMENT_NAME = "a file of this name is about documents, and is none itself"
NO_SUCH_FORMAT = "its format is not read"
NEWER_EDITION = "a newer edition is here"
BUILD_FOLLOWS = "Another build is running; these changes follow as soon as it has ended."
BUILD_BEGUN = "The index is being made anew; you can go on asking meanwhile."
BUILD_STOPPED = (
    "Stopped. The documents are searched as before; what was read already is kept, and the next "
    "build goes on from there."
)
BUILD_PROGRESS = "How far the build has come"
EARLIER_PAGE = "Back"
LATER_PAGE = "Next"
PAGES_OF_LIST = "Pages of the list"
_STAGES = {
    "": "Looking for changes",
    "read": "Reading files",
    "encode": "Making passages searchable",
    "write": "Writing the index",
}
_FILE_STATES = {
    "read": "Read in part",
    "empty": "Empty",
    "unreadable": "Not readable",
    "encrypted": "Encrypted",
    "failed": "Damaged",
    "unsupported": "Format not read",
    "skipped": "Skipped",
    "ignored": "No document",
}


def file_state(state: str) -> str:
    """Name what became of a file that needs a look."""
    return _FILE_STATES.get(state, state)


def documents_in_all(documents: int, pages: int, passages: int, build: int, date: str) -> str:
    """Say what the index holds."""
    return (
        f"{_count(documents, 'document')}, {_count(pages, 'page')}, "
        f"{_count(passages, 'passage')}. Build {build} of {date}."
    )


def pages_and_passages(pages: int, passages: int) -> str:
    """Say how long a document is."""
    return f"{_count(pages, 'page')}, {_count(passages, 'passage')}"


def read_on(date: str, oldest: str) -> str:
    """Say when a file was read; "" for before `oldest`, the oldest date that is still known."""
    return f"read {date}" if date else f"read {oldest} or before"


def list_range(first: int, last: int, of: int) -> str:
    """Say which part of the list is shown."""
    return f"{first:,} to {last:,} of {of:,}"


def named(what: str, name: str) -> str:
    """Name a button by what it does to what, for screen readers."""
    return f"{what}: {name}"


def leave_out_this(name: str) -> str:
    """Ask whether to leave a document out."""
    return f"Leave {name} out?"


def with_all_in_it(documents: int) -> str:
    """Say that a file holds several documents."""
    return f"All {documents:,} documents in this file go with it."


def and_more_files(left: int) -> str:
    """Say how many more files there are than are listed."""
    return f"… and {_count(left, 'more file')}."


def is_left_out(name: str) -> str:
    """Say that a document was left out."""
    return f"{name} is left out from the next build on."


def is_taken_in(name: str) -> str:
    """Say that a document is taken in again."""
    return f"{name} is taken in again."


def not_done(message: str) -> str:
    """Put kindly why something could not be done."""
    return f"That could not be done: {message}."


def stored(count: int) -> str:
    """Say how many files were added."""
    return f"{_count(count, 'file')} added."


def stored_as(name: str, was: str) -> str:
    """Say that a file got another name."""
    return f"{was} is now called {name}."


def refused(count: int) -> str:
    """Say how many files were not taken."""
    were = "was" if count == 1 else "were"
    return f"{_count(count, 'file')} {were} not taken:"


def formats_read(suffixes: Sequence[str]) -> str:
    """List the formats that are read."""
    return f"What is read: {', '.join(suffixes)}."


def too_many_files(most: int) -> str:
    """Say that too many files came at once."""
    return f"only {most} files are taken at once; add it with the next ones"


def too_large(most: int) -> str:
    """Say that a file is too large."""
    return f"larger than {most // 1_000_000} MB; split it"


def too_large_together(most: int) -> str:
    """Say that files are too large together."""
    return f"more than {most // 1_000_000} MB came at once; add it by itself"


def same_as(name: str) -> str:
    """Say that a file is there already."""
    return f"the same as {name}, which is there already"


def same_as_left_out(name: str) -> str:
    """Name a file that is there already, but left out."""
    return f"{name} (left out: take it in again below)"


def not_stored(folder: str, why: str) -> str:
    """Say that a file could not be put into a folder."""
    return f"it could not be put into {folder}: {why}"


def stage(name: str) -> str:
    """Say what a build is at."""
    return f"{_STAGES.get(name, name)}…"


def stage_progress(
    name: str, counts: tuple[int, int, int], rate: float | None, seconds: float
) -> str:
    """Say how far a build is: (done, of, pages), how fast, and how long it has taken."""
    done, of, pages = counts
    if not of:
        return f"{stage(name)} {_duration(seconds)} so far."
    read = f" ({_count(pages, 'page')})" if name == "read" and pages else ""
    left = "" if rate is None or done == of else f", about {_duration((of - done) / rate)} left"
    fast = "" if rate is None else f", {rate:.1f} a second"
    return f"{_STAGES.get(name, name)}: {done:,} of {of:,}{read}{fast}{left}."


def _duration(seconds: float) -> str:
    whole = max(1, round(seconds))
    if whole < 120:
        return _count(whole, "second")
    return _count(round(whole / 60), "minute")


def build_failed(why: str) -> str:
    """Say why there is no new build."""
    return f"There is no new build: {why}. The documents are searched as before."


def build_unchanged(build: int) -> str:
    """Say that a build had nothing to do."""
    return f"Nothing has changed: build {build} is up to date."


def build_done(build: int, counts: dict[str, int], seconds: float, problems: int) -> str:
    """Say what a build did; `counts` are of files, by what became of them."""
    changes = [f"{number:,} {what}" for what, number in counts.items() if number]
    looked = f" {_count(problems, 'file')} to look at." if problems else ""
    done = ", ".join(changes)
    files = f" Files: {done}." if done else ""
    return f"Build {build} is ready, after {_duration(seconds)}.{files}{looked}"


# Judgments ----------------------------------------------------------------------------------------

TAKE_BACK = "Undo"
DISMISS = "Close"
RIGHT = "This answers it"
WRONG = "This does not answer it"
RIGHTLY_ABSENT = "Right, it is not in there"
WRONGLY_ABSENT = "It is in there"
CONTRADICTS = "An earlier judgment of this question says otherwise: settle it under “Judgments”."
WHICH_IS_RIGHT = "Which passage is right?"
WHICH_MEANING = "Choose the sentences that answer, one after the other, then keep them as gold."
NOT_IN_MINE = "It is not in my documents"
DO_NOT_KNOW = "I do not know the right one"
LOOK_FOR = "Look for the right passage"
LOOK = "Look"
NOTHING_LIKE_IT = "Nothing was found for these words; try others."
CHOSEN = "Your choice:"
AS_GOLD = "Kept as gold"  # on the button that was pressed
AS_WRONG = "Kept as wrong"
REPLACED = "It replaces your earlier judgment of this place."
HOLDS_AGAIN = "Your earlier judgment of this place holds again."
KEEP_CHOSEN = "Keep this as the right answer"
JUDGED_WRONG = "Judged wrong"
BEGINS_IN_PASSAGE = "Sentences of this passage"
CHANGED_SINCE = (
    "the document has changed since this was shown, so that it can no longer be told what was "
    "judged; ask once more"
)

JUDGMENTS_MEANING = (
    "What you found right and wrong, kept in the index’s folder on this machine and nowhere else. "
    "What is right becomes gold: questions with known answers, against which the system is held. "
    "Whoever works on this page shares this list."
)
NO_JUDGMENTS = "Nothing has been judged yet. Ask something, and say of an answer whether it is one."
NONE_OF_THESE = "No judgment is like this."
SHOW_JUDGMENTS = "Show"
EVERYTHING = "All"
CONTRARY_ONES = "To settle"
WITH_WORDS = "With these words"
NOT_IN_DOCUMENTS = "Not in the documents"
IS_RIGHT = "Right"
IS_WRONG = "Wrong"
STANDS = "It stands there word for word."
STANDS_NO_MORE = "It no longer stands there word for word, so it cannot be opened."
DOCUMENT_GONE = "The document is no longer in the index."
SEE_IT = "See it in the source"
REMOVE = "Take back"
KEEP_THIS = "Keep this one"
PUT_BACK = "Put back"
ERASE = "Erase these for good"
ERASE_MEANING = "They count no more. Erased, nothing of them stays in the file of judgments."
AS_JSONL = "Export as gold (JSONL)"
AS_CSV = "Export as gold (CSV, for a spreadsheet)"
MORE_JUDGMENTS = "Show more"
NOTHING_SETTLED = "There is no question yet whose right answer is known, so there is no gold."
HELD_DAMAGED = "They count no more, and stay in the file as they are."


def kept_right(quote: str, title: str, page: str) -> str:
    """Say that an answer became gold."""
    return f"Kept as gold: “{quote}”, {title}, {page}."


def kept_wrong(quote: str) -> str:
    """Say that an answer was judged wrong."""
    return f"Kept as wrong: “{quote}”"


def kept_absent() -> str:
    """Say that it is gold that a question has no answer."""
    return "Kept as gold: your documents do not answer this."


def taken_back(question: str) -> str:
    """Say that a judgment counts no more."""
    return f"Taken back: what was judged of “{question}”."


def put_back(question: str) -> str:
    """Say that a judgment counts again."""
    return f"Put back: what was judged of “{question}”."


def settled(taken: int) -> str:
    """Say that a contradiction is settled."""
    return f"Settled: {_count(taken, 'judgment')} taken back."


def erased(number: int) -> str:
    """Say how much was removed for good."""
    return f"{_count(number, 'judgment')} erased for good."


def problem_judging(message: str) -> str:
    """Put an error's message kindly; it says itself what was found and what to do."""
    return f"This could not be done: {message}."


def sum_of_judgments(right: int, wrong: int, absent: int) -> str:
    """Count the judgments."""
    return f"{right:,} right, {wrong:,} wrong, {absent:,} not in the documents."


def sum_of_gold(questions: int) -> str:
    """Count the questions that can be exported."""
    return f"{_count(questions, 'question')} can be kept as a gold set, to evaluate with."


def left_contrary(questions: int) -> str:
    """Say what is kept out of the gold until it is settled."""
    holds = "has judgments" if questions == 1 else "have judgments"
    return (
        f"{_count(questions, 'question')} {holds} that contradict each other, and are kept out of "
        "the gold until you settle which ones hold: show “To settle”."
    )


def left_only_wrong(questions: int) -> str:
    """Say of what no right answer is known."""
    return f"Of {_count(questions, 'question')} only wrong answers are known: no gold yet."


def damaged_lines(lines: Sequence[int], name: str) -> str:
    """Say which lines of the file of judgments cannot be believed."""
    which = ", ".join(map(str, lines[:10])) + (" …" if len(lines) > 10 else "")
    return f"{_count(len(lines), 'line')} of {name} cannot be read as written: line {which}."


def judged_on(day: str, build: int, by: str) -> str:
    """Say when something was judged, in which build, and by whom if that is known."""
    return f"Judged on {day} in build {build}{f' by {by}' if by else ''}."


def contrary_to(verdicts: Sequence[str]) -> str:
    """Say what a judgment contradicts."""
    return f"Contradicted: it was also judged “{'” and “'.join(verdicts)}”."


def listed_judgments(shown: int, of: int) -> str:
    """Say how many are listed."""
    return f"{shown:,} of {_count(of, 'judgment')}, the newest first."


def withdrawn(number: int) -> str:
    """Name the list of those that count no more."""
    return f"Taken back ({number:,})"


def exported(questions: int, name: str) -> str:
    """Say what an export holds."""
    return f"{_count(questions, 'question')}, for `ctqa eval {name}`: "


# Evaluation ---------------------------------------------------------------------------------------

EVALUATE_MEANING = (
    "Hold the index against questions whose answers are known, a gold set, before you trust it and "
    "again after every change. It runs on this machine, and you can go on asking meanwhile, a "
    "little more slowly. Results are kept with the index; whoever works on this page sees them."
)
GOLD_SETS = "Gold sets"
NO_GOLD = (
    "No gold set was found. Judge some answers, put a file that begins with “gold” beside your "
    "documents, or choose a file here."
)
JUDGED_GOLD = "Judgments"
FROM_JUDGMENTS = "What was judged on this page"
BESIDE_DOCUMENTS = "Found beside your documents"
SENT_HERE = "The file that you chose, kept until CTQA is ended"
NO_GOLD_IN_IT = "It cannot be read as gold; Run says why."
CHOOSE_GOLD = "Choose a gold file (JSONL, CSV or SQuAD)"
ONLY_SEARCHING = "Only searching: no answers are given or judged, which is much faster"
RUN = "Run"
RUN_PROGRESS = "How far the evaluation has come"
RUN_IN_PROGRESS = "an evaluation is running already; wait for it, or stop it"
RUN_FAILED = (
    "something went wrong in CTQA, not in your questions; the window in which CTQA was started "
    "says what"
)
NO_SUCH_GOLD = "there is no such gold set any more; choose one of those listed"
GOLD_TAKEN = "The file was read; it stands in the list."
NO_GOLD_ARRIVED = "no file arrived; please choose it again"

RESULT = "Result"
MEASURES_TITLE = "Measures"
MEASURES_MEANING = (
    "Each is an average over the questions that allow it, from 0 to 1. The interval says between "
    "which values the average of very many such questions may well lie."
)
MEASURE, MEAN, INTERVAL, N = "Measure", "Average", "95 % interval", "Questions"
FAILING = "What went wrong"
FAILING_MEANING = "The gravest first. Each question opens in Ask, as anyone would ask it."
NONE_FAILING = "Nothing went wrong with any question."
EXPECTED, SHOWN_INSTEAD = "Expected:", "Shown:"
NOTHING_SHOWN = "no answer was given"
NOT_ASKED = "only searched, no answer was asked for"
NOTHING_EXPECTED = "no answer, since the sources hold none"
OPEN_IN_ASK = "Open in Ask"
SEE_EXPECTED, SEE_SHOWN = "See what was expected", "See what was shown"
GOLD_TO_MEND = "Gold to mend"
GOLD_TO_MEND_MEANING = "These judgments could not be taken as they stand."

RISK_TITLE = "Risk and coverage"
RISK_MEANING = (
    "If only the surest answers were given, from left to right ever more of them: the share of "
    "those that would be wrong. A curve that rises to the right is what confidence is good for."
)
RISK_AXIS = "Wrong among the answers given"
COVERAGE_AXIS = "Questions answered"
BY_SCORE = "The answers are in the order of their scores, since no confidence is calibrated."
NO_RISK = "There is nothing to draw: no question was answered of which the gold tells the answer."
CALIBRATION_TITLE = "Confidence and truth"
CALIBRATION_MEANING = (
    "Of answers with about the same confidence, the share that was right. Where that lies on the "
    "diagonal, confidence means what it says."
)
NOT_CALIBRATED_HERE = (
    "Confidence is not calibrated for these models, so there is none to hold against the truth."
)
NO_CALIBRATION = "No answer was given whose confidence could be held against the gold."
CONFIDENCE_AXIS, RIGHT_AXIS = "Confidence", "Share right"
ANSWERS, RIGHT_ANSWERS = "Answers", "Right"
AS_TABLE = "The same as a table"

EARLIER_RESULTS = "All results"
OLDER_RESULTS = "Older results"
NO_RESULTS = "Nothing was evaluated yet."
NOT_MEASURED = "not measured"
SHOW_RESULT = "Show"
COMPARE_RESULT = "Put beside the one shown"
REMOVE_RESULT = "Remove…"
REMOVE_FOR_GOOD = "Remove this result for good"
RESULT_REMOVED = "The result was removed."
SIDE_BY_SIDE = "Side by side"
FIRST, SECOND = "A", "B"  # the results that stand there, by their dates
END_COMPARISON = "Show only one"
OTHER_GOLD = (
    "The gold sets differ, so a difference may come from the questions: compare only what is said "
    "below of the questions that both have."
)
OTHER_SETTINGS = "The settings differ too:"
NOTHING_SHARED = "They have no question in common."

_MEASURES = {
    "sentence_right": (
        "First answer right",
        "The first answer stands where the gold says, or says the same word for word elsewhere.",
    ),
    "any_sentence_right": ("Any answer right", "At least one of the answers shown is right."),
    "citation_right": (
        "Document and page right",
        "The first answer is from a document and page that the gold names.",
    ),
    "answered": (
        "Answered",
        "Of the questions that the sources do answer, those that got any answer.",
    ),
    "refused": (
        "Refused",
        "Of the questions that the sources do not answer, those that rightly got none.",
    ),
    "balanced_accuracy": (
        "Answered and refused",
        "The middle of the two above: a system that answers all, or nothing, has 0.5.",
    ),
    "Success@1": ("Success@1", "A right passage is the first one found."),
    "Success@3": ("Success@3", "A right passage is among the first 3."),
    "Success@5": ("Success@5", "A right passage is among the first 5."),
    "Success@10": ("Success@10", "A right passage is among the first 10."),
    "RR@10": ("RR@10", "1 for the first rank, 1/2 for the second and so on; 0 after the tenth."),
    "nDCG@10": (
        "nDCG@10",
        "1 where all right passages stand at the top, less the lower; the first 10 count.",
    ),
    "R@10": ("R@10", "The share of all right passages that is among the first 10."),
    "R@100": ("R@100", "The share of all right passages that is among the first 100."),
    "EM": ("Exact match", "The first answer has the gold's words and no others."),
    "F1": ("F1", "How far the words of the first answer and of the gold overlap."),
    "EM_all": ("Exact match, all", "The same, over impossible questions too: refused counts 1."),
    "F1_all": ("F1, all", "The same, over impossible questions too: refused counts 1."),
}
MEASURES = tuple(_MEASURES)  # in the order in which they are shown
_TROUBLE_MEANINGS = {
    "Answered, though impossible": "The sources do not answer, yet something was shown.",
    "Not found": "No passage that answers was among those found.",
    "Found, but not answered": "A passage that answers was found, but nothing was sure enough.",
    "Wrong sentence first": "The first answer shown is not what the gold expects.",
    "Found late": "A passage that answers was found, but not as the first one.",
}


def measure_named(name: str) -> tuple[str, str]:
    """Name a measure and explain it in a line."""
    return _MEASURES.get(name, (name, ""))


def trouble_meaning(trouble: str) -> str:
    """Explain what went wrong in a line."""
    return _TROUBLE_MEANINGS.get(trouble, "")


def gold_notes(questions: int, notes: Sequence[str]) -> str:
    """Say what a gold file holds."""
    return ". ".join([_count(questions, "question"), *notes]) + "."


def gold_too_large(most: int) -> str:
    """Say that a gold file is too large."""
    return f"larger than {most // 1_000_000} MB; use `ctqa eval` for so many questions"


def running(gold: str, done: int, total: int) -> str:
    """Say how far an evaluation is; `total` is 0 before anything is known."""
    return f"{gold}: {done:,} of {_count(total, 'question')}" if total else f"{gold}: beginning"


def run_begun(gold: str) -> str:
    """Say that an evaluation has begun."""
    return f"{gold} is being evaluated."


def run_done(gold: str, seconds: float) -> str:
    """Say that an evaluation is done."""
    return f"{gold} was evaluated, in {_duration(seconds)}."


def run_stopped(gold: str) -> str:
    """Say that an evaluation was stopped."""
    return f"The evaluation of {gold} was stopped; nothing of it is kept."


def problem_evaluating(message: str) -> str:
    """Put an error's message kindly; it says itself what was found and what to do."""
    return f"This could not be evaluated: {message}."


def result_size(questions: int, impossible: int) -> str:
    """Say how large a gold set is, after its name."""
    of_these = f", {impossible:,} of them without an answer in the sources" if impossible else ""
    return f": {_count(questions, 'question')}{of_these}"


def of_questions(n: int) -> str:
    """Say over how many questions an average is."""
    return _count(n, "question")


def result_about(at: str, build: int, seconds: float) -> str:
    """Say when a result was made, and of what."""
    return f"{at[:10]} {at[11:16]} UTC, build {build}, took {_duration(seconds)}."


def outcome_counts(answered: int, refused: int) -> str:
    """Say how many questions got an answer."""
    return f"{answered:,} answered, {refused:,} not answered."


def weight_of_one(n: int) -> str:
    """Say how much one question more or less moves a share, where that is much."""
    return (
        f"With {_count(n, 'question')}, one more or less that is right moves a share by "
        f"{100 / n:.0f} points in 100; how far chance alone may move it, the intervals say."
    )


def unmatched(judgments: int) -> str:
    """Say how many judgments count as missed because they have no place."""
    if judgments == 1:
        return "1 judgment has no place in this index and counts as missed."
    return f"{judgments:,} judgments have no place in this index and count as missed."


def left_out(queries: int) -> str:
    """Say how many questions of a gold set were left out."""
    were = "was" if queries == 1 else "were"
    return f"{_count(queries, 'question')} {were} left out: it is not known what answers them."


def figure(value: float) -> str:
    """Write an average."""
    return f"{value:.3f}"


def interval(low: float, high: float) -> str:
    """Write an interval."""
    return f"{low:.3f} to {high:.3f}"


def all_alike(n: int) -> str:
    """Say what cannot be told where all questions came out the same.

    With none of n otherwise, up to 1 - 0.05^(1/n) may be: the exact form of the "rule of three",
    Hanley and Lippman-Hand, JAMA 1983.
    """
    return f"all alike; up to {100 * (1 - 0.05 ** (1 / n)):.0f} % may be otherwise"


def failing(trouble: str, count: int) -> str:
    """Head the questions with which something went wrong."""
    return f"{trouble} ({count:,})"


def went_wrong(troubles: Sequence[str]) -> str:
    """Say in a line what went wrong, each with how often."""
    return f"{FAILING}: {', '.join(troubles)}. The questions stand below the measures."


def went_right(count: int) -> str:
    """Head the questions with which nothing went wrong."""
    return f"Nothing went wrong with {_count(count, 'question')}"


def more_questions(left: int) -> str:
    """Say how many more questions there are than are listed."""
    return f"… and {left:,} more: `ctqa eval --json` lists them all."


def found_at(rank: int) -> str:
    """Say where the first right passage was found."""
    return f"A right passage was found as the {ordinal(rank)}."


def rests_on_gold(gold: str, own: bool, questions: int, day: str) -> str:
    """Say what confidence was calibrated on, and when that flatters."""
    return f"Calibrated on {questions:,} questions of {gold} ({day}). " + (
        "Where these are the same questions, the figures flatter: they were learnt from."
        if own
        else "These are not about your documents."
    )


def calibration_gap(error: float, answers: int) -> str:
    """Say how far confidence and truth lie apart on average."""
    return (
        f"On average, confidence and the share right lie {100 * error:.0f} points in 100 apart "
        f"(expected calibration error, over {_count(answers, 'answer')})."
    )


def risk_at_the_end(coverage: float, risk: float, answers: int, wrong: int) -> str:
    """Say in words where the curve of risk ends."""
    return (
        f"{100 * coverage:.0f} % of the questions are answered; {wrong:,} of "
        f"{_count(answers, 'answer')} are wrong ({100 * risk:.0f} %)."
    )


def share(value: float) -> str:
    """Write a share in whole percents."""
    return f"{100 * value:.0f} %"


def share_between(low: float, high: float) -> str:
    """Write an interval of a share in whole percents."""
    return f"{100 * low:.0f} to {100 * high:.0f} %"


def bin_named(low: float, high: float) -> str:
    """Name a tenth of the scale of confidence."""
    return f"{100 * low:.0f} to {100 * high:.0f} %"


def few_answers(n: int) -> str:
    """Say that a curve over few answers says little."""
    return f"Only {_count(n, 'answer')}: the shape of this curve may be chance."


def changed_questions(both: int, won: int, lost: int) -> str:
    """Say what became of the questions that two results have in common."""
    return (
        f"Of {_count(both, 'question')} in both: {won:,} went wrong in A and right in B, "
        f"{lost:,} right in A and wrong in B."
    )


def chance_of_change(chance: float, changed: int) -> str:
    """Say whether a split of changed questions may be chance."""
    if not changed:
        return "No question changed."
    told = f"p = {chance:.3f}, exact McNemar test"
    if chance >= 0.05:
        return f"So uneven a split may well be chance ({told}): no difference can be told."
    return f"So uneven a split would be rare by chance alone ({told})."


def result_unreadable(id: str, why: str) -> str:
    """Say that a kept result cannot be shown."""
    return f"{id}: {why}"


def setting_differs(name: str, a: str, b: str) -> str:
    """Say how a setting differs between two results."""
    return f"{name}: {a} in A, {b} in B"


# History and export -------------------------------------------------------------------------------

READ_THERE = "Read it in the document"
FORGET_ONE = "Forget this question"
FORGOTTEN = "All questions are forgotten, in this browser."
KEPT_HERE = "What you asked is kept in this browser only, the newest 50 questions."
NOTHING_TO_EXPORT = "Nothing was asked yet, so there is nothing to take with you."
NO_SUCH_EXPORT = "There is no such file to make. Please choose one of those that are offered."
NO_RECEIPTS = "No question was answered, so there are no receipts."
READY = "Ready to be saved, for some minutes:"

DISPUTED = "Possible disagreement"
DISPUTED_ANSWER = "It may contradict this answer:"

PACK_TITLE = "Answers from our documents"
PACK_HEADER = "Answers copied word for word, with their places"
PACK_PROMISE = (
    "Each answer below is copied word for word from the document that is named with it. "
    "Nothing was rephrased, joined or shortened."
)
PACK_NOT_THERE = "Nothing in the documents answers this well enough to be quoted, so nothing is."
PACK_REFERENCES = "References"
PACK_CHECKING = "How to check these answers"
PACK_NONE = "No question was answered, so there is nothing to refer to."


def asked_at(told: str) -> str:
    """Write a time, ISO 8601, as people read it."""
    return told[:16].replace("T", " ") + (" UTC" if told.endswith("+00:00") else "")


def earlier_outcome(answers: int) -> str:
    """Say in a few words what a question brought back."""
    return _count(answers, "answer") if answers else NOT_THERE


def from_build(build: int) -> str:
    """Say that another build than the present one answered."""
    return f"Answered from build {build}; the documents may be others now. Ask it again to know."


def newer_edition(title: str) -> str:
    """Say which newer edition there was."""
    return f"{NEWER} {title}"


def only_in(where: Filter, titles: Mapping[str, str] | None = None) -> str:
    """Say in which part of the documents a question was searched.

    `titles` are those of documents, by id; without its title a document is named by its id.
    """
    documents = () if where.documents is None else where.documents
    named = {id: f"“{title}”" for id, title in ({} if titles is None else titles).items()}
    years = (
        f"from {where.since}" if where.since is not None else "",
        f"to {where.until}" if where.until is not None else "",
    )
    parts = (
        *(f"document {named.get(name, name)}" for name in documents),
        *(f"folder {name}" for name in where.folders),
        " ".join(("years", *filter(None, years))) if any(years) else "",
        *(f"tag {name}" for name in where.tags),
    )
    return f"Searched only in: {', '.join(filter(None, parts))}."


def pack_made(made_at: str, questions: int, builds: Sequence[int]) -> str:
    """Say when a pack was made, and what of."""
    of = ", ".join(str(build) for build in builds)
    named = f"build {of}" if len(builds) == 1 else f"builds {of}"
    return f"Made on {asked_at(made_at)}. {_count(questions, 'question')}, {named} of the index."


def pack_checked(verified: int, of: int) -> str:
    """Say how many answers were found again when a pack was made."""
    if verified == of:
        every = "The answer was" if of == 1 else f"All {of:,} answers were"
        return f"{every} checked against the index when this was made, and found where it says."
    return (
        f"Only {verified:,} of {_count(of, 'answer')} could be found again when this was made; "
        "each says what became of it."
    )


def pack_not_checked(why: str) -> str:
    """Say that answers could not be checked when a pack was made."""
    return f"The answers could not be checked against the index when this was made: {why}."


def pack_question(number: int, question: str) -> str:
    """Title a question."""
    return f"Question {number}: {question}"


def asked_on(told: str, build: int) -> str:
    """Say when a question was asked, and of which build."""
    return f"Asked on {asked_at(told)}, of build {build}."


def pack_stands(file: str, page: str, section: str, start: int, end: int) -> str:
    """Say where an answer stands, to the character."""
    headings = f", {SECTION.lower()} {section}" if section else ""
    return f"{FILE} {file}, {page[:1].lower()}{page[1:]}{headings}, characters {start} to {end}."


def pack_receipt(seal: str) -> str:
    """Name the receipt of an answer."""
    return f"Receipt {seal[:12]}."


def disputed(kind: str, newer: str) -> str:
    """Say how another document may contradict an answer, and which of two editions is newer."""
    what = "gives another number" if kind == "number" else "says the opposite"
    edition = {
        "answer": " The answer is from the newer edition.",
        "other": " That one is the newer edition.",
    }.get(newer, "")
    return f"Another document possibly {what}.{edition}"


def near(title: str, page: str, section: str) -> str:
    """Name a passage that came near."""
    return ", ".join(part for part in (title, page, section) if part)


def pack_replaced(count: int) -> str:
    """Say that a file could not hold some characters of a quote."""
    be = "is a character" if count == 1 else f"are {count} characters"
    have = "it" if count == 1 else "them"
    return f"In this quote there {be} that this kind of file cannot hold; \ufffd stands for {have}."


def pack_checking(receipts: str) -> str:
    """Say how to check a pack."""
    return (
        f"Every answer has a receipt in {receipts}, named by the first 12 characters of its seal. "
        f"Whoever has the same index checks them all, without any model and without a network, "
        f"with: ctqa verify {receipts}"
    )


def pack_verdict(verdict: str, disk: str) -> str:
    """Say what became of a receipt when the pack was made."""
    stands = {
        "verified": "the words stand there exactly",
        "changed": "the document has changed since, and the words may stand elsewhere",
        "gone": "the document is not in the index any more",
        "false": "the words do not stand there: do not rely on this quote",
    }[verdict]
    file = {
        "same": "; the file is as it was read",
        "changed": "; the file itself has changed since it was read",
        "gone": "; the file itself is not where it was read",
    }.get(disk, "")
    return f"Checked when this was made: {stands}{file}."


# Answers from several documents, filters, examples ------------------------------------------------

NEWEST = "The newest edition in your sources"
IS_NEWER = "The newer edition"
NEWER_SAYS = "The newer edition is"
POSSIBLE_DISAGREEMENT = "Possible disagreement:"
AGAINST = "against"  # between what two documents say
NO_CHOICE = "what is to be searched was not understood; choose it once more"


def may_disagree(kind: str) -> str:
    """Say what possibly differs between two documents, and what to do about it."""
    what = (
        "The two seem to give different numbers or dates for the same thing."
        if kind == "number"
        else "One of the two seems to deny what the other says."
    )
    return f"{what} This was found by simple rules: read both before you rely on either."


def of_answer(what: str, number: int, of: int) -> str:
    """Name a button by what it does and for which answer, for those who hear it."""
    return f"{what}: {answer_title(number, of).lower()}"


def of_passage(rank: int) -> str:
    """Name the button that opens a passage."""
    return f"{READ_THERE}: passage {rank}"


def example_about(thing: str) -> str:
    """Ask what the documents say about something that one of their headings names."""
    return f"What is said about {thing}?"


def reversed_years(since: int, until: int) -> str:
    """Say that the years of a filter are the wrong way round."""
    return f"the years are reversed, from {since} to {until}; put the earlier one first"


def no_year(told: str) -> str:
    """Say that something is no year."""
    return f"{told!r:.40} is no year; expected one such as 2019"


# Tabs and the rest of the page --------------------------------------------------------------------

TAB_ASK = "Ask"
TAB_DOCUMENTS = "Documents"
TAB_JUDGMENTS = "Judgments"
TAB_EVALUATE = "Evaluate"

EARLIER = "Earlier in this conversation"
WHERE = "Where to look"
IN_DOCUMENTS = "Documents"
IN_FOLDERS = "Folders"
WITH_TAGS = "Tags"
SINCE = "From the year"
UNTIL = "To the year"
ANY_YEAR = "any"
KEEP = "Keep this conversation"
AS_MARKDOWN = "Markdown"
AS_DOCX = "Word"
AS_RECEIPTS = "Receipts"
FORGET = "Forget all questions"
FORGET_NOW = "Forget them all, in this browser"
KEEP_ALL = "Keep them"


def where_to_look(chosen: int) -> str:
    """Say over the filters how many are on."""
    return f"{WHERE}: {_count(chosen, 'filter')} on" if chosen else WHERE
