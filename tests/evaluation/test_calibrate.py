"""Calibrating: from gold questions to confidences, and where too few of them are refused."""

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from encoders import WordEncoder
from hypothesis import given
from hypothesis import strategies as st
from library import build, write_texts
from rerankers import WordReranker

from ctqa.answering.qa import QA
from ctqa.config import SearchConfig
from ctqa.errors import GoldError
from ctqa.evaluation import load_gold
from ctqa.evaluation.calibrate import Sample, collect, curve, fit
from ctqa.index.build import keep_calibration
from ctqa.records import Signals

SIGNALS = Signals(
    passage=0.0,
    sentence=0.0,
    run=0.0,
    ahead=0.0,
    agreement=1.0,
    terms=0.5,
    terms_near=0.5,
    names=1.0,
    names_near=1.0,
)
TOWNS = [f"Town{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(70)]


def samples(n: int = 200) -> list[Sample]:
    """Make answers that are the more often right, the higher the logit of their sentence."""
    random = np.random.default_rng(7)
    logits = random.normal(0, 3, n)
    right = random.random(n) < 1 / (1 + np.exp(-logits))
    return [
        Sample(signals=replace(SIGNALS, run=float(z), passage=float(z) / 2), right=bool(r))
        for z, r in zip(logits, right, strict=True)
    ]


def test_a_sure_answer_gets_a_high_confidence_and_a_doubtful_one_a_low_one() -> None:
    made = fit(samples(), gold="gold", own=True, models="m")
    high = made.confidence(replace(SIGNALS, run=6.0, passage=3.0))
    low = made.confidence(replace(SIGNALS, run=-6.0, passage=-3.0))
    assert high > 0.9
    assert low < 0.1
    assert (made.questions, made.own, made.models) == (200, True, "m")
    assert made.ece < 0.15
    assert [point.confidence for point in made.curve] == sorted(p.confidence for p in made.curve)
    assert made.curve[0].confidence == 0.0
    assert made.curve[0].error == pytest.approx(1 - made.right / 200)


def test_the_same_gold_gives_the_same_calibration() -> None:
    first, second = (fit(samples(), gold="g", own=True, models="m") for _ in range(2))
    assert replace(first, created_at="") == replace(second, created_at="")


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (samples(60), "60 questions"),
        ([replace(sample, right=True) for sample in samples()], "200 answered right and 0 wrong"),
        ([Sample(signals=None, right=False)] * 120, "0 answered right"),
        ([], "0 questions"),
    ],
)
def test_a_thin_gold_set_is_refused_with_what_is_missing(given: list[Sample], found: str) -> None:
    with pytest.raises(GoldError, match=f"thin: .*{found}.*expected at least 100 questions"):
        fit(given, gold="thin", own=True, models="m")


def test_impossible_questions_are_weighed_to_the_share_reckoned_with() -> None:
    given = [
        Sample(signals=replace(SIGNALS, run=float(n % 7)), right=n % 4 != 0, possible=n % 4 != 0)
        for n in range(200)
    ]
    rare = fit(given, gold="g", own=False, models="m", impossible_share=0.1)
    usual = fit(given, gold="g", own=False, models="m")
    assert rare.curve[0].error == pytest.approx(0.1)
    assert usual.curve[0].error == pytest.approx(0.25)
    assert rare.confidence(SIGNALS) > usual.confidence(SIGNALS)


def test_a_curve_worked_by_hand() -> None:
    confidence, right = np.array([0.2, 0.9, 0.6]), np.array([False, True, True])
    points = curve(confidence, right, np.array([2.0, 1.0, 1.0]), questions=5.0)
    told = [(p.confidence, p.coverage, p.error) for p in points]
    assert told == [(0.0, 0.8, 0.4), (0.6, 0.4, 0.0), (0.9, 0.2, 0.0)]


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60))
def test_a_curve_falls_in_coverage_and_error(found: list[tuple[float, bool]]) -> None:
    confidence, right = np.array([c for c, _ in found]), np.array([r for _, r in found])
    points = curve(confidence, right, np.ones(len(found)), questions=len(found))
    for before, after in pairwise(points):
        assert before.coverage >= after.coverage
        assert before.error >= after.error
    assert all(0 <= point.error <= point.coverage <= 1 for point in points)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("calibrate")
    texts = {
        f"{town}.txt": f"The river of {town} is deep. Its mayor sells {town} honey in spring.\n"
        for town in TOWNS
    }
    build(write_texts(folder / "documents", texts), folder / "index")
    rows = [
        {
            "id": str(n),
            "question": f"What honey does the mayor of {town} sell in spring?",
            "document": f"{town}.txt",
            "quote": f"Its mayor sells {town} honey in spring.",
        }
        for n, town in enumerate(TOWNS)
    ]
    rows += [
        {"id": f"i{n}", "question": f"Which bishop wrote psalm {n}?", "impossible": True}
        for n in range(40)
    ]
    gold = "\n".join(map(json.dumps, rows))
    (folder / "gold.jsonl").write_text(gold, encoding="utf-8")
    return folder


def opened(folder: Path, config: SearchConfig | None = None) -> QA:
    settings = SearchConfig() if config is None else config
    return QA.load(folder / "index", settings, encoder=WordEncoder(), reranker=WordReranker())


def test_an_index_keeps_its_calibration_and_answers_by_it(folder: Path) -> None:
    qa = opened(folder)
    assert qa.calibration() is None
    reply = qa.ask("What honey does the mayor of Townaa sell in spring?")
    assert reply.answers[0].confidence is None
    assert reply.calibration is None
    made = fit(
        collect(qa, load_gold(folder / "gold.jsonl")), gold="gold.jsonl", own=True, models=qa.models
    )
    qa.close()
    assert made.right == len(TOWNS)
    keep_calibration(folder / "index", made.models, json.dumps(made.to_json()))
    qa = opened(folder)
    assert qa.calibration() == made
    reply = qa.ask("What honey does the mayor of Townaa sell in spring?")
    assert reply.answers[0].confidence is not None
    assert reply.answers[0].confidence > 0.9
    assert reply.calibration == made.told()
    assert qa.ask("Which bishop wrote psalm 151?").answers == ()
    qa.close()


def test_a_calibration_outlives_a_rebuild(folder: Path) -> None:
    qa = opened(folder)
    made = fit(collect(qa, load_gold(folder / "gold.jsonl")), gold="g", own=True, models=qa.models)
    qa.close()
    keep_calibration(folder / "index", made.models, json.dumps(made.to_json()))
    (folder / "documents" / "new.txt").write_text("A new page.\n", encoding="utf-8")
    build(folder / "documents", folder / "index")
    qa = opened(folder)
    assert qa.build == 2
    assert qa.calibration() == made
    qa.close()


def test_a_calibration_serves_only_the_models_it_was_made_with(folder: Path) -> None:
    qa = opened(folder)
    assert qa.calibration(replace(qa.config, rerank=0)) is None
    assert qa.ask("What honey?", config=replace(qa.config, rerank=0)).calibration is None
    qa.close()
