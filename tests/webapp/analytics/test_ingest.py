import uuid
from dataclasses import replace

import pytest

from analysis.core.problems import Cancelled
from tests.factories import make_match, make_video
from tests.webapp.analytics.summaries import make_summary
from webapp.analytics import ingest, services
from webapp.analytics.models import (
    AnalysisRun,
    CalibrationSample,
    Period,
    PlayerPosition,
    ReplayMatch,
    RunState,
    ShotSegment,
    SpottedAction,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def match(team):
    return make_match(team)


@pytest.fixture
def video(match):
    return make_video(match)


@pytest.fixture
def run(match, video):
    return AnalysisRun.objects.create(match=match)


def positions(run):
    return PlayerPosition.objects.filter(match_id=run.match_id, run_id=run.pk)


def test_a_summary_becomes_rows_and_the_run_is_finished(run, video):
    ingest.store(run.pk, services.claim(run.pk), [(video.pk, make_summary())])
    run.refresh_from_db()
    assert (run.state, run.verdict, round(run.coverage, 3)) == (RunState.FINISHED, "ok", 0.667)
    assert positions(run).count() == 3 * 2 + 1
    kickoff, corner = SpottedAction.objects.filter(run=run)
    assert (kickoff.period_time_ms, kickoff.frame, kickoff.x_m) == (0, 12, 0.0)
    assert (corner.period_time_ms, corner.team, corner.x_m) == (500, "", None)
    assert corner.model_version == "rules 1"
    assert ShotSegment.objects.get(run=run).camera == "Main camera center"
    assert ReplayMatch.objects.get(run=run).action == corner


def test_positions_keep_their_values_and_their_gaps(run, video):
    ingest.store(run.pk, services.claim(run.pk), [(video.pk, make_summary())])
    second = positions(run).get(time_ms=500, track_id=2)
    assert (second.x_m, second.y_m, second.sigma_m) == (10.0, 1.0, None)
    assert (second.frame, second.team, second.role, second.colour_rgb) == (12, 1, 0, 0xFF8000)
    assert (second.x0, second.y0, second.x1, second.y1) == (1.0, 1.0, 11.0, 21.0)
    unseen = positions(run).get(time_ms=1000, track_id=1)
    assert (unseen.x_m, unseen.colour_rgb, unseen.role) == (None, None, 1)
    ball = positions(run).get(role=ingest.BALL_ROLE)
    assert (ball.time_ms, ball.x_m, ball.x0, ball.y0, ball.team) == (0, 1.0, 100.0, 200.0, -1)


def test_rows_written_a_few_at_a_time_are_the_same_rows(run, video, monkeypatch):
    def stored():
        return list(
            positions(run)
            .order_by("time_ms", "track_id")
            .values("time_ms", "track_id", "x_m", "role", "score")
        )

    ingest.store(run.pk, lease := services.claim(run.pk), [(video.pk, make_summary())])
    whole = stored()
    AnalysisRun.objects.filter(pk=run.pk).update(state=RunState.RUNNING, lease=lease)
    monkeypatch.setattr(ingest, "ROWS_AT_ONCE", 3)
    ingest.store(run.pk, lease, [(video.pk, make_summary())])
    assert len(whole) > 3 and stored() == whole


def test_calibrations_keep_their_matrices(run, video):
    ingest.store(run.pk, services.claim(run.pk), [(video.pk, make_summary())])
    first, _, last = CalibrationSample.objects.filter(run=run)
    assert first.image_from_pitch == [2.0, 0, 0, 0, 3.0, 0, 0, 0, 1.0]
    assert (last.image_from_pitch, last.status) == (None, "refused")


def test_storing_again_replaces(run, video, match):
    ingest.store(run.pk, services.claim(run.pk), [(video.pk, make_summary())])
    AnalysisRun.objects.filter(pk=run.pk).update(state=RunState.QUEUED)
    ingest.store(run.pk, services.claim(run.pk), [(video.pk, make_summary())])
    assert positions(run).count() == 7
    assert CalibrationSample.objects.filter(run=run).count() == 3
    assert SpottedAction.objects.filter(run=run).count() == 2
    assert Period.objects.get(match=match).kickoff_ms == 500


def test_a_worker_that_lost_its_lease_writes_nothing(run, video):
    services.claim(run.pk)
    with pytest.raises(services.LeaseLost):
        ingest.store(run.pk, uuid.uuid4(), [(video.pk, make_summary())])
    assert not positions(run).exists()
    assert not SpottedAction.objects.filter(run=run).exists()


def test_a_run_cancelled_in_the_last_moment_writes_nothing(run, video):
    lease = services.claim(run.pk)
    services.cancel_run(run)
    with pytest.raises(Cancelled):
        ingest.store(run.pk, lease, [(video.pk, make_summary())])
    assert not positions(run).exists()


def test_a_failure_half_way_leaves_nothing(run, video):
    broken = replace(make_summary(), replays=[object()])
    with pytest.raises(AttributeError):
        ingest.store(run.pk, services.claim(run.pk), [(video.pk, broken)])
    assert not positions(run).exists()
    assert not CalibrationSample.objects.filter(run=run).exists()


def test_a_confirmed_kickoff_stays(run, video, match):
    Period.objects.create(match=match, number=1, video=video, kickoff_ms=200, is_confirmed=True)
    ingest.store(run.pk, services.claim(run.pk), [(video.pk, make_summary())])
    assert Period.objects.get(match=match).kickoff_ms == 200
    assert SpottedAction.objects.get(run=run, label="Kick-off").period_time_ms == 300


def test_kit_colours_fill_empty_fields_only(run, video, match):
    ingest.store(run.pk, services.claim(run.pk), [(video.pk, make_summary())])
    match.refresh_from_db()
    assert (match.home_colour, match.away_colour) == ("#ff000a", "#000080")


def test_variable_rates_get_no_frame_numbers(run, video):
    video.is_constant_rate = False
    video.save()
    ingest.store(run.pk, services.claim(run.pk), [(video.pk, make_summary())])
    assert set(SpottedAction.objects.filter(run=run).values_list("frame", flat=True)) == {None}


def test_two_halves_are_stored_under_their_own_videos(run, video, match):
    second = make_video(match, half=2)
    found = [(video.pk, make_summary()), (second.pk, make_summary())]
    ingest.store(run.pk, services.claim(run.pk), found)
    assert positions(run).filter(video_id=second.pk).count() == 7
