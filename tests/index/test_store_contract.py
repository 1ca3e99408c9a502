"""What every store promises, held against each of them: the one in the folder, and Qdrant."""

import math
import multiprocessing
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np
import pytest
from encoders import WordEncoder
from library import TEXTS, build, open_qa, write_texts
from storing import build_in, build_in_and_die, corpus

from ctqa import api, show_index
from ctqa.evaluation import load_gold
from ctqa.index import dense_segment
from ctqa.index.doctor import diagnose, mend, roll_back
from ctqa.index.lexical import term_maker
from ctqa.index.local import LocalIndex, open_index
from ctqa.index.qdrant import opened as opened_there
from ctqa.index.qdrant import recall as recall_there
from ctqa.index.store import store_at
from ctqa.index.verify import verify_index
from ctqa.records import Filter

SEEDS = Path(__file__).parents[2] / "seeds"
QUESTIONS = ("the deepest lake", "night train to Carlisle", "licence for a dog", "lake lake fish")


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    return write_texts(tmp_path / "documents", TEXTS | corpus(60))


@pytest.fixture
def index(tmp_path: Path, documents: Path, store: str) -> Path:
    build_in(store, documents, tmp_path / "index")
    return tmp_path / "index"


@pytest.fixture
def opened(index: Path) -> Iterator[LocalIndex]:
    with closing(open_index(index)) as found:
        yield found


def query(text: str) -> np.ndarray:
    return WordEncoder().encode_queries([text])


def search_texts(opened: LocalIndex) -> dict[int, str]:
    """Give what is searched of every passage, by its key."""
    keys = opened.keys_of(source.id for source in opened.sources())
    return opened._catalog.lexical_texts(keys)


def by_hand(texts: dict[int, str], question: str) -> dict[int, float]:
    """Work out BM25 with k1 = 1.2, b = 0.75; the texts are too short for lengths to be rounded."""
    terms = term_maker()
    held = {key: Counter(terms(text)) for key, text in texts.items()}
    mean = sum(sum(each.values()) for each in held.values()) / len(held)
    scores: dict[int, float] = {}
    for term in terms(question):
        holders = sum(term in each for each in held.values())
        rarity = math.log(1 + (len(held) - holders + 0.5) / (holders + 0.5))
        for key, each in held.items():
            if times := each[term]:
                norm = 1.2 * (0.25 + 0.75 * sum(each.values()) / mean)
                scores[key] = scores.get(key, 0.0) + rarity * 2.2 * times / (times + norm)
    return scores


def all_found(opened: LocalIndex) -> list[object]:
    return [
        (opened.dense(query(each), 20), opened.lexical(each, 20))
        for each in (*QUESTIONS, "number 17 of the north")
    ]


# What is found ----------------------------------------------------------------------------------


def test_the_nearest_are_those_of_the_largest_cosines_and_ties_are_by_key(
    opened: LocalIndex,
) -> None:
    texts = search_texts(opened)
    keys = sorted(texts)
    vectors = WordEncoder().encode_passages([texts_of(opened)[key] for key in keys])
    for question in QUESTIONS:
        asked = query(question)
        cosines = np.vecdot(vectors, asked[0])
        expected = sorted(zip(keys, cosines.tolist(), strict=True), key=lambda p: (-p[1], p[0]))
        assert opened.dense(asked, 25) == [expected[:25]]
        assert opened.dense_scores(asked[0], keys[:7]) == cosines[:7].tolist()


def texts_of(opened: LocalIndex) -> dict[int, str]:
    """Give what is encoded of every passage."""
    keys = opened.keys_of(source.id for source in opened.sources())
    return {key: passage.search_text for key, (passage, _) in opened.passages(keys).items()}


def test_words_are_ranked_by_bm25_and_ties_are_by_key(opened: LocalIndex) -> None:
    texts = search_texts(opened)
    for question in QUESTIONS:
        expected = by_hand(texts, question)
        found = opened.lexical(question, 1_000)
        assert dict(found) == pytest.approx(expected, rel=1e-5)
        assert found == sorted(found, key=lambda pair: (-pair[1], pair[0]))
        assert opened.lexical(question, 7) == found[:7]


def test_many_alike_are_in_the_order_of_their_keys(tmp_path: Path, store: str) -> None:
    texts = {f"{n:03}.txt": "The same short text." for n in range(120)}
    build_in(store, write_texts(tmp_path / "documents", texts), tmp_path / "index")
    with closing(open_index(tmp_path / "index")) as opened:
        keys = opened.keys_of(texts)
        assert [key for key, _ in opened.lexical("same text", 10)] == keys[:10]
        assert [key for key, _ in opened.dense(query("same text"), 10)[0]] == keys[:10]


@pytest.mark.parametrize("question", ["", "?!", "zyzzyva", "Qwghlm"])
def test_what_stands_nowhere_is_not_found_by_words(opened: LocalIndex, question: str) -> None:
    assert opened.lexical(question, 10) == []


def test_no_more_is_given_than_there_is(tmp_path: Path, store: str) -> None:
    documents = write_texts(tmp_path / "documents", {"one.txt": "A single lake."})
    build_in(store, documents, tmp_path / "index")
    with closing(open_index(tmp_path / "index")) as opened:
        assert len(opened) == 1
        assert len(opened.lexical("lake", 10)) == len(opened.dense(query("lake"), 10)[0]) == 1
        assert opened.dense(np.empty((0, 64), dtype=np.float32), 10) == []
        assert opened.lexical("lake", 0) == []


def test_several_questions_at_once_are_answered_as_one_by_one(opened: LocalIndex) -> None:
    together = opened.dense(np.concatenate([query(each) for each in QUESTIONS]), 10)
    assert together == [opened.dense(query(each), 10)[0] for each in QUESTIONS]


def test_only_chosen_documents_are_searched(opened: LocalIndex) -> None:
    chosen = opened.keys_where(Filter(documents=("lakes.txt", "note07.txt", "note31.txt")))
    assert 0 < len(chosen) < len(opened)
    everywhere = dict(opened.lexical("the lake number 7", 1_000))
    found = opened.lexical("the lake number 7", 50, chosen)
    assert dict(found) == pytest.approx(
        {key: score for key, score in everywhere.items() if key in set(chosen)}, rel=1e-6
    )
    near = opened.dense(query("lake"), 50, chosen)[0]
    assert {key for key, _ in near} == set(chosen)


def test_many_documents_are_chosen_as_well_as_few(tmp_path: Path, store: str) -> None:
    texts = {f"{part}/{n:04}.txt": f"Lake {n} lies here." for part in "ab" for n in range(2_100)}
    build_in(store, write_texts(tmp_path / "documents", texts), tmp_path / "index")
    with closing(open_index(tmp_path / "index")) as opened:
        chosen = opened.keys_where(Filter(folders=("b",)))
        assert len(chosen) == 2_100
        assert len(opened.lexical("lake", 4_000, chosen)) == 2_100
        assert {key for key, _ in opened.dense(query("lake"), 2_100, chosen)[0]} == set(chosen)
        assert opened.lexical("lake 1999", 1, chosen)[0][0] in chosen


def test_rarity_and_phrases_are_counted(opened: LocalIndex) -> None:
    texts, terms = search_texts(opened), term_maker()
    for term in (*terms("deepest lake the note"), "zyzzyva"):
        holders = sum(term in terms(text) for text in texts.values())
        assert opened.rarity(term) == pytest.approx(
            math.log(1 + (len(texts) - holders + 0.5) / (holders + 0.5))
        )
    for phrase in ("night train", "train night", "lake", "deepest lake is", "zyzzyva", "…"):
        wanted = terms(phrase)
        width = len(wanted)
        expected = sum(
            any(held[at : at + width] == wanted for at in range(len(held)))
            for held in map(terms, texts.values())
        )
        assert opened.holding(phrase) == (expected if wanted else 0)


def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let passages that are looked at one by one be fewer than a test has."""
    for home in (dense_segment, opened_there, recall_there):
        monkeypatch.setattr(home, "APPROXIMATE_FROM", 50)


def test_how_much_of_the_nearest_many_passages_give_is_measured_with_the_build(
    tmp_path: Path, documents: Path, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = tmp_path / "index"
    build_in(store, documents, index)
    with closing(open_index(index)) as opened:
        (segment,) = opened.status().segments
    assert (segment.kind, segment.live, segment.recall) == ("flat", len(opened), None)
    few_are_many(monkeypatch)
    write_texts(documents, corpus(90))
    build_in(store, documents, index)
    with closing(open_index(index)) as opened:
        segments, said = (
            opened.status().segments,
            show_index.status(opened.status(), "a test", "a test"),
        )
    measured = [each for each in segments if each.kind != "flat"]
    assert sum(each.live for each in segments) == len(opened)
    assert [each.recall.k for each in measured if each.recall is not None] == [100]
    assert all(each.recall.mean >= 0.98 for each in measured if each.recall is not None)
    assert "of the 100 nearest (measured with" in said
    assert "less than" not in said


# Builds -----------------------------------------------------------------------------------------


def change(documents: Path) -> None:
    """Change a document, add one, and remove one."""
    write_texts(
        documents, {"lakes.txt": "The deepest lake is another one.", "new.txt": "New fish."}
    )
    (documents / "note05.txt").unlink()


def test_a_reader_goes_on_with_its_build_and_the_next_one_has_the_new(
    index: Path, documents: Path, store: str
) -> None:
    with ExitStack() as stack:
        before = stack.enter_context(closing(open_index(index)))
        found = all_found(before)
        change(documents)
        assert build_in(store, documents, index).build == 2
        after = stack.enter_context(closing(open_index(index)))
        assert all_found(before) == found != all_found(after)
        assert len(after.passages([key for key, _ in after.lexical("new fish", 1)])) == 1
        assert "note05.txt" not in {source.id for source in after.sources()}
        assert verify_index(index, encoder=WordEncoder()).findings == ()


def test_what_many_small_builds_made_is_what_one_build_makes(
    tmp_path: Path, store: str, request: pytest.FixtureRequest
) -> None:
    seeded = random.Random(3)  # noqa: S311 -- the same changes every time
    documents = write_texts(tmp_path / "documents", corpus(40))
    for step in range(6):
        names = sorted(path.name for path in documents.iterdir())
        for name in seeded.sample(names, 4):
            (documents / name).unlink()
        fresh = {f"step{step}-{n}.txt": f"Lake {n} of step {step}." for n in range(4)}
        write_texts(documents, fresh)
        build_in(store, documents, tmp_path / "index")
        assert verify_index(tmp_path / "index", encoder=None).findings == ()
    build(documents, tmp_path / "whole")
    with (
        closing(open_index(tmp_path / "index")) as many,
        closing(open_index(tmp_path / "whole")) as one,
    ):
        for question in ("lake of step 3", "note number 7", "the deepest"):
            assert ids(many, many.dense(query(question), 30)[0]) == ids(
                one, one.dense(query(question), 30)[0]
            )


def ids(opened: LocalIndex, found: Sequence[tuple[int, float]]) -> set[tuple[str, float]]:
    passages = opened.passages([key for key, _ in found])
    return {(passages[key][0].id, score) for key, score in found}


def test_going_back_brings_back_what_was_found(index: Path, documents: Path, store: str) -> None:
    with closing(open_index(index)) as opened:
        found = all_found(opened)
    change(documents)
    build_in(store, documents, index)
    assert roll_back(index).number == 1
    with closing(open_index(index)) as opened:
        assert all_found(opened) == found
    assert verify_index(index, encoder=WordEncoder()).findings == ()
    assert build_in(store, documents, index).build == 3
    assert verify_index(index, encoder=WordEncoder()).findings == ()


def test_nothing_is_written_where_nothing_has_changed(
    index: Path, documents: Path, store: str
) -> None:
    report = build_in(store, documents, index)
    assert (report.build, report.committed, report.encoded) == (1, False, 0)


@pytest.mark.parametrize("step", ["write", "keep", "commit"])
@pytest.mark.parametrize("times", [0, 1])  # the first build, and the second
def test_a_build_that_is_killed_leaves_the_one_before_and_the_next_one_goes_on(
    tmp_path: Path, documents: Path, store: str, step: str, times: int
) -> None:
    index = tmp_path / "index"
    if times:
        build_in(store, documents, index)
        with closing(open_index(index)) as opened:
            found = all_found(opened)
        change(documents)
    killed = multiprocessing.get_context("fork").Process(
        target=build_in_and_die, args=(step, store, documents, index)
    )
    killed.start()
    killed.join()
    assert killed.exitcode == -9
    if times and step != "keep":  # by then it is committed
        with closing(open_index(index)) as opened:
            assert all_found(opened) == found
    report = build_in(store, documents, index)
    assert (report.build, report.encoded) == (times + 1, 0)
    assert verify_index(index, encoder=WordEncoder()).findings == ()
    with closing(open_index(index)) as opened:
        assert opened.lexical("zyzzyva fish", 1) == opened.lexical("fish", 1) != []


# Moving, mending --------------------------------------------------------------------------------


def test_an_index_moves_between_stores_and_nothing_is_encoded_again(
    index: Path, documents: Path, store: str, address: str
) -> None:
    with closing(open_index(index)) as opened:
        near = [opened.dense(query(each), 20) for each in QUESTIONS]
        words = [opened.lexical(each, 20) for each in QUESTIONS]
    other = address if store == "local" else "local"
    for place in (other, store):
        report = build_in(place, documents, index)
        assert (report.committed, report.encoded, report.unchanged) == (True, 0, 62)
        with closing(open_index(index)) as opened:
            assert [opened.dense(query(each), 20) for each in QUESTIONS] == near
            for question, expected in zip(QUESTIONS, words, strict=True):
                assert dict(opened.lexical(question, 20)) == pytest.approx(dict(expected), rel=1e-5)
        assert verify_index(index, encoder=WordEncoder()).findings == ()


def test_a_store_that_is_there_is_reached_and_nothing_is_made(tmp_path: Path, store: str) -> None:
    store_at(tmp_path / "index", store).knock()
    assert not (tmp_path / "index").exists()


def test_the_store_is_kept_with_the_index(index: Path, documents: Path, store: str) -> None:
    assert api.settings_of(index).store == store
    with closing(open_index(index)) as opened:
        assert (opened.status().store == "") == (store == "local")


def test_the_doctor_finds_nothing_wrong_with_what_is_whole(index: Path) -> None:
    found = diagnose(index, load_encoder=lambda *_, **__: WordEncoder())
    assert [each for each in found if each.is_damage] == []
    assert mend(index, load_encoder=lambda *_, **__: WordEncoder()).done == ()


# The samples ------------------------------------------------------------------------------------


def test_the_samples_are_answered_alike_from_every_store(tmp_path: Path, store: str) -> None:
    build(SEEDS, tmp_path / "local")
    build_in(store, SEEDS, tmp_path / "index")
    questions = [each.question for each in load_gold(SEEDS / "gold.jsonl").questions]
    with closing(open_qa(tmp_path / "local")) as a, closing(open_qa(tmp_path / "index")) as b:
        first = [
            [[hit.passage.id for hit in qa.search(each)] for each in questions] for qa in (a, b)
        ]
    assert len(questions) > 150
    assert first[0] == first[1]
