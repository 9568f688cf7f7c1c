"""Stored videos as local files: the one place that knows where they lie."""

import shutil
from pathlib import Path

from django.conf import settings

from analysis.core.problems import Transient
from webapp.matches.models import Video


def source_of(video: Video) -> Path:
    """The uploaded file.

    Raises:
        Transient: ``media_missing``: the file is not on this machine (yet).
    """
    path = Path(settings.MEDIA_ROOT) / video.source_name
    if not path.is_file():
        raise Transient(
            "media_missing",
            "The video's file cannot be found; check that the media folder is mounted, then start again.",
        )
    return path


def playback_of(video: Video) -> Path:
    """Where the copy for the browser lies or will lie."""
    return Path(settings.MEDIA_ROOT) / video.folder / "play.mp4"


def poster_of(video: Video) -> Path:
    """Where the still picture lies or will lie."""
    return Path(settings.MEDIA_ROOT) / video.folder / "poster.jpg"


def frame_times_of(video: Video) -> Path:
    """Where the times of the playback copy's pictures lie or will lie."""
    return Path(settings.MEDIA_ROOT) / video.folder / "frames.bin"


def sheets_of(video: Video) -> Path:
    """Where the sheets of small pictures lie or will lie."""
    return Path(settings.MEDIA_ROOT) / video.folder / "sheets"


def let_go(video: Video) -> None:
    """Remove every file of a video; its row stays."""
    shutil.rmtree(Path(settings.MEDIA_ROOT) / video.folder, ignore_errors=True)
