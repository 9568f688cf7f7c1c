"""Everything that changes matches and their files."""

import shutil
from pathlib import Path

from django.conf import settings
from django.db import transaction

from webapp.matches.models import Match, Upload, Video


def media_path(relative: str) -> Path:
    """Where a stored file lies."""
    return Path(settings.MEDIA_ROOT) / relative


def part_path(upload: Upload) -> Path:
    """Where the bytes of an unfinished upload lie."""
    return media_path(f"{upload.match.team.uuid}/uploads/{upload.uuid}")


def artifact_folder(match_id: int) -> Path:
    """Where an analysis keeps what it worked out for one match, so that a second run resumes."""
    return Path(settings.ARTIFACT_ROOT) / f"match-{match_id}"


def _remove_after_commit(*paths: Path) -> None:
    """Files go only once the rows are really gone: the other way round a failure would leave rows without files."""

    def remove() -> None:
        for path in paths:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    transaction.on_commit(remove)


def swap_names(match: Match) -> None:
    """Give each kit the other name: the analysis tells two kits apart, not who wears which."""
    match.home_name, match.away_name = match.away_name, match.home_name
    match.save(update_fields=["home_name", "away_name"])


@transaction.atomic
def delete_match(match: Match) -> None:
    """Delete a match for good: rows, findings, videos, unfinished uploads and what analyses had worked out."""
    folders = [media_path(video.folder) for video in match.videos.all()]
    parts = [part_path(upload) for upload in Upload.objects.filter(match=match)]
    worked_out = artifact_folder(match.pk)
    match.delete()
    _remove_after_commit(*folders, *parts, worked_out)


@transaction.atomic
def delete_video(video: Video) -> None:
    """Delete one file of a match, and what was found in it. An analysis under way notices and stops."""
    folder = media_path(video.folder)
    Upload.objects.filter(video=video).delete()
    video.match.runs.filter(state__in=("queued", "running")).update(cancel_requested=True)
    video.delete()
    _remove_after_commit(folder)
