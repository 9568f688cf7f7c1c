"""``kill -9`` of a worker in the middle of a stage: the run ends by itself, once, with an undisturbed run's rows."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.workers.conftest import wait_until
from tests.workers.findings import rows_of
from webapp import jobs
from webapp.analytics import services
from webapp.analytics.models import AnalysisRun, RunState
from webapp.matches import checking
from webapp.matches.models import VideoState

STAGES = ("probe", "calibrate", "locate", "teams", "represent", "spot", "store")


def state_of(run):
    return AnalysisRun.objects.get(pk=run.pk).state


def await_finish(run):
    wait_until(lambda: state_of(run) == RunState.FINISHED, f"the end of run {run.pk}")


def sweep_later():
    """What the sweeper does once the dead worker's lease has run out."""
    return services.requeue_lost(timezone.now() + timedelta(minutes=2))


def test_a_worker_killed_amid_a_stage_costs_nothing_but_time(new_match, start_worker, house):
    undisturbed = services.queue_run(new_match())
    jobs.enqueue_analysis(undisturbed.pk)  # a second delivery of the same message
    worker = start_worker()
    await_finish(undisturbed)
    worker.kill()

    # The results of the first run would be found again: the second one has to work for its own.
    (house / "artifacts").rename(house / "artifacts of the first run")
    run = services.queue_run(new_match())
    worker = start_worker("locate")
    worker.await_hold()
    worker.kill()
    assert state_of(run) == RunState.RUNNING
    assert rows_of(run)["positions"] == []

    assert sweep_later().requeued == [run.pk]
    start_worker()
    await_finish(run)
    assert rows_of(run) == rows_of(undisturbed)
    assert rows_of(run)["calibrations"]
    attempts = dict(AnalysisRun.objects.values_list("pk", "attempt"))
    assert attempts == {undisturbed.pk: 1, run.pk: 2}


@pytest.mark.slow
def test_a_worker_may_be_killed_in_every_stage_in_turn(new_match, start_worker, house, monkeypatch):
    undisturbed = services.queue_run(new_match())
    worker = start_worker()
    await_finish(undisturbed)
    worker.kill()

    monkeypatch.setattr(services, "MAX_ATTEMPTS", 99)
    (house / "artifacts").rename(house / "artifacts of the first run")
    run = services.queue_run(new_match())
    for stage in STAGES:
        worker = start_worker(stage)
        worker.await_hold()
        worker.kill()
        assert not any(rows_of(run).values()), stage
        # The server may need a moment to notice that the killed worker's transaction is over.
        assert wait_until(lambda: sweep_later().requeued, "taking the run away") == [run.pk]
    start_worker()
    await_finish(run)
    assert rows_of(run) == rows_of(undisturbed)


def test_work_that_stands_still_is_ended_and_done_again(new_match, start_worker):
    """A stage that says nothing more, as a decoder that is led in circles; its heart would beat for ever."""
    run = services.queue_run(new_match())
    worker = start_worker("store", ANALYSIS_STANDSTILL_S="20")
    worker.await_hold()
    wait_until(lambda: "stood still" in worker.log.read_text(), "noticing")
    worker.release()
    assert wait_until(lambda: sweep_later().requeued, "taking the run away") == [run.pk]
    await_finish(run)
    assert AnalysisRun.objects.get(pk=run.pk).attempt == 2
    assert worker.process.poll() is None, "the worker itself lives on"
    assert rows_of(run)["calibrations"]


def test_a_cancelled_run_stops_and_a_lost_lease_is_noticed(new_match, start_worker):
    run = services.queue_run(new_match())
    worker = start_worker("calibrate")
    worker.await_hold()
    services.cancel_run(run)
    # Still held: the worker stops because it was told to, not because it was let go.
    wait_until(lambda: state_of(run) == RunState.CANCELLED, "stopping", patience_s=30)
    assert rows_of(run)["positions"] == []

    worker.hold_file.unlink()
    second = services.queue_run(run.match)
    worker.await_hold()
    old_lease = AnalysisRun.objects.get(pk=second.pk).lease
    assert sweep_later().requeued == [second.pk]
    # The old owner is alive, finds its lease gone, and then takes the run anew from the queue.
    wait_until(
        lambda: AnalysisRun.objects.get(pk=second.pk).lease not in {None, old_lease},
        "the next claim",
        patience_s=30,
    )
    worker.release()
    await_finish(second)
    assert AnalysisRun.objects.get(pk=second.pk).attempt == 2


def test_a_check_killed_while_encoding_is_taken_up(new_match, start_worker, house):
    match = new_match(state=VideoState.CHECKING)
    video = match.videos.get()
    video.has_playback = False
    video.save()
    jobs.enqueue_check(video.pk)
    worker = start_worker("playback")
    worker.await_hold()
    with checking.only_worker(video.pk) as is_free:
        assert not is_free
    worker.kill()

    wait_until(
        lambda: checking.resend_lost(timezone.now() + timedelta(hours=1)), "taking the check up"
    )
    start_worker()
    # The copy is followed by what the room shows while hovering and by the copy in parts: the check ends with that.
    wait_until(lambda: match.videos.get().has_stream, "the end of the check")
    assert match.videos.get().has_playback
    assert match.videos.get().storyboard
    folder = house / "media" / video.folder
    assert {path.name for path in folder.iterdir()} == {
        *("source.mp4", "play.mp4", "poster.jpg"),
        *("frames.bin", "sheets", "stream"),
    }
    run = match.runs.get()
    await_finish(run)
