"""Spreadsheets as people make them: read, or refused with the line and what mends it."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest

from ctqa.errors import GoldError
from ctqa.evaluation.gold.headers import spreadsheet_header
from ctqa.evaluation.gold.load import Gold, GoldQuestion, Judgment, load_gold
from ctqa.evaluation.gold.sheet import joined, parted

RIGHT = (
    GoldQuestion(
        id="q1",
        question="Who pays?",
        judgments=(Judgment(document="care.pdf", quote="“It’s free”, they say.", page=4),),
        answers=("free",),
    ),
    GoldQuestion(id="q2", question="Why?", impossible=True),
)


def load(folder: Path, content: str | bytes, name: str = "g.csv") -> Gold:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return load_gold(path)


def refusal(folder: Path, content: str | bytes, name: str = "g.csv") -> str:
    with pytest.raises(GoldError) as caught:
        load(folder, content, name)
    return str(caught.value)


def workbook(*rows: tuple[object, ...], **sheets: list[tuple[object, ...]]) -> bytes:
    """Make a workbook of one sheet, or of several by their names."""
    book = openpyxl.Workbook()
    for name, content in (sheets or {"Sheet": list(rows)}).items():
        sheet = book.active if name in ("Sheet", *list(sheets)[:1]) else book.create_sheet()
        sheet.title = name
        for row in content:
            sheet.append(row)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


# ---- read


@pytest.mark.parametrize(
    "content",
    [
        # a BOM and semicolons, as Excel writes where commas are decimal points
        "\ufeffquestion;document;quote;page;answers;impossible\r\n"
        "Who pays?;care.pdf;“It’s free”, they say.;4;free;\r\nWhy?;;;;;yes\r\n",
        # Excel's own line that says what parts the cells
        "sep=;\r\nquestion;document;quote;page;answers;impossible\r\n"
        "Who pays?;care.pdf;“It’s free”, they say.;4;free;\r\nWhy?;;;;;x\r\n",
        "SEP=,\nquestion,document,quote,page,answers,impossible\n"
        'Who pays?,care.pdf,"“It’s free”, they say.",4,free,\nWhy?,,,,,TRUE\n',
        # names that nobody was told
        "Question;Answer;File;Exact words;Page number;Not answered\n"
        "Who pays?;free;care.pdf;“It’s free”, they say.;4.0;no\nWhy?;;;;;Yes\n",
        "The Question\tShort answers\tDocument name\tQuotation\tPage no.\tUnanswerable\n"
        "Who pays?\tfree\tcare.pdf\t“It’s free”, they say.\tp. 4\t-\nWhy?\t\t\t\t\t✓\n",
        # names with stray spaces, capitals, underscores, quotation marks and colons
        ' QUESTION ;“Answers”;\u00a0Document_Name:;Quote ;"Page\nnumber";Impossible\n'
        "Who pays?;free;care.pdf;“It’s free”, they say.;page 4;n/a\nWhy?;;;;;y\n",
        # rows of nothing, and columns without a name
        "question;document;quote;page;answers;impossible;;\n;;;;;;;\n"
        "Who pays?;care.pdf;“It’s free”, they say.;4;free;;;\n;;;;;;;\nWhy?;;;;;1;;\n;;;;;;;\n",
        # a space after each delimiter, and lines numbered under "No."
        "No., question, document, quote, page, answers, impossible\n"
        'q1, Who pays?, "care.pdf", "“It’s free”, they say.", 4, free,\nq2, Why?, , , , , yes\n',
        # the template's examples are still there
        "question;document;quote;page;answers;impossible\n"
        "EXAMPLE: How often?;visits.pdf;Twice a day.;3;twice;\n"
        "Who pays?;care.pdf;“It’s free”, they say.;4;free;\nWhy?;;;;;yes\n",
    ],
)
def test_what_people_save_is_read(tmp_path: Path, content: str) -> None:
    assert load(tmp_path, content).questions == RIGHT


def test_examples_are_passed_over_and_told(tmp_path: Path) -> None:
    gold = load(tmp_path, "question,document\nEXAMPLE: Who?,d\nWho?,d\nEXAMPLE: Why?,d\n")
    assert [question.question for question in gold.questions] == ["Who?"]
    assert gold.notes == ("2 lines passed over, beginning with “EXAMPLE:”",)
    only = refusal(tmp_path, "question,document\nEXAMPLE: Who?,d\n")
    assert "holds only the template's examples; write your own" in only


def test_a_synonym_gives_way_to_the_name_itself(tmp_path: Path) -> None:
    gold = load(tmp_path, "question,document,file,source\nWho?,d,x,y\n")
    assert gold.questions[0].judgments == (Judgment(document="d"),)
    assert gold.notes == ("“file” is not used", "“source” is not used")


def test_where_each_question_stands_is_known(tmp_path: Path) -> None:
    text = 'sep=;\n\nquestion;document\n"Who\nelse?";d\n;\nWho?;d\nWho?;e\n'
    gold = load(tmp_path, text)
    first, second = gold.questions
    path = tmp_path / "g.csv"
    assert gold.where[first.id, None] == f"{path}, line 4"
    assert gold.where[second.id, None] == f"{path}, line 7"
    assert gold.where[second.id, second.judgments[1]] == f"{path}, line 8"


def test_lines_that_only_repeat_another_are_told(tmp_path: Path) -> None:
    gold = load(tmp_path, "question,document,answers\nWho?,d,a\nWho?,d,b\nWho?,d,a\n")
    assert gold.notes == ("1 line only repeating another of the same question (line 4)",)


# ---- refused, with the line and the mend


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            "\ufeffquestion;documnet;quote\nWho pays?;care.pdf;“It’s free”\n",
            "line 1: found “documnet”; did you mean “document”?",
        ),
        ("question;file;qoute\nWho?;d;x\n", "found “qoute”; did you mean “quote”?"),
        ("Who pays?;care.pdf;free\n", "line 1: “question” is missing; found who pays?"),
        ("Who pays?;care.pdf;free\n", "`ctqa gold template FILE.xlsx` writes"),
        (
            "Gold questions of the trust;;\n;;\nquestion;document;quote\nWho?;d;x\n",
            "line 1: is no header; the columns are named at",
        ),
        ("question;file;document name\nWho?;d;x\n", "“file” and “document name” both look like"),
        ("question;document;text\nWho?;d;x\n", "if it holds the documents' own words, call it"),
        ("question;document;answerable\nWho?;d;no\n", "turn it round and call it “impossible”"),
        ("question,document\n“Who, then?”,d\n", 'straight ones, ", not “ ”'),
        ("question,document,page\nWho?,d,3-4\n", "line 2: “page” is '3-4'"),
        ("question,document,page\nWho?,d,3–4\n", "name the page on which the quote begins"),
        ("question,document,page\nWho?,d,pp. 3-4\n", "name the page on which the quote begins"),
        ("question,document\nWho?,#REF!\n", "line 2: “document” is #REF!, by which a spreadsheet"),
        ("question,document,quote\nWho?,d,Err:508\n", "with an apostrophe (') before it"),
        ("question,document,page\nWho?,d,2026-04-03\n", "has made a date of it"),
        ("question,document,page\nWho?,d,?\n", "leave the cell empty where it is not known"),
        ("question,document,impossible\nWho?,d,perhaps\n", "expected true or false (CSV: yes"),
        ("question,document\nWho?,d\n,e\n", "line 3: the question is empty; write it, or delete"),
        ("question,quote\nWho?,It is free.\n", "line 2: a quote or page without its document"),
        ("question,answers\nWho?,me\n", "line 2: names no document"),
        ("question,answers,impossible\nWho?,me,yes\n", "line 2: is marked impossible but holds"),
        ('question,document\nWho?,"d\n', "line 2: is not CSV"),
    ],
)
def test_what_cannot_be_used_is_told_with_its_line(
    tmp_path: Path, content: str, expected: str
) -> None:
    assert expected in refusal(tmp_path, content)


def test_all_lines_that_cannot_be_used_are_told_at_once(tmp_path: Path) -> None:
    told = refusal(tmp_path, "question,document,page\nWho?,d,?\nWhy?,d,\n,d,\n")
    first, second, third = told.splitlines()
    assert first.endswith("g.csv: 2 lines cannot be used:")
    assert "line 2: “page” is '?'" in second and "line 4: the question is empty" in third
    told = refusal(tmp_path, "question,document,page\n" + "Who?,d,?\n" * 15)
    assert told.count("“page” is '?'") == 10 and told.endswith("\n- and 5 other lines")


def test_a_workbook_under_another_name_is_told(tmp_path: Path) -> None:
    data = workbook(("question", "document"), ("Who?", "d"))
    assert "is a workbook, whatever its name says" in refusal(tmp_path, data, "g.csv")


def test_a_header_is_compared_by_its_words() -> None:
    header = spreadsheet_header("g", ["Question ID", "QUESTION", "doc", "Reviewed by", ""])
    assert header.names == ("id", "question", "document", "reviewed by", "")
    assert header.unused == {"reviewed by"}


@pytest.mark.parametrize(
    ("cell", "answers"),
    [
        ("a | b|c", ["a", "b|c"]),
        ("a |  | b", ["a", "", "b"]),
        ("a \\| b", ["a | b"]),
        ("a \\\\| b", ["a \\| b"]),
        ("", [""]),
    ],
)
def test_short_answers_are_parted_by_a_bar(cell: str, answers: list[str]) -> None:
    assert parted(cell) == answers
    assert parted(joined(answers)) == answers


# ---- suggestions

ACCEPTS = "accept,question,document,quote\n{},Who?,d,x\n{},Why?,d,y\n"


def test_only_what_a_person_accepted_is_gold(tmp_path: Path) -> None:
    gold = load(tmp_path, ACCEPTS.format("Yes", ""))
    assert [question.question for question in gold.questions] == ["Who?"]
    assert gold.notes == ("1 line not accepted and left out",)
    for nothing in ("", "no"):
        told = refusal(tmp_path, ACCEPTS.format(nothing, nothing))
        assert "none of its 2 suggestions was accepted" in told and "“accept”" in told
    assert "line 2: “accept” is 'maybe'" in refusal(tmp_path, ACCEPTS.format("maybe", "yes"))


def test_the_same_holds_for_jsonl(tmp_path: Path) -> None:
    lines = (
        '{"accept": "yes", "question": "Who?", "document": "d"}\n'
        '{"accept": "", "question": "Why?", "document": "d"}\n'
        '{"accept": true, "question": "How?", "document": "d"}\n'
    )
    gold = load(tmp_path, lines, "g.jsonl")
    assert [question.question for question in gold.questions] == ["Who?", "How?"]


# ---- workbooks


def test_the_first_sheet_of_a_workbook_is_read_as_a_csv_is(tmp_path: Path) -> None:
    data = workbook(
        ("Question", "File", "Quote", "Page", "Answer", "Impossible", None),
        (None,),
        ("Who pays?", "care.pdf", "“It’s free”, they say.", 4.0, "free", None),
        ("EXAMPLE: Who?", "d", None, None, None, None),
        ("Why?", None, None, None, None, True),
    )
    gold = load(tmp_path, data, "g.xlsx")
    assert gold.questions == RIGHT
    assert gold.where["q2", None] == f"{tmp_path / 'g.xlsx'}, row 5"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([("question", "documnt"), ("Who?", "d")], "row 1: found “documnt”; did you mean"),
        ([("question", "document"), ("Who?", "d"), (None, "d")], "row 3: the question is empty"),
        ([], "row 1: “question” is missing; found nothing".replace("row", "line")),
        ([("question", "document")], "holds no question"),
    ],
)
def test_a_workbook_is_refused_with_its_row(
    tmp_path: Path, rows: list[tuple[object, ...]], expected: str
) -> None:
    assert expected in refusal(tmp_path, workbook(*rows), "g.xlsx")


def test_a_page_that_became_a_date_is_told(tmp_path: Path) -> None:
    from datetime import datetime  # noqa: PLC0415

    data = workbook(("question", "document", "page"), ("Who?", "d", datetime(2026, 4, 3)))
    assert "row 2: “page” is '2026-04-03T00:00:00'" in refusal(tmp_path, data, "g.xlsx")


def test_a_formula_is_read_by_its_saved_result_alone(tmp_path: Path) -> None:
    data = workbook(("question", "document"), ('="Who"&"?"', "d"), ("Why?", "d"))
    assert "row 2: the question is empty" in refusal(tmp_path, data, "g.xlsx")


def test_the_sheet_that_holds_the_questions_is_found(tmp_path: Path) -> None:
    asked = [("question", "document"), ("Who?", "d")]
    gold = load(tmp_path, workbook(Notes=[("Read me", "first")], Mine=asked), "g.xlsx")
    assert [question.question for question in gold.questions] == ["Who?"]
    assert gold.notes == ()
    gold = load(tmp_path, workbook(Mine=asked, Yours=asked), "g.xlsx")
    assert gold.notes == (
        "the sheet “Yours” is not read, only “Mine”: put all questions into one sheet",
    )


@pytest.mark.parametrize(
    "last",
    [
        b'<row r="999999999999"><c r="A999999999999"><v>1</v></c></row>',
        b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
    ],
)
def test_a_sheet_without_end_is_refused_at_once(tmp_path: Path, last: bytes) -> None:
    path = "xl/worksheets/sheet1.xml"
    data = changed(
        workbook(("question", "document"), ("Who?", "d")),
        path,
        lambda part: part.replace(b"</sheetData>", last + b"</sheetData>"),
    )
    assert "goes on below row 100,000; delete the rows below" in refusal(tmp_path, data, "g.xlsx")


def test_what_stands_far_to_the_right_is_not_read(tmp_path: Path) -> None:
    far = (*["Who?", "d"], *[None] * 15_000, "x")
    gold = load(tmp_path, workbook(("question", "document"), far), "g.xlsx")
    assert [question.question for question in gold.questions] == ["Who?"]


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    out = BytesIO(workbook(("question", "document"), ("Who?", "d")))
    with ZipFile(out, "a") as archive:  # not packed: it is large, but no bomb
        archive.writestr("xl/media/image1.png", bytes(41_000_000))
    assert "unpacks to 41 MB; 40 are read" in refusal(tmp_path, out.getvalue(), "g.xlsx")


def changed(data: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """Change a part of a ZIP archive."""
    out = BytesIO()
    with ZipFile(BytesIO(data)) as before, ZipFile(out, "w", 8, compresslevel=1) as after:
        for each in before.namelist():
            part = before.read(each)
            after.writestr(each, change(part) if each == name else part)
    return out.getvalue()


def bomb() -> bytes:
    out = BytesIO()
    with ZipFile(out, "w", 8) as archive:
        archive.writestr("xl/workbook.xml", b" " * 30_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a workbook",
        b"PK\x03\x04broken",
        workbook(("question",))[:-40],
        bomb(),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
    ],
)
def test_a_broken_or_hostile_workbook_is_refused(tmp_path: Path, data: bytes) -> None:
    told = refusal(tmp_path, data, "g.xlsx")
    assert "cannot be read as a workbook" in told and "save it again as .xlsx" in told
