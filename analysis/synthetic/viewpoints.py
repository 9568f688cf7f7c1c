"""Where real cameras stand and look: distributions of single views, for training pictures.

The figures of ``main`` were read off the 209 homographies of the World Cup 2014 set (Chen and Little, "Sports Camera
Calibration via Synthetic Data", CVPR workshops 2019) by decomposing each into a pinhole camera: x -0.6 +- 4.5 m,
y -78 +- 10 m, z 17 +- 3 m, pan within 0.6, tilt 0.14 to 0.25, roll +- 0.015 rad, focal length 1900 to 4300 px at 1280.
``scouting`` follows fixed wide feeds of stadiums' own cameras: 13 to 21 m high, 26 to 45 m behind the line.

Where they look, 5th to 95th percentile of the labelled frames: in the middle of the picture World Cup cameras have y
from -10 to 21 m and 28 to 60 m of pitch across, scouting feeds y from -18 to -2 m, x within 32 m and 46 to 81 m across.
Most views keep to that, ``_ANYWHERE`` of them do not, so that a network is not lost in an unusual one.
"""

from dataclasses import dataclass

import numpy as np

from analysis.core.camera import Camera

REFERENCE_WIDTH_PX = 1280
_ANYWHERE = 0.2
_USUAL_FOCUS_M = {"main": ((-47, 47), (-10, 21)), "scouting": ((-32, 32), (-19, -1))}
_ANY_FOCUS_M = ((-47, 47), (-24, 22))
KIND_SHARES = {"main": 0.55, "scouting": 0.27, "tactical": 0.12, "behind_goal": 0.06}


@dataclass(frozen=True, slots=True)
class Stand:
    """A tripod: ``kind`` in ``KIND_SHARES``, the eye in metres."""

    kind: str
    position_m: tuple[float, float, float]


def draw_stand(rng: np.random.Generator, kinds: dict[str, float] | None = None) -> Stand:
    """Where a camera stands; ``kinds`` gives shares, ``KIND_SHARES`` when None."""
    shares = KIND_SHARES if kinds is None else kinds
    weights = np.array(list(shares.values()))
    kind = str(rng.choice(list(shares), p=weights / weights.sum()))
    if kind == "main":
        place = (
            rng.normal(-0.5, 4.5),
            -np.clip(rng.normal(76, 11), 52, 108),
            np.clip(rng.normal(16.5, 4), 8, 26),
        )
    elif kind == "scouting":
        place = (rng.normal(-0.5, 3.5), -rng.uniform(56, 80), rng.uniform(11, 23))
    elif kind == "tactical":
        place = (rng.normal(0, 8), -rng.uniform(55, 105), rng.uniform(20, 42))
    else:
        side = 1.0 if rng.random() < 0.5 else -1.0
        place = (side * rng.uniform(66, 92), rng.normal(0, 5), rng.uniform(9, 26))
    return Stand(kind, tuple(float(v) for v in place))  # type: ignore[arg-type]


def draw_view(
    rng: np.random.Generator,
    stand: Stand,
    ball_xy: np.ndarray,
    size_px: tuple[int, int],
    *,
    bent_share: float = 0.4,
) -> Camera:
    """A view from a stand: mostly near the ball, sometimes anywhere; now and then with a bending lens.

    Args:
        rng: chance.
        stand: from ``draw_stand``.
        ball_xy: (2,) metres.
        size_px: (width, height).
        bent_share: how often the lens bends.
    """
    eye = np.array(stand.position_m)
    usual = _USUAL_FOCUS_M.get(stand.kind, _ANY_FOCUS_M)
    (left, right), (near, far) = usual if rng.random() >= _ANYWHERE else _ANY_FOCUS_M
    middle = (near + far) / 2
    if rng.random() < 0.6:
        focus = ball_xy * np.array([0.92, 0.6]) + np.array([0, middle]) + rng.normal(0, [6, 4])
    else:
        focus = np.array([rng.uniform(-50, 50), rng.normal(middle, 11)])
    focus = np.clip(focus, [left, near], [right, far])
    along, away = focus[0] - eye[0], focus[1] - eye[1]
    level = float(np.hypot(along, away))
    pan, tilt = float(np.arctan2(along, away)), float(np.arctan2(eye[2], level))
    reach = float(np.hypot(level, eye[2]))
    width_m = {
        "main": float(np.clip(rng.lognormal(np.log(38), 0.24), 20, 75)),
        "scouting": float(rng.uniform(44, 88)),
        "tactical": float(rng.uniform(50, 118)),
        "behind_goal": float(rng.uniform(34, 80)),
    }[stand.kind]
    # Not so wide that half of the picture is sky or stands.
    focal = max(size_px[0] * reach / width_m, 0.7 * size_px[0])
    tilt += float(rng.normal(0.0, 0.035)) * size_px[1] / focal
    return Camera(
        stand.position_m,
        pan + float(rng.normal(0, 0.02)),
        tilt,
        focal,
        size_px,
        float(rng.normal(0, 0.014)),
        _draw_k1(rng, size_px, focal, bent_share),
    )


def _draw_k1(
    rng: np.random.Generator, size_px: tuple[int, int], focal_px: float, share: float
) -> float:
    """Mostly 0; else so that the corners move by up to 1.2 % of the width (barrel more often than cushion)."""
    if rng.random() >= share:
        return 0.0
    moved = float(rng.normal(-0.003, 0.005)) * size_px[0]
    radius = float(np.hypot(*size_px)) / 2 / focal_px
    return float(np.clip(moved, -0.012 * size_px[0], 0.012 * size_px[0]) / focal_px / radius**3)
