"""A shot mended by hand: everybody in it moves to where they are, nobody outside of it moves at all."""

import numpy as np
import pytest

from analysis.calibration.cameras import homography_of, project_ground
from analysis.calibration.repair import DraggedPoint
from analysis.core.homography import normalised
from analysis.core.pitch import STANDARD_PITCH
from analysis.core.problems import InputProblem
from analysis.core.records import CalibrationTrack
from analysis.pipeline.mending import Places, mend, replaced

SIZE = (1280, 720)
CAMERAS = np.array([1.0, -66.0, 17.0, 0.35, 0.24, 0.0, 0.35, 0.0]) + np.outer(
    np.arange(10), [0, 0, 0, 0.01, 0, 0, 0, 0]
)
# The first shot, samples 0 to 5, takes the pitch to lie 5.5 m too far to the right.
SHIFT = np.array([[1, 0, 5.5], [0, 1, 0], [0, 0, 1.0]])
TRUE = np.stack([normalised(homography_of(camera, SIZE)) for camera in CAMERAS])
SHOT = (0, 3000)


def track(matrices, states=("ok",) * 10):
    return CalibrationTrack(
        np.arange(10) * 500, np.arange(10) * 12, matrices, np.full(10, 0.6), np.array(states), SIZE, "stored"
    )  # fmt: skip


def wrong():
    matrices = TRUE.copy()
    matrices[:6] = [normalised(matrix @ SHIFT) for matrix in TRUE[:6]]
    return matrices


def drags(sample, places=((36.0, -20.16), (36.0, 20.16), (41.5, 0.0), (9.15, 0.0))):
    return [
        DraggedPoint(p, tuple(project_ground(CAMERAS[sample][None], np.array([p]), SIZE)[0, 0]))
        for p in places
    ]


def people(before, true_xy=(20.0, 5.0), *, known=True):
    """One person in every sample, standing at ``true_xy`` in truth, placed by the view that was believed."""
    feet = np.stack([project_ground(c[None], np.array([true_xy]), SIZE)[0, 0] for c in CAMERAS])
    xy = np.stack([before.row(i).to_pitch(feet[i][None])[0] for i in range(10)])
    if not known:
        xy[:] = np.nan
    return Places(before.times_ms, xy, feet, np.full(10, 60.0), np.full(10, 0.4))


def test_everybody_of_the_shot_moves_to_where_they_stand():
    before = track(wrong())
    mended = mend(before, 1000, drags(2), [], shot_ms=SHOT, pitch=STANDARD_PITCH)
    assert (mended.first, mended.last, mended.index) == (0, 5, 2)
    rows = people(before)
    assert np.abs(rows.pitch_xy_m[:6] - (20, 5)).max() > 5
    after = replaced(rows, before, mended, STANDARD_PITCH)
    np.testing.assert_allclose(after.pitch_xy_m[:6], np.tile([20.0, 5.0], (6, 1)), atol=0.25)
    np.testing.assert_array_equal(after.pitch_xy_m[6:], rows.pitch_xy_m[6:])


def test_who_had_no_place_stands_where_the_feet_are():
    before = track(wrong())
    mended = mend(before, 1000, drags(2), [], shot_ms=SHOT, pitch=STANDARD_PITCH)
    after = replaced(people(before, known=False), before, mended, STANDARD_PITCH)
    np.testing.assert_allclose(after.pitch_xy_m[:6], np.tile([20.0, 5.0], (6, 1)), atol=0.25)
    assert np.isnan(after.pitch_xy_m[6:]).all()
    assert np.isfinite(after.sigma_m[:6]).all()


def test_whoever_stands_off_the_pitch_now_has_no_place():
    before = track(wrong())
    mended = mend(before, 1000, drags(2), [], shot_ms=SHOT, pitch=STANDARD_PITCH)
    after = replaced(people(before, (20.0, 39.0)), before, mended, STANDARD_PITCH)
    assert np.isnan(after.pitch_xy_m[:6]).all()


def test_a_picture_without_a_view_begins_from_the_nearest_one_and_stands_alone():
    matrices, states = wrong(), ["ok"] * 10
    matrices[2], states[2] = np.nan, "refused"
    before = track(matrices, states)
    mended = mend(before, 1000, drags(2), [], shot_ms=SHOT, pitch=STANDARD_PITCH)
    assert (mended.first, mended.last) == (2, 2)
    assert mended.track.status[2] == "ok"
    seen = mended.track.row(2).to_image(np.array([[36.0, 20.16]]))[0]
    assert np.linalg.norm(seen - drags(2)[1].pixel) < 3


@pytest.mark.parametrize(
    ("time_ms", "matrices", "code"),
    [(60_000, TRUE, "repair_no_sample"), (1000, np.full((10, 3, 3), np.nan), "repair_no_start")],
)
def test_what_cannot_be_mended_is_told(time_ms, matrices, code):
    with pytest.raises(InputProblem) as caught:
        mend(track(matrices), time_ms, drags(2), [], shot_ms=SHOT, pitch=STANDARD_PITCH)
    assert caught.value.code == code
