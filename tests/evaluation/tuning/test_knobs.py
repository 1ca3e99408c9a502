import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctqa.config import Config, IndexConfig, SearchConfig
from ctqa.errors import ConfigError
from ctqa.evaluation.tuning.knobs import KNOBS, changed, grid, make_knobs, read_knob, value_of

NOW = Config()
ROOM = {"bge-small-en-v1.5": 510, "small": 128}


def values(knob: str, *given: object, present: Config = NOW) -> tuple[object, ...]:
    (made,) = make_knobs({knob: given or None}, present, ["bge-small-en-v1.5", "e5-small-v2"])
    return made.values


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rerank", ("rerank", None)),
        ("rerank=0,20", ("rerank", (0, 20))),
        ("dense_weight=.5, 1", ("dense_weight", (0.5, 1.0))),
        ("search.dense_weight=0", ("dense_weight", (0.0,))),
        ("index.encoder=a,b/c", ("encoder", ("a", "b/c"))),
    ],
)
def test_a_knob_is_read_with_values_of_its_kind(text, expected):
    assert read_knob(text) == expected


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("dense_wieght=1", "did you mean 'dense_weight'"),
        ("passages=3", "known are candidates, dense_weight"),
        ("rerank=1.5", "found '1.5', expected whole numbers"),
        ("dense_weight=much", "expected numbers"),
        ("rerank=", "rerank=V1,V2"),
        ("rerank=1,,2", "rerank=V1,V2"),
    ],
)
def test_a_knob_that_cannot_be_is_refused_with_what_can(text, why):
    with pytest.raises(ConfigError, match=why):
        read_knob(text)


def test_without_values_a_knob_gets_a_few_around_the_present_one():
    assert values("dense_weight") == (0.2, 0.4, 0.6, 0.8, 1.0)
    assert values("candidates") == (50, 100, 200)
    assert values("rerank") == (10, 20, 40)
    assert values("passage_tokens") == (120, 240, 480)
    assert values("encoder") == ("bge-small-en-v1.5", "e5-small-v2")


def test_values_at_the_end_of_a_range_and_nought_still_have_others_beside_them():
    none = Config(
        search=SearchConfig(rerank=0, dense_weight=1.0), index=IndexConfig(overlap_tokens=0)
    )
    assert values("dense_weight", present=none) == (0.6, 0.8, 1.0)
    assert values("rerank", present=none) == (0, 20)
    assert values("overlap_tokens", present=none) == (0, 60)


def test_the_present_value_is_always_among_those_tried():
    assert values("rerank", 40, 5) == (5, 20, 40)
    assert values("encoder", "small") == ("bge-small-en-v1.5", "small")


def test_every_combination_is_tried_and_the_present_one_is_among_them():
    knobs = make_knobs({"dense_weight": [0.2], "rerank": [0]}, NOW, [])
    settings, notes = grid(knobs, NOW, ROOM)
    assert not notes
    assert [dict(each.values) for each in settings] == [
        {"dense_weight": 0.2, "rerank": 0},
        {"dense_weight": 0.2, "rerank": 20},
        {"dense_weight": 0.6, "rerank": 0},
        {"dense_weight": 0.6, "rerank": 20},
    ]
    assert [each.is_present for each in settings] == [False, False, False, True]
    assert settings[0].config.search == SearchConfig(dense_weight=0.2, rerank=0)


def test_the_overlap_goes_with_the_passages_unless_it_is_a_knob_itself():
    settings, _ = grid(make_knobs({"passage_tokens": [120]}, NOW, []), NOW, ROOM)
    assert [each.values["overlap_tokens"] for each in settings] == [30, 60]
    knobs = make_knobs({"passage_tokens": [120], "overlap_tokens": [0]}, NOW, [])
    settings, _ = grid(knobs, NOW, ROOM)
    assert [each.config.index.overlap_tokens for each in settings] == [0, 60, 0, 60]


def test_combinations_that_cannot_be_are_left_out_and_told():
    knobs = make_knobs({"passage_tokens": [50], "overlap_tokens": [10]}, NOW, [])
    settings, notes = grid(knobs, NOW, ROOM)
    assert len(settings) == 3
    assert notes == (
        "overlap_tokens = 60 is not tried with passage_tokens = 50: it has to be less",
    )
    settings, notes = grid(make_knobs({"encoder": ["small"]}, NOW, []), NOW, ROOM)
    assert [each.is_present for each in settings] == [True]
    assert "small reads only 128 tokens" in notes[0]


def test_a_value_out_of_its_range_is_refused():
    knobs = make_knobs({"dense_weight": [1.5]}, NOW, [])
    with pytest.raises(ConfigError, match=r"dense_weight = 1\.5: expected 0 to 1"):
        grid(knobs, NOW, ROOM)


def test_near_is_what_needs_no_new_index_then_what_turns_few_knobs_by_few_steps():
    knobs = make_knobs({"passage_tokens": [120], "dense_weight": None, "rerank": [0]}, NOW, [])
    settings, _ = grid(knobs, NOW, ROOM)
    far = {
        (e.values["passage_tokens"], e.values["dense_weight"], e.values["rerank"]): e.distance
        for e in settings
    }
    assert far[240, 0.6, 20] == (0, 0, 0)
    assert far[240, 0.6, 20] < far[240, 0.8, 20] < far[240, 1.0, 20] < far[240, 0.8, 0]
    assert far[240, 1.0, 0] < far[120, 0.6, 20]


@given(st.data())
def test_turning_knobs_changes_these_alone(data):
    name = data.draw(st.sampled_from([k for k in KNOBS if k != "encoder"]))
    value = 0.25 if name == "dense_weight" else 100
    turned = changed(NOW, {name: value})
    assert value_of(turned, name) == value
    assert all(value_of(turned, k) == value_of(NOW, k) for k in KNOBS if k != name)
