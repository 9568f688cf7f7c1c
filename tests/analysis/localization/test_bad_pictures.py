"""The default detector and the locator on pictures nobody would choose: no crash, nobody invented, nothing claimed."""

import cv2
import numpy as np
import pytest

from analysis.core.records import Frame
from analysis.localization.detectors import compact
from analysis.localization.locator import locate_video
from analysis.localization.tracks import SURE_SCORE
from analysis.metrics.localization import People, matches
from analysis.synthetic.frames import random_frames
from tests.analysis import scenes


@pytest.fixture(scope="module")
def detector():
    return compact.build(compact.Settings())


@pytest.fixture(scope="module")
def shown():
    """A simulated television frame with many people, and its truth."""
    stream = random_frames(np.random.default_rng(12), (1280, 720), kinds={"main": 1.0})
    return next(one for one in stream if len(truth_of(one).score) >= 12)


def located(detector, image, calibration=None):
    return locate_video([(Frame(0, 0, image), calibration)], detector, scenes.PITCH)


def truth_of(shown):
    seen = (shown.visible_share > 0.6) & (shown.role >= 0)
    boxes = np.clip(shown.box_px[seen], 0, [1280, 720, 1280, 720])
    return People(boxes, np.ones(len(boxes)), (None,) * len(boxes))


def recall(track, truth):
    found = People(track.box_px, track.score, (None,) * len(track))
    return (matches(found, truth, 0.4) >= 0).sum() / len(truth.box_px)


def test_without_a_calibration_there_are_boxes_and_no_positions(detector, shown):
    track = located(detector, shown.image)
    assert recall(track, truth_of(shown)) > 0.7
    assert np.isnan(track.pitch_xy_m).all() and np.isnan(track.sigma_m).all()
    assert np.isnan(track.ball_xy_m).all()


def test_the_mirror_shows_as_many(detector, shown):
    mirrored = np.ascontiguousarray(shown.image[:, ::-1])
    truth = truth_of(shown)
    boxes = truth.box_px.copy()
    boxes[:, [0, 2]] = 1280 - boxes[:, [2, 0]]
    assert recall(located(detector, mirrored), People(boxes, truth.score, truth.role)) > 0.7


def test_night_loses_people_and_invents_none(detector, shown):
    for light in (0.35, 0.12, 0.03):
        track = located(detector, (shown.image * light).astype(np.uint8), shown.calibration)
        sure = track.score >= 0.5
        found = People(track.box_px[sure], track.score[sure], (None,) * int(sure.sum()))
        assert (matches(found, truth_of(shown), 0.2) < 0).sum() <= 2


def test_snow_and_one_colour_show_nobody(detector, shown):
    grey = cv2.cvtColor(cv2.cvtColor(shown.image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    snow = np.clip(grey.astype(int) + 110, 0, 255).astype(np.uint8)
    colours = ((40, 130, 50), (255, 0, 0), (0, 0, 0))
    plain = [np.full((720, 1280, 3), colour, np.uint8) for colour in colours]
    for image in (snow, *plain):
        for calibration in (None, shown.calibration):
            assert len(located(detector, image, calibration)) == 0


def test_a_pitch_without_people_is_empty(detector):
    view = scenes.camera(5.0)
    grass, _ = scenes.paint(view, [])
    track = located(detector, grass, scenes.calibration(view))
    # Whoever is less sure than this needs a track to belong to.
    assert not (track.score >= SURE_SCORE).any()
