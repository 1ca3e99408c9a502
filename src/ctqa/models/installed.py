"""The models that are on this machine: where they lie, and whether they are whole."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import platformdirs

from ctqa.errors import ConfigError, ModelError
from ctqa.models.folder import describe, hash_file
from ctqa.models.registry import (
    HUB_ID,
    REGISTRY,
    Kind,
    ModelSpec,
    find,
    parse_spec,
    read_registry,
    unknown_model,
)

State = Literal["ready", "absent", "damaged"]

MANIFEST = "ctqa.json"  # what a model fetched from the hub was when it was fetched


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """A model that is on this machine and whole."""

    spec: ModelSpec
    folder: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelState:
    """A model of the registry, or one fetched from the hub, and how it stands on this machine."""

    name: str
    kind: Kind
    licence: str
    pinned: bool
    bytes: int
    state: State
    fault: str  # why it is not "ready"
    folder: str


def models_folder() -> Path:
    """Give the folder that holds a folder for each model: $CTQA_MODELS, else the user's cache."""
    named = os.environ.get("CTQA_MODELS", "")
    if named:
        return _path(named)
    return Path(platformdirs.user_cache_dir("ctqa")) / "models"


def own_folder(name: str) -> Path | None:
    """Give the user's own folder that a name is the path of; None when there is none."""
    path = _path(name)
    return path if name and path.is_dir() else None


def home(name: str, folder: Path | None = None) -> Path:
    """Give the folder that a model is in once fetched."""
    models = models_folder() if folder is None else folder
    return models / name.replace("/", "--")


def models(*, folder: Path | None = None, registry: Path = REGISTRY) -> tuple[ModelState, ...]:
    """List the registry's models in its order, then those fetched from the hub, by name."""
    parent = models_folder() if folder is None else folder
    known = [_state(spec, home(spec.name, parent)) for spec in read_registry(registry)]
    manifests = sorted(parent.glob(f"*--*/{MANIFEST}"))
    return (*known, *(_fetched_state(manifest.parent) for manifest in manifests))


def ready(name: str, *, folder: Path | None = None, registry: Path = REGISTRY) -> Path:
    """Give the folder of a model, every file of it there and checked against its sha256.

    Raises:
        ModelError: it is not on this machine, or a file is not what it should be.

    """
    return locate(name, folder=folder, registry=registry).folder


def locate(name: str, *, folder: Path | None = None, registry: Path = REGISTRY) -> Installed:
    """Find a model by registry name, by the path of its folder, or by hub id, in that order.

    Nothing is fetched. `folder` is the one that holds the models, not the model's own.

    Raises:
        ModelError: it is not on this machine, or a file is not what it should be.

    """
    spec = find(name, registry)
    own = own_folder(name)
    if spec is None and own is not None:
        return Installed(spec=describe(own), folder=own)
    if spec is None and HUB_ID.fullmatch(name) is None:
        raise unknown_model(name, registry)
    place = home(name, folder)
    mend = f"run `ctqa models fetch {name}`"
    if not place.is_dir():
        raise ModelError(f"model {name} is not on this machine (expected in {place}): {mend}")
    spec = read_manifest(place) if spec is None else spec
    fault = find_fault(spec, place)
    if spec is None or fault is not None:
        raise ModelError(f"model {name} in {place} is damaged ({fault}): {mend}")
    return Installed(spec=spec, folder=place)


def find_fault(spec: ModelSpec | None, folder: Path) -> str | None:
    """Say what is wrong with a model's files, the first thing found; None when all are right.

    Without a spec, what is wrong is that nothing tells what the files should be.
    """
    if spec is None:
        return f"{MANIFEST} is missing or cannot be read"
    for file in spec.files:
        path = folder / file.name
        if not path.is_file():
            return f"{file.name} is missing"
        size = path.stat().st_size
        if size != file.bytes:
            return f"{file.name} has {size} bytes, expected {file.bytes}"
        sha256 = hash_file(folder, file.name).sha256
        if sha256 != file.sha256:
            return f"{file.name} has sha256 {sha256}, expected {file.sha256}"
    return None


def write_manifest(spec: ModelSpec, folder: Path) -> None:
    """Record what a model fetched from the hub is, so that later damage is seen."""
    text = json.dumps(asdict(spec), indent=1, sort_keys=True)
    (folder / MANIFEST).write_text(text, encoding="utf-8")


def read_manifest(folder: Path) -> ModelSpec | None:
    """Read what a model was when it was fetched from the hub; None when nothing readable tells."""
    path = folder / MANIFEST
    try:
        return parse_spec(json.loads(path.read_text(encoding="utf-8")), path)
    except (OSError, ValueError, AttributeError, ConfigError):
        return None


def _path(text: str) -> Path:
    return Path(text).expanduser() if text.startswith("~/") else Path(text)


def _fetched_state(folder: Path) -> ModelState:
    spec = read_manifest(folder)
    if spec is not None:
        return _state(spec, folder)
    return ModelState(
        name=folder.name.replace("--", "/", 1),
        kind="encoder",
        licence="",
        pinned=False,
        bytes=0,
        state="damaged",
        fault=f"{MANIFEST} cannot be read",
        folder=str(folder),
    )


def _state(spec: ModelSpec, folder: Path) -> ModelState:
    there = folder.is_dir()
    fault = find_fault(spec, folder) if there else "not fetched"
    state: State = "ready" if fault is None else "damaged" if there else "absent"
    return ModelState(
        name=spec.name,
        kind=spec.kind,
        licence=spec.licence,
        pinned=spec.pinned,
        bytes=spec.bytes,
        state=state,
        fault="" if fault is None else fault,
        folder=str(folder),
    )
