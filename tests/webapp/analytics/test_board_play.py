"""Shape, territory, momentum and confidence: hand cases on a pitch with few players."""

import numpy as np
import pytest

from tests.factories import make_match, make_video
from tests.webapp.analytics.rooms import make_run, store_positions
from webapp.analytics import board_play, board_selectors
from webapp.analytics.models import CalibrationSample, Period, SpottedAction

pytestmark = pytest.mark.django_db
REST = (0.5, None, None, None, None, None)


@pytest.fixture
def world(team):
    """Ten seconds at two samples a second; home stands at -30...0, away mirrored; seven of each in view."""
    match = make_match(team)
    run = make_run(match)
    video = make_video(match, duration_ms=10_000)
    CalibrationSample.objects.bulk_create(
        CalibrationSample(run=run, video=video, time_ms=t, frame=t // 40, status="ok")
        for t in range(0, 10_000, 500)
    )
    return match, run, video


def people(match, run, video, times, xs, ys, team, role=0):
    return [
        (match.pk, run.pk, video.pk, t, t // 40, 20 * team + i, team, role, 0, x, y, 0.4, *REST)
        for t in times
        for i, (x, y) in enumerate(zip(xs, ys, strict=True))
    ]


XS = (-30.0, -28.0, -26.0, -10.0, -8.0, -2.0, 0.0)
YS = (-20.0, 20.0, 0.0, -10.0, 10.0, -4.0, 4.0)


def fill(world, n_seen=7):
    match, run, video = world
    times = range(0, 10_000, 500)
    mirrored = [-x for x in XS]
    rows = people(match, run, video, times, XS[:n_seen], YS[:n_seen], 0)
    rows += people(match, run, video, times, mirrored, YS, 1)
    # A keeper, a referee and the ball never count.
    rows += [(*row[:5], 90, 0, 1, 0, -51.0, *row[10:]) for row in rows[:1]]
    rows += [(*row[:5], 91, -1, 2, 0, 40.0, *row[10:]) for row in rows[:1]]
    store_positions(rows)


def test_shape_of_seven_players(owner, world):
    fill(world)
    here = board_selectors.board(owner, world[0].pk)
    shape = board_play.shape_over_time(here, here.part(0), 0)
    length, width, line, spread = shape.measures[:, 0]
    assert (length, width) == (30.0, 40.0)
    # The second-rearmost stands at -28, home attacks right: 24.5 m from its own goal-line.
    assert line == pytest.approx(24.5)
    assert spread == pytest.approx(np.sqrt(np.var(XS) + np.var(YS)), abs=1e-4)
    away = board_play.shape_over_time(here, here.part(0), 1)
    assert away.measures[:, 0] == pytest.approx(shape.measures[:, 0], abs=1e-4)
    assert shape.basis.share == 1.0 and "7 or more outfield players" in shape.basis.words


def test_six_players_are_no_shape(owner, world):
    fill(world, n_seen=6)
    here = board_selectors.board(owner, world[0].pk)
    shape = board_play.shape_over_time(here, here.part(0), 0)
    assert np.isnan(shape.measures).all() and shape.basis.share == 0


def test_what_a_person_said_about_the_direction_wins(owner, world):
    fill(world)
    match, _, video = world
    Period.objects.create(
        match=match, number=1, video=video, kickoff_ms=0, home_attacks_right=False
    )
    here = board_selectors.board(owner, match.pk)
    shape = board_play.shape_over_time(here, here.part(0), 0)
    # Attacking left, the second-rearmost stands at -2: 54.5 m from the right goal-line.
    assert shape.measures[2, 0] == pytest.approx(54.5)
    assert board_play.territory(here, here.part(0)).thirds[0] == "Away's third"


def test_territory_is_where_the_middle_of_all_was(owner, world):
    match, run, video = world
    store_positions(
        people(match, run, video, range(0, 5_000, 500), (-40, -38, -36, -34), (0, 1, 2, 3), 0)
        + people(match, run, video, range(5_000, 7_500, 500), (40, 38, 36, 34), (0, 1, 2, 3), 1)
        + people(match, run, video, range(7_500, 10_000, 500), (0, 1, 2), (0, 1, 2), 1)
    )
    here = board_selectors.board(owner, match.pk)
    found = board_play.territory(here, here.part(0))
    # Ten samples left, five right; the last five show only three players and do not count.
    assert found.shares[:, 0] == pytest.approx([2 / 3, 0, 1 / 3])
    assert found.basis.share == 0.75


def test_momentum_leans_to_who_attacks(owner, world):
    match, run, video = world
    video.duration_ms = 600_000
    video.save()
    common = {"run": run, "video": video, "period": 1}
    SpottedAction.objects.create(
        **common, label="Goal", team="home", position_ms=60_000, confidence=0.8
    )
    SpottedAction.objects.create(
        **common, label="Corner", team="away", position_ms=500_000, confidence=1.0
    )
    SpottedAction.objects.create(**common, label="Corner", position_ms=500_000, confidence=1.0)
    SpottedAction.objects.create(
        **common, label="Foul", team="away", position_ms=60_000, confidence=1.0
    )
    here = board_selectors.board(owner, match.pk)
    found = board_play.momentum(here, here.part(0))
    at = dict(zip(found.times_ms.tolist(), found.balance, strict=True))
    assert at[60_000] == pytest.approx(4.0, abs=0.01) and at[500_000] == pytest.approx(
        -1.5, abs=0.02
    )
    assert (found.n_used, found.n_without) == (2, 1)


def test_confidence_by_class(owner, world):
    match, run, video = world
    for confidence, status in (
        (0.9, "auto"),
        (0.6, "auto"),
        (0.1, "auto"),
        (0.1, "confirmed"),
        (1, "rejected"),
    ):
        SpottedAction.objects.create(
            run=run,
            video=video,
            period=1,
            label="Foul",
            position_ms=10,
            confidence=confidence,
            status=status,
        )
    here = board_selectors.board(owner, match.pk)
    assert board_play.event_confidence(here, here.part(0)).counts.tolist() == [[1, 1, 1, 1]]
