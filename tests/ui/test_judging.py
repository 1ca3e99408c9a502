"""Judging on the page: what a press keeps, what it asks, and what a hostile browser may send."""

import csv
import hashlib
import io
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest
from ui.serving import (
    DOCUMENTS,
    HOSTILE_NAME,
    HOSTILE_SENTENCE,
    NOWHERE,
    NURSE,
    NURSE_ANSWER,
    VISIT,
    VISIT_ANSWER,
    build_again,
    make_index,
    open_serving,
)

from ctqa.answering.serving import Serving
from ctqa.evaluation import load_gold
from ctqa.evaluation.gold.judgments import FILE_NAME, Judgments, cut
from ctqa.ui import judging, reviewing, words
from ctqa.ui.downloads import Downloads
from ctqa.ui.judging import Feedback
from ctqa.ui.judging_panel import Panel
from ctqa.ui.render_cards import absent_buttons
from ctqa.ui.render_judgments import panel_head, panel_hits

FLOWERS = "Children must be brought by an adult, and flowers are not allowed on the ward."


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_index(tmp_path_factory.mktemp("judging"))


@pytest.fixture(scope="module")
def serving(made: Path) -> Iterator[Serving]:
    with closing(open_serving(made)) as serving:
        yield serving


@pytest.fixture
def judgments(made: Path) -> Iterator[Judgments]:
    yield Judgments(made)
    (made / FILE_NAME).unlink(missing_ok=True)


def place(name: str, quote: str) -> dict[str, str]:
    """Name a place as a button does."""
    start = DOCUMENTS[name].index(quote)
    return {
        "document": name,
        "start": str(start),
        "end": str(start + len(quote)),
        "sha256": hashlib.sha256(quote.encode()).hexdigest(),
    }


def press(do: str, question: str, **data: str) -> dict[str, str]:
    return {"do": do, "question": question, **data}


def buttons(markup: str) -> list[dict[str, str]]:
    """Give the data of all buttons, as a browser would."""
    import html  # noqa: PLC0415 -- the name is short, and used here alone

    found = []
    for tag in re.findall(r"<button[^>]*>", markup):
        data = {
            name: html.unescape(value) for name, value in re.findall(r'data-(\w+)="([^"]*)"', tag)
        }
        found.append(data)
    return found


def button(markup: str, **wanted: str) -> dict[str, str]:
    """Give the one button that has this data."""
    (found,) = [data for data in buttons(markup) if wanted.items() <= data.items()]
    return found


def text(feedback: Feedback | None) -> str:
    assert feedback is not None
    assert feedback.status is not None
    return re.sub(r"<[^>]+>", " ", feedback.status.markup)


def reviewed(
    serving: Serving, judgments: Judgments, show: str = words.EVERYTHING, at: str = ""
) -> str:
    found = reviewing.review(serving, judgments, show, at)
    return found.total.markup + found.listed.markup


def test_a_right_answer_is_kept_as_gold_and_can_be_taken_back(
    serving: Serving, judgments: Judgments
) -> None:
    pressed = press("right", VISIT, **place("wards.txt", VISIT_ANSWER))
    feedback = judging.judge(serving, judgments, pressed, None)
    (kept,) = judgments.read().judged
    assert (kept.question, kept.verdict, kept.build) == (VISIT, "right", 1)
    assert kept.place is not None
    assert (kept.place.quote, kept.place.document, kept.place.page) == (
        VISIT_ANSWER,
        "wards.txt",
        1,
    )
    assert "Kept as gold: “" in text(feedback)
    assert VISIT_ANSWER[:30] in text(feedback)
    assert feedback.panel is None
    assert feedback.status is not None
    undo = button(feedback.status.markup, do="undo")
    assert "Taken back" in text(judging.choose(judgments, undo, None))
    assert judgments.read().judged == ()


def test_a_wrong_answer_asks_for_the_right_one(serving: Serving, judgments: Judgments) -> None:
    wrong = judging.judge(
        serving, judgments, press("wrong", VISIT, **place("wards.txt", FLOWERS)), None
    )
    panel = wrong.panel
    assert panel is not None
    assert (panel.question, panel.words) == (VISIT, VISIT)
    assert VISIT in panel_head(panel).markup
    hits = panel_hits(panel).markup
    picks = [data for data in buttons(hits) if data["do"] == "pick"]
    assert len(picks) == sum(len(hit.passage.sentences) for hit in panel.hits)
    assert words.JUDGED_WRONG in hits
    assert words.KEEP_CHOSEN not in hits
    answer = str(DOCUMENTS["wards.txt"].index(VISIT_ANSWER))
    (pick,) = [
        each for each in picks if each["start"] == answer and _is_in(panel, each, "wards.txt")
    ]
    chosen = judging.choose(judgments, pick, panel)
    assert chosen is not None
    hits = panel_hits(chosen.panel).markup
    assert hits.count('aria-pressed="true"') == 1
    assert hits.index(words.KEEP_CHOSEN) < hits.index("<article")  # over all passages
    done = judging.judge(serving, judgments, button(hits, do="right"), chosen.panel)
    assert done.panel is None
    assert "Kept as gold" in text(done)
    first, second = judgments.read().judged
    assert (first.verdict, second.verdict) == ("wrong", "right")
    assert second.place is not None
    assert second.place.quote == VISIT_ANSWER


def _is_in(panel: Panel, pick: Mapping[str, str], name: str) -> bool:
    (document,) = {
        hit.passage.document_id for hit in panel.hits if hit.passage.id == pick["passage"]
    }
    return document == name


def test_sentences_are_chosen_one_after_the_other(serving: Serving, judgments: Judgments) -> None:
    panel = judging.look(serving, Panel(question=VISIT, words=VISIT), VISIT)
    hit = next(hit for hit in panel.hits if hit.passage.document_id == "wards.txt")
    first, second, third = hit.passage.sentences

    def pick(before: Panel, start: int) -> Panel:
        data = {"do": "pick", "passage": hit.passage.id, "start": str(start)}
        after = judging.choose(judgments, data, before)
        assert after is not None
        assert after.status is None  # what was said last stays
        assert after.panel is not None
        return after.panel

    def chosen(of: Panel) -> tuple[int, int] | None:
        return None if of.chosen is None else (of.chosen.start, of.chosen.end)

    one = pick(panel, second.start)
    assert chosen(one) == (second.start, second.end)
    both = pick(one, third.start)
    assert chosen(both) == (second.start, third.end)
    assert chosen(pick(both, first.start)) == (first.start, third.end)
    assert chosen(pick(both, third.start)) == (third.start, third.end)
    assert chosen(pick(one, second.start)) is None
    other = next(each for each in panel.hits if each.passage.id != hit.passage.id)
    data = {"do": "pick", "passage": other.passage.id, "start": str(other.passage.start)}
    elsewhere = judging.choose(judgments, data, both)
    assert elsewhere is not None
    assert elsewhere.panel is not None
    assert elsewhere.panel.chosen is not None
    assert elsewhere.panel.chosen.passage == other.passage.id
    keep = button(panel_hits(both).markup, do="right")
    judging.judge(serving, judgments, keep, both)
    (kept,) = judgments.read().judged
    assert kept.place is not None
    start, end = chosen(both) or (0, 0)
    assert kept.place.quote == DOCUMENTS["wards.txt"][start:end]


def test_it_is_not_in_the_documents(serving: Serving, judgments: Judgments) -> None:
    wrong = judging.judge(
        serving, judgments, press("wrong", NOWHERE, **place("wards.txt", FLOWERS)), None
    )
    absent = button(panel_head(wrong.panel).markup, do="right")
    done = judging.judge(serving, judgments, absent, wrong.panel)
    assert words.kept_absent() in text(done)
    assert done.panel is None
    assert [one.verdict for one in judgments.read().judged] == ["wrong", "not in the sources"]


def test_nobody_needs_to_know_the_right_one(serving: Serving, judgments: Judgments) -> None:
    wrong = judging.judge(
        serving, judgments, press("wrong", VISIT, **place("wards.txt", FLOWERS)), None
    )
    close = button(panel_head(wrong.panel).markup, do="close")
    done = judging.choose(judgments, close, wrong.panel)
    assert done is not None
    assert done.panel is None
    assert f"Kept as wrong: “{FLOWERS[:50]}" in text(done)
    assert FLOWERS not in text(done)  # it lies over the page, and is short
    assert [one.verdict for one in judgments.read().judged] == ["wrong"]


def test_that_nothing_answers_is_judged_as_well(serving: Serving, judgments: Judgments) -> None:
    offered = absent_buttons(NOWHERE).markup
    judging.judge(serving, judgments, button(offered, do="right"), None)
    assert [one.verdict for one in judgments.read().judged] == ["not in the sources"]
    asked = judging.judge(serving, judgments, button(offered, do="wrong"), None)
    assert asked.panel is not None
    assert asked.panel.wrong is None
    assert len(judgments.read().judged) == 1


def test_other_words_are_searched(serving: Serving) -> None:
    panel = judging.look(serving, Panel(question=VISIT, words=VISIT), NURSE)
    assert NURSE_ANSWER in panel_hits(panel).markup
    empty = judging.look(serving, panel, " ")
    assert empty.hits == ()
    assert words.problem_judging("")[:20] in panel_hits(empty).markup


def test_a_contradiction_is_told_at_once(serving: Serving, judgments: Judgments) -> None:
    at = place("wards.txt", VISIT_ANSWER)
    with serving.lend() as qa:
        document = qa.document("wards.txt")
    quoted = cut(document, int(at["start"]), int(at["end"]))
    judgments.add(VISIT, "right", quoted, build=1, by="someone else")
    wrong = judging.judge(serving, judgments, press("wrong", VISIT, **at), None)
    head = panel_head(wrong.panel).markup
    assert words.CONTRADICTS in head
    left = judging.choose(judgments, button(head, do="close"), wrong.panel)
    assert words.CONTRADICTS in text(left)
    undone = judging.choose(judgments, button(head, do="undo"), wrong.panel)
    assert undone is not None
    assert undone.panel is None
    again = judging.judge(serving, judgments, press("right", VISIT, **at), None)
    assert words.CONTRADICTS not in text(again)


def holding(judgments: Judgments) -> list[str]:
    return [one.verdict for one in judgments.read().judged]


def marks(feedback: Feedback | None) -> list[tuple[str, str, str]]:
    """Give the places whose buttons the page marks, and as what."""
    assert feedback is not None
    assert feedback.status is not None
    found = re.findall(
        r'data-start="(\d+)" data-end="(\d+)" data-verdict="(\w*)"', feedback.status.markup
    )
    return list(found)


def test_the_opposite_replaces_what_was_judged_of_a_place(
    serving: Serving, judgments: Judgments
) -> None:
    at = place("wards.txt", VISIT_ANSWER)
    right = judging.judge(serving, judgments, press("right", VISIT, **at), None)
    assert marks(right) == [(at["start"], at["end"], "right")]
    wrong = judging.judge(serving, judgments, press("wrong", VISIT, **at), None)
    assert holding(judgments) == ["wrong"]
    assert marks(wrong) == [(at["start"], at["end"], "wrong")]
    head = panel_head(wrong.panel).markup
    assert words.REPLACED in head
    assert words.CONTRADICTS not in head
    left = judging.choose(judgments, button(head, do="close"), wrong.panel)
    assert words.REPLACED in text(left)
    again = judging.judge(serving, judgments, press("right", VISIT, **at), None)
    assert holding(judgments) == ["right"]
    assert words.REPLACED in text(again)


def test_what_was_replaced_holds_again_once_that_is_taken_back(
    serving: Serving, judgments: Judgments
) -> None:
    at = place("wards.txt", VISIT_ANSWER)
    judging.judge(serving, judgments, press("right", VISIT, **at), None)
    wrong = judging.judge(serving, judgments, press("wrong", VISIT, **at), None)
    undo = button(panel_head(wrong.panel).markup, do="undo")
    undone = judging.choose(judgments, undo, wrong.panel)
    assert holding(judgments) == ["right"]
    assert words.HOLDS_AGAIN in text(undone)
    assert [verdict for *_, verdict in marks(undone)] == ["", "right"]
    assert undone is not None
    assert undone.panel is None


def test_taking_back_puts_back_only_what_was_replaced(
    serving: Serving, judgments: Judgments
) -> None:
    other = place("wards.txt", FLOWERS)
    judging.judge(serving, judgments, press("right", VISIT, **other), None)
    (removed,) = judgments.read().judged
    judgments.withdraw(removed.id)
    at = place("wards.txt", VISIT_ANSWER)
    judging.judge(serving, judgments, press("wrong", VISIT, **at), None)
    (kept,) = judgments.read().judged
    made_up = {"do": "undo", "judgment": kept.id, "restores": f"{removed.id} <b> {kept.id}"}
    judging.choose(judgments, made_up, None)
    assert holding(judgments) == []


def test_a_slip_is_closed_without_a_judgment(serving: Serving, judgments: Judgments) -> None:
    offered = button(absent_buttons(NOWHERE).markup, do="wrong")
    asked = judging.judge(serving, judgments, offered, None)
    head = panel_head(asked.panel).markup
    assert f">{words.DISMISS}</button>" in head
    assert words.DO_NOT_KNOW not in head
    closed = judging.choose(judgments, button(head, do="close"), asked.panel)
    assert closed is not None
    assert closed.panel is None
    assert holding(judgments) == []


GOOD = {"document": "wards.txt", "start": "0", "end": "20"}


@pytest.mark.parametrize(
    "data",
    [
        {},
        GOOD | {"document": "../../etc/passwd"},
        GOOD | {"document": "nowhere.txt"},
        GOOD | {"start": "-1"},
        GOOD | {"start": "x"},
        GOOD | {"start": "９"},
        GOOD | {"start": ""},
        GOOD | {"start": "1" * 5000},
        GOOD | {"end": "0"},
        GOOD | {"end": "999999999"},
        GOOD | {"sha256": "0" * 64},
    ],
)
@pytest.mark.parametrize("do", ["right", "wrong"])
def test_what_no_button_says_keeps_nothing(
    serving: Serving, judgments: Judgments, do: str, data: Mapping[str, str]
) -> None:
    question = {} if not data else {"question": VISIT}
    feedback = judging.judge(serving, judgments, {"do": do, **question, **data}, None)
    assert "This could not be done" in (
        text(feedback) if feedback.panel is None else panel_hits(feedback.panel).markup
    )
    assert judgments.read().judged == ()


def test_buttons_of_others_are_left_alone(judgments: Judgments) -> None:
    panel = Panel(question=VISIT, words=VISIT)
    assert judging.choose(judgments, {"do": "read", "document": "wards.txt"}, panel) is None
    assert judging.choose(judgments, {}, panel) is None
    assert reviewing.act(judgments, Downloads(), {"do": "read"}) is None
    unknown = judging.choose(judgments, {"do": "undo", "judgment": "<b>"}, panel)
    assert "there is no judgment" in text(unknown)
    assert "<b>" not in text(unknown)


def test_no_document_and_no_question_becomes_markup(serving: Serving, judgments: Judgments) -> None:
    question = 'Why <img src=x onerror="alert(1)">?'
    at = place(HOSTILE_NAME, HOSTILE_SENTENCE)
    right = judging.judge(serving, judgments, press("right", question, **at), None)
    wrong = judging.judge(serving, judgments, press("wrong", question, **at), None)
    assert right.status is not None
    assert wrong.status is not None
    shown = (
        right.status.markup
        + wrong.status.markup
        + panel_head(wrong.panel).markup
        + panel_hits(wrong.panel).markup
        + reviewed(serving, judgments)
    )
    assert "&lt;img" in shown
    assert "<img" not in shown
    assert "<script" not in shown


# The review -------------------------------------------------------------------------------------


def test_an_empty_list_says_how_to_begin(serving: Serving, judgments: Judgments) -> None:
    assert words.NO_JUDGMENTS in reviewed(serving, judgments)
    nothing = reviewing.act(judgments, Downloads(), {"do": "export", "form": "jsonl"})
    assert nothing is not None
    assert "no gold" in nothing.markup


def test_the_list_is_filtered_and_counts(serving: Serving, judgments: Judgments) -> None:
    judging.judge(
        serving, judgments, press("right", VISIT, **place("wards.txt", VISIT_ANSWER)), None
    )
    judging.judge(serving, judgments, press("wrong", NURSE, **place("wards.txt", FLOWERS)), None)
    judging.judge(serving, judgments, press("right", NOWHERE), None)
    shown = reviewed(serving, judgments)
    assert "1 right, 1 wrong, 1 not in the documents." in shown
    assert "2 questions can be kept as a gold set" in shown
    assert words.left_only_wrong(1) in shown
    assert [shown.index(f">{each}</h3>") for each in (NOWHERE, NURSE, VISIT)] == sorted(
        shown.index(f">{each}</h3>") for each in (VISIT, NURSE, NOWHERE)
    )
    assert reviewed(serving, judgments, words.IS_WRONG).count("<article") == 1
    assert NURSE in reviewed(serving, judgments, words.IS_WRONG)
    assert reviewed(serving, judgments, at="FLOWERS  are").count("<article") == 1
    assert words.NONE_OF_THESE in reviewed(serving, judgments, at="zebra")
    read = button(reviewed(serving, judgments, words.IS_RIGHT), do="read")
    assert DOCUMENTS["wards.txt"][int(read["start"]) : int(read["end"])] == VISIT_ANSWER
    assert button(reviewed(serving, judgments, words.IS_RIGHT), do="ask")["question"] == VISIT


def test_a_contradiction_is_kept_out_until_it_is_settled(
    serving: Serving, judgments: Judgments
) -> None:
    at = place("wards.txt", VISIT_ANSWER)
    judging.judge(serving, judgments, press("right", VISIT, **at), None)
    judging.judge(serving, judgments, press("right", VISIT), None)  # that it is not in there
    judging.judge(serving, judgments, press("right", NOWHERE), None)
    shown = reviewed(serving, judgments, words.CONTRARY_ONES)
    assert shown.count("<article") == 2
    assert "it was also judged “Not in the documents”" in shown
    assert words.left_contrary(1) in shown
    assert "1 question can be kept as a gold set" in shown
    (right, _) = [one for one in judgments.read().judged if one.question == VISIT]
    keep = button(shown, do="settle", judgment=right.id)
    done = reviewing.act(judgments, Downloads(), keep)
    assert done is not None
    assert "1 judgment taken back" in done.markup
    assert "2 questions can be kept as a gold set" in reviewed(serving, judgments)


def test_what_is_taken_back_can_be_put_back_or_erased(
    serving: Serving, judgments: Judgments
) -> None:
    judging.judge(
        serving, judgments, press("right", VISIT, **place("wards.txt", VISIT_ANSWER)), None
    )
    remove = button(reviewed(serving, judgments), do="remove")
    done = reviewing.act(judgments, Downloads(), remove)
    assert done is not None
    reviewing.act(judgments, Downloads(), button(done.markup, do="restore"))
    assert len(judgments.read().judged) == 1
    reviewing.act(judgments, Downloads(), remove)
    shown = reviewed(serving, judgments)
    assert words.withdrawn(1) in shown
    erased = reviewing.act(judgments, Downloads(), button(shown, do="erase"))
    assert erased is not None
    assert "1 judgment erased" in erased.markup
    assert judgments.path.read_bytes() == b""


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_the_gold_is_handed_out_as_the_evaluation_reads_it(
    serving: Serving, judgments: Judgments, tmp_path: Path, form: str
) -> None:
    judging.judge(
        serving, judgments, press("right", VISIT, **place("wards.txt", VISIT_ANSWER)), None
    )
    judging.judge(serving, judgments, press("right", NOWHERE), None)
    downloads = Downloads()
    done = reviewing.act(
        judgments, downloads, button(reviewed(serving, judgments), do="export", form=form)
    )
    assert done is not None
    (url,) = re.findall(r'href="([^"]+)"', done.markup)
    found = downloads.take(url.split("/")[1])
    assert found is not None
    path = tmp_path / found.name
    path.write_bytes(found.content)
    visit, nowhere = load_gold(path).questions
    assert (visit.question, visit.judgments[0].quote) == (VISIT, VISIT_ANSWER)
    assert (nowhere.question, nowhere.impossible) == (NOWHERE, True)
    if form == "csv":
        rows = list(csv.DictReader(io.StringIO(found.content.decode("utf-8-sig"))))
        assert [row["impossible"] for row in rows] == ["", "yes"]


def test_more_are_listed_when_asked_for(serving: Serving, judgments: Judgments) -> None:
    for number in range(reviewing.AT_ONCE + 5):
        judgments.add(f"Question {number}?", "not in the sources", build=1)
    found = reviewing.review(serving, judgments, None, None).listed.markup
    assert found.count("<article") == reviewing.AT_ONCE
    more = button(found, do="more")
    every = reviewing.review(serving, judgments, None, None, reviewing.at_most(more))
    assert every.listed.markup.count("<article") == reviewing.AT_ONCE + 5
    assert reviewing.at_most({"shown": "-1"}) == reviewing.AT_ONCE
    assert reviewing.at_most({"shown": "9" * 100}) == reviewing.AT_ONCE


def test_damaged_lines_are_named(serving: Serving, judgments: Judgments) -> None:
    judgments.add(VISIT, "not in the sources", build=1)
    with judgments.path.open("ab") as file:
        file.write(b"scribbled\n")
    shown = reviewed(serving, judgments)
    assert "1 line of judgments.jsonl cannot be read as written: line 2." in shown
    assert VISIT in shown


def test_the_list_says_whether_a_quote_still_stands(tmp_path: Path) -> None:
    index = make_index(tmp_path)
    judgments = Judgments(index)
    with closing(open_serving(index)) as serving:
        at = place("wards.txt", VISIT_ANSWER)
        judging.judge(serving, judgments, press("right", VISIT, **at), None)
        nurse = press("right", NURSE, **place("discharge.txt", NURSE_ANSWER))
        judging.judge(serving, judgments, nurse, None)
        assert reviewed(serving, judgments).count(words.STANDS) == 2
        changed = DOCUMENTS["wards.txt"].replace("two and four", "two and five")
        (tmp_path / "documents" / "wards.txt").write_text(changed, encoding="utf-8")
        (tmp_path / "documents" / "discharge.txt").unlink()
        build_again(tmp_path)
        assert serving.look()
        shown = reviewed(serving, judgments)
        assert words.STANDS_NO_MORE in shown
        assert words.DOCUMENT_GONE in shown
        assert 'data-do="read"' not in shown
        stale = judging.judge(serving, judgments, press("right", "Until when?", **at), None)
        assert "has changed" in text(stale)
    shutil.rmtree(index)
