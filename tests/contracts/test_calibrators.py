"""Laws for every calibrator found: order and count, nothing on nothing, same in same out, there and back."""

import numpy as np
import pytest

from analysis.core.pitch import STANDARD_PITCH
from analysis.core.registry import CALIBRATORS
from tests.analysis.pitch_views import drawn_view, frames


def built(name):
    module = CALIBRATORS.load(name)
    try:
        return module.build(module.Settings(), "cpu")
    except (FileNotFoundError, ImportError) as error:
        pytest.skip(f"{name} cannot be built here: {error}")


@pytest.fixture(scope="module", params=CALIBRATORS.names())
def calibrator(request):
    return built(request.param)


def test_one_answer_a_frame_in_order(calibrator):
    view, _ = drawn_view()
    blank = np.full_like(view, 127)
    answers = list(calibrator.calibrate(frames(view, blank, view), STANDARD_PITCH))
    assert len(answers) == 3
    assert answers[1] is None or answers[1].status == "refused"
    for answer in answers:
        if answer is not None:
            assert answer.image_size_px == (960, 540)
            assert answer.image_from_pitch[2, 2] == 1
            assert 0 <= answer.confidence <= 1


def test_streaming_asks_for_no_frame_too_many(calibrator):
    view, _ = drawn_view()
    taken = []

    def source():
        for frame in frames(view, view, view, view):
            taken.append(frame.index)
            yield frame

    answers = calibrator.calibrate(source(), STANDARD_PITCH)
    assert not taken
    next(answers)
    assert len(taken) < 4


def test_nothing_to_see_is_refused(calibrator):
    random = np.random.default_rng(0)
    nothing = [
        np.zeros((540, 960, 3), np.uint8),
        np.full((540, 960, 3), (60, 140, 50), np.uint8),
        random.integers(0, 255, (540, 960, 3), np.uint8),
        np.full((16, 16, 3), 90, np.uint8),
        np.zeros((1, 1, 3), np.uint8),
    ]
    for answer in calibrator.calibrate(frames(*nothing), STANDARD_PITCH):
        assert answer is None or answer.status == "refused"


def test_same_input_same_output(calibrator):
    view, _ = drawn_view()
    first, second = (
        next(iter(calibrator.calibrate(frames(view), STANDARD_PITCH))) for _ in range(2)
    )
    assert (first is None) == (second is None)
    if first is not None:
        np.testing.assert_array_equal(first.image_from_pitch, second.image_from_pitch)
        assert first.confidence == second.confidence


def test_there_and_back(calibrator):
    view, _ = drawn_view()
    answer = next(iter(calibrator.calibrate(frames(view), STANDARD_PITCH)))
    if answer is None:
        pytest.skip("no answer for the drawn view")
    pixels = np.array([[480.0, 300], [200, 420], [900, 500]])
    np.testing.assert_allclose(answer.to_image(answer.to_pitch(pixels)), pixels, atol=1e-6)


@pytest.mark.parametrize("size", [(540, 960), (398, 224), (1920, 1080)])
def test_other_sizes_are_answered(calibrator, size):
    view, _ = drawn_view(size)
    answers = list(calibrator.calibrate(frames(view), STANDARD_PITCH))
    assert len(answers) == 1
    assert answers[0] is None or answers[0].image_size_px == size
