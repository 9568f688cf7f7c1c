"""How the detector learns: crops of labelled frames at many scales, by the one loop."""

from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from analysis.datasets.player_boxes import BoxedFrame
from analysis.localization.detectors.compact.network import (
    BALL,
    PERSON,
    ROLE,
    CompactNetwork,
    as_input,
    sides_px,
)
from analysis.localization.detectors.compact.targets import target_maps
from analysis.metrics.localization import overlaps
from analysis.training.degradation import worse_picture
from analysis.video.images import read_image

FloatArray = NDArray[np.float64]
ImageArray = NDArray[np.uint8]

WORKING_SIZE_PX = (1280, 736)
CROP_PX = (544, 352)
MIN_SHOWN = 0.45
# Spoiling every picture teaches the general at the cost of what most frames look like: half of them stay clear.
SPOILED_SHARE = 0.4
STRIPED_SHARE = 0.35
OUTSIDE_SHARE = 0.06
# Sheared upwards along the width, lines lie as cameras behind a goal see them, and people still stand upright.
SHEARED_SHARE, MOST_SHEAR = 0.25, 0.45
# Referees and goalkeepers are two and one of twenty-five people: without weights the network calls everyone a player.
ROLE_WEIGHTS = (1.0, 4.0, 3.0)


class BoxExamples:
    """Crops of labelled frames.

    Args:
        frames: labelled frames.
        n_examples: crops in a round; 0 for one whole, unchanged frame each (validation).
    """

    def __init__(self, frames: Sequence[BoxedFrame], n_examples: int) -> None:
        self.frames, self.n_examples = list(frames), n_examples
        counts = {
            name: sum(f.sequence == name for f in frames) for name in {f.sequence for f in frames}
        }
        share = np.array([counts[frame.sequence] ** -0.5 for frame in self.frames])
        self.shares = share / share.sum()
        self._pictures: dict[int, ImageArray] = {}

    def __len__(self) -> int:
        return self.n_examples or len(self.frames)

    def example(self, index: int, seed: int) -> Mapping[str, Any]:
        """``image`` (H, W, 3) uint8 and the target maps as tensors."""
        cv2.setNumThreads(0)
        rng = np.random.default_rng(seed)
        if self.n_examples:
            chosen = int(rng.choice(len(self.frames), p=self.shares))
            image, boxes, roles, balls = _crop(self._picture(chosen), self.frames[chosen], rng)
            if rng.random() < SPOILED_SHARE:
                image = worse_picture(image, rng)
            elif rng.random() < STRIPED_SHARE:
                image = _striped(image, rng)
        else:
            image, boxes, roles, balls = _whole(self._picture(index), self.frames[index])
        maps = target_maps(boxes, roles, balls, (image.shape[1], image.shape[0]))
        return {
            "image": torch.from_numpy(image),
            "heat": torch.from_numpy(maps.heat),
            "sides": torch.from_numpy(maps.sides),
            "side_weight": torch.from_numpy(maps.side_weight),
            "role": torch.from_numpy(maps.role),
        }

    def _picture(self, index: int) -> ImageArray:
        if index not in self._pictures:
            self._pictures[index] = read_image(self.frames[index].image_path)
        return self._pictures[index]


def _whole(
    image: ImageArray, frame: BoxedFrame
) -> tuple[ImageArray, FloatArray, NDArray[np.int64], FloatArray]:
    width, height = WORKING_SIZE_PX
    picture = cv2.resize(image, (width, 720), interpolation=cv2.INTER_AREA)
    picture = cv2.copyMakeBorder(picture, 0, height - 720, 0, 0, cv2.BORDER_CONSTANT)
    scale = np.array([width, 720] * 2, dtype=np.float64)
    return picture, frame.box_rel * scale, frame.role, frame.ball_rel * scale


def _crop(
    image: ImageArray, frame: BoxedFrame, rng: Generator
) -> tuple[ImageArray, FloatArray, NDArray[np.int64], FloatArray]:
    """A window at a random place and scale; scales are those that make people 12 to 150 px tall."""
    width, height = CROP_PX
    full = np.array([image.shape[1], image.shape[0]], dtype=np.float64)
    tallest = (
        float(np.quantile((frame.box_rel[:, 3] - frame.box_rel[:, 1]) * full[1], 0.9))
        if len(frame.role)
        else 60
    )
    working = WORKING_SIZE_PX[0] / full[0]
    scale = working * float(np.exp(rng.normal(0.05, 0.35 if rng.random() < 0.3 else 0.12)))
    scale = min(scale, 170 / max(tallest, 10))
    stretch = float(np.exp(rng.normal(0, 0.05)))
    scale_xy = np.array([scale * stretch, scale / stretch])
    anchor = full * rng.random(2)
    if len(frame.role) and rng.random() < 0.75:
        weights = np.where(frame.role == 0, 1.0, 3.0) * (1 + 2 * _is_crowded(frame.box_rel))
        chosen = frame.box_rel[rng.choice(len(weights), p=weights / weights.sum())]
        anchor = (chosen[:2] + chosen[2:]) / 2 * full
    elif len(frame.ball_rel) and rng.random() < 0.6:
        anchor = (frame.ball_rel[0, :2] + frame.ball_rel[0, 2:]) / 2 * full
    window = np.array([width, height], dtype=np.float64)
    corner = anchor * scale_xy - window * rng.uniform(0.1, 0.9, 2)
    # A little may lie outside: people cut by the picture's edge. More would be learning from nothing.
    beyond = np.maximum(full * scale_xy - (1 - OUTSIDE_SHARE) * window, -OUTSIDE_SHARE * window)
    corner = np.clip(corner, -OUTSIDE_SHARE * window, beyond)
    mirrored = rng.random() < 0.5
    matrix = np.array([[scale_xy[0], 0, -corner[0]], [0, scale_xy[1], -corner[1]]])
    method = cv2.INTER_AREA if scale < 0.7 else cv2.INTER_LINEAR
    border = cv2.BORDER_CONSTANT
    if scale < 0.7:
        # warpAffine has no area filter: shrink first, then cut.
        small = cv2.resize(image, None, fx=scale_xy[0], fy=scale_xy[1], interpolation=method)
        matrix = np.array([[1.0, 0, -corner[0]], [0, 1.0, -corner[1]]])
        picture = cv2.warpAffine(small, matrix, (width, height), borderMode=border)
    else:
        picture = cv2.warpAffine(image, matrix, (width, height), flags=method, borderMode=border)
    boxes = frame.box_rel * np.tile(full * scale_xy, 2) - np.tile(corner, 2)
    balls = frame.ball_rel * np.tile(full * scale_xy, 2) - np.tile(corner, 2)
    if mirrored:
        picture = np.ascontiguousarray(picture[:, ::-1])
        boxes[:, [0, 2]], balls[:, [0, 2]] = width - boxes[:, [2, 0]], width - balls[:, [2, 0]]
    boxes, kept = _clipped(boxes, width, height)
    roles = frame.role[kept]
    if rng.random() < SHEARED_SHARE:
        shear = float(rng.uniform(-MOST_SHEAR, MOST_SHEAR))
        picture, boxes, balls = _sheared(picture, boxes, balls, shear)
        boxes, kept = _clipped(boxes, width, height)
        roles = roles[kept]
    return picture, boxes, roles, balls


def _sheared(
    image: ImageArray, boxes: FloatArray, balls: FloatArray, shear: float
) -> tuple[ImageArray, FloatArray, FloatArray]:
    """Columns moved down by ``shear`` times their distance from the middle, boxes with their own middles."""
    height, width = image.shape[:2]
    matrix = np.array([[1.0, 0, 0], [shear, 1.0, -shear * width / 2]])
    picture = cv2.warpAffine(image, matrix, (width, height), borderMode=cv2.BORDER_REFLECT_101)
    moved = []
    for one in (boxes, balls):
        down = shear * ((one[:, 0] + one[:, 2]) / 2 - width / 2)
        moved.append(one + down[:, None] * np.array([0.0, 1.0, 0.0, 1.0]))
    return picture, moved[0], moved[1]


def _is_crowded(box: FloatArray) -> NDArray[np.bool_]:
    """(N,) whether somebody else stands in a person's box."""
    shared = overlaps(box, box)
    np.fill_diagonal(shared, 0.0)
    return np.asarray(shared.max(axis=1) > 0.05)


def _striped(image: ImageArray, rng: Generator) -> ImageArray:
    """Bands of sun and shade across the picture, as low sun behind a stand throws them."""
    height, width = image.shape[:2]
    angle, period = rng.uniform(-0.6, 0.6), rng.uniform(25, 160)
    along = np.arange(height)[:, None] * np.cos(angle) + np.arange(width)[None] * np.sin(angle)
    wave = np.sin(2 * np.pi * along / period + rng.uniform(0, 6.3)) + rng.uniform(-0.7, 0.7)
    lit = 1 / (1 + np.exp(-np.clip(wave * rng.uniform(3, 20), -30, 30)))
    low = rng.uniform(0.35, 0.75)
    factor = low + (rng.uniform(1.0, 1.35) - low) * lit
    return np.clip(image * factor[..., None].astype(np.float32), 0, 255).astype(np.uint8)


def _clipped(boxes: FloatArray, width: int, height: int) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Boxes cut at the window, and which keep enough of themselves."""
    limits = np.array([width, height] * 2, dtype=np.float64)
    inside = np.clip(boxes, 0, limits)
    area = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    kept = np.prod(inside[:, 2:] - inside[:, :2], axis=1) > MIN_SHOWN * np.maximum(area, 1e-6)
    return inside[kept], kept


class CompactTraining:
    """The training side of the detector.

    Args:
        training, validation: frames of disjoint sequences.
        n_examples: crops a round.
    """

    def __init__(
        self,
        training: Sequence[BoxedFrame],
        validation: Sequence[BoxedFrame],
        *,
        n_examples: int = 800,
    ) -> None:
        self.training, self.validation, self.n_examples = training, validation, n_examples

    def network(self) -> nn.Module:
        """A fresh network."""
        return CompactNetwork()

    def examples(self, split: str) -> BoxExamples:
        """``train``: crops; ``validation``: whole frames."""
        if split == "train":
            return BoxExamples(self.training, self.n_examples)
        return BoxExamples(self.validation, 0)

    def loss(self, network: nn.Module, batch: Mapping[str, Any]) -> dict[str, Tensor]:
        """Focal loss of middles, overlap loss of sides, cross-entropy of roles."""
        raw = network(as_input(batch["image"])).float()
        people = focal_loss(raw[:, PERSON], batch["heat"][:, 0])
        ball = focal_loss(raw[:, BALL], batch["heat"][:, 1])
        sides = _side_loss(sides_px(raw), batch["sides"], batch["side_weight"])
        role = _role_loss(raw[:, ROLE], batch["role"], batch["side_weight"])
        total = people + 0.5 * ball + 3.0 * sides + 0.4 * role
        return {"total": total, "people": people, "ball": ball, "sides": sides, "role": role}


def focal_loss(logits: Tensor, heat: Tensor) -> Tensor:
    """Penalty-reduced focal loss of soft middles (Law and Deng 2018), per middle."""
    p = torch.sigmoid(logits)
    is_peak = heat > 0.999
    hit = -functional.logsigmoid(logits) * (1 - p) ** 2
    miss = -functional.logsigmoid(-logits) * p**2 * (1 - heat) ** 4
    return (torch.where(is_peak, hit, miss)).sum() / is_peak.sum().clamp_min(1)


def _side_loss(sides: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """1 - generalised IoU of boxes round the same cell, and the relative error of the lower side, where feet stand."""
    left, top, right, lower = sides.unbind(1)
    left_t, top_t, right_t, lower_t = target.unbind(1)
    wide = torch.minimum(left, left_t) + torch.minimum(right, right_t)
    tall = torch.minimum(top, top_t) + torch.minimum(lower, lower_t)
    inter = wide * tall
    union = (left + right) * (top + lower) + (left_t + right_t) * (top_t + lower_t) - inter
    hull = (torch.maximum(left, left_t) + torch.maximum(right, right_t)) * (
        torch.maximum(top, top_t) + torch.maximum(lower, lower_t)
    )
    giou = inter / union.clamp_min(1e-6) - (hull - union) / hull.clamp_min(1e-6)
    height = top_t + lower_t
    foot = functional.smooth_l1_loss(lower / height, lower_t / height, reduction="none", beta=0.03)
    return ((1 - giou + 2 * foot) * weight).sum() / weight.sum().clamp_min(1)


def _role_loss(logits: Tensor, role: Tensor, weight: Tensor) -> Tensor:
    known = role >= 0
    values = torch.tensor(ROLE_WEIGHTS, device=logits.device)
    loss = functional.cross_entropy(logits, role.clamp_min(0), weight=values, reduction="none")
    share = weight * known
    return (loss * share).sum() / (share * values[role.clamp_min(0)]).sum().clamp_min(1e-6)
