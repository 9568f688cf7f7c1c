"""Playlists of clips, the films made of them, and the links that show such a film to people without an account."""

import uuid
from typing import Any

from django.db import models
from django.utils import timezone

from webapp.accounts.models import Team, User
from webapp.analytics.models import SpottedAction
from webapp.matches.models import Video


class PlaylistQuerySet(models.QuerySet["Playlist"]):
    """Visibility is asked here and nowhere else."""

    def for_user(self, user: Any) -> "PlaylistQuerySet":
        """Playlists of the user's teams."""
        return self.filter(team__memberships__user=user) if user.is_authenticated else self.none()


class Playlist(models.Model):
    """Clips in an order, from any of a team's matches."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="playlists")
    title = models.CharField(max_length=120)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = PlaylistQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.title


class Clip(models.Model):
    """A stretch of a video; ``stills`` are frozen pictures with drawings (``services.checked_stills``)."""

    playlist = models.ForeignKey(Playlist, on_delete=models.CASCADE, related_name="clips")
    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="clips")
    action = models.ForeignKey(
        SpottedAction, null=True, on_delete=models.SET_NULL, related_name="clips"
    )
    place = models.PositiveIntegerField()
    start_ms = models.BigIntegerField()
    end_ms = models.BigIntegerField()
    title = models.CharField(max_length=120, blank=True)
    stills = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["place", "id"]

    def __str__(self) -> str:
        return f"{self.title or 'clip'} {self.start_ms}-{self.end_ms} ms"

    @property
    def start_s(self) -> str:
        """Its beginning on the video's own clock, as links to a moment write it."""
        return f"{self.start_ms / 1000:.3f}"

    @property
    def shown_start_s(self) -> str:
        """Seconds from the video's first picture to its beginning."""
        return f"{(self.start_ms - self.video.start_ms) / 1000:.3f}"

    @property
    def shown_end_s(self) -> str:
        """Seconds from the video's first picture to its end."""
        return f"{(self.end_ms - self.video.start_ms) / 1000:.3f}"


class ClipLength(models.Model):
    """How long before and after an event of a kind a team's clips reach."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="clip_lengths")
    label = models.CharField(max_length=40)
    lead_ms = models.PositiveIntegerField()
    lag_ms = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "label"], name="one_length_a_kind")]

    def __str__(self) -> str:
        return f"{self.label}: {self.lead_ms} before, {self.lag_ms} after"


class Reel(models.Model):
    """A film of a playlist, made by a worker; the row is the truth about the job, as with runs."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    playlist = models.ForeignKey(Playlist, on_delete=models.CASCADE, related_name="reels")
    state = models.CharField(max_length=10, default="queued")
    with_titles = models.BooleanField(default=True)
    done_ms = models.BigIntegerField(default=0)
    total_ms = models.BigIntegerField(default=0)
    attempt = models.PositiveSmallIntegerField(default=0)
    lease = models.UUIDField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(default=timezone.now)
    cancel_requested = models.BooleanField(default=False)
    problem_sentence = models.TextField(blank=True)
    size_bytes = models.BigIntegerField(default=0)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"film {self.pk} of {self.playlist} ({self.state})"

    @property
    def file_name(self) -> str:
        """The film, relative to MEDIA_ROOT."""
        return f"{self.playlist.team.uuid}/reels/{self.uuid}.mp4"

    @property
    def percent(self) -> int:
        """How much of it is made; 100 is never said before it is there."""
        if self.state == "finished":
            return 100
        return min(99, 100 * self.done_ms // self.total_ms) if self.total_ms else 0


class ShareLink(models.Model):
    """Shows one film to whoever holds the link, until it ends or is revoked; the token is kept as a digest."""

    reel = models.ForeignKey(Reel, on_delete=models.CASCADE, related_name="links")
    token_sha256 = models.CharField(max_length=64, unique=True)
    may_download = models.BooleanField(default=False)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"link to {self.reel}"

    @property
    def is_open(self) -> bool:
        """Whether it still shows the film."""
        return self.revoked_at is None and timezone.now() < self.expires_at
