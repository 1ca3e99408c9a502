"""What a browser remembers: all of it comes back, and nothing that was never given to it."""

import copy
import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ui.outline import Outline, outline
from ui.replies import answer, hit, passage, reply, source
from ui.serving import HOSTILE, NOWHERE, VISIT, VISIT_ANSWER, open_qa
from ui.texts import TEXTS, shown

from ctqa.index.receipt_claims import seal_of
from ctqa.records import Calibrated, Disagreement, Filter, Quote, Reply, Sentence
from ctqa.text import digest
from ctqa.ui import words
from ctqa.ui.history import MOST_BYTES, MOST_TURNS, Turn, kept, turns_from, without
from ctqa.ui.render_history import earlier

ASKED_AT = "2026-05-01T09:30:00+00:00"
CALIBRATED = Calibrated(gold="own", own=True, questions=40, ece=0.03, created_at=ASKED_AT)
PLAIN = TEXTS.map(lambda text: text.encode("utf-8", "replace").decode())  # as documents hold it

ALLOWED = {
    "bdi": set(),
    "blockquote": {"dir"},
    "button": {
        *("type", "aria-label", "data-do", "data-question", "data-turn"),
        *("data-document", "data-start", "data-end", "data-marks", "data-quote"),
    },
    "cite": {"dir"},
    "details": {"class"},
    "div": {"class"},
    "h2": set(),
    "li": set(),
    "p": {"class"},
    "q": {"dir"},
    "span": {"class"},
    "strong": set(),
    "summary": set(),
    "ul": set(),
}


def turn_of(question: str = "Why?", text: str = "alpha beta", **fields: Any) -> Turn:
    within = passage(text, section=["Costs"])
    found = reply([answer(within, 0, len(text), **fields)], [hit(within)], question=question)
    return Turn.of(found, None, ASKED_AT)


def back(turns: tuple[Turn, ...]) -> tuple[Turn, ...]:
    """Send turns to a browser and read what comes back."""
    return turns_from(json.loads(json.dumps([turn.to_json() for turn in turns])))


def page(*turns: Turn, build: int = 7) -> Outline:
    found = outline(earlier(turns, build).markup)
    for node in found.nodes:
        assert set(node.attributes) <= ALLOWED[node.tag], node
    return found


# To a browser and back ---------------------------------------------------------------------------


@st.composite
def replies(draw: st.DrawFn) -> Reply:
    of = source(
        id=draw(PLAIN.filter(bool)), title=draw(PLAIN), author=draw(PLAIN), path=draw(PLAIN)
    )
    within = passage(draw(PLAIN.filter(bool)), start=draw(st.integers(0, 9**9)), section=["A"])
    end = within.start + draw(st.integers(1, len(within.text)))
    given_ = answer(
        within,
        within.start,
        end,
        source=of,
        confidence=draw(st.none() | st.floats(0, 1)),
        sentence_text=draw(PLAIN),
        sentence=Sentence(start=within.start, end=end, lead=draw(PLAIN)),
        newer=draw(st.none() | st.just(of)),
        page_label=draw(PLAIN),
    )
    return reply(
        draw(st.lists(st.just(given_), max_size=2)),
        [hit(within, found_in=of)],
        question=draw(TEXTS),
        searched=draw(TEXTS),
        pages_unread=draw(st.integers(0, 99)),
        calibration=draw(st.none() | st.just(CALIBRATED)),
    )


FILTERS = st.none() | st.builds(
    Filter,
    documents=st.none() | st.lists(TEXTS, max_size=2).map(tuple),
    folders=st.lists(TEXTS, max_size=2).map(tuple),
    since=st.none() | st.integers(1500, 2100),
    until=st.none() | st.integers(1500, 2100),
    tags=st.lists(TEXTS, max_size=1).map(tuple),
)


@given(replies(), FILTERS)
def test_a_turn_comes_back_from_a_browser_as_it_was(found: Reply, where: Filter | None) -> None:
    turn = Turn.of(found, where, ASKED_AT)
    assert back((turn,)) == (turn,)


def test_a_turn_of_a_real_reply_comes_back_with_its_place_and_receipt(index: Path) -> None:
    with closing(open_qa(index)) as qa:
        answered, refused = (Turn.of(qa.ask(text), None, ASKED_AT) for text in (VISIT, NOWHERE))
    assert back((answered, refused)) == (answered, refused)
    assert answered.answers[0].claims.text == VISIT_ANSWER
    assert answered.answers[0].receipt["seal"] == seal_of(answered.answers[0].receipt)
    assert answered.closest == ()
    assert (refused.answered, len(refused.closest), refused.pages_unread) == (False, 3, 1)


# What comes back is not trusted ------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=20,
)


@given(JSON)
def test_anything_else_is_no_history(value: Any) -> None:
    assert turns_from(value) == ()
    assert turns_from([value]) == ()


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Give the way to every value within a form."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    found = [(*at, name) for name, _ in inner]
    nested = value.items() if isinstance(value, dict) else enumerate(value)
    for name, each in nested:
        if isinstance(each, (dict, list)):
            found += places(each, (*at, name))
    return found


OTHER = Quote(
    source=source(id="o", title="O"), page=4, start=3, end=8, text="gamma", page_label="A"
)
SAID = Quote(source=source(), page=3, start=0, end=5, text="alpha")
DISPUTE = Disagreement(kind="number", first=SAID, second=OTHER, newer=OTHER.source)
FULL = Turn.of(
    replace(
        reply([answer(passage("alpha beta"), 0, 5, confidence=0.5)], calibration=CALIBRATED),
        question="Why?",
        disagreements=(DISPUTE,),
    ),
    Filter(documents=("d",), folders=("f",), since=2000, tags=("t",)),
    ASKED_AT,
)
NEAR = Turn.of(reply([], [hit(passage("alpha beta"))]), None, ASKED_AT)
PLACES = [(turn, at) for turn in (FULL, NEAR) for at in places(turn.to_json())]


@given(st.sampled_from(PLACES), JSON | st.sampled_from([-1, 0, 2**60, 1e400, "", [], {}]))
@settings(max_examples=400)
def test_a_changed_turn_is_read_as_what_it_says_or_left_out(
    chosen: tuple[Turn, tuple[Any, ...]], value: Any
) -> None:
    turn, at = chosen
    form = copy.deepcopy(turn.to_json())
    place: Any = form
    for step in at[:-1]:
        place = place[step]
    place[at[-1]] = value
    found = turns_from([form])
    for each in found:  # what is read can be shown and kept again
        assert back((each,)) == (each,)
        page(each)
    if at[0] == "answers" and "receipt" in at and found:
        assert found == (turn,)


def deep(levels: int) -> Any:
    value: Any = []
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "change",
    [
        lambda form: form | {"answers": deep(100_000)},
        lambda form: form["answers"][0]["receipt"].update(document=deep(5_000)),
        lambda form: form["answers"][0]["receipt"].update(more=deep(5_000)),
        lambda form: form["answers"][0].update(receipt={"answers": [], "build": 7}),
        lambda form: form["answers"][0].update(confidence=float("nan")),
        lambda form: form["answers"][0].update(confidence=1.5),
        lambda form: form["answers"][0]["receipt"].update(start=10**5_000),
        lambda form: form["answers"][0]["receipt"].update(text="alpha gamma"),
        lambda form: form.update(build=8),
        lambda form: form.update(build=True),
        lambda form: form.update(turn=2),
        lambda form: form["disputes"][0].update(kind="lie"),
        lambda form: form["disputes"][0].update(newer=[]),
        lambda form: form.update(asked_at="yesterday"),
        lambda form: form.update(question="x" * 600_000),
        lambda form: form.update(answers=form["answers"] * 30_000),
    ],
)
def test_what_was_never_given_is_left_out_and_the_rest_stays(
    change: Callable[[dict[str, Any]], Any],
) -> None:
    form = copy.deepcopy(FULL.to_json())
    changed = change(form)
    form = changed if isinstance(changed, dict) else form
    assert turns_from([FULL.to_json(), form]) == (FULL,)


def test_a_receipt_sealed_anew_over_no_place_is_left_out() -> None:
    form = copy.deepcopy(FULL.to_json())
    receipt = form["answers"][0]["receipt"]
    receipt["end"] += 1
    receipt["seal"] = seal_of(receipt)
    assert turns_from([form]) == ()


# Bounds -------------------------------------------------------------------------------------------


def test_the_newest_turns_are_kept() -> None:
    turns = tuple(turn_of(f"Question {n}?") for n in range(MOST_TURNS + 5))
    assert kept(turns) == turns[5:]
    assert back(turns) == turns[5:]


def test_turns_that_are_too_large_for_a_browser_make_the_oldest_go() -> None:
    turns = tuple(turn_of(f"Question {n}?", text="ö" * 60_000) for n in range(12))
    found = kept(turns)
    assert found == turns[-len(found) :]
    size = len(json.dumps([turn.to_json() for turn in found], ensure_ascii=False).encode())
    assert MOST_BYTES - 200_000 < size <= MOST_BYTES


def test_one_turn_can_be_forgotten() -> None:
    turns = tuple(turn_of(f"Question {n}?") for n in range(3))
    assert without(turns, turns[1].id) == (turns[0], turns[2])
    assert without(turns, "another") == turns
    assert len({turn.id for turn in turns}) == 3


# Shown again --------------------------------------------------------------------------------------


@given(TEXTS, PLAIN.filter(bool), PLAIN, PLAIN)
def test_nothing_of_a_turn_becomes_markup(a: str, b: str, c: str, d: str) -> None:
    hostile = source(id=b, path=f"/x/{c}", title=c, author=d, publication=c, year=d, url=c)
    within = passage(b, section=[c, d])
    fields = {"source": hostile, "sentence_text": f"{b} {c}", "newer": hostile, "page_label": d}
    answered = reply([answer(within, 0, len(b), **fields)], question=a, searched=f"{a}!")
    refused = reply([], [hit(within, found_in=hostile)], question=a, pages_unread=2)
    where = Filter(documents=(a,), folders=(b,), tags=(c,))
    found = page(*(Turn.of(each, where, ASKED_AT) for each in (answered, refused)))
    assert found.texts("q")[:2] == [shown(a), shown(f"{a}!")]
    assert found.text("blockquote") == shown(b)
    asked = [
        node.attributes["data-question"]
        for node in found.nodes
        if "data-question" in node.attributes
    ]
    assert asked == [shown(a), shown(a)]


def test_an_earlier_answer_says_all_that_it_said_then(index: Path) -> None:
    with closing(open_qa(index)) as qa:
        hostile = Turn.of(qa.ask(HOSTILE), None, ASKED_AT)
    cited = source(id="a/t.pdf", path="/x/a/t.pdf", title="Trusts", author="Miller", year="2011")
    sure = turn_of(source=cited, confidence=0.874, newer=source(id="n", title="Trusts 2"))
    found = page(hostile, sure)
    assert found.texts("blockquote")[1] == "alpha beta"
    assert "Miller (2011), Trusts · File a/t.pdf · Page 3 · Section Costs" in found.texts("p")
    assert "A newer edition is in your sources: Trusts 2" in found.texts("p")
    assert any(text.startswith("Confidence 87 %: about 9 in 10") for text in found.texts("p"))
    buttons = [node.attributes for node in found.nodes if node.tag == "button"]
    assert [each["data-do"] for each in buttons] == ["read", "ask", "forget"] * 2
    read = buttons[3]
    assert (read["data-document"], read["data-start"], read["data-end"]) == ("a/t.pdf", "0", "10")
    assert json.loads(str(read["data-marks"])) == [["a/t.pdf", 0, 10, digest("alpha beta")]]
    assert read["data-quote"] == digest("alpha beta")
    assert buttons[5]["data-turn"] == sure.id


def test_a_refusal_shows_the_closest_passages_and_what_was_not_read() -> None:
    refused = reply([], [hit(passage("alpha"))], pages_unread=2)
    found = page(Turn.of(refused, Filter(folders=("b",), since=2000), ASKED_AT))
    assert found.texts("summary") == ["Why? Not in your sources"]
    assert found.texts("li") == ["D · Page 2 Read it in the document"]
    assert words.unread_matters(2) in found.texts("p")
    assert "Searched only in: folder b, years from 2000." in found.texts("p")


def test_what_may_contradict_an_answer_is_shown_again_with_its_place() -> None:
    found = page(FULL)
    assert found.texts("blockquote") == ["alpha", "gamma"]
    told = found.texts("p")
    assert words.DISPUTED in told
    assert "Another document possibly gives another number. That one is the newer edition." in told
    read = [node.attributes for node in found.nodes if node.attributes.get("data-do") == "read"][1]
    assert (read["data-document"], read["data-start"], read["data-end"]) == ("o", "3", "8")


def test_an_answer_of_another_build_says_so() -> None:
    assert page(turn_of(), build=7).texts(".other-build") == []
    (told,) = page(turn_of(), build=8).texts(".other-build")
    assert told.startswith("Answered from build 7")


def test_before_anything_was_asked_nothing_is_shown() -> None:
    assert earlier((), 7).markup == ""
