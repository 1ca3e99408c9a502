"""Put a trained reader into the package: `python -m training.reader.ship RUN`.

Copies the graph that `training.reader.export` wrote and the card of `training.reader.card` to
src/ctqa/models/reader, and writes beside them what the product checks: the graph's sha256, and the
weights of the reranker that it stands on. `ctqa models fetch` lays the reranker out anew where the
reader starts at another layer than before.
"""

import argparse
import json
import shutil
from dataclasses import asdict
from pathlib import Path

from ctqa.errors import ConfigError
from ctqa.models.folder import hash_file
from ctqa.models.shipped_reader import CARD, ENTRY, GRAPH, SHIPPED, ShippedReader
from training.halfway import LAYER, MODEL, tensor
from training.reader.prepare import HOME
from training.reader.recipe import load_recipe
from training.reader.trunk import located

NAME = "ctqa-span-reader"
LICENCE = "Apache-2.0"  # as the layers that it was made of; the card names the data's
MOST_BYTES = 15_000_000  # what a wheel can bear


def main() -> None:
    """Ship a run's reader."""
    parser = argparse.ArgumentParser(prog="training.reader.ship", description=__doc__)
    parser.add_argument("run")
    made = ship(HOME / "runs" / parser.parse_args().run, SHIPPED)
    print(f"{SHIPPED}: {made.bytes / 1e6:.1f} MB over {made.tensor}, sha256 {made.sha256}")


def ship(run: Path, into: Path) -> ShippedReader:
    """Copy a run's graph and card into a folder, and write what they are.

    Raises:
        ConfigError: the run is not exported, has no card, or cannot be shipped.

    """
    for name, command in ((GRAPH, "export"), (CARD, "card")):
        if not (run / name).is_file():
            raise ConfigError(
                f"{run / name} is missing: run `python -m training.reader.{command} {run.name}`"
            )
    made = put(run, into)
    shutil.copyfile(run / CARD, into / CARD)
    return made


def put(run: Path, into: Path) -> ShippedReader:
    """Copy a run's graph into a folder, and write what it is."""
    made = entry_of(run)
    into.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(run / GRAPH, into / GRAPH)
    (into / ENTRY).write_text(json.dumps(asdict(made), indent=1) + "\n", encoding="utf-8")
    return made


def entry_of(run: Path) -> ShippedReader:
    """Tell what a run's graph is, and what it stands on.

    Raises:
        ConfigError: it stands on nothing that the reranker gives before it is cut, or is too large.

    """
    first, graph = load_recipe(run).first, hash_file(run, GRAPH)
    if not 0 < first <= LAYER + 1:
        raise ConfigError(
            f"{run.name} starts at layer {first}; expected 1 to {LAYER + 1}: the reranker's graph "
            f"is cut after {LAYER + 1} layers, and a reader goes on from what comes before"
        )
    if graph.bytes > MOST_BYTES:
        raise ConfigError(
            f"{run / GRAPH} has {graph.bytes} bytes; expected at most {MOST_BYTES}: a package "
            "index takes no larger wheels gladly"
        )
    return ShippedReader(
        name=NAME,
        licence=LICENCE,
        sha256=graph.sha256,
        bytes=graph.bytes,
        reranker=MODEL,
        reranker_sha256=located().spec.weights_sha256,
        tensor=tensor(first - 1),
    )


if __name__ == "__main__":
    main()
