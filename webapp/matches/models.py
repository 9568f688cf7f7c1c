"""Matches, their videos and the uploads that become videos."""

import uuid
from typing import Any

from django.db import models
from django.utils import timezone

from webapp.accounts.models import Team, User


class MatchQuerySet(models.QuerySet["Match"]):
    """Visibility is asked here and nowhere else."""

    def for_user(self, user: Any) -> "MatchQuerySet":
        """Matches of the user's teams."""
        return self.filter(team__memberships__user=user) if user.is_authenticated else self.none()


class Match(models.Model):
    """One game of one team's library."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="matches")
    title = models.CharField(max_length=160)
    home_name = models.CharField(max_length=80, default="Home")
    away_name = models.CharField(max_length=80, default="Away")
    home_colour = models.CharField(max_length=7, blank=True)
    away_colour = models.CharField(max_length=7, blank=True)
    played_on = models.DateField(null=True, blank=True)
    pitch_length_m = models.FloatField(default=105.0)
    pitch_width_m = models.FloatField(default=68.0)
    # ``{"home": [[number, name], ...], "away": ...}`` as people wrote them.
    lineups = models.JSONField(default=dict, blank=True)
    is_sample = models.BooleanField(default=False)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = MatchQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name_plural = "matches"

    def __str__(self) -> str:
        return self.title


class VideoState(models.TextChoices):
    """One truth about a file: ``checking`` after the last byte, then ``ready`` or ``refused``."""

    CHECKING = "checking", "Checking"
    READY = "ready", "Ready"
    REFUSED = "refused", "Refused"


class VideoQuerySet(models.QuerySet["Video"]):
    """Visibility is asked here and nowhere else."""

    def for_user(self, user: Any) -> "VideoQuerySet":
        """Videos of the user's teams."""
        return (
            self.filter(match__team__memberships__user=user)
            if user.is_authenticated
            else self.none()
        )


class Video(models.Model):
    """One file of a match: all of it (half 0) or one half of it.

    Files lie in ``<MEDIA_ROOT>/<team uuid>/<video uuid>/``: ``source.<ext>`` as uploaded, ``play.mp4`` for the
    browser, ``poster.jpg``, ``frames.bin`` (time of every picture of ``play.mp4``), ``sheets/`` (small pictures),
    ``stream/`` (the same as HLS). The user's file name is kept as text only.
    """

    match = models.ForeignKey(Match, on_delete=models.CASCADE, related_name="videos")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    half = models.PositiveSmallIntegerField(default=0)
    original_name = models.CharField(max_length=255)
    extension = models.CharField(max_length=8, default="mp4")
    size_bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=10, choices=VideoState.choices, default=VideoState.CHECKING)
    problem_code = models.CharField(max_length=60, blank=True)
    problem_sentence = models.TextField(blank=True)
    container = models.CharField(max_length=12, blank=True)
    duration_ms = models.BigIntegerField(null=True)
    start_ms = models.BigIntegerField(default=0)
    width_px = models.IntegerField(null=True)
    height_px = models.IntegerField(null=True)
    fps = models.FloatField(null=True)
    is_constant_rate = models.BooleanField(default=True)
    has_audio = models.BooleanField(default=False)
    has_playback = models.BooleanField(default=False)
    has_poster = models.BooleanField(default=False)
    # Fields of ``analysis.video.companions.Storyboard``; empty until the small pictures and the frames' times exist.
    storyboard = models.JSONField(default=dict, blank=True)
    has_stream = models.BooleanField(default=False)
    check_attempt = models.PositiveSmallIntegerField(default=0)
    check_sent_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)

    objects = VideoQuerySet.as_manager()

    class Meta:
        ordering = ["half", "id"]

    def __str__(self) -> str:
        return self.original_name

    @property
    def folder(self) -> str:
        """The video's own folder, relative to MEDIA_ROOT."""
        return f"{self.match.team.uuid}/{self.uuid}"

    @property
    def source_name(self) -> str:
        """The uploaded file, relative to MEDIA_ROOT."""
        return f"{self.folder}/source.{self.extension}"


class UploadQuerySet(models.QuerySet["Upload"]):
    """Visibility is asked here and nowhere else: an upload belongs to the person who began it."""

    def for_user(self, user: Any) -> "UploadQuerySet":
        """The user's own uploads into teams they are still a member of."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(user=user, match__team__memberships__user=user)


class Upload(models.Model):
    """A resumable upload (tus 1.0) under way; the bytes so far lie in ``<MEDIA_ROOT>/<team uuid>/uploads/<uuid>``."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="uploads")
    match = models.ForeignKey(Match, on_delete=models.CASCADE, related_name="uploads")
    half = models.PositiveSmallIntegerField(default=0)
    original_name = models.CharField(max_length=255)
    size_bytes = models.BigIntegerField()
    offset_bytes = models.BigIntegerField(default=0)
    video = models.OneToOneField(
        Video, null=True, blank=True, on_delete=models.SET_NULL, related_name="upload"
    )
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    objects = UploadQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.original_name}: {self.offset_bytes} of {self.size_bytes} bytes"
