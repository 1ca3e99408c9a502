"""An extractive-QA model by transformers: what it reads, and what is refused."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tiny_models import (
    WORDS,
    drawn_span_files,
    onnx_files,
    torch_files,
    word_span_files,
    write_files,
    write_registry,
)

from ctqa.errors import ModelError
from ctqa.models import Span, SpanReader, TextSpans, load_span_reader

LIMIT = 24  # tokens of a window, three of them special
QUESTION = LIMIT // 3
OVERLAP = (LIMIT - 3 - QUESTION) // 2
MOST = 20
ANSWER = 30
# The sums of any two of the known words are an eighth or more apart.
LOGITS = {
    "[CLS]": (1.5, -0.25),
    "[SEP]": (9.0, 9.0),
    "query": (8.0, 8.0),
    "care": (2.0, 0.125),
    "home": (-1.0, 3.0),
    "tea": (0.5, 1.25),
    ".": (-4.0, -2.0),
}
NULL = 1.25
KNOWN = ["care", "home", "tea", "."]

words = st.lists(st.sampled_from(KNOWN), max_size=60)
few_words = st.lists(st.sampled_from(KNOWN), max_size=12)
gaps = st.sampled_from([" ", "  ", "\n", "\t ", "\u00a0", " \r\n"])


@pytest.fixture(scope="module")
def word_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_files(word_span_files(LOGITS, LIMIT), tmp_path_factory.mktemp("w") / "words")


@pytest.fixture(scope="module")
def word_reader(word_folder: Path) -> SpanReader:
    return load_span_reader(str(word_folder))


@pytest.fixture(scope="module")
def drawn_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_files(drawn_span_files(LIMIT), tmp_path_factory.mktemp("d") / "drawn")


@pytest.fixture(scope="module")
def drawn_reader(drawn_folder: Path) -> SpanReader:
    return load_span_reader(str(drawn_folder))


def close(expected: Any) -> Any:
    """What equals a score but for float rounding."""
    return pytest.approx(expected, abs=1e-4)


def read(reader: SpanReader, question: str, text: str) -> TextSpans:
    (found,) = reader.read(question, [text])
    return found


def windows_of(tokens: int, room: int, overlap: int) -> Iterator[range]:
    """The windows of so many tokens, as ranges of them."""
    start = 0
    while start + room < tokens:
        yield range(start, start + room)
        start += room - overlap
    yield range(start, tokens)


def test_the_known_words_win_and_stand_where_they_are_said_to(word_reader: SpanReader) -> None:
    text = "  Tea.\nWe  care for a\n home . "
    found = read(word_reader, "query", text)
    best = found.spans[0]
    assert text[best.start : best.end] == "care for a\n home"
    assert best == Span(start=11, end=27, score=close(5.0))
    assert found.null_score == close(NULL)
    # "We", "for" and "a" are unknown words, all zeros: equal scores are ordered by place.
    others = [text[s.start : s.end] for s in found.spans[1:3]]
    assert others == ["Tea.\nWe  care for a\n home", "We  care for a\n home"]
    assert [s.score for s in found.spans[1:3]] == close([3.5, 3.0])


@given(asked=few_words, text=words, data=st.data())
def test_spans_and_scores_are_those_of_a_search_by_hand(
    word_reader: SpanReader, asked: list[str], text: list[str], data: st.DataObject
) -> None:
    written = data.draw(gaps) + "".join(word + data.draw(gaps) for word in text)
    places = [match.span() for match in re.finditer(r"\w+|\.", written)]
    assert len(places) == len(text)
    scores: dict[tuple[int, int], float] = {}
    room = LIMIT - 3 - min(len(asked), QUESTION)
    for window in windows_of(len(text), room, OVERLAP):
        for first in window:
            for last in range(first, min(window.stop, first + ANSWER)):
                place = (places[first][0], places[last][1])
                scores[place] = LOGITS[text[first]][0] + LOGITS[text[last]][1]
    expected = sorted(scores, key=lambda place: (-scores[place], place))[:MOST]
    found = read(word_reader, " ".join(asked), written)
    assert [(s.start, s.end) for s in found.spans] == expected
    assert [s.score for s in found.spans] == close([scores[place] for place in expected])
    assert found.null_score == close(NULL)


@pytest.fixture(scope="module")
def by_transformers(drawn_folder: Path) -> Callable[[str, str], Iterator[dict[str, Any]]]:
    """Each window of a question and a text, by the tokenizer and the model of transformers."""
    import torch  # noqa: PLC0415 - heavy
    from transformers import AutoTokenizer, BertForQuestionAnswering  # noqa: PLC0415

    model = BertForQuestionAnswering.from_pretrained(str(drawn_folder), local_files_only=True)
    tokenizer = AutoTokenizer.from_pretrained(str(drawn_folder), local_files_only=True)

    def windows(question: str, text: str) -> Iterator[dict[str, Any]]:
        cut = tokenizer(
            question,
            text,
            truncation="only_second",
            max_length=LIMIT,
            stride=OVERLAP,
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
        )
        for at, ids in enumerate(cut["input_ids"]):
            with torch.no_grad():
                out = model(
                    input_ids=torch.tensor([ids]),
                    token_type_ids=torch.tensor([cut["token_type_ids"][at]]),
                )
            yield {
                "starts": out.start_logits[0].tolist(),
                "ends": out.end_logits[0].tolist(),
                "places": cut["offset_mapping"][at],
                "sides": cut.sequence_ids(at),
            }

    return windows


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(asked=few_words, text=words.filter(bool))  # transformers takes "" for no text at all
def test_spans_and_scores_are_those_of_transformers(
    drawn_reader: SpanReader,
    by_transformers: Callable[[str, str], Iterator[dict[str, Any]]],
    asked: list[str],
    text: list[str],
) -> None:
    written = " ".join(text)
    scores: dict[tuple[int, int], float] = {}
    nulls = []
    for window in by_transformers(" ".join(asked[:QUESTION]), written):
        starts, ends, places = window["starts"], window["ends"], window["places"]
        nulls.append(starts[0] + ends[0])
        own = [at for at, side in enumerate(window["sides"]) if side == 1]
        for first in own:
            for last in (at for at in own if first <= at < first + ANSWER):
                place = (places[first][0], places[last][1])
                scores[place] = max(scores.get(place, -1e9), starts[first] + ends[last])
    found = read(drawn_reader, " ".join(asked), written)
    assert found.null_score == close(min(nulls))
    assert len(found.spans) == min(MOST, len(scores))
    for span in found.spans:
        assert span.score == close(scores[span.start, span.end])
    best = sorted(scores.values(), reverse=True)[:MOST]
    assert [span.score for span in found.spans] == close(best)


def test_windows_differ_in_their_no_answer_and_the_least_counts(
    drawn_reader: SpanReader,
    by_transformers: Callable[[str, str], Iterator[dict[str, Any]]],
) -> None:
    text = " ".join(["tea"] * 15 + ["care", "home"] * 15)
    nulls = [w["starts"][0] + w["ends"][0] for w in by_transformers("tea", text)]
    assert len(nulls) == 3
    assert max(nulls) - min(nulls) > 0.1
    assert read(drawn_reader, "tea", text).null_score == close(min(nulls))


def test_an_answer_beyond_the_first_window_is_found(word_reader: SpanReader) -> None:
    text = "tea " * 200 + "care home" + " tea" * 200
    best = read(word_reader, "query " * 50, text).spans[0]
    assert text[best.start : best.end] == "care home"
    assert best.score == close(5.0)


def test_a_span_has_at_most_thirty_tokens(tmp_path: Path) -> None:
    files = word_span_files({"care": (2.0, 0.0), "home": (0.0, 3.0)}, 64)
    reader = load_span_reader(str(write_files(files, tmp_path / "long")))
    longest = " ".join(["care", *["tea"] * 28, "home"])
    assert read(reader, "", longest).spans[0] == Span(start=0, end=len(longest), score=close(5.0))
    longer = " ".join(["care", *["tea"] * 29, "home"])
    assert read(reader, "", longer).spans[0].score == close(3.0)


@pytest.mark.parametrize("question", ["query", "query query", "[SEP] care home query"])
def test_neither_the_question_nor_a_special_token_is_an_answer(
    word_reader: SpanReader, question: str
) -> None:
    assert LOGITS["query"] > LOGITS["care"] < LOGITS["[SEP]"]
    spans = read(word_reader, question, "tea").spans
    assert spans == (Span(start=0, end=3, score=close(1.75)),)


def test_special_tokens_that_a_document_spells_out_do_not_move_the_no_answer(
    drawn_reader: SpanReader, word_reader: SpanReader
) -> None:
    text = "tea [CLS] care [SEP] home"
    found = read(word_reader, "[CLS] tea", text)
    assert found.null_score == close(NULL)
    assert all(0 <= s.start < s.end <= len(text) for s in found.spans)


odd = st.text(
    st.one_of(
        st.sampled_from("teacarhom .\n\t\u00a0é\u0301\u0308\u200d\ufe0f👩👧🏽🇬\ud800ﷺßΩ字"),
        st.characters(),
    ),
    max_size=80,
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(question=odd, texts=st.lists(odd, max_size=3))
def test_slices_of_any_text_are_exact_and_alone_as_in_company(
    word_reader: SpanReader, question: str, texts: list[str]
) -> None:
    found = word_reader.read(question, texts)
    assert len(found) == len(texts)
    for text, spans in zip(texts, found, strict=True):
        slices = [text[s.start : s.end] for s in spans.spans]
        assert all(piece and piece == piece.strip() for piece in slices)
        assert len({(s.start, s.end) for s in spans.spans}) == len(slices) <= MOST
        order = [(-s.score, s.start, s.end) for s in spans.spans]
        assert order == sorted(order)
        assert spans == read(word_reader, question, text)


@pytest.mark.parametrize("text", ["", " \n\t", "\u200b", "\0"])
def test_a_text_without_a_word_has_no_spans_but_a_no_answer(
    word_reader: SpanReader, text: str
) -> None:
    assert read(word_reader, "tea", text) == TextSpans(spans=(), null_score=close(NULL))
    assert word_reader.read("tea", []) == []


def test_threads_may_share_a_reader(drawn_reader: SpanReader) -> None:
    texts = [f"tea {'home ' * n}" for n in range(30)]
    expected = drawn_reader.read("care", texts)
    found: list[list[TextSpans]] = []
    threads = [
        threading.Thread(target=lambda: found.append(drawn_reader.read("care", texts)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 4


# Loading.


def test_the_identity_tells_what_the_reader_is(word_reader: SpanReader, word_folder: Path) -> None:
    identity = word_reader.identity
    assert identity == load_span_reader(str(word_folder)).identity
    assert (identity.name, identity.max_tokens, len(identity.sha256)) == ("words", LIMIT, 64)


def test_a_long_model_is_read_as_it_was_trained(tmp_path: Path) -> None:
    files = drawn_span_files(1024)
    assert load_span_reader(str(write_files(files, tmp_path / "a"))).identity.max_tokens == 384


def test_the_padding_that_roberta_counts_positions_from_is_left_out(tmp_path: Path) -> None:
    from tiny_models import span_files  # noqa: PLC0415 - only here
    from transformers import RobertaConfig, RobertaForQuestionAnswering  # noqa: PLC0415 - heavy

    config = RobertaConfig(
        vocab_size=len(WORDS),
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=8,
        max_position_embeddings=LIMIT + 2,
        pad_token_id=1,
    )
    files = span_files(RobertaForQuestionAnswering(config))
    reader = load_span_reader(str(write_files(files, tmp_path / "roberta")))
    assert reader.identity.max_tokens == LIMIT
    assert len(read(reader, "care " * 9, "tea home " * 30).spans) == MOST


def test_a_model_that_knows_no_sides_is_read_too(tmp_path: Path) -> None:
    from tiny_models import span_files  # noqa: PLC0415 - only here
    from transformers import (  # noqa: PLC0415 - heavy
        DistilBertConfig,
        DistilBertForQuestionAnswering,
    )

    config = DistilBertConfig(
        vocab_size=len(WORDS),
        dim=8,
        n_layers=1,
        n_heads=2,
        hidden_dim=8,
        max_position_embeddings=32,
    )
    files = span_files(DistilBertForQuestionAnswering(config))
    reader = load_span_reader(str(write_files(files, tmp_path / "distilbert")))
    assert read(reader, "care", "tea").spans[0].end == 3


def test_a_plain_encoder_is_refused_for_want_of_a_head(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = write_files(torch_files(), tmp_path / "bert")
    with pytest.raises(ModelError, match=r"no weights for qa_outputs\.bias, qa_outputs\.weight"):
        load_span_reader(str(folder))
    assert capfd.readouterr() == ("", "")  # the error says it all


def test_a_reranker_and_an_onnx_model_are_refused(tmp_path: Path) -> None:
    files = torch_files()
    config = json.loads(files["config.json"]) | {"architectures": ["BertForSequenceClassification"]}
    folder = write_files(files | {"config.json": json.dumps(config).encode()}, tmp_path / "bert")
    with pytest.raises(ModelError, match=r"bert is a reranker .*expected an extractive-QA model"):
        load_span_reader(str(folder))
    registry = write_registry(tmp_path / "registry.toml", onnx_files())
    write_files(onnx_files(), tmp_path / "tiny")
    with pytest.raises(ModelError, match="tiny is an encoder for onnx; expected an extractive-QA"):
        load_span_reader("tiny", folder=tmp_path, registry=registry)


def test_a_head_of_other_than_two_labels_is_refused(tmp_path: Path) -> None:
    folder = write_files(drawn_span_files(LIMIT, num_labels=3), tmp_path / "three")
    with pytest.raises(ModelError, match=r"model three cannot be run .*expected an extractive-QA"):
        load_span_reader(str(folder))


def test_a_tokenizer_without_offsets_is_refused(tmp_path: Path) -> None:
    files = drawn_span_files(LIMIT)
    del files["tokenizer.json"]
    files["tokenizer_config.json"] = b'{"tokenizer_class": "CanineTokenizer"}'
    with pytest.raises(ModelError, match="model slow has no fast tokenizer"):
        load_span_reader(str(write_files(files, tmp_path / "slow")))


def test_a_tokenizer_without_a_cls_token_is_refused(tmp_path: Path) -> None:
    files = drawn_span_files(LIMIT)
    tokenizer = json.loads(files["tokenizer.json"])
    tokenizer["post_processor"] = None
    files["tokenizer.json"] = json.dumps(tokenizer).encode()
    with pytest.raises(ModelError, match="read without a CLS token"):
        load_span_reader(str(write_files(files, tmp_path / "bare")))


def test_windows_that_leave_a_text_no_room_are_refused(tmp_path: Path) -> None:
    folder = write_files(drawn_span_files(4), tmp_path / "short")
    with pytest.raises(ModelError, match="at most 4 tokens, 3 of them special"):
        load_span_reader(str(folder))


@pytest.mark.parametrize("content", [b"", b"no weights"])
def test_damaged_weights_are_told(word_folder: Path, tmp_path: Path, content: bytes) -> None:
    files = {path.name: path.read_bytes() for path in word_folder.iterdir()}
    own = write_files(files | {"model.safetensors": content}, tmp_path / "words")
    with pytest.raises(ModelError, match="transformers cannot load it"):
        load_span_reader(str(own))


def test_code_that_comes_with_a_model_is_not_run(word_folder: Path, tmp_path: Path) -> None:
    files = {path.name: path.read_bytes() for path in word_folder.iterdir()}
    config = json.loads(files["config.json"]) | {
        "model_type": "own",
        "auto_map": {"AutoConfig": "own.Config", "AutoModelForQuestionAnswering": "own.Own"},
    }
    code = {"own.py": b"raise SystemExit('the code was run')"}
    files |= code | {"config.json": json.dumps(config).encode()}
    with pytest.raises(ModelError, match="transformers cannot load it"):
        load_span_reader(str(write_files(files, tmp_path / "own")))


def test_a_hub_id_that_was_not_fetched_names_the_command_that_fetches_it(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="run `ctqa models fetch owner/reader`"):
        load_span_reader("owner/reader", folder=tmp_path)


# Ends with an error at the first attempt to reach any network, the machine's own included.
OFFLINE = """
import sys

def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.bind"):
        print("REACHED FOR THE NETWORK:", event, arguments[1:], flush=True)
        raise SystemExit("network")

sys.addaudithook(refuse)
from ctqa.models import load_span_reader
heavy = {"huggingface_hub", "tokenizers", "torch", "transformers"}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
print(len(load_span_reader(sys.argv[1]).read("tea", ["care", "tea"])))
"""


def test_importing_is_light_and_loading_does_not_reach_for_the_network(word_folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", OFFLINE, str(word_folder)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "2\n", "")


# A real model, where one is at hand.


@pytest.mark.model
@pytest.mark.skipif(
    "CTQA_QA_MODEL" not in os.environ,
    reason="CTQA_QA_MODEL does not name the folder of a model trained on SQuAD 2.0",
)
def test_a_real_model_answers_and_tells_when_there_is_no_answer() -> None:
    reader = load_span_reader(os.environ["CTQA_QA_MODEL"])
    text = (
        "The deepest lake is Wastwater. It is 79 metres deep.\n\nFishing needs a licence. "
        "Licences are sold at the post office in Gosforth — naïve anglers 🎣 pay £12."
    )
    far = "The night train leaves Carlisle at 23.10. " * 60
    answers = {
        "How deep is Wastwater?": "79 metres",
        "Which lake is the deepest?": "Wastwater",
        "What do naïve anglers pay?": "£12",
    }
    for question, answer in answers.items():
        for written in (text, far + text + far):
            found = read(reader, question, written)
            best = found.spans[0]
            assert answer in written[best.start : best.end]
            assert best.score > found.null_score
    found = read(reader, "Who invented the telephone?", text)
    assert found.spans[0].score < found.null_score
