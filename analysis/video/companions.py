"""What a player needs beside a playback copy: the time of every picture, and small pictures for hovering."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analysis.core.problems import InputProblem
from analysis.core.records import VideoInfo
from analysis.video.container import open_video
from analysis.video.ffmpeg import input_arguments, run_ffmpeg
from analysis.video.limits import DEFAULT_LIMITS, Limits
from analysis.video.probe import milliseconds, picture_of

COLUMNS, ROWS = 10, 10
TILE_WIDTH_PX = 160
# Key frames of a playback copy come at least this often; only they are decoded.
KEY_STEP_MS = 2000
# A longer video gets its pictures further apart instead of more of them.
MAX_TILES = 1200


@dataclass(frozen=True, slots=True)
class Storyboard:
    """Where the small pictures lie: tile ``i`` shows the time ``i * step_ms``, ``COLUMNS x ROWS`` to a sheet.

    Args:
        step_ms: between two tiles.
        width_px, height_px: of a tile.
        columns, rows: tiles of a sheet.
        n_sheets: files ``sheet-001.jpg`` and so on.
    """

    step_ms: int
    width_px: int
    height_px: int
    columns: int
    rows: int
    n_sheets: int


def frame_times_ms(info: VideoInfo, limits: Limits = DEFAULT_LIMITS) -> NDArray[np.uint32]:
    """(N,) time of every picture in the order they are shown, whole milliseconds; nothing is decoded.

    Raises:
        InputProblem: ``video_damaged`` when no packet has a time stamp.
    """
    with open_video(info.path, info.container, limits) as container:
        stream = picture_of(container, limits)
        base = stream.time_base
        shown = (milliseconds(p.pts, base) for p in container.demux(stream) if p.pts is not None)
        found = np.fromiter(shown, dtype=np.int64)
    if not len(found):
        raise InputProblem(
            "video_damaged", "No picture of this video has a time; export or upload it again."
        )
    times = np.unique(found)
    return times[times >= 0].astype(np.uint32)


def write_frame_times(times_ms: NDArray[np.uint32], target: Path) -> None:
    """Store times as little-endian 32-bit numbers, whole or not at all."""
    with tempfile.NamedTemporaryFile(prefix=".part-", dir=target.parent, delete=False) as made:
        part = Path(made.name)
        made.write(times_ms.astype("<u4").tobytes())
    part.chmod(0o644)
    part.replace(target)


def make_storyboard(info: VideoInfo, folder: Path) -> Storyboard:
    """Small pictures of a playback copy as sheets ``sheet-001.jpg`` ... in ``folder``, which is replaced as a whole.

    Args:
        info: of a copy made by ``encode.playable_copy``, which has key frames every two seconds.
        folder: does not have to exist; its parent does.

    Raises:
        Transient, InputProblem: as ``run_ffmpeg``.
    """
    n_keys = max(1, -(-info.duration_ms // KEY_STEP_MS))
    step_ms = KEY_STEP_MS * -(-n_keys // MAX_TILES)
    height_px = max(2, round(TILE_WIDTH_PX * info.height_px / info.width_px / 2) * 2)
    apart_s = step_ms / 1000 - 0.05
    with tempfile.TemporaryDirectory(prefix=".part-", dir=folder.parent) as made:
        part = Path(made) / "sheets"
        part.mkdir(mode=0o755)
        run_ffmpeg(
            [
                "-skip_frame", "nokey", *input_arguments(info), "-map", "0:V:0", "-an", "-sn",
                "-vf", f"select='isnan(prev_selected_t)+gte(t-prev_selected_t,{apart_s})',"
                f"scale={TILE_WIDTH_PX}:{height_px}:flags=area,setsar=1,tile={COLUMNS}x{ROWS}",
                "-fps_mode", "passthrough", "-q:v", "6", "-f", "image2", f"file:{part}/sheet-%03d.jpg",
            ]
        )  # fmt: skip
        n_sheets = len(list(part.glob("sheet-*.jpg")))
        shutil.rmtree(folder, ignore_errors=True)
        part.rename(folder)
    return Storyboard(step_ms, TILE_WIDTH_PX, height_px, COLUMNS, ROWS, n_sheets)
