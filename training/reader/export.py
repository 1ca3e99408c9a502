"""Write a trained reader as the graph that is shipped: `python -m training.reader.export RUN`.

The graph is in int8, laid out for onnxruntime, and takes the states that the reranker's first half
gives; `python -m training.reader.evaluate RUN` then tells what int8 costs.
"""

import argparse

from ctqa.models.folder import hash_file
from training.reader.evaluate import trained
from training.reader.exported import GRAPH, export
from training.reader.prepare import HOME


def main() -> None:
    """Write the graph, and tell how large it is and its sha256."""
    parser = argparse.ArgumentParser(prog="training.reader.export", description=__doc__)
    parser.add_argument("run")
    folder = HOME / "runs" / parser.parse_args().run
    export(trained(folder), folder / GRAPH)
    made = hash_file(folder, GRAPH)
    print(f"{folder / GRAPH}: {made.bytes / 1e6:.1f} MB, sha256 {made.sha256}")


if __name__ == "__main__":
    main()
