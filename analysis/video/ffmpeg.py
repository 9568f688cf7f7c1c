"""Runs ffmpeg: bounded, watched, killed when it stands still, and never left behind."""

import ctypes
import os
import resource
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence

import imageio_ffmpeg

from analysis.core.problems import InputProblem, Transient
from analysis.core.records import VideoInfo
from analysis.video.limits import DEMUXERS, FORMAT_WHITELIST, PROTOCOL_WHITELIST

STALL_S = 120.0
_MAX_ADDRESS_SPACE = 16 * 1024**3
_KILL_WHEN_PARENT_DIES = 1  # PR_SET_PDEATHSIG
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
_FULL_WORDS = ("No space left on device", "File too large", "Disk quota exceeded")


def ffmpeg_version() -> str:
    """Version of the ffmpeg that is used, for the health page."""
    return str(imageio_ffmpeg.get_ffmpeg_version())


def input_arguments(info: VideoInfo) -> list[str]:
    """Arguments that open a probed file with its own demuxer and no other, from the local disk and nowhere else."""
    return [
        "-protocol_whitelist", PROTOCOL_WHITELIST, "-format_whitelist", FORMAT_WHITELIST,
        "-f", DEMUXERS[info.container], "-i", "file:" + os.fspath(info.path.resolve()),
    ]  # fmt: skip


def run_ffmpeg(
    arguments: Sequence[str],
    *,
    on_time: Callable[[int], None] | None = None,
    stall_s: float = STALL_S,
    max_file_bytes: int | None = None,
) -> None:
    """Run ffmpeg to its end.

    Args:
        arguments: without the program's name.
        on_time: told the output's time in milliseconds now and then; an exception from it stops ffmpeg.
        stall_s: ffmpeg is killed when its output's time stands still for so long.
        max_file_bytes: bound on a file it may write.

    Raises:
        Transient: ``disk_full``, or ``encoder_stuck`` after a kill.
        InputProblem: ``video_unplayable`` when ffmpeg gives up on what it was given.
    """
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-nostdin", "-loglevel", "error", "-y",
        "-progress", "pipe:1", "-stats_period", "0.5", *arguments,
    ]  # fmt: skip
    with tempfile.TemporaryFile() as words:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=words,
            start_new_session=True,
            preexec_fn=lambda: _bound_child(max_file_bytes),
        )
        try:
            _watch(child, on_time, stall_s)
            status = child.wait()
        finally:
            _kill(child)
        if status != 0:
            words.seek(0)
            _complain(status, words.read()[-4000:].decode("utf-8", "replace"))


def _bound_child(max_file_bytes: int | None) -> None:
    """In the child before it becomes ffmpeg: memory and file bounds, and death with its parent."""
    resource.setrlimit(resource.RLIMIT_AS, (_MAX_ADDRESS_SPACE, _MAX_ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if max_file_bytes is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (max_file_bytes, max_file_bytes))
    if _LIBC is not None:
        _LIBC.prctl(_KILL_WHEN_PARENT_DIES, signal.SIGKILL)


def _watch(
    child: subprocess.Popen[bytes], on_time: Callable[[int], None] | None, stall_s: float
) -> None:
    """Read progress lines until ffmpeg closes them."""
    assert child.stdout is not None
    descriptor = child.stdout.fileno()
    latest_us, moved_at, rest = -1, time.monotonic(), b""
    with selectors.DefaultSelector() as ready:
        ready.register(descriptor, selectors.EVENT_READ)
        while True:
            if ready.select(timeout=min(1.0, stall_s / 4)):
                piece = os.read(descriptor, 65536)
                if not piece:
                    return
                *lines, rest = (rest + piece).split(b"\n")
                out_us = max((_out_time_us(line) for line in lines), default=-1)
                if out_us > latest_us:
                    latest_us, moved_at = out_us, time.monotonic()
                    if on_time is not None:
                        on_time(latest_us // 1000)
            if time.monotonic() - moved_at > stall_s:
                raise Transient(
                    "encoder_stuck",
                    "Converting the video stood still and was stopped; it will be tried again.",
                )


def _out_time_us(line: bytes) -> int:
    name, _, value = line.partition(b"=")
    if name != b"out_time_us":
        return -1
    try:
        return int(value)
    except ValueError:
        return -1


def _kill(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        child.kill()
        child.wait()
    if child.stdout is not None:
        child.stdout.close()


def _complain(status: int, words: str) -> None:
    if status == -signal.SIGXFSZ or any(known in words for known in _FULL_WORDS):
        raise Transient(
            "disk_full",
            "The disk is full while converting the video; free some space and try again.",
        )
    if status < 0:
        raise Transient(
            "encoder_failed", "Converting the video was interrupted; it will be tried again."
        )
    raise InputProblem(
        "video_unplayable",
        "This video cannot be converted for the browser; export it as H.264 (MP4) and upload it again.",
    ) from RuntimeError(words)
