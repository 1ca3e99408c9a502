"""Checking gold sets and suggesting questions, behind the page."""

import io
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event

import openpyxl
import pytest
from ui.workbenches import LINES, Bench, buttons, shown

from ctqa.errors import ConfigError, GoldError
from ctqa.evaluation import load_gold
from ctqa.ui import sheets, words
from ctqa.ui.errands import Errands
from ctqa.ui.markup import Html, joined
from ctqa.ui.render_care import findings
from ctqa.ui.workbench import Shown, View


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made = Bench(tmp_path_factory.mktemp("care"))
    yield made
    made.close()


def done(bench: Bench, begun: Shown | None) -> Shown:
    """Look as the page does until an errand is done."""
    assert begun is not None and begun.view.awaits
    looked, deadline = begun, time.monotonic() + 60
    while looked.is_running:
        assert time.monotonic() < deadline, "the errand does not end"
        time.sleep(0.01)
        looked = bench.work.look(looked.view)
    return bench.work.look(replace(looked.view, awaits=True))


def test_a_check_lists_what_is_to_mend_with_the_mend(bench: Bench) -> None:
    found = done(bench, bench.work.press({"do": "check-gold", "gold": bench.key()}, View()))
    assert found.told == words.ERRAND_DONE
    page = shown(found.errand)
    assert page.text("h3") == f"{words.CHECKED}documents/gold-wards.jsonl"
    text = page.texts("div")[0]
    assert "gone, gold-wards.jsonl, line 3" in text and f"{words.WHAT_TO_DO}: " in text
    assert str(bench.folder) not in text
    assert "1 thing to mend" in page.text(".status")
    closed = bench.work.press({"do": "close-errand"}, found.view)
    assert closed is not None and closed.errand == ""


def test_no_finding_tells_where_files_lie(bench: Bench) -> None:
    lines = [{**LINES[0], "id": half, "half": half} for half in ("tune", "test")]
    gold = bench.folder / "documents" / "gold-halves.jsonl"
    gold.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    (key,) = (each.key for each in bench.gold.offered() if "halves" in each.name)
    found = done(bench, bench.work.press({"do": "check-gold", "gold": key}, View()))
    gold.unlink()
    text = shown(found.errand).texts("div")[0]
    assert "Leak between halves" in text and "gold-halves.jsonl, line 1" in text
    assert str(bench.folder) not in text


def test_gold_without_fault_is_said_to_be_so() -> None:
    assert words.findings(0, 0) in shown(findings("g", []).markup).texts("p")


def test_many_findings_are_not_all_listed(bench: Bench) -> None:
    lines = [{**LINES[2], "id": str(n), "question": f"What about {n}?"} for n in range(130)]
    gold = bench.folder / "documents" / "gold-many.jsonl"
    gold.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    (key,) = (each.key for each in bench.gold.offered() if "many" in each.name)
    found = done(bench, bench.work.press({"do": "check-gold", "gold": key}, View()))
    gold.unlink()
    assert any(told.startswith("… and ") for told in shown(found.errand).texts("p"))


def test_gold_that_cannot_be_read_is_told(bench: Bench) -> None:
    gold = bench.folder / "documents" / "gold-bad.jsonl"
    gold.write_text('{"qestion": "?"}\n', encoding="utf-8")
    (key,) = (each.key for each in bench.gold.offered() if "bad" in each.name)
    found = done(bench, bench.work.press({"do": "check-gold", "gold": key}, View()))
    gold.unlink()
    assert "did you mean “question”?" in shown(found.errand).text(".problem")


def test_suggestions_are_a_sheet_whose_accepted_lines_are_gold(
    bench: Bench, tmp_path: Path
) -> None:
    found = done(bench, bench.work.press({"do": "suggest-gold"}, View()))
    (link,) = (node.attributes for node in shown(found.errand).nodes if node.tag == "a")
    token = str(link["href"]).split("/")[1]
    handed_out = bench.downloads.take(token)
    assert handed_out is not None and handed_out.name == sheets.SUGGESTIONS
    book = openpyxl.load_workbook(io.BytesIO(handed_out.content))
    sheet = book.worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    sheet.cell(2, heads.index("accept") + 1, "yes")
    accepted = tmp_path / "uploads" / "mine.xlsx"
    accepted.parent.mkdir()
    book.save(accepted)
    taken = bench.work.take(accepted, tmp_path / "uploads", View())
    assert "mine.xlsx" in shown(taken.sets).texts("bdi")
    (question,) = bench.gold.load(taken.view.mine[0]).questions
    assert question.question == sheet.cell(2, heads.index("question") + 1).value


def test_the_sheet_to_fill_in_is_a_workbook(tmp_path: Path) -> None:
    path = tmp_path / sheets.TEMPLATE
    path.write_bytes(sheets.template())
    assert "question" in [cell.value for cell in openpyxl.load_workbook(path).worksheets[0][1]]
    with pytest.raises(GoldError, match="template's examples"):
        load_gold(path)


def test_the_page_offers_the_sheet_and_suggestions(bench: Bench) -> None:
    page = shown(bench.work.open(View()).sets)
    assert [n.attributes["href"] for n in page.nodes if n.tag == "a"] == [sheets.TEMPLATE]
    assert len(buttons(page, "suggest-gold")) == 1


def test_one_errand_is_done_at_a_time(bench: Bench) -> None:
    go, errands = Event(), Errands()

    def wait() -> Html:
        go.wait(30)
        return joined("done")

    errands.begin("a", wait)
    assert errands.is_doing("a") and not errands.is_doing("") and errands.found("a") is None
    with pytest.raises(ConfigError, match="being looked over"):
        errands.begin("b", wait)
    go.set()
    errands.close()
    assert not errands.is_doing("a") and errands.found("a") == joined("done")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_failure_of_ctqa_itself_is_told(bench: Bench) -> None:
    errands = Errands()

    def fail() -> Html:
        raise RuntimeError

    errands.begin("a", fail)
    errands.close()
    found = errands.found("a")
    assert found is not None and words.RUN_FAILED in found.markup


@pytest.mark.parametrize("gold", ["", "sent-guess"])
def test_gold_that_is_not_offered_is_not_checked(bench: Bench, gold: str) -> None:
    found = bench.work.press({"do": "check-gold", "gold": gold}, View())
    assert found is not None and words.NO_SUCH_GOLD in str(found.told)
