"""What people said about events: a correction is written once and never changed; the event's row is what stands."""

from typing import Any

from django.db import models
from django.utils import timezone

from webapp.accounts.models import User
from webapp.analytics.models import SpottedAction
from webapp.matches.models import Match


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
