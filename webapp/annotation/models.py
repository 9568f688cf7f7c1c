"""What people said about events: a correction is written once and never changed; the event's row is what stands."""

from typing import Any

from django.db import models
from django.utils import timezone

from webapp.accounts.models import Team, User
from webapp.analytics.models import AnalysisRun, SpottedAction
from webapp.matches.models import Match, Video


class Kind(models.TextChoices):
    """What was done. Undo and redo are records of their own: nothing is ever taken out of the list."""

    ACCEPT = "accept", "accepted"
    REJECT = "reject", "rejected"
    RELABEL = "relabel", "changed the kind"
    MOVE = "move", "moved"
    ADD = "add", "added"
    TEAM = "team", "set the team"
    PLAYER = "player", "set the player"
    NOTE = "note", "wrote a note"
    UNDO = "undo", "took back"
    REDO = "redo", "did again"
    CARRY = "carry", "carried over to a new analysis"


class CorrectionQuerySet(models.QuerySet["Correction"]):
    """Visibility is asked here and nowhere else."""

    def for_user(self, user: Any) -> "CorrectionQuerySet":
        """Corrections in matches of the user's teams."""
        return (
            self.filter(match__team__memberships__user=user)
            if user.is_authenticated
            else self.none()
        )


class Correction(models.Model):
    """One change of one event: who, when, from, to, and which model had made the event.

    ``before`` and ``after`` hold the fields that people may change (``services.FIELDS``); ``before`` is empty for an
    event that was added. A trigger in the database refuses every change of a stored record.
    """

    match = models.ForeignKey(Match, on_delete=models.CASCADE, related_name="corrections")
    action = models.ForeignKey(
        SpottedAction, null=True, on_delete=models.SET_NULL, related_name="corrections"
    )
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="corrections")
    user_name = models.CharField(max_length=254, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    model_version = models.CharField(max_length=60, blank=True)
    reverses = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL, related_name="reversed_by"
    )

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["match", "user", "id"], name="corrections_of_a_person")]

    def __str__(self) -> str:
        return f"{self.kind} by {self.user_name} at {self.made_at:%Y-%m-%d %H:%M:%S}"


class OfMatchQuerySet(models.QuerySet[Any]):
    """Visibility is asked here and nowhere else."""

    def for_user(self, user: Any) -> "OfMatchQuerySet":
        """Rows of matches of the user's teams."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(match__team__memberships__user=user)


class Work(models.Model):
    """A job that a worker claims: its row is the truth, the broker only carries the number."""

    state = models.CharField(max_length=10, default="queued")
    attempt = models.PositiveSmallIntegerField(default=0)
    lease = models.UUIDField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(default=timezone.now)
    problem_sentence = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True


class RepairJob(Work):
    """Somebody dragged marks over a frozen picture; a worker has the shot follow and writes the ``CameraRepair``."""

    match = models.ForeignKey(Match, on_delete=models.CASCADE, related_name="repair_jobs")
    run = models.ForeignKey(AnalysisRun, on_delete=models.CASCADE, related_name="repair_jobs")
    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="repair_jobs")
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    user_name = models.CharField(max_length=254, blank=True)
    time_ms = models.BigIntegerField()
    marks = models.JSONField(default=dict)
    is_carried = models.BooleanField(default=False)

    objects = OfMatchQuerySet.as_manager()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"repair of the camera at {self.time_ms} ms ({self.state})"


class CameraRepair(models.Model):
    """One repair of a shot's camera, or its taking back: who, when, from, to. Never changed once written.

    ``marks`` is what was dragged (``repairs.checked_marks``), ``before`` and ``after`` the mended sample's view,
    confidence and state; ``former`` holds what every changed row was, so that taking back is exact.
    """

    match = models.ForeignKey(Match, on_delete=models.CASCADE, related_name="camera_repairs")
    run = models.ForeignKey(
        AnalysisRun, null=True, on_delete=models.SET_NULL, related_name="camera_repairs"
    )
    video = models.ForeignKey(
        Video, null=True, on_delete=models.SET_NULL, related_name="camera_repairs"
    )
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    user_name = models.CharField(max_length=254, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(
        max_length=8,
        choices=[
            ("mend", "mended"),
            ("carry", "carried over to a new analysis"),
            ("undo", "took back"),
        ],
    )
    time_ms = models.BigIntegerField()
    from_ms = models.BigIntegerField()
    to_ms = models.BigIntegerField()
    marks = models.JSONField(default=dict)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    n_samples = models.PositiveIntegerField(default=0)
    n_positions = models.PositiveIntegerField(default=0)
    former = models.BinaryField(default=bytes)
    reverses = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL, related_name="reversed_by"
    )

    objects = OfMatchQuerySet.as_manager()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.kind} by {self.user_name} at {self.time_ms} ms"


class OfTeamQuerySet(models.QuerySet[Any]):
    """Visibility is asked here and nowhere else."""

    def for_user(self, user: Any) -> "OfTeamQuerySet":
        """Rows of the user's teams."""
        return self.filter(team__memberships__user=user) if user.is_authenticated else self.none()


class TagButton(models.Model):
    """A button of a team's own panel: pressing it adds an event of that name at the moment.

    One that was taken off the panel stays as a row, so that its events keep their colour.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="tag_buttons")
    label = models.CharField(max_length=40)
    key = models.CharField(max_length=1, blank=True)
    colour = models.CharField(max_length=7)
    lead_ms = models.PositiveIntegerField()
    lag_ms = models.PositiveIntegerField()
    side = models.CharField(max_length=4, blank=True)
    is_gone = models.BooleanField(default=False)

    objects = OfTeamQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["team", "label"], name="one_button_a_label"),
            models.UniqueConstraint(
                fields=["team", "key"], condition=models.Q(is_gone=False) & ~models.Q(key=""), name="one_button_a_key"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.label} of {self.team}"


class LearnedLayer(models.Model):
    """What one fit learned from a team's corrections (``analysis.core.club_layer``). Never changed once written.

    ``classes`` is the layer, ``measured`` how it did on held-out corrections against ``against``, the layer that was in
    use (None: the model's own confidences). Only a better one may be used.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="layers")
    number = models.PositiveIntegerField()
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    user_name = models.CharField(max_length=254, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    classes = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    measured = models.JSONField(default=dict)
    against = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    is_better = models.BooleanField(default=False)

    objects = OfTeamQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["team", "number"], name="one_layer_a_number")
        ]

    def __str__(self) -> str:
        return f"layer {self.number} of {self.team}"


class LayerChoice(models.Model):
    """Which layer a team uses from then on; the newest row counts. Never changed once written."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="layer_choices")
    layer = models.ForeignKey(
        LearnedLayer, null=True, on_delete=models.CASCADE, related_name="choices"
    )
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    user_name = models.CharField(max_length=254, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=8, choices=[("use", "put to use"), ("back", "went back to")])

    objects = OfTeamQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.team}: {self.layer or 'as the model says'}"


class LayerApplication(models.Model):
    """One time a layer was laid over an analysis, or taken off it (``layer`` None). Never changed once written."""

    run = models.ForeignKey(AnalysisRun, on_delete=models.CASCADE, related_name="layer_uses")
    layer = models.ForeignKey(
        LearnedLayer, null=True, on_delete=models.CASCADE, related_name="applications"
    )
    made_at = models.DateTimeField(default=timezone.now)
    user_name = models.CharField(max_length=254, blank=True)
    n_events = models.PositiveIntegerField()
    n_changed = models.PositiveIntegerField()
    n_withheld = models.PositiveIntegerField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.layer or 'no layer'} over {self.run}"


class LayerJob(Work):
    """Learning a layer (``fit``), or laying one over every match of a team (``lay``; ``layer`` None takes it off)."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="layer_jobs")
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    user_name = models.CharField(max_length=254, blank=True)
    kind = models.CharField(max_length=4, choices=[("fit", "learning"), ("lay", "laying over")])
    layer = models.ForeignKey(LearnedLayer, null=True, on_delete=models.CASCADE, related_name="+")
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)

    objects = OfTeamQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["team"], condition=models.Q(state__in=["queued", "running"]), name="one_layer_job_a_team"
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.kind} for {self.team} ({self.state})"

    @property
    def percent(self) -> int:
        """How much of it is done; 100 is never said before it is."""
        if self.state == "finished":
            return 100
        return min(99, 100 * self.done // self.total) if self.total else 0


class TunedWeights(models.Model):
    """What one fine-tuning made of a spotter's weights. Never changed once written.

    ``name`` is the stored file below the team's folder (empty where it was no better and was not kept), ``base_sha256``
    the bundled weights that it began with: others, and it is not used any more. ``measured`` is as for a layer.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="tuned_weights")
    number = models.PositiveIntegerField()
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    user_name = models.CharField(max_length=254, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    method = models.CharField(max_length=60)
    base_sha256 = models.CharField(max_length=64)
    name = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size_bytes = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    measured = models.JSONField(default=dict)
    against = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    is_better = models.BooleanField(default=False)

    objects = OfTeamQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["team", "number"], name="one_tuning_a_number")
        ]

    def __str__(self) -> str:
        return f"tuned weights {self.number} of {self.team}"


class WeightsChoice(models.Model):
    """Which weights a team's later analyses use; the newest row counts. Never changed once written."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="weights_choices")
    weights = models.ForeignKey(
        TunedWeights, null=True, on_delete=models.CASCADE, related_name="choices"
    )
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    user_name = models.CharField(max_length=254, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=8, choices=[("use", "put to use"), ("back", "went back to")])

    objects = OfTeamQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.team}: {self.weights or 'the weights that come along'}"


class TuningJob(Work):
    """Tuning the last layers of the spotter by a team's corrections."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="tuning_jobs")
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    user_name = models.CharField(max_length=254, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)

    objects = OfTeamQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["team"], condition=models.Q(state__in=["queued", "running"]), name="one_tuning_a_team"
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"tuning for {self.team} ({self.state})"

    @property
    def percent(self) -> int:
        """How much of it is done; 100 is never said before it is."""
        if self.state == "finished":
            return 100
        return min(99, 100 * self.done // self.total) if self.total else 0
