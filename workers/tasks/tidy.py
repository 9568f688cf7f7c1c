"""What keeps the house in order: lost work is sent again, leftovers are removed. Called by ``workers.sweeper``."""

import logging
import shutil
import time
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from analysis.core.problems import Transient
from webapp import jobs
from webapp.analytics import services
from webapp.annotation import work
from webapp.annotation.models import LayerJob, RepairJob, TuningJob
from webapp.lib import stored
from webapp.matches import checking, sanity, uploads
from webapp.matches.models import Match, Video, VideoState
from webapp.playlists import services as reels
from workers import media

logger = logging.getLogger(__name__)

# What a program that was killed may have left half-made; nothing takes that long.
HALF_MADE = (".sample-*", "*/*/.*part*", "*/*/*.part*")
HALF_MADE_FOR_S = 24 * 3600


def take_up() -> None:
    """Send everything unfinished again; only for the moment when no worker runs."""
    logger.info("runs %s, videos %s", services.take_up(), checking.take_up())


def sweep() -> None:
    """Send lost runs and lost checks again; cheap enough for every few seconds."""
    swept = services.requeue_lost()
    for word, run_ids in (
        ("queued again", swept.requeued),
        ("failed", swept.failed),
        ("cancelled", swept.cancelled),
        ("announced again", swept.reminded),
    ):
        if run_ids:
            logger.warning("runs %s were %s", run_ids, word)
    if n_finished := uploads.finish_whole():
        logger.warning("%s whole uploads were finished", n_finished)
    if resent := checking.resend_lost():
        logger.warning("videos %s are checked again", resent)
    if remade := reels.requeue_lost():
        logger.warning("films %s are made again", remade)
    if mended := work.requeue_lost(RepairJob, jobs.enqueue_repair):
        logger.warning("repairs %s are made again", mended)
    if learned := work.requeue_lost(LayerJob, jobs.enqueue_layer):
        logger.warning("layer jobs %s are done again", learned)
    if tuned := work.requeue_lost(TuningJob, jobs.enqueue_tuning):
        logger.warning("tunings %s are done again", tuned)
    if queued := services.queue_all_unseen():
        logger.info("runs %s are queued: their videos were not analysed yet", queued)


def tidy() -> None:
    """Remove what nobody will come back for; for every hour or so."""
    if n_uploads := uploads.remove_stale():
        logger.info("%s unfinished uploads were given up", n_uploads)
    for video in Video.objects.filter(state=VideoState.REFUSED).select_related("match__team"):
        # Its worker was killed between the refusal and the removal.
        media.let_go(video)
    _remove_half_made(Path(settings.MEDIA_ROOT), time.time() - HALF_MADE_FOR_S)
    _remove_orphaned_artifacts()
    call_command("clearsessions")


def look_after_files() -> None:
    """Compare files and rows, for the status page; once a day."""
    try:
        standing = sanity.look()
    except Transient as problem:
        logger.warning("files and rows were not compared: %s", problem)
        return
    sanity.note(standing)
    if not standing.is_sane:
        logger.warning("files and rows do not fit; for names: python manage.py sanity")


def _remove_orphaned_artifacts() -> None:
    """What analyses worked out for matches that are gone; the folders' age keeps a match that is just being made."""
    kept = {f"match-{pk}" for pk in Match.objects.values_list("pk", flat=True)}
    before_s = time.time() - HALF_MADE_FOR_S
    place = stored.worked_out()
    for name, changed_s in place.folders().items():
        if name not in kept and changed_s < before_s:
            place.remove(name)
            logger.info("removed %s: its match is gone", name)


def _remove_half_made(root: Path, before_s: float) -> None:
    for pattern in HALF_MADE:
        for path in root.glob(pattern):
            if path.lstat().st_mtime < before_s:
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
                logger.info("removed %s, left half-made", path.name)
