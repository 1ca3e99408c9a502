"""The one JSON form: every key of the contract, and what was added to it."""

import json
from dataclasses import asdict, replace

from ui.replies import answer, hit, passage, reply, source

from ctqa.answering.form import answer_form, reply_form
from ctqa.records import Calibrated, Expansion, Place, Signals

SIGNALS = Signals(
    passage=4.123456789,
    sentence=2.0,
    run=3.0,
    ahead=-1.0,
    agreement=1.0,
    terms=0.5,
    terms_near=0.5,
    names=1.0,
    names_near=1.0,
)


def test_what_was_searched_is_the_question_unless_something_was_added() -> None:
    assert reply_form(reply(question="Why?"))["searched"] == "Why?"
    assert reply_form(reply(question="Why?", searched="Why, PCT?"))["searched"] == "Why, PCT?"


def test_a_calibration_and_expansions_are_told() -> None:
    calibration = Calibrated(
        gold="gold.jsonl", own=True, questions=120, ece=0.03, created_at="2020-05-01"
    )
    expansion = Expansion(short="PCT", long="primary care trust", document_id="d", start=3, end=9)
    form = reply_form(reply(calibration=calibration, expansions=(expansion,)))
    assert form["calibration"] == {
        "gold": "gold.jsonl", "own": True, "questions": 120, "ece": 0.03,
        "created_at": "2020-05-01",
    }  # fmt: skip
    assert form["expansions"] == [asdict(expansion)]
    bare = reply_form(reply())
    assert bare["calibration"] is None
    assert bare["expansions"] == []


def test_an_answer_tells_its_signals_and_its_other_places() -> None:
    within = passage("alpha beta")
    bare = answer_form(answer(within, 0, 5))
    assert bare["signals"] is None
    assert bare["places"] == []
    place = Place(source=source(id="other"), page=4, start=7, end=12, page_label="iv")
    form = answer_form(answer(within, 0, 5, signals=SIGNALS, places=(place,)))
    assert form["signals"] == asdict(replace(SIGNALS, passage=4.123457))
    assert form["places"] == [
        {"document": asdict(place.source), "page": 4, "page_label": "iv", "start": 7, "end": 12}
    ]


def test_all_of_it_is_json() -> None:
    within = passage("alpha beta")
    whole = reply([answer(within, 0, 5, signals=SIGNALS)], [hit(within, sentence_score=1.5)])
    form = json.loads(json.dumps(reply_form(whole), allow_nan=False))
    assert form["passages"][0]["why"]["sentence_score"] == 1.5
