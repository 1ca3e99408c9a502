"""Lay out a model for onnxruntime, and see that it gives the same bytes.

Done once, when a model is fetched. One whose numbers would change, by however little, runs as it
is, and is recorded as such with the reason.
"""

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ctqa.errors import ModelError
from ctqa.models.folder import hash_file, onnx_graphs
from ctqa.models.graph_surgery import halves, open_model, save_model, without_mask
from ctqa.models.installed import Installed, find_fault
from ctqa.models.laid_out import (
    MANIFEST,
    LaidOut,
    laid_out_home,
    read_laid_out,
    spec_of,
)
from ctqa.models.onnx import lay_out as lay_out_graph
from ctqa.models.onnx_encoder import OnnxEncoder
from ctqa.models.onnx_reranker import OnnxReranker
from ctqa.models.pair_graph import FIRST, REST
from ctqa.models.placing import Progress, only_one, put_in_place, silent
from ctqa.models.prepare_check import read_pairs
from ctqa.models.probe import Probes, find_probes
from ctqa.models.registry import ModelSpec
from ctqa.models.reranker import Marked

if TYPE_CHECKING:
    from onnx import ModelProto

GRAPH, TOKENIZER = "model.onnx", "tokenizer.json"
_TEXTS = 12  # by which what was laid out is held against the model
_FAR = 40  # of them joined are longer than any model reads


def lay_out(
    installed: Installed, *, folder: Path | None = None, progress: Progress = silent
) -> None:
    """Lay out a model for onnxruntime, unless that is done and whole.

    Raises:
        ModelError: the model's own files are damaged, or nothing can be written.

    """
    spec = installed.spec
    target = laid_out_home(spec, folder)
    try:
        if not _is_done(spec, target, folder):
            with only_one(target, lambda: progress(f"{spec.name}: is being laid out, waiting")):
                if not _is_done(spec, target, folder):
                    put_in_place(target, partial(_fill, installed))
                    progress(f"{spec.name}: laid out for onnxruntime")
    except OSError as exc:
        raise ModelError(f"model {spec.name} could not be laid out in {target}: {exc}") from exc


def _is_done(spec: ModelSpec, target: Path, folder: Path | None) -> bool:
    found = read_laid_out(spec, folder)
    return found is not None and (
        bool(found.refused) or find_fault(spec_of(spec, found.files), target) is None
    )


def _fill(installed: Installed, into: Path) -> None:
    fault = find_fault(installed.spec, installed.folder)
    if fault is not None:
        raise ModelError(f"model {installed.spec.name} in {installed.folder} is damaged ({fault})")
    found = LaidOut(files=(), refused="its numbers would not stay the same")
    for drop_mask in (True, False):
        try:
            made = _made(installed, into, drop_mask=drop_mask)
        except ModelError as exc:
            found = LaidOut(files=(), refused=str(exc))
        else:
            if _are_same(installed, made):
                found = LaidOut(files=made.spec.files, refused="")
                break
        _empty(into)
    text = json.dumps(asdict(found), indent=1, sort_keys=True)
    (into / MANIFEST).write_text(text, encoding="utf-8")


def _made(installed: Installed, into: Path, *, drop_mask: bool) -> Installed:
    graphs = onnx_graphs(installed.spec)
    if len(installed.spec.files) != len(graphs) + 1:
        raise ModelError("its weights lie in several files")
    model = open_model(installed.folder / graphs[0])
    if drop_mask:
        without_mask(model)
    probes = find_probes(installed.spec.weights_sha256)
    for name, part, tapped in _parts(model, probes):
        scratch = into.parent / name
        save_model(part, scratch)
        lay_out_graph(scratch, into / name, tapped=tapped)
        scratch.unlink()
    shutil.copyfile(installed.folder / TOKENIZER, into / TOKENIZER)
    names = sorted(path.name for path in into.iterdir())
    files = tuple(hash_file(into, name) for name in names)
    return Installed(spec=spec_of(installed.spec, files), folder=into)


def _parts(model: "ModelProto", probes: Probes) -> Iterator[tuple[str, "ModelProto", list[str]]]:
    """Give the graphs to write, each with its name and what more it is to give."""
    if probes.halfway is None:
        yield GRAPH, model, list(probes.tensors)
        return
    first, rest = halves(model, probes.halfway.tensor)
    yield FIRST, first, [t for t in (probes.shared,) if t not in (None, probes.halfway.tensor)]
    yield REST, rest, [] if probes.parts is None else [probes.parts.tensor]


def _are_same(installed: Installed, made: Installed) -> bool:
    """Tell whether a model and what was laid out of it give the same bytes."""
    texts = [pair.passage for pair in read_pairs()][:_TEXTS]
    texts += ["", texts[0][:20], " ".join(texts[0] for _ in range(_FAR))]
    if installed.spec.kind == "encoder":
        was, now = (OnnxEncoder.load(each).encode_passages(texts) for each in (installed, made))
        return np.array_equal(was, now)
    marked = [Marked(text=text, parts=((0, len(text) // 2),)) for text in texts]
    asked = read_pairs()[0].question
    readings = [OnnxReranker.load(each).readings(asked, marked) for each in (installed, made)]
    return readings[0] == readings[1]


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
