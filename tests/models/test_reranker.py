import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tiny_models import CLS, SEP, WORDS, onnx_files, torch_files, write_files, write_registry
from tiny_rerankers import (
    HALF,
    KNOWN,
    LIMIT,
    SIDES,
    TABLE,
    onnx_reranker_files,
    pair_tokenizer_json,
)
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from ctqa.errors import ModelError
from ctqa.models.folder import describe
from ctqa.models.installed import ready
from ctqa.models.load import load_reranker
from ctqa.models.onnx import Graph
from ctqa.models.onnx_reranker import OnnxReranker
from ctqa.models.pair_graph import WholeGraph
from ctqa.models.probe import Probe, Probes
from ctqa.models.registry import find
from ctqa.models.reranker import Marked, Pair, PairReader, Reranker, RerankerIdentity, Scores
from ctqa.models.tokens import open_tokenizer

REAL = "ms-marco-MiniLM-L-12-v2"

words = st.lists(st.sampled_from(KNOWN), max_size=40)


def torch_reranker_files(labels: int = 1) -> dict[str, bytes]:
    """A tiny BERT cross-encoder, with weights drawn by lot and wide enough to be told apart."""
    import torch  # noqa: PLC0415 - heavy, and few tests need it
    from safetensors.torch import save  # noqa: PLC0415
    from transformers import BertConfig, BertForSequenceClassification  # noqa: PLC0415

    torch.manual_seed(11)
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=8,
        max_position_embeddings=LIMIT,
        initializer_range=1.0,
        architectures=["BertForSequenceClassification"],
    )
    config.num_labels = labels
    weights = BertForSequenceClassification(config).state_dict()
    plain = torch_files()
    settings = json.loads(plain["tokenizer_config.json"])
    settings["model_input_names"] = ["input_ids", "token_type_ids", "attention_mask"]
    return plain | {
        "config.json": config.to_json_string().encode(),
        "config_sentence_transformers.json": b"{}",
        "model.safetensors": save(weights, metadata={"format": "pt"}),
        "tokenizer.json": pair_tokenizer_json(),
        "tokenizer_config.json": json.dumps(settings).encode(),
    }


@pytest.fixture(scope="module")
def onnx_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_files(onnx_reranker_files(), tmp_path_factory.mktemp("tiny") / "tiny")


@pytest.fixture(scope="module")
def torch_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_files(torch_reranker_files(), tmp_path_factory.mktemp("bert") / "bert")


@pytest.fixture(scope="module")
def onnx_reranker(onnx_folder: Path) -> Reranker:
    return load_reranker(str(onnx_folder))


@pytest.fixture(scope="module")
def torch_reranker(torch_folder: Path) -> Reranker:
    return load_reranker(str(torch_folder))


@pytest.fixture(scope="module", params=["onnx_reranker", "torch_reranker"])
def reranker(request: pytest.FixtureRequest) -> Reranker:
    chosen: Reranker = request.getfixturevalue(request.param)
    return chosen


def logit(question: Sequence[str], text: Sequence[str]) -> float:
    """The tiny ONNX cross-encoder's score of a pair that fits, by definition."""
    first = [CLS, *(WORDS.index(word) for word in question), SEP]
    second = [*(WORDS.index(word) for word in text), SEP]
    products = [*(TABLE[first, 0] * SIDES[0, 0]), *(TABLE[second, 0] * SIDES[1, 0])]
    return float(np.mean(products))


def windows_of(text: Sequence[str], room: int) -> list[Sequence[str]]:
    """The windows of a text of whole words: a quarter of each stands in the next one again."""
    last = max(0, len(text) - room)
    step = room - room // 4
    starts = [0, *range(step, last + step, step)] if last else [0]
    return [text[start : start + room] for start in starts]


def test_the_windows_of_a_few_lengths_are_as_worked_out_by_hand() -> None:
    assert windows_of("", 8) == [""]
    assert windows_of("abcdefgh", 8) == ["abcdefgh"]
    assert windows_of("abcdefghi", 8) == ["abcdefgh", "ghi"]
    assert windows_of("abcdefghijklmno", 8) == ["abcdefgh", "ghijklmn", "mno"]


@settings(deadline=None)
@given(question=words, text=words)
def test_a_text_scores_as_its_best_window_and_a_question_is_read_up_to_half(
    onnx_reranker: Reranker, question: list[str], text: list[str]
) -> None:
    asked = question[:HALF]
    room = LIMIT - 3 - len(asked)
    expected = max(logit(asked, window) for window in windows_of(text, room))
    (score,) = onnx_reranker.score(" ".join(question), [" ".join(text)])
    assert score == pytest.approx(expected, abs=1e-5)


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(question=words, text=words)
def test_torch_scores_are_the_raw_logits_of_sentence_transformers(
    torch_reranker: Reranker,
    plain_predict: Callable[[list[Pair]], Scores],
    question: list[str],
    text: list[str],
) -> None:
    asked = " ".join(question[:HALF])
    windows = windows_of(text, LIMIT - 3 - len(question[:HALF]))
    expected = plain_predict([(asked, " ".join(window)) for window in windows]).max()
    (score,) = torch_reranker.score(" ".join(question), [" ".join(text)])
    assert score == pytest.approx(float(expected), abs=1e-5)


@pytest.fixture(scope="module")
def plain_predict(torch_folder: Path) -> Callable[[list[Pair]], Scores]:
    import torch  # noqa: PLC0415 - heavy
    from sentence_transformers import CrossEncoder  # noqa: PLC0415

    model = CrossEncoder(str(torch_folder), device="cpu", local_files_only=True)

    def predict(pairs: list[Pair]) -> Scores:
        scores: Scores = model.predict(pairs, activation_fn=torch.nn.Identity())
        return scores

    return predict


def test_the_activation_and_the_prompt_of_a_model(
    torch_reranker: Reranker, torch_folder: Path, tmp_path: Path
) -> None:
    from sentence_transformers import CrossEncoder  # noqa: PLC0415 - heavy

    prompts = {"prompts": {"ask": "query : "}, "default_prompt_name": "ask"}
    model = CrossEncoder(str(torch_folder), device="cpu", local_files_only=True, **prompts)
    model.save_pretrained(str(tmp_path / "bert"), create_model_card=False)
    stored = json.loads((tmp_path / "bert" / "config_sentence_transformers.json").read_text())
    assert stored["activation_fn"].endswith("Sigmoid")
    own = load_reranker(str(tmp_path / "bert"))

    text = ["tea"] * 6 + ["care"] + ["home"] * 6
    windows = [" ".join(window) for window in windows_of(text, LIMIT - 3 - 2 - 1)]
    expected = torch_reranker.score("query : tea", windows)
    assert expected.max() > 1  # no sigmoid gives that
    assert np.array_equal(own.score("tea", windows), expected)
    assert own.score("tea", [" ".join(text)])[0] == expected.max()


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(texts=st.lists(st.text("teacarhom .\né\ud800", max_size=60), max_size=5))
def test_a_text_has_the_same_bytes_alone_and_in_any_company(
    reranker: Reranker, texts: list[str]
) -> None:
    scores = reranker.score("care home\ud800", texts)
    assert scores.dtype == np.float32
    assert scores.shape == (len(texts),)
    alone = [reranker.score("care home\ud800", [text])[0] for text in texts]
    assert np.array_equal(scores, np.array(alone, dtype=np.float32))


def test_nothing_gives_no_scores_and_an_empty_text_one(reranker: Reranker) -> None:
    assert reranker.score("tea", []).shape == (0,)
    assert reranker.score("tea", []).dtype == np.float32
    assert np.isfinite(reranker.score("", ["", "tea"])).all()


def test_scores_keep_the_order_of_many_texts(reranker: Reranker) -> None:
    texts = ["tea", "care home", "home tea " * 20, ""]
    expected = reranker.score("care", texts)
    assert len(set(expected.tolist())) == 4
    assert np.array_equal(reranker.score("care", texts * 50), np.tile(expected, 50))


def test_threads_may_share_a_reranker(reranker: Reranker) -> None:
    texts = [f"tea {'home ' * n}" for n in range(30)]
    expected = reranker.score("care", texts)
    found: list[Scores] = []
    threads = [
        threading.Thread(target=lambda: found.append(reranker.score("care", texts)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert all(np.array_equal(scores, expected) for scores in found)


def test_the_identity_tells_what_the_reranker_is(reranker: Reranker, onnx_folder: Path) -> None:
    assert reranker.identity.max_tokens == LIMIT
    assert reranker.identity.name in ("tiny", "bert")
    assert len(reranker.identity.sha256) == 64
    again = load_reranker(str(onnx_folder)).identity
    assert again == load_reranker(str(onnx_folder)).identity
    assert isinstance(again, RerankerIdentity)


# Tokenizers whose tokens are not words: a cut word splits anew, a character is many tokens.


def subwords() -> Tokenizer:
    """Words of a, b and c, in pieces that depend on where the word begins."""
    pieces = ["[UNK]", "a", "b", "c", "abca", "##a", "##b", "##c", "##bca", "##ab", "##cab"]
    tokenizer = Tokenizer(
        models.WordPiece(
            {piece: i for i, piece in enumerate(pieces)},
            max_input_chars_per_word=10_000,
        )
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return tokenizer


def single_bytes() -> Tokenizer:
    """Every byte of UTF-8 a token."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE({byte: i for i, byte in enumerate(alphabet)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def pairs_read(tokenizer: Tokenizer, max_tokens: int, question: str, text: str) -> list[Pair]:
    read: list[Pair] = []

    def score_pairs(pairs: list[Pair]) -> Scores:
        read.extend(pairs)
        return np.zeros(len(pairs), dtype=np.float32)

    reader = PairReader(tokenizer, max_tokens=max_tokens, frame=3)
    assert reader.score(question, [text], score_pairs).shape == (1,)
    return read


def assert_read_whole(tokenizer: Tokenizer, max_tokens: int, question: str, text: str) -> None:
    """Check that windows are short enough and that each starts within or at the end of the last."""
    read_to = last_start = 0
    for asked, window in pairs_read(tokenizer, max_tokens, question, text):
        assert question.startswith(asked)
        tokens = [len(tokenizer.encode(side).ids) for side in (asked, window)]
        assert tokens[0] <= max_tokens // 2
        assert sum(tokens) + 3 <= max_tokens
        start = text.rfind(window, last_start, read_to + len(window))
        assert start >= last_start
        last_start, read_to = start, max(read_to, start + len(window))
    assert read_to == len(text)


@settings(deadline=None)
@given(
    st.text("abc ", max_size=60),
    st.text("abc ", max_size=200),
    st.integers(min_value=12, max_value=40),
)
def test_no_word_is_lost_where_a_cut_splits_it_anew(
    question: str, text: str, max_tokens: int
) -> None:
    assert_read_whole(subwords(), max_tokens, question, text)


@settings(deadline=None)
@given(st.text(max_size=40), st.text(max_size=120), st.integers(min_value=16, max_value=40))
def test_no_character_is_lost_where_one_is_many_tokens(
    question: str, text: str, max_tokens: int
) -> None:
    question, text = (side.encode("utf-8", "replace").decode() for side in (question, text))
    assert_read_whole(single_bytes(), max_tokens, question, text)


def test_a_text_without_any_space_is_read_to_its_end() -> None:
    text = "abca" * 500 + "b"
    pairs = pairs_read(subwords(), 64, "c", text)
    assert 5 < len(pairs) < 100
    assert pairs[-1][1].endswith("b")
    assert_read_whole(subwords(), 64, "c", text)


def test_a_pair_that_leaves_the_text_no_room_is_refused() -> None:
    with pytest.raises(ModelError, match="at most 6 tokens, 3 of them special"):
        PairReader(subwords(), max_tokens=6, frame=3)


# Loading.

# Ends with an error at the first attempt to reach any network, the machine's own included.
OFFLINE = """
import sys

def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.bind"):
        print("REACHED FOR THE NETWORK:", event, arguments[1:], flush=True)
        raise SystemExit("network")

sys.addaudithook(refuse)
from ctqa.models.load import load_reranker
heavy = {"huggingface_hub", "onnxruntime", "sentence_transformers", "tokenizers", "torch"}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
for name in sys.argv[1:]:
    print(load_reranker(name).score("tea", ["care", "tea"]).shape)
"""


def test_importing_is_light_and_loading_does_not_reach_for_the_network(
    onnx_folder: Path, torch_folder: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", OFFLINE, str(onnx_folder), str(torch_folder)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines() == ["(2,)", "(2,)"]


def test_a_registered_reranker_is_loaded_by_its_name(
    onnx_reranker: Reranker, tmp_path: Path
) -> None:
    files = onnx_reranker_files()
    changes = {"kind": "reranker", "pooling": "none", "max_tokens": LIMIT}
    registry = write_registry(tmp_path / "registry.toml", files, **changes)
    write_files(files, tmp_path / "tiny")
    own = load_reranker("tiny", folder=tmp_path, registry=registry)
    assert own.identity == onnx_reranker.identity
    assert np.array_equal(own.score("tea", ["care"]), onnx_reranker.score("tea", ["care"]))


def test_a_reranker_that_is_not_there_names_the_command_that_fetches_it(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=f"run `ctqa models fetch {REAL}`"):
        load_reranker(REAL, folder=tmp_path)


def test_an_unknown_name_is_no_reranker(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=rf"did you mean {REAL}"):
        load_reranker("ms-marco-minilm-l12", folder=tmp_path)


def test_an_encoder_is_no_reranker(tmp_path: Path) -> None:
    registry = write_registry(tmp_path / "registry.toml", onnx_files())
    folder = write_files(onnx_files(), tmp_path / "tiny")
    told = "tiny is an encoder; expected a reranker, see `ctqa models`"
    with pytest.raises(ModelError, match=told):
        load_reranker("tiny", folder=tmp_path, registry=registry)
    with pytest.raises(ModelError, match=r"its config\.json names a …ForSequenceClassification"):
        load_reranker(str(folder))


def test_a_classifier_of_several_labels_is_refused(tmp_path: Path) -> None:
    bert = write_files(torch_reranker_files(labels=3), tmp_path / "bert")
    with pytest.raises(ModelError, match="model bert gives 3 labels a pair; expected a reranker"):
        load_reranker(str(bert))
    table = np.zeros((len(WORDS), 2), dtype=np.float32)
    onnx = write_files(onnx_reranker_files(table), tmp_path / "onnx")
    with pytest.raises(ModelError, match="model onnx gives 2 labels a pair; expected a reranker"):
        load_reranker(str(onnx))


def test_a_graph_without_a_score_a_pair_is_refused(tmp_path: Path) -> None:
    files = onnx_reranker_files() | {"model.onnx": onnx_files()["model.onnx"]}
    with pytest.raises(ModelError, match="expected an output of rank 2"):
        load_reranker(str(write_files(files, tmp_path / "tiny")))


@pytest.mark.parametrize("content", [b"", b"no weights"])
def test_damaged_weights_are_told(torch_folder: Path, tmp_path: Path, content: bytes) -> None:
    files = {path.name: path.read_bytes() for path in torch_folder.iterdir()}
    own = write_files(files | {"model.safetensors": content}, tmp_path / "bert")
    with pytest.raises(ModelError, match="sentence-transformers cannot load it"):
        load_reranker(str(own))


def test_tokens_that_the_weights_do_not_know_are_told(torch_folder: Path, tmp_path: Path) -> None:
    files = {path.name: path.read_bytes() for path in torch_folder.iterdir()}
    tokenizer = files["tokenizer.json"].replace(b'"tea":9', b'"tea":900')
    assert tokenizer != files["tokenizer.json"]
    own = write_files(files | {"tokenizer.json": tokenizer}, tmp_path / "bert")
    with pytest.raises(ModelError, match="model bert cannot be run"):
        load_reranker(str(own)).score("tea", ["tea"])


def test_code_that_comes_with_a_model_is_not_run(torch_folder: Path, tmp_path: Path) -> None:
    files = {path.name: path.read_bytes() for path in torch_folder.iterdir()}
    config = json.loads(files["config.json"])
    config["model_type"] = "own"
    config["auto_map"] = {
        "AutoConfig": "own.Config",
        "AutoModelForSequenceClassification": "own.Own",
    }
    code = b"raise SystemExit('the code was run')"
    own = write_files(
        files | {"config.json": json.dumps(config).encode(), "own.py": code}, tmp_path / "own"
    )
    with pytest.raises(ModelError, match="sentence-transformers cannot load it"):
        load_reranker(str(own))


# The real model.

QUESTION = "How many people live in Berlin?"
BERLIN = (
    "Berlin has a population of 3,520,031 registered inhabitants in an area of 891.82 square "
    "kilometers."
)
NEW_YORK = "New York City is famous for the Metropolitan Museum of Art."
TEXTS = [BERLIN, NEW_YORK, "Berlin is well known for its museums.", "", NEW_YORK * 12, "Tea"]


@pytest.fixture(scope="module")
def real() -> Reranker:
    return load_reranker(REAL)


@pytest.mark.model
def test_the_real_model_tells_an_answer_from_the_unrelated(real: Reranker) -> None:
    answer, unrelated, near, *_ = real.score(QUESTION, TEXTS)
    assert answer == pytest.approx(9.3, abs=0.5)
    assert unrelated == pytest.approx(-11.2, abs=0.5)
    assert unrelated < near < answer
    assert real.identity.max_tokens == 512


@pytest.mark.model
def test_real_scores_equal_a_plain_computation(real: Reranker) -> None:
    import onnxruntime  # noqa: PLC0415 - heavy

    spec = find(REAL)
    assert spec is not None
    assert real.identity.sha256 == spec.weights_sha256
    tokenizer = open_tokenizer(ready(REAL) / "tokenizer.json")
    session = onnxruntime.InferenceSession(
        ready(REAL) / "model.onnx", disabled_optimizers=["SkipLayerNormFusion"]
    )
    for score, text in zip(real.score(QUESTION, TEXTS), TEXTS, strict=True):
        pair = tokenizer.encode(QUESTION, text)
        feed = {
            "input_ids": np.array([pair.ids], dtype=np.int64),
            "attention_mask": np.ones((1, len(pair.ids)), dtype=np.int64),
            "token_type_ids": np.array([pair.type_ids], dtype=np.int64),
        }
        assert score == pytest.approx(float(session.run(None, feed)[0][0, 0]), abs=1e-4)


@pytest.mark.model
def test_real_scores_do_not_depend_on_their_company(real: Reranker) -> None:
    together = real.score(QUESTION, TEXTS)
    assert np.array_equal(real.score(QUESTION, TEXTS), together)
    assert np.array_equal(real.score(QUESTION, TEXTS[::-1])[::-1], together)
    assert np.array_equal(load_reranker(REAL).score(QUESTION, TEXTS[2:3]), together[2:3])


@pytest.mark.model
def test_an_answer_far_into_a_long_text_is_found(real: Reranker) -> None:
    long = f"{NEW_YORK} " * 60
    buried, without = real.score(QUESTION, [long + BERLIN, long])
    assert buried > without + 3


@pytest.mark.model
def test_a_long_question_leaves_the_text_its_room(real: Reranker) -> None:
    wordy = f"{QUESTION} " * 200
    answer, unrelated = real.score(wordy, [BERLIN, NEW_YORK])
    assert answer != unrelated
    assert real.score(wordy + BERLIN, [BERLIN])[0] == answer


@pytest.fixture(scope="module")
def probed(onnx_folder: Path) -> OnnxReranker:
    """The tiny reranker, with a probe that looks at each token's own share of the score."""
    spec = describe(onnx_folder)
    probe = Probe(tensor="products", weights=np.array([2.0], dtype=np.float32), whole=0.5, bias=1.0)
    probes = Probes(parts=probe)
    graph = WholeGraph(Graph.open(onnx_folder / "model.onnx", tapped=["products"]), probes)
    return OnnxReranker(spec, graph, open_tokenizer(onnx_folder / "tokenizer.json"), probes)


def part_of(text: str, part: str) -> tuple[int, int]:
    start = text.index(part)
    return start, start + len(part)


@given(words.filter(bool), words.filter(bool), words)
def test_parts_are_estimated_of_their_own_tokens_as_worked_out_by_hand(
    probed: OnnxReranker, first: list[str], second: list[str], question: list[str]
) -> None:
    text = " ".join([*first, *second])
    if len(first) + len(second) + min(len(question), LIMIT // 2) + 3 > LIMIT:
        return  # more than one window
    start, end = len(" ".join(first)) + 1, len(text)
    asked = " ".join(question)
    (reading,) = probed.readings(asked, [Marked(text=text, parts=((0, start - 1), (start, end)))])
    assert reading.score == pytest.approx(float(probed.score(asked, [text])[0]), abs=1e-6)
    assert reading.parts is not None
    for part, found in zip((first, second), reading.parts, strict=True):
        shares = [float(TABLE[WORDS.index(word), 0] * SIDES[1, 0]) for word in part]
        expected = 2 * sum(shares) / len(shares) + 0.5 * reading.score + 1
        assert found == pytest.approx(expected, abs=1e-4)


def test_a_part_counts_as_its_best_window_and_one_without_a_word_never(
    probed: OnnxReranker,
) -> None:
    text = " ".join(KNOWN * 20)
    whole, none = (0, len(text)), (len(KNOWN[0]), len(KNOWN[0]) + 1)  # a space alone
    (reading,) = probed.readings("tea", [Marked(text=text, parts=(whole, none))])
    _, windows = probed._reader.windows("tea", [text])
    assert len(windows) > 1
    apart = [
        probed.readings("tea", [Marked(text=each.text, parts=((0, len(each.text)),))])[0]
        for each in windows
    ]
    assert reading.score == max(each.score for each in apart)
    assert reading.parts is not None
    assert reading.parts[0] == pytest.approx(max((each.parts or ())[0] for each in apart))
    assert reading.parts[1] == -np.inf


def test_without_a_probe_nothing_is_told_of_parts(reranker: Reranker) -> None:
    (reading,) = reranker.readings("tea", [Marked(text="care tea", parts=((0, 4),))])
    assert reading.parts is None
    assert reading.score == reranker.score("tea", ["care tea"])[0]


def test_a_tapped_value_that_the_graph_has_not_is_told(onnx_folder: Path) -> None:
    with pytest.raises(ModelError, match="cannot be loaded"):
        Graph.open(onnx_folder / "model.onnx", tapped=["nowhere"])


@pytest.mark.model
def test_the_real_reranker_foretells_which_sentence_reads_best(real: Reranker) -> None:
    text = f"{NEW_YORK} {BERLIN}"
    (reading,) = real.readings(
        QUESTION, [Marked(text=text, parts=(part_of(text, NEW_YORK), part_of(text, BERLIN)))]
    )
    assert reading.parts is not None
    assert reading.parts[1] > reading.parts[0] + 3
