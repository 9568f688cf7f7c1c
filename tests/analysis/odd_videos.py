"""Odd video files, made once by ffmpeg through the same door that the product uses."""

from pathlib import Path

import numpy as np
import pytest

from analysis.video.encode import FilmWriter
from analysis.video.ffmpeg import run_ffmpeg

SIZE_PX = (320, 180)
BITS = 12


def stamped(number, size_px=SIZE_PX):
    """A picture that carries its number as black and white stripes along the top: the test's clock."""
    image = np.full((size_px[1], size_px[0], 3), 90, np.uint8)
    step = size_px[0] // BITS
    for bit in range(BITS):
        image[: size_px[1] // 3, bit * step : (bit + 1) * step] = 255 * (number >> bit & 1)
    image[-20:, -40:, 0] = 255  # a red corner tells a turned picture
    image[-20:, -40:, 1:] = 0
    return image


def number_of(image):
    """The number that ``stamped`` wrote."""
    step = image.shape[1] / BITS
    row = image[image.shape[0] // 6]
    return sum((row[int((bit + 0.5) * step)].mean() > 128) << bit for bit in range(BITS))


@pytest.fixture(scope="session")
def odd_files(tmp_path_factory):
    """Folder of odd files; names say what is odd."""
    root = tmp_path_factory.mktemp("odd files")

    def film(name, times_ms):
        with FilmWriter(root / name, SIZE_PX, 25.0) as writer:
            for number, time_ms in enumerate(times_ms):
                writer.write(stamped(number), time_ms)

    def convert(source, name, *arguments, before=()):
        run_ffmpeg([*before, "-i", f"file:{root / source}", *arguments, f"file:{root / name}"])

    film("plain.mp4", [i * 40 for i in range(100)])
    film("one_frame.mp4", [0])
    film("varying.mp4", VARYING_MS)
    for name in ("plain.mkv", "plain.mov", "plain.ts", "plain.m2ts"):
        convert("plain.mp4", name, "-c", "copy")
    convert("plain.mp4", "plain.avi", "-c:v", "mpeg4", "-q:v", "2", "-r", "25")
    late = ("-output_ts_offset", "2.5", "-avoid_negative_ts", "disabled")
    convert("plain.mp4", "late.mkv", "-c", "copy", *late)
    convert("plain.mp4", "turned.mp4", "-c", "copy", before=("-display_rotation", "-90"))
    convert("plain.mp4", "wide_pixels.mp4", "-vf", "setsar=4/3")
    convert("plain.mp4", "mpeg2.ts", "-c:v", "mpeg2video")
    convert("plain.mp4", "fast.mp4", "-vf", "setpts=PTS/8", "-r", "200")
    sound = ("-f", "lavfi", "-i", "sine=duration=2")
    run_ffmpeg([*sound, "-c:a", "aac", f"file:{root / 'audio_only.mp4'}"])
    dot = ("-f", "lavfi", "-i", "color=size=2x2:rate=25:duration=1", "-vf", "scale=1:1")
    run_ffmpeg([*dot, "-c:v", "mpeg4", f"file:{root / 'one_pixel.mp4'}"])
    both = ("-i", f"file:{root / 'plain.mp4'}", *sound, "-c:v", "copy", "-map", "0:v")
    run_ffmpeg([*both, *["-map", "1:a"] * 5, f"file:{root / 'many_streams.mp4'}"])
    run_ffmpeg([*both, "-map", "1:a", f"file:{root / 'with_sound.mp4'}"])
    _break(root)
    return root


# 25, then 50, then 10 pictures a second, and a pause: a phone that saves light.
VARYING_MS = [
    *range(0, 1000, 40),
    *range(1000, 2000, 20),
    *range(2000, 4000, 100),
    *range(5300, 6000, 40),
]


def _break(root: Path):
    plain = (root / "plain.mp4").read_bytes()
    (root / "empty.mp4").write_bytes(b"")
    (root / "text.mp4").write_text("Dear coach, this is not a video. " * 50)
    (root / "half.mp4").write_bytes(plain[: len(plain) // 2])
    (root / "half.mkv").write_bytes((root / "plain.mkv").read_bytes()[:3000])
    (root / "half.avi").write_bytes((root / "plain.avi").read_bytes()[:3000])
    (root / "head_only.mp4").write_bytes(plain[:32])
    hollow = bytearray(plain)
    media = plain.index(b"mdat") + 8
    hollow[media:] = bytes(len(plain) - media)
    (root / "hollow.mp4").write_bytes(hollow)
    scratched = bytearray(plain)
    middle = media + (len(plain) - media) // 4
    scratched[middle:] = bytes(len(plain) - middle)
    (root / "scratched.mp4").write_bytes(scratched)
