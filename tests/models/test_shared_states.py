"""States that are kept for a while: within their bounds, and never another answer for it."""

from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_models import write_files
from tiny_rerankers import KNOWN, onnx_reranker_files
from tokenizers import Tokenizer

from ctqa.models.graph_surgery import halves, open_model, save_model
from ctqa.models.onnx import Graph
from ctqa.models.pair_graph import HalvedGraph, PairGraph, States, WholeGraph
from ctqa.models.probe import HalfwayProbe, Probes
from ctqa.models.shared_states import KeptStates, Key, SharingGraph
from ctqa.models.tokens import open_tokenizer

ROOM = 40  # bytes: ten numbers
PROBES = Probes(
    halfway=HalfwayProbe(
        tensor="products",
        first=np.array([0.5], dtype=np.float32),
        mean=np.array([2.0], dtype=np.float32),
        bias=0.25,
    ),
    shared="weights",
)
texts = st.lists(st.sampled_from(KNOWN), max_size=9).map(" ".join)


def key(number: int) -> Key:
    return (number,), (0,)


def numbers(count: int, value: float = 0.0) -> States:
    return np.full((count, 1), value, dtype=np.float32)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 12), st.booleans()), max_size=40))
def test_what_was_used_last_is_held_as_far_as_there_is_room(
    steps: list[tuple[int, int, bool]],
) -> None:
    kept, expected = KeptStates(ROOM), OrderedDict[int, int]()
    for number, size, puts in steps:
        if puts:
            kept.put(key(number), numbers(size, number))
            expected.pop(number, None)
            expected[number] = size
            while 4 * sum(expected.values()) > ROOM:
                expected.popitem(last=False)
        else:
            found = kept.get(key(number))
            assert (found is None) is (number not in expected)
            if found is not None:
                expected.move_to_end(number)
                assert found.tolist() == numbers(expected[number], number).tolist()
        assert len(kept) == len(expected)
        assert kept.bytes == 4 * sum(expected.values()) <= ROOM


def test_what_has_no_room_at_all_is_not_held() -> None:
    kept = KeptStates(ROOM)
    kept.put(key(1), numbers(2))
    kept.put(key(2), numbers(11))
    assert (len(kept), kept.bytes) == (0, 0)


def test_what_is_held_cannot_be_changed() -> None:
    kept = KeptStates(ROOM)
    kept.put(key(1), numbers(2))
    found = kept.get(key(1))
    assert found is not None
    with pytest.raises(ValueError, match="read-only"):
        found[0] = 1


def test_threads_may_share_it() -> None:
    kept = KeptStates(ROOM)

    def use(number: int) -> None:
        for step in range(300):
            kept.put(key((number + step) % 7), numbers(number + 1, (number + step) % 7))
            found = kept.get(key(step % 7))
            assert found is None or set(found.ravel().tolist()) == {step % 7}

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(use, range(4)))
    assert kept.bytes <= ROOM
    held = [kept.get(key(number)) for number in range(7)]
    assert kept.bytes == sum(states.nbytes for states in held if states is not None)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> tuple[Tokenizer, list[PairGraph]]:
    """The tiny reranker's graph, whole and in two parts, and a reader's value before the cut."""
    folder = write_files(onnx_reranker_files(), tmp_path_factory.mktemp("shared") / "tiny")
    first, rest = halves(open_model(folder / "model.onnx"), "products")
    save_model(first, folder / "first.onnx")
    save_model(rest, folder / "rest.onnx")
    whole = WholeGraph(Graph.open(folder / "model.onnx", tapped=PROBES.tensors), PROBES)
    halved = HalvedGraph(
        Graph.open(folder / "first.onnx", tapped=["weights"]),
        Graph.open(folder / "rest.onnx", takes=["products"]),
        None,
        "products",
        "weights",
    )
    return open_tokenizer(folder / "tokenizer.json"), [whole, halved]


@given(st.lists(st.tuples(texts, texts, st.booleans()), max_size=8), st.sampled_from([0, 40, 4000]))
def test_kept_or_not_whole_or_in_two_parts_the_states_are_the_same(
    tiny: tuple[Tokenizer, list[PairGraph]], pairs: list[tuple[str, str, bool]], room: int
) -> None:
    tokenizer, graphs = tiny
    sharing = [SharingGraph(graph, KeptStates(room)) for graph in graphs]
    for question, text, begins in pairs:
        sequence = tokenizer.encode(question, text)
        plain = [graph.begin(sequence) for graph in graphs]
        if begins:
            for own, known in zip(sharing, plain, strict=True):
                found = own.begin(sequence)
                assert found.finish().logits.tolist() == known.finish().logits.tolist()
                assert found.states is not None
                assert known.states is not None
                assert found.states.tolist() == known.states.tolist()
        states = [own.states(sequence).tolist() for own in sharing]
        assert all(one.shared is not None and one.shared.tolist() in states for one in plain)
        assert states[0] == states[1]
        assert all(own.kept.bytes <= room for own in sharing)


def test_a_pair_that_is_remembered_is_not_read_again(
    tiny: tuple[Tokenizer, list[PairGraph]],
) -> None:
    tokenizer, (_, halved) = tiny
    sharing = SharingGraph(halved)
    sequence = tokenizer.encode("care home", "tea")
    shared = sharing.begin(sequence).shared
    assert sharing.states(tokenizer.encode("care home", "tea")) is shared
    assert sharing.states(tokenizer.encode("tea", "care home")) is not shared
    assert len(sharing.kept) == 2


def test_without_a_reader_nothing_is_kept_and_none_can_go_on(tmp_path: Path) -> None:
    folder = write_files(onnx_reranker_files(), tmp_path / "tiny")
    sharing = SharingGraph(WholeGraph(Graph.open(folder / "model.onnx"), Probes()))
    sequence = open_tokenizer(folder / "tokenizer.json").encode("care", "tea")
    assert sharing.begin(sequence).shared is None
    assert len(sharing.kept) == 0
    with pytest.raises(ValueError, match="nothing that a reader could go on from"):
        sharing.states(sequence)
