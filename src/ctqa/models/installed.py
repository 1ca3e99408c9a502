"""The models that are on this machine: where they lie, and whether they are whole."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import platformdirs

from ctqa.errors import ConfigError, ModelError
from ctqa.models.folder import describe, hash_file
from ctqa.models.registry import (
    HUB_ID,
    REGISTRY,
    ModelSpec,
    find,
    parse_spec,
    unknown_model,
)

MANIFEST = "ctqa.json"  # what a model fetched from the hub was when it was fetched


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """A model that is on this machine and whole."""

    spec: ModelSpec
    folder: Path


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
    return checked(unchecked(name, folder=folder, registry=registry), name)


def unchecked(name: str, *, folder: Path | None = None, registry: Path = REGISTRY) -> Installed:
    """Find a model as `locate` does, and take its files to be what they should be.

    Raises:
        ModelError: it is not on this machine, or nothing tells what it is.

    """
    spec = find(name, registry)
    own = own_folder(name)
    if spec is None and own is not None:
        return Installed(spec=describe(own), folder=own)
    if spec is None and HUB_ID.fullmatch(name) is None:
        raise unknown_model(name, registry)
    place = home(name, folder)
    if not place.is_dir():
        raise ModelError(
            f"model {name} is not on this machine (expected in {place}): {_fetch(name)}"
        )
    spec = read_manifest(place) if spec is None else spec
    if spec is None:
        raise _damaged(name, place, find_fault(None, place))
    return Installed(spec=spec, folder=place)


def checked(found: Installed, name: str) -> Installed:
    """Give a model back whose files are what they should be.

    Raises:
        ModelError: a file is not.

    """
    if own_folder(name) == found.folder:
        return found  # its hashes have just been taken
    fault = find_fault(found.spec, found.folder)
    if fault is not None:
        raise _damaged(name, found.folder, fault)
    return found


def _damaged(name: str, place: Path, fault: str | None) -> ModelError:
    return ModelError(f"model {name} in {place} is damaged ({fault}): {_fetch(name)}")


def _fetch(name: str) -> str:
    return f"run `ctqa models fetch {name}`"


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
