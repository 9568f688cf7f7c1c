"""Loudness of bands: a tone is in its band, silence is zero, rows keep the clock."""

import numpy as np
import pytest

from analysis.core.pitch import PitchSpec
from analysis.core.problems import PlanProblem
from analysis.core.records import PlayersTrack
from analysis.representations.base import HalfView
from analysis.representations.log_mel import N_BANDS, N_STEPS, Settings, build, mel_filters
from analysis.video.reel import SOUND_HZ
from tests.analysis import scenes


def half(sound):
    return HalfView(
        scenes.calibration_track(4), PlayersTrack.empty(), PitchSpec(), 0.5, None, sound
    )


def tone(start_ms, end_ms):
    """1000 Hz from the first to the second second of the film."""
    t = np.arange(start_ms * 48, end_ms * 48) / SOUND_HZ
    return np.where((t >= 1) & (t < 2), 8000 * np.sin(2 * np.pi * 1000 * t), 0).astype(np.int16)


def test_a_tone_is_loud_in_its_band_while_it_lasts():
    stream = build(Settings()).build(half(tone))
    assert stream.values.shape == (4, N_STEPS * N_BANDS)
    rows = stream.values.reshape(4, N_STEPS, N_BANDS)
    assert not rows[0].any()
    band = int(np.fft.rfftfreq(2048, 1 / SOUND_HZ)[mel_filters().argmax(axis=0)].searchsorted(1000))
    assert abs(int(rows[2].mean(axis=0).argmax()) - band) <= 1
    assert rows[2].max() > 5
    assert (rows[3].max(axis=1) > 5).all(), "the fourth row is the second half of the tone"


def test_no_sound_is_zeros_and_no_video_is_said():
    silent = build(Settings()).build(half(lambda a, b: np.zeros((b - a) * 48, np.int16)))
    assert not silent.values.any()
    with pytest.raises(PlanProblem):
        build(Settings()).build(half(None))


def test_every_band_hears_something():
    filters = mel_filters()
    assert (filters.sum(axis=0) > 0).all()
    assert filters.max() <= 1
