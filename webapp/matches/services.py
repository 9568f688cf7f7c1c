"""Everything that changes matches and their files."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import transaction

from webapp.lib import stored
from webapp.matches.models import Match, Upload, Video


def media_path(relative: str) -> Path:
    """Where a stored file lies on this machine, or its copy where files are kept in a bucket."""
    return Path(settings.MEDIA_ROOT) / relative


def part_path(upload: Upload) -> Path:
    """Where the bytes of an unfinished upload lie: on a disk, wherever files are kept."""
    return media_path(f"{upload.match.team.uuid}/uploads/{upload.uuid}")


def artifact_folder(match_id: int) -> Path:
    """Where an analysis keeps what it worked out for one match, so that a second run resumes."""
    return Path(settings.ARTIFACT_ROOT) / f"match-{match_id}"


def remove_after_commit(*removals: Callable[[], None]) -> None:
    """Files go only once the rows are really gone: the other way round a failure would leave rows without files.

    What cannot be removed then (a bucket that does not answer) is the sanity check's to name.
    """
    for remove in removals:
        transaction.on_commit(remove, robust=True)


def removal(name: str) -> Callable[[], None]:
    """Removes a stored file or folder."""
    return lambda: stored.media().remove(name)


def swap_names(match: Match) -> None:
    """Give each kit the other name: the analysis tells two kits apart, not who wears which."""
    match.home_name, match.away_name = match.away_name, match.home_name
    match.save(update_fields=["home_name", "away_name"])


@transaction.atomic
def delete_match(match: Match) -> None:
    """Delete a match for good: rows, findings, videos, unfinished uploads and what analyses had worked out."""
    names = [video.folder for video in match.videos.all()]
    parts = [part_path(upload) for upload in Upload.objects.filter(match=match)]
    worked_out = artifact_folder(match.pk).name
    match.delete()
    remove_after_commit(
        *map(removal, names),
        *(partial(stored.remove_local, part) for part in parts),
        lambda: stored.worked_out().remove(worked_out),
    )


@transaction.atomic
def delete_video(video: Video) -> None:
    """Delete one file of a match, and what was found in it. An analysis under way notices and stops."""
    folder = video.folder
    Upload.objects.filter(video=video).delete()
    video.match.runs.filter(state__in=("queued", "running")).update(cancel_requested=True)
    video.delete()
    remove_after_commit(removal(folder))
