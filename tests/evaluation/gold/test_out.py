"""Gold written in every form, and read again as what it was."""

import json
from pathlib import Path

import openpyxl
import pytest
from evaluation.listed import ListQA, make_document
from hypothesis import given, settings
from hypothesis import strategies as st

from ctqa.errors import ConfigError, GoldError
from ctqa.evaluation.gold.convert import Converted, convert, form_of
from ctqa.evaluation.gold.load import Gold, GoldQuestion, Judgment, load_gold
from ctqa.evaluation.gold.out import WRITERS, as_csv, as_jsonl
from ctqa.evaluation.gold.template import COLUMNS, write_template
from ctqa.evaluation.gold.xlsx import MOST_CHARS, new_workbook

CARE = make_document(
    "care.pdf",
    "Care is free. It was “10 pounds” in 2010.\n",
    "Care is free.  The local\nauthority pays 10 pounds.",
)
NEWS = make_document("news.txt", "The council pays for all.")
PAYS = Judgment(document="care.pdf", quote="The local authority pays 10 pounds.")
QUESTIONS = (
    GoldQuestion(id="a", question="Who pays?", judgments=(PAYS,), answers=("local authority",)),
    GoldQuestion(id="b", question="What is free?", judgments=(Judgment(document="news.txt"),)),
    GoldQuestion(id="c", question="Why?", impossible=True, kind="k", half="tune"),
)
GOLD = Gold(name="g", questions=QUESTIONS)

NASTY = st.characters(blacklist_categories=["Cs"], blacklist_characters="\0")
text = st.text(NASTY, max_size=12).map(str.strip) | st.sampled_from(
    [
        "=1+1",
        "+44",
        "-5",
        "@x",
        "a | b",
        "a |",
        "| b",
        "\\|",
        "_x000D_",
        "a\r\nb",
        '"',
        "“a;b”",
        "12.0",
    ]
)
filled = text.filter(bool)
judgment = st.builds(
    Judgment,
    document=filled,
    quote=filled,
    page=st.none() | st.integers(1, 999),
    context=st.none() | filled,
) | st.builds(Judgment, document=filled, page=st.none() | st.integers(1, 999))
possible = st.builds(
    GoldQuestion,
    id=filled,
    question=filled,
    judgments=st.lists(judgment, min_size=1, max_size=3, unique=True).map(tuple),
    answers=st.lists(filled, max_size=3, unique=True).map(tuple),
    kind=text,
    half=text,
)
impossible = st.builds(
    GoldQuestion, id=filled, question=filled, impossible=st.just(True), kind=text, half=text
)
golds = st.lists(possible | impossible, min_size=1, max_size=4, unique_by=lambda q: q.id)


@pytest.mark.parametrize("form", sorted(WRITERS))
@given(questions=golds)
@settings(max_examples=60, deadline=None)
def test_what_is_written_is_read_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, form: str, questions: list[GoldQuestion]
) -> None:
    path = tmp_path_factory.mktemp("gold") / f"gold.{form}"
    path.write_bytes(WRITERS[form](questions))
    assert load_gold(path).questions == tuple(questions)


def test_half_a_character_goes_into_jsonl_and_back(tmp_path: Path) -> None:
    questions = (GoldQuestion(id="a", question="Who \ud800?", impossible=True),)
    (tmp_path / "g.jsonl").write_bytes(as_jsonl(questions))
    assert load_gold(tmp_path / "g.jsonl").questions == questions


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_a_spreadsheet_would_lose_is_refused(form: str) -> None:
    example = GoldQuestion(id="a", question="EXAMPLE: Who?", impossible=True)
    with pytest.raises(GoldError, match="begins with “EXAMPLE:”"):
        WRITERS[form]([example])


def test_a_cell_is_no_longer_than_a_workbook_holds() -> None:
    new_workbook(["quote"], [["x" * MOST_CHARS]])
    with pytest.raises(GoldError, match=r"32,768 characters, more than the 32,767"):
        new_workbook(["quote"], [["x" * (MOST_CHARS + 1)]])


def test_no_cell_of_a_workbook_is_a_formula(tmp_path: Path) -> None:
    question = GoldQuestion(id="=1", question="=1+1", judgments=(Judgment(document="=2"),))
    path = tmp_path / "g.xlsx"
    path.write_bytes(WRITERS["xlsx"]([question]))
    cells = [cell for row in openpyxl.load_workbook(path).worksheets[0] for cell in row]
    assert {cell.data_type for cell in cells if cell.value} == {"s"}
    assert not any(str(cell.value).startswith("=") for cell in cells)


def test_a_quote_known_by_its_offset_keeps_its_place() -> None:
    context = "The pay is low. The pay is high. The pay is due."
    judged = Judgment(document="d", quote="The pay", context=context, offset=16)
    question = GoldQuestion(id="a", question="What?", judgments=(judged,))
    (line,) = map(json.loads, as_jsonl([question]).decode().splitlines())
    assert line["context"].count("The pay") == 1
    assert line["context"] == "pay is low. The pay is high. The"


def test_judgments_of_what_does_not_answer_are_left_out_of_rows() -> None:
    wrong = Judgment(document="d", relevance=0)
    gold = Gold(name="g", questions=(GoldQuestion(id="a", question="?", judgments=(wrong, PAYS)),))
    assert b'"d"' not in as_jsonl(gold.questions)


# ---- other forms


def converted(folder: Path, name: str, gold: Gold = GOLD, **more: object) -> Converted:
    return convert(gold, folder / name, **more)  # type: ignore[arg-type]


def test_folders_keep_documents_and_say_what_they_leave_behind(tmp_path: Path) -> None:
    found = converted(tmp_path, "beir")
    assert (found.form, found.questions) == ("beir", 2)
    assert found.left_behind == (
        "1 quote",
        "1 short answer",
        "1 impossible question",
        "1 question's kind",
        "1 question's half",
    )
    kept = [(q.id, q.question, [j.document for j in q.judgments]) for q in QUESTIONS[:2]]
    for form in ("beir", "trec"):
        converted(tmp_path, form, form=form, force=True)
        read = load_gold(tmp_path / form).questions
        assert [(q.id, q.question, [j.document for j in q.judgments]) for q in read] == kept


def test_the_best_judgment_of_a_document_counts(tmp_path: Path) -> None:
    judgments = (Judgment(document="d", relevance=-1), Judgment(document="e", relevance=0))
    judgments += (Judgment(document="d", quote="x", relevance=2),)
    gold = Gold(name="g", questions=(GoldQuestion(id="a b", question="?", judgments=judgments),))
    converted(tmp_path, "x", gold, form="trec")
    assert (tmp_path / "x" / "qrels.txt").read_text() == "a%20b 0 d 2\na%20b 0 e 0\n"


def test_names_that_a_folder_cannot_hold_are_told(tmp_path: Path) -> None:
    gold = Gold(
        name="g",
        questions=(GoldQuestion(id="a", question="?", judgments=(Judgment(document="a b"),)),),
    )
    assert (
        "spaces in documents' names" in converted(tmp_path, "t", gold, form="trec").left_behind[0]
    )
    assert converted(tmp_path, "b", gold).left_behind == ()
    tabbed = Gold(
        name="g",
        questions=(GoldQuestion(id="a", question="?", judgments=(Judgment(document="a\tb"),)),),
    )
    with pytest.raises(GoldError, match="no name with a tab"):
        converted(tmp_path, "c", tabbed)
    with pytest.raises(GoldError, match="no question names a document"):
        converted(tmp_path, "d", Gold(name="g", questions=QUESTIONS[2:]))
    assert not (tmp_path / "d").exists()


def test_squad_takes_texts_from_the_index_with_exact_places(tmp_path: Path) -> None:
    found = converted(tmp_path, "g.json", documents=ListQA(held=[CARE, NEWS]))
    assert found.questions == 2
    assert found.left_behind == (
        "1 question whose text is not known (they were not found in the index)",
        "1 quote, of which the short answer within is kept",
    )
    form = json.loads((tmp_path / "g.json").read_text())
    assert form["version"] == "v2.0"
    first, nowhere = form["data"]
    (paragraph,) = first["paragraphs"]
    (entry,) = paragraph["qas"]
    (answer,) = entry["answers"]
    start = answer["answer_start"]
    assert paragraph["context"] == CARE.text
    assert paragraph["context"][start:].startswith(answer["text"]) and answer["text"] == (
        "local\nauthority"
    )
    assert (nowhere["paragraphs"][0]["qas"][0]["is_impossible"], entry["is_impossible"]) == (
        True,
        False,
    )
    read = load_gold(tmp_path / "g.json").questions
    assert [question.impossible for question in read] == [False, True]


def test_squad_goes_through_squad_unchanged(tmp_path: Path) -> None:
    context = "The Normans came in 911. Normans speak French."
    judgments = tuple(
        Judgment(document="N", quote=quote, context=context, offset=offset)
        for quote, offset in (("Normans", 25), ("The Normans", 0))
    )
    gold = Gold(
        name="g",
        questions=(
            GoldQuestion(id="1", question="Who?", judgments=judgments[:1], answers=("Normans",)),
            GoldQuestion(
                id="2", question="Who came?", judgments=judgments[1:], answers=("The Normans",)
            ),
        ),
    )
    assert converted(tmp_path, "g.json", gold).left_behind == ()
    assert load_gold(tmp_path / "g.json").questions == gold.questions
    assert json.loads((tmp_path / "g.json").read_text())["version"] == "1.1"


def test_squad_without_any_text_is_refused_with_the_mend(tmp_path: Path) -> None:
    with pytest.raises(GoldError, match="no text is known; name the index"):
        converted(tmp_path, "g.json", Gold(name="g", questions=QUESTIONS[:2]))


def test_a_second_document_of_a_question_is_left_behind_and_told(tmp_path: Path) -> None:
    judgments = (PAYS, Judgment(document="news.txt", quote="The council pays"))
    gold = Gold(name="g", questions=(GoldQuestion(id="a", question="?", judgments=judgments),))
    found = converted(tmp_path, "g.json", gold, documents=ListQA(held=[CARE, NEWS]))
    assert found.left_behind == ("1 place in a second document: this form has one for a question",)


def test_nothing_is_written_over_unless_forced(tmp_path: Path) -> None:
    for name in ("g.csv", "g.jsonl", "g.xlsx", "folder"):
        converted(tmp_path, name)
        before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
        with pytest.raises(GoldError, match="is there already; name another, or write over it"):
            converted(tmp_path, name)
        assert before == {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
        converted(tmp_path, name, force=True)
    assert not list(tmp_path.rglob(".*"))


def test_a_form_is_told_by_the_ending() -> None:
    names = ("a.jsonl", "a.CSV", "a.xlsx", "a.json", "a")
    assert [form_of(Path(name)) for name in names] == ["jsonl", "csv", "xlsx", "squad", "beir"]
    with pytest.raises(ConfigError, match=r"end it in \.jsonl, \.csv"):
        form_of(Path("a.docx"))


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be written"):
        converted(tmp_path / "file", "g.csv")


# ---- the template


@pytest.mark.parametrize("name", ["t.csv", "t.xlsx"])
def test_a_template_is_read_once_something_is_filled_in(tmp_path: Path, name: str) -> None:
    write_template(tmp_path / name)
    with pytest.raises(GoldError, match="only the template's examples"):
        load_gold(tmp_path / name)
    with pytest.raises(GoldError, match="is there already"):
        write_template(tmp_path / name)
    line = ["Who pays?", "care.pdf", "Care is free.", "1", "", "", "", ""]
    if name.endswith("csv"):
        with (tmp_path / name).open("a", encoding="utf-8") as file:
            file.write(",".join(line) + "\n")
    else:
        book = openpyxl.load_workbook(tmp_path / name)
        book.worksheets[0].append(line)
        book.save(tmp_path / name)
    (question,) = load_gold(tmp_path / name).questions
    assert question.judgments == (Judgment(document="care.pdf", quote="Care is free.", page=1),)


def test_a_workbook_template_explains_itself(tmp_path: Path) -> None:
    write_template(tmp_path / "t.xlsx")
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    sheet, guide = book.worksheets
    explained = [row[0].value for row in guide]
    assert set(COLUMNS) <= set(explained) and all(row[1].value for row in guide)
    assert tuple(cell.value for cell in sheet[1]) == COLUMNS
    assert sheet.freeze_panes == "A2"
    (offered,) = sheet.data_validations.dataValidation
    assert offered.formula1 == '"yes,no"'
    column = COLUMNS.index("impossible") + 1
    assert {(area.min_col, area.min_row) for area in offered.sqref.ranges} == {(column, 2)}
    assert sheet["A2"].alignment.wrap_text


def test_a_template_is_a_spreadsheet(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"end its name in \.xlsx or \.csv"):
        write_template(tmp_path / "t.jsonl")


def test_a_csv_begins_with_what_makes_excel_read_it_as_utf_8() -> None:
    assert as_csv(QUESTIONS).startswith(b"\xef\xbb\xbfid,question,")


def test_a_form_that_is_only_read_is_told() -> None:
    with pytest.raises(ConfigError, match=r"\.ods is only read, not written; end it in \.jsonl"):
        form_of(Path("g.ods"))
    with pytest.raises(ConfigError, match="its ending names no form; end it in"):
        form_of(Path("g.pdf"))
