"""Small hand-made scenes: a camera, painted frames with known people, and tracks with known positions."""

import cv2
import numpy as np

from analysis.core.camera import Camera
from analysis.core.pitch import PitchSpec
from analysis.core.records import Calibration, CalibrationTrack, Frame, PlayersTrack

PITCH = PitchSpec()
GRASS = (62, 128, 48)


def camera(pan_deg=0.0, size_px=(1280, 720), focal_px=1500.0):
    return Camera((0.0, -70.0, 18.0), np.deg2rad(pan_deg), np.deg2rad(14.0), focal_px, size_px)


def calibration(view, status="ok", confidence=0.9):
    return Calibration(view.image_from_pitch, view.image_size_px, confidence, status, "truth")


def paint(view, people, seed=0):
    """A frame with grass, stand, marks, and people ((x, y), shirt RGB): boxes are known by projection."""
    width_px, height_px = view.image_size_px
    random = np.random.default_rng(seed)
    image = np.zeros((height_px, width_px, 3), np.float32)
    image[:] = (90, 80, 95)
    outline = view.project(_ring(PITCH.length_m / 2 + 4, PITCH.width_m / 2 + 4))
    outline = outline[np.isfinite(outline).all(axis=1)]
    cv2.fillPoly(image, [np.round(outline).astype(np.int32)], GRASS)
    for points in PITCH.sampled_marks(0.5).values():
        pixels = view.project(np.c_[points, np.zeros(len(points))])
        if np.isfinite(pixels).all():
            cv2.polylines(image, [np.round(pixels).astype(np.int32)], False, (225, 230, 225), 2)
    boxes = []
    for (x, y), shirt in sorted(people, key=lambda one: -one[0][1]):
        ends = view.project(np.array([[x, y, 0.0], [x, y, 1.8]]))
        foot, head = ends
        tall = foot[1] - head[1]
        wide = 0.36 * tall
        x0, x1 = foot[0] - wide / 2, foot[0] + wide / 2
        boxes.append([x0, head[1], x1, foot[1]])
        for low, high, share, colour in (
            (0.0, 0.16, 0.45, (196, 150, 120)),
            (0.16, 0.55, 1.0, shirt),
            (0.55, 0.75, 0.8, (30, 30, 40)),
            (0.75, 1.0, 0.7, (200, 160, 130)),
        ):
            half = wide * share / 2
            corner = (round(foot[0] - half), round(head[1] + low * tall))
            cv2.rectangle(
                image,
                corner,
                (round(foot[0] + half) - 1, round(head[1] + high * tall) - 1),
                colour,
                -1,
            )
    image += random.normal(0, 3, image.shape)
    return np.clip(cv2.GaussianBlur(image, (3, 3), 0), 0, 255).astype(np.uint8), np.array(boxes)


def _ring(half_x, half_y, n=60):
    side = np.linspace(-1, 1, n)
    one = np.ones(n)
    ring = np.concatenate(
        [np.c_[side, -one], np.c_[one, side], np.c_[-side, one], np.c_[-one, -side]]
    )
    return np.c_[ring * [half_x, half_y], np.zeros(len(ring))]


def frame(image, time_ms=0, index=0):
    return Frame(time_ms, index, image)


def calibration_track(n_samples, view=None, step_ms=500, missing=()):
    view = view or camera()
    matrices = np.repeat(
        view.image_from_pitch[None] / view.image_from_pitch[2, 2], n_samples, axis=0
    )
    confidence, status = np.full(n_samples, 0.9), np.array(["ok"] * n_samples, dtype="<U8")
    for i in missing:
        matrices[i], confidence[i], status[i] = np.nan, 0.0, "refused"
    times_ms = np.arange(n_samples, dtype=np.int64) * step_ms
    return CalibrationTrack(times_ms, np.arange(n_samples, dtype=np.int64) * 12, matrices, confidence, status,
                            view.image_size_px, "truth")  # fmt: skip


def players_track(times_ms, pitch_xy_m, colour_rgb=None, team=None):
    """Rows in time order with boxes of a plausible size."""
    times_ms, pitch_xy_m = np.asarray(times_ms, np.int64), np.asarray(pitch_xy_m, np.float64)
    n_rows = len(times_ms)
    colours = (
        np.full((n_rows, 3), 200.0) if colour_rgb is None else np.asarray(colour_rgb, np.float64)
    )
    return PlayersTrack(
        times_ms=times_ms, frame_indices=times_ms // 40, track_id=np.full(n_rows, -1, np.int64),
        box_px=np.tile([100.0, 100.0, 120.0, 150.0], (n_rows, 1)), score=np.full(n_rows, 0.8),
        role=np.full(n_rows, -1, np.int64),
        team=np.full(n_rows, -1, np.int64) if team is None else np.asarray(team, np.int64),
        colour_rgb=colours, pitch_xy_m=pitch_xy_m, sigma_m=np.full(n_rows, 0.3), source=np.zeros(n_rows, np.int64),
        ball_times_ms=np.zeros(0, np.int64), ball_xy_m=np.zeros((0, 2)), ball_px=np.zeros((0, 2)),
        ball_score=np.zeros(0),
    )  # fmt: skip
