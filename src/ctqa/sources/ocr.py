"""A picture of a page -> its text in reading order, read by rapidocr.

Lines are found, the page is turned upright by them, and each is cut out of the full picture and
recognised. The models lie in rapidocr's package: nothing is fetched or written.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from ctqa.errors import SourceError
from ctqa.sources.ocr_order import in_order
from ctqa.sources.ocr_sheet import (
    Picture,
    Quad,
    Sheet,
    boxed,
    cut_out,
    is_rule,
    is_tall,
    length_of,
    levelled,
    parted,
    shrunk,
    skew,
    upside_down,
)

if TYPE_CHECKING:
    from rapidocr import RapidOCR

T = TypeVar("T")

_DETECTOR, _RECOGNISER = "PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx"
_THREADS = 2
# Chosen with `bench.ocr`, whose table says what they give.
_DETECT_SIDE = 1600  # pixels of the longer side
_DETECT_CONFIDENCE = 0.3  # of a line; dotted leaders fall under the usual 0.5
_MOST_LINES = 3000  # of a page
_LEAST_CONFIDENCE = 0.5  # of a line that is kept
_UPRIGHT_CONFIDENCE = 0.9  # of a page that is not tried upside down
# Of a page: poor scans in a script that the engine knows have 0.93, in others below 0.4.
_LEGIBLE = 0.8
_SAMPLE = 8  # longest lines, which tell whether a page is upside down


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureText:
    """What was read from a picture."""

    text: str  # lines end in "\n", an empty line between paragraphs; "": nothing to read
    confidence: float  # 0..1: the mean over all lines by length, also those left out; 1 without any

    @property
    def is_legible(self) -> bool:
        """Tell whether the engine knows the script and makes out the page."""
        return self.confidence >= _LEGIBLE


@dataclass(frozen=True, slots=True)
class _Read:
    """What was recognised in a place; "", with a confidence of 0, where that was nothing."""

    quad: Quad
    text: str
    confidence: float


def _name() -> str:
    try:
        return f"rapidocr {version('rapidocr')}"
    except PackageNotFoundError:
        return "rapidocr"


ENGINE = _name()
"""The engine's name and version."""


def missing() -> str:
    """Say how to install the engine; "" when it is there with its models."""
    spec = find_spec("rapidocr")
    if spec is None or spec.origin is None:
        return 'to read pictures: pip install "ctqa[ocr]"'
    lacking = [name for name in (_DETECTOR, _RECOGNISER) if not _model(spec.origin, name).is_file()]
    return f'no {lacking[0]} in rapidocr: pip install "rapidocr==3.10.0"' if lacking else ""


def read_picture(picture: Picture) -> PictureText:
    """Read a picture of a page in red, green and blue, turned any way; best at 200 to 300 dpi.

    Raises:
        SourceError: the engine is not installed, or fails on this picture.

    """
    read = _read(parted(levelled(_detected(picture))))
    kept = [line for line in read if line.text and line.confidence >= _LEAST_CONFIDENCE]
    angle = skew([line.quad for line in kept])
    lines = [replace(boxed(line.quad, angle), text=line.text) for line in kept]
    return PictureText(text=in_order(lines), confidence=_confidence(read))


@cache
def _engine() -> "RapidOCR":
    if missing():
        raise SourceError(missing())
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # read when onnxruntime is loaded, not later
    try:
        import rapidocr  # noqa: PLC0415 -- optional, and heavy

        engine = rapidocr.RapidOCR
    except ImportError as exc:
        raise SourceError(f"rapidocr cannot be loaded: {exc}") from exc
    return engine(
        params={
            "Global.log_level": "critical",
            "Global.use_vertical_padding": False,
            "EngineConfig.onnxruntime.intra_op_num_threads": _THREADS,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "Det.model_path": str(_model(rapidocr.__file__, _DETECTOR)),
            "Det.limit_type": "max",  # the other one makes a small picture huge
            "Det.limit_side_len": _DETECT_SIDE,
            "Det.box_thresh": _DETECT_CONFIDENCE,
            "Det.max_candidates": _MOST_LINES,
            "Det.use_dilation": False,  # it joins columns
            "Rec.model_path": str(_model(rapidocr.__file__, _RECOGNISER)),
        }
    )


def _model(origin: str, name: str) -> Path:
    return Path(origin).parent / "models" / name


def _run(step: Callable[[], T]) -> T | None:
    """Run a step of the engine; None where it finds nothing."""
    import cv2  # noqa: PLC0415 -- comes with the engine
    from rapidocr.inference_engine.onnxruntime.main import ONNXRuntimeError  # noqa: PLC0415
    from rapidocr.main import RapidOCRError  # noqa: PLC0415

    try:
        return step()
    except RapidOCRError:
        return None
    except (ONNXRuntimeError, cv2.error) as exc:
        raise SourceError(f"its picture could not be read: {str(exc).splitlines()[-1]}") from exc


def _detected(picture: Picture) -> Sheet:
    """Find the lines of a picture, on a smaller copy of a large one."""
    engine = _engine()
    bgr = np.ascontiguousarray(picture[:, :, ::-1])
    small = shrunk(bgr, _DETECT_SIDE)
    boxes = _run(lambda: engine.detect_and_crop(small, {})[1].boxes)
    if boxes is None:
        return Sheet(bgr, ())
    scale = np.divide(bgr.shape[1::-1], small.shape[1::-1])
    quads = ((quad * scale).astype(np.float32) for quad in boxes)
    return Sheet(bgr, tuple(quad for quad in quads if not is_rule(quad)))


def _read(sheet: Sheet) -> list[_Read]:
    """Recognise a page as it lies or, where that gives more, upside down."""
    read = _recognised(sheet)
    if _confidence(read) >= _UPRIGHT_CONFIDENCE:
        return read
    sample = replace(sheet, quads=tuple(sorted(sheet.quads, key=length_of)[-_SAMPLE:]))
    as_is, turned = (_recognised(each) for each in (sample, upside_down(sample)))
    better = _confidence(turned) > _confidence(as_is)
    return _recognised(upside_down(sheet)) if better else read


def _recognised(sheet: Sheet) -> list[_Read]:
    """Recognise each line; one that runs up or down, whichever way gives most."""
    cuts = [
        (number, cut)
        for number, quad in enumerate(sheet.quads)
        for cut in _ways(cut_out(sheet.picture, quad), quad)
    ]
    found = _run(lambda: _engine().recognize_txt([cut for _, cut in cuts])) if cuts else None
    if found is None or found.txts is None or found.scores is None:
        return []
    best: dict[int, _Read] = {}
    for (number, _), text, confidence in zip(cuts, found.txts, found.scores, strict=True):
        if number not in best or confidence > best[number].confidence:
            best[number] = _Read(sheet.quads[number], text.strip(), float(confidence))
    return list(best.values())


def _ways(cut: Picture, quad: Quad) -> Iterator[Picture]:
    yield cut
    if is_tall(quad):
        yield from (np.ascontiguousarray(np.rot90(cut, turns)) for turns in (1, 3))


def _confidence(read: Sequence[_Read]) -> float:
    total = sum(length_of(line.quad) for line in read)
    return sum(length_of(line.quad) * line.confidence for line in read) / total if total else 1.0
