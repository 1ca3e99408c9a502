"""A picture with the places of its lines: turning it upright, parting merged lines, cutting out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ctqa.sources.ocr_order import Line, gutters, reaches_over

Picture = NDArray[np.uint8]  # (h, w, 3)
Quad = NDArray[np.float32]  # (4, 2): x and y of the corners, clockwise from the top left one

_TALL = 1.5  # height by width from which a line runs up or down
_LONG = 5.0  # width by height from which a line tells how far the page is skewed
_LONGEST = 150.0  # width by height from which it is no text but a rule
_FAINT = 0.06  # of a line's contrast: as much as noise leaves between words
_MARGIN = 0.1  # heights of a line, kept white beside the ink
_GUTTER = 0.5  # heights of a line: wider than the space between two words


@dataclass(frozen=True, slots=True)
class Sheet:
    """A picture and where its lines are."""

    picture: Picture  # blue, green, red
    quads: tuple[Quad, ...]


def shrunk(picture: Picture, side: int) -> Picture:
    """Make a picture smaller whose longer side has more pixels than `side`."""
    import cv2  # noqa: PLC0415 -- comes with the engine

    height, width = picture.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return picture
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def levelled(sheet: Sheet) -> Sheet:
    """Turn a page by a quarter where most of its lines run up or down."""
    if sum(length_of(quad) if is_tall(quad) else -length_of(quad) for quad in sheet.quads) <= 0:
        return sheet
    width = sheet.picture.shape[1]
    turned = (np.stack([quad[:, 1], width - quad[:, 0]], axis=1) for quad in sheet.quads)
    quads = tuple(np.roll(quad, -1, axis=0) for quad in turned)
    return Sheet(np.ascontiguousarray(np.rot90(sheet.picture)), quads)


def upside_down(sheet: Sheet) -> Sheet:
    """Turn a page by half."""
    corner = np.array(sheet.picture.shape[1::-1], dtype=np.float32)
    quads = tuple(np.roll(corner - quad, 2, axis=0) for quad in sheet.quads)
    return Sheet(np.ascontiguousarray(sheet.picture[::-1, ::-1]), quads)


def skew(quads: Sequence[Quad]) -> float:
    """Measure by what angle, in radians, most long lines fall to the right."""
    long = (quad for quad in quads if _width(quad) > _LONG * _height(quad))
    angles = [float(np.arctan2(*(quad[1] - quad[0])[::-1])) for quad in long]
    return float(np.median(angles)) if angles else 0.0


def boxed(quad: Quad, angle: float) -> Line:
    """Box a line on the page as it is when no longer skewed."""
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points = quad @ turn
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    return Line(left=float(left), top=float(top), right=float(right), bottom=float(bottom))


def cut_out(picture: Picture, quad: Quad) -> Picture:
    """Cut a line out of a page, straightened."""
    import cv2  # noqa: PLC0415 -- comes with the engine

    width, height = max(1, round(_width(quad))), max(1, round(_height(quad)))
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    cut = cv2.warpPerspective(
        picture,
        cv2.getPerspectiveTransform(quad, corners),
        (width, height),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(cut, dtype=np.uint8)


def parted(sheet: Sheet) -> Sheet:
    """Part what was taken for one line but stands on both sides of a blank gutter."""
    angle = skew(sheet.quads)
    quads = list(sheet.quads)
    for gutter in gutters(boxed(quad, angle) for quad in quads):
        quads = [part for quad in quads for part in _parts(sheet.picture, quad, angle, gutter)]
    return replace(sheet, quads=tuple(quads))


def _parts(picture: Picture, quad: Quad, angle: float, gutter: float) -> tuple[Quad, ...]:
    box = boxed(quad, angle)
    if not reaches_over(box, gutter):
        return (quad,)
    blank = _blank(cut_out(picture, quad), (gutter - box.left) / box.width)
    if blank is None:
        return (quad,)
    top, bottom = quad[1] - quad[0], quad[2] - quad[3]
    ends, starts = ((quad[0] + at * top, quad[3] + at * bottom) for at in blank)
    left, right = [quad[0], *ends, quad[3]], [starts[0], *quad[1:3], starts[1]]
    return np.array(left, dtype=np.float32), np.array(right, dtype=np.float32)


def _blank(cut: Picture, place: float) -> tuple[float, float] | None:
    """Find the blank stretch of a line near a place, wide enough for a gutter; in 0..1."""
    height, width = cut.shape[:2]
    ink = 255.0 - cut.mean(axis=2)  # (h, w)
    ink = np.clip(ink - np.percentile(ink, 10), 0, None)
    inked = ink.mean(axis=0) > _FAINT * max(float(np.percentile(ink, 98)), 1.0)  # (w,)
    near = slice(max(0, round(place * width) - height), round(place * width) + height)
    marks = np.flatnonzero(inked[near]) + near.start
    if len(marks) < 2:
        return None
    widest = int(np.diff(marks).argmax())
    start, end = int(marks[widest]), int(marks[widest + 1])
    if end - start < _GUTTER * height:
        return None
    margin = _MARGIN * height
    return (start + margin) / width, (end - margin) / width


def _width(quad: Quad) -> float:
    return float(max(np.linalg.norm(quad[1] - quad[0]), np.linalg.norm(quad[2] - quad[3])))


def _height(quad: Quad) -> float:
    return float(max(np.linalg.norm(quad[3] - quad[0]), np.linalg.norm(quad[2] - quad[1])))


def length_of(quad: Quad) -> float:
    """Measure the longer side."""
    return max(_width(quad), _height(quad))


def is_rule(quad: Quad) -> bool:
    """Tell a rule from a line of text."""
    return length_of(quad) > _LONGEST * min(_width(quad), _height(quad))


def is_tall(quad: Quad) -> bool:
    """Tell whether a line runs up or down."""
    return _height(quad) >= _TALL * _width(quad)
