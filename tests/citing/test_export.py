"""`ctqa export --cite`, and newer editions, through the front door."""

import io
import json
from pathlib import Path

import pytest
import rispy
from encoders import WordEncoder
from library import LAKES, TRAINS, build, open_qa, write_texts
from ui.outline import outline
from ui.replies import answer, passage, reply, source

from ctqa import show
from ctqa.answering.form import answer_form
from ctqa.cli import main
from ctqa.config import SearchConfig
from ctqa.ui import render

CSV = (
    "path,title,author,publication,year,url\n"
    "lakes.txt,Lakes of the north 2019,Robin Miller,,2019,https://example.org/lakes\n"
    "newer.txt,Lakes of the north 2021,Robin Miller,,2021,\n"
    "sub/trains.txt,,,,,\n"
)


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    texts = {"lakes.txt": LAKES, "newer.txt": "Newer lakes.", "sub/trains.txt": TRAINS}
    documents = write_texts(tmp_path / "documents", texts)
    (documents / "sources.csv").write_text(CSV, encoding="utf-8")
    build(documents, tmp_path / "index", WordEncoder())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["export", *arguments]) == 0
    return capsys.readouterr().out


def replies(built: Path) -> str:
    """Print replies as `ctqa ask --json` does."""
    qa = open_qa(built / "index", config=SearchConfig(rerank=0, min_score=0))
    try:
        found = [
            qa.ask("Where are licences sold?", id="1"),
            qa.ask("When does the night train leave?"),
        ]
    finally:
        qa.close()
    forms = [
        {"id": reply.id, "answers": [answer_form(answer) for answer in reply.answers[:1]]}
        for reply in found
    ]
    return "".join(f"{json.dumps(form, ensure_ascii=False)}\n" for form in forms)


def test_all_documents_are_cited_or_those_that_are_named(
    built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    all_of_them = said(capsys, "--cite", "harvard")
    assert all_of_them.splitlines() == [
        "Miller, R. (2019) Lakes of the north 2019. Available at: https://example.org/lakes.",
        "Miller, R. (2021) Lakes of the north 2021.",
        "Trains (n.d.).",
    ]
    one = said(capsys, "--cite", "vancouver", "--document", "sub/trains.txt")
    assert one == "1. Trains. [date unknown].\n"
    assert main(["export", "--cite", "ris", "--document", "none.txt"]) == 2
    assert "no document 'none.txt'" in capsys.readouterr().err


def test_ris_keeps_its_line_ends(built: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["export", "--cite", "ris"]) == 0
    written = capfdbinary.readouterr().out
    assert written.count(b"\n") == written.count(b"\r\n") > 0
    assert len(rispy.loads(written.decode())) == 3


def test_json_is_a_line_a_document(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [json.loads(line) for line in said(capsys, "--cite", "ris", "--json").splitlines()]
    assert [line["id"] for line in lines] == ["lakes.txt", "newer.txt", "sub/trains.txt"]
    assert lines[0]["in_text"] == "(Miller, 2019)"
    assert lines[0]["citation"].startswith("TY  - GEN\r\nAU  - Miller, Robin\r\n")


def test_answers_are_cited_with_their_page(
    built: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = replies(built)
    (built / "replies.jsonl").write_text(f"\n{text}", encoding="utf-8")
    cited = said(capsys, "--cite", "harvard", "replies.jsonl")
    assert cited.splitlines() == [
        "Miller, R. (2019) Lakes of the north 2019, p. 1. Available at: https://example.org/lakes.",
        "Trains (n.d.), p. 1.",
    ]
    monkeypatch.setattr("sys.stdin", io.StringIO(text + text))
    assert said(capsys, "--cite", "harvard", "-") == cited
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    rows = [json.loads(row) for row in said(capsys, "--cite", "bibtex", "-", "--json").splitlines()]
    assert [(row["reply"], row["id"], row["page"]) for row in rows] == [
        *[("1", "lakes.txt", "1"), (None, "sub/trains.txt", "1")],
    ]
    assert rows[0]["text"] == "Licences are sold at the post office."
    one = said(capsys, "--cite", "harvard", "replies.jsonl", "--document", "sub/trains.txt")
    assert one == "Trains (n.d.), p. 1.\n"


def test_the_printed_page_goes_before_the_physical_one(
    built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    form = json.loads(replies(built).splitlines()[0])
    form["answers"][0] |= {"page": 7, "page_label": "iii", "text": "a\u2028b\x85c"}
    (built / "r.jsonl").write_text(json.dumps(form, ensure_ascii=False), encoding="utf-8")
    assert ", p. iii. " in said(capsys, "--cite", "harvard", "r.jsonl")
    form["answers"][0] |= {"page_label": ""}
    (built / "r.jsonl").write_text(json.dumps(form), encoding="utf-8")
    assert ", p. 7. " in said(capsys, "--cite", "harvard", "r.jsonl")


@pytest.mark.parametrize(
    "line",
    [
        "no JSON",
        "[1]",
        '{"passages": []}',
        '{"answers": [{}]}',
        '{"answers": [{"document": {"id": 1}}]}',
    ],
)
def test_what_is_no_reply_is_refused(
    built: Path, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    (built / "r.jsonl").write_text(f'{{"answers": []}}\n{line}\n', encoding="utf-8")
    assert main(["export", "--cite", "harvard", "r.jsonl"]) == 2
    assert "line 2 of the replies" in capsys.readouterr().err
    assert main(["export", "--cite", "harvard", "none.jsonl"]) == 2


def test_replies_without_an_answer_cite_nothing(
    built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (built / "r.jsonl").write_text('{"answers": []}\n', encoding="utf-8")
    assert main(["export", "--cite", "harvard", "r.jsonl"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "nothing to cite" in err


def test_an_answer_tells_of_a_newer_edition(built: Path) -> None:
    qa = open_qa(built / "index", config=SearchConfig(rerank=0, min_score=0))
    try:
        old = qa.ask("Where are licences sold?", documents=["lakes.txt"]).answers[0]
        new = qa.ask("Newer lakes", documents=["newer.txt"]).answers[0]
    finally:
        qa.close()
    assert old.newer is not None
    assert (old.newer.id, new.newer) == ("newer.txt", None)
    assert answer_form(old)["newer_edition"]["title"] == "Lakes of the north 2021"
    assert answer_form(new)["newer_edition"] is None


def test_a_newer_edition_is_shown_and_harms_nothing() -> None:
    newest = source(id="d2", title="<b>Care\x1b 2</b>", year="2023", path="/docs/d2.pdf")
    told = answer(passage("One."), 0, 4, newer=newest)
    line = "a newer edition is in your sources: <b>Care 2</b> (2023), d2"
    assert line in show.reply(reply([told]))
    assert "newer edition" not in show.reply(reply([answer(passage("One."), 0, 4)]))
    page = outline(render.reply(reply([told])).markup)
    (note,) = [node for node in page.nodes if node.attributes.get("class") == "newer"]
    assert note.text.startswith("A newer edition is in your sources: 2023, <b>Care")
