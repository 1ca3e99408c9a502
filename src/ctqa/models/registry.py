"""The models CTQA knows, read from registry.toml: what each is, and where its files come from."""

import difflib
import hashlib
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal, TypeVar, cast

from ctqa.errors import ConfigError, ModelError

Kind = Literal["encoder", "reranker", "span-reader"]
Runtime = Literal["onnx", "sentence-transformers"]
Pooling = Literal["cls", "mean", "model", "none"]

REGISTRY = Path(__file__).with_name("registry.toml")
WEIGHTS = (".onnx", ".onnx_data", ".onnx.data", ".safetensors")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFile:
    """A file of a model: its path in the model's folder, with forward slashes, and its content."""

    name: str
    bytes: int
    sha256: str

    @property
    def is_weights(self) -> bool:
        """Whether the file holds weights."""
        return self.name.endswith(WEIGHTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelSource:
    """A folder inside a wheel of a package index."""

    wheel: str  # NAME==VERSION
    folder: str = ""

    def __str__(self) -> str:
        """Name the source in a message."""
        return f"wheel {self.wheel}"


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSource:
    """A folder of a Hugging Face hub repository at one revision."""

    hub: str  # OWNER/NAME
    revision: str  # 40 hex digits
    folder: str = ""

    def __str__(self) -> str:
        """Name the source in a message."""
        return f"hub repository {self.hub} at {self.revision[:12]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpec:
    """What a model is. `pinned`: its hashes stand in the registry, rather than were taken here."""

    name: str
    kind: Kind
    licence: str  # "" where nobody told
    runtime: Runtime
    pooling: Pooling
    max_tokens: int  # the longest sequence read, special tokens and prefix included
    files: tuple[ModelFile, ...]
    sources: tuple[WheelSource | HubSource, ...] = ()
    query_prefix: str = ""
    passage_prefix: str = ""
    pinned: bool = True
    prepared_sha256: str = ""  # of what was made here of other weights: stands for its own
    laid_out: bool = False  # whether its graphs are as onnxruntime lays them out

    @property
    def bytes(self) -> int:
        """The size of all files together."""
        return sum(file.bytes for file in self.files)

    @property
    def weights_sha256(self) -> str:
        """The sha256 of the weights file; of all their names and hashes where there are several."""
        if self.prepared_sha256:
            return self.prepared_sha256
        weights = sorted((file.name, file.sha256) for file in self.files if file.is_weights)
        if len(weights) == 1:
            return weights[0][1]
        lines = "".join(f"{name} {sha256}\n" for name, sha256 in weights)
        return hashlib.sha256(lines.encode()).hexdigest()


def read_registry(path: Path = REGISTRY) -> tuple[ModelSpec, ...]:
    """Read every model of a registry file, in its order.

    Raises:
        ConfigError: the file cannot be read, or an entry is not what the first lines of
            registry.toml say.

    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise ConfigError(f"{path}: cannot be read ({exc.strerror})") from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise ConfigError(f"{path}: is not valid TOML ({exc})") from exc
    unknown = set(tables) - {"model"}
    if unknown:
        raise ConfigError(f"{path}: unknown key {min(unknown)!r}; expected [[model]] tables")
    specs = tuple(parse_spec(row, path) for row in _tables(tables, "model", str(path)))
    names = [spec.name for spec in specs]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigError(f"{path}: model {twice[0]} stands there more than once")
    return specs


def find(name: str, registry: Path = REGISTRY) -> ModelSpec | None:
    """Find a model of the registry; None when it has no such name."""
    return next((spec for spec in read_registry(registry) if spec.name == name), None)


def unknown_model(name: str, registry: Path = REGISTRY) -> ModelError:
    """Make the error for a name that is nobody's, with the names that come close."""
    names = [spec.name for spec in read_registry(registry)]
    folded = {known.casefold(): known for known in names}
    close = difflib.get_close_matches(name.casefold(), list(folded), n=3, cutoff=0.6)
    hint = (
        f"did you mean {' or '.join(folded[match] for match in close)}? Expected"
        if close
        else "expected"
    )
    return ModelError(
        f"no model is named {name!r}: {hint} {', '.join(names)}, the path of a folder "
        "that holds a model, or a hub id OWNER/NAME; `ctqa models` lists what there is"
    )


def parse_spec(row: Mapping[str, Any], where: Path) -> ModelSpec:
    """Read one model from its table, each field checked.

    Raises:
        ConfigError: a field is missing, unknown or not what it should be.

    """
    place = f"{where}: model {row.get('name', '(without a name)')}"
    _refuse_unknown(row, ModelSpec, place)
    spec = ModelSpec(
        name=_matching(row, "name", NAME, place),
        kind=cast(Kind, _one_of(row, "kind", ("encoder", "reranker", "span-reader"), place)),
        licence=_text(row, "licence", place),
        runtime=cast(Runtime, _one_of(row, "runtime", ("onnx", "sentence-transformers"), place)),
        pooling=cast(Pooling, _one_of(row, "pooling", ("cls", "mean", "model", "none"), place)),
        max_tokens=_count(row, "max_tokens", place),
        files=tuple(_file(table, place) for table in _tables(row, "files", place)),
        sources=tuple(_source(table, place) for table in _tables(row, "sources", place)),
        query_prefix=_text(row, "query_prefix", place, default=""),
        passage_prefix=_text(row, "passage_prefix", place, default=""),
        pinned=_pinned(row, place),
    )
    _check_whole(spec, place)
    return spec


def _check_whole(spec: ModelSpec, place: str) -> None:
    pooling: tuple[Pooling, ...] = ("cls", "mean") if spec.runtime == "onnx" else ("model",)
    if spec.kind != "encoder":
        pooling = ("none",)
    if spec.pooling not in pooling:
        raise ConfigError(
            f'{place}: pooling = "{spec.pooling}"; expected {" or ".join(pooling)} for '
            f"kind {spec.kind}, runtime {spec.runtime}"
        )
    if not any(file.is_weights for file in spec.files):
        raise ConfigError(f"{place}: no file holds weights ({', '.join(WEIGHTS)})")


def _file(row: Mapping[str, Any], place: str) -> ModelFile:
    _refuse_unknown(row, ModelFile, place)
    return ModelFile(
        name=_path_within(row, "name", place),
        bytes=_count(row, "bytes", place, least=0),
        sha256=_matching(row, "sha256", SHA256, place),
    )


def _source(row: Mapping[str, Any], place: str) -> WheelSource | HubSource:
    if "wheel" in row:
        _refuse_unknown(row, WheelSource, place)
        wheel = _matching(row, "wheel", REQUIREMENT, place)
        return WheelSource(wheel=wheel, folder=_folder(row, place))
    _refuse_unknown(row, HubSource, place)
    return HubSource(
        hub=_matching(row, "hub", HUB_ID, place),
        revision=_matching(row, "revision", REVISION, place),
        folder=_folder(row, place),
    )


def _folder(row: Mapping[str, Any], place: str) -> str:
    return _path_within(row, "folder", place) if row.get("folder", "") else ""


# What each kind of field must look like. Names become folder names, so they cannot leave theirs.
_PART = r"[A-Za-z0-9][A-Za-z0-9._-]*"
HUB_ID = re.compile(rf"{_PART}/{_PART}")
NAME = re.compile(rf"{_PART}(?:/{_PART})?")
REQUIREMENT = re.compile(rf"{_PART}==[0-9][A-Za-z0-9.+!]*")
REVISION = re.compile(r"[0-9a-f]{40}")
SHA256 = re.compile(r"[0-9a-f]{64}")

Value = TypeVar("Value")


def _refuse_unknown(row: Mapping[str, Any], record: type, place: str) -> None:
    known = set(record.__dataclass_fields__)  # type: ignore[attr-defined]
    unknown = set(row) - known
    if unknown:
        raise ConfigError(
            f"{place}: unknown key {min(unknown)!r}; known are {', '.join(sorted(known))}"
        )


def _checked(
    row: Mapping[str, Any],
    key: str,
    of_type: type[Value],
    good: Callable[[Value], bool],
    place: str,
) -> Value:
    value = row.get(key)
    if type(value) is not of_type or not good(value):
        found = "is missing" if key not in row else f"= {value!r} cannot be used"
        raise ConfigError(f"{place}: {key} {found}; registry.toml says what is expected")
    return value


def _text(row: Mapping[str, Any], key: str, place: str, default: str | None = None) -> str:
    if default is not None and key not in row:
        return default
    return _checked(row, key, str, lambda _: True, place)


def _matching(row: Mapping[str, Any], key: str, form: re.Pattern[str], place: str) -> str:
    return _checked(row, key, str, lambda value: form.fullmatch(value) is not None, place)


def _one_of(row: Mapping[str, Any], key: str, known: tuple[str, ...], place: str) -> str:
    return _checked(row, key, str, lambda value: value in known, place)


def _count(row: Mapping[str, Any], key: str, place: str, least: int = 1) -> int:
    return _checked(row, key, int, lambda value: value >= least, place)


def _pinned(row: Mapping[str, Any], place: str) -> bool:
    return _checked({"pinned": True} | dict(row), "pinned", bool, lambda _: True, place)


def _path_within(row: Mapping[str, Any], key: str, place: str) -> str:
    def stays(value: str) -> bool:
        path = PurePosixPath(value)
        parts = path.parts
        return bool(parts) and path.as_posix() == value and not {"..", "/"} & set(parts)

    def plain(value: str) -> bool:
        return stays(value) and not set(value) & set(':\\*?"<>|\0')

    return _checked(row, key, str, plain, place)


def _tables(row: Mapping[str, Any], key: str, place: str) -> list[dict[str, Any]]:
    tables = row.get(key, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ConfigError(f"{place}: {key} = {tables!r}; expected a list of tables")
    return tables
