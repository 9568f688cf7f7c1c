import numpy as np
import pytest

from analysis.localization.detectors.grass_blobs import Settings, build
from analysis.localization.person_size import (
    fit_linear_height,
    height_from_calibration,
)
from tests.analysis import scenes

RED, BLUE, BLACK = (190, 30, 40), (40, 60, 190), (25, 25, 25)
DETECTOR = build(Settings())


def overlap(box, other):
    low, high = np.maximum(box[:2], other[:2]), np.minimum(box[2:], other[2:])
    inside = np.prod(np.clip(high - low, 0, None))
    return inside / (np.prod(box[2:] - box[:2]) + np.prod(other[2:] - other[:2]) - inside)


def crowd(seed, n_people=16):
    random = np.random.default_rng(seed)
    places, kits = [], []
    while len(places) < n_people:
        place = random.uniform([-20, -22], [24, 30])
        if all(np.hypot(*(place - other)) > 4.0 for other in places):
            places.append(place)
            kits.append((RED, BLUE, BLACK)[len(places) % 3])
    return [(tuple(place), kit) for place, kit in zip(places, kits, strict=True)]


@pytest.mark.parametrize("guided", [True, False])
@pytest.mark.parametrize("seed", range(3))
def test_painted_people_are_found_once_with_tight_boxes(seed, guided):
    view = scenes.camera(3.0)
    image, truth = scenes.paint(view, crowd(seed), seed)
    calibration = scenes.calibration(view) if guided else None
    (found,) = DETECTOR.detect([scenes.frame(image)], [calibration])
    boxes = found.box_px[found.score >= 0.5]
    best = np.array([[overlap(box, other) for other in truth] for box in boxes])
    assert (best.max(axis=0) >= 0.5).sum() >= len(truth) - 2
    # Without a calibration, corners of thick marks may pass for people (the card says so).
    assert (best.max(axis=1) < 0.3).sum() <= (0 if guided else 3)


def test_shirts_are_told_by_their_colour():
    view = scenes.camera()
    image, _truth = scenes.paint(view, [((-6.0, 0.0), RED), ((6.0, 0.0), BLUE)])
    (found,) = DETECTOR.detect([scenes.frame(image)], [scenes.calibration(view)])
    order = np.argsort(found.box_px[:, 0])
    assert len(found) == 2
    red, blue = found.colour_rgb[order]
    assert red[0] > red[2] + 60 and blue[2] > blue[0] + 60


def test_two_who_touch_are_two():
    view = scenes.camera()
    image, truth = scenes.paint(view, [((0.0, 0.0), RED), ((0.8, -0.2), BLUE), ((8.0, 5.0), RED)])
    (found,) = DETECTOR.detect([scenes.frame(image)], [scenes.calibration(view)])
    best = np.array([[overlap(box, other) for other in truth] for box in found.box_px])
    assert (best.max(axis=0) >= 0.4).all()


def test_people_in_the_stand_and_on_the_bench_are_left_out():
    view = scenes.camera()
    people = [((0.0, 40.0), RED), ((5.0, 45.0), BLUE), ((3.0, 5.0), RED)]
    image, _ = scenes.paint(view, people)
    (found,) = DETECTOR.detect([scenes.frame(image)], [scenes.calibration(view)])
    ground = scenes.calibration(view).to_pitch(found.foot_px)
    assert (np.abs(ground[:, 1]) < 36).all() and len(found) == 1


def test_a_frame_of_another_size_gives_boxes_in_its_own_pixels():
    view = scenes.camera()
    image, truth = scenes.paint(view, [((2.0, 4.0), RED)])
    large = image.repeat(2, axis=0).repeat(2, axis=1)
    (found,) = DETECTOR.detect(
        [scenes.frame(large)], [scenes.calibration(view).at_size((2560, 1440))]
    )
    assert overlap(found.box_px[0], truth[0] * 2) > 0.5


def test_the_predicted_height_is_that_of_a_projected_person():
    view = scenes.camera(20.0)
    feet = view.project(np.array([[5.0, 10.0, 0.0], [20.0, -20.0, 0.0]]))
    heads = view.project(np.array([[5.0, 10.0, 1.8], [20.0, -20.0, 1.8]]))
    height_of = height_from_calibration(view.image_from_pitch, (1280, 720))
    np.testing.assert_allclose(height_of(feet), feet[:, 1] - heads[:, 1], rtol=0.01)


def test_the_height_line_is_found_among_outliers():
    random = np.random.default_rng(1)
    y = random.uniform(200, 650, 30)
    height = 0.1 * y + 5
    height[:8] = random.uniform(5, 150, 8)
    slope, base = fit_linear_height(y, height, np.ones(30), 720)
    assert slope * 500 + base == pytest.approx(55, rel=0.05)
    assert fit_linear_height(y[:2], height[:2], np.ones(2), 720) is None
