"""Let a reader tell how likely it finds each token: `python -m training.reader.teach RUN`.

RUN is one of which no layer is frozen, exported; `python -m training.reader.train OTHER --teacher
RUN` then learns from it as well as from what people marked.
"""

import argparse

from ctqa.errors import ConfigError
from training.reader.cache import Cache, home_of
from training.reader.exported import GRAPH, Exported
from training.reader.prepare import HOME, LEARNED
from training.reader.recipe import load_recipe


def main() -> None:
    """Keep the logits of all windows of all collections."""
    parser = argparse.ArgumentParser(prog="training.reader.teach", description=__doc__)
    parser.add_argument("run")
    run = parser.parse_args().run
    folder = HOME / "runs" / run
    if load_recipe(folder).first > 0:
        raise ConfigError(f"{run} is not a whole reader: expected one trained with --first 0")
    teacher = Exported.open(folder / GRAPH, takes_states=False)
    for name in LEARNED:
        Cache(home_of(name), run).fill(teacher)


if __name__ == "__main__":
    main()
