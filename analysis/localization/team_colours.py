"""Who plays for whom: kit colours clustered over a whole match, keepers and referees apart (algorithms B.2's chain).

Colours are compared in CIE Lab with lightness counted half, since sun and shade change it and not the kit. A trimmed
two-means finds the two kits: the fifth of all people that fits neither (keepers, referees, staff, bad boxes) does not
pull the centres. Everything is deterministic: fixed seeds, stable orders.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.core.pitch import PitchSpec
from analysis.core.records import NO_ROLE, NO_TEAM, PlayersTrack
from analysis.core.vocabulary import ROLES
from analysis.localization import sides

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Rgb = tuple[float, float, float]

LIGHTNESS_WEIGHT = 0.5
TRIMMED_SHARE = 0.2
LEAST_ROWS = 30
MOST_FITTED_ROWS = 20_000
# Beyond this many standard deviations from both kits a person wears another one.
OUTLIER_SIGMAS = 3.5
# A row's team is only told when it is this likely.
SURE_SHARE = 0.75
# Kits less sure to be two than this are read wrong every few rows; then nobody is told apart by one row's kit.
LEAST_APART = 0.9
PLAYER, GOALKEEPER, REFEREE = (ROLES.index(name) for name in ROLES)


@dataclass(frozen=True, slots=True)
class TeamColours:
    """The kits of a match.

    Args:
        home_rgb, away_rgb: mean shirt colours, 0..255; None when nobody was seen often enough.
        confidence: [0, 1]; how far the two kits lie apart compared with their spread.
    """

    home_rgb: Rgb | None
    away_rgb: Rgb | None
    confidence: float


def assign_teams(
    tracks: Sequence[PlayersTrack], pitch: PitchSpec, *, swapped: bool = False
) -> tuple[list[PlayersTrack], TeamColours]:
    """Teams and roles of every row, the same kits for all videos of the match.

    Home is the team that defends the left goal at the start of the first video (where positions do not tell: the one
    with the lighter shirts). ``swapped`` turns the names round. Rows that fit neither kit, or both alike, have team -1.
    """
    rows = _all_rows(tracks)
    kits = _fit_kits(rows)
    if kits is None:
        return list(tracks), TeamColours(None, None, 0.0)
    team = _team_of(rows, kits)
    labelled = [
        replace(track, team=part, role=np.where(part >= 0, PLAYER, track.role))
        for track, part in zip(tracks, _split(team, tracks), strict=True)
    ]
    labelled = [_vote_by_track(track) for track in labelled]
    if _home_is_second(labelled, kits) != swapped:
        labelled = [_exchanged(track) for track in labelled]
        kits = kits.exchanged()
    labelled = [_roles(track, pitch) for track in labelled]
    colours = [_mean_colour(labelled, k) for k in (0, 1)]
    return labelled, TeamColours(colours[0], colours[1], kits.confidence)


def row_teams(tracks: Sequence[PlayersTrack]) -> list[IntArray]:
    """For every row of every video 0 or 1 for the kit its colour fits, -1 for neither; before anybody is tracked.

    All rows have -1 where the kits are so much alike that single rows are often read wrong.

    The numbers are not yet home and away.
    """
    rows = _all_rows(tracks)
    kits = _fit_kits(rows)
    if kits is None or kits.confidence < LEAST_APART:
        return [np.full(len(track), NO_TEAM, np.int64) for track in tracks]
    return _split(_team_of(rows, kits), tracks)


def lab(colour_rgb: FloatArray) -> FloatArray:
    """CIE Lab (N, 3) of RGB 0..255 (N, 3), lightness halved; NaN stays NaN."""
    known = np.isfinite(colour_rgb).all(axis=1)
    result = np.full((len(colour_rgb), 3), np.nan)
    if known.any():
        unit = np.clip(colour_rgb[known], 0, 255).astype(np.float32)[None] / 255
        result[known] = cv2.cvtColor(unit, cv2.COLOR_RGB2LAB)[0]
        result[known, 0] *= LIGHTNESS_WEIGHT
    return result


@dataclass(frozen=True, slots=True)
class _Rows:
    """Weighted Lab (N, 3) and detector scores (N,) of all rows of all videos."""

    lab: FloatArray
    score: FloatArray


@dataclass(frozen=True, slots=True)
class _Kits:
    """Two Gaussians: centres (2, 3), inverse covariances (2, 3, 3), shares (2,), and how sure they are two."""

    centres: FloatArray
    precisions: FloatArray
    confidence: float

    def distances(self, colours: FloatArray) -> FloatArray:
        """(N, 2) Mahalanobis distances."""
        offset = colours[:, None] - self.centres
        return np.sqrt(np.einsum("nki,kij,nkj->nk", offset, self.precisions, offset))

    def exchanged(self) -> "_Kits":
        """First and second turned round."""
        return _Kits(self.centres[::-1].copy(), self.precisions[::-1].copy(), self.confidence)


def _all_rows(tracks: Sequence[PlayersTrack]) -> _Rows:
    if not tracks:
        return _Rows(np.zeros((0, 3)), np.zeros(0))
    colours = np.concatenate([track.colour_rgb for track in tracks])
    return _Rows(lab(colours), np.concatenate([track.score for track in tracks]))


def _fit_kits(rows: _Rows) -> _Kits | None:
    known = np.isfinite(rows.lab).all(axis=1)
    sure = known & (
        rows.score >= np.nan_to_num(np.median(rows.score[known]) * 0.6 if known.any() else 0)
    )
    colours = rows.lab[sure]
    if len(colours) < LEAST_ROWS:
        return None
    if len(colours) > MOST_FITTED_ROWS:
        colours = colours[np.linspace(0, len(colours) - 1, MOST_FITTED_ROWS).astype(int)]
    centres, label, kept = _trimmed_two_means(colours)
    precisions, spreads = [], []
    for k in (0, 1):
        own = colours[kept & (label == k)]
        covariance = np.cov(own.T) if len(own) > 3 else np.eye(3) * 25
        covariance = (
            covariance * 1.5 + np.eye(3) * 4.0
        )  # trimming narrowed it; a floor of two Lab units
        precisions.append(np.linalg.inv(covariance))
        spreads.append(covariance)
    gap = centres[1] - centres[0]
    apart = float(np.sqrt(gap @ np.linalg.inv((spreads[0] + spreads[1]) / 2) @ gap))
    confidence = float(1 - np.exp(-((apart / 3.0) ** 2)))
    return _Kits(centres, np.array(precisions), confidence)


def _trimmed_two_means(colours: FloatArray) -> tuple[FloatArray, IntArray, NDArray[np.bool_]]:
    """Centres (2, 3), labels (N,), and which rows were kept; the best of several fixed starts."""
    n_kept = max(2, round((1 - TRIMMED_SHARE) * len(colours)))
    random = np.random.default_rng(0)
    best: tuple[float, FloatArray, IntArray, NDArray[np.bool_]] | None = None
    for _ in range(12):
        first = colours[random.integers(len(colours))]
        square = np.sum((colours - first) ** 2, axis=1)
        total = square.sum()
        weight = square / total if total > 0 else None
        centres = np.stack([first, colours[random.choice(len(colours), p=weight)]])
        for _ in range(25):
            distance = np.sum((colours[:, None] - centres) ** 2, axis=2)
            label, nearest = distance.argmin(axis=1), distance.min(axis=1)
            kept = nearest <= np.partition(nearest, n_kept - 1)[n_kept - 1]
            moved = np.stack(
                [
                    colours[kept & (label == k)].mean(axis=0)
                    if (kept & (label == k)).any()
                    else centres[k]
                    for k in (0, 1)
                ]
            )
            if np.allclose(moved, centres, atol=1e-6):
                break
            centres = moved
        # Two teams are seen about equally often: a split that leaves one nearly empty found a keeper or a shadow.
        share = float(np.mean(label[kept] == 0))
        lopsided = max(0.0, 0.25 - min(share, 1 - share)) * 8
        cost = float(nearest[kept].mean()) * (1 + lopsided)
        if best is None or cost < best[0] - 1e-9:
            best = cost, centres, label, kept
    assert best is not None
    _, centres, label, kept = best
    order = np.argsort(
        -centres[:, 0], kind="stable"
    )  # the lighter kit first: independent of the starts
    return centres[order], np.argsort(order)[label], kept


def _team_of(rows: _Rows, kits: _Kits) -> IntArray:
    team = np.full(len(rows.lab), NO_TEAM, np.int64)
    known = np.isfinite(rows.lab).all(axis=1)
    if not known.any():
        return team
    distance = kits.distances(rows.lab[known])
    margin = 0.5 * (distance[:, 0] ** 2 - distance[:, 1] ** 2)
    share_second = 1 / (1 + np.exp(-np.clip(margin, -50, 50)))
    fits = distance.min(axis=1) <= OUTLIER_SIGMAS
    answer = np.where(
        share_second >= SURE_SHARE, 1, np.where(share_second <= 1 - SURE_SHARE, 0, NO_TEAM)
    )
    team[known] = np.where(fits, answer, NO_TEAM)
    return team


def _split(values: IntArray, tracks: Sequence[PlayersTrack]) -> list[IntArray]:
    return np.split(values, np.cumsum([len(track) for track in tracks])[:-1])


def _vote_by_track(track: PlayersTrack) -> PlayersTrack:
    """Everyone of one track wears one kit: the majority's, or the one shown twice as often as the other."""
    tracked = track.track_id > 0
    if not tracked.any():
        return track
    ids, index = np.unique(track.track_id[tracked], return_inverse=True)
    votes = np.zeros((len(ids), 3))
    np.add.at(votes, (index, track.team[tracked] + 1), 1.0)
    winner = votes.argmax(axis=1) - 1
    clear = votes.max(axis=1) > 0.75 * votes.sum(axis=1)
    # Where many rows are read wrong, the kit that has twice the other's votes is the one, unless most fit neither.
    told = np.sort(votes[:, 1:], axis=1)
    clear |= (winner >= 0) & (told[:, 1] > 2 * told[:, 0])
    team = track.team.copy()
    team[tracked] = np.where(clear[index], winner[index], team[tracked])
    role = np.where(team >= 0, PLAYER, np.where(track.role == PLAYER, NO_ROLE, track.role))
    return replace(track, team=team, role=role)


def _home_is_second(tracks: Sequence[PlayersTrack], kits: _Kits) -> bool:
    """Whether the team now numbered 1 defends the left goal at the start of the match."""
    for track in tracks:
        spans = sides.attack_directions(track)
        if spans and spans[0].home_attacks != 0:
            return spans[0].home_attacks < 0
    return bool(kits.centres[1, 0] > kits.centres[0, 0])


def _exchanged(track: PlayersTrack) -> PlayersTrack:
    return replace(track, team=np.where(track.team >= 0, 1 - track.team, track.team))


def _mean_colour(tracks: Sequence[PlayersTrack], team: int) -> Rgb | None:
    colours = [t.colour_rgb[(t.team == team) & (t.role != GOALKEEPER)] for t in tracks]
    rows = np.concatenate(colours) if colours else np.zeros((0, 3))
    rows = rows[np.isfinite(rows).all(axis=1)]
    if not len(rows):
        return None
    red, green, blue = (float(v) for v in np.median(rows, axis=0))
    return red, green, blue


def _roles(track: PlayersTrack, pitch: PitchSpec) -> PlayersTrack:
    """Keepers and referees among those who wear neither kit: keepers stand alone before a goal, referees do not."""
    role, team = track.role.copy(), track.team.copy()
    x, y = track.pitch_xy_m[:, 0], track.pitch_xy_m[:, 1]
    other = (team < 0) & np.isfinite(x) & np.isfinite(track.colour_rgb[:, 0])
    if not other.any():
        return track
    before_goal = other & (np.abs(x) > pitch.length_m / 2 - 18.0) & (np.abs(y) < 14.0)
    deepest = before_goal & _is_deepest(track)
    role[deepest] = GOALKEEPER
    role[other & ~before_goal] = np.where(
        role[other & ~before_goal] == NO_ROLE, REFEREE, role[other & ~before_goal]
    )
    for span in sides.attack_directions(track):
        if span.home_attacks == 0:
            continue
        inside = deepest & (track.times_ms >= span.start_ms) & (track.times_ms < span.end_ms)
        home_goal = -span.home_attacks  # sign of x of the goal that home defends
        team[inside] = np.where(np.sign(x[inside]) == home_goal, 0, 1)
    return replace(track, role=role, team=team)


def _is_deepest(track: PlayersTrack) -> NDArray[np.bool_]:
    """(N,) whether a row is, of its sample and its half of the pitch, nearest to the goal-line (within 1 m)."""
    depth = np.nan_to_num(np.abs(track.pitch_xy_m[:, 0]), nan=-1.0)
    side = track.pitch_xy_m[:, 0] > 0
    _, sample = np.unique(track.times_ms, return_inverse=True)
    key = 2 * sample + side
    most = np.full(int(key.max()) + 1 if len(key) else 0, -1.0)
    np.maximum.at(most, key, depth)
    return np.asarray(depth >= most[key] - 1.0)
