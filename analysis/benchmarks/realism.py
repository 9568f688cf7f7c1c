"""Can simulated pictures be told from real ones by their lines and people alone?

A small network looks at grey, blurred masks: white on grass, and whatever is not grass. It is asked about sequences and
stadiums it has not seen. What the simulator's ingredients are worth is measured by leaving them out, one at a time.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from analysis.calibration.methods import line_fit
from analysis.core.homography import project, rescaled
from analysis.core.pitch import STANDARD_PITCH
from analysis.core.records import Frame
from analysis.datasets.pitch_keypoints import read_labelled_frames
from analysis.datasets.player_boxes import read_boxed_frames
from analysis.metrics.calibration import iou_part
from analysis.synthetic.frames import random_frames
from analysis.synthetic.randomisation import TRAINING, FrameRanges
from analysis.video.images import read_image

FloatArray = NDArray[np.float32]

_Answer = tuple[NDArray[np.bool_], FloatArray, FloatArray]
_MASK_PX = (96, 54)
_FOLDS, _EPOCHS, _SEEDS = 5, 14, 2
_N_CALIBRATED, _LEAST_MARKS = 60, 6
_FRAMES_A_GROUP = 40
"""A simulated stadium lends about so many frames in a row; folds are cut along them."""
_MIX = {"main": 0.33, "scouting": 0.67}
_CLEAN = replace(
    TRAINING, smear_share=0.0, soft_share=0.0, graphics_share=0.0, noise_share=0.0, jpeg_share=0.0,
    gamma=(1.0, 1.0), contrast=(1.0, 1.0), saturation=(1.0, 1.0), brightness=(0.0, 0.0), tint=(1.0, 1.0),
)  # fmt: skip
VARIANTS: tuple[tuple[str, FrameRanges, dict[str, float]], ...] = (
    ("everything as it is", TRAINING, _MIX),
    ("nobody beside the pitch", replace(TRAINING, most_bystanders=0), _MIX),
    ("no dug-outs, boards and stand this side of the pitch", replace(TRAINING, near_side_share=0.0), _MIX),
    ("no grading, softness, graphics, noise and compression", _CLEAN, _MIX),
    ("tactical cameras instead of fitted ones", TRAINING, {"tactical": 1.0}),
)  # fmt: skip


def measure(data: Path) -> str:
    """The page."""
    return "\n".join([*section(data), "", *calibrated_section(data)]) + "\n"


def real_masks(data: Path, step: int = 2) -> tuple[FloatArray, list[str]]:
    """Masks (N, 2, 54, 96) of every ``step``-th labelled main-camera frame, and their sequences."""
    frames = [
        *((f.image_path, f.sequence) for f in read_labelled_frames(data / "pitch_keypoints")),
        *((f.image_path, f.sequence) for f in read_boxed_frames(data / "player_boxes")),
    ][::step]
    return np.array([mask_of(read_image(path)) for path, _ in frames]), [s for _, s in frames]


def simulated_masks(
    ranges: FrameRanges, kinds: dict[str, float], n_frames: int, seed: int = 3
) -> tuple[FloatArray, list[str]]:
    """As many masks of simulated frames, and groups of those that may share a stadium."""
    stream = random_frames(np.random.default_rng(seed), (640, 360), kinds=kinds, ranges=ranges)
    masks = np.array([mask_of(frame.image) for frame in islice(stream, n_frames)])
    # Five stadiums are open at a time, so a block of frames shares them.
    return masks, [f"simulated-{k // (5 * _FRAMES_A_GROUP)}" for k in range(n_frames)]


def mask_of(image: NDArray[np.uint8]) -> FloatArray:
    """(2, 54, 96) in 0..1: bright thin marks on grass, and everything that is not grass, blurred."""
    small = cv2.resize(image, (320, 180), interpolation=cv2.INTER_AREA)
    hsv = cv2.cvtColor(small, cv2.COLOR_RGB2HSV)
    grass = ((hsv[..., 0] > 28) & (hsv[..., 0] < 92) & (hsv[..., 1] > 50)).astype(np.uint8)
    field = cv2.morphologyEx(grass, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    bright = cv2.morphologyEx(grey, cv2.MORPH_TOPHAT, np.ones((7, 7), np.uint8)).astype(np.float32)
    layers = [np.clip(bright / 60, 0, 1) * field, 1.0 - grass.astype(np.float32)]
    return np.array(
        [
            cv2.resize(cv2.GaussianBlur(layer, (0, 0), 1.5), _MASK_PX, interpolation=cv2.INTER_AREA)
            for layer in layers
        ],
        np.float32,
    )


def told_apart(
    real: tuple[FloatArray, Sequence[str]], ours: tuple[FloatArray, Sequence[str]]
) -> tuple[float, float]:
    """Share of right answers about unseen groups and about the pictures learned from, each half of the weight."""
    masks = np.concatenate([real[0], ours[0]])
    truth = np.r_[np.zeros(len(real[0])), np.ones(len(ours[0]))].astype(np.float32)
    groups = np.array([*real[1], *ours[1]])
    weight = _weights(groups, truth)
    unseen: list[_Answer] = []
    seen: list[_Answer] = []
    for seed in range(_SEEDS):
        fold = _folds(groups, truth, seed)
        for held in range(_FOLDS):
            net = _learned(masks[fold != held], truth[fold != held], weight[fold != held], seed)
            for part, answers in ((fold == held, unseen), (fold != held, seen)):
                with torch.no_grad():
                    pictures = torch.from_numpy(masks[part])
                    guess = torch.cat([net(some) for some in torch.split(pictures, 256)])
                right = (guess.numpy() > 0) == (truth[part] > 0.5)
                answers.append((right, truth[part], weight[part]))
    return _balanced(unseen), _balanced(seen)


def _weights(groups: NDArray[np.str_], truth: FloatArray) -> FloatArray:
    """Long sequences of near-copies count less: the root of their length; both sides count the same."""
    _, at, counts = np.unique(groups, return_inverse=True, return_counts=True)
    weight = 1 / np.sqrt(counts[at])
    for side in (0.0, 1.0):
        weight[truth == side] /= weight[truth == side].sum()
    return np.asarray(weight * len(truth) / 2, np.float32)


def _folds(groups: NDArray[np.str_], truth: FloatArray, seed: int) -> NDArray[np.int64]:
    """Fold of every picture: whole groups, dealt out from the largest on, real and simulated ones apart."""
    rng = np.random.default_rng(seed)
    fold = np.zeros(len(groups), np.int64)
    for side in (0.0, 1.0):
        names, counts = np.unique(groups[truth == side], return_counts=True)
        filled = np.zeros(_FOLDS)
        for k in np.lexsort((rng.random(len(names)), -counts)):
            smallest = int(np.argmin(filled + 1e-3 * rng.random(_FOLDS)))
            fold[groups == names[k]] = smallest
            filled[smallest] += counts[k]
    return fold


def _learned(masks: FloatArray, truth: FloatArray, weight: FloatArray, seed: int) -> nn.Module:
    torch.manual_seed(seed)
    net = _Judge()
    optimiser = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.02)
    x, y, w = (torch.from_numpy(np.ascontiguousarray(a)) for a in (masks, truth, weight))
    for epoch in range(_EPOCHS):
        for group in optimiser.param_groups:
            group["lr"] = 2e-3 * (1 - epoch / _EPOCHS)
        for batch in torch.split(torch.randperm(len(x)), 32):
            picture = x[batch]
            if torch.rand(()) < 0.5:
                picture = picture.flip(3)
            loss = nn.functional.binary_cross_entropy_with_logits(
                net(picture), y[batch], weight=w[batch]
            )
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
    return net.eval()


class _Judge(nn.Module):
    """(N, 2, 54, 96) masks -> (N,) logits: simulated above 0. 6,000 parameters."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for before, after in ((2, 8), (8, 16), (16, 24)):
            layers += [nn.Conv2d(before, after, 3, 2, 1), nn.BatchNorm2d(after), nn.ReLU()]
        self.body = nn.Sequential(*layers)
        self.head = nn.Sequential(nn.Dropout(0.3), nn.Linear(48, 1))

    def forward(self, masks: torch.Tensor) -> torch.Tensor:
        """Logits (N,)."""
        seen = self.body(masks)
        pooled = torch.cat([seen.mean((2, 3)), seen.amax((2, 3))], dim=1)
        logits: torch.Tensor = self.head(pooled)
        return logits[:, 0]


def _balanced(answers: list[_Answer]) -> float:
    right, truth, weight = (np.concatenate(part) for part in zip(*answers, strict=True))
    shares = [
        float((right * weight)[truth == side].sum() / weight[truth == side].sum())
        for side in (0.0, 1.0)
    ]
    return float(np.mean(shares))


def section(data: Path) -> Iterator[str]:
    """Lines of the benchmark's page."""
    real = real_masks(data)
    yield (
        "## Pictures\n\nA network of 6,000 weights is asked whether a picture is simulated, from blurred 96x54 masks "
        f"of white on grass and of what is not grass: {len(real[0])} real main-camera frames of {len(set(real[1]))} "
        f"sequences and as many simulated ones, {_FOLDS} folds by sequence and stadium, {_SEEDS} seeds, sequences "
        "weighted by the root of their length. 50 % is guessing. The first row is the simulator; in each other one an "
        "ingredient is left out.\n"
    )
    yield "| simulator | right about unseen sequences (%) | about those learned from (%) |"
    yield "|---|---|---|"
    for name, ranges, kinds in VARIANTS:
        unseen, seen = told_apart(real, simulated_masks(ranges, kinds, len(real[0])))
        yield f"| {name} | {100 * unseen:.0f} | {100 * seen:.0f} |"


def calibrated_section(data: Path) -> Iterator[str]:
    """The calibrator that has learned nothing, on real and on simulated frames that show at least six marks."""
    calibrator = line_fit.build(line_fit.Settings(), "cpu")
    yield "## Calibration without weights\n\n| frames | number | IoU part, mean | median | below 0.9 |"
    yield "|---|---|---|---|---|"
    for name, pictures in (
        ("real, one of six of each sequence", _labelled(data / "pitch_keypoints")),
        ("simulated, cameras in the shares of the real ones", islice(_drawn(), _N_CALIBRATED)),
    ):
        overlap = []
        for image, truth in pictures:
            size = (image.shape[1], image.shape[0])
            found = next(iter(calibrator.calibrate([Frame(0, 0, image)], STANDARD_PITCH)))
            guess = None if found is None else found.at_size(size).image_from_pitch
            overlap.append(0.0 if guess is None else iou_part(truth, guess, size))
        low = sum(one < 0.9 for one in overlap)
        yield (
            f"| {name} | {len(overlap)} | {np.mean(overlap):.3f} | {np.median(overlap):.3f} | {low} |"
        )


def _labelled(folder: Path) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.float64]]]:
    """(picture, image_from_pitch)."""
    labels = [
        label
        for label in json.loads((folder / "annotations.json").read_text(encoding="utf-8"))
        if not label["suspect"] and len(label["points"]) >= _LEAST_MARKS
        and label["fit_error_px"] <= 6
    ]  # fmt: skip
    for label in sorted(labels, key=lambda one: (one["sequence"], one["image"]))[::6]:
        image = read_image(folder / label["image"])
        truth = np.array(label["image_from_pitch_1280x720"])
        yield image, rescaled(truth, (1280, 720), (image.shape[1], image.shape[0]))


def _drawn() -> Iterator[tuple[NDArray[np.uint8], NDArray[np.float64]]]:
    """(picture, image_from_pitch) for ever, of frames that show as many marks as labelled ones do."""
    size = (960, 540)
    ends = [points[[0, -1]] for points in STANDARD_PITCH.sampled_marks(1.0).values()]
    marks = np.unique(np.concatenate(ends).round(1), axis=0)
    for frame in random_frames(np.random.default_rng(11), size, kinds=_MIX):
        pixel = project(frame.camera.image_from_pitch, marks)
        if ((pixel >= 0) & (pixel < size)).all(1).sum() >= _LEAST_MARKS:
            yield frame.image, frame.calibration.image_from_pitch
