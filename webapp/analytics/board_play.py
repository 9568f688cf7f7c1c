"""More values of the match board: the shape of a team, territory, momentum, where events were and how sure they are.

Shape is measured only in samples with at least ``LEAST_SEEN`` outfield players of the team in view: a broadcast camera
rarely shows all ten, and a length of the few who are visible would be a lie. Every value says how much time is left.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from webapp.analytics import board_selectors as base
from webapp.analytics.board_positions import Columns, groups
from webapp.analytics.board_selectors import Board, Part
from webapp.analytics.figures.values import (
    Basis,
    EventConfidence,
    EventMap,
    Momentum,
    ShapeOverTime,
    Territory,
)
from webapp.analytics.models import Period, SpottedAction
from webapp.analytics.presentation import lane_order, look
from webapp.analytics.selectors import team_looks

LEAST_SEEN = 7
# Fewer people than this in view are a duel, not where the play is.
LEAST_ANYBODY = 4
REVIEWED = frozenset({"confirmed", "corrected", "added"})
# How much an event says about who presses; ours, and stated beside the figure.
WEIGHTS = {
    "Goal": 5.0,
    "Penalty": 4.0,
    "Shots on target": 3.0,
    "Shots off target": 2.0,
    "Corner": 1.5,
    "Direct free-kick": 0.7,
}
MOMENTUM_SIGMA_MS = 120_000
# Teams whose mean positions differ by less along the pitch do not tell who attacks where.
CLEAR_M = 2.0


def _actions(here: Board, part: Part | None) -> Any:
    if here.run is None or part is None:
        return SpottedAction.objects.none()
    rows = SpottedAction.objects.filter(
        run=here.run,
        video_id=part.video_id,
        position_ms__gte=part.from_ms,
        position_ms__lt=part.to_ms,
    )
    return rows.standing()


def event_map(here: Board, part: Part | None) -> EventMap:
    """Events of a part where they happened."""
    names = ("label", "team", "x_m", "y_m", "position_ms", "confidence")
    rows = list(_actions(here, part).order_by("position_ms", "id").values_list(*names))
    from_ms = part.from_ms if part else 0
    placed = [
        (label, team, x_m, y_m, time_ms - from_ms, confidence)
        for label, team, x_m, y_m, time_ms, confidence in rows
        if x_m is not None and y_m is not None
    ]
    looks = team_looks(here.match)
    return EventMap(
        (here.match.pitch_length_m, here.match.pitch_width_m),
        (looks["home"]["name"], looks["away"]["name"]),
        placed,
        len(rows) - len(placed),
        base.basis(here, part),
    )


def home_attacks_right(here: Board, part: Part | None) -> bool | None:
    """What a person said about the part's period, else what the teams' mean positions say; None when neither does."""
    if here.run is None or part is None:
        return None
    period = Period.objects.filter(
        match=here.match, video=part.video_id, kickoff_ms__gte=part.from_ms, kickoff_ms__lt=part.to_ms
    ).first()  # fmt: skip
    if period is not None and period.home_attacks_right is not None:
        return bool(period.home_attacks_right)
    found = base.people(here, part)
    means = {
        team: float(found.x_m[found.team == team].mean())
        for team in (0, 1)
        if (found.team == team).any()
    }
    if len(means) < 2 or abs(means[0] - means[1]) < CLEAR_M:
        return None
    return bool(means[0] < means[1])


def shape_over_time(here: Board, part: Part | None, team: int) -> ShapeOverTime:
    """Medians of a team's length, width, line height and spread by bin; team 0 is home, 1 away.

    The line is the second-rearmost outfield player in view, and its height his distance from the own goal-line; without
    a known direction of attack it stays empty.
    """
    looks = team_looks(here.match)
    name = looks["away" if team else "home"]["name"]
    length_ms = part.to_ms - part.from_ms if part else 0
    bin_ms = base.bin_ms_of(length_ms)
    n_bins = -(-length_ms // bin_ms)
    measures = np.full((4, n_bins), np.nan)
    samples = np.zeros(n_bins, np.int64)
    times_ms, columns = _shapes(base.people(here, part).outfield(team))
    seen_ms = min(length_ms, len(times_ms) * base.step_ms(here, part))
    condition = f"with {LEAST_SEEN} or more outfield players of the team in view"
    ground = Basis(seen_ms, length_ms, condition)
    if not len(times_ms) or part is None:
        return ShapeOverTime(name, bin_ms, measures, samples, ground)
    right = home_attacks_right(here, part)
    half_m = here.match.pitch_length_m / 2
    if right is None:
        columns[2] = np.nan
    else:
        columns[2] = half_m + columns[2] if right == (team == 0) else half_m - columns[4]
    bins = (times_ms - part.from_ms) // bin_ms
    for i in np.unique(bins):
        measures[:, i] = np.median(columns[:4, bins == i], axis=1)
        samples[i] = int((bins == i).sum())
    return ShapeOverTime(name, bin_ms, measures, samples, ground)


def _shapes(found: Columns) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Samples with enough players: times, and rows length, width, second x, spread, last x but one."""
    order = np.lexsort((found.x_m, found.time_ms))
    time_ms, x_m, y_m = found.time_ms[order], found.x_m[order], found.y_m[order]
    begins = groups(time_ms)
    counts = np.diff(np.r_[begins, len(time_ms)])
    if not len(begins):
        return np.zeros(0, np.int64), np.zeros((5, 0))
    ends = begins + counts - 1

    def spread(values: NDArray[np.float64]) -> NDArray[np.float64]:
        mean = np.add.reduceat(values, begins) / counts
        return np.maximum(np.add.reduceat(values**2, begins) / counts - mean**2, 0)

    rows = np.stack(
        [
            x_m[ends] - x_m[begins],
            np.maximum.reduceat(y_m, begins) - np.minimum.reduceat(y_m, begins),
            x_m[np.minimum(begins + 1, ends)],
            np.sqrt(spread(x_m) + spread(y_m)),
            x_m[np.maximum(ends - 1, begins)],
        ]
    )
    keep = counts >= LEAST_SEEN
    return time_ms[begins][keep], rows[:, keep]


def territory(here: Board, part: Part | None) -> Territory:
    """Thirds of the pitch in which the middle of all visible players lay."""
    length_ms = part.to_ms - part.from_ms if part else 0
    bin_ms = base.bin_ms_of(length_ms)
    counts = np.zeros((3, -(-length_ms // bin_ms)))
    found = base.people(here, part).outfield(0, 1)
    begins = groups(found.time_ms)
    n_people = np.diff(np.r_[begins, len(found.time_ms)])
    times_ms = found.time_ms[begins][n_people >= LEAST_ANYBODY]
    if len(times_ms) and part is not None:
        middles = (np.add.reduceat(found.x_m, begins) / n_people)[n_people >= LEAST_ANYBODY]
        third_m = here.match.pitch_length_m / 3
        thirds = np.clip((middles + 1.5 * third_m) // third_m, 0, 2).astype(np.int64)
        np.add.at(counts, (thirds, (times_ms - part.from_ms) // bin_ms), 1)
    condition = f"with {LEAST_ANYBODY} or more players in view"
    ground = Basis(min(length_ms, len(times_ms) * base.step_ms(here, part)), length_ms, condition)
    with np.errstate(invalid="ignore", divide="ignore"):
        return Territory(bin_ms, _thirds(here, part), counts / counts.sum(axis=0), ground)


def _thirds(here: Board, part: Part | None) -> tuple[str, str, str]:
    right = home_attacks_right(here, part)
    if right is None:
        return "left third", "middle third", "right third"
    looks = team_looks(here.match)
    sides = [looks["home"]["name"], looks["away"]["name"]]
    left, other = sides if right else sides[::-1]
    return f"{left}'s third", "middle third", f"{other}'s third"


def momentum(here: Board, part: Part | None) -> Momentum:
    """Weights of attacking events times their confidence, home minus away, smoothed by a bell of two minutes."""
    looks = team_looks(here.match)
    teams = (looks["home"]["name"], looks["away"]["name"])
    colours = (looks["home"]["colour"], looks["away"]["colour"])
    ground = base.basis(here, part)
    rows = list(
        _actions(here, part)
        .filter(label__in=WEIGHTS)
        .values_list("label", "team", "position_ms", "confidence")
    )
    known = [row for row in rows if row[1]]
    length_ms = part.to_ms - part.from_ms if part else 0
    times_ms = np.arange(0, length_ms + 1, max(5_000, length_ms // 240), dtype=np.int64)
    balance: NDArray[np.float64] = np.zeros(len(times_ms))
    if part is None or not known:
        return Momentum(teams, colours, times_ms[:0], balance[:0], 0, len(rows), ground)
    at_ms = np.array([row[2] - part.from_ms for row in known], np.float64)
    weight = np.array([WEIGHTS[r[0]] * r[3] * (1 if r[1] == "home" else -1) for r in known])
    bells = np.exp(-0.5 * ((times_ms[:, None] - at_ms[None, :]) / MOMENTUM_SIGMA_MS) ** 2)
    balance = bells @ weight
    return Momentum(teams, colours, times_ms, balance, len(known), len(rows) - len(known), ground)


def event_confidence(here: Board, part: Part | None) -> EventConfidence:
    """Events of a part by class: reviewed, sure, likely, unsure."""
    rows = list(_actions(here, part).values_list("label", "confidence", "status"))
    labels = lane_order({row[0] for row in rows})
    counts = np.zeros((len(labels), 4), np.int64)
    for label, confidence, status in rows:
        band = (
            0 if status in REVIEWED else 1 if confidence >= 0.8 else 2 if confidence >= 0.5 else 3
        )
        counts[labels.index(label), band] += 1
    return EventConfidence(
        labels, [look(label).words for label in labels], counts, base.basis(here, part)
    )
