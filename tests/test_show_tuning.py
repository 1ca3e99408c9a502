from dataclasses import replace
from pathlib import Path

import numpy as np

from ctqa.config import Config, SearchConfig
from ctqa.config_file import Change
from ctqa.evaluation.tuning.folds import Folds
from ctqa.evaluation.tuning.knobs import grid, make_knobs
from ctqa.evaluation.tuning.tune import Tuning, conclude
from ctqa.show_tuning import cost, tuning, verdict
from ctqa.tuning import Cost, Knobs

GOLD = Path("my gold.jsonl")


def tuned(scores: list[list[float]], knobs: Knobs, measure: str = "nDCG@10") -> Tuning:
    """Conclude from a row of scores for each setting, over and over, on 40 questions."""
    present = Config(search=SearchConfig(rerank=0))
    settings, notes = grid(make_knobs(knobs, present, []), present, {})
    rows = np.array(scores).repeat(20, axis=0).reshape(len(scores), -1)
    ids = [f"q{n:02}" for n in range(rows.shape[1])]
    folds = Folds(folds=tuple(tuple(ids[n::5]) for n in range(5)), together="question")
    return conclude(settings, ids, rows, folds, gold="my gold", measure=measure, notes=notes)


def verdict_of(found: Tuning) -> str:
    """Give the first sentence of the advice."""
    return next(verdict(found))


def test_what_it_costs_is_told_in_round_figures():
    asked = Cost(settings=45, questions=168, indexes=0, build_s=0, try_s=40)
    assert "trying 45 settings on 168 questions: less than a minute" in cost(asked)
    assert "Ctrl-C stops" in " ".join(cost(asked).split())
    dear = Cost(settings=45, questions=168, indexes=2, build_s=130, try_s=7300)
    told = " ".join(cost(dear).split())
    assert "building 2 trial indexes: about 2 minutes, and as long as it takes to read" in told
    assert "about 2 hours" in told


def test_a_better_setting_comes_with_what_to_write_and_what_to_run():
    found = tuned(
        [[0.2, 0.4], [0.9, 1.0], [0.3, 0.5], [0.7, 0.9]],
        {"passage_tokens": [120], "rerank": [20]},
    )
    told = tuning(found, GOLD)
    assert "Set passage_tokens = 120, overlap_tokens = 30, rerank = 20." in told
    assert "0.950 against 0.400" in " ".join(told.split())
    assert "more than chance" in told
    assert "chosen in 5 of 5 folds" in told
    assert "  [index]  passage_tokens = 120\n  [index]  overlap_tokens = 30\n  [search]" in told
    assert "`ctqa build`" in told
    assert "`ctqa calibrate 'my gold.jsonl'`" in told
    assert "answers will take longer" in told


def test_where_nothing_is_better_it_says_so_and_what_would_have_shown():
    found = tuned([[0.5, 0.7], [0.5, 0.7]], {"rerank": [20]})
    told = " ".join(tuning(found, GOLD, Path("ctqa.toml")).split())
    assert "Keep what you have: no other setting that was tried scored higher." in told
    assert "or more would have shown 4 times out of 5" in told
    assert "ctqa.toml: nothing was written." in told
    assert "calibrate" not in told


def test_why_the_present_settings_are_kept_is_told_as_it_is():
    rerank: Knobs = {"rerank": [20]}
    chance = tuned([[0.5, 0.5], [0.0, 1.0]], rerank)
    assert (
        verdict_of(chance) == "Keep what you have: no other setting that was tried scored higher."
    )

    def ahead(p: float) -> Tuning:
        gain = replace(chance.gain, mean=0.01, p=p)
        return replace(chance, tried=tuple(replace(each, gain=gain) for each in chance.tried))

    assert (
        verdict_of(ahead(0.2))
        == "Keep what you have: no setting that was tried is better beyond chance."
    )
    assert "the best setting that was tried is not better" in verdict_of(ahead(0.01))
    other = replace(chance, chosen=replace(chance.chosen, is_present=False))
    assert "chosen by some of the questions did no better beyond chance" in verdict_of(other)


def test_few_questions_are_not_said_to_show_more_than_there_can_be():
    found = tuned([[0.5, 0.7], [0.4, 0.8]], {"rerank": [20]})
    wide = tuple(replace(each, gain=replace(each.gain, smallest=1.3)) for each in found.tried)
    assert list(verdict(replace(found, tried=wide)))[-1] == (
        "So few questions can hardly show any difference."
    )


def test_the_present_settings_are_shown_however_far_down_they_stand():
    weights = [n / 20 for n in range(20) if n != 12]
    rows = [[0.5 + n / 100, 0.9] for n in range(20)]
    rows[12] = [0.1, 0.2]  # .6 is the present weight
    lines = tuning(tuned(rows, {"dense_weight": weights}), GOLD).splitlines()
    table = [line for line in lines if " of 5" in line and "to" in line]
    assert len(table) == 16
    assert table[-1].startswith(" 20.") and "as at present" in table[-1]
    assert "(4 more settings: --json shows all)" in lines


def test_what_was_written_is_shown_with_what_was_there():
    found = tuned([[0.2, 0.4], [0.9, 1.0]], {"rerank": [20]})
    changes = [Change(table="search", name="rerank", before=0, now=20)]
    told = tuning(found, GOLD, Path("my.toml"), changes)
    assert "my.toml: written\n  [search]  rerank = 20  (was 0)" in told
    assert "says so already" in tuning(found, GOLD, Path("my.toml"))


def test_answers_held_back_are_judged_and_that_is_told():
    rows = [[0.2, 0.4], [0.9, 1.0]]
    assert "hold back" in tuning(tuned(rows, {"rerank": [20]}, "sentence_right"), GOLD)
    assert "hold back" not in tuning(tuned(rows, {"rerank": [20]}), GOLD)


def test_a_name_cannot_steer_the_terminal():
    found = replace(tuned([[0.2, 0.4], [0.9, 1.0]], {"rerank": [20]}), gold="a\x1b[31m")
    assert "\x1b" not in tuning(found, Path("b\x1b[31m"))
