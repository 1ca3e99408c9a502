"""The evaluation tab without Gradio: choosing gold, running, stopping, and what is shown."""

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from threading import Event
from typing import Any

import gradio as gr
import pytest
from ui.outline import outline
from ui.serving import CONFIG, HOSTILE, NOWHERE, NURSE, NURSE_ANSWER, VISIT
from ui.workbenches import LINES, Bench, buttons, ended, shown

from ctqa.errors import ConfigError, GoldError
from ctqa.evaluation import Gold, GoldQuestion
from ctqa.evaluation.failing import most_to_be_won
from ctqa.evaluation.gold.judged import cut
from ctqa.evaluation.html_report.head import in_short
from ctqa.evaluation.naming import NAMES, STAGE_NAMES
from ctqa.text import digest
from ctqa.ui import words
from ctqa.ui.gold_sets import MAX_BYTES
from ctqa.ui.keeping import kept_in_browser
from ctqa.ui.render_evaluation import RESULT_PLACE
from ctqa.ui.render_failing import questions
from ctqa.ui.tab_evaluate import add_evaluate
from ctqa.ui.workbench import Shown, View


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Bench, Shown]]:
    bench = Bench(tmp_path_factory.mktemp("ran"))
    yield bench, bench.run()
    bench.close()


@pytest.fixture
def still(ran: tuple[Bench, Shown]) -> Bench:
    """Give a bench of which a test changes nothing."""
    return ran[0]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.close()


# ---- which gold there is


def test_gold_beside_the_documents_and_judgments_are_offered(bench: Bench) -> None:
    assert [each.name for each in bench.gold.offered()] == ["documents/gold-wards.jsonl"]
    with bench.serving.lend() as qa:
        document = qa.document("discharge.txt")
    start = document.text.index(NURSE_ANSWER)
    place = cut(document, start, start + len(NURSE_ANSWER))
    bench.judgments.add(NURSE, "right", place, build=1)
    first, _ = bench.gold.offered()
    assert (first.key, first.name, first.notes) == ("judgments", words.JUDGED_GOLD, "1 question.")
    assert bench.gold.load("judgments").questions[0].question == NURSE
    offered = shown(bench.work.open(View()).sets)
    for do in ("evaluate", "check-gold"):
        assert [each["data-gold"] for each in buttons(offered, do)] == [
            each.key for each in bench.gold.offered()
        ]


def test_where_there_is_no_gold_the_page_says_what_to_do(bench: Bench) -> None:
    (bench.folder / "documents" / "gold-wards.jsonl").unlink()
    assert words.NO_GOLD in shown(bench.work.open(View()).sets).texts("p")


def test_a_file_that_was_sent_is_offered_to_its_sender_only(still: Bench, tmp_path: Path) -> None:
    uploads = tmp_path / "uploads"
    uploads.mkdir()
    sent = uploads / "mine.csv"
    sent.write_text(f'question;document;quote\n"{VISIT}";wards.txt;flowers\n', encoding="utf-8-sig")
    taken = still.work.take(sent, uploads, View())
    (key,) = taken.view.mine
    assert "mine.csv" in shown(taken.sets).texts("bdi")
    assert "mine.csv" not in shown(still.work.open(View()).sets).texts("bdi")
    sent.unlink()
    assert still.gold.load(key).questions[0].question == VISIT
    assert still.gold.load(key).name == "mine.csv"
    anew = still.work.with_kept(View(), [key, "sent-gone", 7, {}])  # as a browser kept it
    assert anew.mine == (key,)
    assert "mine.csv" in shown(still.work.open(anew).sets).texts("bdi")
    for odd in (None, key, {key: key}, 7):
        assert still.work.with_kept(View(), odd).mine == ()


def test_a_file_beside_the_documents_says_how_many_questions_it_has(bench: Bench) -> None:
    (only,) = bench.gold.offered()
    assert only.notes == "5 questions."
    path = bench.folder / "documents" / "gold-wards.jsonl"
    path.write_text(json.dumps(LINES[0]) + "\n", encoding="utf-8")
    assert [each.notes for each in bench.gold.offered()] == ["1 question."]
    path.write_text("no gold\n", encoding="utf-8")
    assert [each.notes for each in bench.gold.offered()] == [words.NO_GOLD_IN_IT]


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.jsonl", b"", "holds no question"),
        ("a.jsonl", b"[" * 200_000, "is not JSON"),
        ("a.json", b"[" * 200_000, "JSON"),
        ("a.csv", b"PK\x03\x04\x81", "is a workbook"),
        ("a.exe", b"MZ", "is in no known form"),
        ("a.csv", b"question\n" + b"x" * MAX_BYTES, "larger than 20 MB"),
        ("<i>.jsonl", b"{}\n", "<i>.jsonl, line 1"),
    ],
)
def test_a_file_that_is_no_gold_is_refused_without_a_path(
    still: Bench, tmp_path: Path, name: str, content: bytes, why: str
) -> None:
    (tmp_path / "uploads").mkdir()
    sent = tmp_path / "uploads" / name
    sent.write_bytes(content)
    with pytest.raises(GoldError) as raised:
        still.gold.take(sent, tmp_path / "uploads")
    assert why in str(raised.value)
    assert str(tmp_path) not in str(raised.value)
    told = shown(still.work.take(sent, tmp_path / "uploads", View()).told).text(".problem")
    assert told.startswith("This could not be done: ")


def test_a_file_that_lies_elsewhere_is_not_read(still: Bench, tmp_path: Path) -> None:
    (tmp_path / "uploads").mkdir()
    elsewhere = still.folder / "documents" / "gold-wards.jsonl"
    link = tmp_path / "uploads" / "link.jsonl"
    link.symlink_to(elsewhere)
    for path in (elsewhere, link, tmp_path / "uploads", tmp_path / "uploads" / "gone.jsonl"):
        with pytest.raises(ConfigError, match="no file arrived"):
            still.gold.take(path, tmp_path / "uploads")
    assert words.NO_GOLD_ARRIVED in str(still.work.take(None, tmp_path, View()).told)


# ---- running


def test_an_evaluation_runs_behind_the_page_and_is_kept(ran: tuple[Bench, Shown]) -> None:
    bench, last = ran
    state = bench.evaluations.state
    assert state.last is not None and state.last.how == "kept" and state.ended == 1
    assert last.told is not None and last.told.startswith(
        "documents/gold-wards.jsonl was evaluated"
    )
    assert last.view.shown == state.last.result
    found = bench.evaluations.results.open(last.view.shown)
    assert (found.summary.build, found.summary.counts.questions) == (1, 5)
    assert [row.failed_at for row in found.rows] == [
        "",
        *("lost in fusion", "gold without a place", "", "should have abstained"),
    ]
    assert found.rows[0].answer_at == found.rows[0].expected_at
    assert found.summary.config["passages"] == CONFIG.passages


def test_one_evaluation_runs_at_a_time(bench: Bench) -> None:
    go = Event()

    def load() -> Gold:
        go.wait(30)
        return Gold(name="g", questions=(GoldQuestion(id="1", question=VISIT, impossible=True),))

    bench.evaluations.start("g", load)
    begun = bench.work.open(View())
    assert begun.is_running and "g: beginning" in shown(begun.progress).texts("p")
    runs = buttons(shown(begun.sets), "evaluate")
    assert runs and all("disabled" in each for each in runs)
    second = bench.work.press({"do": "evaluate", "gold": bench.key()}, View())
    assert second is not None and words.RUN_IN_PROGRESS in str(second.told)
    go.set()
    assert ended(bench.evaluations).last is not None
    assert not bench.work.open(View()).is_running


def test_an_evaluation_is_stopped_and_nothing_of_it_kept(bench: Bench) -> None:
    questions = tuple(GoldQuestion(id=str(n), question=VISIT, impossible=True) for n in range(5000))
    with bench.serving.lend_to_ask():  # to whoever asks, the evaluation gives way
        bench.evaluations.start("g", lambda: Gold(name="g", questions=questions))
        stopping = bench.work.press({"do": "stop-evaluation"}, View())
        assert stopping is not None
        last = ended(bench.evaluations).last
    assert last is not None and last.how == "stopped"
    assert bench.work.look(View()).told == words.run_stopped("g")
    assert bench.evaluations.results.listed() == []


def test_gold_that_cannot_be_read_is_told_as_it_is(bench: Bench) -> None:
    key = bench.key()
    gold = bench.folder / "documents" / "gold-wards.jsonl"
    gold.write_text('{"qestion": "?"}\n', encoding="utf-8")
    begun = bench.work.press({"do": "evaluate", "gold": key}, View())
    assert begun is not None
    ended(bench.evaluations)
    assert "did you mean “question”?" in str(bench.work.look(begun.view).told)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_failure_of_ctqa_itself_ends_the_evaluation(bench: Bench) -> None:
    def load() -> Gold:
        raise RuntimeError

    bench.evaluations.start("g", load)
    last = ended(bench.evaluations).last
    assert last is not None and last.why == words.RUN_FAILED
    assert words.RUN_FAILED in str(bench.work.look(View()).told)


def test_what_ended_before_is_no_news_to_a_later_visitor(ran: tuple[Bench, Shown]) -> None:
    bench, _ = ran
    came = bench.work.open(View())
    later = bench.work.look(came.view)
    assert later.told is None and later.result is None and later.view.shown == ""


def test_whoever_waited_is_led_to_the_result(ran: tuple[Bench, Shown]) -> None:
    _, last = ran
    (link,) = [node for node in shown(last.told).nodes if node.tag == "a"]
    assert link.attributes["href"] == f"#{RESULT_PLACE}"


def test_each_reason_leads_to_its_questions(ran: tuple[Bench, Shown]) -> None:
    _, last = ran
    page = shown(last.result)
    led = [
        node.attributes["href"]
        for node in page.nodes
        if node.classes == ["name"] and node.tag == "a"
    ]
    heads = [
        node.attributes["id"] for node in page.nodes if node.tag == "h4" and "id" in node.attributes
    ]
    assert len(led) == 3 and led == [f"#{id}" for id in heads]


def test_of_many_failures_the_first_are_shown_and_the_others_folded(
    ran: tuple[Bench, Shown],
) -> None:
    bench, last = ran
    found = bench.evaluations.results.open(last.view.shown)
    failed = next(row for row in found.rows if row.failed_at == "lost in fusion")
    for many, folded in ((3, 0), (4, 1), (130, 127)):
        rows = tuple(replace(failed, id=str(number)) for number in range(many))
        page = outline(questions(replace(found, rows=rows)).markup)
        assert len(page.texts(".outcome")) == min(many, 100)
        assert (words.other_questions(folded) in page.texts("summary")) is (folded > 0)
        assert (words.more_questions(30) in page.texts("p")) is (many == 130)


def test_a_result_is_called_as_its_gold_set_is_listed(ran: tuple[Bench, Shown]) -> None:
    bench, last = ran
    (only,) = bench.gold.offered()
    assert bench.evaluations.results.open(last.view.shown).summary.gold == only.name
    assert f"{only.name}: 1 result" in shown(last.earlier).texts("summary")[0]


def test_only_searching_asks_for_no_answers(bench: Bench) -> None:
    data = {"do": "evaluate", "gold": bench.key()}
    begun = bench.work.press(data, View(), only_searching=True)
    assert begun is not None
    ended(bench.evaluations)
    last = bench.work.look(begun.view)
    found = bench.evaluations.results.open(last.view.shown)
    assert not found.summary.about.answers
    assert "sentence_right" not in found.summary.figures
    assert shown(last.result).texts("svg") == []


# ---- what is shown


def test_a_result_shows_measures_with_intervals_and_counts(ran: tuple[Bench, Shown]) -> None:
    bench, last = ran
    page = shown(last.result)
    text = page.texts("article")[0]
    result = bench.evaluations.results.open(last.view.shown)
    assert next(in_short(result)) in page.texts("li")
    assert "5 questions, 2 of them without an answer in the sources" in text
    assert "With 5 questions" in text
    names = page.texts(".name")
    assert names.index(NAMES["sentence_right"].label) < names.index(NAMES["Success@1"].label)
    assert NAMES["refused"].label in names
    assert "0.500" in page.texts("td")
    assert "1 judgment of 3 has no place in this index" in text


def test_why_questions_failed_is_told_with_what_to_do(ran: tuple[Bench, Shown]) -> None:
    bench, last = ran
    text = shown(last.result).texts("article")[0]
    for stage in ("lost in fusion", "gold without a place", "should have abstained"):
        assert f"{STAGE_NAMES[stage].label}{STAGE_NAMES[stage].meaning}1" in text
    assert "ctqa gold check" in shown(last.result).texts("code")
    assert not [cell for cell in shown(last.result).texts("td") if "`" in cell]
    won = most_to_be_won(bench.evaluations.results.open(last.view.shown).rows)
    assert won is not None and won.told in shown(last.result).texts("p")


def test_failed_questions_stand_by_why_they_failed_and_open_in_ask(
    ran: tuple[Bench, Shown],
) -> None:
    _, last = ran
    page = shown(last.result)
    heads = [head for head in page.texts("h4") if head.endswith("(1)")]
    assert heads == [
        words.failing(STAGE_NAMES[stage].label, 1)
        for stage in ("gold without a place", "lost in fusion", "should have abstained")
    ]
    asks = [node for node in page.nodes if node.attributes.get("data-do") == "ask"]
    assert [node.attributes["data-question"] for node in asks] == [
        HOSTILE,
        NURSE,
        LINES[4]["question"],
        VISIT,
        NOWHERE,
    ]
    outcomes = page.texts(".outcome")
    assert NURSE_ANSWER in outcomes[1] and "flowers are not allowed" in outcomes[1]
    assert "discharge.txt, Page 1." in outcomes[1] and "wards.txt, Page 1." in outcomes[1]


def test_what_was_expected_and_shown_can_be_read_in_the_source(ran: tuple[Bench, Shown]) -> None:
    bench, last = ran
    reads = [
        node.attributes
        for node in shown(last.result).nodes
        if node.attributes.get("data-do") == "read"
    ]
    assert reads
    with bench.serving.lend() as qa:
        for each in reads:
            text = qa.text_of(str(each["data-document"]))
            start, end = int(str(each["data-start"])), int(str(each["data-end"]))
            assert 0 <= start < end <= len(text)
            marks = json.loads(str(each["data-marks"]))
            mark = [each["data-document"], start, end, digest(text[start:end])]
            assert mark in marks


def test_gold_that_has_no_place_is_named_to_be_mended(ran: tuple[Bench, Shown]) -> None:
    _, last = ran
    (item,) = [text for text in shown(last.result).texts("li") if text.startswith("gone: ")]
    assert "the quote is not in the document" in item and "<b>Gone</b> it is" in item


def test_curves_are_described_in_words_and_as_tables(ran: tuple[Bench, Shown]) -> None:
    _, last = ran
    page = shown(last.result)
    told = page.text("desc").replace("\u00a0", " ")
    assert told == "80 % of the questions are answered; 3 of 4 answers are wrong (75 %)."
    assert words.NOT_CALIBRATED_HERE in page.texts("p")
    svg = next(node for node in page.nodes if node.tag == "svg")
    assert svg.attributes["role"] == "img"
    assert svg.attributes["aria-labelledby"] == "risk-title risk-desc"
    assert words.few_answers(5) in page.texts("p")


def test_headings_come_in_order(ran: tuple[Bench, Shown]) -> None:
    _, last = ran
    levels = [int(node.tag[1]) for node in shown(last.result).nodes if node.tag in ("h3", "h4")]
    assert levels[0] == 3
    assert all(after - before <= 1 for before, after in pairwise(levels))


# ---- several results


def test_two_results_are_put_side_by_side_without_a_verdict(bench: Bench) -> None:
    first = bench.run().view.shown
    last = bench.run()
    second = last.view.shown
    assert first != second and len(shown(last.earlier).texts("li")) == 2
    data = {"do": "compare-result", "result": first}
    beside = bench.work.press(data, last.view)
    assert beside is not None
    text = shown(beside.result).texts("article")[0]
    assert "No difference at all was seen" in text and words.unchanged_questions(5) in text
    assert words.MEASURED_ALIKE in text and "better" not in text
    assert "not the same" not in text
    ended_ = bench.work.press({"do": "end-comparison"}, beside.view)
    assert ended_ is not None and ended_.view.beside == ""


def test_differing_gold_and_settings_are_said(bench: Bench) -> None:
    first = bench.run().view.shown
    gold = bench.folder / "documents" / "gold-wards.jsonl"
    gold.write_text("\n".join(json.dumps(line) for line in LINES[:3]), encoding="utf-8")
    data = {"do": "evaluate", "gold": bench.key()}
    begun = bench.work.press(data, View(), only_searching=True)
    assert begun is not None
    ended(bench.evaluations)
    last = bench.work.look(begun.view)
    beside = bench.work.press({"do": "compare-result", "result": first}, last.view)
    assert beside is not None
    text = shown(beside.result).texts("article")[0]
    assert "The gold set is not the same" in text
    assert words.setting_changed("asked", before=True, after=False) in text
    assert "2 questions only in A, and not compared" in text


def test_a_removed_result_is_no_longer_shown_to_anyone(bench: Bench) -> None:
    last = bench.run()
    removed = bench.work.press({"do": "remove-result", "result": last.view.shown}, last.view)
    assert removed is not None and removed.view.shown == "" and removed.result == ""
    assert words.NO_RESULTS in shown(removed.earlier).texts("p")
    other = bench.work.open(last.view)  # who still looks at it
    assert other.view.shown == "" and other.result == ""


def test_who_reads_a_result_is_not_torn_from_it(bench: Bench) -> None:
    first = bench.run().view
    bench.run()
    seen = bench.work.look(replace(first, ended=1))
    assert seen.view.shown == first.shown and seen.view.ended == 2
    assert len(shown(seen.earlier).texts("li")) == 2


@pytest.mark.parametrize(
    "data",
    [
        {"do": "show-result"},
        {"do": "show-result", "result": "../catalog"},
        {"do": "compare-result", "result": "20260101T000000000000Z-abcdef"},
        {"do": "remove-result", "result": "\0"},
        {"do": "evaluate", "gold": "sent-guess"},
        {"do": "evaluate"},
    ],
)
def test_what_a_browser_makes_up_is_refused_kindly(still: Bench, data: dict[str, str]) -> None:
    view = View(shown="20260101T000000000000Z-abcdef") if "compare" in data["do"] else View()
    found = still.work.press(data, view)
    assert found is not None
    if data == {"do": "show-result"}:
        assert found.result == ""
    else:
        assert shown(found.told).text(".problem").startswith("This could not be done: ")


@pytest.mark.parametrize("do", ["ask", "read", "", "_run"])
def test_buttons_of_other_parts_are_left_to_them(still: Bench, do: str) -> None:
    assert still.work.press({"do": do, "question": "?"}, View()) is None


# ---- in Gradio


def test_the_tab_asks_outside_gradios_queue_and_shows_programs_nothing(still: Bench) -> None:
    async def events() -> list[dict[str, Any]]:  # in a loop: Gradio would open stray ones
        with gr.Blocks() as page:
            tab = add_evaluate(still.work, kept_in_browser("key"), [page.load])
        assert len(tab.changed) == 8
        found: list[dict[str, Any]] = page.get_config_file()["dependencies"]
        return found

    with ThreadPoolExecutor(1) as pool:  # the browser's tests leave a loop running in this thread
        found = pool.submit(asyncio.run, events()).result()
    assert found
    assert all(event["queue"] is False for event in found)
    assert all(event["api_visibility"] == "private" for event in found)
