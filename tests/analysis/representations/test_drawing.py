import numpy as np

from analysis.core import homography
from analysis.core.pitch import STANDARD_PITCH, PitchSpec
from analysis.representations import drawing
from tests.analysis import scenes


def canvas():
    return drawing.Canvas(PitchSpec())


def test_the_pitch_fills_the_central_95_percent_far_side_on_top():
    # u = 224 (0.95 x / 105 + 0.5): corners at 0.025 * 224 = 5.6 and 218.4, the centre spot at 112
    points = canvas().from_pitch(np.array([[-52.5, 34.0], [52.5, -34.0], [0.0, 0.0]]))
    np.testing.assert_allclose(points, [[5.6, 5.6], [218.4, 218.4], [112, 112]])


def test_lines_are_four_pixels_wide():
    lines = canvas().lines
    row = lines[
        30
    ]  # far from every other mark but the halfway line: 28 m up, columns near the middle
    assert list(np.flatnonzero(row[100:125]) + 100) == [110, 111, 112, 113]


def test_a_player_is_a_square_of_eight_pixels_round_its_place():
    picture = drawing.draw_binary(canvas(), np.zeros((224, 224), bool), np.array([[10.0, 5.0]]))
    rows, columns = np.nonzero(picture[..., 0])
    # u = 224 (0.95 * 10 / 105 + 0.5) = 132.27 -> 132; v = 224 (0.5 - 0.95 * 5 / 68) = 96.35 -> 96
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (92, 99, 128, 135)
    assert len(rows) == 64


def test_players_are_drawn_last_and_squares_that_leave_the_canvas_are_not():
    places = np.array([[0.0, 20.0], [55.0, 0.0], [np.nan, 0.0]])
    colours = np.array([[10.0, 20, 30], [1, 1, 1], [2, 2, 2]])
    picture = drawing.draw_colour(canvas(), np.zeros((224, 224), bool), places, colours)
    corners = canvas().player_corners(places)
    assert list(corners[:, 2]) == [0]
    row, column, _ = corners[0]
    assert (picture[row : row + 8, column : column + 8] == [10, 20, 30]).all()


def test_the_view_ends_at_the_horizon():
    # Looking level: the upper half of the image is sky. Ground behind the camera must not appear.
    view = scenes.Camera((0.0, -20.0, 10.0), 0.0, 0.0, 900.0, (1280, 720))
    seen = canvas().visible(view.image_from_pitch, (1280, 720))
    assert seen.any()
    rows = np.flatnonzero(seen.any(axis=1))
    camera_row = canvas().from_pitch(np.array([[0.0, -20.0]]))[0, 1]
    assert rows.max() < camera_row
    # Near edge: depth 10 m * 900 / 360 = 25 m in front of the camera, y = 5.
    near_row = canvas().from_pitch(np.array([[0.0, 5.0]]))[0, 1]
    assert abs(rows.max() + 1 - near_row) <= 1


def test_a_pixel_is_seen_when_its_centre_lands_in_the_image():
    """Every pixel through the homography by itself, from in front, from a corner, and along the goal-line."""
    board = canvas()
    centres = np.stack(np.meshgrid(np.arange(224) + 0.5, np.arange(224) + 0.5), axis=2)
    share = (centres.reshape(-1, 2) / 224 - 0.5) / drawing.FIELD_SHARE
    ground = share * np.array([STANDARD_PITCH.length_m, -STANDARD_PITCH.width_m])
    for place, pan in (((0.0, -60.0, 20.0), 0.0), ((-60.0, -40.0, 15.0), 40.0), ((-70.0, 0.0, 9.0), 90.0)):  # fmt: skip
        view = scenes.Camera(place, np.deg2rad(pan), np.deg2rad(12.0), 1100.0, (1280, 720))
        points = homography.project(homography.facing(view.image_from_pitch, (1280, 720)), ground)
        inside = ((points >= 0) & (points <= [1280, 720])).all(axis=1).reshape(224, 224)
        assert 0.02 < inside.mean() < 0.9
        assert (board.visible(view.image_from_pitch, (1280, 720)) == inside).all()


def test_the_contour_does_not_run_along_the_canvas_edge():
    everything = np.ones((20, 30), bool)
    assert not drawing.outline(everything).any()
    part = np.zeros((20, 30), bool)
    part[5:10, 5:10] = True
    assert drawing.outline(part).sum() == 16
