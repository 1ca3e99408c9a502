"""The collections the benches run on: folders in BEIR form below the folder CTQA_DATA."""

import os
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import ctqa
from ctqa.evaluation import Evaluation, Gold, evaluate, load_gold

OUT = Path(__file__).parent / "out"


def collection(name: str) -> Path:
    """Give a collection's folder; ends the bench when it is not there."""
    root = os.environ.get("CTQA_DATA")
    if root is None or not (Path(root) / name).is_dir():
        raise SystemExit(f"set CTQA_DATA to a folder that holds the collection {name!r}")
    return Path(root) / name


def half(gold: Gold, which: str) -> Gold:
    """Keep half of a gold set: "tune" is for choosing, "report" for figures that are published."""
    wanted = which == "tune"
    kept = tuple(q for q in gold.questions if (sha256(q.id.encode()).digest()[0] < 128) == wanted)
    return replace(gold, questions=kept)


def built(name: str, config: ctqa.IndexConfig) -> Path:
    """Build a collection's index under a configuration, or take it as it was built before."""
    encoder = Path(config.encoder).name
    folder = (
        OUT
        / "index"
        / f"{name}-{encoder}-{config.split}-{config.passage_tokens}-{config.overlap_tokens}"
    )
    ctqa.build([collection(name) / "corpus.jsonl"], folder, config=config)
    return folder


def retrieval(
    name: str, config: ctqa.IndexConfig, search: ctqa.SearchConfig, which: str = ""
) -> Evaluation:
    """Measure retrieval on a collection; `which` is a half or "" for all its questions."""
    qa = ctqa.load(built(name, config), config=search)
    try:
        gold = load_gold(collection(name))
        return evaluate(qa, half(gold, which) if which else gold, answers=False)
    finally:
        qa.close()
