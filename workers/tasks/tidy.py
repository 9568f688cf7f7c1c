"""What keeps the house in order: lost work is sent again, leftovers are removed. Called by ``workers.sweeper``."""

import logging

from webapp.analytics import services
from webapp.matches import checking, uploads

logger = logging.getLogger(__name__)


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
    if resent := checking.resend_lost():
        logger.warning("videos %s are checked again", resent)
    if queued := services.queue_all_unseen():
        logger.info("runs %s are queued: their videos were not analysed yet", queued)
    if removed := uploads.remove_stale():
        logger.info("%d uploads that nobody continued were removed", removed)
