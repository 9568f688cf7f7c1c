"""Times of pictures and sheets of small ones, against a film of known times and colours."""

import numpy as np
import pytest

from analysis.video import companions
from analysis.video.encode import FilmWriter, playable_copy
from analysis.video.images import read_image
from analysis.video.probe import probe


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """Seven seconds of uneven pictures whose grey grows with time, as a playback copy."""
    folder = tmp_path_factory.mktemp("companions")
    times = [i * 40 + (7 if i % 3 == 1 else 0) for i in range(175)]
    with FilmWriter(folder / "film.mp4", (320, 180), 25) as film:
        for time_ms in times:
            film.write(np.full((180, 320, 3), 30 + time_ms // 40, np.uint8), time_ms)
    playable_copy(probe(folder / "film.mp4"), folder / "play.mp4")
    return folder / "play.mp4", times


def test_every_picture_has_its_own_time(copy, tmp_path):
    path, times = copy
    found = companions.frame_times_ms(probe(path))
    np.testing.assert_allclose(found, times, atol=1)
    companions.write_frame_times(found, tmp_path / "frames.bin")
    stored = np.fromfile(tmp_path / "frames.bin", dtype="<u4")
    np.testing.assert_array_equal(stored, found)


def test_a_tile_shows_its_own_moment(copy, tmp_path):
    path, _ = copy
    board = companions.make_storyboard(probe(path), tmp_path / "sheets")
    assert (board.step_ms, board.n_sheets, board.width_px, board.height_px) == (2000, 1, 160, 90)
    sheet = read_image(tmp_path / "sheets" / "sheet-001.jpg")
    for tile in range(4):
        grey = sheet[20:70, tile * 160 + 20 : tile * 160 + 140].mean()
        assert grey == pytest.approx(30 + tile * 50, abs=6)
    assert [path.name for path in tmp_path.iterdir()] == ["sheets"]


def test_a_long_video_keeps_to_its_number_of_tiles(copy, tmp_path, monkeypatch):
    monkeypatch.setattr(companions, "MAX_TILES", 2)
    assert companions.make_storyboard(probe(copy[0]), tmp_path / "sheets").step_ms == 4000
