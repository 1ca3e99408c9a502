"""Why and why not: every stage of `ask`, passage by passage, and never at odds with it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from math import inf

import pytest
from encoders import WordEncoder
from library import LAKES, TRAINS, build, write_texts
from rerankers import HalfwayReranker, WordReranker

from ctqa.answering.calibration import Calibration, Point
from ctqa.answering.form import answer_form, why_form
from ctqa.answering.lines import HITS_READ
from ctqa.answering.named import passages_named
from ctqa.answering.qa import QA
from ctqa.answering.why import Explanation, Stages, explain
from ctqa.config import SearchConfig
from ctqa.errors import ConfigError
from ctqa.records import Passage

SHARE = "The ferry crosses the lake at noon and takes ten cars."
TEXTS = {
    "lakes.txt": LAKES,
    "trains.txt": TRAINS,
    "ferry.txt": f"Ferries\n\n{SHARE} Winters are quiet.\n",
    "timetable.txt": f"Timetable\n\n{SHARE} Buses meet the ferry.\n",
    "zoo.txt": "Zoo\n\nZebras sleep standing. Otters hold hands and hold on.\n",
    "canteen.txt": (
        "Canteen\n\nPorridge is served at seven, with honey, salt or jam, and tea. "
        "Soup is made of leeks, and of what else the garden gives in the season. "
        "Bread comes from the village, still warm, at about eight.\n"
    ),
    "hills.txt": "Hills\n\nThe path up the hill is steep. The lake is seen from the top.\n",
}
CONFIG = SearchConfig(min_score=0.6, rerank=5)
ZEBRAS = "Do zebras sleep?"
FERRY = "When does the ferry cross the lake?"
QUESTIONS = [FERRY, "Where are fishing licences sold?", ZEBRAS, "Xylophones"]
CONFIGS = [
    CONFIG,
    replace(CONFIG, rerank=0),
    replace(CONFIG, rerank=2),
    replace(CONFIG, candidates=2, rerank=3),
    replace(CONFIG, answers=1, min_score=0.0),
    replace(CONFIG, dense_weight=0.0),
    replace(CONFIG, dense_weight=1.0),
]


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QA]:
    folder = tmp_path_factory.mktemp("why")
    build(write_texts(folder / "documents", TEXTS), folder / "index")
    found = QA.load(folder / "index", CONFIG, encoder=WordEncoder(), reranker=WordReranker())
    yield found
    found.close()


def every_passage(qa: QA) -> list[Passage]:
    hits = qa.search("lake", config=SearchConfig(passages=1000, rerank=0))
    passages = [hit.passage for hit in hits]
    assert len(passages) == qa.status().passages > HITS_READ + 4
    return passages


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("question", [*QUESTIONS, "?"])
def test_it_never_disagrees_with_ask(qa: QA, question: str, config: SearchConfig) -> None:
    reply = qa.ask(question, config=replace(config, passages=1000))
    hits = {hit.passage.id: hit for hit in reply.hits}
    for passage in every_passage(qa):
        found, hit = qa.why(question, passage.id, config=config), hits.get(passage.id)
        assert found.passage == passage
        assert (found.final is None) == (hit is None) == (found.outcome == "search")
        if hit is None or found.final is None:
            continue
        assert (found.final.rank, found.final.of) == (hit.rank, len(hits))
        assert found.final.score == pytest.approx(hit.score)
        standings = (found.reranked, found.fused)
        scores = [None if standing is None else standing.score for standing in standings]
        assert scores == [hit.why.rerank_score, hit.why.fused_score]
        ranks = (hit.why.dense_rank, hit.why.lexical_rank)
        for rank, standing in zip(ranks, (found.dense, found.lexical), strict=True):
            assert rank is None or (standing is not None and standing.rank == rank)
        assert (found.best is None) == (hit.why.sentence_score is None)
        assert found.best is None or found.best.score == hit.why.sentence_score
        inside = [
            number
            for number, answer in enumerate(reply.answers, start=1)
            if answer.source.id == passage.document_id
            and passage.start <= answer.start
            and answer.end <= passage.end
        ]
        assert (found.outcome == "given") == bool(inside)
        if found.candidate is not None and found.candidate.given is not None:
            assert found.candidate.given in inside
            given = reply.answers[found.candidate.given - 1]
            assert found.candidate.answer.text == given.text


def test_the_ranks_by_meaning_and_by_words_go_down_to_the_last_passage(qa: QA) -> None:
    passages = every_passage(qa)
    narrow = replace(CONFIG, candidates=1)
    found = [qa.why(FERRY, passage.id, config=narrow) for passage in passages]
    dense = [e.dense for e in found if e.dense is not None]
    assert sorted(standing.rank for standing in dense) == [*range(1, len(passages) + 1)]
    assert {standing.of for standing in dense} == {len(passages)}
    lexical = [e.lexical for e in found if e.lexical is not None]
    terms = qa._index.terms
    sharing = [p for p in passages if {*terms(FERRY)} & {*terms(p.search_text)}]
    assert sorted(standing.rank for standing in lexical) == [*range(1, len(sharing) + 1)]
    assert {standing.of for standing in lexical} == {len(sharing)}


# The verdict ------------------------------------------------------------------------------------


def only(found: Explanation) -> tuple[str, str]:
    return found.outcome, found.verdict


def test_lost_in_searching(qa: QA) -> None:
    found = qa.why(ZEBRAS, "Fishing needs a licence.", config=replace(CONFIG, candidates=1))
    assert found.outcome == "search"
    assert found.dense is not None
    assert found.verdict.startswith(f"Not found {found.dense.rank}")
    assert found.verdict.endswith(
        " by meaning and sharing no word with the question: only the first 1 of each are looked at."
    )


def test_not_read_to_its_end(qa: QA, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctqa.answering.rerank.UNLIKELY", 1e-99)  # all are read at least halfway
    asked = "Where are fishing licences sold?"
    other = QA(
        qa._index, WordEncoder(), HalfwayReranker(), replace(CONFIG, rerank=20, candidates=100)
    )
    halfway = [hit for hit in other.search(asked) if hit.why.halfway]
    assert halfway
    for hit in halfway:
        found = other.why(asked, hit.passage.id)
        assert (found.halfway, found.closely, found.read) == (True, False, False)
        assert found.outcome == "reranking"
        assert found.verdict.endswith(
            "not read to its end: halfway, nothing near the best was to be expected of it."
        )


def test_lost_before_reranking_and_after_it(qa: QA) -> None:
    *_, fifth, sixth = [hit.passage.id for hit in qa.search(FERRY)[:6]]
    before = qa.why(FERRY, sixth)
    assert before.outcome == "reranking"
    assert before.verdict.endswith(" 6th together: not among the 5 that are reranked.")
    unlikely = qa.why(FERRY, fifth)
    assert unlikely.outcome == "reranking"
    first = sum(hit.why.rerank_score is not None for hit in qa.search(FERRY))
    assert unlikely.verdict.endswith(
        f" 5th together: not reranked, since after the first {first} a better one was unlikely."
    )
    claim = "the ferry crosses the lake"  # all of a claim's passages are read
    after = qa.why(claim, qa.search(claim)[4].passage.id)
    assert after.outcome == "reranking"
    assert after.verdict.endswith(
        " together, 5th after reranking: not among the 4 that are read for answers."
    )
    plain = replace(CONFIG, rerank=0)
    without = qa.why(FERRY, qa.search(FERRY, config=plain)[4].passage.id, config=plain)
    assert without.verdict.endswith(" 5th together: not among the 4 that are read for answers.")


def test_lost_to_a_better_candidate_that_says_the_same(qa: QA) -> None:
    texts = [qa.why(FERRY, id) for id in named(qa, "ferry.txt", "timetable.txt")]
    repeated = [found for found in texts if found.outcome == "repeated"]
    assert len(repeated) == 1
    assert "it says what a better candidate says, in " in repeated[0].verdict
    assert repeated[0].candidate is not None
    assert repeated[0].candidate.better is not None
    assert repeated[0].candidate.better.source.id != repeated[0].source.id


def named(qa: QA, *documents: str) -> list[str]:
    return [
        passage.id
        for passage in every_passage(qa)
        if passage.document_id in documents and SHARE in passage.text
    ]


def test_lost_at_the_threshold(qa: QA) -> None:
    passage = qa.search(ZEBRAS)[0].passage
    found = qa.why(ZEBRAS, passage.id, config=replace(CONFIG, min_score=1.0))
    assert found.outcome == "threshold"
    assert found.candidate is not None
    assert found.verdict.endswith(
        f"its answer is held back: score {found.candidate.answer.score:.3f}, and answers are given "
        "from 1.000 on."
    )


def test_lost_because_only_so_many_answers_are_given(qa: QA) -> None:
    one = replace(CONFIG, answers=1, min_score=0.0)
    claim = "the ferry crosses the lake"
    outcomes = {passage.id: qa.why(claim, passage.id, config=one) for passage in every_passage(qa)}
    kinds = [found.outcome for found in outcomes.values()]
    assert "given" in kinds
    late = next(found for found in outcomes.values() if found.outcome == "too many answers")
    assert late.verdict.endswith("its answer is sure enough, but only 1 are given.")


def test_not_lost(qa: QA) -> None:
    found = qa.why(ZEBRAS, "Zebras sleep standing.")
    assert only(found) == (
        "given",
        "Found 1st by meaning and 1st by words, 1st together, 1st after reranking: answer 1 stands "
        "in it.",
    )
    assert found.best is not None
    assert found.best.text == "Zebras sleep standing."


@pytest.mark.parametrize(("curve", "least"), [((), None), ((0.9,), 0.9)])
def test_a_calibration_is_the_measure_where_there_is_one(
    qa: QA, curve: tuple[float, ...], least: float | None
) -> None:
    question = ZEBRAS
    passage = qa.search(question)[0].passage
    found = explain(
        qa._index, replace(stages(qa, question), calibration=calibration(curve)), passage.id
    )
    assert found.outcome == "threshold"
    assert found.least == least
    assert found.candidate is not None
    assert found.candidate.answer.confidence == pytest.approx(0.5)
    json.dumps(why_form(found), allow_nan=False)
    if least is None:
        assert "no confidence keeps wrong answers to 10 % of the questions" in found.verdict
    else:
        assert "confidence 0.500, and answers are given from 0.900 on" in found.verdict


def calibration(curve: tuple[float, ...]) -> Calibration:
    """Give one that is as sure of everything."""
    return Calibration(
        gold="gold.jsonl",
        own=True,
        created_at="2020-01-01T00:00:00+00:00",
        questions=100,
        right=60,
        ece=0.02,
        models="",
        intercept=0.0,
        weights=(),
        curve=tuple(Point(confidence=at, coverage=0.5, error=0.05) for at in curve),
    )


def stages(qa: QA, question: str) -> Stages:
    reply = qa.ask(question, config=replace(CONFIG, min_score=0.0))
    return Stages(
        question=question,
        searched=question,
        config=CONFIG,
        dense=[],
        lexical=[],
        fused=reply.hits,
        hits=reply.hits,
        lines=(),
        found=reply.answers,
        calibration=None,
    )


# Which passage is meant -------------------------------------------------------------------------


def test_white_space_in_quoted_words_counts_for_nothing(qa: QA) -> None:
    found = qa.why(FERRY, "  deepest\tlake\n is   Wastwater. ")
    assert "deepest lake is Wastwater." in found.passage.text
    heading = qa.why(FERRY, "Fishing Fishing needs")  # a blank line stands between these
    assert heading.source.id == "lakes.txt"


def test_of_passages_that_overlap_the_one_that_fares_best_is_meant(qa: QA) -> None:
    for passage in every_passage(qa):
        for sentence in passage.sentences:
            words = passage.text[sentence.start - passage.start : sentence.end - passage.start]
            holding = [p for p in every_passage(qa) if words in p.text]
            if len({p.document_id for p in holding}) > 1 or len(holding) == 1:
                continue
            finals = [qa.why(FERRY, p.id).final for p in holding]
            best = min(inf if final is None else final.rank for final in finals)
            final = qa.why(FERRY, words).final
            assert final is not None
            assert final.rank == best
            return
    pytest.fail("no two passages overlap")


def test_words_across_the_end_of_a_passage_mean_one_that_holds_a_part(qa: QA) -> None:
    words = LAKES.strip()
    held = passages_named(qa._index, words)
    assert {passage.document_id for passage in held.values()} == {"lakes.txt"}
    assert len(held) > 1
    assert all(passage.text != words for passage in held.values())


@pytest.mark.parametrize("nothing", ["", " ", "no such words", "lakes.txt:0-999999", "none:0-5"])
def test_what_stands_nowhere_is_refused(qa: QA, nothing: str) -> None:
    with pytest.raises(ConfigError, match="stands so in no document"):
        qa.why(FERRY, nothing)


def test_words_in_several_places_are_refused_with_the_places(qa: QA) -> None:
    with pytest.raises(ConfigError, match=r"stands in 2 places \(ferry\.txt, character 9; timet"):
        qa.why(FERRY, SHARE)


def test_words_that_stand_twice_in_one_passage_mean_it(qa: QA) -> None:
    (found,) = passages_named(qa._index, "hold").values()
    assert found.text.count("hold") == 2
    assert found.document_id == "zoo.txt"


# As JSON ----------------------------------------------------------------------------------------


def test_the_json_form_tells_all_of_it(qa: QA) -> None:
    found = qa.why(ZEBRAS, "Zebras sleep standing.")
    form = json.loads(json.dumps(why_form(found), allow_nan=False))
    assert form["outcome"] == "given"
    assert form["verdict"] == found.verdict
    assert form["id"] == found.passage.id
    assert form["dense"]["rank"] == form["final"]["rank"] == form["given"] == 1
    assert form["read"] is True
    assert form["best_sentence"]["text"] == "Zebras sleep standing."
    assert found.candidate is not None
    assert form["answer"] == json.loads(json.dumps(answer_form(found.candidate.answer)))
    lost = why_form(qa.why(ZEBRAS, "Fishing needs a licence."))
    assert lost["answer"] is lost["given"] is lost["best_sentence"] is None
    assert lost["read"] is False
