import pytest
from evaluation.sides import make_rows, measured

from ctqa.evaluation.comparing.called import measure_called
from ctqa.evaluation.comparing.compare import compare
from ctqa.evaluation.comparing.gate_bars import floor
from ctqa.evaluation.naming import NAMES


def test_every_measure_is_meant_by_its_own_name_and_by_its_label():
    for name, named in NAMES.items():
        assert measure_called(name, NAMES) == measure_called(named.label.upper(), NAMES) == name
    assert measure_called("no such", NAMES) == "no such"


@pytest.mark.parametrize("called", ["success@1", "Found first", "found  FIRST (Success@1)"])
def test_a_bar_may_name_its_measure_in_words(called):
    assert floor(f"{called}=.5") == floor("Success@1=.5")


def test_a_measure_may_be_named_in_words():
    rows = make_rows("Success@1", [1.0])
    assert compare(measured(rows), measured(rows), "found first").main.measure == "Success@1"
