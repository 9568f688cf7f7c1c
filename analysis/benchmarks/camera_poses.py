"""The test of 186 poses: simulated pictures taken where real cameras stood and looked.

The published test has 186 pictures of World Cup 2014; here the simulator draws as many at its camera poses (three
parts of 62 drawn from the 209 of the training half, each part with a seed of its own), and the default recipe's method
answers each picture by itself.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analysis.calibration.cameras import camera_from_homography
from analysis.core.pitch import STANDARD_PITCH
from analysis.core.records import Frame
from analysis.core.registry import CALIBRATORS
from analysis.datasets.camera_poses import POSE_SIZE_PX, read_camera_poses
from analysis.metrics import calibration as metrics
from analysis.pipeline.recipe import load_recipe
from analysis.synthetic.frames import frames_at

SEEDS = (9003, 9004, 9005)
N_OF_PART = 62
WRONG_BELOW = 0.8


@dataclass(frozen=True, slots=True)
class Answered:
    """One picture: overlaps, mean distance on the ground in metres, and the method's confidence (0 for none)."""

    iou_part: float
    iou_entire: float
    error_m: float
    confidence: float


def measure(data: Path) -> str:
    """The page."""
    return page([part(data, seed) for seed in SEEDS])


def page(parts: list[list[Answered]]) -> str:
    """A row a part and one for all."""
    rows = [_row(f"seed {seed}", rows) for seed, rows in zip(SEEDS, parts, strict=True)]
    together = _row("all", [row for rows in parts for row in rows])
    return "\n".join([_WORDS, "", _HEADER, *rows, together])


_WORDS = """Pictures of the simulator (randomised as for training: light, mist, blur, compression, graphics) at real
camera poses of World Cup 2014, each answered by itself by the default recipe's method. Unanswered pictures count 0.
"Wrong" is IoU part below 0.80, "confident" a confidence of 0.5 and more."""
_HEADER = """| pictures | n | IoU part, mean | median | IoU entire, mean | metres, median | confident | and wrong |
|---|---|---|---|---|---|---|---|"""


def _row(name: str, rows: list[Answered]) -> str:
    part_iou = np.array([row.iou_part for row in rows])
    sure = np.array([row.confidence >= 0.5 for row in rows])
    entire = np.mean([row.iou_entire for row in rows])
    metres = np.nanmedian([row.error_m for row in rows])
    wrong = (sure & (part_iou < WRONG_BELOW)).mean()
    return (
        f"| {name} | {len(rows)} | {part_iou.mean():.3f} | {np.median(part_iou):.3f} | {entire:.3f} | {metres:.2f} "
        f"| {sure.mean():.3f} | {wrong:.3f} |"
    )


def part(data: Path, seed: int, n_poses: int = N_OF_PART) -> list[Answered]:
    """Draw and answer pictures at poses of the folder ``camera_poses``."""
    rng = np.random.default_rng(seed)
    matrices = read_camera_poses(data / "camera_poses")
    chosen = rng.permutation(len(matrices))[:n_poses]
    cameras = [camera_from_homography(matrices[k], POSE_SIZE_PX) for k in chosen]
    recipe = load_recipe("default")
    module = CALIBRATORS.load(recipe.calibrate.method)
    calibrator = module.build(module.Settings(**recipe.calibrate.settings), "cpu")
    rows = []
    for frame in frames_at(rng, [camera for camera in cameras if camera is not None]):
        answer = next(iter(calibrator.calibrate([Frame(0, 0, frame.image)], STANDARD_PITCH)))
        truth = frame.calibration.image_from_pitch
        if answer is None:
            rows.append(Answered(0.0, 0.0, float("nan"), 0.0))
            continue
        found = answer.image_from_pitch
        rows.append(
            Answered(
                metrics.iou_part(truth, found, POSE_SIZE_PX),
                metrics.iou_entire_template(truth, found, POSE_SIZE_PX),
                metrics.ground_error_m(truth, found, POSE_SIZE_PX),
                answer.confidence,
            )
        )
    return rows
