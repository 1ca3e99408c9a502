"""A run that was stopped goes on to the very weights of one that was not; and it learns."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from reader_items import TINY, learnable, taught

from ctqa.errors import ConfigError
from training.reader.feed import Item
from training.reader.judged import figures, found_in
from training.reader.model import Reader
from training.reader.reading import Reading
from training.reader.recipe import Recipe, load_recipe
from training.reader.run import CHECKPOINT, Run
from training.reader.train import train

CPU = torch.device("cpu")
RECIPE = Recipe(first=1, epochs=3, size=8, rate=3e-3, head_rate=3e-3, seed=4, shared=0.5)


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def reader(first: int = 1) -> Reader:
    torch.manual_seed(9)
    return Reader(first, TINY)


def trained(folder: Path, groups: list[list[Item]], recipe: Recipe = RECIPE) -> Reader:
    folder.mkdir(exist_ok=True)
    made = reader(recipe.first)
    train(Reading(made, None, CPU), groups, recipe, folder, lambda: "judged")
    return made


class Stopped(BaseException):
    """Whatever ends a process."""


def test_a_run_goes_on_as_if_it_had_not_been_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    groups = learnable(40)
    whole = trained(tmp_path / "whole", groups)
    monkeypatch.setattr("training.reader.train._SAVED_EVERY_S", 0.0)
    learn = Run.learn

    def learn_some(self: Run, items: list[Item]) -> float:
        if self.step == 13:
            raise Stopped
        return learn(self, items)

    monkeypatch.setattr(Run, "learn", learn_some)
    with pytest.raises(Stopped):
        trained(tmp_path / "stopped", groups)
    monkeypatch.setattr(Run, "learn", learn)
    torch.manual_seed(12345)  # what goes on knows nothing of the numbers drawn before
    resumed = trained(tmp_path / "stopped", groups)
    for name, value in whole.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name]), name
    log = (tmp_path / "stopped" / "log.txt").read_text(encoding="utf-8")
    assert log.count("judged") == 6  # twice an epoch, none twice


def test_what_is_learned_is_found_and_its_absence_too(tmp_path: Path) -> None:
    groups = learnable(300)
    recipe = Recipe(first=1, epochs=6, size=16, rate=3e-3, head_rate=3e-3)
    made = trained(tmp_path / "run", groups[:240], recipe).eval()
    read = Reading(made, None, CPU).read
    unseen = [item for group in groups[240:] for item in group]
    found = figures(found_in((i for i in unseen if i.spans), read))
    assert found.questions == 60
    assert found.em == 1.0  # every word is the same: EM says only that one word was taken
    apart = [found_in([i], read)[0] for i in unseen]
    told = figures(apart)
    assert told.auroc is not None
    assert told.auroc > 0.95
    held = torch.load(tmp_path / "run" / CHECKPOINT, weights_only=True)
    assert held["step"] == 6 * 240 * 2 / 16


def test_what_a_teacher_tells_is_learned_where_people_marked_nothing_else(tmp_path: Path) -> None:
    groups = learnable(40)
    told = [[taught(each, seed=at) for each in group] for at, group in enumerate(groups)]
    recipe = Recipe(first=1, epochs=2, size=8, rate=3e-3, teacher="other", taught=1.0)
    mute = [[replace(each, spans=()) for each in group] for group in told]
    one, two = (trained(tmp_path / name, of, recipe) for name, of in (("a", told), ("b", mute)))
    for name, value in one.state_dict().items():
        assert torch.equal(value, two.state_dict()[name]), name
    alone = trained(tmp_path / "c", told, replace(recipe, teacher=""))
    assert not torch.equal(alone.qa_outputs.weight, one.qa_outputs.weight)


def test_what_people_wrote_to_be_impossible_may_count_more() -> None:
    groups = learnable(4)
    items = [item for group in groups for item in group]
    hard = [replace(i, sample=replace(i.sample, kind="impossible")) for i in items if not i.spans]
    given = [*(item for item in items if item.spans), *hard]
    losses = {}
    for weight in (1.0, 3.0):
        torch.manual_seed(9)
        made = Reader(1, replace(TINY, dropout=0.0))
        run = Run(Reading(made, None, CPU), Recipe(first=1, hard=weight), 10)
        losses[weight] = [run.learn(some) for some in (given[:4], hard)]
    (easy, alone), (easy_too, alone_too) = losses[1.0], losses[3.0]
    assert easy == easy_too
    assert alone_too == pytest.approx(3 * alone, rel=1e-4)


def test_without_frozen_layers_all_but_the_embeddings_learn(tmp_path: Path) -> None:
    groups = [
        [Item(sample=i.sample, window=i.window, states=None, spans=i.spans) for i in group]
        for group in learnable(16)
    ]
    made = trained(tmp_path / "run", groups, Recipe(first=0, epochs=1, size=8, rate=1e-3))
    before = reader(0).state_dict()
    for name, value in made.state_dict().items():
        assert torch.equal(value, before[name]) is name.startswith("embeddings."), name


def test_a_folder_is_of_one_recipe(tmp_path: Path) -> None:
    RECIPE.save(tmp_path / "run")
    RECIPE.save(tmp_path / "run")
    assert load_recipe(tmp_path / "run") == RECIPE
    with pytest.raises(ConfigError, match="another recipe: name another run"):
        Recipe(seed=5).save(tmp_path / "run")
