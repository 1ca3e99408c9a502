"""A picture of a page -> its text in reading order, read by rapidocr.

Detection finds the lines as quadrilaterals, at any angle; the page is turned upright by them, each
line is cut out of the full picture and recognised, and the lines are put in order by where they
stand.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ctqa.errors import SourceError
from ctqa.sources.ocr_order import Line, in_order

if TYPE_CHECKING:
    from rapidocr import RapidOCR

_Picture = NDArray[np.uint8]
_Quad = NDArray[np.float32]  # (4, 2): the corners clockwise from the top left one, in pixels

_THREADS = 2
_DETECT_SIDE = 1600  # pixels, of the longer side
_TALL = 1.5  # height by width from which a line runs up or down
_LEAST_CONFIDENCE = 0.5  # of a line
_UPRIGHT_CONFIDENCE = 0.9  # of a page; from it on the page is not tried upside down
_SAMPLE = 8  # longest lines, which tell whether a page is upside down


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureText:
    """What was read from a picture."""

    text: str  # lines end in "\n", an empty line between paragraphs; "": nothing to read
    confidence: float  # 0..1, the engine's mean over the characters; 1 where there are none


@dataclass(frozen=True, slots=True)
class _Read:
    quad: _Quad
    text: str
    confidence: float


def missing() -> str:
    """Say how to install the engine; "" when it is there."""
    return "" if find_spec("rapidocr") is not None else 'pip install "ctqa[ocr]"'


def engine_name() -> str:
    """Give the engine's name and version."""
    try:
        return f"rapidocr {version('rapidocr')}"
    except PackageNotFoundError:
        return "rapidocr"


ENGINE = engine_name()


def read_picture(picture: _Picture) -> PictureText:
    """Read a picture of a page, RGB, of shape (h, w, 3), best at 200 dpi, turned any way.

    Raises:
        SourceError: the engine is not installed, or fails on this picture.

    """
    read = read_lines(picture)
    text = in_order(_lines(read))
    return PictureText(text=text, confidence=_mean_confidence(read))


def read_lines(picture: _Picture) -> list[_Read]:
    """Read the lines of a picture, turned upright, in no order."""
    bgr = np.ascontiguousarray(picture[:, :, ::-1])
    quads = _detect(bgr)
    if _lies_on_its_side(quads):
        quads = [_turned_quad(quad, bgr.shape[1]) for quad in quads]
        bgr = np.ascontiguousarray(np.rot90(bgr))
    read = _recognise(bgr, quads)
    if _mean_confidence(read) < _UPRIGHT_CONFIDENCE:
        height, width = bgr.shape[:2]
        over = np.ascontiguousarray(bgr[::-1, ::-1])
        longest = sorted(quads, key=_length)[-_SAMPLE:]
        flipped = [_flipped_quad(quad, width, height) for quad in longest]
        if _mean(_recognise(over, flipped)) > _mean(_recognise(bgr, longest)):
            read = _recognise(over, [_flipped_quad(quad, width, height) for quad in quads])
    return read


def _mean(read: Sequence[_Read]) -> float:
    return float(np.mean([line.confidence for line in read])) if read else 0.0


@cache
def _engine() -> "RapidOCR":
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # read when onnxruntime is loaded, not later
    try:
        from rapidocr import RapidOCR  # noqa: PLC0415 -- optional, and heavy
    except ImportError as exc:
        raise SourceError(f"no OCR engine: {missing()} ({exc})") from exc
    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.use_vertical_padding": False,
            "EngineConfig.onnxruntime.intra_op_num_threads": _THREADS,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "Det.max_candidates": 3000,
        }
    )


def _detect(picture: _Picture) -> list[_Quad]:
    import cv2  # noqa: PLC0415 -- comes with the engine
    from rapidocr.main import RapidOCRError  # noqa: PLC0415

    scale = min(1.0, _DETECT_SIDE / max(picture.shape[:2]))
    small = (
        picture
        if scale == 1
        else cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    )
    try:
        _, found = _engine().detect_and_crop(small, {})
    except RapidOCRError:
        return []
    scales = np.array([picture.shape[1] / small.shape[1], picture.shape[0] / small.shape[0]])
    boxes: Iterable[Any] = () if found.boxes is None else found.boxes
    return [(quad * scales).astype(np.float32) for quad in boxes]


def _width(quad: _Quad) -> float:
    return float(max(np.linalg.norm(quad[0] - quad[1]), np.linalg.norm(quad[3] - quad[2])))


def _height(quad: _Quad) -> float:
    return float(max(np.linalg.norm(quad[0] - quad[3]), np.linalg.norm(quad[1] - quad[2])))


def _length(quad: _Quad) -> float:
    return max(_width(quad), _height(quad))


def _is_tall(quad: _Quad) -> bool:
    return _height(quad) >= _TALL * _width(quad)


def _lies_on_its_side(quads: Iterable[_Quad]) -> bool:
    lengths = [_length(quad) if _is_tall(quad) else -_length(quad) for quad in quads]
    return sum(lengths) > 0


def _turned_quad(quad: _Quad, width: int) -> _Quad:
    """Follow a quarter turn to the left: x becomes height - ..."""
    turned = np.stack([quad[:, 1], width - quad[:, 0]], axis=1)
    return np.roll(turned, -1, axis=0).astype(np.float32)


def _flipped_quad(quad: _Quad, width: int, height: int) -> _Quad:
    return np.roll(np.array([width, height]) - quad, 2, axis=0).astype(np.float32)


def _cut(picture: _Picture, quad: _Quad) -> _Picture:
    import cv2  # noqa: PLC0415 -- comes with the engine

    width, height = max(1, round(_width(quad))), max(1, round(_height(quad)))
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(quad, corners)
    cut: Any = cv2.warpPerspective(
        picture, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(cut, dtype=np.uint8)


def _recognise(picture: _Picture, quads: Sequence[_Quad]) -> list[_Read]:
    crops: list[_Picture] = []
    of: list[_Quad] = []
    for quad in quads:
        crop = _cut(picture, quad)
        ways = [crop, np.rot90(crop), np.rot90(crop, 3)] if _is_tall(quad) else [crop]
        crops += map(np.ascontiguousarray, ways)
        of += [quad] * len(ways)
    if not crops:
        return []
    found = _engine().recognize_txt(crops)
    best: dict[int, _Read] = {}
    texts: Sequence[str] = () if found.txts is None else found.txts
    for quad, text, score in zip(of, texts, found.scores, strict=True):
        if id(quad) not in best or score > best[id(quad)].confidence:
            best[id(quad)] = _Read(quad, text.strip(), score)
    return [read for read in best.values() if read.text]


def _mean_confidence(read: Sequence[_Read]) -> float:
    total = sum(len(line.text) for line in read)
    return sum(len(line.text) * line.confidence for line in read) / total if total else 1.0


def _lines(read: Sequence[_Read]) -> list[Line]:
    """Level the lines, as far as the page is skewed, and box them."""
    kept = [line for line in read if line.confidence >= _LEAST_CONFIDENCE]
    angles = [_angle(line.quad) for line in kept if _width(line.quad) > 5 * _height(line.quad)]
    angle = float(np.median(angles)) if angles else 0.0
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    lines = []
    for line in kept:
        points = line.quad @ turn.T
        (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
        lines.append(
            Line(
                left=float(left),
                top=float(top),
                right=float(right),
                bottom=float(bottom),
                text=line.text,
            )
        )
    return lines


def _angle(quad: _Quad) -> float:
    dx, dy = quad[1] - quad[0]
    return float(np.arctan2(dy, dx))
