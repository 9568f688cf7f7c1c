"""Simulated halves kept for training and measuring: the truth at two samples a second, one small file a half.

File ``half-SEED-H.npz`` (H: 1 or 2), about 0.5 MB for thirty minutes; T samples, P people, E events. Layout, for any
reader; ``load_half`` turns it into a ``SimulatedHalf``:

    times_ms (T,) int32          from the beginning of the half, 0, 520, 1000, ...: the frames that a 25 Hz video has
    person_xy_cm (T, P, 2) int16 centimetres in the pitch frame, -32768 while a person is not on the grass
    team, role (P,) int8         index in vocabulary.TEAMS / ROLES, -1 for officials' team
    box_px (T, P, 4) int16       x0, y0, x1, y1 in the main camera's picture of ``image_size_px``, -32768 outside it
    share (T, P) uint8           0..255: visible share of the box, 0 for nobody
    ball_xyz_cm (T, 3) int16
    image_from_pitch (T, 3, 3)   float32, the main camera's ground map, also while it is not on air
    on_air (T,) bool             the live main camera is on air: only then can anything be calibrated
    camera (T,) int8, is_replay (T,) bool   what is on air, index in vocabulary.CAMERAS
    event_ms, event_label (E,)   label: index in vocabulary.SOCCERNET_V2, in time order
    event_team (E,) int8         -1 for none
    event_xy_m (E, 2) float32
    event_shown (E,) bool        the "visibility" of SoccerNet
    kit_rgb (5, 3)               shirts: home, away, home keeper, away keeper, officials
"""

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analysis.core.problems import InputProblem
from analysis.core.vocabulary import CAMERAS, ROLES, SOCCERNET_V2, TEAMS
from analysis.synthetic.clock import ms_of_frame
from analysis.synthetic.match import SyntheticMatch, simulate_match
from analysis.synthetic.operator import CameraPath
from analysis.synthetic.records import RATE_HZ, Period
from analysis.synthetic.truth import is_visible
from analysis.synthetic.views import view_people

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

SAMPLE_RATE_HZ = 2.0
_ABSENT = -32768


@dataclass(frozen=True, slots=True)
class SimulatedHalf:
    """One half: T samples, P people, E events; see the module's first lines.

    Args:
        times_ms: (T,).
        person_xy_m: (T, P, 2), NaN while a person is not on the grass.
        team, role: (P,).
        box_px: (T, P, 4), NaN outside the main camera's picture.
        visible_share: (T, P) in [0, 1].
        ball_xyz_m: (T, 3).
        image_from_pitch: (T, 3, 3).
        on_air: (T,).
        camera, is_replay: (T,).
        event_ms, event_label, event_team: (E,).
        event_xy_m: (E, 2).
        event_shown: (E,).
        kit_rgb: (5, 3).
        image_size_px: (width, height).
    """

    times_ms: IntArray
    person_xy_m: FloatArray
    team: IntArray
    role: IntArray
    box_px: FloatArray
    visible_share: FloatArray
    ball_xyz_m: FloatArray
    image_from_pitch: FloatArray
    on_air: BoolArray
    camera: IntArray
    is_replay: BoolArray
    event_ms: IntArray
    event_label: IntArray
    event_team: IntArray
    event_xy_m: FloatArray
    event_shown: BoolArray
    kit_rgb: FloatArray
    image_size_px: tuple[int, int]

    @property
    def duration_ms(self) -> int:
        """Length, to the end of the last sample."""
        return int(self.times_ms[-1]) + 500 if len(self.times_ms) else 0


def make_halves(
    folder: Path, seeds: range, minutes: float, image_size_px: tuple[int, int] = (1280, 720)
) -> Iterator[Path]:
    """Simulate matches and keep their halves; halves that are there already are passed over.

    Args:
        folder: created when needed.
        seeds: one match each.
        minutes: of a match; over 55 it has two halves with sides changed, otherwise one.
        image_size_px: of the main camera's picture.

    Yields:
        The files, as they are finished. A match that was interrupted is made again as a whole.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        done = sorted(folder.glob(f"half-{seed:04d}-*.npz"))
        if len(done) == (2 if minutes > 55 else 1):
            yield from done
            continue
        match = simulate_match(seed, minutes, image_size_px)
        for period in match.play.periods:
            path = folder / f"half-{seed:04d}-{period.half}.npz"
            save_half(half_of(match, period), path)
            yield path


def half_of(match: SyntheticMatch, period: Period) -> SimulatedHalf:
    """The samples of one period of a match."""
    n_samples = int(np.ceil((period.stop - period.start) / RATE_HZ * SAMPLE_RATE_HZ))
    frames = period.start + np.ceil(np.arange(n_samples) * RATE_HZ / SAMPLE_RATE_HZ).astype(int)
    frames = frames[frames < period.stop]
    play, path = match.play, match.path
    sampled = CameraPath(
        path.position_m[frames], path.pan_rad[frames], path.tilt_rad[frames],
        path.roll_rad[frames], path.focal_px[frames], path.image_size_px,
    )  # fmt: skip
    views = view_people(play, match.motion, sampled, path_part=slice(None), play_frames=frames)
    matrix = sampled.image_from_pitch()
    camera, is_replay = _on_air(match, frames)
    events = [(k, e) for k, e in enumerate(play.events) if period.start <= e.frame < period.stop]
    shown = np.array([is_visible(match, event) for _, event in events], bool)
    kits = [kit.shirt for kit in match.look.kits[:5]]
    return SimulatedHalf(
        times_ms=np.array([ms_of_frame(int(f) - period.start) for f in frames], np.int64),
        person_xy_m=play.person_xy_m[frames].astype(np.float64),
        team=np.array([TEAMS.index(p.team) if p.team else -1 for p in play.people], np.int64),
        role=np.array([ROLES.index(p.role) for p in play.people], np.int64),
        box_px=np.where(views.is_shown[..., None], views.box_px, np.nan),
        visible_share=np.where(views.is_shown, views.visible_share, 0.0),
        ball_xyz_m=play.ball_xyz_m[frames].astype(np.float64),
        image_from_pitch=matrix / matrix[:, 2:, 2:],
        on_air=match.shows_main_camera[frames],
        camera=camera,
        is_replay=is_replay,
        event_ms=np.array([ms_of_frame(e.frame - period.start) for _, e in events], np.int64),
        event_label=np.array([SOCCERNET_V2.index(e.label) for _, e in events], np.int64),
        event_team=np.array([TEAMS.index(e.team) if e.team else -1 for _, e in events], np.int64),
        event_xy_m=np.array([e.pitch_xy_m for _, e in events], np.float64).reshape(-1, 2),
        event_shown=shown,
        kit_rgb=np.array(kits, np.float64),
        image_size_px=match.image_size_px,
    )


def save_half(half: SimulatedHalf, path: Path) -> None:
    """Write a half whole or not at all."""
    arrays = {
        "times_ms": half.times_ms.astype(np.int32),
        "person_xy_cm": _packed(half.person_xy_m * 100),
        "team": half.team.astype(np.int8),
        "role": half.role.astype(np.int8),
        "box_px": _packed(half.box_px),
        "share": np.round(half.visible_share * 255).astype(np.uint8),
        "ball_xyz_cm": _packed(half.ball_xyz_m * 100),
        "image_from_pitch": half.image_from_pitch.astype(np.float32),
        "on_air": half.on_air,
        "camera": half.camera.astype(np.int8),
        "is_replay": half.is_replay,
        "event_ms": half.event_ms.astype(np.int32),
        "event_label": half.event_label.astype(np.int8),
        "event_team": half.event_team.astype(np.int8),
        "event_xy_m": half.event_xy_m.astype(np.float32),
        "event_shown": half.event_shown,
        "kit_rgb": half.kit_rgb.astype(np.float32),
        "image_size_px": np.array(half.image_size_px, np.int32),
    }
    handle, work = tempfile.mkstemp(prefix=".part-", suffix=".npz", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            np.savez_compressed(stream, **arrays)
        Path(work).chmod(0o644)
        Path(work).replace(path)
    finally:
        Path(work).unlink(missing_ok=True)


def load_half(path: Path) -> SimulatedHalf:
    """A half from its file.

    Raises:
        InputProblem: the file is none of ours.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        values = {
            "person_xy_m": _unpacked(arrays.pop("person_xy_cm")) / 100,
            "ball_xyz_m": _unpacked(arrays.pop("ball_xyz_cm")) / 100,
            "box_px": _unpacked(arrays.pop("box_px")),
            "visible_share": arrays.pop("share") / 255.0,
            "image_size_px": tuple(int(side) for side in arrays.pop("image_size_px")),
        }
        for name in ("image_from_pitch", "event_xy_m", "kit_rgb"):
            values[name] = arrays.pop(name).astype(np.float64)
        for name, array in arrays.items():
            values[name] = array if array.dtype == bool else array.astype(np.int64)
        return SimulatedHalf(**{entry.name: values[entry.name] for entry in fields(SimulatedHalf)})
    except (OSError, KeyError, ValueError) as error:
        raise InputProblem(
            "half_unreadable",
            f"{path.name} is no simulated half; make some with: python -m analysis simulate_halves.",
        ) from error


def _on_air(match: SyntheticMatch, frames: IntArray) -> tuple[IntArray, BoolArray]:
    """Camera index and whether it is a replay, at some frames."""
    starts = np.array([shot.start for shot in match.shots])
    at = np.searchsorted(starts, frames, "right") - 1
    camera = np.array([CAMERAS.index(shot.camera) for shot in match.shots])
    is_replay = np.array([shot.is_replay for shot in match.shots])
    return camera[at], is_replay[at]


def _packed(values: FloatArray) -> NDArray[np.int16]:
    known = np.isfinite(values)
    clipped = np.clip(np.round(np.where(known, values, 0)), -32767, 32767)
    return np.where(known, clipped, _ABSENT).astype(np.int16)


def _unpacked(values: NDArray[np.int16]) -> FloatArray:
    return np.where(values == _ABSENT, np.nan, values.astype(np.float64))
