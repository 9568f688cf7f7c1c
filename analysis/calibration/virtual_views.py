"""New views of a labelled frame: a virtual camera on the same tripod."""

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from analysis.calibration.cameras import BEND, LOG_FOCAL, to_pixels
from analysis.calibration.rays import cell_centres, rotations, straightened

FloatArray = NDArray[np.float64]
ImageArray = NDArray[np.uint8]
_COARSE = 8


def virtual_view(vector: FloatArray, rng: Generator, *, longest: bool = False) -> FloatArray:
    """A camera (8,) on the same spot that pans, tilts, rolls and zooms a little elsewhere inside the frame.

    Most views look at the pitch; a few may look anywhere, so that the network learns to say nothing. ``longest``
    marks a view that is zoomed in already: it is zoomed only a little further.
    """
    reach = 1.7 if longest else 3.0
    view = _any_view(vector, rng, reach)
    for _ in range(4 * int(rng.random() < 0.92)):
        if _looks_at_pitch(view):
            break
        view = _any_view(vector, rng, reach)
    return view


def _any_view(vector: FloatArray, rng: Generator, reach: float) -> FloatArray:
    zoom = 1.0
    if rng.random() < 0.75:
        zoom = float(np.exp(rng.uniform(np.log(0.9), np.log(reach))))
    elif rng.random() < 0.15:
        zoom = float(rng.uniform(3.0, 6.0))
    focal = np.exp(vector[LOG_FOCAL])
    room = max(0.0, 0.5 - 0.5 / zoom) + 0.06
    view = vector.copy()
    view[LOG_FOCAL] += np.log(zoom)
    view[3] += np.arctan(rng.uniform(-room, room) / focal)
    height = room * 9 / 16
    view[4] += np.arctan(rng.uniform(-height, height) / focal)
    view[5] += rng.normal(0, 0.015)
    view[BEND] += rng.normal(0, 0.012)
    return view


def _looks_at_pitch(view: FloatArray) -> bool:
    """Whether the ray through the middle of the picture meets the pitch or its rim."""
    distance = view[2] / np.tan(max(float(view[4]), 1e-3))
    x, y = view[0] + distance * np.sin(view[3]), view[1] + distance * np.cos(view[3])
    return bool(abs(x) < 58 and abs(y) < 40)


def mirrored_view(vector: FloatArray) -> FloatArray:
    """The camera (8,) that sees the mirrored pitch as this one sees the pitch."""
    return vector * np.array([-1.0, 1, 1, -1, 1, -1, 1, 1])


def canonical_view(vector: FloatArray) -> FloatArray:
    """Of the two cameras (8,) with the same picture, half a turn round the centre spot apart, the one we name.

    Beside the pitch it is the one on the near side, behind a goal the one behind the left goal.
    """
    is_behind_goal = abs(vector[0]) > 52.5 and abs(vector[1]) < 34
    if vector[0] <= 0 if is_behind_goal else vector[1] <= 0:
        return vector
    turned = vector * np.array([-1.0, -1, 1, 1, 1, 1, 1, 1])
    turned[3] = np.mod(turned[3] + 2 * np.pi, 2 * np.pi) - np.pi
    return turned


def rendered_view(
    image: ImageArray,
    seen_by: FloatArray,
    view: FloatArray,
    size_px: tuple[int, int],
    rng: Generator,
) -> ImageArray:
    """What camera ``view`` (8,) sees of an image that ``seen_by`` (8,) on the same spot took; outside is filled."""
    width, height = size_px
    coarse = (width // _COARSE + 1, height // _COARSE + 1)
    corners = np.stack(np.meshgrid(np.arange(coarse[0]), np.arange(coarse[1])), axis=-1) * _COARSE
    cells = (corners.reshape(-1, 2) - np.array([width / 2, height / 2])) / width
    source = _seen_through(cells, seen_by, view) * image.shape[1]
    source = source + np.array([image.shape[1] / 2, image.shape[0] / 2])
    source = source.reshape(coarse[1], coarse[0], 2).astype(np.float32)
    matrix = np.array([[1 / _COARSE, 0, 0], [0, 1 / _COARSE, 0]])
    fine = cv2.warpAffine(
        source,
        matrix,
        size_px,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    shrink = np.exp(seen_by[LOG_FOCAL] - view[LOG_FOCAL]) * image.shape[1] / width
    if shrink > 1.6:
        image = cv2.GaussianBlur(image, (0, 0), 0.3 * shrink)
    border = (cv2.BORDER_REFLECT, cv2.BORDER_CONSTANT)[int(rng.random() < 0.5)]
    fill = tuple(int(value) for value in rng.integers(0, 255, 3))
    return cv2.remap(image, fine - 0.5, None, cv2.INTER_LINEAR, borderMode=border, borderValue=fill)


def valid_cells(
    seen_by: FloatArray, view: FloatArray, shape: tuple[int, int], map_size: tuple[int, int]
) -> NDArray[np.bool_]:
    """(H, W) cells of the new view that the source image (height, width) really shows."""
    width, height = map_size
    plane = np.abs(_seen_through(cell_centres(map_size), seen_by, view))
    inside = (plane[:, 0] <= 0.5) & (plane[:, 1] <= 0.5 * shape[0] / shape[1])
    return inside.reshape(height, width)


def _seen_through(cells: FloatArray, seen_by: FloatArray, view: FloatArray) -> FloatArray:
    """Where ``seen_by`` sees what ``view`` sees at cells (N, 2); both in image widths from the middle."""
    ray = np.column_stack([straightened(view[None], cells)[0], np.ones(len(cells))])
    turn = rotations(seen_by[None])[0] @ rotations(view[None])[0].T
    local = ray @ turn.T
    plane = (local[:, :2] / np.maximum(local[:, 2:], 1e-3)).T[None]
    return to_pixels(plane, seen_by[None], (1, 1))[0] - 0.5
