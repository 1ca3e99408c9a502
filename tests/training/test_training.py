"""What was learned can be learned again: the programs fit what the product reads."""

import json

import numpy as np
import pytest

from ctqa.answering import turns as shipped
from ctqa.models.probe import PROBES, Probes, find_probes
from training import halfway, probe, turns


def test_weights_are_found_again_that_samples_were_made_with() -> None:
    random = np.random.default_rng(7)
    weights = random.standard_normal(9)
    samples = [
        probe.Sample(question=f"{n % 50}", states=row[:8], whole=row[8], alone=row @ weights + 2)
        for n, row in enumerate(random.standard_normal((4000, 9)).astype(np.float32))
    ]
    found, bias = probe.fitted(samples)
    assert found == pytest.approx(weights, abs=0.2)  # ridge draws them in a little
    assert bias == pytest.approx(2, abs=0.1)
    assert "the best sentence is among the first 1.000 of 1" in probe.told(samples, found, bias)


def test_scores_are_foretold_that_the_states_decide() -> None:
    random = np.random.default_rng(8)
    weights = random.standard_normal(8)
    samples = [
        halfway.Sample(question=f"{n // 9}", is_passage=True, states=row, score=row @ weights - 1)
        for n, row in enumerate(random.standard_normal((4500, 8)).astype(np.float32))
    ]
    found, bias = halfway.fitted(samples)
    assert found == pytest.approx(weights, abs=0.2)
    assert bias == pytest.approx(-1, abs=0.1)
    told = halfway.told(samples, found, bias)
    assert "5: 0.000 lost" in told
    assert "2: 0.0" in told
    blind = halfway.told(samples, 0 * found, -99.0)  # nothing is read on: two of nine are read
    assert 0.7 < float(blind.split("2: ")[1].split(" lost")[0]) < 0.85


def test_the_shipped_probes_are_of_the_layers_that_are_trained() -> None:
    (sha256,) = json.loads(PROBES.read_text(encoding="utf-8"))
    found = find_probes(sha256)
    assert found.parts is not None
    assert found.halfway is not None
    assert found.parts.tensor == probe.TENSOR
    assert found.halfway.tensor == halfway.tensor(halfway.LAYER)
    assert found.parts.weights.shape == found.halfway.first.shape == (384,)
    assert find_probes("0" * 64) == Probes()


def test_the_shipped_margins_are_told_of() -> None:
    assert {shipped.PASSAGE_DOUBT, shipped.LINE_DOUBT} <= set(halfway.MARGINS)


def test_the_shipped_chance_is_one_that_is_told_of() -> None:
    assert shipped.UNLIKELY in turns.CHANCES
