"""From the network's maps to boxes: local peaks, their sides, suppression of doubles, roles and ball."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from analysis.localization.detectors.compact.network import BALL, PERSON, ROLE, STRIDE, sides_px
from analysis.localization.doubles import without_doubles

FloatArray = NDArray[np.float64]


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
    sides = _agreed_sides(sides_px(raw.float()), heat[:, :1])
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


def _agreed_sides(sides: Tensor, heat: Tensor) -> Tensor:
    """Sides (B, 4, h, w) averaged over each cell's 3x3 neighbours, which see the same person, weighted by their heat.

    On held-out frames this is worth more than a point of AP50: single cells read a box's sides within about 2 px.
    """
    height, width = sides.shape[2:]
    x = (torch.arange(width, device=sides.device) * STRIDE)[None, :].expand(height, width)
    y = (torch.arange(height, device=sides.device) * STRIDE)[:, None].expand(height, width)
    signs = sides.new_tensor([-1.0, -1.0, 1.0, 1.0])[:, None, None]
    middles = torch.stack([x, y, x, y]).to(sides.dtype)
    weight = heat.clamp_min(1e-6)
    edges = functional.avg_pool2d((middles + signs * sides) * weight, 3, 1, 1)
    return signs * (edges / functional.avg_pool2d(weight, 3, 1, 1) - middles)


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
