"""Our figures against trec_eval's own C code, from the run files that we write."""

import itertools
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import ir_measures
import pytest
import pytrec_eval
from evaluation.listed import ListQA, make_document, make_hits
from hypothesis import given, settings
from hypothesis import strategies as st

from ctqa.evaluation import Evaluation, Gold, GoldQuestion, Judgment, evaluate
from ctqa.evaluation.naming import RETRIEVAL

NAMES = [f"d{n:02}" for n in range(14)]
DOCUMENTS = {name: make_document(name, f"Text of {name}.") for name in NAMES}
TREC_NAMES = {
    **{f"Success@{k}": f"success_{k}" for k in (1, 3, 5, 10)},
    "nDCG@10": "ndcg_cut_10",
    "AP": "map",
    **{f"R@{k}": f"recall_{k}" for k in (5, 10, 100)},
}
TREC_MEASURES = {"success.1,3,5,10", "ndcg_cut.10", "map", "recall.5,10,100", "recip_rank"}

Qrels = Mapping[str, Mapping[str, int]]
Run = Mapping[str, Sequence[tuple[str, float]]]  # documents with their scores, best first


def evaluated(qrels: Qrels, run: Run) -> Evaluation:
    questions = [
        GoldQuestion(
            id=query,
            question=query,
            judgments=tuple(Judgment(document=d, relevance=r) for d, r in judged.items()),
        )
        for query, judged in qrels.items()
    ]
    hits = {
        query: make_hits(
            *((DOCUMENTS[name], DOCUMENTS[name].text) for name, _ in found),
            scores=[score for _, score in found],
        )
        for query, found in run.items()
    }
    qa = ListQA(held=list(DOCUMENTS.values()), hits=hits)
    return evaluate(qa, Gold(name="g", questions=tuple(questions)), answers=False)


def judged_at_ten(documents: Sequence[str], judged: Mapping[str, int]) -> float:
    first = documents[:10]
    return sum(name in judged for name in first) / len(first) if first else 0.0


def hold_against_trec_eval(qrels: Qrels, run: Run, folder: Path) -> None:
    """Write what we ranked and what the gold says, and compare everything measured from that."""
    ours = evaluated(qrels, run)
    ours.write_run(folder / "run")
    lines = [f"{q} 0 {d} {r}\n" for q, judged in qrels.items() for d, r in judged.items()]
    (folder / "qrels").write_text("".join(lines), encoding="utf-8")
    theirs = by_trec_eval(folder)
    again, means = by_ir_measures(folder)
    for row in ours.rows:
        if not qrels[row.id]:  # trec_eval leaves out what nothing is judged for
            assert row.values == {} and row.id not in theirs
            continue
        expected = theirs.get(row.id, dict.fromkeys(RETRIEVAL, 0.0))  # 0 where nothing was found
        expected["Judged@10"] = judged_at_ten(list(row.documents), qrels[row.id])
        assert row.values == pytest.approx(expected, abs=1e-9)
        assert row.values == pytest.approx(
            again.get(row.id, dict.fromkeys(RETRIEVAL, 0.0)), abs=1e-9
        )
    assert {name: found.mean for name, found in ours.figures.items()} == pytest.approx(means)


def by_trec_eval(folder: Path) -> dict[str, dict[str, float]]:
    with (folder / "qrels").open() as file:
        evaluator = pytrec_eval.RelevanceEvaluator(pytrec_eval.parse_qrel(file), TREC_MEASURES)
    with (folder / "run").open() as file:
        measured = evaluator.evaluate(pytrec_eval.parse_run(file))
    return {
        query: {
            **{name: values[theirs] for name, theirs in TREC_NAMES.items()},
            # Its reciprocal rank has no cutoff; the eleventh is below .1.
            "RR@10": values["recip_rank"] if values["recip_rank"] > 0.095 else 0.0,
        }
        for query, values in measured.items()
    }


def by_ir_measures(folder: Path) -> tuple[dict[str, dict[str, float]], dict[str, float]]:
    measures = [ir_measures.parse_measure(name) for name in RETRIEVAL]
    qrels = list(ir_measures.read_trec_qrels(str(folder / "qrels")))
    run = list(ir_measures.read_trec_run(str(folder / "run")))
    found: dict[str, dict[str, float]] = {}
    for metric in ir_measures.iter_calc(measures, qrels, run):
        found.setdefault(metric.query_id, {})[str(metric.measure)] = metric.value
    means = ir_measures.calc_aggregate(measures, qrels, run) if qrels else {}
    return found, {str(measure): mean for measure, mean in means.items()}


FALLING = [(name, 1 / n) for n, name in enumerate(NAMES, start=1)]


@pytest.mark.parametrize(
    ("qrels", "run"),
    [
        pytest.param({"q": {"d02": 1}}, {"q": FALLING}, id="one relevant, at rank 3"),
        pytest.param({"q": {"d10": 1}}, {"q": FALLING}, id="at rank 11, behind the cutoff"),
        pytest.param(
            {"q": {"d00": 1, "d01": 3, "d05": 2, "d11": 3}}, {"q": FALLING}, id="several grades"
        ),
        pytest.param(
            {"q": {"d00": 0, "d01": -1, "d03": 2, "d04": 1}, "p": {"d00": -1}},
            {"q": FALLING, "p": FALLING},
            id="negative grades",
        ),
        pytest.param(
            {"q": {"d03": 1}, "p": {"d01": 1}},
            {"q": [(name, 0.5) for name in NAMES], "p": [("d09", 0.5), ("d01", 0.5)]},
            id="ties",
        ),
        pytest.param(
            {"q": {"d03": 1}},
            {"q": [("d01", 0.30000001), ("d03", 0.3), ("d02", 0.29999999)]},
            id="equal as 32-bit floats",
        ),
        pytest.param({"q": {"d00": 1}, "p": {"d01": 1}}, {"q": FALLING}, id="a query not in it"),
        pytest.param({"q": {"d00": 1}, "p": {"d01": 1}}, {}, id="an empty run"),
        pytest.param({"q": {"d00": 1}, "p": {}}, {"q": FALLING, "p": FALLING}, id="no qrels"),
        pytest.param({"q": {"d00": 0}, "p": {"d01": 1}}, {"q": FALLING}, id="nothing relevant"),
        pytest.param({"q": {"gone": 1, "d00": 1}}, {"q": FALLING}, id="not in the index"),
        pytest.param({"q": {"d01": 1}}, {"q": [("d01", -3.5), ("d00", -7.0)]}, id="below 0"),
        pytest.param(
            {"q": {"d01": 1, "d02": 1}},
            {"q": [("d01", 3.0), ("d01", 2.0), ("d02", 2.0), ("d01", 1.0)]},
            id="several passages of a document",
        ),
    ],
)
def test_every_figure_equals_trec_evals(qrels, run, tmp_path):
    hold_against_trec_eval(qrels, run, tmp_path)


def test_grades_that_trec_eval_dies_of_are_not_relevant():
    # TREC's web track marks spam with -2; where nothing else is judged, trec_eval may crash.
    ours = evaluated({"q": {"d00": -2, "d01": -3}}, {"q": FALLING})
    assert ours.rows[0].values == dict.fromkeys(RETRIEVAL, 0.0) | {"Judged@10": 0.2}


grades = st.dictionaries(st.sampled_from(NAMES), st.integers(-1, 3), min_size=1, max_size=8)
scores = st.floats(-10, 10, width=32) | st.sampled_from([0.0, 1.0])


@st.composite
def ranked(draw):
    names = draw(st.lists(st.sampled_from(NAMES), max_size=30))
    falling = sorted(draw(st.lists(scores, min_size=len(names), max_size=len(names))), reverse=True)
    return list(zip(names, falling, strict=True))


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.sampled_from("abc"), grades, min_size=1),
    st.dictionaries(st.sampled_from("abc"), ranked()),
)
def test_random_runs_equal_trec_evals_too(qrels, run):
    with tempfile.TemporaryDirectory() as folder:
        hold_against_trec_eval(qrels, run, Path(folder))


def test_the_written_run_is_in_the_order_that_trec_eval_takes(tmp_path):
    tied = {"q": [(name, 1.0) for name in reversed(NAMES)]}
    evaluated({"q": {"d00": 1}}, tied).write_run(tmp_path / "run")
    lines = [line.split() for line in (tmp_path / "run").read_text().splitlines()]
    assert [line[2] for line in lines] == list(reversed(NAMES))
    assert all(float(a[4]) > float(b[4]) for a, b in itertools.pairwise(lines))
