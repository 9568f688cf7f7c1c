"""Videos we make: the copy a browser plays, the poster picture, and films from our own frames."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from types import TracebackType

import av
import cv2
import numpy as np
from av.audio.frame import AudioFrame
from av.codec.codec import UnknownCodecError
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from analysis.core.problems import InputProblem
from analysis.core.records import VideoInfo
from analysis.video.decode import VideoSource
from analysis.video.ffmpeg import STALL_S, input_arguments, run_ffmpeg
from analysis.video.images import write_image

VIDEO_CODEC = "libx264"
_TIME_BASE = Fraction(1, 90_000)
_SMALLEST_BOUND_BYTES = 1024**3


def playable_copy(
    info: VideoInfo,
    target: Path,
    *,
    max_height_px: int = 720,
    in_order: bool | None = None,
    on_progress: Callable[[int, int], None] | None = None,
    stall_s: float = STALL_S,
) -> None:
    """Encode a probed video as H.264 and AAC in an MP4 that browsers play and seek in.

    Time 0 of the copy is the first picture of the original: a picture at ``time_ms`` is shown at
    ``time_ms - info.start_ms``, also where the frame rate varies. The file appears whole or not at all.

    Args:
        info: the probe's answer.
        target: the ``.mp4`` to make.
        max_height_px: larger pictures are made smaller.
        in_order: encode pictures in the order they are shown, which uneven ones need: a player that is fed segments
            takes a picture's length from the gap in decoding order and passes over short ones else. None: where the
            probe found them uneven.
        on_progress: told (done_ms, total_ms); an exception from it stops the work.
        stall_s: see ``run_ffmpeg``.

    Raises:
        Transient, InputProblem: as ``run_ffmpeg``.
    """
    width_px, height_px = info.image_size_px
    scale = min(1.0, max_height_px / height_px)
    size = [max(2, round(side * scale / 2) * 2) for side in (width_px, height_px)]
    total_ms = max(1, info.duration_ms)
    must_be_in_order = not info.is_constant_rate if in_order is None else in_order
    order = ["-bf", "0"] if must_be_in_order else []

    def tell(time_ms: int) -> None:
        if on_progress is not None:
            on_progress(min(max(time_ms, 0), total_ms), total_ms)

    with _part_beside(target) as part:
        run_ffmpeg(
            [
                "-copyts", *input_arguments(info),
                "-map", "0:V:0", "-map", "0:a:0?", "-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1",
                "-vf", f"scale={size[0]}:{size[1]},setsar=1,format=yuv420p",
                "-c:v", "libx264", "-preset", "veryfast", "-crf", "23", *order, "-fps_mode", "passthrough",
                "-enc_time_base", "1:90000", "-video_track_timescale", "90000",
                "-force_key_frames", "expr:gte(t,n_forced*2)",
                "-c:a", "aac", "-b:a", "128k", "-ac", "2",
                "-output_ts_offset", f"{-info.start_ms / 1000:.3f}",
                "-movflags", "+faststart", "-max_muxing_queue_size", "4096",
                "-f", "mp4", f"file:{part}",
            ],
            on_time=tell,
            stall_s=stall_s,
            max_file_bytes=max(_SMALLEST_BOUND_BYTES, 8 * info.size_bytes),
        )  # fmt: skip
        tell(total_ms)


def poster(
    info: VideoInfo, target: Path, *, time_ms: int | None = None, width_px: int = 640
) -> None:
    """Store the picture at a time (a third into the video when None) as a JPEG of a width."""
    moment_ms = info.start_ms + info.duration_ms // 3 if time_ms is None else time_ms
    image = VideoSource(info).frame_near(moment_ms).image
    height_px = max(1, round(image.shape[0] * width_px / image.shape[1]))
    small = cv2.resize(image, (width_px, height_px), interpolation=cv2.INTER_AREA)
    write_image(target, np.asarray(small, dtype=np.uint8))


class FilmWriter:
    """Writes our own frames as H.264 in an MP4. The file appears when the ``with`` block ends well, else not at all.

    Args:
        target: the ``.mp4`` to make.
        size_px: (width, height), both even.
        rate_hz: frames a second, for frames written without a time.
        crf: quality, lower is better and larger.
        preset: of x264.
        sound_rate_hz: samples a second of a mono sound track for ``write_sound``; None for a silent film.

    Raises:
        InputProblem: ``codec_missing`` when H.264 cannot be written here.
    """

    def __init__(
        self,
        target: Path,
        size_px: tuple[int, int],
        rate_hz: float,
        *,
        crf: int = 21,
        preset: str = "veryfast",
        sound_rate_hz: int | None = None,
    ) -> None:
        self._part = _part_beside(target)
        self._container = av.open(
            str(self._part.__enter__()), "w", format="mp4", options={"movflags": "+faststart"}
        )
        rate = Fraction(rate_hz).limit_denominator(1001)
        try:
            self._stream = self._container.add_stream(
                VIDEO_CODEC, rate=rate, options={"crf": str(crf), "preset": preset}
            )
        except UnknownCodecError as error:
            self._container.close()
            self._part.__exit__(type(error), error, error.__traceback__)
            raise InputProblem(
                "codec_missing",
                f"FFmpeg cannot write H.264 here ({VIDEO_CODEC} is missing); install PyAV from its wheel, which can.",
            ) from error
        self._stream.width, self._stream.height = size_px
        self._stream.pix_fmt = "yuv420p"
        self._stream.codec_context.time_base = _TIME_BASE
        self._step = float(_TIME_BASE.denominator / rate)
        self._n_written = 0
        self._sound = None
        self._n_samples = 0
        if sound_rate_hz is not None:
            self._sound = self._container.add_stream("aac", rate=sound_rate_hz, layout="mono")
            self._sound.bit_rate = 64_000

    def write_sound(self, samples: NDArray[np.int16]) -> None:
        """Add sound (N,) after what was added before; best about as far as the pictures are."""
        if self._sound is None:
            raise ValueError("this film was opened without a sound track; give sound_rate_hz")
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples)[None], "s16", "mono")
        frame.sample_rate, frame.pts = self._sound.rate, self._n_samples
        frame.time_base = Fraction(1, self._sound.rate)
        self._n_samples += len(samples)
        for packet in self._sound.encode(frame):
            self._container.mux(packet)

    def write(self, image: NDArray[np.uint8], time_ms: float | None = None) -> None:
        """Add a frame (H, W, 3) uint8 RGB, at its even place or at a time of its own (growing)."""
        frame = VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
        ticks = self._n_written * self._step if time_ms is None else time_ms * 90
        frame.pts, frame.time_base = round(ticks), _TIME_BASE
        self._n_written += 1
        for packet in self._stream.encode(frame):
            self._container.mux(packet)

    def __enter__(self) -> "FilmWriter":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                for stream in filter(None, (self._stream, self._sound)):
                    for packet in stream.encode(None):
                        self._container.mux(packet)
            self._container.close()
        except BaseException as late:
            self._part.__exit__(type(late), late, late.__traceback__)
            raise
        self._part.__exit__(kind, error, trace)


@contextmanager
def _part_beside(target: Path) -> Iterator[Path]:
    """A file of another name in the target's folder that takes the target's name at the end, or goes away."""
    with tempfile.NamedTemporaryFile(
        prefix=".part-", suffix=".mp4", dir=target.parent, delete=False
    ) as made:
        part = Path(made.name)
    try:
        yield part
        part.chmod(0o644)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
