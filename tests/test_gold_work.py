"""`ctqa gold`, through the front door and without any model."""

import json
from pathlib import Path

import pytest
from library import build, write_texts

from ctqa.cli import main
from ctqa.errors import GoldError
from ctqa.evaluation.gold.judged import cut
from ctqa.evaluation.gold.judgments import Judgments
from ctqa.evaluation.gold.load import load_gold
from ctqa.evaluation.gold.named import load_named
from ctqa.evaluation.gold.opened import opened_documents

Captured = pytest.CaptureFixture[str]
QUESTION = "Where are fishing licences sold?"
QUOTE = "Licences are sold at the post office."


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    build(write_texts(tmp_path / "documents"), tmp_path / "index")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(capsys: Captured, *arguments: str) -> tuple[int, str, str]:
    code = main(["gold", *arguments])
    return code, *capsys.readouterr()


def add(capsys: Captured, *more: str) -> tuple[int, str, str]:
    return run(capsys, "add", "g.csv", "--question", QUESTION, "--document", "lakes.txt", *more)


def test_a_question_is_added_checked_and_converted(built: Path, capsys: Captured) -> None:
    code, told, _ = add(capsys, "--quote", QUOTE, "--answer", "post office", "--half", "tune")
    assert (code, told) == (0, "1 question added to g.csv.\n")
    code, told, _ = run(capsys, "add", "g.csv", "--question", "Who swims?", "--impossible")
    assert code == 0
    code, told, _ = run(capsys, "check", "g.csv", "--quiet")
    assert (code, told) == (0, "2 questions: nothing to mend.\n")
    code, told, _ = run(capsys, "convert", "g.csv", "g.json", "--json")
    assert (code, json.loads(told)["left_behind"]) == (
        0,
        ["1 quote, of which the short answer within is kept"],
    )
    code, told, _ = run(capsys, "convert", "g.csv", "beir")
    assert code == 0 and "Left behind, since this form does not hold it:\n   - 1 quote\n" in told
    assert [q.question for q in load_gold(Path("beir")).questions] == [QUESTION]


def test_what_does_not_hold_is_refused(built: Path, capsys: Captured) -> None:
    code, told, said = add(capsys, "--quote", "Licences are sold at the old post office.")
    assert (code, told) == (2, "")
    assert "the closest there: “Licences are sold at the post office.”" in said
    assert not Path("g.csv").exists()
    add(capsys, "--quote", QUOTE)
    code, _, said = add(capsys, "--quote", QUOTE)
    assert code == 2 and "holds this question with this place already" in said


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--question", "Who?"),
        ("--question", "Who?", "--document", "lakes.txt"),
        ("--question", "Who?", "--quote", QUOTE),
        ("--question", "Who?", "--document", "lakes.txt", "--quote", QUOTE, "--impossible"),
        ("--question", "Who?", "--impossible", "--answer", "me"),
        ("--question", "Who?", "--from", "s.csv"),
    ],
)
def test_what_is_asked_for_must_be_whole(
    built: Path, capsys: Captured, arguments: tuple[str, ...]
) -> None:
    assert run(capsys, "add", "g.csv", *arguments)[0] == 2
    assert not Path("g.csv").exists()


def test_what_is_to_mend_ends_with_1_and_is_told_in_words_and_json(
    built: Path, capsys: Captured
) -> None:
    Path("g.csv").write_text(
        f"question,document,quote\n{QUESTION},lakes.txt,Licences are bought there.\n"
        + "".join(f"Number {n} of {n}?,lake.txt,x\n" for n in range(3))
        + "".join(f"What {n} {n}?,sub/trains.txt,Nothing {n} like it.\n" for n in range(11))
    )
    code, told, _ = run(capsys, "check", "g.csv", "--quiet")
    assert code == 1
    assert told.startswith("15 questions: 13 to mend, 0 to look at.\n\nDocument not in the index")
    assert "   g.csv, line 3 (q2): document “lake.txt” is not in the index (3 places" in told
    assert "   → did you mean “lakes.txt”?" in told
    assert told.endswith("   … and 2 more; --json lists all\n")
    code, told, _ = run(capsys, "check", "g.csv", "--json", "--quiet")
    form = json.loads(told)
    assert (code, form["questions"], len(form["findings"])) == (1, 15, 13)
    assert form["findings"][0]["where"] == "g.csv, line 3"


def test_without_an_index_all_else_is_checked(built: Path, capsys: Captured) -> None:
    Path("g.csv").write_text("question,document,quote\nWho?,d,x\n")
    code, told, said = run(capsys, "check", "g.csv", "--index", "nowhere")
    assert (code, "so quotes are not looked for" in said) == (0, True)
    assert "Whether quotes stand in the documents was not looked at." in told


def test_suggestions_are_accepted_and_added(built: Path, capsys: Captured) -> None:
    text = "A keyworker is defined as the member of staff whom a patient may always call.\n"
    write_texts(built / "documents", {"wards.txt": text})
    build(built / "documents", built / "index")
    code, told, _ = run(capsys, "suggest", "s.csv", "--quiet")
    assert code == 0
    assert "1 question suggested in s.csv:\n   What is a keyworker? (wards.txt, page 1)" in told
    assert "Nothing of it is gold yet." in told
    assert run(capsys, "add", "g.jsonl", "--from", "s.csv")[0] == 2
    content = Path("s.csv").read_text("utf-8-sig")
    Path("s.csv").write_text(content.replace("\n,", "\nyes,"))
    code, told, _ = run(capsys, "add", "g.jsonl", "--from", "s.csv")
    assert (code, told) == (0, "1 question added to g.jsonl.\n")
    code, told, _ = run(capsys, "add", "g.jsonl", "--from", "s.csv")
    assert (code, told.splitlines()[-1]) == (0, "1 question there already.")
    assert run(capsys, "suggest", "s.csv")[0] == 2
    assert run(capsys, "suggest", "t.csv", "--most", "0")[0] == 2


def test_documents_that_suggest_nothing_are_told(built: Path, capsys: Captured) -> None:
    build(write_texts(built / "plain", {"a.txt": "Nothing at all.\n"}), built / "plain-index")
    code, told, said = run(capsys, "suggest", "s.csv", "--index", "plain-index")
    assert (code, told, "write your own" in said) == (1, "", True)
    assert not Path("s.csv").exists()


def test_a_template_is_written(built: Path, capsys: Captured) -> None:
    code, told, _ = run(capsys, "template", "t.xlsx")
    assert code == 0 and "When it is filled in: ctqa gold check t.xlsx" in " ".join(told.split())
    assert run(capsys, "check", "t.xlsx")[0] == 2
    assert run(capsys, "template", "t.xlsx")[0] == 2
    assert run(capsys, "template", "t.xlsx", "--force")[0] == 0


def test_what_people_judged_is_gold_too(built: Path, capsys: Captured) -> None:
    assert run(capsys, "convert", "judgments", "j.jsonl")[0] == 2
    with opened_documents(built / "index") as documents:
        document = documents.document("lakes.txt")
    start = document.text.index(QUOTE)
    place = cut(document, start, start + len(QUOTE))
    Judgments(built / "index").add(QUESTION, "right", place, build=1)
    assert run(capsys, "convert", "judgments", "j.xlsx")[0] == 0
    (question,) = load_gold(Path("j.xlsx")).questions
    assert question.judgments[0].quote == QUOTE
    assert run(capsys, "check", "judgments")[0] == 0
    assert load_named(Path("judgments"), built / "index").questions == (question,)
    Path("judgments").mkdir()
    with pytest.raises(GoldError, match="found nothing"):
        load_named(Path("judgments"), built / "index")
