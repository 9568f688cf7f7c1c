"""Pictures of a video in the order they are shown, each at its own time stamp.

Every picture is decoded once and only the wanted ones are turned to RGB; memory stays that of a few pictures however
long the video is. A file whose picture stops well before its stated end is refused in words at that point: what came
earlier has been yielded, and a caller that does not catch the problem has decided that half a match is no match.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain

import av
import cv2
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from analysis.core.clock import timecode
from analysis.core.problems import InputProblem
from analysis.core.records import Frame, VideoInfo
from analysis.video.container import open_video
from analysis.video.limits import DEFAULT_LIMITS, Limits
from analysis.video.probe import Geometry, geometry_of, milliseconds, picture_of, prepare
from analysis.video.thumbnails import thumbnail

# A picture that ends this much before the container's word is a file that lost its end.
_MISSING_END_MS = 2000
_MISSING_END_SHARE = 0.02
# How far before the wanted time to look for a key frame, in turn; some containers' seeks land late.
_SEEK_BACK_MS = (1, 5_000, 30_000)
# Time stamps of millisecond containers are rounded; a tick is met by a frame this much before it.
_TICK_TOLERANCE_MS = 1


@dataclass(frozen=True, slots=True)
class _Shown:
    """A decoded picture that has its time and number but is not yet turned to RGB."""

    time_ms: int
    index: int
    picture: VideoFrame


class VideoSource:
    """The pictures of one probed video.

    Args:
        info: the probe's answer.
        limits: the bounds the probe checked.
    """

    def __init__(self, info: VideoInfo, limits: Limits = DEFAULT_LIMITS) -> None:
        self.info = info
        self._limits = limits
        self.n_bad_packets = 0

    def frames(self, start_ms: int | None = None, end_ms: int | None = None) -> Iterator[Frame]:
        """Every picture with ``start_ms <= time < end_ms``.

        Raises:
            InputProblem: ``video_truncated`` when the picture stops well before the stated end.
        """
        with self._opened() as (container, stream):
            for shown in self._shown(container, stream, start_ms, end_ms):
                if start_ms is None or shown.time_ms >= start_ms:
                    yield self._frame(shown, stream)

    def frames_at(
        self,
        rate_hz: float,
        start_ms: int | None = None,
        end_ms: int | None = None,
        *,
        on_picture: Callable[[int, Callable[[], NDArray[np.uint8]]], None] | None = None,
    ) -> Iterator[Frame]:
        """The first picture at or after each tick of an even clock that begins with the video's first picture.

        Which pictures are chosen does not depend on where one starts: a picture belongs to the clock when a tick lies
        between its predecessor's time and its own. Where pictures are rarer than ticks, each comes once.

        Args:
            rate_hz: ticks a second.
            start_ms, end_ms: only pictures with ``start_ms <= time < end_ms``.
            on_picture: told of every decoded picture before ``end_ms`` its time and how to make its
                ``thumbnails.thumbnail``, before the frame of that picture comes out; pictures between the seek's
                landing and ``start_ms`` are among them.

        Raises:
            InputProblem: as ``frames``.
        """
        with self._opened() as (container, stream):
            previous_tick: int | None = None
            for shown in self._shown(container, stream, start_ms, end_ms):
                if on_picture is not None:
                    on_picture(shown.time_ms, partial(thumbnail, shown.picture))
                tick = self._tick(shown.time_ms, rate_hz)
                is_due = tick != previous_tick
                previous_tick = tick
                if is_due and (start_ms is None or shown.time_ms >= start_ms):
                    yield self._frame(shown, stream)

    def frame_near(self, time_ms: int) -> Frame:
        """The picture that is on the screen at a time (the first or last one beyond the ends).

        Raises:
            InputProblem: ``video_damaged`` when nothing can be decoded.
        """
        with self._opened() as (container, stream):
            best: _Shown | None = None
            for shown in self._shown(container, stream, time_ms, None):
                if best is not None and shown.time_ms > time_ms:
                    break
                best = shown
            if best is None:
                raise InputProblem(
                    "video_damaged",
                    "No picture of this video can be decoded; export or upload it again.",
                )
            return self._frame(best, stream)

    def key_frames(self, times_ms: Sequence[int]) -> Iterator[Frame]:
        """The key picture that a seek to each time lands on, each once; times at which none is found are left out.

        At or before its time, but in containers without an index (MPEG-TS), where it may be later. Far cheaper than the
        picture of that very time, which takes all pictures since.
        """
        with self._opened() as (container, stream):
            prepare(stream, self._limits)
            last_ms = -1
            for time_ms in sorted(times_ms):
                container.seek(_stamp(time_ms, stream), stream=stream, backward=True)
                picture = next(self._decoded(container, stream), None)
                if picture is None:
                    continue
                found_ms = self._time_ms(picture, stream, time_ms)
                if found_ms > last_ms:
                    last_ms = found_ms
                    yield self._frame(_Shown(found_ms, self._index_at(found_ms), picture), stream)

    def tick_times_ms(self, rate_hz: float) -> NDArray[np.int64]:
        """Times of the clock's ticks from the first picture to the stated end."""
        n_ticks = int(np.ceil(self.info.duration_ms * rate_hz / 1000))
        return self.info.start_ms + np.round(np.arange(n_ticks) * 1000 / rate_hz).astype(np.int64)

    def _tick(self, time_ms: int, rate_hz: float) -> int:
        since_start = time_ms + _TICK_TOLERANCE_MS - self.info.start_ms
        return int(np.floor(since_start * rate_hz / 1000))

    @contextmanager
    def _opened(self) -> Iterator[tuple[InputContainer, VideoStream]]:
        with open_video(self.info.path, self.info.container, self._limits) as container:
            yield container, picture_of(container, self._limits)

    def _shown(
        self,
        container: InputContainer,
        stream: VideoStream,
        start_ms: int | None,
        end_ms: int | None,
    ) -> Iterator[_Shown]:
        """Pictures in order of time from at least one before ``start_ms`` (where there is one) to ``end_ms``."""
        prepare(stream, self._limits)
        pictures = None if start_ms is None else self._from_before(container, stream, start_ms)
        if pictures is None:
            if start_ms is not None:
                container.seek(0)
            pictures = self._decoded(container, stream)
        first = next(pictures, None)
        if first is not None:
            yield from self._numbered(first, pictures, stream, end_ms)
        elif start_ms is None:
            self._check_reached(None)

    def _from_before(
        self, container: InputContainer, stream: VideoStream, start_ms: int
    ) -> Iterator[VideoFrame] | None:
        """Pictures from one before a time on, found by seeking; None: begin at the start."""
        for back_ms in _SEEK_BACK_MS:
            wanted_ms = start_ms - back_ms
            if wanted_ms <= self.info.start_ms:
                return None
            container.seek(_stamp(wanted_ms, stream), stream=stream, backward=True)
            pictures = self._decoded(container, stream)
            first = next(pictures, None)
            if first is not None and self._time_ms(first, stream, 0) < start_ms:
                return chain([first], pictures)
        return None

    def _numbered(
        self,
        first: VideoFrame,
        rest: Iterator[VideoFrame],
        stream: VideoStream,
        end_ms: int | None,
    ) -> Iterator[_Shown]:
        last_ms = self._time_ms(first, stream, self.info.start_ms)
        # Numbers of a constant rate follow from the time, wherever decoding began; others are counted.
        is_even = self.info.is_constant_rate
        index = self._index_at(last_ms) if is_even or last_ms > self.info.start_ms else 0
        if end_ms is not None and last_ms >= end_ms:
            return
        yield _Shown(last_ms, index, first)
        for picture in rest:
            time_ms = self._time_ms(picture, stream, last_ms + round(1000 / self.info.fps))
            if time_ms <= last_ms:
                continue  # a repeated or backward stamp has no place in a growing clock
            if end_ms is not None and time_ms >= end_ms:
                return
            last_ms = time_ms
            index = self._index_at(time_ms) if is_even else index + 1
            yield _Shown(time_ms, index, picture)
        self._check_reached(last_ms)

    def _index_at(self, time_ms: int) -> int:
        return max(0, round((time_ms - self.info.start_ms) * self.info.fps / 1000))

    @staticmethod
    def _time_ms(picture: VideoFrame, stream: VideoStream, otherwise_ms: int) -> int:
        if picture.pts is None:
            return otherwise_ms
        return milliseconds(picture.pts, picture.time_base or stream.time_base)

    def _decoded(self, container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
        packets = container.demux(stream)
        while True:
            try:
                packet = next(packets)
            except (StopIteration, av.error.FFmpegError):
                return
            try:
                yield from packet.decode()
            except av.error.InvalidDataError:
                self.n_bad_packets += 1
            except av.error.EOFError:
                return

    def _check_reached(self, last_ms: int | None) -> None:
        if last_ms is None:
            raise InputProblem(
                "video_damaged",
                "No picture of this video can be decoded; export or upload it again.",
            )
        end_ms = self.info.start_ms + self.info.duration_ms
        if end_ms - last_ms > max(_MISSING_END_MS, _MISSING_END_SHARE * self.info.duration_ms):
            stop = timecode(last_ms - self.info.start_ms)[:8]
            raise InputProblem(
                "video_truncated",
                f"The picture stops at {stop} of {timecode(self.info.duration_ms)[:8]}: the file is cut short or "
                "damaged. Copy or upload it again, from the beginning.",
            )

    def _frame(self, shown: _Shown, stream: VideoStream) -> Frame:
        geometry = geometry_of(shown.picture, stream)
        stored = np.asarray(shown.picture.to_ndarray(format="rgb24"), dtype=np.uint8)
        # Broadcast streams may change size on the way; calibrations speak of one size.
        image = _resized(_upright(stored, geometry), self.info.image_size_px)
        return Frame(shown.time_ms, shown.index, np.ascontiguousarray(image))


def _stamp(time_ms: int, stream: VideoStream) -> int:
    base = stream.time_base
    return 0 if base is None else int(time_ms / 1000 / base)


def _resized(image: NDArray[np.uint8], size_px: tuple[int, int]) -> NDArray[np.uint8]:
    if (image.shape[1], image.shape[0]) == size_px:
        return image
    return np.asarray(cv2.resize(image, size_px, interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def _upright(image: NDArray[np.uint8], geometry: Geometry) -> NDArray[np.uint8]:
    """Turn a stored picture as it is to be shown, with square pixels."""
    shown_before_turn = (
        geometry.shown_size_px if geometry.rotation_deg % 180 == 0 else geometry.shown_size_px[::-1]
    )
    image = _resized(image, shown_before_turn)
    return np.rot90(image, k=-geometry.rotation_deg // 90) if geometry.rotation_deg else image
