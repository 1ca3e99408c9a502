"""The layers are BERT's: the same numbers as transformers' from the same weights."""

import pytest
import torch
from transformers import BertConfig, BertForQuestionAnswering

from training.reader.model import Reader, Shape, fill

SHAPE = Shape(hidden=24, heads=3, inner=48, layers=3, words=50, positions=20)
IDS = torch.tensor([[1, 5, 9, 2, 7, 2], [1, 4, 2, 8, 2, 0]])
TYPES = torch.tensor([[0, 0, 0, 0, 1, 1], [0, 0, 0, 1, 1, 0]])
MASK = torch.tensor([[1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 0]])


def reference() -> BertForQuestionAnswering:
    torch.manual_seed(3)
    config = BertConfig(
        vocab_size=SHAPE.words,
        hidden_size=SHAPE.hidden,
        num_attention_heads=SHAPE.heads,
        intermediate_size=SHAPE.inner,
        num_hidden_layers=SHAPE.layers,
        max_position_embeddings=SHAPE.positions,
    )
    return BertForQuestionAnswering(config).eval()


def filled(first: int, model: BertForQuestionAnswering) -> Reader:
    reader = Reader(first, SHAPE).eval()
    weights = {name: value.numpy() for name, value in model.state_dict().items()}
    assert fill(reader, weights) == []
    return reader


def test_the_logits_are_those_of_transformers() -> None:
    model = reference()
    with torch.inference_mode():
        wanted = model(input_ids=IDS, token_type_ids=TYPES, attention_mask=MASK)
        found = filled(0, model).read(IDS, TYPES, MASK.bool())
    for at, side in enumerate((wanted.start_logits, wanted.end_logits)):
        assert found[..., at][MASK.bool()] == pytest.approx(side[MASK.bool()], abs=1e-5)


def test_the_upper_layers_go_on_from_what_the_lower_ones_gave() -> None:
    model = reference()
    with torch.inference_mode():
        wanted = model(input_ids=IDS[:1], token_type_ids=TYPES[:1], output_hidden_states=True)
        found = filled(2, model)(wanted.hidden_states[2])
    assert found[0, :, 0] == pytest.approx(wanted.start_logits[0], abs=1e-5)
    assert found[0, :, 1] == pytest.approx(wanted.end_logits[0], abs=1e-5)


def test_states_are_not_taken_for_token_ids() -> None:
    with pytest.raises(ValueError, match="begins at layer 1: it takes states"):
        Reader(1, SHAPE).read(IDS, TYPES)
