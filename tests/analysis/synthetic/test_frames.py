"""Random training frames: what they say is what they show."""

from itertools import islice

import numpy as np
import pytest

from analysis.core.camera import Camera
from analysis.core.homography import project
from analysis.core.pitch import STANDARD_PITCH
from analysis.synthetic.frames import frames_at, random_frames
from analysis.synthetic.viewpoints import KIND_SHARES


@pytest.fixture(scope="module")
def frames():
    return list(islice(random_frames(np.random.default_rng(11), (640, 360)), 24))


def test_shapes_and_kinds(frames):
    for frame in frames:
        n_people = len(frame.box_px)
        assert frame.image.shape == (360, 640, 3) and frame.image.dtype == np.uint8
        assert frame.image.std() > 5
        assert frame.kind in KIND_SHARES
        assert frame.visible_share.shape == frame.role.shape == frame.team.shape == (n_people,)
        assert frame.pitch_xy_m.shape == (n_people, 2) and frame.shirt_rgb.shape == (n_people, 3)
        assert ((frame.visible_share > 0) & (frame.visible_share <= 1)).all()
    assert len({frame.kind for frame in frames}) > 1


def test_feet_are_true_through_lens_and_all(frames):
    """The lower middle of a box is where the camera, lens included, sees the person's place."""
    n_checked = 0
    for frame in frames:
        foot = np.stack([(frame.box_px[:, 0] + frame.box_px[:, 2]) / 2, frame.box_px[:, 3]], axis=1)
        seen = frame.camera.project(np.c_[frame.pitch_xy_m, np.zeros(len(foot))])
        inside = ((foot > 0) & (foot < [640, 360])).all(1)
        assert np.abs(seen - foot)[inside].max(initial=0) < 0.05
        n_checked += inside.sum()
    assert n_checked > 100


def test_calibration_is_the_camera_without_its_lens(frames):
    points = STANDARD_PITCH.corners
    for frame in frames:
        if frame.camera.radial_k1 == 0:
            ours = frame.calibration.to_image(points)
            seen = frame.camera.project(np.c_[points, np.zeros(4)])
            both = np.isfinite(ours).all(1) & np.isfinite(seen).all(1)
            assert np.allclose(ours[both], seen[both], atol=1e-6)
        assert np.isfinite(project(frame.camera.image_from_pitch, np.zeros((1, 2)))).size == 2


def test_same_generator_same_frames(frames):
    again = next(random_frames(np.random.default_rng(11), (640, 360)))
    assert (again.image == frames[0].image).all()
    assert (again.box_px == frames[0].box_px).all()


def test_kinds_can_be_chosen():
    stream = random_frames(np.random.default_rng(2), (320, 180), kinds={"scouting": 1.0})
    assert {frame.kind for frame in islice(stream, 4)} == {"scouting"}


def test_no_stand_hides_the_pitch_from_a_given_camera():
    """One stadium serves ten cameras; what stands in front of the lowest must not fill its picture."""
    high = [(0.0, -78.0, 26.0)] * 5
    low = [(2.0, -95.0, 14.0)] * 5
    cameras = [
        Camera((x, y, z), 0.0, float(np.arctan2(z, -y)), 900.0, (640, 360))
        for x, y, z in high + low
    ]
    for frame in frames_at(np.random.default_rng(12), cameras):
        middle = frame.image[150:210, 280:360].astype(int)
        is_grass = (middle[..., 1] >= middle[..., 0]) & (middle[..., 1] >= middle[..., 2])
        assert is_grass.mean() > 0.4
