"""A club's layer: learned from corrections or laid over every match, with progress that the page shows."""

import logging
import uuid

from celery import shared_task

from analysis.core.problems import InputProblem
from webapp import jobs
from webapp.annotation import layers, work
from webapp.annotation.models import LayerJob

logger = logging.getLogger(__name__)


@shared_task(name=jobs.WORK_ON_LAYER)
def work_on_layer(job_id: int) -> None:
    """Do a queued job; a second delivery of the same message finds nothing to claim."""
    lease = work.claim(LayerJob, job_id)
    if lease is None:
        logger.info("layer job %s is not there to be done", job_id)
        return
    job = LayerJob.objects.select_related("team", "layer").get(pk=job_id)
    try:
        if job.kind == "fit":
            _learn(job, lease)
        else:
            layers.lay_over_all(job, lease)
    except InputProblem as problem:
        work.end(LayerJob, job_id, lease, "failed", problem.sentence)
    except Exception:
        logger.exception("layer job %s broke", job_id)
        work.end(LayerJob, job_id, lease, "failed", work.BUG_SENTENCE)
        raise


def _learn(job: LayerJob, lease: uuid.UUID) -> None:
    # Imported here, so that the worker's parent process never loads the analysis.
    from analysis.curation.club_layer import Said, compare, fit, split

    work.beat(job, lease, done=0, total=3)
    rows = layers.spoken(job.team)
    said = [Said(r.event, r.match, r.label, r.confidence, r.is_right) for r in rows]
    learn, held, by_match = split(said)
    work.beat(job, lease, done=1, total=3)
    layer = fit(learn)
    work.beat(job, lease, done=2, total=3)
    now = layers.values_of(layers.in_use(job.team))
    compared = compare(learn, held, layer, now, by_match=by_match)
    layers.store_fit(job, lease, layer, rows, compared)
