"""What was learned can be learned again: the programs fit what the product reads."""

import json

import numpy as np
import pytest

from ctqa.answering import turns as shipped
from ctqa.models.probe import PROBES, find_probe
from training import probe, turns


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


def test_the_shipped_probe_is_of_the_layer_that_is_trained() -> None:
    (sha256,) = json.loads(PROBES.read_text(encoding="utf-8"))
    found = find_probe(sha256)
    assert found is not None
    assert found.tensor == probe.TENSOR
    assert found.weights.shape == (384,)
    assert find_probe("0" * 64) is None


def test_the_shipped_chance_is_one_that_is_told_of() -> None:
    assert shipped.UNLIKELY in turns.CHANCES
