"""Stored videos as local files: where a worker finds them, makes them, and hands them in."""

from pathlib import Path

from analysis.core.problems import Transient
from webapp.lib import stored
from webapp.matches.models import Video


def source_of(video: Video) -> Path:
    """The uploaded file.

    Raises:
        Transient: ``media_missing``: the file is not there (yet); ``storage_away``.
    """
    try:
        return stored.media().at_hand(video.source_name)
    except FileNotFoundError as error:
        raise Transient(
            "media_missing",
            "The video's file cannot be found; check that the media folder is mounted, then start again.",
        ) from error


def playback_of(video: Video) -> Path:
    """The copy for the browser; where it will lie when there is none yet."""
    name = f"{video.folder}/play.mp4"
    try:
        return stored.media().at_hand(name)
    except FileNotFoundError:
        return place_of(name)


def poster_of(video: Video) -> Path:
    """Where the still picture is made."""
    return place_of(f"{video.folder}/poster.jpg")


def frame_times_of(video: Video) -> Path:
    """Where the times of the playback copy's pictures are made."""
    return place_of(f"{video.folder}/frames.bin")


def sheets_of(video: Video) -> Path:
    """Where the sheets of small pictures are made."""
    return place_of(f"{video.folder}/sheets")


def place_of(name: str) -> Path:
    """Where a file is made before it is handed in; its folder is there."""
    path = stored.media().root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def has(path: Path) -> bool:
    """Whether what is made at a place was handed in before."""
    place = stored.media()
    facts = place.facts(path.relative_to(place.root).as_posix())
    return facts is not None and facts.size_bytes > 0


def hand_in(path: Path) -> None:
    """Store what was made at its place: a file, or every file of a folder."""
    place = stored.media()
    for file in sorted(path.iterdir()) if path.is_dir() else [path]:
        place.put(file, file.relative_to(place.root).as_posix())


def stream_of(video: Video) -> Path:
    """The folder in which the video is made into HLS."""
    return place_of(f"{video.folder}/stream")


def let_go(video: Video) -> None:
    """Remove every file of a video; its row stays."""
    stored.media().remove(video.folder)
