"""HLS of a film of known times: every segment stands alone, no picture moves, and what cannot be copied is encoded."""

import re

import av
import numpy as np
import pytest

from analysis.video.encode import FilmWriter, playable_copy
from analysis.video.probe import probe
from analysis.video.streaming import make_stream

TIMES_MS = [i * 40 + (7 if i % 3 == 1 else 0) for i in range(175)]


def film_of(path, *, sound=False):
    """Seven seconds of uneven pictures whose grey grows with time."""
    with FilmWriter(path, (320, 180), 25, sound_rate_hz=44_100 if sound else None) as film:
        for i, time_ms in enumerate(TIMES_MS):
            film.write(np.full((180, 320, 3), 30 + i, np.uint8), time_ms)
            if sound:
                film.write_sound(np.zeros(1764, np.int16))
    return path


@pytest.fixture(scope="module", params=[False, True], ids=["silent", "with sound"])
def streamed(tmp_path_factory, request):
    folder = tmp_path_factory.mktemp("stream")
    film = probe(film_of(folder / "film.mp4", sound=request.param))
    playable_copy(film, folder / "play.mp4", in_order=True)
    info = probe(folder / "play.mp4")
    return info, make_stream(info, folder / "hls"), folder / "hls"


def segments_of(text):
    """(seconds, bytes, first byte) of each segment, and the bytes of the head."""
    head = int(re.search(r'BYTERANGE="(\d+)@0"', text).group(1))
    rows = re.findall(r"#EXTINF:([\d.]+),\n#EXT-X-BYTERANGE:(\d+)@(\d+)\nvideo.mp4\n", text)
    return head, [(float(seconds), int(n), int(first)) for seconds, n, first in rows]


def pictures_of(path):
    with av.open(str(path)) as opened:
        stream = opened.streams.video[0]
        found = [
            (frame.pts * stream.time_base * 1000, int(frame.to_ndarray(format="gray")[40, 80]))
            for frame in opened.decode(stream)
        ]
    # This demuxer moves the whole stream where offsets are negative; browsers do not (see the journey).
    return [(round(time - found[0][0]), grey) for time, grey in found]


def begins_ms_of(media):
    """When a segment's first picture is shown: its decode time and its offset (ISO 14496-12 §8.8.12 and §8.8.8)."""
    at = media.index(b"tfdt") + 4
    assert media[at] == 1
    decoded = int.from_bytes(media[at + 4 : at + 12], "big")
    at = media.index(b"trun") + 4
    version, flags = media[at], int.from_bytes(media[at + 1 : at + 4], "big")
    at += 8 + 4 * bool(flags & 1) + 4 * bool(flags & 4)
    at += 4 * sum(bool(flags & bit) for bit in (0x100, 0x200, 0x400))
    offset = int.from_bytes(media[at : at + 4], "big", signed=version == 1) if flags & 0x800 else 0
    return (decoded + offset) / 90


def test_no_picture_moves(streamed):
    info, stream, folder = streamed
    assert stream.was_copied
    shown, original = pictures_of(folder / "video.mp4"), pictures_of(info.path)
    assert shown == original
    np.testing.assert_allclose([time for time, _ in shown], TIMES_MS, atol=1)


def test_every_segment_stands_alone_and_begins_where_the_playlist_says(streamed, tmp_path):
    info, stream, folder = streamed
    head, rows = segments_of((folder / "video.m3u8").read_text())
    assert len(rows) == stream.n_segments == 4 and stream.longest_ms <= 2100
    media = (folder / "video.mp4").read_bytes()
    assert rows[0][2] == head and rows[-1][1] + rows[-1][2] <= len(media)
    begins_ms, seen = 0.0, []
    for seconds, n_bytes, first in rows:
        (tmp_path / "one.mp4").write_bytes(media[:head] + media[first : first + n_bytes])
        assert begins_ms_of(media[first : first + n_bytes]) == pytest.approx(begins_ms, abs=1)
        seen += [grey for _, grey in pictures_of(tmp_path / "one.mp4")]
        begins_ms += seconds * 1000
    assert seen == [grey for _, grey in pictures_of(info.path)]
    assert begins_ms == pytest.approx(info.duration_ms, abs=1)


def test_a_player_of_playlists_reads_it_from_the_index(streamed):
    info, _, folder = streamed
    with av.open(str(folder / "index.m3u8"), options={"allowed_extensions": "ALL"}) as opened:
        assert opened.format.name == "hls"
        assert sum(1 for _ in opened.decode(video=0)) == len(TIMES_MS)
        assert bool(opened.streams.audio) == info.has_audio


def test_the_index_names_codecs_and_size(streamed):
    info, _, folder = streamed
    told = (folder / "index.m3u8").read_text()
    assert re.search(
        r'CODECS="avc1\.64[0-9a-f]{4}' + (",mp4a.40.2" if info.has_audio else "") + '"', told
    )
    assert "RESOLUTION=320x180" in told and told.rstrip().endswith("video.m3u8")


def test_uneven_pictures_out_of_order_are_encoded_anew(streamed, tmp_path):
    """A player that is fed segments would pass over the short ones."""
    info, _, _ = streamed
    playable_copy(info, tmp_path / "play.mp4", in_order=False)
    assert not make_stream(probe(tmp_path / "play.mp4"), tmp_path / "stream").was_copied
    with av.open(str(tmp_path / "stream" / "video.mp4")) as opened:
        packets = [p for p in opened.demux(video=0) if p.pts is not None]
    assert all(packet.pts == packet.dts for packet in packets)


def test_rare_key_frames_are_encoded_anew(tmp_path):
    """The film's own key frames are ten seconds apart at most: too rare to seek in."""
    with FilmWriter(tmp_path / "film.mp4", (160, 90), 25) as film:
        for i in range(250):
            film.write(np.full((90, 160, 3), 40, np.uint8), i * 40)
    stream = make_stream(probe(tmp_path / "film.mp4"), tmp_path / "hls")
    assert not stream.was_copied and stream.n_segments == 5
    assert sorted(path.name for path in tmp_path.iterdir()) == ["film.mp4", "hls"]
    assert len(pictures_of(tmp_path / "hls" / "video.mp4")) == 250
