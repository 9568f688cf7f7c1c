"""A playback copy as HLS (RFC 8216): one fragmented MP4 and the playlists that tell where each segment lies in it."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

import numpy as np

from analysis.core.problems import InputProblem
from analysis.core.records import VideoInfo
from analysis.video.container import open_video
from analysis.video.encode import playable_copy
from analysis.video.ffmpeg import input_arguments, run_ffmpeg
from analysis.video.limits import DEFAULT_LIMITS, Limits
from analysis.video.probe import milliseconds, picture_of, probe

INDEX, SEGMENTS, MEDIA = "index.m3u8", "video.m3u8", "video.mp4"
# A seek fetches one segment, so a short one is a quick first picture; our copies have a key frame every two seconds.
SHORTEST_MS = 1800
# Further apart than this, a seek would wait for too many pictures.
LONGEST_MS = 6000
# Times of pictures may be rounded to whole milliseconds.
UNEVEN_MS = 1
_AAC_LC = "mp4a.40.2"


@dataclass(frozen=True, slots=True)
class Stream:
    """What was made.

    Args:
        n_segments: each begins with a key frame and can be decoded alone.
        longest_ms: of the segments.
        size_bytes: of the media file.
        was_copied: the pictures are the original's own; False where they had to be encoded anew.
    """

    n_segments: int
    longest_ms: int
    size_bytes: int
    was_copied: bool


@dataclass(frozen=True, slots=True)
class _Key:
    """A key frame; one that is no instantaneous refresh may lean on pictures before it, so no segment begins there."""

    time_ms: int
    is_refresh: bool


@dataclass(frozen=True, slots=True)
class _Segment:
    start_ms: int
    end_ms: int
    first_byte: int
    end_byte: int


def make_stream(info: VideoInfo, folder: Path, limits: Limits = DEFAULT_LIMITS) -> Stream:
    """Write ``index.m3u8``, ``video.m3u8`` and ``video.mp4`` into ``folder``, which is replaced as a whole.

    A segment begins at the very time of its key frame and no picture moves: a picture at ``time_ms`` of the video is
    shown at ``time_ms - info.start_ms``. The pictures are copied where they are H.264 with closed key frames that come
    often enough (and in the order they are shown, where they are uneven), else encoded anew.

    Args:
        info: the probe's answer.
        folder: does not have to exist; its parent does.
        limits: for opening the file.

    Raises:
        Transient, InputProblem: as ``run_ffmpeg``.
    """
    with tempfile.TemporaryDirectory(prefix=".part-", dir=folder.parent) as made:
        part = Path(made) / "stream"
        part.mkdir(mode=0o755)
        keys = _keys(info, limits) if info.start_ms == 0 else None
        was_copied = keys is not None
        if keys is None:
            playable_copy(info, Path(made) / "copy.mp4", in_order=True)
            info = probe(Path(made) / "copy.mp4", sha256=info.sha256)
            keys = _keys(info, limits)
        if keys is None:
            raise _uncut()
        _fragment(info, part / MEDIA)
        head_bytes, fragments = _layout(part / MEDIA)
        segments = _segments(keys, info.duration_ms, fragments)
        longest_ms = max(each.end_ms - each.start_ms for each in segments)
        (part / SEGMENTS).write_text(_playlist(segments, head_bytes, longest_ms))
        (part / INDEX).write_text(_index(info, segments, limits))
        size_bytes = (part / MEDIA).stat().st_size
        for file in part.iterdir():
            file.chmod(0o644)
        shutil.rmtree(folder, ignore_errors=True)
        part.rename(folder)
    return Stream(len(segments), longest_ms, size_bytes, was_copied)


def _keys(info: VideoInfo, limits: Limits) -> list[_Key] | None:
    """The key frames in their order; None where the pictures cannot be copied into segments that stand alone."""
    with open_video(info.path, info.container, limits) as container:
        stream = picture_of(container, limits)
        context = stream.codec_context
        if context.name != "h264" or context.pix_fmt != "yuv420p" or info.rotation_deg:
            return None
        if info.has_audio and container.streams.audio[0].codec_context.name != "aac":
            return None
        keys: list[_Key] = []
        lasts_ms: dict[int, int] = {}
        for packet in container.demux(stream):
            if packet.pts is None:
                continue
            time_ms = milliseconds(packet.pts, stream.time_base)
            lasts_ms[time_ms] = milliseconds(packet.duration or 0, stream.time_base)
            if packet.is_keyframe:
                keys.append(_Key(time_ms, _is_refresh(bytes(packet))))
            elif not keys or time_ms < keys[-1].time_ms:
                return None  # an open group: this picture leans on the group before
    times_ms = sorted(lasts_ms)
    if not times_ms or any(
        abs(after - before - lasts_ms[before]) > UNEVEN_MS for before, after in pairwise(times_ms)
    ):
        return (
            None  # shown for another time than decoded for: a player would pass over short pictures
        )
    starts_ms = [key.time_ms for key in keys if key.is_refresh]
    gaps = np.diff([*starts_ms, max(info.duration_ms, times_ms[-1] + 1)])
    is_dense = keys[0].is_refresh and gaps.min() > 0 and gaps.max() <= LONGEST_MS
    return keys if is_dense else None


def _is_refresh(packet: bytes) -> bool:
    """Whether a picture is an instantaneous decoder refresh: one of its units is of type 5 (H.264 §7.4.1.2.4).

    Units are preceded by four bytes of length, as in every MP4 that ffmpeg or a camera writes.
    """
    position = 0
    while position + 4 < len(packet):
        if packet[position + 4] & 31 == 5:
            return True
        position += 4 + int.from_bytes(packet[position : position + 4], "big")
    return False


def _fragment(info: VideoInfo, target: Path) -> None:
    """One fragment a key frame. Signed offsets keep the first picture at time 0 without an edit list, which players
    that are fed by hand do not read.
    """
    run_ffmpeg(
        [
            "-copyts", *input_arguments(info), "-map", "0:V:0", "-map", "0:a:0?", "-sn", "-dn",
            "-map_metadata", "-1", "-map_chapters", "-1", "-c", "copy",
            "-movflags", "+delay_moov+default_base_moof+frag_keyframe+negative_cts_offsets",
            "-max_muxing_queue_size", "4096", "-f", "mp4", f"file:{target}",
        ],
        max_file_bytes=2 * info.size_bytes + 64 * 1024**2,
    )  # fmt: skip


def _layout(path: Path) -> tuple[int, list[tuple[int, int]]]:
    """Bytes of the head (``ftyp`` and ``moov``), and first and end byte of each fragment (``moof`` and ``mdat``)."""
    head_bytes, fragments = 0, []
    with path.open("rb") as opened:
        for kind, first, end in _boxes(opened, path.stat().st_size):
            if kind == b"moov":
                head_bytes = end
            elif kind == b"moof":
                fragments.append((first, end))
            elif kind == b"mdat" and fragments:
                fragments[-1] = (fragments[-1][0], end)
    return head_bytes, fragments


def _boxes(opened: BinaryIO, size_bytes: int) -> Iterator[tuple[bytes, int, int]]:
    """Top-level boxes of an MP4 (ISO 14496-12 §4.2): kind, first and end byte."""
    position = 0
    while position + 8 <= size_bytes:
        opened.seek(position)
        head = opened.read(16)
        length = int.from_bytes(head[:4], "big")
        if length == 1:
            length = int.from_bytes(head[8:16], "big")
        if length < 8:
            return
        yield head[4:8], position, position + length
        position += length


def _segments(
    keys: Sequence[_Key], duration_ms: int, fragments: Sequence[tuple[int, int]]
) -> list[_Segment]:
    """Fragments joined until a segment is long enough to be worth a request and the next can begin."""
    if len(keys) != len(fragments):
        raise _uncut()
    ends_ms = [*(key.time_ms for key in keys[1:]), max(duration_ms, keys[-1].time_ms + 1)]
    segments: list[_Segment] = []
    for key, end_ms, (first, end) in zip(keys, ends_ms, fragments, strict=True):
        before = segments[-1] if segments else None
        if before and (not key.is_refresh or before.end_ms - before.start_ms < SHORTEST_MS):
            segments[-1] = _Segment(before.start_ms, end_ms, before.first_byte, end)
        else:
            segments.append(_Segment(key.time_ms, end_ms, first, end))
    return segments


def _uncut() -> InputProblem:
    return InputProblem(
        "video_unplayable",
        "This video cannot be cut into segments; the player takes it as one file.",
    )


def _playlist(segments: Sequence[_Segment], head_bytes: int, longest_ms: int) -> str:
    lines = [
        "#EXTM3U", "#EXT-X-VERSION:7", f"#EXT-X-TARGETDURATION:{-(-longest_ms // 1000)}",
        "#EXT-X-PLAYLIST-TYPE:VOD", "#EXT-X-MEDIA-SEQUENCE:0", "#EXT-X-INDEPENDENT-SEGMENTS",
        f'#EXT-X-MAP:URI="{MEDIA}",BYTERANGE="{head_bytes}@0"',
    ]  # fmt: skip
    for each in segments:
        lines += [
            f"#EXTINF:{(each.end_ms - each.start_ms) / 1000:.3f},",
            f"#EXT-X-BYTERANGE:{each.end_byte - each.first_byte}@{each.first_byte}",
            MEDIA,
        ]
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])


def _index(info: VideoInfo, segments: Sequence[_Segment], limits: Limits) -> str:
    """The playlist of playlists, with what a browser must know to say whether it can play this."""
    with open_video(info.path, info.container, limits) as container:
        extra = picture_of(container, limits).codec_context.extradata or b"\1\x64\0\x1f"
    # Profile, constraints and level are the second to fourth byte of the avcC box (ISO 14496-15 §5.3.3).
    codecs = [f"avc1.{extra[1]:02x}{extra[2]:02x}{extra[3]:02x}", *([_AAC_LC] * info.has_audio)]
    rates = [
        8000 * (each.end_byte - each.first_byte) // max(1, each.end_ms - each.start_ms)
        for each in segments
        if each.end_ms - each.start_ms >= SHORTEST_MS
    ]
    mean = 8000 * segments[-1].end_byte // max(1, segments[-1].end_ms)
    told = (
        f"BANDWIDTH={max([*rates, mean])},AVERAGE-BANDWIDTH={mean},"
        f'CODECS="{",".join(codecs)}",RESOLUTION={info.width_px}x{info.height_px},'
        f"FRAME-RATE={info.fps:.3f}"
    )
    head = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    return "\n".join([*head, f"#EXT-X-STREAM-INF:{told}", SEGMENTS, ""])
