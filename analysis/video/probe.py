"""What a video file is, found out without trusting it: first bytes, one forced demuxer, then limits."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from analysis.core.problems import InputProblem
from analysis.core.records import VideoInfo
from analysis.video.container import checked_container, open_video
from analysis.video.digest import sha256_of
from analysis.video.limits import DEFAULT_LIMITS, VIDEO_CODECS, Limits

# Enough to see a rate change where a container keeps no index of all frames.
_PACKETS_LOOKED_AT = 1500
_PACKETS_TO_FIRST_FRAME = 300


@dataclass(frozen=True, slots=True)
class Geometry:
    """How a stored picture becomes the one that is shown.

    Args:
        stored_size_px: (width, height) in the file.
        shown_size_px: (width, height) with square pixels and after rotation.
        rotation_deg: 0, 90, 180 or 270 clockwise.
    """

    stored_size_px: tuple[int, int]
    shown_size_px: tuple[int, int]
    rotation_deg: int


def probe(
    path: Path,
    limits: Limits = DEFAULT_LIMITS,
    *,
    sha256: str | None = None,
    digest_cache: Path | None = None,
) -> VideoInfo:
    """Learn what a video is, or refuse it.

    Args:
        path: local file.
        limits: bounds; see ``Limits``.
        sha256: digest of the file when the caller knows it already.
        digest_cache: folder of remembered digests (``digest.sha256_of``).

    Raises:
        InputProblem: with one of the ``video_*`` codes of ``core.problems``.
    """
    container = checked_container(path, limits)
    with open_video(path, container, limits) as opened:
        stream = picture_of(opened, limits)
        fps = _rate(stream)
        duration_ms = duration_of(opened, stream)
        _check_time(0.0, duration_ms, limits)
        _check_size(stream.codec_context.width, stream.codec_context.height, limits)
        first, n_early = _first_frame(opened, stream, limits)
        geometry = geometry_of(first, stream)
        _check_size(*geometry.shown_size_px, limits)
        start_ms = milliseconds(first.pts or 0, stream.time_base)
        if container == "matroska" and 0 < start_ms < duration_ms:
            duration_ms -= start_ms  # Matroska's writers note the end's time stamp, not the length
        times_ms = _index_times(stream) or _packet_times(path, container, limits)
        if n_early < 2 and len(times_ms) < 2:
            raise InputProblem(
                "video_single_frame",
                f"{path.name!r} holds one picture only; use a video of at least a second.",
            )
        fps, is_constant = _measured_rate(times_ms, fps)
        _check_time(fps, duration_ms, limits)
        return VideoInfo(
            path=path,
            container=container,
            width_px=geometry.shown_size_px[0],
            height_px=geometry.shown_size_px[1],
            fps=fps,
            is_constant_rate=is_constant,
            duration_ms=duration_ms or round((times_ms[-1] - times_ms[0]) + 1000 / fps),
            start_ms=start_ms,
            n_frames=_n_frames(stream, duration_ms, fps),
            has_audio=bool(opened.streams.audio),
            rotation_deg=geometry.rotation_deg,
            size_bytes=path.stat().st_size,
            sha256=sha256 or sha256_of(path, digest_cache),
        )


def _n_frames(stream: VideoStream, duration_ms: int, fps: float) -> int:
    """The container's count, unless an edit list shows only a part of what is stored."""
    expected = round(duration_ms * fps / 1000)
    if stream.frames and (not expected or abs(stream.frames - expected) <= 0.02 * expected + 1):
        return int(stream.frames)
    return max(2, expected)


def milliseconds(pts: int, time_base: Fraction | None) -> int:
    """A time stamp in whole milliseconds, rounded half up, exactly."""
    base = time_base or Fraction(1, 1000)
    return (2 * pts * base.numerator * 1000 + base.denominator) // (2 * base.denominator)


def geometry_of(frame: VideoFrame, stream: VideoStream) -> Geometry:
    """How frames like this one are to be shown."""
    width_px, height_px = frame.width, frame.height
    ratio = stream.sample_aspect_ratio or Fraction(1)
    shown_width = round(width_px * ratio) if Fraction(1, 4) <= ratio <= 4 else width_px
    rotation_deg = (-round(frame.rotation / 90) * 90) % 360
    shown = (shown_width, height_px)
    return Geometry(
        (width_px, height_px), shown if rotation_deg % 180 == 0 else shown[::-1], rotation_deg
    )


def duration_of(opened: InputContainer, stream: VideoStream) -> int:
    """Length of the picture in milliseconds by the container's word; 0 when it says nothing."""
    if stream.duration and stream.time_base:
        return milliseconds(stream.duration, stream.time_base)
    tagged = _tagged_duration(stream.metadata.get("DURATION", ""))
    if tagged:
        return tagged
    return round((opened.duration or 0) / 1000)


def _tagged_duration(text: str) -> int:
    """Matroska's own tag, ``HH:MM:SS.nnnnnnnnn``, of one stream; 0 when it is absent or odd."""
    try:
        hours, minutes, seconds = text.split(":")
        return round((int(hours) * 3600 + int(minutes) * 60 + float(seconds)) * 1000)
    except ValueError:
        return 0


def picture_of(opened: InputContainer, limits: Limits) -> VideoStream:
    """The stream that holds the picture. Raises: InputProblem when there is none that is read, or too many streams."""
    streams = opened.streams
    n_media = len(streams.video) + len(streams.audio) + len(streams.subtitles)
    if n_media > limits.max_streams or len(streams) > limits.max_tracks:
        raise InputProblem(
            "video_too_many_streams",
            f"The file holds {len(streams)} streams; export it with one picture and one sound.",
        )
    pictures = [stream for stream in streams.video if not _is_cover(stream)]
    if not pictures:
        raise InputProblem(
            "video_no_picture",
            "The file has no picture, only sound or data; choose the video itself.",
        )
    stream = pictures[0]
    codec = codec_of(stream)
    if codec not in VIDEO_CODECS:
        raise InputProblem(
            "video_codec",
            f"The picture is coded as {codec or 'something unknown'}, which is not read; export it as H.264.",
        )
    return stream


def _is_cover(stream: VideoStream) -> bool:
    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def codec_of(stream: VideoStream) -> str:
    """Name of the codec (not of the library that decodes it); empty when unknown."""
    context = stream.codec_context
    return context.codec.canonical_name if context is not None else ""


def _rate(stream: VideoStream) -> float:
    rate = stream.average_rate or stream.guessed_rate or stream.base_rate
    return float(rate) if rate else 0.0


def _check_time(fps: float, duration_ms: int, limits: Limits) -> None:
    if fps > limits.max_fps * 1.01:
        raise InputProblem(
            "video_too_fast",
            f"The video has {fps:.0f} pictures a second; export it with at most {limits.max_fps:.0f}.",
        )
    if duration_ms > limits.max_duration_ms:
        raise InputProblem(
            "video_too_long",
            f"The video is longer than {limits.max_duration_ms / 3_600_000:.0f} hours; cut it to the match.",
        )


def _check_size(width_px: int, height_px: int, limits: Limits) -> None:
    if max(width_px, height_px) > limits.max_side_px or width_px * height_px > limits.max_pixels:
        raise InputProblem(
            "video_too_large",
            f"The picture is {width_px} x {height_px} pixels; export it with at most 3840 x 2160.",
        )
    if 0 < min(width_px, height_px) < limits.min_side_px:
        raise InputProblem(
            "video_too_small",
            f"The picture is {width_px} x {height_px} pixels, too small to see a match; use the original video.",
        )


def _first_frame(
    opened: InputContainer, stream: VideoStream, limits: Limits
) -> tuple[VideoFrame, int]:
    """(first picture, how many pictures came while looking: 2 or fewer)."""
    prepare(stream, limits)
    found: list[VideoFrame] = []
    try:
        for n_packets, packet in enumerate(opened.demux(stream)):
            try:
                found += packet.decode()
            except av.error.InvalidDataError:
                continue
            if len(found) >= 2 or n_packets > _PACKETS_TO_FIRST_FRAME:
                break
    except av.error.FFmpegError as error:
        if not found:
            raise _undecodable() from error
    if not found:
        raise _undecodable()
    return found[0], min(2, len(found))


def _undecodable() -> InputProblem:
    return InputProblem(
        "video_damaged", "No picture of this video can be decoded; export or upload it again."
    )


def prepare(stream: VideoStream, limits: Limits) -> None:
    """Let a stream decode on several cores, and never allocate more than the largest picture we accept."""
    stream.thread_type = "AUTO"
    stream.codec_context.options = {"max_pixels": str(limits.max_pixels)}


def _index_times(stream: VideoStream) -> list[float]:
    """Decoding times of all frames in milliseconds where the container keeps an index of all; else empty."""
    entries = stream.index_entries
    if stream.time_base is None or not stream.frames or len(entries) < stream.frames:
        return []
    return [float(entry.timestamp * stream.time_base * 1000) for entry in entries]


def _packet_times(path: Path, container: str, limits: Limits) -> list[float]:
    """Times of the first packets in milliseconds, sorted, read without decoding."""
    times: list[float] = []
    with open_video(path, container, limits) as opened:
        stream = picture_of(opened, limits)
        try:
            for packet in opened.demux(stream):
                stamp = packet.pts if packet.pts is not None else packet.dts
                if stamp is not None and packet.size and stream.time_base is not None:
                    times.append(float(stamp * stream.time_base * 1000))
                if len(times) >= _PACKETS_LOOKED_AT:
                    break
        except av.error.FFmpegError:
            return sorted(times)
    return sorted(times)


def _measured_rate(times_ms: Sequence[float], declared_fps: float) -> tuple[float, bool]:
    """(average rate, whether every frame is nearer to its place on an even grid than half a frame)."""
    times = np.asarray(times_ms)
    if len(times) < 2 or times[-1] <= times[0]:
        return declared_fps or 25.0, False
    step_ms = (times[-1] - times[0]) / (len(times) - 1)
    grid = times[0] + step_ms * np.arange(len(times))
    return 1000 / step_ms, bool(np.max(np.abs(times - grid)) < 0.5 * step_ms)
