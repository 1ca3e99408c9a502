"""List the models there are, and how each stands on this machine."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ctqa.errors import ModelError
from ctqa.models.installed import MANIFEST, find_fault, home, models_folder, read_manifest
from ctqa.models.prepared import told
from ctqa.models.registry import REGISTRY, Kind, ModelSpec, read_registry
from ctqa.models.shipped_reader import checked_reader, graph_path, shipped_reader

State = Literal["ready", "absent", "damaged"]


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
    prepared: str  # what came of preparing it for onnxruntime; "" where it needs none


def models(*, folder: Path | None = None, registry: Path = REGISTRY) -> tuple[ModelState, ...]:
    """List a registry's models in its order, CTQA's reader after its own, then those of the hub."""
    parent = models_folder() if folder is None else folder
    known = [_state(spec, home(spec.name, parent), parent) for spec in read_registry(registry)]
    manifests = sorted(parent.glob(f"*--*/{MANIFEST}"))
    fetched = (_fetched_state(manifest.parent, parent) for manifest in manifests)
    own = _shipped_state() if registry == REGISTRY else ()
    return (*known, *own, *fetched)


def _shipped_state() -> Iterator[ModelState]:
    """Tell of the span reader that CTQA comes with."""
    found = shipped_reader()
    if found is None:
        return
    fault = ""
    try:
        checked_reader(found.reranker_sha256)
    except ModelError as error:
        fault = str(error)
    yield ModelState(
        name=found.name,
        kind="span-reader",
        licence=found.licence,
        pinned=True,
        bytes=found.bytes,
        state="damaged" if fault else "ready",
        fault=fault,
        folder=str(graph_path().parent),
        prepared="",
    )


def _fetched_state(folder: Path, parent: Path) -> ModelState:
    spec = read_manifest(folder)
    if spec is not None:
        return _state(spec, folder, parent)
    return ModelState(
        name=folder.name.replace("--", "/", 1),
        kind="encoder",
        licence="",
        pinned=False,
        bytes=0,
        state="damaged",
        fault=f"{MANIFEST} cannot be read",
        folder=str(folder),
        prepared="",
    )


def _state(spec: ModelSpec, folder: Path, parent: Path) -> ModelState:
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
        prepared=told(spec, parent) if fault is None else "",
    )
