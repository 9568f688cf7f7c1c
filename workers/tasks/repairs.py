"""Repairs of the camera: claimed, worked out from what the analysis left, stored with their record."""

import logging
import uuid

import numpy as np
from celery import shared_task

from analysis.core.problems import InputProblem
from analysis.core.vocabulary import CALIBRATION_STATES
from webapp import jobs
from webapp.analytics import findings
from webapp.annotation import repairs, work
from webapp.annotation.models import RepairJob

logger = logging.getLogger(__name__)


@shared_task(name=jobs.REPAIR_CAMERA)
def repair_camera(job_id: int) -> None:
    """Mend a shot; a second delivery of the same message finds nothing to claim."""
    lease = work.claim(RepairJob, job_id)
    if lease is None:
        logger.info("repair %s is not there to be made", job_id)
        return
    job = RepairJob.objects.select_related("run__match", "video").get(pk=job_id)
    try:
        _mend(job, lease)
    except InputProblem as problem:
        work.end(RepairJob, job_id, lease, "failed", problem.sentence)
    except Exception:
        logger.exception("repair %s broke", job_id)
        work.end(RepairJob, job_id, lease, "failed", work.BUG_SENTENCE)
        raise


def _mend(job: RepairJob, lease: uuid.UUID) -> None:
    # Imported here, so that the worker's parent process never loads the analysis.
    from analysis.calibration.repair import DraggedLine, DraggedPoint
    from analysis.pipeline.mending import Places, mend, replaced

    pitch = repairs.pitch_of(job.run.match)
    ids, before = findings.calibrations(job.run, job.video)
    points = [
        DraggedPoint(tuple(row["pitch_xy_m"]), tuple(row["pixel"])) for row in job.marks["points"]
    ]
    lines = [
        DraggedLine(row["mark"], tuple(tuple(pixel) for pixel in row["pixels"]))
        for row in job.marks["lines"]
    ]
    mended = mend(before, job.time_ms, points, lines, shot_ms=repairs.shot_of(job), pitch=pitch)
    changed = slice(mended.first, mended.last + 1)
    span = int(before.times_ms[mended.first]), int(before.times_ms[mended.last])

    def moved(rows: findings.Rows) -> Places:
        places = Places(rows.times_ms, rows.pitch_xy_m, rows.foot_px, rows.height_px, rows.sigma_m)
        return replaced(places, before, mended, pitch)

    people = findings.positions(job.run, job.video, *span)
    actions = findings.events(job.run, job.video, *span)
    standing, happened = moved(people), moved(actions)
    track = mended.track
    values = findings.Values(
        sample_ids=ids[changed],
        matrices=track.image_from_pitch[changed].reshape(-1, 9),
        confidence=track.confidence[changed],
        states=np.array([CALIBRATION_STATES.index(str(s)) for s in track.status[changed]], np.int64),
        position_ids=people.ids,
        places=standing.pitch_xy_m,
        sigma_m=standing.sigma_m,
        event_ids=actions.ids,
        event_places=happened.pitch_xy_m,
    )  # fmt: skip
    repairs.store(job, lease, values, int(before.times_ms[mended.index]), span)
