"""CTQA's own span reader: the reranker's states read on, and refused over any other weights."""

import hashlib
from collections.abc import Iterator
from math import ceil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rerankers import WordReranker
from tiny_models import CLS
from tiny_readers import SIDES, tiny_reranker, write_reader
from tiny_rerankers import KNOWN, LIMIT, TABLE
from tiny_rerankers import SIDES as WEIGHTS
from tokenizers import Encoding

from ctqa.errors import ModelError
from ctqa.models import Behind, Marked, fetch, load_reranker, load_shared_span_reader, trunk_of
from ctqa.models import shipped_reader as module
from ctqa.models.installed import home, locate, unchecked
from ctqa.models.load import located
from ctqa.models.onnx_reranker import OnnxReranker
from ctqa.models.probe import find_probes
from ctqa.models.shared_span_reader import SharedSpanReader
from ctqa.models.shipped_reader import ENTRY, GRAPH, SHIPPED, checked_reader, shipped_reader
from ctqa.models.span_reader import Logits, WindowReader

REAL = "ms-marco-MiniLM-L-12-v2"
texts = st.lists(st.sampled_from(KNOWN), max_size=40).map(" ".join)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> tuple[OnnxReranker, Path]:
    root = tmp_path_factory.mktemp("readers")
    reranker = tiny_reranker(root / "reranker")
    return reranker, write_reader(root / "reader", reranker.identity.sha256)


def by_hand(encoding: Encoding) -> tuple[Logits, Logits]:
    values = TABLE[encoding.ids, 0] * WEIGHTS[encoding.type_ids, 0]
    return values * SIDES[0, 0], values * SIDES[0, 1]


@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=3))
def test_it_reads_what_the_states_say_window_by_window(
    tiny: tuple[OnnxReranker, Path], pairs: list[tuple[str, str]]
) -> None:
    reranker, folder = tiny
    reader = load_shared_span_reader(reranker, folder)
    reference = WindowReader(reranker.trunk().tokenizer, max_tokens=LIMIT, cls=CLS)
    for question, text in pairs:
        half = Marked(text=text, parts=((0, len(text) // 2), (len(text) // 2, len(text))))
        assert reader.read(question, [text]) == reference.read(question, [text], by_hand)
        assert reader.mark(question, [half]) == reference.mark(question, [half], by_hand)


def test_what_was_reranked_is_not_begun_again_and_a_long_text_is_read_in_windows(
    tmp_path: Path,
) -> None:
    reranker = tiny_reranker(tmp_path / "reranker")
    folder = write_reader(tmp_path / "reader", reranker.identity.sha256)
    assert reranker._sharing is not None
    kept = reranker._sharing.kept
    reranker.readings("tea", [Marked(text="a tea")])
    assert len(kept) == 0  # no reader stands on it yet
    reader = load_shared_span_reader(reranker, folder)
    before = len(kept)
    reranker.readings("tea", [Marked(text="care home")])
    assert len(kept) == before + 1
    reader.read("tea", ["care home"])
    assert len(kept) == before + 1
    words = [KNOWN[at * at % 7 % 5] if at % 9 else "." for at in range(40)]
    reader.read("tea", [" ".join(words)])
    # A window has 12 - 3 - 1 of them, of which half of 12 - 3 - 4 stand in the next one again.
    assert len(kept) == before + 1 + 1 + ceil((40 - 8) / (8 - 2))
    reader.read("tea", [" ".join(words)])
    assert len(kept) == before + 1 + 1 + ceil((40 - 8) / (8 - 2))


def test_it_is_refused_over_other_weights(tiny: tuple[OnnxReranker, Path], tmp_path: Path) -> None:
    reranker, _ = tiny
    other = write_reader(tmp_path / "other", "0" * 64)
    with pytest.raises(ModelError, match=r"stands on the lower layers of tiny \(weights 000000000"):
        load_shared_span_reader(reranker, other)


def test_a_damaged_a_missing_and_an_unreadable_reader_are_told(
    tiny: tuple[OnnxReranker, Path], tmp_path: Path
) -> None:
    reranker, _ = tiny
    sha256 = reranker.identity.sha256
    folder = write_reader(tmp_path / "reader", sha256)
    (folder / GRAPH).write_bytes(b"damage")
    with pytest.raises(ModelError, match=r"is damaged \(sha256 .*install CTQA again"):
        load_shared_span_reader(reranker, folder)
    (folder / GRAPH).unlink()
    with pytest.raises(ModelError, match="cannot be read"):
        load_shared_span_reader(reranker, folder)
    (folder / ENTRY).write_text('{"name": "tiny"}')
    with pytest.raises(ModelError, match="does not tell what the reader is"):
        load_shared_span_reader(reranker, folder)
    with pytest.raises(ModelError, match="comes without a span reader"):
        load_shared_span_reader(reranker, tmp_path / "nowhere")


def test_a_graph_that_gives_something_else_is_told(tmp_path: Path) -> None:
    reranker = tiny_reranker(tmp_path / "reranker")
    sha256 = reranker.identity.sha256
    folder = write_reader(tmp_path / "reader", sha256, graph=b"no graph")
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_shared_span_reader(reranker, folder)


def test_a_reranker_that_lends_nothing_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ModelError, match="a reranker that onnxruntime runs, and words is run oth"):
        load_shared_span_reader(WordReranker())
    plain = tiny_reranker(tmp_path / "reranker", shared=None)
    shipped = write_reader(tmp_path / "reader", hashlib.sha256(b"another").hexdigest())
    monkeypatch.setattr(module, "SHIPPED", shipped)
    with pytest.raises(ModelError, match="stands on the lower layers of tiny"):
        trunk_of(plain)
    monkeypatch.setattr(module, "SHIPPED", tmp_path / "nowhere")
    with pytest.raises(ModelError, match="comes without a span reader"):
        trunk_of(plain)


def test_what_is_shipped_is_what_its_entry_says() -> None:
    shipped = shipped_reader()
    assert shipped is not None
    assert checked_reader(shipped.reranker_sha256) == shipped
    assert (SHIPPED / GRAPH).stat().st_size == shipped.bytes < 15_000_000
    assert shipped.sha256 in (SHIPPED / "CARD.md").read_text(encoding="utf-8")


@pytest.mark.model
def test_the_shipped_reader_reads_the_same_kept_or_not_and_behind() -> None:
    question = "Who succeeded Milburn as health secretary?"
    text = "Milburn resigned in June 2003. John Reid succeeded him as health secretary."
    marked = Marked(text=text, parts=((0, 30), (31, len(text))))
    kept, anew = load_reranker(REAL), load_reranker(REAL)
    kept.readings(question, [marked])
    found = load_shared_span_reader(kept).mark(question, [marked])
    assert load_shared_span_reader(anew).mark(question, [marked]) == found
    behind = Behind()
    waiting = behind.shared_span_reader(behind.reranker(REAL))
    assert waiting.mark(question, [marked]) == found
    assert waiting.read(question, [text]) == load_shared_span_reader(kept).read(question, [text])
    assert behind.is_apart
    assert behind.problems == ()
    best = max((span for span in found[0].spans if span is not None), key=lambda span: span.score)
    assert text[best.start : best.end] == "John Reid"


@pytest.mark.model
def test_over_the_whole_graph_the_shipped_reader_reads_the_same() -> None:
    marked = Marked(text="Tea is served at five. Cakes are free.", parts=((0, 22), (23, 38)))
    readers = [
        SharedSpanReader.load(trunk_of(reranker))
        for reranker in (load_reranker(REAL), OnnxReranker.load(locate(REAL)))
    ]
    asked = "When is tea served?"
    assert readers[0].mark(asked, [marked]) == readers[1].mark(asked, [marked])


@pytest.fixture
def earlier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of models, where a reader is shipped that starts before the reranker is cut."""
    sha256 = unchecked(REAL).spec.weights_sha256
    tensor = "/bert/encoder/layer.1/output/LayerNorm/Add_1_output_0"
    monkeypatch.setattr(module, "SHIPPED", write_reader(tmp_path / "reader", sha256, tensor=tensor))
    find_probes.cache_clear()
    models = tmp_path / "models"
    models.mkdir()
    (models / REAL).symlink_to(home(REAL), target_is_directory=True)
    yield models
    find_probes.cache_clear()


@pytest.mark.model
def test_where_a_reader_starts_earlier_the_reranker_is_laid_out_to_give_that_as_well(
    earlier: Path,
) -> None:
    fetch(REAL, folder=earlier)
    form = located(REAL, "reranker", folder=earlier)
    assert {file.name for file in form.spec.files} == {"first.onnx", "rest.onnx", "tokenizer.json"}
    halved, whole = OnnxReranker.load(form), OnnxReranker.load(locate(REAL, folder=earlier))
    marked = [Marked(text="Tea is served at five.", parts=((0, 22),))]
    assert halved.readings("When is tea?", marked) == whole.readings("When is tea?", marked)
    trunks = [reranker.trunk() for reranker in (halved, whole)]
    sequence = trunks[0].tokenizer.encode("When is tea?", "Tea is served at five.")
    first, second = (trunk.states(sequence) for trunk in trunks)
    assert first.shape == (len(sequence.ids), 384)
    assert first.tolist() == second.tolist()
