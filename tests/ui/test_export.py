"""Taking a conversation away: links to files that hold it, and receipts that verify."""

import json
import re
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import pytest
from ui.outline import outline
from ui.serving import HOSTILE, HOSTILE_SENTENCE, NOWHERE, NURSE, VISIT, VISIT_ANSWER, open_qa

from ctqa.citing import STYLES
from ctqa.cli import main
from ctqa.index.receipts import verify_receipts
from ctqa.ui import words
from ctqa.ui.downloads import Download, Downloads
from ctqa.ui.export import KINDS, clear, export
from ctqa.ui.history import Turn

NOW = "2026-05-02T08:00:00+00:00"


@pytest.fixture(scope="module")
def history(index: Path) -> list[dict[str, Any]]:
    with closing(open_qa(index)) as qa:
        questions = (VISIT, NURSE, HOSTILE, NOWHERE)
        return [Turn.of(qa.ask(each), None, NOW).to_json() for each in questions]


def files(history: Any, kind: Any, style: Any, folder: Path) -> list[Download]:
    """Fetch what is linked to, in its order."""
    downloads = Downloads()
    found = outline(
        f"<div>{export(history, kind, style, downloads, folder=folder, now=NOW).markup}</div>"
    )
    taken = []
    for node in found.nodes:
        if node.tag == "a":
            token = str(node.attributes["href"]).split("/")[1]
            download = downloads.take(token)
            assert download is not None
            assert node.text == node.attributes["download"] == download.name
            taken.append(download)
    return taken


def told(history: Any, kind: Any, style: Any, folder: Path) -> str:
    return outline(export(history, kind, style, Downloads(), folder=folder, now=NOW).markup).text(
        "p"
    )


def test_the_pack_comes_with_receipts_that_all_verify(
    index: Path, history: list[dict[str, Any]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pack, receipts = files(history, "markdown", "harvard", index)
    found = verify_receipts(index, receipts.content.decode())
    assert [each.verdict for each in found] == ["verified"] * 3
    text = pack.content.decode()
    assert f"> {VISIT_ANSWER}\n" in text
    assert "All 3 answers were checked" in text
    for receipt in json.loads(receipts.content):
        assert f"Receipt {receipt['seal'][:12]}" in text
    file = tmp_path / receipts.name
    file.write_bytes(receipts.content)
    assert f"ctqa verify {receipts.name}" in text
    assert main(["verify", str(file), "--index", str(index)]) == 0
    assert capsys.readouterr().out.count("verified: ") == 3


def test_one_changed_character_is_found_by_whoever_checks(
    index: Path, history: list[dict[str, Any]]
) -> None:
    (receipts,) = files(history, "receipts", "harvard", index)
    forged = receipts.content.decode().replace("two and four", "two and five")
    assert [each.verdict for each in verify_receipts(index, forged)].count("false") == 1


def test_the_word_document_quotes_what_the_documents_say(
    index: Path, history: list[dict[str, Any]]
) -> None:
    pack, receipts = files(history, "docx", "vancouver", index)
    assert (pack.name, receipts.name) == (
        "ctqa-answers-2026-05-02.docx",
        "ctqa-receipts-2026-05-02.json",
    )
    made = docx.Document(BytesIO(pack.content))
    quotes = [each.text for each in made.paragraphs if str(each.style.name) == "Quote"]
    assert quotes[0] == VISIT_ANSWER
    assert quotes[2] == HOSTILE_SENTENCE


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_had_in_every_style(
    index: Path, history: list[dict[str, Any]], kind: str, style: str
) -> None:
    found = files(history, kind, style, index)
    assert len(found) == (1 if kind == "receipts" else 2)
    assert all(each.content for each in found)


def test_without_an_index_the_pack_says_that_nothing_was_checked(
    history: list[dict[str, Any]], tmp_path: Path
) -> None:
    pack, _ = files(history, "markdown", "harvard", tmp_path / "none")
    assert re.search(
        "could not be checked against the index when this was made: .*none", pack.content.decode()
    )


def test_what_a_browser_makes_up_is_answered_kindly(
    index: Path, history: list[dict[str, Any]]
) -> None:
    for made_up in (None, "x", [], [1], {"a": 1}):
        assert told(made_up, "markdown", "harvard", index) == words.NOTHING_TO_EXPORT
    for kind, style in (
        ("exe", "harvard"),
        ([], "harvard"),
        ("docx", "<b>"),
        ("docx", {}),
        (None, None),
    ):
        assert told(history, kind, style, index) == words.NO_SUCH_EXPORT


def test_a_conversation_without_answers_has_no_receipts(
    index: Path, history: list[dict[str, Any]]
) -> None:
    assert told(history[3:], "receipts", "harvard", index) == words.NO_RECEIPTS
    (pack,) = files(history[3:], "markdown", "harvard", index)
    assert words.unread_matters(1) in pack.content.decode()


def test_all_can_be_forgotten() -> None:
    left, said = clear()
    assert left == []
    assert outline(said.markup).text("p") == words.FORGOTTEN
