import tracemalloc
from fractions import Fraction

import numpy as np
import pytest

from analysis.core.problems import InputProblem
from analysis.video.decode import VideoSource
from analysis.video.probe import milliseconds, probe
from tests.analysis.odd_videos import VARYING_MS, number_of


@pytest.fixture
def source(odd_files):
    return lambda name: VideoSource(probe(odd_files / name))


def test_time_stamps_round_exactly():
    assert [
        milliseconds(pts, base) for pts, base in ((1501, _base(30000)), (-45, _base(90000)))
    ] == [50, 0]
    assert milliseconds(10**15, _base(90000)) == round(10**15 / 90)


def _base(denominator):
    return Fraction(1, denominator)


@pytest.mark.parametrize(
    "name", ["plain.mp4", "plain.mkv", "plain.avi", "plain.ts", "plain.m2ts", "late.mkv"]
)
def test_every_picture_comes_once_in_order_at_its_time(source, name):
    video = source(name)
    frames = list(video.frames())
    assert [number_of(frame.image) for frame in frames] == list(range(100))
    assert [frame.index for frame in frames] == list(range(100))
    times = np.array([frame.time_ms for frame in frames]) - video.info.start_ms
    assert np.abs(times - 40 * np.arange(100)).max() <= 1
    assert frames[0].image.shape == (180, 320, 3) and frames[0].image.dtype == np.uint8


def test_the_clock_picks_the_first_picture_at_or_after_each_tick(source):
    frames = list(source("plain.mp4").frames_at(2.0))
    assert [frame.time_ms for frame in frames] == [0, 520, 1000, 1520, 2000, 2520, 3000, 3520]
    assert [number_of(frame.image) for frame in frames] == [0, 13, 25, 38, 50, 63, 75, 88]


def test_varying_rates_keep_exact_times(source):
    video = source("varying.mp4")
    frames = list(video.frames())
    assert [frame.time_ms for frame in frames] == VARYING_MS
    assert [number_of(frame.image) for frame in frames] == list(range(len(VARYING_MS)))
    picked = [frame.time_ms for frame in video.frames_at(2.0)]
    assert picked == [0, 520, 1000, 1500, 2000, 2500, 3000, 3500, 5300, 5500]


def test_a_late_start_keeps_its_own_times(source):
    video = source("plain.ts")
    assert video.info.start_ms > 1000
    picked = [frame.time_ms - video.info.start_ms for frame in video.frames_at(2.0)]
    assert picked[:3] == [0, 520, 1000]


@pytest.mark.parametrize("name", ["plain.mp4", "varying.mp4", "plain.ts", "plain.mkv", "plain.avi"])
@pytest.mark.parametrize("cut_ms", [1, 480, 500, 1000, 1490, 2600, 3990])
def test_two_parts_choose_the_same_pictures_as_the_whole(source, name, cut_ms):
    video = source(name)
    cut = video.info.start_ms + cut_ms
    whole = [(frame.time_ms, frame.index, number_of(frame.image)) for frame in video.frames_at(3.0)]
    parts = [*video.frames_at(3.0, end_ms=cut), *video.frames_at(3.0, start_ms=cut)]
    found = [(frame.time_ms, frame.index, number_of(frame.image)) for frame in parts]
    if video.info.is_constant_rate:
        assert found == whole
    else:
        assert [(t, n) for t, _, n in found] == [(t, n) for t, _, n in whole]


def test_the_picture_near_a_time_is_the_one_on_the_screen(source):
    video = source("plain.mp4")
    for time_ms, number in ((0, 0), (39, 0), (40, 1), (2019, 50), (10**6, 99), (-50, 0)):
        assert number_of(video.frame_near(time_ms).image) == number
    assert source("varying.mp4").frame_near(5299).time_ms == 3900


@pytest.mark.parametrize("name", ["plain.mp4", "plain.mkv", "plain.avi", "late.mkv"])
def test_key_pictures_lie_at_or_before_their_times_and_come_once(source, name):
    video = source(name)
    wanted = [video.info.start_ms + ms for ms in (3900, 0, 1000, 1010, 2500)]
    found = list(video.key_frames(wanted))
    times = [frame.time_ms for frame in found]
    assert times == sorted(set(times)) and times[0] == pytest.approx(video.info.start_ms, abs=1)
    assert all(any(time_ms <= ms for ms in wanted) for time_ms in times)
    for frame in found:
        assert number_of(frame.image) == frame.index


def test_where_seeks_land_late_some_key_picture_is_found(source):
    video = source("plain.ts")
    assert list(video.key_frames([video.info.start_ms + 1000]))


def test_a_turned_video_is_upright(source):
    (frame, *_) = source("turned.mp4").frames()
    assert frame.image.shape == (320, 180, 3)
    red = (frame.image[:, :, 0] > 180) & (frame.image[:, :, 1] < 90)
    rows, columns = np.nonzero(red)
    # -display_rotation -90 shows the picture turned clockwise: the right lower corner goes to the left lower one.
    assert rows.mean() > 280 and columns.mean() < 30


def test_wide_pixels_are_made_square(source):
    (frame, *_) = source("wide_pixels.mp4").frames()
    assert frame.image.shape == (180, 427, 3) and number_of(frame.image) == 0


def test_a_video_that_loses_its_picture_says_where(source):
    with pytest.raises(InputProblem) as problem:
        list(source("scratched.mp4").frames_at(2.0))
    assert problem.value.code == "video_truncated" and "00:00:0" in problem.value.sentence


def test_memory_stays_flat(source):
    video = source("plain.mp4")
    for _ in video.frames_at(5.0):
        pass
    tracemalloc.start()
    for _ in video.frames():
        pass
    assert tracemalloc.get_traced_memory()[1] < 12 * 320 * 180 * 3
    tracemalloc.stop()
