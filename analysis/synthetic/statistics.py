"""Numbers of a match that can be compared with real tracking: speeds, distances, shape, zones, people in view."""

import numpy as np
from numpy.typing import NDArray

from analysis.core.pitch import STANDARD_PITCH
from analysis.synthetic.records import RATE_HZ, MatchPlay

FloatArray = NDArray[np.float64]


def match_statistics(play: MatchPlay, shown: NDArray[np.bool_] | None = None) -> dict[str, float]:
    """Named numbers, metres and seconds.

    Args:
        play: the match; only time in play counts, keepers do not.
        shown: (T, P) who is in the picture of the main camera, or None.
    """
    live = play.is_live
    numbers: dict[str, float] = {}
    speeds = []
    for team in ("home", "away"):
        members = [k for k, p in enumerate(play.people) if p.team == team and p.role == "player"]
        xy = play.person_xy_m[:, members].astype(np.float64)
        # A second apart: noise of a measured position does not count as speed.
        step = np.linalg.norm(xy[RATE_HZ:] - xy[:-RATE_HZ], axis=2)[
            live[RATE_HZ:] & live[:-RATE_HZ]
        ]
        speeds.append(step[np.isfinite(step)])
        for name, value in _shape(xy[live][:: RATE_HZ // 5]).items():
            numbers[name] = numbers.get(name, 0.0) + value / 2
    speed = np.concatenate(speeds)
    numbers["speed, mean (m/s)"] = float(speed.mean())
    for share in (50, 90, 99):
        numbers[f"speed, {share}th percentile (m/s)"] = float(np.percentile(speed, share))
    numbers["time above 5.5 m/s (%)"] = 100 * float((speed > 5.5).mean())
    ball = play.ball_xyz_m[live].astype(np.float64)
    third = STANDARD_PITCH.length_m / 6
    numbers["ball in the middle third (%)"] = 100 * float((np.abs(ball[:, 0]) < third).mean())
    numbers["ball in a penalty area (%)"] = 100 * float(
        ((np.abs(ball[:, 0]) > 36) & (np.abs(ball[:, 1]) < 20.16)).mean()
    )
    numbers["ball in the wide quarters (%)"] = 100 * float((np.abs(ball[:, 1]) > 17).mean())
    ball_speed = np.linalg.norm(np.diff(ball[:, :2], axis=0), axis=1) * RATE_HZ
    numbers["ball speed, median (m/s)"] = float(np.median(ball_speed))
    numbers["ball speed, 90th percentile (m/s)"] = float(np.percentile(ball_speed, 90))
    if shown is not None:
        in_view = shown[live].sum(1)
        numbers["people in view, mean"] = float(in_view.mean())
        numbers["people in view, 10th percentile"] = float(np.percentile(in_view, 10))
    return numbers


def _shape(xy: FloatArray) -> dict[str, float]:
    """Of one team's outfield players (T, P, 2)."""
    length = np.nanmax(xy[..., 0], axis=1) - np.nanmin(xy[..., 0], axis=1)
    width = np.nanmax(xy[..., 1], axis=1) - np.nanmin(xy[..., 1], axis=1)
    gap = np.linalg.norm(xy[:, :, None] - xy[:, None], axis=3)
    gap[:, np.arange(xy.shape[1]), np.arange(xy.shape[1])] = np.nan
    gap = np.where(np.isnan(gap), np.inf, gap)
    nearest = gap.min(2)
    return {
        "nearest team-mate (m)": float(nearest[np.isfinite(nearest)].mean()),
        "team length (m)": float(np.nanmean(length)),
        "team width (m)": float(np.nanmean(width)),
    }
