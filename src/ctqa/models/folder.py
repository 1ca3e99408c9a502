"""What a folder with a model's files holds, read from the files themselves.

This is how a model is run that the registry does not know: a folder of the user's own, or one
fetched from the hub. Both forms that such folders come in are understood: sentence-transformers
(config.json and *.safetensors) and ONNX (model.onnx or onnx/model.onnx, with tokenizer.json).
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ctqa.errors import ModelError
from ctqa.models.registry import Kind, ModelFile, ModelSpec, Pooling, Runtime

ONNX_GRAPHS = ("model.onnx", "onnx/model.onnx")
READ_BY_TORCH = (".safetensors", ".json", ".txt", ".model")
PICKLES = (".bin", ".pt", ".pth", ".pkl", ".ckpt")
PLAIN_MODULES = {"Transformer", "Pooling", "Normalize"}


def describe(folder: Path) -> ModelSpec:
    """Work out what the model in a folder is, and hash the files that running it reads.

    Raises:
        ModelError: the folder does not hold a model that CTQA can run.

    """
    runtime, files = _runtime_files(folder)
    kind = _kind(folder)
    prompts = _read_json(folder / "config_sentence_transformers.json")
    return ModelSpec(
        name=folder.resolve().name,
        kind=kind,
        licence="",
        runtime=runtime,
        pooling=_pooling(folder, kind, runtime),
        max_tokens=_max_tokens(folder),
        files=tuple(hash_file(folder, name) for name in files),
        query_prefix=_prompt(prompts, "query"),
        passage_prefix=_prompt(prompts, "document", "passage"),
        pinned=False,
    )


def hash_file(folder: Path, name: str) -> ModelFile:
    """Take the size and the sha256 of a file."""
    path = folder / name
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256")
            return ModelFile(name=name, bytes=stream.tell(), sha256=digest.hexdigest())
    except OSError as exc:
        raise ModelError(f"{path}: cannot be read ({exc.strerror})") from exc


def onnx_graph(spec: ModelSpec) -> str:
    """Name the graph among a model's files; of two, the first."""
    return onnx_graphs(spec)[0]


def onnx_graphs(spec: ModelSpec) -> tuple[str, ...]:
    """Name the graphs among a model's files, in the order in which they are run."""
    return tuple(file.name for file in spec.files if file.name.endswith(".onnx"))


def _runtime_files(folder: Path) -> tuple[Runtime, list[str]]:
    read_by_torch = sorted(_torch_files(folder))
    if any(name.endswith(".safetensors") for name in read_by_torch):
        _refuse_pickled_modules(folder)
        return "sentence-transformers", read_by_torch
    for graph in ONNX_GRAPHS:
        if (folder / graph).is_file() and (folder / "tokenizer.json").is_file():
            return "onnx", [*sorted(_graph_files(folder, graph)), "tokenizer.json"]
    pickles = sorted(path.name for path in folder.iterdir() if path.suffix in PICKLES)
    found = f"only {pickles[0]}, a pickle, which CTQA never opens" if pickles else "neither"
    raise ModelError(
        f"{folder}: expected *.safetensors with config.json, or model.onnx with tokenizer.json; "
        f"found {found}. Name a folder that holds a model, or one that `ctqa models` lists"
    )


def _torch_files(folder: Path) -> Iterator[str]:
    """Name what sentence-transformers reads: at the top and in the modules' own folders."""
    for part in {folder, *_module_folders(folder)}:
        for file in part.glob("*"):
            if file.is_file() and file.suffix in READ_BY_TORCH and not file.name.startswith("."):
                yield file.relative_to(folder).as_posix()


def _module_folders(folder: Path) -> Iterator[Path]:
    for module in _read_list(folder / "modules.json"):
        part = folder / str(module.get("path", ""))
        if not part.resolve().is_relative_to(folder.resolve()):
            raise ModelError(f"{folder / 'modules.json'}: {module['path']!r} leaves the folder")
        yield part


def _refuse_pickled_modules(folder: Path) -> None:
    for part in _module_folders(folder):
        pickled = sorted(file for file in part.glob("*") if file.suffix in PICKLES)
        if pickled and not any(part.glob("*.safetensors")):
            raise ModelError(
                f"{pickled[0]}: is a pickle, which CTQA never opens; expected *.safetensors"
            )


def _graph_files(folder: Path, graph: str) -> Iterator[str]:
    """Name the graph and the weights that lie beside it when it is larger than 2 GB."""
    for file in (folder / graph).parent.glob("model.onnx*"):
        yield file.relative_to(folder).as_posix()


def _kind(folder: Path) -> Kind:
    architectures = _read_json(folder / "config.json").get("architectures", [])
    heads: dict[str, Kind] = {
        "ForSequenceClassification": "reranker",
        "ForQuestionAnswering": "span-reader",
    }
    found = (kind for head, kind in heads.items() if any(head in str(x) for x in architectures))
    return next(found, "encoder")


def _pooling(folder: Path, kind: Kind, runtime: Runtime) -> Pooling:
    if kind != "encoder":
        return "none"
    if runtime == "sentence-transformers":
        return "model"
    _refuse_modules_beyond_onnx(folder)
    modes = _pooling_modes(_read_json(folder / "1_Pooling" / "config.json"))
    if modes not in (["cls"], ["mean"]):
        raise ModelError(
            f"{folder / '1_Pooling' / 'config.json'}: pools by {' and '.join(modes)}; an ONNX "
            "encoder can pool by cls or mean. Use the model's *.safetensors instead"
        )
    return "cls" if modes == ["cls"] else "mean"


def _pooling_modes(config: Mapping[str, Any]) -> list[str]:
    """Name the modes that are on, in the older form (a flag each) and the newer (a name)."""
    if "pooling_mode" in config:
        return [str(config["pooling_mode"])]
    names = {"cls_token": "cls", "mean_tokens": "mean"}
    on = [key for key, value in config.items() if value is True]
    flags = [key.removeprefix("pooling_mode_") for key in on if key.startswith("pooling_mode_")]
    if not flags:
        return ["mean"]  # no such file: what most encoders do
    return [names.get(flag, flag) for flag in flags]


def _refuse_modules_beyond_onnx(folder: Path) -> None:
    for module in _read_list(folder / "modules.json"):
        name = str(module.get("type", "")).rpartition(".")[2]
        if name not in PLAIN_MODULES:
            raise ModelError(
                f"{folder / 'modules.json'}: the model ends in a {name} module, which an ONNX "
                "encoder leaves out. Use the model's *.safetensors instead"
            )


def _max_tokens(folder: Path) -> int:
    stated = (
        _read_json(folder / "sentence_bert_config.json").get("max_seq_length"),
        _read_json(folder / "tokenizer_config.json").get("model_max_length"),
        _read_json(folder / "config.json").get("max_position_embeddings"),
    )
    # Tokenizers without a limit state 10^30.
    return next((n for n in stated if type(n) is int and 0 < n < 10**6), 512)


def _prompt(config: Mapping[str, Any], *names: str) -> str:
    prompts = config.get("prompts", {})
    return next((str(prompts[name]) for name in names if prompts.get(name)), "")


def _read_json(path: Path) -> dict[str, Any]:
    value = _parse(path, "{}")
    if not isinstance(value, dict):
        raise ModelError(f"{path}: expected a JSON object, found {type(value).__name__}")
    return value


def _read_list(path: Path) -> list[dict[str, Any]]:
    value = _parse(path, "[]")
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise ModelError(f"{path}: expected a JSON list of objects")
    return value


def _parse(path: Path, missing: str) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8") if path.is_file() else missing)
    except (OSError, ValueError) as exc:
        raise ModelError(f"{path}: cannot be read as JSON ({exc})") from exc
