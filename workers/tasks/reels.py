"""Films of playlists: claimed, made from the uploaded videos, ended in a state that says what happened."""

import logging
import time
from typing import TYPE_CHECKING
from uuid import UUID

from celery import shared_task

from analysis.core.problems import Cancelled, InputProblem, Transient
from webapp import jobs
from webapp.playlists import services
from webapp.playlists.models import Clip, Reel
from workers import media

if TYPE_CHECKING:
    from analysis.video.reel import Cut

logger = logging.getLogger(__name__)
BEAT_S = 1.0


@shared_task(name=jobs.MAKE_REEL)
def make_reel(reel_id: int) -> None:
    """Make a queued film; a second delivery of the same message finds nothing to claim."""
    lease = services.claim_reel(reel_id)
    if lease is None:
        logger.info("film %s is not there to be made", reel_id)
        return
    reel = Reel.objects.select_related("playlist__team").get(pk=reel_id)
    target = media.place_of(reel.file_name)
    try:
        _make(reel, lease)
        size_bytes = target.stat().st_size
        media.hand_in(target)
        services.end_reel(reel_id, lease, "finished", size_bytes=size_bytes)
    except Cancelled:
        target.unlink(missing_ok=True)
        services.end_reel(reel_id, lease, "cancelled")
    except (InputProblem, Transient) as problem:
        services.end_reel(reel_id, lease, "failed", sentence=problem.sentence)
    except Exception:
        logger.exception("film %s broke", reel_id)
        services.end_reel(
            reel_id, lease, "failed", sentence="Something on our side broke; try it once more."
        )
        raise


def _make(reel: Reel, lease: UUID) -> None:
    # Imported here, so that the worker's parent process never loads the decoders.
    from analysis.video import reel as films

    beat_s = 0.0

    def tell(done_ms: int, total_ms: int) -> None:
        nonlocal beat_s
        if time.monotonic() - beat_s < BEAT_S:
            return
        beat_s = time.monotonic()
        if not services.advance_reel(reel.pk, lease, done_ms, total_ms):
            raise Cancelled("The film is not wanted any more.")

    clips = Clip.objects.filter(playlist=reel.playlist_id).select_related("video__match__team")
    films.make_reel(
        [_cut(clip) for clip in clips],
        media.place_of(reel.file_name),
        with_titles=reel.with_titles,
        on_progress=tell,
    )


def _cut(clip: Clip) -> "Cut":
    from analysis.video import reel as films
    from analysis.video.drawings import Shape
    from analysis.video.probe import probe

    stills = tuple(
        films.Still(
            still["at_ms"],
            still["hold_ms"],
            tuple(
                Shape(
                    shape["kind"],
                    tuple((x, y) for x, y in shape["points"]),
                    _rgb(shape["colour"]),
                    shape["text"],
                )
                for shape in still["shapes"]
            ),
        )
        for still in clip.stills
    )
    info = probe(media.source_of(clip.video), sha256=clip.video.sha256)
    return films.Cut(info, clip.start_ms, clip.end_ms, clip.title, stills)


def _rgb(colour: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(colour[1:])
    return red, green, blue
