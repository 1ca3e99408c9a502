"""Questions are added to a gold file only if they hold, and nothing else in it changes."""

import re
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest
from evaluation.listed import ListQA, make_document

from ctqa.errors import ConfigError, GoldError
from ctqa.evaluation.gold.add import Added, add
from ctqa.evaluation.gold.load import GoldQuestion, Judgment, load_gold
from ctqa.evaluation.gold.template import write_template

CARE = make_document(
    "docs/care.pdf",
    "Care is free. It was “10 pounds” in 2010.\n",
    "The local authority\npays for care. It was 10 pounds in 2011.\n",
)
NEWS = make_document("docs/news.txt", "The council pays for all. Milburn resigned in June.")
DOCUMENTS = ListQA(held=[CARE, NEWS])
FORMS = ("g.jsonl", "g.csv", "g.xlsx")


def ask(
    question: str = "Who pays?",
    quote: str | None = "The local authority pays for care.",
    document: str = "care.pdf",
    page: int | None = None,
    **more: object,
) -> GoldQuestion:
    place = Judgment(document=document, quote=quote, page=page)
    return GoldQuestion(id="", question=question, judgments=(place,), **more)  # type: ignore[arg-type]


IMPOSSIBLE = GoldQuestion(id="", question="Who pays for opera?", impossible=True)


def put(path: Path, *questions: GoldQuestion) -> Added:
    return add(path, questions, DOCUMENTS)


def why(path: Path, question: GoldQuestion) -> str:
    before = path.read_bytes() if path.exists() else None
    found = put(path, question)
    assert not found.added and len(found.refused) == 1
    assert (path.read_bytes() if path.exists() else None) == before
    return found.refused[0].why


@pytest.mark.parametrize("name", FORMS)
def test_a_file_is_begun_and_goes_on(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    first = ask(answers=("local authority", "authority"), half="tune", kind="k")
    assert put(path, first, IMPOSSIBLE).added == ("q1", "q2")
    assert put(path, ask("When did Milburn go?", "resigned in June", "news.txt")).added == ("q3",)
    pays, opera, milburn = load_gold(path).questions
    assert pays == GoldQuestion(
        id="q1",
        question="Who pays?",
        judgments=(
            Judgment(document="docs/care.pdf", quote="The local authority pays for care.", page=2),
        ),
        answers=("local authority", "authority"),
        half="tune",
        kind="k",
    )
    assert opera.impossible
    assert milburn.judgments == (Judgment(document="docs/news.txt", quote="resigned in June"),)


def test_the_documents_own_typography_is_written(tmp_path: Path) -> None:
    put(tmp_path / "g.csv", ask(quote='It was "10 pounds" in 2010.'))
    (question,) = load_gold(tmp_path / "g.csv").questions
    assert question.judgments[0].quote == "It was “10 pounds” in 2010."


@pytest.mark.parametrize("name", FORMS)
def test_a_second_place_comes_under_the_same_id(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    put(path, ask(), ask("who  PAYS", "The council pays", "news.txt", answers=("council",)))
    (question,) = load_gold(path).questions
    assert [place.document for place in question.judgments] == ["docs/care.pdf", "docs/news.txt"]
    assert (question.question, question.answers) == ("Who pays?", ("council",))


@pytest.mark.parametrize(
    ("question", "told"),
    [
        (
            ask(quote="The local authority pays for cure."),
            "the closest there on page 2: “The local",
        ),
        (ask(quote="The council pays for all."), "it stands word for word in “docs/news.txt”"),
        (ask(document="car.pdf"), "did you mean “care.pdf”?"),
        (ask(page=1), "the quote is not on page 1; it stands on page 2: write page 2"),
        (ask(answers=("the council",)), "“the council” does not stand in its quote"),
        (ask(" "), "the question is empty"),
    ],
)
def test_what_does_not_hold_is_refused_with_the_mend(
    tmp_path: Path, question: GoldQuestion, told: str
) -> None:
    assert told in why(tmp_path / "g.csv", question)


def test_contradictions_and_repeats_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "g.jsonl"
    put(path, ask(half="tune"), IMPOSSIBLE)
    no = GoldQuestion(id="", question="who pays", impossible=True)
    assert "it is answered in the file ('q1'), and impossible here" in why(path, no)
    assert "is impossible in the file" in why(path, ask("Who pays for opera?"))
    assert "its half is 'tune' in the file" in why(
        path, ask(quote="The council pays", document="news.txt", half="test")
    )
    for again in (ask(), IMPOSSIBLE):
        assert put(path, again).already == (again.question,)
    assert len(load_gold(path).questions) == 2


def test_several_places_are_let_pass_with_a_note(tmp_path: Path) -> None:
    found = put(tmp_path / "g.jsonl", ask("How much?", "10 pounds"))
    assert found.added == ("q1",)
    assert "stands in 2 places" in found.notes[0]


def test_what_holds_is_added_though_another_does_not(tmp_path: Path) -> None:
    found = put(tmp_path / "g.csv", ask(), ask("What?", "Nothing like it is here."), IMPOSSIBLE)
    assert (found.added, len(found.refused)) == (("q1", "q2"), 1)


# ---- all else stays as it is


@pytest.mark.parametrize(
    ("name", "before", "end"),
    [
        ("g.jsonl", b'{"question":"A?",  "document":"news.txt"}', b"\n"),
        ("g.jsonl", b'\xef\xbb\xbf{"question":"A?",  "document":"news.txt"}\n\n', b""),
        ("g.csv", b"document;note;question;quote\r\nnews.txt;x;A?;\r\n", b""),
        ("g.csv", b"\xef\xbb\xbfsep=;\r\nquestion;document;quote\r\nA?;news.txt", b"\r\n"),
        ("g.tsv", "question\tdocument\tquote\nCaf\xe9?\tnews.txt\n".encode("cp1252"), b""),
        ("g.csv", '\ufeffquestion,quote,file\n"A\n?",,news.txt\n'.encode("utf-16-le"), b""),
    ],
)
def test_the_bytes_before_stay_as_they_are(
    tmp_path: Path, name: str, before: bytes, end: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(before)
    assert len(put(path, ask("What is free?", "Care is free.", "care.pdf")).added) == 1
    after = path.read_bytes()
    if b"page" not in after and b"p\0a\0g\0e" not in after:
        assert after.startswith(before + end)
    questions = load_gold(path).questions
    assert len(questions) == 2
    assert questions[1].judgments[0].quote == "Care is free."


def test_a_column_that_lacks_is_added_to_the_header_alone(tmp_path: Path) -> None:
    path = tmp_path / "g.csv"
    path.write_bytes(b'sep=;\r\n;;\r\nQuestion;File\r\n"A;?";news.txt\r\nB?;news.txt')
    put(path, ask(), IMPOSSIBLE)
    assert path.read_bytes() == (
        b'sep=;\r\n;;\r\nQuestion;File;quote;page;impossible\r\n"A;?";news.txt\r\nB?;news.txt\r\n'
        b"Who pays?;docs/care.pdf;The local authority pays for care.;2;\r\n"
        b"Who pays for opera?;;;;yes\r\n"
    )
    assert len(load_gold(path).questions) == 4


def test_a_character_that_the_file_cannot_hold_is_told(tmp_path: Path) -> None:
    path = tmp_path / "g.csv"
    path.write_bytes("question,document\nCaf\xe9?,news.txt\n".encode("cp1252"))
    with pytest.raises(GoldError, match="save the file as UTF-8 first"):
        put(path, GoldQuestion(id="", question="Who pays for Łódź?", impossible=True))


def test_what_people_add_at_the_same_time_is_all_kept(tmp_path: Path) -> None:
    path = tmp_path / "g.csv"
    asked = [
        GoldQuestion(id="", question=f"Who pays for opera {number}?", impossible=True)
        for number in range(8)
    ]
    with ThreadPoolExecutor(8) as people:
        list(people.map(lambda question: put(path, question), asked))
    assert {one.question for one in load_gold(path).questions} == {one.question for one in asked}
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_in_no_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="name a file in a folder that is there"):
        put(tmp_path / "none" / "g.csv", IMPOSSIBLE)


def test_questions_are_added_to_the_sheet_that_holds_some(tmp_path: Path) -> None:
    path = tmp_path / "g.xlsx"
    book = openpyxl.Workbook()
    book.active.append(("Read me", "first"))
    sheet = book.create_sheet("Mine")
    for cells in (("question", "impossible"), (), ("Who swims?", "yes")):
        sheet.append(cells)
    book.save(path)
    assert put(path, IMPOSSIBLE).added == ("q2",)
    assert [one.question for one in load_gold(path).questions] == [
        "Who swims?",
        "Who pays for opera?",
    ]


@pytest.mark.parametrize(
    ("what", "becomes"),
    [
        (r"</sheetData>", r'</sheetData><mergeCells><mergeCell ref="A2:A3"/></mergeCells>'),
        (r'<c r="C2".*?</c>', r'<c r="C2" t="str"><f>A1</f><v>yes</v></c>'),
    ],
)
def test_a_workbook_that_would_lose_something_is_left_as_it_is(
    tmp_path: Path, what: str, becomes: str
) -> None:
    path = tmp_path / "g.xlsx"
    book = openpyxl.Workbook()
    for cells in (("question", "document", "half"), ("Who?", "d", "yes"), ("Why?", "d", "no")):
        book.active.append(cells)
    book.save(path)
    change_sheet(path, what, becomes)
    before = path.read_bytes()
    with pytest.raises(GoldError, match=r"row [23]: what a formula shows there, or merged cells"):
        put(path, IMPOSSIBLE)
    assert path.read_bytes() == before and len(load_gold(path).questions) == 2


def change_sheet(path: Path, what: str, becomes: str) -> None:
    """Change a workbook's first sheet as no library writes it, but programs do."""
    out = BytesIO()
    with ZipFile(path) as before, ZipFile(out, "w") as after:
        for name in before.namelist():
            data = before.read(name)
            if name == "xl/worksheets/sheet1.xml":
                text, times = re.subn(what, becomes, data.decode())
                assert times == 1
                data = text.encode()
            after.writestr(name, data)
    path.write_bytes(out.getvalue())


def test_a_workbook_keeps_its_other_sheets_and_looks(tmp_path: Path) -> None:
    path = tmp_path / "g.xlsx"
    write_template(path)
    assert put(path, ask(), IMPOSSIBLE).added == ("q1", "q2")
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    assert book.sheetnames == ["Questions", "How to fill this in"]
    assert (sheet.freeze_panes, len(sheet.data_validations.dataValidation)) == ("A2", 1)
    assert [sheet.cell(row=row, column=1).value for row in (3, 4, 5)] == [
        "EXAMPLE: Who pays for parking at the hospital?",
        "Who pays?",
        "Who pays for opera?",
    ]
    assert [question.question for question in load_gold(path).questions] == [
        "Who pays?",
        "Who pays for opera?",
    ]


@pytest.mark.parametrize(
    ("ids", "next_id"),
    [(["q007", "q009"], "q010"), (["7"], "8"), (["a"], "a-1"), (["x1", "x2b"], "x2b-1")],
)
def test_ids_go_on_as_they_are(tmp_path: Path, ids: list[str], next_id: str) -> None:
    path = tmp_path / "g.csv"
    lines = "".join(f"{id},Question {id}?,news.txt\n" for id in ids)
    path.write_text(f"id,question,document\n{lines}")
    assert put(path, IMPOSSIBLE).added == (next_id,)


def test_suggestions_and_other_forms_are_not_added_to(tmp_path: Path) -> None:
    for name, content in (
        ("s.csv", "accept,question,document\nyes,A?,news.txt\n"),
        ("s.jsonl", '{"accept": "yes", "question": "A?", "document": "news.txt"}\n'),
    ):
        (tmp_path / name).write_text(content)
        with pytest.raises(GoldError, match="holds suggestions, not gold"):
            put(tmp_path / name, ask())
    with pytest.raises(GoldError, match="`ctqa gold convert`"):
        put(tmp_path / "g.json", ask())
