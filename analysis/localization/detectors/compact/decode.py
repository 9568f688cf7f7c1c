"""From the network's maps to boxes: local peaks, their sides, suppression of doubles, roles and ball."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from analysis.localization.detectors.compact.network import BALL, PERSON, ROLE, STRIDE, sides_px

FloatArray = NDArray[np.float64]

# A box this much inside a better one, and this much smaller, is a part of the same person: somebody behind would stand
# as tall.
PART_INSIDE = 0.85
PART_AREA = 0.65


@dataclass(frozen=True, slots=True)
class Peaks:
    """People of one picture in input pixels: (N, 4) boxes, (N,) scores, (N, R) role shares, and the ball or None."""

    box_px: FloatArray
    score: FloatArray
    role_share: FloatArray
    ball_px: FloatArray | None


def decode(
    raw: Tensor,
    *,
    score_floor: float,
    ball_floor: float,
    overlap: float,
    score_shift: float = 0.0,
    most: int = 80,
) -> list[Peaks]:
    """Read the maps of a batch.

    Args:
        raw: (B, N_OUTPUTS, h, w) of the network.
        score_floor, ball_floor: peaks below are dropped.
        score_shift: added to the logit of people.
        overlap: intersection over union above which the lower of two people is a double.
        most: people a picture at most.
    """
    shift = torch.tensor([score_shift, 0.0], device=raw.device)[:, None, None]
    heat = torch.sigmoid(raw[:, [PERSON, BALL]].float() + shift)
    smooth = functional.max_pool2d(heat[:, :1], 3, 1, 1)
    people = torch.where(heat[:, :1] == smooth, heat[:, :1], heat.new_zeros(()))[:, 0]
    sides = sides_px(raw.float())
    roles = raw[:, ROLE].float().softmax(dim=1)
    return [
        Peaks(
            *_people(people[i], sides[i], roles[i], score_floor, overlap, most),
            _ball(heat[i, 1], ball_floor),
        )
        for i in range(len(raw))
    ]


def _people(
    heat: Tensor, sides: Tensor, roles: Tensor, floor: float, overlap: float, most: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    score, index = heat.flatten().topk(min(2 * most, heat.numel()))
    index = index[score >= floor]
    score = score[score >= floor]
    rows, columns = index // heat.shape[1], index % heat.shape[1]
    left, top, right, lower = sides[:, rows, columns]
    x, y = (columns + 0.5) * STRIDE, (rows + 0.5) * STRIDE
    boxes = torch.stack([x - left, y - top, x + right, y + lower], dim=1).double().cpu().numpy()
    scores = score.double().cpu().numpy()
    kept = without_doubles(boxes, scores, overlap)[:most]
    return boxes[kept], scores[kept], roles[:, rows, columns].T.double().cpu().numpy()[kept]


def without_doubles(box_px: FloatArray, score: FloatArray, overlap: float) -> NDArray[np.int64]:
    """Indices of boxes (N, 4), highest score first: none overlaps a better one by more than ``overlap``, none is a part
    of a better one (a head and shoulders seen as a person of their own).
    """
    order = np.argsort(-score, kind="stable")
    x0, y0, x1, y1 = box_px[order].T
    area = (x1 - x0) * (y1 - y0)
    inter = np.clip(np.minimum(x1[:, None], x1) - np.maximum(x0[:, None], x0), 0, None) * np.clip(
        np.minimum(y1[:, None], y1) - np.maximum(y0[:, None], y0), 0, None
    )
    ratio = inter / np.maximum(area[:, None] + area - inter, 1e-9)
    share = inter / np.maximum(area, 1e-9)  # of the column's box, inside the row's
    is_double = (ratio > overlap) | ((share > PART_INSIDE) & (area < PART_AREA * area[:, None]))
    alive = np.ones(len(order), bool)
    for i in range(len(order)):
        if alive[i]:
            alive[i + 1 :] &= ~is_double[i, i + 1 :]
    return order[alive]


def _ball(heat: Tensor, floor: float) -> FloatArray | None:
    score, index = heat.flatten().max(dim=0)
    if float(score) < floor:
        return None
    row, column = divmod(int(index), heat.shape[1])
    # Half a cell is several ball widths far away: the balance of the neighbours places it.
    rows = slice(max(0, row - 1), row + 2)
    columns = slice(max(0, column - 1), column + 2)
    patch = heat[rows, columns].double().cpu().numpy()
    patch = patch / patch.sum()
    y = (patch.sum(axis=1) * (np.arange(patch.shape[0]) + rows.start + 0.5)).sum() * STRIDE
    x = (patch.sum(axis=0) * (np.arange(patch.shape[1]) + columns.start + 0.5)).sum() * STRIDE
    return np.array([x, y, float(score)])
