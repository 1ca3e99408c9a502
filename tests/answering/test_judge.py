"""Judging: confidence by a calibration, and what is given by the error accepted."""

import json
import math
from dataclasses import replace

import pytest

from ctqa.answering.calibration import Calibration, Point, Weight, models_key, shipped
from ctqa.answering.judge import held_back, judge
from ctqa.answering.wording import nearly
from ctqa.config import SearchConfig
from ctqa.models import load_reranker
from ctqa.records import Answer, HeldBack, Passage, Sentence, Signals, Source

SIGNALS = Signals(
    passage=4.0,
    sentence=2.0,
    run=3.0,
    ahead=1.0,
    agreement=1.0,
    terms=0.5,
    terms_near=0.5,
    names=1.0,
    names_near=1.0,
)
CALIBRATION = Calibration(
    gold="gold.jsonl",
    own=True,
    created_at="2020-01-01T00:00:00+00:00",
    questions=100,
    right=60,
    ece=0.02,
    models="sentences/reranked/abc",
    intercept=0.5,
    weights=(
        Weight(signal="run", mean=1.0, scale=2.0, weight=1.5),
        Weight(signal="names", mean=0.5, scale=0.5, weight=-1.0),
    ),
    curve=(
        Point(confidence=0.0, coverage=1.0, error=0.4),
        Point(confidence=0.3, coverage=0.8, error=0.25),
        Point(confidence=0.6, coverage=0.6, error=0.2),
        Point(confidence=0.7, coverage=0.4, error=0.1),
        Point(confidence=0.9, coverage=0.2, error=0.08),
    ),
)


def answer(document: str, run: float, score: float = 0.9) -> Answer:
    sentence = Sentence(start=0, end=4)
    passage = Passage(
        id=f"{document}:0-4",
        document_id=document,
        start=0,
        end=4,
        text="Text",
        page=1,
        section=(),
        sentences=(sentence,),
    )
    return Answer(
        text="Text",
        start=0,
        end=4,
        page=1,
        section=(),
        score=score,
        confidence=None,
        quote_sha256="",
        sentence=sentence,
        sentence_text="Text",
        passage=passage,
        source=Source(id=document, path=document, sha256="", title=""),
        signals=replace(SIGNALS, run=run),
    )


def test_confidence_worked_by_hand() -> None:
    odds = 0.5 + 1.5 * (3.0 - 1.0) / 2.0 - 1.0 * (1.0 - 0.5) / 0.5
    assert CALIBRATION.confidence(SIGNALS) == pytest.approx(1 / (1 + math.exp(-odds)))


@pytest.mark.parametrize("run", [-1e9, 1e9])
def test_confidence_stays_a_chance(run: float) -> None:
    assert 0.0 <= CALIBRATION.confidence(replace(SIGNALS, run=run)) <= 1.0


@pytest.mark.parametrize(
    ("accepted", "least"),
    [(1.0, 0.0), (0.5, 0.6), (0.2, 0.6), (0.11, 0.7), (0.1, 0.7), (0.05, math.inf)],
)
def test_the_threshold_follows_from_the_error_accepted(accepted: float, least: float) -> None:
    assert CALIBRATION.least_confidence(accepted) == least


def test_only_answers_that_are_sure_enough_are_given() -> None:
    candidates = [answer("a", 3.0), answer("b", -9.0)]
    (given,) = judge(candidates, CALIBRATION, SearchConfig(accepted_error=0.2))
    assert given.source.id == "a"
    assert given.confidence == pytest.approx(CALIBRATION.confidence(SIGNALS))
    assert judge(candidates, CALIBRATION, SearchConfig(accepted_error=0.01)) == ()


def test_without_a_calibration_the_score_decides_and_nothing_is_said_of_confidence() -> None:
    candidates = [answer("a", 3.0, score=0.8), answer("b", 3.0, score=0.7)]
    (given,) = judge(candidates, None, SearchConfig(min_score=0.75))
    assert (given.source.id, given.confidence) == ("a", None)


def test_another_document_is_heard_before_a_second_answer_of_the_first() -> None:
    candidates = [answer("a", 3.0), answer("a", 3.0), answer("b", 3.0)]
    given = judge(candidates, None, SearchConfig(answers=2))
    assert [found.source.id for found in given] == ["a", "b"]


def test_a_calibration_survives_json() -> None:
    assert Calibration.from_json(json.loads(json.dumps(CALIBRATION.to_json()))) == CALIBRATION


@pytest.mark.model
def test_the_default_reranker_comes_with_a_calibration() -> None:
    reranker = load_reranker(SearchConfig().reranker)
    key = models_key(
        reader="sentences", reranker_sha256=reranker.identity.sha256, encoder_key="any"
    )
    found = shipped(key)
    assert found is not None
    assert not found.own
    assert 0 < found.least_confidence(SearchConfig().accepted_error) < 1


def test_no_calibration_is_taken_for_models_it_was_not_made_with() -> None:
    assert shipped("sentences/reranked/0123456789abcdef") is None


def test_what_was_held_back_is_told_with_what_it_lacked() -> None:
    config = SearchConfig(accepted_error=0.1)
    found = held_back([answer("a", -9.0), answer("b", 3.0)], CALIBRATION, config)
    assert found is not None
    assert found.confidence == pytest.approx(CALIBRATION.confidence(replace(SIGNALS, run=-9.0)))
    assert found.least == 0.7
    assert held_back([], CALIBRATION, config) is None
    assert held_back([answer("a", 3.0)], None, config) is None


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (None, ""),
        (HeldBack(confidence=0.1, least=0.6), ""),
        (HeldBack(confidence=0.555, least=0.6), "55 %, and answers are given from 60 % on."),
        (
            HeldBack(confidence=0.6105, least=0.6149),
            "just below the 61 % from which answers are given.",
        ),
        (HeldBack(confidence=0.9, least=math.inf), "accepted_error is set, nothing is answered."),
    ],
)
def test_near_answers_are_told_in_words(found: HeldBack | None, told: str) -> None:
    assert nearly(found).endswith(told)
    assert bool(nearly(found)) == bool(told)
