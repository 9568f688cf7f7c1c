"""A film of clips: exact cuts from any number of videos, with titles, frozen pictures with drawings, and their sound.

Every picture is decoded and encoded anew, so that a cut lies where it was asked and not at the next key frame.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from analysis.core.problems import InputProblem
from analysis.core.records import VideoInfo
from analysis.video.container import open_video
from analysis.video.decode import VideoSource
from analysis.video.drawings import Shape, drawn, titled
from analysis.video.encode import FilmWriter

SOUND_HZ = 48_000
TITLE_MS = 3_000
# Titles and drawings stand still at this rate.
STILL_STEP_MS = 40
ImageArray = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Still:
    """A frozen picture: the one shown at ``at_ms``, held for ``hold_ms`` with shapes on it."""

    at_ms: int
    hold_ms: int
    shapes: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Cut:
    """A stretch of a video: pictures with ``start_ms <= time < end_ms``, a title for its first seconds."""

    info: VideoInfo
    start_ms: int
    end_ms: int
    title: str = ""
    stills: tuple[Still, ...] = ()

    @property
    def length_ms(self) -> int:
        """How long it takes in the reel."""
        return self.end_ms - self.start_ms + sum(still.hold_ms for still in self.stills)


def make_reel(
    cuts: Sequence[Cut],
    target: Path,
    *,
    height_px: int = 720,
    with_titles: bool = True,
    on_progress: Callable[[int, int], None] | None = None,
) -> None:
    """Write cuts one after the other as one MP4, which appears whole or not at all.

    Args:
        cuts: at least one.
        target: the ``.mp4`` to make.
        height_px: of the film; pictures of other shapes get black bars.
        with_titles: show each cut's title for ``TITLE_MS``.
        on_progress: told (done_ms, total_ms) of the film; an exception from it stops the work.

    Raises:
        InputProblem: ``reel_empty``; what decoding raises.
    """
    if not cuts:
        raise InputProblem(
            "reel_empty", "This playlist has no clips yet; add some, then export it."
        )
    width_px = round(height_px * 16 / 9 / 2) * 2
    rate_hz = max((cut.info.fps or 25.0) for cut in cuts)
    total_ms = sum(cut.length_ms for cut in cuts)
    done_ms = 0
    with FilmWriter(target, (width_px, height_px), rate_hz, sound_rate_hz=SOUND_HZ) as film:
        for cut in cuts:
            for at_ms, image in _pictures(cut, (width_px, height_px), with_titles=with_titles):
                film.write(image, done_ms + at_ms)
                if on_progress is not None:
                    on_progress(min(done_ms + at_ms, total_ms), total_ms)
            film.write_sound(_sound(cut))
            done_ms += cut.length_ms


def _pictures(
    cut: Cut, size_px: tuple[int, int], *, with_titles: bool
) -> Iterator[tuple[int, ImageArray]]:
    """(time in the clip, picture); a still holds its picture and moves what follows."""
    stills = sorted(cut.stills, key=lambda still: still.at_ms)
    held_ms = 0
    title = cut.title if with_titles else ""
    last: ImageArray | None = None
    for frame in VideoSource(cut.info).frames(cut.start_ms, cut.end_ms):
        since_ms = frame.time_ms - cut.start_ms
        while stills and frame.time_ms > stills[0].at_ms and last is not None:
            still = stills.pop(0)
            yield from _held(last, still, still.at_ms - cut.start_ms + held_ms)
            held_ms += still.hold_ms
        last = _fitted(frame.image, size_px)
        is_titled = title and since_ms < TITLE_MS
        yield since_ms + held_ms, titled(last, title) if is_titled else last
    for still in stills:
        if last is not None:
            yield from _held(last, still, cut.end_ms - cut.start_ms + held_ms)
            held_ms += still.hold_ms


def _held(image: ImageArray, still: Still, from_ms: int) -> Iterator[tuple[int, ImageArray]]:
    marked = drawn(image, still.shapes)
    for since_ms in range(STILL_STEP_MS, still.hold_ms, STILL_STEP_MS):
        yield from_ms + since_ms, marked


def _fitted(image: ImageArray, size_px: tuple[int, int]) -> ImageArray:
    width_px, height_px = size_px
    scale = min(width_px / image.shape[1], height_px / image.shape[0])
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = np.asarray(cv2.resize(image, size, interpolation=way), dtype=np.uint8)
    if size == size_px:
        return small
    canvas = np.zeros((height_px, width_px, 3), np.uint8)
    x, y = (width_px - size[0]) // 2, (height_px - size[1]) // 2
    canvas[y : y + size[1], x : x + size[0]] = small
    return canvas


def _sound(cut: Cut) -> NDArray[np.int16]:
    """(N,) the clip's sound at SOUND_HZ as one channel: silence where the video has none, and during stills."""
    heard = sound_of(cut.info, cut.start_ms, cut.end_ms)
    for still in sorted(cut.stills, key=lambda still: still.at_ms, reverse=True):
        at = min(len(heard), max(0, still.at_ms - cut.start_ms) * SOUND_HZ // 1000)
        silence = np.zeros(still.hold_ms * SOUND_HZ // 1000, np.int16)
        heard = np.concatenate([heard[:at], silence, heard[at:]])
    return heard


def sound_of(info: VideoInfo, start_ms: int, end_ms: int) -> NDArray[np.int16]:
    """(N,) sound of a stretch at SOUND_HZ, one channel; silence where the file has no sound or it cannot be decoded."""
    heard = np.zeros(max(0, end_ms - start_ms) * SOUND_HZ // 1000, np.int16)
    if not info.has_audio:
        return heard
    with open_video(info.path, info.container) as container:
        stream = container.streams.audio[0]
        resampler = AudioResampler(format="s16", layout="mono", rate=SOUND_HZ)
        try:
            container.seek(max(0, start_ms - 500) * 1000)
            for frame in container.decode(stream):
                if frame.time is None:
                    continue
                first = round((frame.time * 1000 - start_ms) * SOUND_HZ / 1000)
                if first >= len(heard):
                    break
                for piece in resampler.resample(frame):
                    samples = piece.to_ndarray()[0]
                    _lay(heard, samples, first)
                    first += len(samples)
        except av.error.FFmpegError:
            return heard
    return heard


def _lay(heard: NDArray[np.int16], samples: NDArray[np.int16], first: int) -> None:
    begin, end = max(0, first), min(len(heard), first + len(samples))
    if end > begin:
        heard[begin:end] = samples[begin - first : end - first]
