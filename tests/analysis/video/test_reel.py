"""Films of clips: cuts are exact, stills hold, drawings and titles are where they should be, sound stays in step."""

import numpy as np
import pytest

from analysis.core.problems import Cancelled, InputProblem
from analysis.video.decode import VideoSource
from analysis.video.drawings import KINDS, Shape, drawn, titled
from analysis.video.encode import FilmWriter
from analysis.video.probe import probe
from analysis.video.reel import SOUND_HZ, Cut, Still, make_reel, sound_of


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """Six seconds whose grey grows by one each picture (25 a second), silent but for a tone from 2 s to 3 s."""
    path = tmp_path_factory.mktemp("reel") / "film.mp4"
    with FilmWriter(path, (320, 180), 25, sound_rate_hz=SOUND_HZ) as writer:
        for i in range(150):
            writer.write(np.full((180, 320, 3), 40 + i, np.uint8))
        t = np.arange(6 * SOUND_HZ)
        tone = np.where((t >= 2 * SOUND_HZ) & (t < 3 * SOUND_HZ), np.sin(t * 0.06) * 9000, 0)
        writer.write_sound(tone.astype(np.int16))
    return probe(path)


def greys(path):
    return [
        (frame.time_ms, float(frame.image[:120].mean()))
        for frame in VideoSource(probe(path)).frames()
    ]


def test_cuts_are_exact_to_the_picture(film, tmp_path):
    cuts = [Cut(film, 1000, 1400), Cut(film, 4000, 4200)]
    make_reel(cuts, tmp_path / "out.mp4", height_px=180)
    found = greys(tmp_path / "out.mp4")
    assert [time for time, _ in found] == [i * 40 for i in range(15)]
    expected = [40 + i for i in range(25, 35)] + [40 + i for i in range(100, 105)]
    np.testing.assert_allclose([grey for _, grey in found], expected, atol=2.5)


def test_a_still_holds_its_picture_with_what_is_drawn_on_it(film, tmp_path):
    shapes = (Shape("zone", ((0.1, 0.1), (0.4, 0.1), (0.4, 0.4)), (255, 0, 0)),)
    cut = Cut(film, 1000, 1400, "", (Still(1200, 1000, shapes),))
    make_reel([cut], tmp_path / "out.mp4", height_px=180)
    frames = list(VideoSource(probe(tmp_path / "out.mp4")).frames())
    assert frames[-1].time_ms == 360 + 1000
    held = [f for f in frames if 240 <= f.time_ms < 1200]
    red = [float(f.image[30, 110, 0]) - float(f.image[30, 110, 1]) for f in held]
    assert min(red) > 20
    assert abs(float(frames[0].image[30, 110, 0]) - float(frames[0].image[30, 110, 1])) < 8


def test_the_sound_is_cut_at_the_same_place(film, tmp_path):
    heard = sound_of(film, 1500, 3500)
    loud = np.abs(heard.astype(int)).reshape(-1, SOUND_HZ // 10).max(axis=1) > 2000
    assert loud.tolist() == [*[False] * 5, *[True] * 10, *[False] * 5]
    make_reel([Cut(film, 1500, 3500)], tmp_path / "out.mp4", height_px=180)
    again = sound_of(probe(tmp_path / "out.mp4"), 0, 2000)
    loud = np.abs(again.astype(int)).reshape(-1, SOUND_HZ // 10).max(axis=1) > 2000
    assert loud[6:14].all()
    assert not loud[:4].any()


@pytest.mark.parametrize("kind", KINDS)
def test_every_shape_leaves_its_colour(kind):
    points = ((0.2, 0.2), (0.7, 0.6), (0.3, 0.8))[: 3 if kind == "zone" else 2]
    image = drawn(np.zeros((180, 320, 3), np.uint8), [Shape(kind, points, (0, 200, 50), "12.4 m")])
    assert ((image[..., 1] > 60) & (image[..., 0] < 40)).sum() > 50
    assert (image.min(axis=2) > 200).sum() > 10, "the text"


def test_titles_of_any_alphabet():
    grey = np.full((360, 640, 3), 90, np.uint8)
    image = titled(grey, "Ángel – Лев 12:30 " * 20)
    assert (image[:300] == 90).all()
    assert (image[-32:].min(axis=2) > 200).sum() > 100


def test_a_reel_can_be_stopped_and_leaves_nothing(film, tmp_path):
    def stop(done_ms, total_ms):
        if done_ms > 100:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        make_reel([Cut(film, 0, 2000)], tmp_path / "out.mp4", height_px=180, on_progress=stop)
    assert not list(tmp_path.iterdir())
    with pytest.raises(InputProblem, match="no clips"):
        make_reel([], tmp_path / "out.mp4")
