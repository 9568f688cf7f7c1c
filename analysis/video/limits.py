"""What a video may be at most (and at least), and the tongues we let demuxers and decoders speak."""

from dataclasses import dataclass

# Demuxers by container; a file is opened with the one its first bytes speak for and no other.
DEMUXERS = {"mov": "mov", "matroska": "matroska", "avi": "avi", "mpegts": "mpegts"}
FORMAT_WHITELIST = "mov,matroska,webm,avi,mpegts"
PROTOCOL_WHITELIST = "file"
# What cameras, phones, broadcasters' web feeds and editing programs write. Fewer decoders are fewer doors.
VIDEO_CODECS = frozenset({"h264", "hevc", "av1", "vp8", "vp9", "mpeg4", "mjpeg", "prores", "dnxhd"})


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a video that we accept.

    Args:
        max_bytes: file size.
        max_duration_ms: six hours hold any match with its breaks.
        max_fps: average frame rate.
        max_side_px, max_pixels: of a frame; 8192 x 4320 either way round.
        min_side_px: below it nothing can be seen.
        max_streams: pictures, sounds and subtitles together.
        max_tracks: those and a camera's own data tracks.
        open_timeout_s: for the demuxer to understand the file.
    """

    max_bytes: int = 64 * 1024**3
    max_duration_ms: int = 6 * 3600 * 1000
    max_fps: float = 120.0
    max_side_px: int = 8192
    max_pixels: int = 8192 * 4320
    min_side_px: int = 64
    max_streams: int = 4
    max_tracks: int = 12
    open_timeout_s: float = 30.0


DEFAULT_LIMITS = Limits()
