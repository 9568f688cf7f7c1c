"""Laws for every detector that can be built here: types, ranges, batches, and frames that show nobody."""

import numpy as np
import pytest

from analysis.core.records import Detections
from analysis.core.registry import DETECTORS
from tests.analysis import scenes

VIEW = scenes.camera(5.0)
RED, BLUE = (190, 30, 40), (40, 60, 190)


def built(name):
    module = DETECTORS.load(name)
    try:
        return module.build(module.Settings(), "cpu")
    except Exception as error:
        pytest.skip(f"{name} cannot be built here: {error}")


def empty_frames():
    """Pictures without people: nothing may be invented on any."""
    random = np.random.default_rng(0)
    shape = (720, 1280, 3)
    grass, _ = scenes.paint(VIEW, [])
    night = (grass * 0.06).astype(np.uint8)
    snow = np.clip(random.normal(235, 4, shape), 0, 255).astype(np.uint8)
    crowd = random.integers(0, 255, (90, 160, 3), dtype=np.uint8).repeat(8, 0).repeat(8, 1)
    return {
        "black": np.zeros(shape, np.uint8),
        "white": np.full(shape, 255, np.uint8),
        "one green": np.full(shape, 90, np.uint8) * np.array([0, 1, 0], np.uint8),
        "pitch without people": grass,
        "night": night,
        "snow": snow,
        "crowd": crowd,
    }


@pytest.mark.parametrize("name", DETECTORS.names())
def test_answers_have_the_agreed_shapes(name):
    image, _ = scenes.paint(VIEW, [((5.0, 0.0), RED), ((12.0, 8.0), BLUE), ((-3.0, -10.0), RED)])
    frames = [scenes.frame(image), scenes.frame(image[:, ::-1].copy(), 500, 12)]
    answers = built(name).detect(frames, [scenes.calibration(VIEW), None])
    assert len(answers) == 2
    for found in answers:
        assert isinstance(found, Detections)
        assert ((found.score >= 0) & (found.score <= 1)).all()
        assert (found.box_px[:, 2] > found.box_px[:, 0]).all() and (
            found.box_px[:, 3] > found.box_px[:, 1]
        ).all()
        assert (found.box_px >= -1).all() and (found.box_px[:, [0, 2]] <= 1281).all()
        assert ((found.role >= -1) & (found.role <= 2)).all()
        colours = found.colour_rgb[np.isfinite(found.colour_rgb)]
        assert ((colours >= 0) & (colours <= 255)).all()


@pytest.mark.parametrize("name", DETECTORS.names())
def test_a_batch_answers_like_its_frames_alone(name):
    image, _ = scenes.paint(VIEW, [((5.0, 0.0), RED), ((12.0, 8.0), BLUE)])
    other, _ = scenes.paint(VIEW, [((1.0, 3.0), BLUE)], seed=1)
    detector = built(name)
    frames = [scenes.frame(image), scenes.frame(other)]
    together = detector.detect(frames, [None, None])
    for frame, found in zip(frames, together, strict=True):
        (alone,) = detector.detect([frame], [None])
        np.testing.assert_allclose(found.box_px, alone.box_px, atol=0.5)
        np.testing.assert_allclose(found.score, alone.score, atol=1e-3)


@pytest.mark.parametrize("kind", empty_frames())
@pytest.mark.parametrize("name", DETECTORS.names())
def test_nobody_is_invented(name, kind):
    frame = scenes.frame(empty_frames()[kind])
    found, guided = built(name).detect([frame, frame], [None, scenes.calibration(VIEW)])
    assert (found.score >= 0.5).sum() == 0
    assert (guided.score >= 0.5).sum() == 0


@pytest.mark.parametrize("size_px", [(1, 1), (8, 8), (64, 36), (40, 2000)])
@pytest.mark.parametrize("name", DETECTORS.names())
def test_any_size_is_survived(name, size_px):
    image = np.random.default_rng(0).integers(0, 255, (size_px[1], size_px[0], 3), dtype=np.uint8)
    (found,) = built(name).detect([scenes.frame(image)], [None])
    assert (found.score >= 0.5).sum() == 0


@pytest.mark.parametrize("name", DETECTORS.names())
def test_no_frames_no_answers(name):
    assert built(name).detect([], []) == []
