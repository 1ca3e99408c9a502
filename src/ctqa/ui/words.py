"""Every English sentence of the page, as plain text.

It is one long file on purpose: it is all that whoever translates the page has to be given.
"""

from collections.abc import Mapping, Sequence

from ctqa.answering.wording import label_after, ordinal, percent
from ctqa.evaluation import Figure, percents
from ctqa.evaluation.naming import NAMES, Named
from ctqa.evaluation.percents import points
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
    name: str, counts: tuple[int, int, int, int], rate: float | None, seconds: float
) -> str:
    """Say how far a build is: (done, of, pages, encoded), how fast, and how long it has taken."""
    done, of, pages, encoded = counts
    if not of:
        return f"{stage(name)} {_duration(seconds)} so far."
    read = f" ({_count(pages, 'page')})" if name == "read" and pages else ""
    left = "" if rate is None or done == of else f", about {_duration((of - done) / rate)} left"
    fast = "" if rate is None else f", {rate:.1f} a second"
    reading = name == "read" and encoded
    ready = f" {_count(encoded, 'passage')} made ready meanwhile." if reading else ""
    return f"{_STAGES.get(name, name)}: {done:,} of {of:,}{read}{fast}{left}.{ready}"


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
    "Have questions answered whose answers you know, a gold set, and see how many come out right: "
    "before you trust what this page says, and again after every change. It runs on this machine, "
    "and you can go on asking meanwhile, a little more slowly. Results are kept with the index; "
    "whoever works on this page sees them."
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
CHOOSE_GOLD = "Choose a gold file (Excel, CSV, JSONL or SQuAD)"
CHECK = "Check"
CHECKING = "The gold set is being looked over…"
ERRAND_DONE = "That is done; what came of it stands below the gold sets."
NOTHING_SUGGESTED = (
    "No question could be made from your documents: they have no headings or definitions that were "
    "recognised. Take the spreadsheet, and write your own."
)
HOW_TO_ACCEPT = (
    "Go through them one by one: put yes in the column “accept” where the question is one that "
    "people might ask and the quote answers it, and mend its words if you like. Save the file, and "
    "choose it here as a gold file: only what you accepted counts. The link works for 15 minutes."
)
SAVE_SUGGESTIONS = "Save the suggestions (Excel)"
CHECKED = "What the check found in "
CLOSE_ERRAND = "Close"
ERRAND_CLOSED = "Closed."
ERRAND_IN_PROGRESS = "something else is being looked over just now; try again in a moment"
MAKE_GOLD = "Make a gold set of your own"
MAKE_GOLD_MEANING = (
    "Fill in the spreadsheet: each line is a question and the words of a document that answer it. "
    "Or begin with questions suggested from your documents' own headings and definitions: put yes "
    "in the column “accept” of those that are good, and choose the file here."
)
GOLD_TEMPLATE = "Spreadsheet to fill in (Excel)"
SUGGEST = "Suggest questions from my documents"
SUGGESTING = "Questions are being looked for in your documents; this may take some seconds…"
ONLY_SEARCHING = "Only searching: no answers are given or judged"
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
    "Each is an average over the questions that allow it, from 0 to 1: where it counts questions, "
    "0.5 is half of them. The interval says between which values the average of very many such "
    "questions may well lie."
)
MEASURE, MEAN, INTERVAL, N = "Measure", "Average", "95 % interval", "Questions"
WHY_FAILED = "Why questions failed"
WHY, WHAT_TO_DO = "Why", "What to do"
FAILING_BELOW = (
    "Choose a reason to see its questions. Words in `this type` are commands, or settings in the "
    "file `ctqa.toml`: leave them to whoever looks after CTQA, if that is not you."
)
FAILING = "What went wrong"
FAILING_MEANING = (
    "The most frequent first, and of these the surest answers first. Each question opens in Ask, "
    "as anyone would ask it."
)
NONE_FAILING = "Nothing went wrong with any question."
EXPECTED, SHOWN_INSTEAD = "Expected:", "Shown:"
NOTHING_SHOWN = "no answer was given"
HELD_BACK = "held back was"
NOT_ASKED = "only searched, no answer was asked for"
NOTHING_EXPECTED = "no answer, since the sources hold none"
OPEN_IN_ASK = "Open in Ask"
SEE_EXPECTED, SEE_SHOWN = "See what was expected", "See what was shown"
GOLD_TO_MEND = "Gold to mend"
GOLD_TO_MEND_MEANING = "These judgments could not be taken as they stand."

RISK_TITLE = "Risk and coverage"
RISK_MEANING = (
    "If only the surest answers were given, from left to right ever more of them, those that were "
    "held back included: the share of them that would be wrong. Where the curve is low on the "
    "left and rises to the right, CTQA knows which of its answers to doubt. The dot marks where it "
    "stopped answering."
)
NOTHING_ANSWERED = "No question was answered."
RISK_AXIS = "Wrong among the answers given"
COVERAGE_AXIS = "Questions answered"
BY_SCORE = "The answers are in the order of their scores, since no confidence is calibrated."
NO_RISK = (
    "There is nothing to draw: no answer was given or held back of which the gold tells whether it "
    "is right."
)
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
ANSWERS = "Answers"
AS_TABLE = "The same as a table"

EARLIER_RESULTS = "All results"
NO_RESULTS = "Nothing was evaluated yet."
NOT_MEASURED = "not measured"
GO_TO_RESULT = "Go to the result"
SHOW_RESULT = "Show"
COMPARE_RESULT = "Compare with the one shown"
REMOVE_RESULT = "Remove…"
REMOVE_FOR_GOOD = "Remove this result for good"
RESULT_REMOVED = "The result was removed."
OPEN_REPORT, SAVE_REPORT = "Open the report in a new tab", "Save the report as a file"

TREND_MEANING = (
    "Each point is a result, the newest on the right; the line through it says between which "
    "values it may well lie. Click on a point to open its result."
)
GOLD_CHANGED_MARK = (
    "A dashed line stands where the questions were changed: points on either side of it cannot be "
    "compared."
)
GOLD_CHANGED = "the questions of the gold set were changed"
BUILD_AXIS = "Build of the index"
WHEN, SINCE_BEFORE = "When", "Changed since the one before"

SIDE_BY_SIDE = "Two results compared"
FIRST, SECOND = "A", "B"  # the results that stand there, by their dates
END_COMPARISON = "Show only one"
MEASURED_ALIKE = "Both were measured with the same build and the same settings."
DIFFERENCE, CHANCE = "B less A", "Chance"
P_MEANING = (
    "Each measure is over the questions for which both have it. p says how often chance alone "
    "would bring as great a difference if there were none: less than 0.05 is taken as beyond "
    "chance. Below the first line it is adjusted for being one of several; the intervals are not, "
    "so that one may leave out 0 where p does not show a difference."
)
BEYOND_CHANCE, MAY_BE_CHANCE = "beyond chance", "may be chance"
MORE_MEASURES = "More measures"
CHANGED_QUESTIONS = "Which questions changed"

# What an index or a search is set to, as `ctqa.toml` names it.
_SETTINGS = {
    "documents": "documents",
    "indexed passages": "passages in the index",
    "asked": "answers asked for",
    "depth": "passages taken for each question",
    "models": "models",
    "calibration": "calibrated on",
    "encoder": "encoder",
    "split": "how documents are split",
    "passage_tokens": "longest passage, in tokens",
    "overlap_tokens": "overlap of passages, in tokens",
    "ocr": "reading pictures of pages",
    "passages": "passages shown",
    "candidates": "candidates of each search",
    "dense_weight": "weight of meaning against words",
    "reranker": "reranker",
    "rerank": "passages read by the reranker",
    "reader": "reader",
    "answers": "answers shown, at most",
    "accepted_error": "accepted share of wrong answers",
    "min_score": "lowest score that is answered",
}


def measure_named(name: str) -> Named:
    """Name a measure and explain it in a line."""
    return NAMES.get(name, Named(label=name, meaning=""))


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


def suggested(count: int) -> str:
    """Head what was suggested."""
    return f"{_count(count, 'question')} suggested from your documents"


def findings(to_mend: int, to_see: int) -> str:
    """Say how much a check of a gold set found."""
    if not to_mend and not to_see:
        return "Nothing is wrong with it: every quote stands where the gold says."
    look = f"{_count(to_see, 'thing')} to look at" if to_see else "nothing else to look at"
    if not to_mend:
        return f"Nothing has to be mended; {look}."
    return f"{_count(to_mend, 'thing')} to mend, {look}. Change the file, then check it again."


def findings_of(severity: str, count: int) -> str:
    """Name the fold of what a check found of one severity."""
    return f"{'To mend' if severity == 'mend' else 'To look at'} ({count:,})"


def more_findings(left: int) -> str:
    """Say how many more findings there are than are listed."""
    return f"… and {left:,} more: `ctqa gold check` lists them all."


def could_not(message: str) -> str:
    """Put an error's message kindly; it says itself what was found and what to do."""
    return f"This could not be done: {message}."


def problem_evaluating(message: str) -> str:
    """Put an error's message kindly; it says itself what was found and what to do."""
    return f"This could not be evaluated: {message}."


def no_report(why: str) -> str:
    """Say that a result's report cannot be shown."""
    return f"There is no report to show: {why}."


def result_size(questions: int, impossible: int) -> str:
    """Say how large a gold set is, after its name."""
    of_these = f", {impossible:,} of them without an answer in the sources" if impossible else ""
    return f": {_count(questions, 'question')}{of_these}"


def result_about(at: str, build: int, seconds: float) -> str:
    """Say when a result was made, and of what."""
    return f"{at[:10]} {at[11:16]} UTC, build {build}, took {_duration(seconds)}."


def figure(value: float) -> str:
    """Write an average."""
    return f"{value:.3f}"


def interval(low: float, high: float) -> str:
    """Write an interval."""
    return between(f"{low:.3f}", f"{high:.3f}")


def between(low: str, high: str) -> str:
    """Write an interval whose ends are written already."""
    return f"{low} to {high}"


def failing(why: str, count: int) -> str:
    """Head the questions with which something went wrong."""
    return f"{why} ({count:,})"


def went_right(count: int) -> str:
    """Head the questions with which nothing went wrong."""
    return f"Nothing went wrong with {_count(count, 'question')}"


def other_questions(left: int) -> str:
    """Name the fold of further questions."""
    return f"{left:,} more"


def more_questions(left: int) -> str:
    """Say how many more questions there are than are listed."""
    return f"… and {left:,} more: `ctqa eval --json` lists them all."


def found_at(rank: int) -> str:
    """Say where the first right passage was found."""
    if rank == 1:
        return "The passage found first is right."
    return f"The {ordinal(rank)} passage found is the first right one."


def rests_on_gold(gold: str, own: bool, questions: int, day: str) -> str:
    """Say what confidence was calibrated on, and when that flatters."""
    return f"Calibrated on {questions:,} questions of {gold} ({day}). " + (
        "Where these are the same questions, the figures flatter: they were learnt from."
        if own
        else "These are not about your documents."
    )


def calibration_gap(error: Figure, answers: int) -> str:
    """Say how far confidence and truth lie apart on average."""
    return (
        f"On average, confidence and the share right lie {points(error.mean)} points in 100 "
        f"apart ({points(error.low, error.high)}; expected calibration error, over "
        f"{_count(answers, 'answer')})."
    )


def area(found: Figure, floor: float) -> str:
    """Say how much lies below the curve of risk, and how little could."""
    return (
        f"The mean height of the curve (AURC) is {found.mean:.3f} "
        f"({interval(found.low, found.high)}); with as many wrong answers, all of them the least "
        f"sure, it would be {floor:.3f}."
    )


def risk_at_the_end(coverage: float, risk: float, answers: int, wrong: int) -> str:
    """Say in words where the curve of risk ends."""
    return (
        f"{share(coverage)} of the questions are answered; {wrong:,} of "
        f"{_count(answers, 'answer')} {'is' if wrong == 1 else 'are'} wrong ({share(risk)})."
    )


def share(value: float) -> str:
    """Write a share in percents."""
    return percents.percent(value)


def share_between(low: float, high: float) -> str:
    """Write an interval of a share in percents."""
    return percents.between(low, high)


def bin_named(low: float, high: float) -> str:
    """Name a tenth of the scale of confidence."""
    return f"{100 * low:.0f} to {100 * high:.0f} %"


def few_answers(n: int) -> str:
    """Say that a curve over few answers says little."""
    return f"Only {_count(n, 'answer')}: the shape of this curve may be chance."


def older_results(count: int) -> str:
    """Name the fold of older results."""
    return f"{_count(count, 'older result')}"


def results_of(count: int, at: str) -> str:
    """Say how many results a gold set has, after its name."""
    return f": {_count(count, 'result')}, the last of {at[:10]}"


def since_before(changes: Sequence[str]) -> str:
    """Say what was changed between a result and the one before."""
    if not changes:
        return "Measured like the one before: the same build, questions and settings."
    return f"Changed since the one before: {'; '.join(changes)}."


def results_unreadable(count: int) -> str:
    """Name the fold of what cannot be shown."""
    return f"{_count(count, 'result')} that cannot be shown"


def trend_told(count: int, first: float, last: float) -> str:
    """Say in words what a curve over time shows."""
    return f"{_count(count, 'result')}: {share(first)} in the oldest, {share(last)} in the newest."


def trend_point(at: str, build: int, figure: str) -> str:
    """Name a point of a curve over time."""
    return f"{at_build(at, build)}: {figure}"


def at_build(at: str, build: int) -> str:
    """Say when, and of which build, in short."""
    return f"{at[:10]} {at[11:16]}, build {build}"


def setting_changed(name: str, before: object, after: object) -> str:
    """Say how a setting was changed."""
    if name == "build":
        return f"build {after} of the index instead of {before}"
    if name == "models":
        return "other models, or models used otherwise"  # their fingerprints tell a person nothing
    return f"{_SETTINGS.get(name, name)}: {_setting(after)} instead of {_setting(before)}"


def _setting(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "nothing" if value is None or value == "" else str(value)


def measured_with(changes: Sequence[str]) -> str:
    """Say what else differs between two results that are compared."""
    return f"B was measured differently from A: {'; '.join(changes)}."


def more_compared(beyond: int) -> str:
    """Name the fold of further measures, and say how many of them differ beyond chance."""
    differ = "differs" if beyond < 2 else "differ"
    return f"{MORE_MEASURES}, {beyond or 'none'} of which {differ} beyond chance"


def changed_questions(measure: str) -> str:
    """Say by what a question counts as lost or won."""
    return (
        f"Counted by “{measure_named(measure).label}” or, for questions that the sources do not "
        f"answer, by “{measure_named('refused').label}”."
    )


def changes(verdict: str, count: int) -> str:
    """Head the questions that changed in one way."""
    meaning = {
        "won": "right, or more nearly so, in B alone",
        "lost": "right, or more nearly so, in A alone",
        "moved": "as before, but the right passage was found at another rank",
    }[verdict]
    return f"{_VERDICTS[verdict]}: {_count(count, 'question')}, {meaning}"


def no_change(verdict: str) -> str:
    """Say that no question changed in one way."""
    return f"{_VERDICTS[verdict]}: no question."


def unchanged_questions(count: int) -> str:
    """Say how many questions came out alike."""
    return f"Alike in both: {_count(count, 'question')}."


def rank_told(rank: int | None) -> str:
    """Say where the first right passage was found, or that it was not."""
    return "No right passage was found." if rank is None else found_at(rank)


_VERDICTS = {"won": "Won", "lost": "Lost", "moved": "Moved"}

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
