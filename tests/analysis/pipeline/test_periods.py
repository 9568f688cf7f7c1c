import dataclasses

import numpy as np

from analysis.core.clock import period_at
from analysis.core.records import ActionSpot, PlayersTrack
from analysis.pipeline.periods import with_halves

MINUTE = 60_000


def spots(*found):
    return [ActionSpot(1, int(minute * MINUTE), label, 0.9) for minute, label in found]


def whole_match(change_minute):
    """Home left of away until the change of ends, then the other way round; 96 minutes."""
    times = np.repeat(np.arange(0, 96 * MINUTE, 10_000), 4)
    team = np.tile([0, 0, 1, 1], len(times) // 4)
    side = np.where(times < change_minute * MINUTE, 1, -1)
    x = side * np.where(team == 0, -10.0, 10.0)
    flat = np.zeros(len(times))
    empty = PlayersTrack.empty()
    return dataclasses.replace(
        empty, times_ms=times, frame_indices=times, track_id=times, box_px=np.zeros((len(times), 4)), score=flat,
        role=np.zeros(len(times), np.int64), team=team, colour_rgb=np.zeros((len(times), 3)),
        pitch_xy_m=np.stack([x, flat], axis=1), sigma_m=flat, source=np.zeros(len(times), np.int64),
    )  # fmt: skip


def test_the_first_kick_off_begins_its_half_unless_play_came_before():
    none = PlayersTrack.empty()
    _, kickoffs = with_halves(
        spots((1, "Kick-off"), (20, "Kick-off")), none, video_number=1, n_videos=2
    )
    assert kickoffs == {1: MINUTE}
    _, kickoffs = with_halves(
        spots((1, "Corner"), (3, "Kick-off")), none, video_number=2, n_videos=2
    )
    assert kickoffs == {}
    _, kickoffs = with_halves(spots((16, "Kick-off")), none, video_number=2, n_videos=2)
    assert kickoffs == {}


def test_doubtful_events_say_nothing_about_the_beginning():
    none = PlayersTrack.empty()
    doubtful = [ActionSpot(1, 10_000, "Corner", 0.1), ActionSpot(1, 20_000, "Kick-off", 0.2)]
    _, kickoffs = with_halves(
        [*doubtful, *spots((1, "Kick-off"))], none, video_number=1, n_videos=2
    )
    assert kickoffs == {1: MINUTE}
    _, kickoffs = with_halves(doubtful, none, video_number=1, n_videos=2)
    assert kickoffs == {}


def test_a_whole_match_is_cut_where_the_teams_change_ends():
    found = spots((2, "Kick-off"), (30, "Corner"), (50, "Kick-off"), (70, "Corner"))
    placed, kickoffs = with_halves(found, whole_match(48), video_number=1, n_videos=1)
    assert [spot.half for spot in placed] == [1, 1, 2, 2]
    assert kickoffs == {1: 2 * MINUTE, 2: 50 * MINUTE}


def test_the_period_of_a_moment():
    kickoffs = {1: 1000, 2: 5000}
    assert period_at(500, kickoffs) == (1, -500)
    assert period_at(1000, kickoffs) == (1, 0)
    assert period_at(7000, kickoffs) == (2, 2000)
    assert period_at(7000, {}) == (None, None)
