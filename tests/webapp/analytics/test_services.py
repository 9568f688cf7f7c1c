import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from analysis.core.problems import Cancelled, InputProblem
from tests.factories import make_match, make_video
from webapp import jobs
from webapp.analytics import services
from webapp.analytics.models import AnalysisRun, RunState
from webapp.matches.models import Upload, VideoState

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(monkeypatch):
    """The runs that were announced to the queue."""
    announced: list[int] = []
    monkeypatch.setattr(jobs, "enqueue_analysis", announced.append)
    return announced


@pytest.fixture
def match(team):
    match = make_match(team)
    make_video(match)
    return match


@pytest.fixture
def run(match, sent):
    return services.queue_run(match)


def fresh(run):
    return AnalysisRun.objects.get(pk=run.pk)


def test_queueing_twice_is_one_run(match, owner, sent):
    first = services.queue_run(match, owner)
    assert services.queue_run(match, owner) == first
    assert sent == [first.pk]


def test_a_match_with_an_unchecked_video_cannot_be_queued(match, sent):
    make_video(match, half=2, state=VideoState.CHECKING)
    with pytest.raises(InputProblem) as problem:
        services.queue_run(match)
    assert problem.value.code == "videos_not_ready"
    assert sent == []


def test_a_refused_video_beside_a_ready_one_does_not_stop_the_match(match, sent):
    make_video(match, half=2, state=VideoState.REFUSED)
    assert services.queue_run(match).state == RunState.QUEUED


def test_an_outsider_cannot_queue(match, outsider, sent):
    with pytest.raises(InputProblem):
        services.queue_run(match, outsider)
    assert sent == []


def test_only_the_first_delivery_claims(run):
    lease = services.claim(run.pk)
    assert lease is not None
    assert services.claim(run.pk) is None
    assert fresh(run).attempt == 1
    assert fresh(run).started_at is not None


def test_progress_is_stored_by_the_owner_alone(run):
    lease = services.claim(run.pk)
    services.advance(run.pk, lease, stage="locate", done=3, total=10)
    services.advance(run.pk, lease, stage="locate", done=10, total=10)
    with pytest.raises(services.LeaseLost):
        services.advance(run.pk, uuid.uuid4(), stage="locate", done=1, total=10)
    stage = run.stages.get()
    assert (stage.done, stage.total) == (10, 10)
    assert stage.finished_at >= stage.started_at
    assert (fresh(run).stage, fresh(run).done) == ("locate", 10)


def test_progress_is_one_query(run, django_assert_num_queries):
    lease = services.claim(run.pk)
    with django_assert_num_queries(1):
        services.advance(run.pk, lease, stage="locate", done=3, total=10)


def test_a_lost_run_is_queued_again_and_its_old_worker_changes_nothing(run, sent, settings):
    lease = services.claim(run.pk)
    late = timezone.now() + timedelta(seconds=settings.LEASE_S + 5)
    assert services.requeue_lost(late).requeued == [run.pk]
    assert sent == [run.pk, run.pk]
    for write in (
        lambda: services.finish(run.pk, lease, verdict="ok", coverage=1.0, versions={}),
        lambda: services.fail(run.pk, lease, "x", "y"),
        lambda: services.stop_cancelled(run.pk, lease),
        lambda: services.give_back(run.pk, lease, code="disk_full"),
    ):
        assert write() is False
    with pytest.raises(services.LeaseLost):
        services.heartbeat(run.pk, lease)
    assert fresh(run).state == RunState.QUEUED


def test_a_beating_heart_is_left_alone(run, settings):
    lease = services.claim(run.pk)
    services.heartbeat(run.pk, lease)
    soon = timezone.now() + timedelta(seconds=settings.LEASE_S - 10)
    assert services.requeue_lost(soon).requeued == []


def test_a_run_that_is_lost_too_often_fails_in_words(run, settings):
    now = timezone.now()
    for _ in range(services.MAX_ATTEMPTS):
        assert services.claim(run.pk)
        now += timedelta(seconds=settings.LEASE_S + 60)
        swept = services.requeue_lost(now)
    assert swept.failed == [run.pk]
    assert fresh(run).problem_code == "worker_lost"
    assert str(run.reference) in fresh(run).problem_sentence


def test_a_waiting_run_is_announced_again(run, sent):
    later = timezone.now() + services.REMIND_AFTER + timedelta(seconds=1)
    assert services.requeue_lost(later).reminded == [run.pk]
    assert services.requeue_lost(later).reminded == []
    assert sent == [run.pk, run.pk]


def test_where_nobody_works_a_waiting_run_is_announced_sooner(run, team, sent):
    soon = timezone.now() + services.REMIND_IDLE_AFTER + timedelta(seconds=1)
    assert services.requeue_lost(soon).reminded == [run.pk]
    AnalysisRun.objects.create(match=make_match(team), state=RunState.RUNNING, heartbeat_at=soon)
    assert services.requeue_lost(soon + services.REMIND_IDLE_AFTER).reminded == []


def test_cancelling_a_waiting_run_ends_it(run):
    services.cancel_run(run)
    assert run.state == RunState.CANCELLED
    assert services.claim(run.pk) is None


def test_cancelling_a_working_run_reaches_its_worker(run):
    lease = services.claim(run.pk)
    services.cancel_run(run)
    with pytest.raises(Cancelled):
        services.advance(run.pk, lease, stage="locate", done=1, total=2)
    assert services.stop_cancelled(run.pk, lease)
    assert fresh(run).state == RunState.CANCELLED


def test_cancelling_a_run_whose_worker_died_ends_with_the_sweep(run, settings):
    services.claim(run.pk)
    services.cancel_run(run)
    late = timezone.now() + timedelta(seconds=settings.LEASE_S + 5)
    assert services.requeue_lost(late).cancelled == [run.pk]
    assert fresh(run).state == RunState.CANCELLED


def test_a_finished_run_stays_finished(run):
    lease = services.claim(run.pk)
    assert services.finish(run.pk, lease, verdict="ok", coverage=0.8, versions={"shots": "a 1"})
    services.cancel_run(run)
    assert (run.state, run.verdict, run.versions) == (RunState.FINISHED, "ok", {"shots": "a 1"})


def test_new_videos_are_queued_by_themselves_once(match, sent):
    run = services.queue_unseen(match)
    assert sent == [run.pk]
    assert services.queue_unseen(match) is None
    run.state = RunState.FAILED
    run.save()
    assert services.queue_unseen(match) is None
    assert services.queue_all_unseen() == []


def test_the_other_half_is_waited_for(match, owner, sent):
    upload = Upload.objects.create(user=owner, match=match, half=2, original_name="2", size_bytes=9)
    assert services.queue_unseen(match) is None
    Upload.objects.update(updated_at=timezone.now() - services.UPLOAD_PAUSE)
    assert services.queue_all_unseen() == sent
    assert len(sent) == 1
    upload.delete()


def test_a_half_that_comes_later_is_analysed_after_the_run_under_way(match, run, sent):
    make_video(match, half=2)
    assert services.queue_unseen(match) is None
    assert services.queue_all_unseen() == []
    AnalysisRun.objects.update(state=RunState.FINISHED)
    second = services.queue_all_unseen()
    assert second == [AnalysisRun.objects.latest("id").pk] == sent[1:]


def test_nothing_is_queued_while_a_file_is_checked_or_when_all_are_refused(team, match, sent):
    make_video(match, half=2, state=VideoState.CHECKING)
    make_video(make_match(team), state=VideoState.REFUSED)
    assert services.queue_all_unseen() == []
