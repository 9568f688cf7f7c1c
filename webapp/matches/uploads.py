"""Uploads that survive anything: the bytes are appended to one file, and that file's size is the truth about them.

The offset in the database follows the file: a server killed in the middle of a chunk leaves a file that is longer than
the row says, and the next question (``bytes_here``) puts the row right. One writer at a time holds the row's lock.
The video gets the upload's uuid, so a crash between moving the file and writing the rows can be finished later.
"""

import errno
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import F, Sum
from django.utils import timezone

from analysis.core.containers import HEAD_BYTES, container_of
from analysis.core.problems import Transient
from webapp import jobs
from webapp.accounts.models import Team, User
from webapp.lib import stored
from webapp.lib.disk import free_bytes
from webapp.lib.text import bytes_in_words, plain_file_name
from webapp.matches.models import Match, Upload, Video, VideoState
from webapp.matches.services import delete_video, part_path

BLOCK_BYTES = 1024 * 1024
EXTENSIONS = {"mov": "mp4", "matroska": "mkv", "avi": "avi", "mpegts": "ts"}
# Somebody else's upload into the same place counts as under way for this long after its last byte.
UNDER_WAY = timedelta(minutes=30)
# A whole file that is not a video after this long: its server died between the last byte and the rows.
FINISH_AFTER = timedelta(minutes=5)
# PostgreSQL's code of a row that somebody else holds.
LOCK_NOT_AVAILABLE = "55P03"
NOT_A_VIDEO = (
    "This file is not a video that can be read: it is neither MP4/MOV, MKV/WebM, AVI nor MPEG-TS, whatever its name "
    "says. Choose the video itself, or convert it to MP4 (H.264)."
)


class Readable(Protocol):
    """Where bytes come from: a request."""

    def read(self, size: int, /) -> bytes:
        """At most ``size`` bytes; nothing at the end."""


class Refusal(Exception):
    """An upload cannot begin or go on.

    Attributes:
        status: the HTTP status that says so.
        sentence: the same for the person, with the next step.
    """

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person wants to upload."""

    match: Match
    half: int
    name: str
    size_bytes: int


def expires_at(upload: Upload) -> datetime:
    """When an upload that nobody continues is removed."""
    return upload.updated_at + timedelta(hours=settings.UPLOAD_STALE_HOURS)


@transaction.atomic
def begin(user: User, wanted: Wanted) -> Upload:
    """Make room for an upload. Everything that can be known before the first byte is refused here.

    Raises: Refusal.
    """
    # One creation of a team at a time, so that two together cannot pass a quota that holds one.
    team = Team.objects.select_for_update().get(pk=wanted.match.team_id)
    _check_place(user, wanted)
    _check_size(team, wanted)
    upload = Upload.objects.create(
        user=user,
        match=wanted.match,
        half=wanted.half,
        original_name=plain_file_name(wanted.name),
        size_bytes=wanted.size_bytes,
    )
    path = part_path(upload)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return upload


def _check_place(user: User, wanted: Wanted) -> None:
    if wanted.half not in (0, 1, 2):
        raise Refusal(
            400, "A file is the whole match (0), its first half (1) or its second half (2)."
        )
    for video in wanted.match.videos.exclude(state=VideoState.REFUSED):
        if video.half == wanted.half or 0 in (video.half, wanted.half):
            raise Refusal(
                409,
                f"This match has a file already ({video.original_name}). Remove it first, or add a new match.",
            )
    for other in wanted.match.uploads.filter(half=wanted.half, video=None).select_related("user"):
        if other.user_id != user.pk and other.updated_at > timezone.now() - UNDER_WAY:
            raise Refusal(
                409, f"{other.user} is uploading this file just now. Wait for it, or ask them."
            )
        discard(other)


def _check_size(team: Team, wanted: Wanted) -> None:
    size = wanted.size_bytes
    if size < 1:
        raise Refusal(400, "This file is empty. Choose the video itself.")
    if size > settings.UPLOAD_MAX_BYTES:
        raise Refusal(
            413,
            f"This file has {bytes_in_words(size)}; the largest allowed is "
            f"{bytes_in_words(settings.UPLOAD_MAX_BYTES)}. Cut it into halves or use a smaller export.",
        )
    unfinished = Upload.objects.filter(video=None)
    in_team = Video.objects.filter(match__team=team).aggregate(n=Sum("size_bytes"))["n"] or 0
    in_team += unfinished.filter(match__team=team).aggregate(n=Sum("size_bytes"))["n"] or 0
    if in_team + size > team.quota_bytes:
        left = bytes_in_words(max(0, team.quota_bytes - in_team))
        raise Refusal(
            413,
            f"{team.name} has {left} of its {bytes_in_words(team.quota_bytes)} left, and this file needs "
            f"{bytes_in_words(size)}. Delete matches you no longer need, or ask the administrator for more.",
        )
    promised = unfinished.aggregate(n=Sum(F("size_bytes") - F("offset_bytes")))["n"] or 0
    free = free_bytes(Path(settings.MEDIA_ROOT)) - promised
    if free < size:
        raise Refusal(
            507,
            f"The server's disk has room for {bytes_in_words(max(0, free))}, and this file needs "
            f"{bytes_in_words(size)}. Delete matches you no longer need, or ask the administrator for more room.",
        )


def bytes_here(upload: Upload) -> int:
    """How many bytes have arrived, by the file; the row is put right when it says something else.

    Raises: Refusal 410 when the file is gone or the upload's time is over.
    """
    if upload.video_id is not None:
        return upload.size_bytes
    if expires_at(upload) < timezone.now():
        discard(upload)
        raise Refusal(
            410, "This upload waited for too long and was removed. Choose the file again."
        )
    try:
        size = part_path(upload).stat().st_size
    except FileNotFoundError:
        return _finish_what_crashed(upload)
    if size != upload.offset_bytes:
        upload.offset_bytes = size
        upload.save(update_fields=["offset_bytes", "updated_at"])
    return size


def _finish_what_crashed(upload: Upload) -> int:
    """The part is gone: moved into place by a server that died before it wrote the rows, or lost."""
    for extension in EXTENSIONS.values():
        facts = stored.media().facts(_target(upload, extension))
        if facts is not None and facts.size_bytes == upload.size_bytes:
            _make_video(upload, extension)
            return upload.size_bytes
    raise Refusal(410, "This upload is no longer here. Choose the file again to start over.")


def append(upload_id: int, offset: int, body: Readable, length: int) -> Upload:
    """Write a chunk behind the bytes that are here; the last one turns the upload into a video to be checked.

    Memory: one block. A connection that breaks keeps what has arrived.

    Args:
        upload_id: the upload's key.
        offset: where the sender believes the chunk begins.
        body: where the chunk comes from.
        length: its declared length in bytes.

    Raises: Refusal: 409 another offset, 413 more than declared, 415 no video, 423 another writer, 507 disk full.
    """
    try:
        with transaction.atomic():
            rows = Upload.objects.select_for_update(nowait=True, of=("self",))
            upload = rows.select_related("match__team").filter(pk=upload_id).first()
            if upload is None:
                raise Refusal(404, "This upload was given up. Choose the file again to start over.")
            refusal = _append_locked(upload, offset, body, length)
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", "") != LOCK_NOT_AVAILABLE:
            raise
        raise Refusal(
            423, "This upload is being written by another window. Try again shortly."
        ) from error
    # Raised only now: what was written, or thrown away, stays so.
    if refusal is not None:
        raise refusal
    return upload


def _append_locked(upload: Upload, offset: int, body: Readable, length: int) -> Refusal | None:
    try:
        here = bytes_here(upload)
    except Refusal as gone:
        return gone
    if offset != here:
        return Refusal(409, f"The upload has {here} bytes, so the next chunk begins there.")
    if upload.video_id is not None:
        return None
    if length > upload.size_bytes - here:
        return Refusal(413, "The chunk is longer than what is missing of the file.")
    path = part_path(upload)
    refusal = _write(path, body, length)
    upload.offset_bytes = path.stat().st_size
    upload.save(update_fields=["offset_bytes", "updated_at"])
    whole = upload.offset_bytes == upload.size_bytes
    if (whole or here < HEAD_BYTES <= upload.offset_bytes) and _container(path) is None:
        discard(upload)
        return Refusal(415, NOT_A_VIDEO)
    if whole:
        try:
            _complete(upload)
        except Transient as problem:
            return Refusal(503, f"{problem.sentence} What has arrived is kept; go on then.")
    return refusal


def finish(upload_id: int) -> bool:
    """Turn an upload whose bytes are all here into a video: its server died in between. Whether it was done.

    Somebody else who is just doing so is left alone, and a storage that does not answer is asked again later.
    """
    try:
        with transaction.atomic():
            rows = Upload.objects.select_for_update(skip_locked=True, of=("self",))
            upload = rows.select_related("match__team").filter(pk=upload_id, video=None).first()
            if upload is None or part_path(upload).stat().st_size != upload.size_bytes:
                return False
            if _container(part_path(upload)) is None:
                discard(upload)
                return False
            _complete(upload)
    except (Transient, FileNotFoundError):
        return False
    return True


def finish_whole(now: datetime | None = None) -> int:
    """Finish whole uploads that nobody asked about for some minutes; how many.

    Args:
        now: the present; this machine's clock when not given.
    """
    before = (now or timezone.now()) - FINISH_AFTER
    waiting = Upload.objects.filter(video=None, updated_at__lt=before)
    return sum(finish(pk) for pk in waiting.values_list("pk", flat=True))


def _write(path: Path, body: Readable, length: int) -> Refusal | None:
    left = length
    with path.open("ab") as file:
        try:
            while left > 0 and (block := body.read(min(BLOCK_BYTES, left))):
                file.write(block)
                left -= len(block)
            file.flush()
            os.fsync(file.fileno())
        except OSError as error:  # a connection that broke is one too
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                return Refusal(
                    507,
                    "The server's disk is full. What has arrived is kept; go on when there is room.",
                )
            return Refusal(
                400,
                "The connection broke. What has arrived is kept; choose the same file to go on.",
            )
    return None


def _container(path: Path) -> str | None:
    with path.open("rb") as file:
        return container_of(file.read(HEAD_BYTES))


def _target(upload: Upload, extension: str) -> str:
    return f"{upload.match.team.uuid}/{upload.uuid}/source.{extension}"


def _complete(upload: Upload) -> None:
    part = part_path(upload)
    extension = EXTENSIONS[str(_container(part))]
    stored.media().put(part, _target(upload, extension))
    _make_video(upload, extension)


def _make_video(upload: Upload, extension: str) -> None:
    """The rows of a file that lies in its place; a refused file that it replaces goes."""
    for refused in upload.match.videos.filter(state=VideoState.REFUSED):
        if refused.half == upload.half or 0 in (refused.half, upload.half):
            delete_video(refused)
    upload.video = Video.objects.create(
        uuid=upload.uuid,
        match=upload.match,
        half=upload.half,
        original_name=upload.original_name,
        extension=extension,
        size_bytes=upload.size_bytes,
    )
    upload.offset_bytes = upload.size_bytes
    upload.save()
    jobs.enqueue_check(upload.video.pk)


def discard(upload: Upload) -> None:
    """Forget an unfinished upload and its bytes."""
    path = part_path(upload)
    upload.delete()
    transaction.on_commit(lambda: path.unlink(missing_ok=True))


def remove_stale(now: datetime | None = None) -> int:
    """Remove uploads that nobody continued for ``UPLOAD_STALE_HOURS``, and parts without a row; how many.

    Args:
        now: the present; this machine's clock when not given.
    """
    before = (now or timezone.now()) - timedelta(hours=settings.UPLOAD_STALE_HOURS)
    removed = 0
    with transaction.atomic():
        rows = Upload.objects.select_for_update(skip_locked=True, of=("self",))
        for upload in rows.filter(updated_at__lt=before).select_related("match__team"):
            removed += upload.video_id is None
            discard(upload)
    for part in Path(settings.MEDIA_ROOT).glob("*/uploads/*"):
        is_old = part.stat().st_mtime < before.timestamp()
        if is_old and not Upload.objects.filter(uuid=part.name).exists():
            part.unlink(missing_ok=True)
            removed += 1
    return removed
