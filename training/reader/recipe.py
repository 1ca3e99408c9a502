"""How a reader is trained."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from ctqa.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """All that decides what training gives, with the data and the machine."""

    first: int = 7  # the first layer that is trained; those below are frozen. 0: none is
    epochs: int = 3
    size: int = 32  # windows in a batch, about
    rate: float = 1e-4  # the highest learning rate, of the layers
    head_rate: float = 1e-3  # of the span head, which starts from nothing
    warmup: float = 0.06  # the share of the steps in which the rates rise; then they fall to 0
    decay: float = 0.01  # of weights, not of biases and norms
    clip: float = 1.0  # the longest gradient
    dropout: float = 0.1
    negatives: float = 0.7  # the share of those made up not to answer that are learned from
    hard: float = 1.0  # how much one that people wrote to be impossible counts
    shared: float = 0.0  # how much the choice over all windows of a question counts
    teacher: str = ""  # who has read what is learned from; "": nobody
    taught: float = 0.5  # how much of the loss is what it tells, where there is one
    seed: int = 1

    def save(self, folder: Path) -> None:
        """Write it beside what is trained by it; refuse where another is at work.

        Raises:
            ConfigError: the folder holds what was trained by another recipe.

        """
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "recipe.json"
        if path.exists() and load_recipe(folder) != self:
            raise ConfigError(f"{folder} was trained by another recipe: name another run")
        path.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")


def load_recipe(folder: Path) -> Recipe:
    """Read the recipe that a folder's reader was trained by."""
    return Recipe(**json.loads((folder / "recipe.json").read_text(encoding="utf-8")))
