"""A correction of a template's homography: eight numbers that act on the ground, conditioned so that all are alike.

``theta`` acts in metres from the right, ``map_from_pitch = template @ theta``; networks see it between coordinates
that run from -1 to 1 over the pitch, since its entries in metres span five orders of magnitude.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from analysis.calibration.methods.zone_dictionary.zones import MAP_SIZE, N_CLASSES, Template

FloatArray = NDArray[np.float64]
UNIT_FROM_PITCH = np.diag([1 / 52.5, 1 / 34.0, 1.0])
_PITCH_FROM_UNIT = np.diag([52.5, 34.0, 1.0])
#: What entries of true corrections typically are away from the identity, so that each weighs alike in a square error.
SPREAD = np.array([0.26, 0.1, 0.2, 0.3, 0.2, 0.2, 0.08, 0.1])


def correction(template: FloatArray, truth: FloatArray) -> FloatArray:
    """(8,) conditioned entries that turn a template's ``map_from_pitch`` (3, 3) into the true one."""
    theta = UNIT_FROM_PITCH @ np.linalg.solve(template, truth) @ _PITCH_FROM_UNIT
    return np.asarray((theta / theta[2, 2]).ravel()[:8])


def corrected(template: FloatArray, entries: FloatArray) -> FloatArray:
    """(3, 3) ``map_from_pitch`` of a template after a correction (8,); inverse of ``correction``."""
    theta = np.append(entries, 1.0).reshape(3, 3)
    return np.asarray(template @ (_PITCH_FROM_UNIT @ theta @ UNIT_FROM_PITCH))


class Warp:
    """Zones of the pitch seen through many homographies at once, smooth enough to learn through.

    Args:
        drawn: the template; taken at every ``_THIN``-th pixel.
        step: one cell in how many of the map is asked.
    """

    _THIN = 3

    def __init__(self, drawn: Template, step: int = 2) -> None:
        thin = drawn.labels[self._THIN // 2 :: self._THIN, self._THIN // 2 :: self._THIN]
        self.size = (thin.shape[1], thin.shape[0])
        labels = torch.from_numpy(thin.astype(np.int64))
        self.zones = functional.one_hot(labels, N_CLASSES).permute(2, 0, 1).float()
        self.zones[0] = 0
        matrix = drawn.template_from_pitch @ _PITCH_FROM_UNIT
        self.template_from_unit = torch.from_numpy(matrix).float()
        x = torch.arange(step / 2, MAP_SIZE[0], step)
        y = torch.arange(step / 2, MAP_SIZE[1], step)
        rows, columns = torch.meshgrid(y, x, indexing="ij")
        self.cells = torch.stack([columns, rows, torch.ones_like(rows)], dim=-1).reshape(-1, 3)
        self.shape = (len(y), len(x))

    def __call__(self, map_from_unit: Tensor) -> Tensor:
        """(B, 4, h, w) zones, background empty, of homographies (B, 3, 3) from unit coordinates."""
        device = map_from_unit.device
        ground = self.cells.to(device) @ torch.linalg.inv(map_from_unit).transpose(1, 2)
        # ground at or over the horizon goes far outside, where nothing is
        weight = ground[..., 2:]
        plane = torch.where(weight > 1e-6, ground[..., :2] / weight.clamp(min=1e-6), 9.0)
        ones = torch.ones_like(weight)
        pixels = torch.cat([plane, ones], dim=-1) @ self.template_from_unit.to(device).T
        size = torch.tensor(self.size, dtype=pixels.dtype, device=device)
        places = (pixels[..., :2] / self._THIN + 0.5) / size * 2 - 1
        places = places.clamp(-3, 3).reshape(len(map_from_unit), *self.shape, 2)
        zones = self.zones.to(device).expand(len(map_from_unit), -1, -1, -1)
        return functional.grid_sample(zones, places, align_corners=False)


def matrices(entries: Tensor) -> Tensor:
    """(B, 3, 3) of conditioned entries (B, 8)."""
    return torch.cat([entries, torch.ones_like(entries[:, :1])], dim=1).reshape(-1, 3, 3)


def dice_loss(warped: Tensor, seen: Tensor) -> Tensor:
    """1 - Dice of the zones of the pitch, mean over the batch; both (B, 4, h, w)."""
    common = (warped * seen)[:, 1:].sum(dim=(1, 2, 3))
    total = warped[:, 1:].sum(dim=(1, 2, 3)) + seen[:, 1:].sum(dim=(1, 2, 3))
    return (1 - 2 * common / total.clamp(min=1.0)).mean()
