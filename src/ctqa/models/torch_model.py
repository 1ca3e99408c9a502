"""What encoder and reranker share of sentence-transformers: opening a folder, and its tokenizer."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ctqa.errors import ModelError
from ctqa.models.registry import ModelSpec
from ctqa.models.tokens import parse_tokenizer

if TYPE_CHECKING:
    from tokenizers import Tokenizer


def open_model(
    kind: Literal["SentenceTransformer", "CrossEncoder"],
    folder: Path,
    *,
    device: str | None = None,
    **settings: Any,
) -> Any:
    """Open a model's folder as that class of sentence-transformers; the network is not asked.

    `device` None is a GPU where torch sees one, else the CPU.

    Raises:
        ModelError: the folder holds no such model, or one that needs pickles or its own code.

    """
    import sentence_transformers  # noqa: PLC0415 - heavy
    import torch  # noqa: PLC0415 - heavy
    from transformers.utils import logging  # noqa: PLC0415

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        return getattr(sentence_transformers, kind)(
            str(folder),
            device=best_device() if device is None else device,
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs={"use_safetensors": True, "dtype": torch.float32},
            **settings,
        )
    except loading_errors() as exc:
        raise ModelError(f"{folder}: sentence-transformers cannot load it ({exc})") from exc


def best_device() -> str:
    """Name the device that torch runs models on: a GPU where it sees one."""
    import torch  # noqa: PLC0415 - heavy

    return "cuda:0" if torch.cuda.is_available() else "cpu"


def sees_gpu() -> bool:
    """Tell whether torch sees a GPU; it is loaded only where an NVIDIA driver is."""
    return shutil.which("nvidia-smi") is not None and best_device() != "cpu"


def loading_errors() -> tuple[type[Exception], ...]:
    """List what transformers and sentence-transformers raise for a folder that is not theirs."""
    from safetensors import SafetensorError  # noqa: PLC0415

    return (
        OSError,
        ValueError,
        RuntimeError,
        ImportError,
        KeyError,
        TypeError,
        AttributeError,
        SafetensorError,
    )


def whole_tokenizer(spec: ModelSpec, model: Any) -> "Tokenizer":
    """Copy a model's tokenizer, so that counting tokens does not change its settings."""
    from tokenizers import Tokenizer  # noqa: PLC0415 - heavy

    own = getattr(model.tokenizer, "backend_tokenizer", model.tokenizer)
    if not isinstance(own, Tokenizer):
        raise ModelError(f"model {spec.name} has no fast tokenizer (tokenizer.json)")
    return parse_tokenizer(own.to_str())
