"""The only place that sends tasks: by name, with ids, after the transaction that made the rows has committed."""

from django.db import transaction

from webapp.celery import app

CHECK_VIDEO = "workers.media.check_video"
ANALYSE_RUN = "workers.analyse.analyse_run"
ANALYSE_SEGMENT = "workers.analyse.analyse_segment"
MAKE_REEL = "workers.reels.make_reel"
REPAIR_CAMERA = "workers.repairs.repair_camera"
WORK_ON_LAYER = "workers.layers.work_on_layer"
TUNE_SPOTTER = "workers.tuning.tune_spotter"
TASK_NAMES = (
    CHECK_VIDEO,
    ANALYSE_RUN,
    ANALYSE_SEGMENT,
    MAKE_REEL,
    REPAIR_CAMERA,
    WORK_ON_LAYER,
    TUNE_SPOTTER,
)


def _send(name: str, object_id: int) -> None:
    # A broker that is away must not fail the page: the row is written, and the sweeper sends again.
    transaction.on_commit(lambda: app.send_task(name, args=[object_id]), robust=True)


def enqueue_check(video_id: int) -> None:
    """Probe an uploaded file, make its playback copy, then queue the analysis."""
    _send(CHECK_VIDEO, video_id)


def enqueue_analysis(run_id: int) -> None:
    """Let a worker claim a queued run."""
    _send(ANALYSE_RUN, run_id)


def enqueue_segment(segment_id: int) -> None:
    """Let another worker look at a part of a run."""
    _send(ANALYSE_SEGMENT, segment_id)


def enqueue_reel(reel_id: int) -> None:
    """Let a worker make the film of a playlist."""
    _send(MAKE_REEL, reel_id)


def enqueue_repair(job_id: int) -> None:
    """Let a worker mend a shot's camera."""
    _send(REPAIR_CAMERA, job_id)


def enqueue_layer(job_id: int) -> None:
    """Let a worker learn a club's layer, or lay it over its matches."""
    _send(WORK_ON_LAYER, job_id)


def enqueue_tuning(job_id: int) -> None:
    """Let a worker tune a team's spotter."""
    _send(TUNE_SPOTTER, job_id)
