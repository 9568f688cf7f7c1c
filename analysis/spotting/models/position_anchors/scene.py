"""A half in pitch space as fixed arrays at two samples a second: people, ball, view. Training and serving share it.

Positions are scaled to a pitch of 105 x 68 m, so that lines lie where the network has learnt them. Velocities come from
the nearest person of the same team one sample before and after, not from tracks: they need no identity, and they are
the same for simulated and for located people.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.core import homography
from analysis.core.pitch import PENALTY_MARK_M, STANDARD_PITCH, PitchSpec
from analysis.core.records import CalibrationTrack, PlayersTrack, Stream
from analysis.core.vocabulary import POSITION_SOURCES, ROLES

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int64]

RATE_HZ = 2.0
STEP_MS = 500
N_PEOPLE = 26
"""More people of a sample are left out, those furthest from the middle of the picture first."""
PEOPLE_COLUMNS = ("x", "y", "vx", "vy", "side", "is_keeper", "has_velocity", "is_there")
BALL_COLUMNS = ("x", "y", "vx", "vy", "is_known", "age_s")
VIEW_COLUMNS = ("is_calibrated", "look_x", "look_y", "left_x", "right_x", "age_s")

_NEAREST_SAMPLE_MS = 300
_GATE_M = 4.5
_LONGEST_AGE_S = 10.0
_FAR_M = 70.0
_KEEPER = ROLES.index("goalkeeper")
_DETECTED = POSITION_SOURCES.index("detected")
_CHUNK = 512
PAINT_REACH_M = 1.0


@dataclass(frozen=True, slots=True)
class Scene:
    """T samples, 500 ms apart; nothing known is 0 with its flag 0.

    Args:
        start_ms: time of the first sample.
        people: (T, N_PEOPLE, 8) see ``PEOPLE_COLUMNS``: metres, metres a second, side +1 home, -1 away, 0 unknown.
        ball: (T, 6) see ``BALL_COLUMNS``: the last known place and how old it is (at most 10 s).
        view: (T, 6) see ``VIEW_COLUMNS``: metres on the ground under the picture's middle and its left and right edge,
            as last known, and how old that is.
    """

    start_ms: int
    people: FloatArray
    ball: FloatArray
    view: FloatArray

    def __len__(self) -> int:
        return len(self.people)


def build_scene(streams: Mapping[str, Stream], pitch: PitchSpec) -> Scene:
    """The scene of the streams ``players`` and ``calibrations``.

    Raises:
        TypeError: streams of other kinds.
    """
    players, calibrations = streams["players"], streams["calibrations"]
    if not isinstance(players, PlayersTrack) or not isinstance(calibrations, CalibrationTrack):
        raise TypeError("position anchors read the streams 'players' and 'calibrations'")
    times_ms = calibrations.times_ms
    if not len(times_ms):
        return Scene(
            0, *(np.zeros((0, *shape), np.float32) for shape in ((N_PEOPLE, 8), (6,), (6,)))
        )
    start_ms = int(times_ms[0])
    n_samples = int((times_ms[-1] - start_ms) // STEP_MS) + 1
    # The sample of each tick: the nearest one, if it is near.
    ticks = start_ms + STEP_MS * np.arange(n_samples)
    source = _nearest(times_ms, ticks)
    scale = np.array(
        [STANDARD_PITCH.length_m / pitch.length_m, STANDARD_PITCH.width_m / pitch.width_m]
    )
    view = _view(calibrations, source, scale)
    people = _people(players, times_ms, source, scale, view)
    ball = _ball(players, times_ms, source, scale)
    return Scene(start_ms, people, ball, view)


def _nearest(times_ms: IntArray, ticks: IntArray) -> IntArray:
    """(T,) index of the sample nearest to each tick, -1 where none is near."""
    after = np.clip(np.searchsorted(times_ms, ticks), 0, len(times_ms) - 1)
    before = np.maximum(after - 1, 0)
    is_before = np.abs(times_ms[before] - ticks) < np.abs(times_ms[after] - ticks)
    source = np.where(is_before, before, after)
    return np.where(np.abs(times_ms[source] - ticks) <= _NEAREST_SAMPLE_MS, source, -1)


def _ticks_of(row_times_ms: IntArray, times_ms: IntArray, source: IntArray) -> IntArray:
    """For each row the tick whose sample it belongs to, -1 for none."""
    tick_of_sample = np.full(len(times_ms), -1, np.int64)
    known = np.flatnonzero(source >= 0)
    tick_of_sample[source[known]] = known
    sample = np.clip(np.searchsorted(times_ms, row_times_ms), 0, len(times_ms) - 1)
    belongs = times_ms[sample] == row_times_ms
    return np.where(belongs, tick_of_sample[sample], -1)


def _people(
    players: PlayersTrack,
    times_ms: IntArray,
    source: IntArray,
    scale: NDArray[np.float64],
    view: FloatArray,
) -> FloatArray:
    people = np.zeros((len(source), N_PEOPLE, len(PEOPLE_COLUMNS)), np.float32)
    place = players.pitch_xy_m * scale
    tick = _ticks_of(players.times_ms, times_ms, source)
    # Rows invented between two sightings would look like people who walk straight; the network bridges gaps itself.
    usable = (tick >= 0) & np.isfinite(place).all(axis=1) & (players.source == _DETECTED)
    usable &= np.abs(np.nan_to_num(place, nan=np.inf)).max(axis=1) < _FAR_M
    rows = np.flatnonzero(usable)
    from_middle = np.linalg.norm(place[rows] - view[tick[rows], 1:3], axis=1)
    rows = rows[np.lexsort((from_middle, tick[rows]))]
    at = tick[rows]
    slot = np.arange(len(rows)) - np.searchsorted(at, at)
    rows, at, slot = rows[slot < N_PEOPLE], at[slot < N_PEOPLE], slot[slot < N_PEOPLE]
    people[at, slot, 0:2] = place[rows]
    people[at, slot, 4] = np.array([1.0, -1.0, 0.0])[players.team[rows]]
    people[at, slot, 5] = players.role[rows] == _KEEPER
    people[at, slot, 7] = 1.0
    people[..., 2:4], people[..., 6] = _velocities(people)
    return people


def _velocities(people: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(T, N, 2) metres a second and (T, N) whether known: mean of the ways from before and to after."""
    n_samples = len(people)
    total = np.zeros((n_samples, N_PEOPLE, 2), np.float32)
    count = np.zeros((n_samples, N_PEOPLE), np.float32)
    for begin in range(0, n_samples, _CHUNK):
        here = np.arange(begin, min(begin + _CHUNK, n_samples))
        for offset in (-1, 1):
            rows = here[(here + offset >= 0) & (here + offset < n_samples)]
            own, other = people[rows], people[rows + offset]
            way = other[:, None, :, 0:2] - own[:, :, None, 0:2]  # (t, N, N, 2)
            gap = way[..., 0] ** 2 + way[..., 1] ** 2
            differs = own[:, :, None, 4] * other[:, None, :, 4] < 0
            absent = (own[:, :, None, 7] * other[:, None, :, 7]) == 0
            gap = np.where(differs | absent, np.float32(1e9), gap)
            best = gap.argmin(axis=2)
            near = np.take_along_axis(gap, best[..., None], 2)[..., 0] < _GATE_M**2
            moved = np.take_along_axis(way, best[..., None, None], 2)[:, :, 0]
            total[rows] += np.where(near[..., None], offset * moved * RATE_HZ, 0.0)
            count[rows] += near
    known = count > 0
    return total / np.maximum(count, 1)[..., None], known.astype(np.float32)


def _ball(
    players: PlayersTrack, times_ms: IntArray, source: IntArray, scale: NDArray[np.float64]
) -> FloatArray:
    n_samples = len(source)
    ball = np.zeros((n_samples, len(BALL_COLUMNS)), np.float32)
    place = players.ball_xy_m * scale
    tick = _ticks_of(players.ball_times_ms, times_ms, source)
    rows = np.flatnonzero((tick >= 0) & np.isfinite(place).all(axis=1) & ~_is_painted(place))
    # The surest of several balls of a sample comes last and wins.
    rows = rows[np.argsort(players.ball_score[rows], kind="stable")]
    known = np.zeros(n_samples, bool)
    known[tick[rows]] = True
    ball[tick[rows], 0:2] = np.clip(place[rows], -_FAR_M, _FAR_M)
    last, age = _last_known(known)
    ball[:, 0:2] = np.where((last >= 0)[:, None], ball[np.maximum(last, 0), 0:2], 0.0)
    ball[:, 4], ball[:, 5] = known, age
    at = np.flatnonzero(known)
    steps = np.diff(at)
    speed = np.diff(ball[at, 0:2], axis=0) * RATE_HZ / np.maximum(steps, 1)[:, None]
    speed[steps > 2] = 0.0
    ball[at[1:], 2:4] = np.clip(speed, -40, 40)
    return ball


def _is_painted(place: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(N,) whether a ball lies on a penalty mark: detectors take paint for balls, and real ones seldom lie there."""
    beside = np.abs(np.abs(place[:, 0]) - (STANDARD_PITCH.length_m / 2 - PENALTY_MARK_M))
    return np.asarray(np.hypot(beside, place[:, 1]) < PAINT_REACH_M)


def _view(
    calibrations: CalibrationTrack, source: IntArray, scale: NDArray[np.float64]
) -> FloatArray:
    n_samples = len(source)
    view = np.zeros((n_samples, len(VIEW_COLUMNS)), np.float32)
    known = (source >= 0) & calibrations.usable(0.0)[np.maximum(source, 0)]
    width, height = calibrations.image_size_px
    points = np.array([[width / 2, height / 2], [0, height / 2], [width, height / 2]])
    for k in np.flatnonzero(known):
        ground = homography.ground_from_image(
            calibrations.image_from_pitch[source[k]], points, (width, height)
        )
        if np.isfinite(ground).all():
            ground = np.clip(ground * scale, -2 * _FAR_M, 2 * _FAR_M)
            view[k, 1:5] = ground[0, 0], ground[0, 1], ground[1, 0], ground[2, 0]
        else:
            known[k] = False
    last, age = _last_known(known)
    view[:, 1:5] = np.where((last >= 0)[:, None], view[np.maximum(last, 0), 1:5], 0.0)
    view[:, 0], view[:, 5] = known, age
    return view


def _last_known(known: NDArray[np.bool_]) -> tuple[IntArray, NDArray[np.float64]]:
    """(T,) index of the last known sample up to each (-1 before the first) and its age in seconds, at most 10."""
    n_samples = len(known)
    last = np.maximum.accumulate(np.where(known, np.arange(n_samples), -1))
    age = np.where(last >= 0, (np.arange(n_samples) - last) / RATE_HZ, _LONGEST_AGE_S)
    return last, np.minimum(age, _LONGEST_AGE_S)
