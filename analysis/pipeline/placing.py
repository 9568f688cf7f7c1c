"""Where the people and balls of a video stand, once its calibrations are final."""

from dataclasses import replace

import numpy as np

from analysis.core.pitch import PitchSpec
from analysis.core.records import CalibrationTrack, PlayersTrack
from analysis.localization.bodies import whole_bodies
from analysis.localization.locator import ground_positions

# People further outside the lines are bench and crowd; a ball may lie, or seem to fly, a little further out.
MARGIN_M, BALL_MARGIN_M = 3.0, 5.0


def placed(
    players: PlayersTrack, track: CalibrationTrack, pitch: PitchSpec, floor: float
) -> PlayersTrack:
    """The same people and balls where the final calibrations put them; nowhere in samples without a usable one.

    Parts of one body become one person, and whoever then stands further than ``MARGIN_M`` outside the lines is dropped,
    as the locator does.
    """
    usable = track.usable(floor)
    box, colour = players.box_px.copy(), players.colour_rgb.copy()
    place = np.full((len(players), 2), np.nan)
    sigma = np.full(len(players), np.nan)
    ball = np.full((len(players.ball_times_ms), 2), np.nan)
    keep = np.ones(len(players), bool)
    for i in np.flatnonzero(usable):
        view, time_ms = track.row(int(i)), int(track.times_ms[i])
        if view is None:
            continue
        span = players.rows_at(time_ms)
        parts = np.arange(span.start, span.stop)
        bodies = whole_bodies(players.box_px[parts], players.score[parts], view)
        rows = parts[bodies.index]
        keep[parts] = False
        box[rows], colour[rows] = bodies.box_px, players.colour_rgb[parts[bodies.top]]
        foot_px = np.stack([(box[rows, 0] + box[rows, 2]) / 2, box[rows, 3]], axis=1)
        ground = ground_positions(foot_px, box[rows, 3] - box[rows, 1], view)
        place[rows], sigma[rows] = ground.pitch_xy_m, ground.sigma_m
        keep[rows] = pitch.contains(ground.pitch_xy_m, margin_m=MARGIN_M)
        seen = players.ball_times_ms == time_ms
        if seen.any():
            ball[seen] = view.to_pitch(players.ball_px[seen])
    ball[~pitch.contains(ball, margin_m=MARGIN_M + BALL_MARGIN_M)] = np.nan
    moved = replace(
        players, box_px=box, colour_rgb=colour, pitch_xy_m=place, sigma_m=sigma, ball_xy_m=ball
    )
    return moved.some_people(keep)
