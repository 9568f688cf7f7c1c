"""Video files written frame by frame: RGB pictures in, H.264 out, a sound track beside them when there is one."""

import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import IO

import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray

from analysis.core.problems import Transient


class VideoWriter:
    """Pipes frames into an encoder; the file appears complete at the end or not at all. Use as a context manager.

    Args:
        path: ``.mp4`` to write.
        size_px: (width, height), even numbers.
        fps: frames a second.
        crf: quality of x264, lower is better.
        sound: WAV file to put beside the pictures, or None.
        preset: speed of x264.

    Raises:
        Transient: ``encoder_failed`` when the encoder cannot start or dies.
    """

    def __init__(
        self,
        path: Path,
        size_px: tuple[int, int],
        fps: float,
        *,
        crf: int = 23,
        sound: Path | None = None,
        preset: str = "veryfast",
    ) -> None:
        self.path, self.size_px = path, size_px
        self._part = path.with_name(f".part-{path.name}")
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        command = [
            imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "rgb24",
            "-s", f"{size_px[0]}x{size_px[1]}", "-r", f"{fps:g}", "-i", "pipe:0",
        ]  # fmt: skip
        if sound is not None:
            command += ["-f", "wav", "-i", str(sound), "-c:a", "aac", "-b:a", "96k", "-shortest"]
        command += [
            "-c:v", "libx264", "-preset", preset, "-crf", str(crf), "-pix_fmt", "yuv420p", "-g", f"{round(2 * fps)}",
            "-threads", "2", "-movflags", "+faststart", "-f", "mp4", str(self._part),
        ]  # fmt: skip
        try:
            self._encoder = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=self._log
            )
        except OSError as error:
            self._log.close()
            raise Transient(
                "encoder_failed", f"The video encoder could not be started: {error}."
            ) from error

    def write(self, image: NDArray[np.uint8]) -> None:
        """Add one frame (H, W, 3) RGB."""
        width, height = self.size_px
        if image.shape != (height, width, 3):
            raise ValueError(f"frames are ({height}, {width}, 3), got {image.shape}")
        assert self._encoder.stdin is not None
        try:
            self._encoder.stdin.write(np.ascontiguousarray(image).data)
        except (BrokenPipeError, OSError) as error:
            self.discard()
            raise self._failure() from error

    def close(self) -> None:
        """Finish the file and put it in its place."""
        try:
            self._encoder.communicate()
            if self._encoder.returncode != 0:
                raise self._failure()
            self._part.replace(self.path)
        finally:
            self._part.unlink(missing_ok=True)
            self._log.close()

    def discard(self) -> None:
        """Stop and leave nothing behind."""
        self._encoder.kill()
        self._encoder.wait()
        self._part.unlink(missing_ok=True)

    def _failure(self) -> Transient:
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").strip().splitlines()
        reason = lines[-1].rstrip(".") if lines else "no reason given"
        return Transient("encoder_failed", f"The video could not be written: {reason}.")

    def __enter__(self) -> "VideoWriter":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.discard()
