"""Set pieces as formations: how much each sample looks like one, and when it ended (which is when the ball was kicked).

Every rule answers per sample with a quality in [0, 1] made of soft conditions, and then takes runs of quality. Referees
never count as players. Numbers are metres and seconds of the game, not of a data set.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.core import pitch as marks
from analysis.spotting.models.rules.scene import Scene, ramp, runs

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

# People who wait still drift, and their positions jitter.
WAITING_M_PER_S = 2.2
# Mean speed of all players: in real tracking 1.6 to 2.8 while the ball runs, 0.5 to 1.2 while it is fetched.
CALM_M_PER_S = (2.3, 1.5)


@dataclass(frozen=True, slots=True)
class Found:
    """A situation that ended at ``time_ms``: label, confidence, place and team (0, 1 or -1)."""

    label: str
    time_ms: int
    confidence: float
    pitch_xy_m: tuple[float, float]
    team: int = -1


def all_situations(scene: Scene) -> list[Found]:
    """Candidates of every rule."""
    if not len(scene.times_ms):
        return []
    return [
        *kick_offs(scene),
        *corners(scene),
        *throw_ins(scene),
        *penalties(scene),
        *free_kicks(scene),
    ]


def kick_offs(scene: Scene) -> list[Found]:
    """Both teams in their own halves and calm, somebody comes to the centre spot, then all of that ends.

    The moment is the last sample of the longest stay at the spot while the formation stands (or just after).
    """
    person = scene.is_person & ~scene.is_referee
    x = scene.xy_m[..., 0]
    to_spot = _distance(scene, np.zeros(2))
    at_spot = person & (to_spot < 3.0)
    others = person & ~at_spot & (scene.team >= 0)
    shares = [
        _share(np.where(scene.team == left_team, x < 2.0, x > -2.0), others) for left_team in (0, 1)
    ]
    counts = [(person & (scene.team == team)).sum(axis=1) for team in (0, 1)]
    both_halves = np.minimum((person & (x < -2)).sum(axis=1), (person & (x > 2)).sum(axis=1))
    formation = (
        ramp(np.max(shares, axis=0), 0.84, 0.96)
        * ramp(np.minimum(*counts), 2, 5)
        * ramp(both_halves, 2, 5)
        * (0.4 + 0.6 * ramp(_calm(scene, person), 2.5, 1.2))
    )
    taken = ramp(_nearest(to_spot, person), 3.0, 1.3)
    waits_ms = np.zeros(len(scene.times_ms))
    for first, last in runs(taken > 0.3, scene.times_ms, max_gap_ms=1100):
        waits_ms[first : last + 1] = scene.times_ms[last] - scene.times_ms[first]
    found = []
    for first, last in runs(formation > 0.3, scene.times_ms, max_gap_ms=1100):
        end = int(np.searchsorted(scene.times_ms, scene.times_ms[last] + 1000, "right"))
        at = first + np.flatnonzero(taken[first:end] > 0.3)
        if not len(at):
            continue
        # Either the formation stands for a while, or the taker does while the last ones come home.
        long_ms = max(scene.times_ms[last] - scene.times_ms[first], waits_ms[at].max())
        if long_ms < 1400 and scene.times_ms[first] - scene.times_ms[0] > 1500:
            continue
        best = float(np.sort(formation[first : last + 1])[-3:].mean())
        ended = last + 1 < len(scene.times_ms)
        score = best * float(taken[at].max()) * (1.0 if ended else 0.6)
        longest = at[waits_ms[at] == waits_ms[at].max()]
        found.append(Found("Kick-off", int(scene.times_ms[longest[-1]]), score, (0.0, 0.0)))
    return found


def corners(scene: Scene) -> list[Found]:
    """A crowd of both teams before a goal that waits, the camera on that end, and mostly a taker seen at the flag."""
    person = scene.is_person & ~scene.is_referee
    half_x, half_y = scene.pitch.length_m / 2, scene.pitch.width_m / 2
    found = []
    for x_sign in (-1.0, 1.0):
        box = (
            person & (scene.xy_m[..., 0] * x_sign > half_x - 18) & (np.abs(scene.xy_m[..., 1]) < 21)
        )
        each = [(box & (scene.team == team)).sum(axis=1) for team in (0, 1)]
        looks = scene.look_m[:, 0] * x_sign
        crowd = box.sum(axis=1)
        base = ramp(np.minimum(*each), 1, 4) * (0.4 + 0.6 * ramp(looks, half_x - 35, half_x - 22))
        unseen = (
            0.62
            * base
            * ramp(crowd, 7, 11)
            * ramp(_calm(scene, box), 1.9, 1.1)
            * ramp(looks, half_x - 24, half_x - 14)
            * ramp(_mean_depth(scene, box, half_x), 12.0, 9.0)
            * ramp(np.abs(scene.look_m[:, 1]), 2.0, 6.0)
        )
        takers = []
        for y_sign in (-1.0, 1.0):
            corner = np.array([x_sign * half_x, y_sign * half_y])
            near = person & (np.abs(scene.xy_m - corner) < [3.5, 4.0]).all(axis=2)
            takers.append(near & (np.nan_to_num(scene.speed, nan=1.0) < WAITING_M_PER_S))
        seen = np.any([taker.any(axis=1) for taker in takers], axis=0)
        quality = np.maximum(unseen, seen * base * ramp(crowd, 4, 9))
        for first, last in runs(quality > 0.25, scene.times_ms, max_gap_ms=1100):
            if scene.times_ms[last] - scene.times_ms[first] < 1000:
                continue
            rows = np.arange(first, last + 1)
            best = float(np.sort(quality[rows])[-4:].mean())
            at = rows[seen[rows]]
            moment = int(at[-1]) if len(at) else last
            counts = [taker[rows].any(axis=1).sum() for taker in takers]
            upper = counts[1] > counts[0] or (
                counts[0] == counts[1] and np.nanmean(scene.look_m[rows, 1]) > 0
            )
            taker = takers[int(upper)]
            place = (x_sign * half_x, half_y if upper else -half_y)
            found.append(
                Found(
                    "Corner", int(scene.times_ms[moment]), best, place, _team(scene, taker, moment)
                )
            )
    return found


def throw_ins(scene: Scene) -> list[Found]:
    """A player of a team standing on or behind a touch-line, away from the corners, players about, then stepping in."""
    half_x, half_y = scene.pitch.length_m / 2, scene.pitch.width_m / 2
    player = scene.is_person & ~scene.is_referee & (scene.team >= 0)
    found = []
    for sign in (-1.0, 1.0):
        beyond = scene.xy_m[..., 1] * sign - half_y
        x = scene.xy_m[..., 0]
        waits = (
            player & (beyond > -0.9) & (beyond < 2.5) & (np.abs(x) < half_x - 3.0)
            & (np.nan_to_num(scene.speed, nan=1.0) < WAITING_M_PER_S)
        )  # fmt: skip
        at = np.where(waits.any(axis=1), waits.argmax(axis=1), 0)
        place = scene.xy_m[np.arange(len(at)), at]
        around = np.linalg.norm(scene.xy_m - place[:, None], axis=2)
        company = (player & (around > 0.1) & (around < 22)).sum(axis=1)
        looks = np.abs(scene.look_m[:, 0] - place[:, 0])
        quality = (
            waits.any(axis=1)
            * ramp(company, 2, 6)
            * (0.4 + 0.6 * ramp(looks, 32, 18))
            * ramp(waits.sum(axis=1), 4, 1.5)
            * (0.15 + 0.85 * ramp(_calm(scene, player), CALM_M_PER_S[0], CALM_M_PER_S[1]))
        )
        for first, last in runs(quality > 0.25, scene.times_ms, max_gap_ms=1600):
            long_ms = scene.times_ms[last] - scene.times_ms[first]
            drift = float(np.ptp(place[first : last + 1, 0][quality[first : last + 1] > 0.25]))
            if not 500 <= long_ms <= 20_000 or drift > 8:
                continue
            best = float(np.median(quality[first : last + 1]))
            steps_in = _steps_in(scene, place[last], sign, last)
            score = 0.75 * best * (1.0 if steps_in else 0.55) * float(ramp(np.float64(drift), 8, 3))
            where = (float(place[last, 0]), float(sign * half_y))
            found.append(
                Found(
                    "Throw-in",
                    int(scene.times_ms[last]),
                    score,
                    where,
                    int(scene.team[last, at[last]]),
                )
            )
    return found


def penalties(scene: Scene) -> list[Found]:
    """Keeper on the line, one player at the mark, everybody else outside the area and the arc."""
    person = scene.is_person & ~scene.is_referee
    half_x = scene.pitch.length_m / 2
    found = []
    for sign in (-1.0, 1.0):
        x, y = scene.xy_m[..., 0] * sign, scene.xy_m[..., 1]
        mark = np.array([sign * (half_x - marks.PENALTY_MARK_M), 0.0])
        keeper = person & (x > half_x - 1.5) & (np.abs(y) < 4.0)
        taker = person & (_distance(scene, mark) < 6.0) & (x < half_x - 9.5)
        inside = person & (x > half_x - marks.PENALTY_AREA_DEPTH_M + 0.7) & (
            np.abs(y) < marks.PENALTY_AREA_WIDTH_M / 2 - 0.7
        )  # fmt: skip
        others_in = inside.sum(axis=1) - (keeper | (taker & inside)).sum(axis=1)
        waiting = (person & (x > half_x - 27) & ~inside).sum(axis=1)
        quality = (
            (keeper.sum(axis=1) == 1)
            * ((taker.sum(axis=1) >= 1) & (taker.sum(axis=1) <= 2))
            * ramp(others_in, 1.5, 0)
            * ramp(waiting, 3, 8)
            * (0.5 + 0.5 * ramp(_calm(scene, person), 2.0, 1.0))
        )
        for first, last in runs(quality > 0.3, scene.times_ms, max_gap_ms=1600):
            if last - first < 3:
                continue
            best = float(np.sort(quality[first : last + 1])[-4:].mean())
            found.append(
                Found(
                    "Penalty",
                    int(scene.times_ms[last]),
                    best,
                    (float(mark[0]), 0.0),
                    _team(scene, taker, last),
                )
            )
    return found


def free_kicks(scene: Scene) -> list[Found]:
    """A wall: three or more of one team shoulder to shoulder and still, an opponent about ten yards before it."""
    quality = np.zeros(len(scene.times_ms))
    place = np.zeros((len(scene.times_ms), 2))
    team = np.full(len(scene.times_ms), -1)
    slow = scene.is_person & (np.nan_to_num(scene.speed, nan=9.0) < 1.2) & (scene.team >= 0)
    for t in np.flatnonzero(slow.sum(axis=1) >= 5):
        quality[t], place[t], team[t] = _wall(scene, t, slow[t])
    found = []
    for first, last in runs(quality > 0.3, scene.times_ms, max_gap_ms=1600):
        if last - first < 3:
            continue
        best = 0.6 * float(np.sort(quality[first : last + 1])[-4:].mean())
        k = first + int(quality[first : last + 1].argmax())
        found.append(
            Found(
                "Direct free-kick",
                int(scene.times_ms[last]),
                best,
                (float(place[k, 0]), float(place[k, 1])),
                int(team[k]),
            )
        )
    return found


def _wall(scene: Scene, t: int, slow: BoolArray) -> tuple[float, FloatArray, int]:
    """(quality, taker's place, taker's team) of the best wall of one sample."""
    best: tuple[float, FloatArray, int] = (0.0, np.zeros(2), -1)
    for defenders in (0, 1):
        members = scene.xy_m[t, slow & (scene.team[t] == defenders)]
        attackers = scene.xy_m[t, slow & (scene.team[t] == 1 - defenders)]
        if len(members) < 3 or not len(attackers):
            continue
        gaps = np.linalg.norm(members[:, None] - members[None], axis=2)
        group = (gaps < 1.3) @ np.ones(len(members))  # neighbours, oneself included
        centre = int(group.argmax())
        wall = members[gaps[centre] < 2.6]
        if len(wall) < 3 or group[centre] < 3:
            continue
        middle = wall.mean(axis=0)
        reach = np.linalg.norm(attackers - middle, axis=1)
        goal_x = np.sign(middle[0]) * scene.pitch.length_m / 2
        before = np.abs(goal_x - attackers[:, 0]) > np.abs(goal_x - middle[0])
        near_goal = float(ramp(np.abs(goal_x - middle[0]), 40, 28))
        fits = np.exp(-0.5 * ((reach - 10.0) / 1.5) ** 2) * before
        taker = int(fits.argmax())
        value = float(fits[taker] * near_goal * ramp(np.float64(len(wall)), 2, 4))
        if value > best[0]:
            best = (value, attackers[taker], 1 - defenders)
    return best


def _distance(scene: Scene, point: FloatArray) -> FloatArray:
    """(T, N) metres to a point; NaN for nobody."""
    return np.linalg.norm(scene.xy_m - point, axis=2)


def _nearest(distance: FloatArray, person: BoolArray) -> FloatArray:
    """(T,) least distance; infinite where there is nobody."""
    return np.where(person, np.nan_to_num(distance, nan=np.inf), np.inf).min(axis=1)


def _share(condition: BoolArray, among: BoolArray) -> FloatArray:
    """(T,) share of ``among`` that fulfils the condition; 0 for nobody."""
    return (condition & among).sum(axis=1) / np.maximum(among.sum(axis=1), 1)


def _calm(scene: Scene, among: BoolArray) -> FloatArray:
    """(T,) mean speed of some people; 1.5 m/s where unknown."""
    known = among & np.isfinite(scene.speed)
    total = np.where(known, np.minimum(scene.speed, 12.0), 0.0).sum(axis=1)
    count = known.sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), 1.5)


def _mean_depth(scene: Scene, among: BoolArray, half_x: float) -> FloatArray:
    """(T,) mean distance to the nearer goal-line of some people; 99 for nobody."""
    depth = np.where(among, half_x - np.abs(scene.xy_m[..., 0]), 0.0).sum(axis=1)
    count = among.sum(axis=1)
    return np.where(count > 0, depth / np.maximum(count, 1), 99.0)


def _team(scene: Scene, among: BoolArray, t: int) -> int:
    teams = scene.team[t, among[t]]
    teams = teams[teams >= 0]
    return int(np.bincount(teams).argmax()) if len(teams) else -1


def _steps_in(scene: Scene, place: FloatArray, sign: float, last: int) -> bool:
    """Whether nobody waits at the place any more within three seconds, and somebody is just inside the line."""
    later = (scene.times_ms > scene.times_ms[last]) & (
        scene.times_ms <= scene.times_ms[last] + 3000
    )
    if not later.any():
        return False
    points = scene.xy_m[later]
    half_y = scene.pitch.width_m / 2
    near = np.linalg.norm(points - place, axis=2) < 7.0
    inside = near & (points[..., 1] * sign < half_y - 0.8)
    return bool(inside.any())
