from itertools import pairwise

import cv2
import numpy as np
import pytest

from analysis.calibration import motion
from analysis.calibration.motion import MotionMeter, disagreements, gated
from analysis.core.camera import Camera
from analysis.core.homography import project
from analysis.core.records import CalibrationTrack
from analysis.training.eight_bit import has_byte_products

SIZE_PX = (1280, 720)


def texture(seed=0):
    """A picture with corners everywhere."""
    rng = np.random.default_rng(seed)
    image = np.zeros((SIZE_PX[1], SIZE_PX[0], 3), np.uint8)
    for _ in range(700):
        x, y = rng.integers(0, SIZE_PX[0]), rng.integers(0, SIZE_PX[1])
        w, h = rng.integers(10, 60, 2)
        colour = tuple(int(v) for v in rng.integers(0, 255, 3))
        cv2.rectangle(image, (int(x), int(y)), (int(x + w), int(y + h)), colour, -1)
    return image


def camera(pan_rad, focal_px=1800.0):
    return Camera((0.0, -70.0, 18.0), pan_rad, 0.22, focal_px, SIZE_PX)


def motion_of(first, second):
    """What a turning camera does to the picture: K2 R2 R1' K1^-1."""
    turned = second.intrinsics @ second.camera_from_world
    return turned @ np.linalg.inv(first.intrinsics @ first.camera_from_world)


def track_of(cameras, status=None):
    times = 500 * np.arange(len(cameras))
    matrices = np.array([c.image_from_pitch / c.image_from_pitch[2, 2] for c in cameras])
    states = np.array(status or ["ok"] * len(cameras), dtype="<U8")
    return CalibrationTrack(
        times, times, matrices, np.full(len(cameras), 0.9), states, SIZE_PX, "m"
    )


def true_motions(cameras):
    return np.array([np.full((3, 3), np.nan), *(motion_of(a, b) for a, b in pairwise(cameras))])


PANNING = [camera(0.02 * i) for i in range(24)]
WRONG = camera(-0.5, 1200.0)


def test_a_turn_of_the_camera_is_measured():
    first, second = camera(0.0), camera(0.04, 1850.0)
    truth = motion_of(first, second)
    image = texture()
    moved = cv2.warpPerspective(image, truth, SIZE_PX)
    meter = MotionMeter()
    assert np.isnan(meter.step(image)).all()
    points = np.array([[300.0, 200.0], [900.0, 300.0], [640.0, 600.0]])
    found = project(meter.step(moved), points)
    assert np.abs(found - project(truth, points)).max() < 0.01 * SIZE_PX[0]


def test_graphics_that_stand_still_do_not_hide_the_turn():
    truth = motion_of(camera(0.0), camera(0.03))
    image, graphics = texture(), texture(3)
    moved = cv2.warpPerspective(image, truth, SIZE_PX)
    for picture in (image, moved):
        picture[500:, 200:1000] = graphics[500:, 200:1000]
    meter = MotionMeter()
    meter.step(image)
    points = np.array([[300.0, 200.0], [900.0, 300.0]])
    assert np.abs(project(meter.step(moved), points) - project(truth, points)).max() < 12.0


def test_a_camera_that_stands_still_is_seen_to():
    meter = MotionMeter()
    meter.step(texture())
    points = np.array([[300.0, 200.0], [900.0, 600.0]])
    assert np.abs(project(meter.step(texture()), points) - points).max() < 1.0


def test_a_cut_and_an_empty_picture_have_no_motion():
    meter = MotionMeter()
    meter.step(texture(0))
    assert np.isnan(meter.step(texture(1))).all()
    assert np.isnan(meter.step(np.full((720, 1280, 3), 90, np.uint8))).all()
    assert np.isnan(meter.step(texture(1))).all()


def test_right_calibrations_agree_with_the_motion():
    gaps = disagreements(track_of(PANNING), true_motions(PANNING))
    assert np.isnan(gaps[0]) and np.nanmax(gaps) < 1e-6


def test_one_wrong_calibration_is_refused_and_its_neighbours_stay():
    cameras = [*PANNING[:12], WRONG, *PANNING[13:]]
    answer = gated(track_of(cameras), true_motions(PANNING))
    assert answer.status.tolist() == ["ok"] * 12 + ["refused"] + ["ok"] * 11


def test_short_stretches_that_contradict_each_other_are_all_refused():
    guesses = [camera(0.5 * (-1) ** (i // 3), 1500.0) for i in range(9)]
    answer = gated(track_of(guesses), true_motions([PANNING[0]] * 9))
    assert set(answer.status) == {"refused"}


def test_without_a_known_motion_nothing_is_refused():
    unknown = np.full((3, 3, 3), np.nan)
    cameras = [PANNING[0], WRONG, PANNING[1]]
    assert set(gated(track_of(cameras), unknown).status) == {"ok"}


@pytest.mark.parametrize("status", [["refused"] * 3, []])
def test_nothing_usable_is_nothing_to_do(status):
    track = track_of(PANNING[: len(status)], status) if status else None
    if track is None:
        empty = np.zeros(0, np.int64)
        track = CalibrationTrack(
            empty, empty, np.zeros((0, 3, 3)), np.zeros(0), np.zeros(0, "<U8"), SIZE_PX, "m"
        )
    assert gated(track, np.full((len(track), 3, 3), np.nan)) is track


def test_a_skipped_picture_leaves_the_next_motion_open():
    rng = np.random.default_rng(5)
    image = np.repeat(np.repeat(rng.integers(0, 255, (45, 80, 3), np.uint8), 8, 0), 8, 1)
    meter = MotionMeter()
    meter.step(image)
    assert np.isfinite(meter.step(image)).all()
    assert np.isnan(meter.skip()).all()
    assert np.isnan(meter.step(image)).all()
    assert np.isfinite(meter.step(image)).all()


@pytest.mark.parametrize("has_bytes", [True, False])
def test_pairs_are_nearest_to_each_other(monkeypatch, has_bytes):
    if has_bytes and not has_byte_products():
        pytest.skip("this processor multiplies no bytes")
    monkeypatch.setattr(motion, "has_byte_products", lambda: has_bytes)
    rng = np.random.default_rng(2)
    one, other = (rng.integers(0, 256, (n, 32), np.uint8) for n in (40, 30))
    apart = np.unpackbits(one[:, None] ^ other[None], axis=2).sum(axis=2)
    mutual = [
        (i, int(apart[i].argmin())) for i in range(40) if apart[:, apart[i].argmin()].argmin() == i
    ]
    first, second = motion.mutual_pairs(one, other)
    assert list(zip(first.tolist(), second.tolist(), strict=True)) == mutual
