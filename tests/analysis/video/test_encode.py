import os
import signal
import subprocess
import sys
import textwrap

import av
import numpy as np
import pytest

from analysis.core.problems import Cancelled, InputProblem, Transient
from analysis.video.decode import VideoSource
from analysis.video.encode import FilmWriter, playable_copy, poster
from analysis.video.ffmpeg import ffmpeg_version, run_ffmpeg
from analysis.video.images import read_image
from analysis.video.probe import probe


@pytest.mark.parametrize(
    "name", ["plain.mp4", "plain.ts", "varying.mp4", "late.mkv", "with_sound.mp4"]
)
def test_the_copy_plays_in_browsers_and_keeps_every_time(odd_files, tmp_path, name):
    info = probe(odd_files / name)
    told = []
    playable_copy(
        info, tmp_path / "copy.mp4", on_progress=lambda done, total: told.append((done, total))
    )
    copy = probe(tmp_path / "copy.mp4")
    with av.open(str(copy.path)) as opened:
        assert opened.streams.video[0].codec_context.name == "h264"
        assert opened.streams.video[0].codec_context.pix_fmt == "yuv420p"
        assert [stream.codec_context.name for stream in opened.streams.audio] == [
            "aac"
        ] * info.has_audio
    raw = copy.path.read_bytes()
    assert raw.index(b"moov") < raw.index(b"mdat"), (
        "the index comes first, so that playing starts at once"
    )
    assert copy.start_ms == 0
    originals = [frame.time_ms - info.start_ms for frame in VideoSource(info).frames()]
    copies = [frame.time_ms for frame in VideoSource(copy).frames()]
    assert len(copies) == len(originals)
    assert np.abs(np.array(copies) - np.array(originals)).max() <= 1
    assert told[-1] == (info.duration_ms, info.duration_ms)
    assert [path.name for path in tmp_path.iterdir()] == ["copy.mp4"]


def test_large_and_turned_pictures_become_small_and_upright(odd_files, tmp_path):
    playable_copy(probe(odd_files / "turned.mp4"), tmp_path / "copy.mp4", max_height_px=160)
    assert probe(tmp_path / "copy.mp4").image_size_px == (90, 160)


def test_a_cancelled_copy_leaves_nothing(odd_files, tmp_path):
    def stop(_done, _total):
        raise Cancelled

    with pytest.raises(Cancelled):
        playable_copy(probe(odd_files / "plain.mp4"), tmp_path / "copy.mp4", on_progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_transient_and_says_so():
    with pytest.raises(Transient) as problem:
        run_ffmpeg(
            [
                "-f",
                "lavfi",
                "-i",
                "testsrc=duration=4:size=640x360",
                "-f",
                "avi",
                "-c:v",
                "rawvideo",
                "/dev/full",
            ]
        )
    assert problem.value.code == "disk_full"


def test_a_file_may_not_outgrow_its_bound(tmp_path):
    with pytest.raises(Transient) as problem:
        run_ffmpeg(
            [
                "-f",
                "lavfi",
                "-i",
                "testsrc=duration=4:size=640x360",
                "-c:v",
                "rawvideo",
                str(tmp_path / "big.avi"),
            ],
            max_file_bytes=100_000,
        )
    assert problem.value.code == "disk_full"


def test_a_child_that_stands_still_is_killed(tmp_path):
    os.mkfifo(tmp_path / "silent.ts")
    with pytest.raises(Transient) as problem:
        run_ffmpeg(
            ["-f", "mpegts", "-i", str(tmp_path / "silent.ts"), str(tmp_path / "out.mp4")],
            stall_s=0.5,
        )
    assert problem.value.code == "encoder_stuck"


def test_nonsense_cannot_be_converted(tmp_path):
    (tmp_path / "text.ts").write_text("nothing to see")
    with pytest.raises(InputProblem) as problem:
        run_ffmpeg(["-f", "mpegts", "-i", str(tmp_path / "text.ts"), str(tmp_path / "out.mp4")])
    assert problem.value.code == "video_unplayable"


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal")
def test_ffmpeg_dies_with_a_killed_worker(tmp_path):
    os.mkfifo(tmp_path / "silent.ts")
    os.mkfifo(tmp_path / "alive")
    # ffmpeg inherits the open end of a pipe; when the last holder is gone, reading it ends.
    script = f"""
        import os
        from analysis.video import ffmpeg
        pid = os.fork()
        if pid == 0:
            os.set_inheritable(os.open({str(tmp_path / "alive")!r}, os.O_WRONLY), True)
            import subprocess
            popen = subprocess.Popen
            subprocess.Popen = lambda *a, **k: popen(*a, **k, close_fds=False)
            ffmpeg.run_ffmpeg(["-f", "mpegts", "-i", {str(tmp_path / "silent.ts")!r}, "-f", "null", "-"])
        print(pid, flush=True)
        os.waitpid(pid, 0)
    """
    worker = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, text=True
    )
    pid = int(worker.stdout.readline())
    with (tmp_path / "alive").open("rb") as alive, (tmp_path / "silent.ts").open("wb"):
        # Opening the silent pipe for writing returns when ffmpeg has opened it for reading: it runs now.
        os.kill(pid, signal.SIGKILL)
        assert alive.read() == b""
    assert worker.wait() == 0


def test_a_poster_is_a_picture_of_the_wanted_width(odd_files, tmp_path):
    poster(probe(odd_files / "plain.mp4"), tmp_path / "poster.jpg", width_px=160)
    assert read_image(tmp_path / "poster.jpg").shape == (90, 160, 3)


def test_a_film_that_fails_leaves_nothing(tmp_path):
    with pytest.raises(ZeroDivisionError), FilmWriter(tmp_path / "film.mp4", (64, 64), 25) as film:
        film.write(np.zeros((64, 64, 3), np.uint8))
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_a_film_has_an_even_rate(tmp_path):
    with FilmWriter(tmp_path / "film.mp4", (64, 64), 30000 / 1001) as film:
        for _ in range(60):
            film.write(np.zeros((64, 64, 3), np.uint8))
    info = probe(tmp_path / "film.mp4")
    assert info.n_frames == 60 and info.is_constant_rate
    assert info.fps == pytest.approx(30000 / 1001, rel=1e-4)


def test_the_version_is_known():
    assert ffmpeg_version()[:1].isalnum()
