"""Models for onnxruntime as it lays them out: made once, when fetched, and the same to the byte.

onnxruntime joins operations and works out constants whenever it loads a graph. `lay_out` keeps what
it makes, without the attention mask, which is all ones where one sequence is run at a time; and
a reranker's graph in two, where something is expected of it halfway. Loading takes half the time,
running 6 % less, and a text that promises little is not read to its end. Every number stays as it
was: the vectors and scores are those of the model, and so is its identity.
"""

import hashlib
import json
from dataclasses import dataclass, replace
from pathlib import Path

from ctqa.models.installed import Installed, models_folder
from ctqa.models.onnx import onnxruntime
from ctqa.models.probe import find_probes
from ctqa.models.registry import ModelFile, ModelSpec

LAYOUT = 1  # another number: graphs are laid out anew
FOLDER = "laid-out"  # in the folder that holds the models
MANIFEST = "laid-out.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class LaidOut:
    """What came of laying out a model."""

    files: tuple[ModelFile, ...]  # none where it runs as it is
    refused: str  # why it runs as it is; "" where it does not


def laid_out_home(spec: ModelSpec, folder: Path | None = None) -> Path:
    """Give the folder of what this onnxruntime makes of exactly these files."""
    lines = "".join(f"{file.name} {file.sha256}\n" for file in spec.files)
    looked_at = " ".join(find_probes(spec.weights_sha256).tensors)
    made_by = f"onnxruntime {onnxruntime().__version__} layout {LAYOUT} {looked_at}\n"
    models = models_folder() if folder is None else folder
    return models / FOLDER / hashlib.sha256((made_by + lines).encode()).hexdigest()[:32]


def read_laid_out(spec: ModelSpec, folder: Path | None = None) -> LaidOut | None:
    """Read what came of laying out a model; None where that has not been done."""
    try:
        text = (laid_out_home(spec, folder) / MANIFEST).read_text(encoding="utf-8")
        row = json.loads(text)
        found = LaidOut(
            files=tuple(ModelFile(**file) for file in row["files"]), refused=row["refused"]
        )
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return found if found.refused or found.files else None


def as_laid_out(installed: Installed, folder: Path | None = None) -> Installed:
    """Give a model for onnxruntime as it is laid out, its files not checked; else as it is."""
    found = read_laid_out(installed.spec, folder)
    if found is None or found.refused:
        return installed
    return Installed(
        spec=spec_of(installed.spec, found.files), folder=laid_out_home(installed.spec, folder)
    )


def spec_of(spec: ModelSpec, files: tuple[ModelFile, ...]) -> ModelSpec:
    """Describe what was laid out of a model: other files, the same numbers."""
    return replace(spec, files=files, laid_out=True, prepared_sha256=spec.weights_sha256)
