import numpy as np
import pytest

from analysis.core.camera import Camera
from webapp.analytics.field_of_view import SURROUNDINGS_M, field_of_view

PITCH = (105.0, 68.0)


def looking_down(scale: float) -> list[float]:
    """A camera straight above the centre spot: 1280x720 pixels, `scale` pixels a metre, y up on the pitch."""
    return [scale, 0, 640, 0, -scale, 360, 0, 0, 1]


def test_a_view_from_straight_above_is_its_rectangle():
    # 1280 / 20 = 64 m wide, 720 / 20 = 36 m high, centred: corners at +-32, +-18.
    view = field_of_view(looking_down(20.0), (1280, 720), PITCH)
    assert sorted(view) == [(-32.0, -18.0), (-32.0, 18.0), (32.0, -18.0), (32.0, 18.0)]


def test_a_view_wider_than_the_ground_is_cut_at_the_surroundings():
    view = np.array(field_of_view(looking_down(2.0), (1280, 720), PITCH))
    assert np.abs(view[:, 0]).max() == pytest.approx(52.5 + SURROUNDINGS_M)
    assert np.abs(view[:, 1]).max() == pytest.approx(34 + SURROUNDINGS_M)


def test_a_view_with_the_horizon_in_it_stays_finite_and_in_front():
    camera = Camera((0.0, -60.0, 15.0), 0.2, 0.05, 1200.0, (1280, 720))
    view = np.array(field_of_view(camera.image_from_pitch.ravel(), (1280, 720), PITCH))
    assert len(view) >= 3 and np.isfinite(view).all()
    # The camera looks up the pitch from below: what it sees lies on the far side of it.
    assert view[:, 1].min() > -60


def test_a_view_away_from_the_pitch_shows_none_of_it():
    camera = Camera((0.0, -70.0, 15.0), np.pi, 0.3, 1500.0, (1280, 720))
    assert field_of_view(camera.image_from_pitch.ravel(), (1280, 720), PITCH) is None


def test_a_matrix_that_cannot_be_turned_round_gives_no_view():
    assert field_of_view([0.0] * 8 + [1.0], (1280, 720), PITCH) is None
