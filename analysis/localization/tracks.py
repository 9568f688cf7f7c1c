"""The same person from sample to sample, in metres: assignment gated by human speed, motion and kit.

At two samples a second people move up to 4.5 m between samples, so prediction matters. First tracks are built sample by
sample, then every link is judged again with what came before and after it (``relinking``), which also joins tracks that
end and begin again; then gaps are filled and paths smoothed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from analysis.core.records import CalibrationTrack, PlayersTrack
from analysis.localization.crowd import Sightings
from analysis.localization.gaps import with_gaps_filled
from analysis.localization.locator import spread_on_ground
from analysis.localization.motion import Belief, corrected, first_belief, predicted
from analysis.localization.relinking import relinked
from analysis.localization.team_colours import lab

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

FASTEST_M_PER_S = 9.5
COLOUR_SPREAD = 12.0  # weighted Lab units between two looks at one shirt
MOST_COLOUR_COST = 9.0
OTHER_KIT = 48.0  # in those units: nobody changes shirts
# Squared distance, in units of the prediction's spread, beyond which it is somebody else.
GATE = 16.0
LEAST_SIGMA_M = 0.35
# Rows below go on with tracks that no surer row continued (Zhang et al. 2022, ByteTrack), nearer than others must be;
# they begin none.
SURE_SCORE, UNSURE_GATE = 0.5, 6.0
FORBIDDEN = 1e6
# Places are never surer than this along either axis, when links are judged again.
LEAST_AXIS_SIGMA_M = 0.2
# A jump that this many people make together, and most of all, is the calibration's and not theirs.
LEAST_JUMPERS, JUMP_REACH_M, JUMP_NEAR_M = 5, 8.0, 0.9


@dataclass(slots=True)
class _Live:
    """A track under way: its number, what is believed of it, colour, and votes for either kit."""

    track_id: int
    time_ms: int
    belief: Belief
    colour: FloatArray
    votes: FloatArray

    @property
    def kit(self) -> int:
        """0 or 1 where the rows so far clearly wear one, else -1."""
        first, second = self.votes
        return -1 if max(first, second) <= 2 * min(first, second) else int(second > first)


def track_players(
    track: PlayersTrack,
    calibrations: CalibrationTrack,
    kits: IntArray | None = None,
    *,
    max_gap_ms: int = 2100,
    first_id: int = 1,
) -> PlayersTrack:
    """The rows with ``track_id`` set, paths smoothed, and rows marked ``interpolated`` where a person was missed.

    Args:
        track: detected rows; those without a position stay untracked (-1).
        calibrations: its clock tells which samples exist; gaps are filled at sample times with a position frame only.
        kits: (N,) 0 or 1 for the kit a row wears, -1 where nobody can tell; None when nothing is known of kits.
        max_gap_ms: gaps up to this long are filled.
        first_id: the number the first track gets.
    """
    placed = np.flatnonzero(np.isfinite(track.pitch_xy_m).all(axis=1))
    ids = np.full(len(track), -1, np.int64)
    worn = np.full(len(track), -1, np.int64) if kits is None else kits
    if len(placed):
        tracker = _Tracker(track, worn, max_gap_ms, first_id)
        times_ms, starts = np.unique(track.times_ms[placed], return_index=True)
        for time_ms, rows in zip(times_ms, np.split(placed, starts[1:]), strict=True):
            tracker.step(int(time_ms), rows)
        placed = placed[tracker.ids[placed] >= 0]
        seen = _sightings(track, calibrations, worn, placed)
        new = relinked(tracker.ids[placed], seen)
        # Unsure finds begin no track, and are none by themselves.
        has_sure = np.bincount(new, track.score[placed] >= SURE_SCORE) > 0
        _, new = np.unique(np.where(has_sure[new], new, -1), return_inverse=True)
        ids[placed] = new + (first_id if has_sure.all() else first_id - 1)
        ids[ids < first_id] = -1
    kept = (ids >= 0) | (track.score >= SURE_SCORE)
    return with_gaps_filled(track.some_people(kept), ids[kept], calibrations, max_gap_ms=max_gap_ms)


class _Tracker:
    """Builds tracks sample by sample; ``ids`` are the rows' numbers."""

    def __init__(self, track: PlayersTrack, kits: IntArray, max_gap_ms: int, first_id: int) -> None:
        self.places, self.kits, self.max_gap_ms = track.pitch_xy_m, kits, max_gap_ms
        self.sigmas_m = np.clip(np.nan_to_num(track.sigma_m, nan=1.0), LEAST_SIGMA_M, 2.0)
        self.colours, self.scores = lab(track.colour_rgb), track.score
        self.ids = np.full(len(track), -1, np.int64)
        self.next_id = first_id
        self.live: list[_Live] = []

    def step(self, time_ms: int, rows: IntArray) -> None:
        """Take in the rows of one sample."""
        self.live = [one for one in self.live if time_ms - one.time_ms <= self.max_gap_ms]
        seconds = np.array([(time_ms - one.time_ms) / 1000 for one in self.live])
        ahead = predicted(_together(self.live), seconds)
        is_sure = self.scores[rows] >= SURE_SCORE
        shift = common_jump(ahead.place, self.places[rows[is_sure]])
        waiting = np.arange(len(self.live))
        for part, gate in ((rows[is_sure], GATE), (rows[~is_sure], UNSURE_GATE)):
            cost = self._cost(time_ms, ahead, waiting, part, shift, gate)
            i, j = linear_sum_assignment(cost)
            i, j = (side[cost[i, j] < FORBIDDEN] for side in (i, j))
            who, found = waiting[i], part[j]
            # What jumped with everybody else is believed less.
            sigma = np.hypot(self.sigmas_m[found], np.linalg.norm(shift))
            after = corrected(ahead.of(who), self.places[found], sigma)
            for n, (k, row) in enumerate(zip(who.tolist(), found.tolist(), strict=True)):
                self._continue(self.live[k], time_ms, row, after.of(n))
            waiting = np.delete(waiting, i)
        for row in rows[is_sure]:
            if self.ids[row] < 0:
                self._begin(time_ms, int(row))

    def _cost(
        self,
        time_ms: int,
        ahead: Belief,
        waiting: IntArray,
        rows: IntArray,
        shift: FloatArray,
        gate: float,
    ) -> FloatArray:
        """(waiting tracks, rows) minus twice the logarithm of how likely a row continues a track."""
        if not len(waiting) or not len(rows):
            return np.zeros((len(waiting), len(rows)))
        live = [self.live[i] for i in waiting]
        places = self.places[rows] - shift
        seconds = np.array([(time_ms - one.time_ms) / 1000 for one in live])
        spread = ahead.spread[waiting, 0, 0][:, None] + self.sigmas_m[rows] ** 2
        off = np.linalg.norm(places[None] - ahead.place[waiting][:, None], axis=2)
        last = np.array([one.belief.place for one in live])
        moved = np.linalg.norm(places[None] - last[:, None], axis=2)
        looks = np.array([one.colour for one in live])
        unlike = np.linalg.norm(self.colours[rows][None] - looks[:, None], axis=2)
        known = np.nan_to_num(unlike, nan=COLOUR_SPREAD)
        cost = off**2 / spread + 2 * np.log(spread)
        cost += np.minimum((known / COLOUR_SPREAD) ** 2, MOST_COLOUR_COST)
        kits = np.array([one.kit for one in live])[:, None]
        clash = (kits >= 0) & (self.kits[rows] >= 0) & (kits != self.kits[rows])
        slack = 1.0 + 2 * self.sigmas_m[rows]
        fast = moved > FASTEST_M_PER_S * seconds[:, None] + slack[None]
        cost[fast | clash | (known > OTHER_KIT) | (off**2 / spread > gate)] = FORBIDDEN
        return cost

    def _begin(self, time_ms: int, row: int) -> None:
        belief = first_belief(self.places[row], float(self.sigmas_m[row]))
        self.live.append(_Live(self.next_id, time_ms, belief, self.colours[row], np.zeros(2)))
        self._note(self.live[-1], row)
        self.next_id += 1

    def _continue(self, one: _Live, time_ms: int, row: int, belief: Belief) -> None:
        colour = self.colours[row]
        if np.isfinite(colour).all():
            seen = np.isfinite(one.colour).all()
            one.colour = 0.8 * one.colour + 0.2 * colour if seen else colour
        one.time_ms, one.belief = time_ms, belief
        self._note(one, row)

    def _note(self, one: _Live, row: int) -> None:
        self.ids[row] = one.track_id
        if self.kits[row] >= 0:
            one.votes[self.kits[row]] += 1


def _together(live: Sequence[_Live]) -> Belief:
    """All beliefs in one, also of nobody."""
    beliefs = [one.belief for one in live]
    return Belief(
        np.array([one.place for one in beliefs]).reshape(-1, 2),
        np.array([one.velocity for one in beliefs]).reshape(-1, 2),
        np.array([one.spread for one in beliefs]).reshape(-1, 2, 2),
    )


def common_jump(expected: FloatArray, seen: FloatArray) -> FloatArray:
    """(2,) metres by which most people (expected (N, 2), seen (M, 2)) moved together against expectation; zero if none.

    Twenty people do not jump the same way within half a second: a calibration does, for a sample or two.
    """
    nothing = np.zeros(2)
    if min(len(expected), len(seen)) < LEAST_JUMPERS:
        return nothing
    offsets = (seen[None] - expected[:, None]).reshape(-1, 2)
    near = offsets[np.linalg.norm(offsets, axis=1) < JUMP_REACH_M]
    if not len(near):
        return nothing
    agree = np.linalg.norm(near[:, None] - near[None], axis=2) < JUMP_NEAR_M
    counts = agree.sum(axis=1)
    best = int(counts.argmax())
    still = int((np.linalg.norm(near, axis=1) < JUMP_NEAR_M).sum())
    if counts[best] < max(LEAST_JUMPERS, 1.5 * still, 0.4 * min(len(expected), len(seen))):
        return nothing
    return np.asarray(near[agree[best]].mean(axis=0))


def _sightings(
    track: PlayersTrack, calibrations: CalibrationTrack, kits: IntArray, rows: IntArray
) -> Sightings:
    """The rows as relinking needs them, with the shape that the view gives the spread of their places."""
    times_ms, places = track.times_ms[rows], track.pitch_xy_m[rows]
    sigmas_m = np.nan_to_num(track.sigma_m[rows], nan=1.0)
    spreads = np.square(sigmas_m)[:, None, None] * np.eye(2) / 2
    moments, starts = np.unique(times_ms, return_index=True)
    samples = np.searchsorted(calibrations.times_ms, moments)
    for time_ms, sample, part in zip(
        moments, samples, np.split(np.arange(len(rows)), starts[1:]), strict=True
    ):
        is_there = sample < len(calibrations) and calibrations.times_ms[sample] == time_ms
        view = calibrations.row(int(sample)) if is_there else None
        if view is not None:
            spreads[part] = spread_on_ground(places[part], sigmas_m[part], view)
    return Sightings(
        times_ms=times_ms,
        places=places,
        spreads=spreads + LEAST_AXIS_SIGMA_M**2 * np.eye(2),
        looks=lab(track.colour_rgb[rows]),
        kits=kits[rows],
    )
