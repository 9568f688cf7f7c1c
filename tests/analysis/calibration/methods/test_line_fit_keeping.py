"""Keeping to the lines from picture to picture, on drawn pitches whose cameras are known."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.calibration.cameras import LOG_FOCAL, PAN, vector_of
from analysis.calibration.methods import line_fit
from analysis.calibration.methods.line_fit import calibrator as line_fit_calibrator
from analysis.calibration.methods.line_fit.calibrator import same_camera
from analysis.calibration.methods.line_fit.keeping import (
    Keeper,
    glimpse,
    predictions,
    shift_between,
)
from analysis.calibration.methods.line_fit.known import Known
from analysis.core.pitch import STANDARD_PITCH
from tests.analysis.pitch_views import broadcast_camera, drawn_view, frames

SIZE = (960, 540)


def keeper_of(image):
    return Keeper(glimpse(image), STANDARD_PITCH)


def views_on_the_way(n, *, step_rad=0.02, zoom=1.02):
    return [
        drawn_view(camera=broadcast_camera(pan=-0.1 + step_rad * i, focal=1.35 * zoom**i))
        for i in range(n)
    ]


def apart_px(camera, calibration):
    """Greatest distance of marks in view between a true camera and an answer."""
    marks = np.concatenate(list(STANDARD_PITCH.sampled_marks(2.0).values()))
    true_px = camera.project(np.column_stack([marks, np.zeros(len(marks))]))
    inside = ((true_px >= 0) & (true_px < SIZE)).all(axis=1)
    return np.linalg.norm(calibration.to_image(marks[inside]) - true_px[inside], axis=1).max()


def test_lines_lie_on_the_marks_of_the_true_view_only():
    image, camera = drawn_view()
    right = keeper_of(image).hold(vector_of(camera))
    assert right.share > 0.9
    assert right.residual_px < 0.7
    assert np.nanmin(right.element_share) > 0.6
    turned = vector_of(camera)
    turned[PAN] += 0.03
    wrong = keeper_of(image).hold(turned)
    assert wrong.share < right.share - 0.3


def test_a_picture_without_lines_holds_nothing():
    _, camera = drawn_view()
    hold = keeper_of(np.full((540, 960, 3), (70, 140, 60), np.uint8)).hold(vector_of(camera))
    assert hold.n_hits == 0
    assert not np.isfinite(hold.doubt_px)


@pytest.mark.parametrize(("pan", "zoom"), [(0.0, 1.0), (0.05, 1.0), (-0.12, 1.03), (0.03, 0.95)])
def test_a_camera_that_turned_and_zoomed_is_found_again(pan, zoom):
    before, camera = drawn_view()
    after, moved = drawn_view(camera=broadcast_camera(pan=0.1 + pan, focal=1.35 * zoom))
    seen, last = glimpse(after), vector_of(camera)
    found, hold = Keeper(seen, STANDARD_PITCH).kept(
        predictions(last, glimpse(before), seen), same_camera(last)
    )
    assert np.abs(found - vector_of(moved))[[PAN, LOG_FOCAL]].max() < 0.003
    assert hold.share > 0.9


def test_the_shift_of_a_picture_is_measured_in_widths():
    image, _ = drawn_view()
    moved = np.roll(image, 96, axis=1)
    dx, dy, _ = shift_between(glimpse(image), glimpse(moved))
    assert dx == pytest.approx(0.1, abs=0.005)
    assert dy == pytest.approx(0.0, abs=0.005)


def test_one_mark_that_left_its_place_is_enough_to_doubt():
    image, camera = drawn_view()
    hold = keeper_of(image).hold(vector_of(camera))
    known = Known(hold=hold)
    assert known.is_held(hold)
    share = hold.element_share.copy()
    share[np.flatnonzero(np.isfinite(share))[0]] = 0.1
    assert not known.is_held(replace(hold, element_share=share))
    assert not known.is_held(replace(hold, doubt_px=50.0))
    assert not known.is_held(replace(hold, residual_px=hold.residual_px + 2))
    assert not Known().is_held(hold)


def test_a_stream_is_looked_at_as_a_whole_now_and_then(monkeypatch):
    views, looks = views_on_the_way(8), []
    observe = line_fit_calibrator.observe

    def counted(image):
        looks.append(1)
        return observe(image)

    monkeypatch.setattr(line_fit_calibrator, "observe", counted)
    found = list(
        line_fit.build(line_fit.Settings(n_kept=3)).calibrate(
            frames(*(image for image, _ in views)), STANDARD_PITCH
        )
    )
    assert len(looks) == 2
    assert all(answer.status == "ok" for answer in found)
    assert max(apart_px(c, f) for (_, c), f in zip(views, found, strict=True)) < 2.5


def test_keeping_answers_as_whole_looks_do():
    views = views_on_the_way(5, step_rad=0.04)
    stream = frames(*(image for image, _ in views))
    kept, looked = (
        list(line_fit.build(line_fit.Settings(n_kept=n)).calibrate(stream, STANDARD_PITCH))
        for n in (9, 0)
    )
    for (_, camera), one, other in zip(views, kept, looked, strict=True):
        assert apart_px(camera, one) < apart_px(camera, other) + 1.0


def test_a_cut_to_the_crowd_keeps_nothing():
    view, camera = drawn_view()
    crowd = np.random.default_rng(1).integers(0, 255, view.shape).astype(np.uint8)
    found = list(
        line_fit.build(line_fit.Settings()).calibrate(
            frames(view, view, crowd, crowd, view), STANDARD_PITCH
        )
    )
    assert [answer is not None and answer.status == "ok" for answer in found] == [
        True, True, False, False, True,
    ]  # fmt: skip
    assert apart_px(camera, found[4]) < 2.5


def test_after_other_pictures_the_camera_is_sought_from_where_it_stands(monkeypatch):
    view, _ = drawn_view(camera=broadcast_camera(pan=-0.35))
    away, moved = drawn_view(camera=broadcast_camera(pan=0.5, focal=2.0))
    crowd = np.random.default_rng(1).integers(0, 255, view.shape).astype(np.uint8)
    calibrator, searches = line_fit.build(line_fit.Settings()), []
    search = calibrator.search

    def counted(*given, **named):
        searches.append(1)
        return search(*given, **named)

    monkeypatch.setattr(calibrator, "search", counted)
    found = list(calibrator.calibrate(frames(view, crowd, crowd, away), STANDARD_PITCH))
    assert len(searches) == 1
    assert apart_px(moved, found[3]) < 2.5


def test_lines_on_other_ground_than_grass_are_none():
    image, camera = drawn_view()
    paved = np.where((image > 200).all(axis=2, keepdims=True), image, 120).astype(np.uint8)
    paved[:, :640] = image[:, :640]
    whole, part = (keeper_of(shown).hold(vector_of(camera)) for shown in (image, paved))
    assert part.n_hits < 0.8 * whole.n_hits
    assert part.residual_px < 0.7


def test_an_unsure_view_does_not_tell_where_the_camera_stands():
    known, sure, unsure = Known(), np.ones(8), np.zeros(8)
    known.learn(sure, 3.0, 0.99, SIZE, is_followed=False, is_sure=True)
    known.learn(unsure, 2.0, 0.6, SIZE, is_followed=False, is_sure=False)
    assert known.anchor is unsure
    assert known.home_within(10) is sure
    known.n_unsure = 11
    assert known.home_within(10) is None
