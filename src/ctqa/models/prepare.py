"""Prepare a model of sentence-transformers for onnxruntime, in int8, and see whether that serves.

Done once, when a model is fetched. What cannot be exported, or answers too differently in that
form, stays on torch, and is recorded as such with the reason.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from pathlib import Path

from ctqa.errors import ModelError
from ctqa.models.folder import hash_file
from ctqa.models.installed import Installed, find_fault
from ctqa.models.onnx_encoder import OnnxEncoder
from ctqa.models.onnx_reranker import OnnxReranker
from ctqa.models.placing import Progress, only_one, put_in_place, silent
from ctqa.models.prepare_check import compare_encoders, compare_rerankers
from ctqa.models.prepare_export import Plain, export, plain_encoder, plain_reranker
from ctqa.models.prepared import (
    RECIPE,
    Prepared,
    as_spec,
    prepared_home,
    read_prepared,
    told,
    write_prepared,
)
from ctqa.models.torch_encoder import TorchEncoder
from ctqa.models.torch_model import open_model, whole_tokenizer
from ctqa.models.torch_reranker import TorchReranker, open_cross_encoder

GRAPH, TOKENIZER = "model.onnx", "tokenizer.json"
LIBRARIES = ("torch", "transformers", "sentence-transformers", "onnx", "onnxruntime")


def prepare(
    installed: Installed, *, folder: Path | None = None, progress: Progress = silent
) -> Prepared:
    """Prepare a model, unless that is done and whole; tell what came of it.

    A preparation that is killed leaves nothing that would ever be used.

    Raises:
        ModelError: the model's own files are damaged, or nothing can be written.

    """
    spec = installed.spec
    target = prepared_home(spec, folder)
    try:
        if not _is_done(installed, folder):
            with only_one(target, lambda: progress(f"{spec.name}: is being prepared, waiting")):
                if not _is_done(installed, folder):
                    progress(f"{spec.name}: preparing it for onnxruntime, once")
                    put_in_place(target, partial(_fill, installed))
                    progress(f"{spec.name}: {told(spec, folder)}")
    except OSError as exc:
        raise ModelError(f"model {spec.name} could not be prepared in {target}: {exc}") from exc
    found = read_prepared(spec, folder)
    if found is None:
        raise ModelError(f"{target}: what was written there cannot be read; look after the disk")
    return found


def _is_done(installed: Installed, folder: Path | None) -> bool:
    """Tell whether a model was prepared, or refused by the same libraries, and all is whole."""
    found = read_prepared(installed.spec, folder)
    if found is None or (found.refused and found.libraries != _libraries()):
        return False
    form = as_spec(installed.spec, found)
    return find_fault(form, prepared_home(installed.spec, folder)) is None


def _fill(installed: Installed, into: Path) -> None:
    fault = find_fault(installed.spec, installed.folder)
    if fault is not None:
        raise ModelError(f"model {installed.spec.name} in {installed.folder} is damaged ({fault})")
    try:
        found = _prepared_into(installed, into)
    except ModelError as exc:  # it stays as it is, and works
        for path in into.iterdir():
            path.unlink()
        found = _refused(installed, str(exc))
    write_prepared(found, into)


def _prepared_into(installed: Installed, into: Path) -> Prepared:
    into_form = _encoder_into if installed.spec.kind == "encoder" else _reranker_into
    with _one_thread():
        return into_form(installed, into)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Let torch compute in one thread: on a busy machine, several wait for each other for ever."""
    import torch  # noqa: PLC0415 - heavy

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _encoder_into(installed: Installed, into: Path) -> Prepared:
    spec = installed.spec
    model = open_model("SentenceTransformer", installed.folder, device="cpu")
    plain = plain_encoder(model, whole_tokenizer(spec, model))
    reference = TorchEncoder(spec, model)
    found = _exported(installed, plain, spec.max_tokens, into)
    own = OnnxEncoder.load(Installed(spec=as_spec(spec, found), folder=into))
    return replace(found, figures=compare_encoders(reference, own))


def _reranker_into(installed: Installed, into: Path) -> Prepared:
    spec = installed.spec
    model = open_cross_encoder(installed.folder, device="cpu")
    plain = plain_reranker(model, whole_tokenizer(spec, model))
    reference = TorchReranker(spec, model)
    found = _exported(installed, plain, reference.identity.max_tokens, into)
    own = OnnxReranker.load(Installed(spec=as_spec(spec, found), folder=into))
    return replace(found, figures=compare_rerankers(reference, own))


def _exported(installed: Installed, plain: Plain, max_tokens: int, into: Path) -> Prepared:
    export(plain, into / GRAPH, scratch=into.parent)
    (into / TOKENIZER).write_text(plain.tokenizer.to_str(), encoding="utf-8")
    return replace(
        _refused(installed, ""),
        files=tuple(hash_file(into, name) for name in (GRAPH, TOKENIZER)),
        pooling=plain.pooling,
        max_tokens=max_tokens,
    )


def _refused(installed: Installed, why: str) -> Prepared:
    return Prepared(
        recipe=RECIPE,
        model=installed.spec.name,
        files=(),
        pooling="none",
        max_tokens=installed.spec.max_tokens,
        refused=why,
        figures={},
        libraries=_libraries(),
    )


def _libraries() -> dict[str, str]:
    return {name: version(name) for name in LIBRARIES}
