"""A match in segments: several workers, a killed one, and what the web writes about them."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from analysis.core.problems import Cancelled
from tests.factories import make_match, make_video
from tests.workers.conftest import wait_until
from tests.workers.findings import rows_of
from webapp import jobs
from webapp.analytics import segments, services
from webapp.analytics.models import AnalysisRun, RunSegment, RunState, SegmentState
from webapp.analytics.segments import Part
from workers import together
from workers.progress import RunProgress
from workers.tasks import analyse


@pytest.fixture
def announced(monkeypatch):
    sent = []
    monkeypatch.setattr(jobs, "enqueue_segment", sent.append)
    monkeypatch.setattr(jobs, "enqueue_analysis", lambda pk: None)
    return sent


@pytest.fixture
def planned(team, announced):
    """A claimed run of three segments: (run, lease)."""
    match = make_match(team)
    video = make_video(match)
    run = services.queue_run(match)
    lease = services.claim(run.pk)
    segments.plan(run.pk, lease, [Part(video.pk, number, 10) for number in range(3)])
    return run, lease


def states(run):
    return list(RunSegment.objects.filter(run=run).values_list("state", "attempt"))


@pytest.mark.django_db
def test_segments_are_announced_but_the_owners_first(planned, announced):
    run, lease = planned
    numbers = RunSegment.objects.in_bulk(announced)
    assert [numbers[pk].number for pk in announced] == [1, 2]
    segments.plan(run.pk, lease, [Part(run.match.videos.get().pk, n, 10) for n in range(2)])
    assert states(run) == [("waiting", 0)] * 2, "planning again keeps what is still wanted"


@pytest.mark.django_db
def test_a_segment_is_taken_once_and_ends_once(planned):
    run, _ = planned
    first, lease = segments.claim_next(run.pk)
    assert segments.claim(first.pk) is None
    segments.beat(first.pk, lease, 4)
    assert segments.standing(run.pk) == segments.Standing(4, 30, 3)
    assert not segments.finish(first.pk, uuid.uuid4())
    assert segments.finish(first.pk, lease) and not segments.finish(first.pk, lease)
    assert segments.standing(run.pk) == segments.Standing(10, 30, 2)
    assert segments.claim_next(run.pk)[0].number == 1


@pytest.mark.django_db
def test_a_silent_worker_loses_its_segment_alone(planned):
    run, _ = planned
    silent, old = segments.claim_next(run.pk)
    assert segments.claim_next(run.pk)
    long_ago = timezone.now() - timedelta(hours=1)
    RunSegment.objects.filter(pk=silent.pk).update(heartbeat_at=long_ago)
    again, _ = segments.claim_next(run.pk)
    assert again.pk == silent.pk
    with pytest.raises(services.LeaseLost):
        segments.beat(silent.pk, old)
    assert states(run) == [("running", 2), ("running", 1), ("waiting", 0)]


@pytest.mark.django_db
@pytest.mark.parametrize("end", ["cancel", "fail"])
def test_helpers_stop_with_their_run(planned, end):
    run, lease = planned
    segment, held = segments.claim_next(run.pk)
    if end == "cancel":
        services.cancel_run(run)
    else:
        services.fail(run.pk, lease, "bug", "Broken.")
    with pytest.raises(Cancelled):
        segments.beat(segment.pk, held)
    assert segments.claim_next(run.pk) is None


@pytest.mark.django_db
def test_only_the_owner_plans(planned):
    run, _ = planned
    with pytest.raises(services.LeaseLost):
        segments.plan(run.pk, uuid.uuid4(), [])
    assert len(states(run)) == 3


@pytest.mark.django_db
def test_what_a_helper_cannot_do_is_left_to_the_owner(planned, monkeypatch, caplog):
    run, _ = planned

    def broken(*args):
        raise KeyError("half")

    monkeypatch.setattr(together, "look_at", broken)
    monkeypatch.setattr(together, "job_of", lambda run: None)
    segment = RunSegment.objects.filter(run=run).last()
    analyse.analyse_segment(segment.pk)
    assert "left to the owner" in caplog.text
    assert AnalysisRun.objects.get(pk=run.pk).state == RunState.RUNNING


def test_a_helper_killed_amid_its_segment_costs_that_segment(
    new_match, start_worker, settings, house, cheap_recipe
):
    settings.ANALYSIS_SEGMENT_S, settings.LEASE_S = 2, 8
    alone = services.queue_run(new_match(), recipe=cheap_recipe)
    lone_worker = start_worker(ANALYSIS_SEGMENT_S="2")
    wait_until(
        lambda: AnalysisRun.objects.get(pk=alone.pk).state == RunState.FINISHED, "the lone run"
    )
    lone_worker.kill()
    assert states(alone) == [("done", 1)] * 3

    # This process owns the second run; the worker helps, and dies.
    match = new_match()
    run = services.queue_run(match, recipe=cheap_recipe)
    lease = services.claim(run.pk)
    run.refresh_from_db()
    video = match.videos.get()
    segments.plan(run.pk, lease, [Part(video.pk, number, 4) for number in range(3)])
    helper = start_worker("locate", ANALYSIS_SEGMENT_S="2")
    helper.await_hold()
    helper.kill()
    (lost,) = RunSegment.objects.filter(run=run, state=SegmentState.RUNNING)
    assert lost.number > 0
    RunSegment.objects.filter(pk=lost.pk).update(heartbeat_at=timezone.now() - timedelta(hours=1))
    with RunProgress(run.pk, lease) as progress:
        analyse._analyse(run, lease, progress)
    assert sorted(states(run)) == [("done", 1), ("done", 1), ("done", 2)]
    assert AnalysisRun.objects.get(pk=run.pk).attempt == 1
    assert rows_of(run) == rows_of(alone) and rows_of(run)["positions"]
