"""An empty spreadsheet for gold questions, with examples that do not count."""

from collections.abc import Sequence
from pathlib import Path

from ctqa.errors import ConfigError
from ctqa.evaluation.gold.out import cell, csv_of
from ctqa.evaluation.gold.sheet import EXAMPLE
from ctqa.writing import write_new

COLUMNS = ("question", "document", "quote", "page", "answers", "impossible", "kind", "half")
_EXAMPLES: Sequence[Sequence[str]] = (
    (
        f"{EXAMPLE} How often may relatives visit the ward?",
        "visiting-policy.pdf",
        "Relatives may visit the ward twice a day, between two and four and after six.",
        "3",
        "twice a day",
        "",
        "visits",
        "tune",
    ),
    (f"{EXAMPLE} Who pays for parking at the hospital?", "", "", "", "", "yes", "visits", "test"),
)
GUIDE: Sequence[tuple[str, str]] = (
    (
        "What this is for",
        "Each line is one question, and where in your documents its answer stands. CTQA is held "
        "against these questions, so that you know how far to trust it. 30 questions tell "
        "something; 100 tell much more.",
    ),
    (
        "question",
        "A question as a colleague would ask it, with everything in it that makes it clear: not "
        "“When was it set up?”, but “When was the care trust set up?”. Do not copy the document's "
        "wording. If two places answer it, write two lines with the very same question.",
    ),
    (
        "document",
        "The name of the file that answers, for example visiting-policy.pdf.",
    ),
    (
        "quote",
        "The words that answer, copied from the document and pasted here: a whole sentence is "
        "best. Do not shorten or improve it. Curly or straight quotation marks and line ends make "
        "no difference.",
    ),
    (
        "page",
        "The page on which the quote begins, counted from the first page of the file, as your PDF "
        "program does. Leave it empty if you do not know it.",
    ),
    (
        "answers",
        "The shortest words within the quote that answer, for example: twice a day. Several "
        "ways to say it are parted by a bar with spaces:  twice a day | two times. May stay empty.",
    ),
    (
        "impossible",
        "yes, if the documents do not answer the question; then document, quote and answers stay "
        "empty. Have some such questions, near the documents' subject: CTQA is to say that it does "
        "not know. Otherwise leave it empty.",
    ),
    (
        "kind",
        "Any word of yours by which results are shown apart, for example visits. May stay empty.",
    ),
    (
        "half",
        "tune or test, if you part your questions: settings are chosen with the one half, and the "
        "results you report come from the other. May stay empty.",
    ),
    (
        "The examples",
        f"Lines whose question begins with {EXAMPLE} are passed over. Delete them when you like.",
    ),
    (
        "When you are done",
        "Save the file, and type:  ctqa gold check FILE  — it tells which quotes were not found, "
        "and where. Then:  ctqa eval FILE",
    ),
)


def write_template(path: Path, *, force: bool = False) -> None:
    """Write a template as .xlsx, with a second sheet that explains it, or as .csv.

    Raises:
        ConfigError: the ending is another, or nothing can be written there.
        GoldError: something is there already.

    """
    if path.suffix.lower() == ".xlsx":
        data = _workbook()
    elif path.suffix.lower() == ".csv":
        data = csv_of(COLUMNS, [[cell(value) for value in line] for line in _EXAMPLES])
    else:
        raise ConfigError(f"{path}: a template is a spreadsheet; end its name in .xlsx or .csv")
    write_new(path, data, force=force)


def _workbook() -> bytes:
    from ctqa.evaluation.gold.xlsx import add_guide, new_workbook, saved  # noqa: PLC0415 -- slow

    book = new_workbook(COLUMNS, _EXAMPLES)
    add_guide(book, "How to fill this in", GUIDE)
    return saved(book)
