"""Models in the form they were prepared in: int8 graphs for onnxruntime, made once, when fetched.

`prepare` makes them, and holds them against the model itself before they are used. Their vectors
and scores are not quite the model's own, so they have an identity of their own: the sha256 of the
model's weights and the recipe's number, whatever machine they were made on.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from ctqa.models.installed import Installed, models_folder
from ctqa.models.registry import ModelFile, ModelSpec, Pooling

RECIPE = 1  # another number: models are prepared anew, and what they have encoded is encoded anew
FOLDER = "prepared"  # in the folder that holds the models
MANIFEST = "prepared.json"
PAIRS = 48  # of prepare_pairs.jsonl, by which a graph is held against the model


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What came of preparing a model."""

    recipe: int
    model: str
    files: tuple[ModelFile, ...]  # none where it stays on torch
    pooling: Pooling
    max_tokens: int
    refused: str  # why it stays on torch; "" where it does not
    figures: Mapping[str, float]  # of the check, against the model itself
    libraries: Mapping[str, str]  # that made it


def can_be_prepared(spec: ModelSpec) -> bool:
    """Tell whether a model is one that is prepared when it is fetched."""
    return spec.runtime == "sentence-transformers" and spec.kind in ("encoder", "reranker")


def prepared_sha256(spec: ModelSpec) -> str:
    """Give what stands for the weights of a model's prepared form."""
    return hashlib.sha256(f"{spec.weights_sha256} prepared {RECIPE}".encode()).hexdigest()


def prepared_home(spec: ModelSpec, folder: Path | None = None) -> Path:
    """Give the folder of what is made of exactly these files, weights and settings."""
    lines = "".join(f"{file.name} {file.sha256}\n" for file in spec.files)
    models = models_folder() if folder is None else folder
    return models / FOLDER / hashlib.sha256(lines.encode()).hexdigest()[:32]


def read_prepared(spec: ModelSpec, folder: Path | None = None) -> Prepared | None:
    """Read what came of preparing a model; None where that has not been done by this recipe."""
    if not can_be_prepared(spec):
        return None
    try:
        text = (prepared_home(spec, folder) / MANIFEST).read_text(encoding="utf-8")
        row = json.loads(text)
        files = tuple(ModelFile(**file) for file in row["files"])
        found = Prepared(**row | {"files": files})
    except (OSError, ValueError, TypeError, KeyError):
        return None
    whole = bool(found.refused) or any(file.name.endswith(".onnx") for file in files)
    return found if whole and found.recipe == RECIPE else None


def write_prepared(prepared: Prepared, folder: Path) -> None:
    """Record beside the files what came of preparing a model."""
    text = json.dumps(asdict(prepared), indent=1, sort_keys=True)
    (folder / MANIFEST).write_text(text, encoding="utf-8")


def prepared_form(spec: ModelSpec, folder: Path | None = None) -> Installed | None:
    """Give a model in its prepared form, its files not checked; None where there is none."""
    found = read_prepared(spec, folder)
    if found is None or found.refused:
        return None
    return Installed(spec=as_spec(spec, found), folder=prepared_home(spec, folder))


def as_spec(spec: ModelSpec, prepared: Prepared) -> ModelSpec:
    """Describe the prepared form as a model for onnxruntime."""
    return replace(
        spec,
        runtime="onnx",
        pooling=prepared.pooling,
        max_tokens=prepared.max_tokens,
        files=prepared.files,
        prepared_sha256=prepared_sha256(spec),
    )


def told(spec: ModelSpec, folder: Path | None = None) -> str:
    """Say in a line what came of preparing a model; "" for one that needs none."""
    if not can_be_prepared(spec):
        return ""
    found = read_prepared(spec, folder)
    if found is None:
        return f"runs on torch until `ctqa models fetch {spec.name}` has prepared it"
    if found.refused:
        return f"runs on torch: {found.refused}"
    return f"runs on onnxruntime, in int8: {_figures(found)}"


def _figures(found: Prepared) -> str:
    held, of = found.figures, PAIRS
    firsts = f"finds {held['r_at_1'] * of:.0f} of {of} test answers first"
    original = f"the original {held['r_at_1_as_it_is'] * of:.0f}"
    if "cosine_mean" in held:
        return f"{firsts}, {original}; mean cosine to its vectors {held['cosine_mean']:.3f}"
    return f"{firsts}, {original}; rank correlation to its scores {held['rank_correlation']:.3f}"
