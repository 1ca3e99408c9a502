"""Words for the terminal: what is told of a reply, and nothing that could steer the terminal."""

import re
from dataclasses import replace
from typing import Any

import pytest
from ui.replies import answer, hit, passage, reply, source

from ctqa import show
from ctqa.answering.wording import NOT_RERANKED
from ctqa.records import Calibrated, Expansion, Place, Reply, Signals

TEXT = "Licences are sold at the post office. Dogs go free."
SIGNALS = Signals(
    passage=4.25,
    sentence=5.5,
    run=6.75,
    ahead=1.5,
    agreement=0.75,
    terms=0.8,
    terms_near=0.7,
    names=1.0,
    names_near=0.5,
)
SHIPPED = Calibrated(
    gold="SQuAD 2.0", own=False, questions=2000, ece=0.021, created_at="2020-05-01T09:30:00+00:00"
)


def found(**fields: Any) -> Reply:
    within = passage(TEXT, id="lakes.txt:0-51")
    first = answer(within, 0, 37, confidence=0.874, signals=SIGNALS)
    why = {"dense_rank": 2, "dense_score": 0.61, "lexical_rank": 1, "lexical_score": 12.3}
    scores = {"fused_score": 0.9, "rerank_score": 4.25, "sentence_score": 5.5}
    hits = [hit(within, 1, **why, **scores), hit(passage("x", id="far:0-1"), 2, fused_score=0.1)]
    return replace(reply([first], hits), **({"calibration": SHIPPED} | fields))


def test_a_confidence_is_a_number_and_words_and_says_once_what_it_rests_on() -> None:
    one = found()
    two = replace(one, answers=(one.answers[0], replace(one.answers[0], confidence=0.9999)))
    said = show.reply(two)
    assert "confidence 0.87: about 9 in 10 answers like this one were right" in said
    assert "confidence 0.99: more than 9 in 10 answers like this one were right" in said
    assert said.count("on 2,000 questions of SQuAD 2.0, not on your documents.") == 1
    assert "calibrated: " not in said


def test_an_answer_that_is_part_of_a_sentence_is_shown_in_it() -> None:
    one = found()
    part = replace(one.answers[0], text="the post office", start=21, end=36)
    said = show.reply(replace(one, answers=(part,)))
    assert said.startswith("“the post office”\n   in “Licences are sold at the post office.”\n")
    assert "\n   in “" not in show.reply(one)


def test_without_a_calibration_that_is_said() -> None:
    one = found(calibration=None)
    bare = replace(one, answers=(replace(one.answers[0], confidence=None),))
    assert "score 0.71, uncalibrated" in show.reply(bare)
    assert "Not calibrated: how often" in show.reply(bare)
    assert "in 10 answers" not in show.reply(bare)


@pytest.mark.parametrize("answered", [True, False])
def test_what_was_searched_is_told_where_it_is_more_than_was_asked(answered: bool) -> None:
    expansion = Expansion(
        short="PCT", long="primary care trust", document_id="a.txt", start=1, end=9
    )
    more = found(searched="What is a PCT (primary care trust)?", expansions=(expansion,))
    shown = show.reply(more if answered else replace(more, answers=()))
    assert shown.startswith(
        "Searched: What is a PCT (primary care trust)?\n"
        "   PCT stands for “primary care trust” in a.txt.\n\n"
    )
    assert "Searched" not in show.reply(found())


@pytest.mark.parametrize("answered", [True, False])
def test_that_nothing_was_reranked_is_told_in_a_line_of_its_own(answered: bool) -> None:
    one = found() if answered else found(answers=())
    assert one.reranked
    assert NOT_RERANKED not in show.reply(one)
    bare = replace(one, hits=one.hits[1:])
    assert not bare.reranked
    assert NOT_RERANKED in show.reply(bare).split("\n")
    assert NOT_RERANKED not in show.reply(replace(one, hits=()))


def test_other_places_of_the_same_words_are_named() -> None:
    places = [
        Place(source=source(id=f"{n}.txt", title="T" if n else ""), page=3, start=n, end=n + 5)
        for n in range(7)
    ]
    one = found()
    said = show.reply(replace(one, answers=(replace(one.answers[0], places=tuple(places)),)))
    flat = re.sub(r"\s+", " ", said)
    assert "the same stands in: 0.txt, page 3, characters 0 to 5; T (1.txt), page 3," in flat
    assert "characters 4 to 9; and 2 more" in flat
    assert "the same stands" not in show.reply(one)


def test_explaining_lists_ranks_and_scores_of_every_stage() -> None:
    explained = show.explained(found()).splitlines()
    (first,) = [line for line in explained if line.endswith("  lakes.txt:0-51")]
    (second,) = [line for line in explained if line.endswith("  far:0-1")]
    assert first.split()[:-1] == ["1", "2", "0.61", "1", "12.30", "0.90", "4.25", "5.50"]
    assert second.split()[:-1] == ["2", "-", "-", "-", "-", "0.10", "-", "-"]
    (heads,) = [line for line in explained if line.startswith(" rank")]
    assert heads.index("  id") == first.index("  lakes") == second.index("  far")


def test_what_was_expected_halfway_is_marked_and_the_mark_explained() -> None:
    assert "~" not in show.explained(found())
    first, *others = found().hits
    marked = replace(first, why=replace(first.why, halfway=True, sentence_score=None))
    explained = show.explained(found(hits=(marked, *others)))
    (row,) = [line for line in explained.splitlines() if line.endswith("  lakes.txt:0-51")]
    assert row.split()[:-1] == ["1", "2", "0.61", "1", "12.30", "0.90", "~4.25", "-"]
    assert "~ is what it expected halfway" in re.sub(r"\s+", " ", explained)


def test_explaining_tells_what_a_confidence_rests_on() -> None:
    explained = show.explained(found())
    told = {float(number) for number in re.findall(r"-?\d+\.\d\d(?!\d)", explained)}
    assert told >= {4.25, 5.5, 6.75, 1.5, 0.75, 0.8, 0.7, 1.0, 0.5, 0.87}
    assert "Expected calibration error on those questions: 0.021." in explained
    nothing = replace(found(), answers=())
    assert "calibration error" not in show.explained(nothing)
    assert show.explained(reply()) == ""


def test_nothing_in_a_reply_can_steer_the_terminal() -> None:
    evil = "\x1b[31m\x9b\x07"
    place = Place(source=source(id=evil, title=evil), page=1, start=0, end=1)
    expansion = Expansion(short=evil, long=evil, document_id=evil, start=0, end=1)
    one = found(
        searched=f"x {evil}", expansions=(expansion,), calibration=replace(SHIPPED, gold=evil)
    )
    one = replace(one, answers=(replace(one.answers[0], places=(place,)),))
    one = replace(one, hits=(hit(passage("x", id=evil)),))
    assert not set(show.reply(one) + show.explained(one)) & set("\x1b\x9b\x07")
