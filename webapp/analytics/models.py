"""Analysis runs and what they found. Only ``services.py`` writes a run's state, only ``ingest.py`` writes findings."""

import uuid
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from webapp.analytics.presentation import STAGE_WORDS
from webapp.matches.models import Match, Video


class RunState(models.TextChoices):
    """Where an analysis stands; ``queued`` and ``running`` are the active ones."""

    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Running"
    FINISHED = "finished", "Finished"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


ACTIVE_STATES = (RunState.QUEUED, RunState.RUNNING)


class RunQuerySet(models.QuerySet["AnalysisRun"]):
    """Visibility is asked here and nowhere else."""

    def for_user(self, user: Any) -> "RunQuerySet":
        """Runs of the user's teams."""
        return (
            self.filter(match__team__memberships__user=user)
            if user.is_authenticated
            else self.none()
        )


class AnalysisRun(models.Model):
    """One analysis of one match: the truth about the job, whatever a broker may think.

    A worker owns a run while ``lease`` carries its token and ``heartbeat_at`` is fresh; the sweeper re-queues a run
    whose heart stopped. ``attempt`` counts claims.
    """

    match = models.ForeignKey(Match, on_delete=models.CASCADE, related_name="runs")
    recipe = models.CharField(max_length=60, default="default")
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.QUEUED)
    attempt = models.PositiveIntegerField(default=0)
    lease = models.UUIDField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    cancel_requested = models.BooleanField(default=False)
    stage = models.CharField(max_length=40, blank=True)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    problem_code = models.CharField(max_length=60, blank=True)
    problem_sentence = models.TextField(blank=True)
    reference = models.UUIDField(default=uuid.uuid4, editable=False)
    verdict = models.CharField(max_length=40, blank=True)
    coverage = models.FloatField(null=True, blank=True)
    versions = models.JSONField(default=dict, blank=True)
    # Counts what people mended in the findings since: tells a browser that what it holds is old.
    edition = models.PositiveIntegerField(default=0)

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["match"],
                condition=Q(state__in=["queued", "running"]),
                name="one_active_run_a_match",
            )
        ]

    def __str__(self) -> str:
        return f"run {self.pk} of {self.match} ({self.state})"

    @property
    def stage_words(self) -> str:
        """The stage under way as people call it; nothing before the first."""
        return STAGE_WORDS.get(self.stage, self.stage.replace("_", " ").capitalize())


class StageRun(models.Model):
    """Progress of one stage of one run, in the stage's own units."""

    run = models.ForeignKey(AnalysisRun, on_delete=models.CASCADE, related_name="stages")
    stage = models.CharField(max_length=40)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["run", "stage"], name="one_row_a_stage")]

    def __str__(self) -> str:
        return f"{self.stage}: {self.done}/{self.total}"


class SegmentState(models.TextChoices):
    """Where a part of a run stands."""

    WAITING = "waiting", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"


class RunSegment(models.Model):
    """A part of one video of a run that one worker looks at; ``webapp.analytics.segments`` writes it.

    ``done`` and ``total`` count pictures. What comes out lies in the artifact store, not here.
    """

    run = models.ForeignKey(AnalysisRun, on_delete=models.CASCADE, related_name="segments")
    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()
    state = models.CharField(
        max_length=10, choices=SegmentState.choices, default=SegmentState.WAITING
    )
    attempt = models.PositiveIntegerField(default=0)
    lease = models.UUIDField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "video", "number"], name="one_row_a_segment_of_a_run"
            )
        ]

    def __str__(self) -> str:
        return f"segment {self.number} of {self.run_id}: {self.state}"


class Period(models.Model):
    """One period of a match: where its kick-off lies in which video, and who attacks where."""

    match = models.ForeignKey(Match, on_delete=models.CASCADE, related_name="periods")
    number = models.PositiveSmallIntegerField()
    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="periods")
    kickoff_ms = models.BigIntegerField()
    end_ms = models.BigIntegerField(null=True, blank=True)
    home_attacks_right = models.BooleanField(null=True)
    is_confirmed = models.BooleanField(default=False)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["match", "number"], name="one_row_a_period")]

    def __str__(self) -> str:
        return f"period {self.number} of {self.match}"

    @property
    def kickoff_s(self) -> str:
        """The kick-off as links to a moment write it."""
        return f"{self.kickoff_ms / 1000:.3f}"


class ActionQuerySet(models.QuerySet["SpottedAction"]):
    """Which events count is asked here and nowhere else."""

    def standing(self) -> "ActionQuerySet":
        """Events that count: not rejected, and not held back by the club's layer before anybody looked."""
        return self.exclude(status="rejected").exclude(status="auto", is_withheld=True)


class SpottedAction(models.Model):
    """One event. Columns mirror ``events.csv``."""

    run = models.ForeignKey(AnalysisRun, on_delete=models.CASCADE, related_name="actions")
    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="actions")
    period = models.PositiveSmallIntegerField()
    position_ms = models.BigIntegerField()
    period_time_ms = models.BigIntegerField(null=True)
    frame = models.BigIntegerField(null=True)
    label = models.CharField(max_length=40)
    team = models.CharField(max_length=4, blank=True)
    x_m = models.FloatField(null=True)
    y_m = models.FloatField(null=True)
    confidence = models.FloatField()
    confidence_kind = models.CharField(max_length=10, default="raw")
    # The model's own confidence where a club's layer changed it, and whether that layer holds the event back.
    raw_confidence = models.FloatField(null=True)
    is_withheld = models.BooleanField(default=False)
    status = models.CharField(max_length=10, default="auto")
    source = models.CharField(max_length=5, default="model")
    player_number = models.PositiveSmallIntegerField(null=True)
    player_name = models.CharField(max_length=80, blank=True)
    note = models.CharField(max_length=500, blank=True)
    # How much a clip of it shows before and after, where a button of the team's own panel said so.
    lead_ms = models.PositiveIntegerField(null=True)
    lag_ms = models.PositiveIntegerField(null=True)
    model_version = models.CharField(max_length=60, blank=True)

    objects = ActionQuerySet.as_manager()

    class Meta:
        ordering = ["video__half", "position_ms", "id"]
        indexes = [models.Index(fields=["run", "video", "position_ms"], name="action_by_time")]

    def __str__(self) -> str:
        return f"{self.label} at {self.position_ms} ms"


class CalibrationSample(models.Model):
    """Where one sampled frame looks; ``image_from_pitch`` row by row, null when refused without a guess."""

    run = models.ForeignKey(AnalysisRun, on_delete=models.CASCADE, related_name="calibrations")
    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="calibrations")
    time_ms = models.BigIntegerField()
    frame = models.BigIntegerField()
    image_from_pitch = ArrayField(models.FloatField(), size=9, null=True)
    confidence = models.FloatField(default=0.0)
    status = models.CharField(max_length=8)

    class Meta:
        ordering = ["time_ms"]
        indexes = [models.Index(fields=["run", "video", "time_ms"], name="calibration_by_time")]

    def __str__(self) -> str:
        return f"{self.status} at {self.time_ms} ms"


class PlayerPosition(models.Model):
    """One person (or the ball) at one sampled time, in metres.

    The table is partitioned by match (see the migration), filled by ``COPY`` and asked by run, video and time only.
    ``team``: 0 home, 1 away, -1 unknown. ``role``: 0 player, 1 goalkeeper, 2 referee, 3 ball, -1 unknown.
    ``source``: 0 detected, 1 interpolated, 2 not seen. Box in pixels of the video.
    """

    pk = models.CompositePrimaryKey("match_id", "id")
    match = models.ForeignKey(
        Match, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False
    )
    id = models.BigIntegerField()
    run_id = models.BigIntegerField()
    video_id = models.BigIntegerField()
    time_ms = models.BigIntegerField()
    frame = models.BigIntegerField()
    track_id = models.IntegerField()
    team = models.SmallIntegerField()
    role = models.SmallIntegerField()
    source = models.SmallIntegerField()
    x_m = models.FloatField(null=True)
    y_m = models.FloatField(null=True)
    sigma_m = models.FloatField(null=True)
    score = models.FloatField()
    colour_rgb = models.IntegerField(null=True)
    x0 = models.FloatField(null=True)
    y0 = models.FloatField(null=True)
    x1 = models.FloatField(null=True)
    y1 = models.FloatField(null=True)

    class Meta:
        managed = False
        db_table = "analytics_playerposition"

    def __str__(self) -> str:
        return f"track {self.track_id} at {self.time_ms} ms"


class ShotSegment(models.Model):
    """One shot of the broadcast."""

    run = models.ForeignKey(AnalysisRun, on_delete=models.CASCADE, related_name="shots")
    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="shots")
    start_ms = models.BigIntegerField()
    end_ms = models.BigIntegerField()
    camera = models.CharField(max_length=40)
    transition = models.CharField(max_length=10, blank=True)
    is_replay = models.BooleanField(default=False)
    confidence = models.FloatField()

    class Meta:
        ordering = ["start_ms"]

    def __str__(self) -> str:
        return f"{self.camera} {self.start_ms}-{self.end_ms} ms"


class ReplayMatch(models.Model):
    """A replay and the live moment it repeats."""

    run = models.ForeignKey(AnalysisRun, on_delete=models.CASCADE, related_name="replays")
    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="replays")
    start_ms = models.BigIntegerField()
    end_ms = models.BigIntegerField()
    action_ms = models.BigIntegerField(null=True)
    action = models.ForeignKey(
        SpottedAction, null=True, on_delete=models.SET_NULL, related_name="replays"
    )
    confidence = models.FloatField()

    class Meta:
        ordering = ["start_ms"]

    def __str__(self) -> str:
        return f"replay {self.start_ms}-{self.end_ms} ms"
