"""Fetch a model's files from the Hugging Face hub; nothing else in CTQA talks to it."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from ctqa.errors import ModelError
from ctqa.models.folder import ONNX_GRAPHS, describe
from ctqa.models.registry import HubSource, ModelSpec

SAFETENSORS = re.compile(r"model(-\d+-of-\d+)?\.safetensors")
CONFIGS = (".json", ".txt", ".model")
OTHER_RUNTIMES = {"onnx", "openvino", "coreml"}

Result = TypeVar("Result")


def download_pinned(source: HubSource, names: Iterable[str], scratch: Path, into: Path) -> None:
    """Download the named files of a repository at a revision, by way of a scratch folder.

    Raises:
        ModelError: the hub cannot be reached or does not hold the files.

    """
    folder = PurePosixPath(source.folder)
    wanted = {name: str(folder / name) for name in names}
    _download(source.hub, source.revision, wanted.values(), scratch)
    for name, path in wanted.items():
        (into / name).parent.mkdir(parents=True, exist_ok=True)
        if not (scratch / path).is_file():
            raise ModelError(f"{source} does not hold {path}")
        (scratch / path).replace(into / name)


def download_latest(hub_id: str, into: Path) -> ModelSpec:
    """Download what running a repository's model takes, never a pickle, and describe it.

    Raises:
        ModelError: the hub cannot be reached, or the repository holds no model CTQA can run.

    """
    from huggingface_hub import HfApi  # noqa: PLC0415 - heavy

    info = _translated(lambda: HfApi().model_info(hub_id))
    revision = str(info.sha)
    siblings = [] if info.siblings is None else info.siblings
    names = [sibling.rfilename for sibling in siblings]
    _download(hub_id, revision, files_to_run(hub_id, names), into)
    licence = getattr(info.card_data, "license", None)
    return replace(
        describe(into),
        name=hub_id,
        licence=licence if isinstance(licence, str) else "",
        sources=(HubSource(hub=hub_id, revision=revision),),
    )


def files_to_run(hub_id: str, names: Iterable[str]) -> list[str]:
    """Choose a repository's weights, safetensors before ONNX, with its tokenizer and settings."""
    ours = [name for name in names if _may_be_ours(name)]
    weights = [name for name in ours if SAFETENSORS.fullmatch(PurePosixPath(name).name)]
    if not weights:
        graph = next((name for name in ONNX_GRAPHS if name in ours), None)
        weights = [name for name in ours if graph is not None and name.startswith(graph)]
    if not weights:
        raise ModelError(
            f"{hub_id} offers no weights that CTQA opens: expected model.safetensors or model.onnx"
        )
    return weights + [name for name in ours if _is_config(name)]


def _may_be_ours(name: str) -> bool:
    path = PurePosixPath(name)
    return len(path.parts) <= 2 and not any(part.startswith(".") for part in path.parts)


def _is_config(name: str) -> bool:
    path = PurePosixPath(name)
    return path.suffix in CONFIGS and path.parts[0] not in OTHER_RUNTIMES


def _download(hub_id: str, revision: str, names: Iterable[str], into: Path) -> None:
    from huggingface_hub import snapshot_download  # noqa: PLC0415 - heavy
    from huggingface_hub.utils.tqdm import disable_progress_bars  # noqa: PLC0415

    patterns = [re.sub(r"([*?[])", r"[\1]", name) for name in names]

    def download() -> str:
        with disable_progress_bars():
            return snapshot_download(
                hub_id, revision=revision, local_dir=into, allow_patterns=patterns
            )

    _translated(download)


def _translated(call: Callable[[], Result]) -> Result:
    """Call the hub; its own exceptions and those of the HTTP library beneath become ours."""
    from huggingface_hub import errors  # noqa: PLC0415 - heavy

    http_error: Any = errors.HTTPError  # type: ignore[attr-defined]  # the library's, not its own
    try:
        return call()
    except (OSError, ValueError, http_error, errors.XetDownloadError) as exc:
        first_line = str(exc).strip().partition("\n")[0]
        raise ModelError(f"{type(exc).__name__}: {first_line}") from exc
