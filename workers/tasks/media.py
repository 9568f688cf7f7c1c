"""An uploaded file: checked, then made playable. Every step may be repeated; a killed worker's check is sent again."""

import logging
from dataclasses import asdict

from celery import shared_task

from analysis.core.problems import InputProblem, Transient
from analysis.core.records import VideoInfo
from webapp import jobs
from webapp.analytics import services
from webapp.matches import checking
from webapp.matches.models import Video, VideoState
from workers import media

logger = logging.getLogger(__name__)


@shared_task(name=jobs.CHECK_VIDEO)
def check_video(video_id: int) -> None:
    """Probe a video, refuse it in words or accept it; then poster, analysis and the copy for the browser."""
    with checking.only_worker(video_id) as is_mine:
        video = Video.objects.select_related("match__team").filter(pk=video_id).first()
        if video is None or not is_mine:
            logger.info("video %s is not there to be checked", video_id)
            return
        try:
            _work_on(video)
        except Transient as problem:
            # The sweeper sends it again; the row keeps saying "checking", which is the truth.
            logger.warning("video %s: %s", video_id, problem.code)


def _work_on(video: Video) -> None:
    if video.state != VideoState.REFUSED:
        try:
            found = _checked(video)
        except InputProblem as problem:
            words = problem.sentence.replace(repr(f"source.{video.extension}"), video.original_name)
            checking.refuse(video, problem.code, words)
        else:
            _make_playable(video, found)
    if video.state == VideoState.REFUSED:
        media.let_go(video)
        services.queue_unseen(video.match)


def _checked(video: Video) -> VideoInfo:
    # Imported here, so that the worker's parent process never loads the decoders.
    from analysis.video.probe import probe

    found = probe(media.source_of(video), sha256=video.sha256 or None)
    if video.state == VideoState.CHECKING:
        checking.accept(video, found)
    return found


def _make_playable(video: Video, found: VideoInfo) -> None:
    from analysis.video import encode

    poster, playback = media.poster_of(video), media.playback_of(video)
    try:
        if not media.has(poster):
            encode.poster(found, poster)
            media.hand_in(poster)
        checking.note_playback(video, has_poster=True)
        services.queue_unseen(video.match)
        if not media.has(playback):
            encode.playable_copy(found, playback)
            media.hand_in(playback)
        checking.note_playback(video, has_playback=True)
        _make_companions(video)
    except InputProblem as problem:
        # Readable at its beginning, broken further on: the analysis says so in its own words.
        logger.warning("video %s has no copy for the browser: %s", video.pk, problem.sentence)
        services.queue_unseen(video.match)


def _make_companions(video: Video) -> None:
    """Times of the pictures, small pictures for hovering, and HLS; the room works without any of them."""
    from analysis.video import companions, streaming
    from analysis.video.probe import probe

    if video.storyboard and video.has_stream:
        return
    copy = probe(media.playback_of(video), sha256=video.sha256)
    if not video.storyboard:
        times, sheets = media.frame_times_of(video), media.sheets_of(video)
        companions.write_frame_times(companions.frame_times_ms(copy), times)
        board = companions.make_storyboard(copy, sheets)
        media.hand_in(times)
        media.hand_in(sheets)
        checking.note_storyboard(video, asdict(board))
    if not video.has_stream:
        stream = media.stream_of(video)
        streaming.make_stream(copy, stream)
        media.hand_in(stream)
        checking.note_stream(video)
