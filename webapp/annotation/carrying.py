"""What people said about one analysis holds for the next one too: carried over in the transaction that stores it."""

from typing import Any

from django.dispatch import receiver

from webapp.analytics.models import AnalysisRun, SpottedAction
from webapp.analytics.signals import run_stored
from webapp.annotation import layers, repairs, services
from webapp.annotation.models import Correction, Kind

# A new analysis may place the same event this much elsewhere.
SAME_EVENT_MS = 3_000


@receiver(run_stored)
def take_over(sender: type[AnalysisRun], run: AnalysisRun, **kwargs: Any) -> None:
    """What people said goes on, and the layer that the team uses is laid over."""
    carry_over(run)
    layers.lay_over_new(run)


def carry_over(run: AnalysisRun) -> None:
    """Give the events of a new run what people said about the events of the one before.

    An event of the same first kind within ``SAME_EVENT_MS`` takes the person's state over; what has no such twin and
    was not rejected is kept as an event of its own.
    """
    former = (
        AnalysisRun.objects.filter(match=run.match_id, state="finished", pk__lt=run.pk)
        .order_by("-pk")
        .first()
    )
    if former is None:
        return
    repairs.carry_over(former, run)
    spoken = SpottedAction.objects.filter(run=former).exclude(status="auto")
    fresh = list(SpottedAction.objects.filter(run=run).select_related("video"))
    for action in spoken.select_related("video").order_by("id"):
        twin = None if action.source == "coach" else _twin(action, fresh)
        if twin is not None:
            fresh.remove(twin)
            _take_over(twin, action)
        elif action.status != "rejected":
            _keep(run, action)


def _twin(action: SpottedAction, fresh: list[SpottedAction]) -> SpottedAction | None:
    record = action.corrections.order_by("id").first()
    label = (record.before.get("label") if record else None) or action.label
    at_ms = (record.before.get("position_ms") if record else None) or action.position_ms
    near = [
        row
        for row in fresh
        if row.video_id == action.video_id
        and row.label == label
        and abs(row.position_ms - at_ms) <= SAME_EVENT_MS
    ]
    return min(near, key=lambda row: abs(row.position_ms - at_ms), default=None)


def _take_over(twin: SpottedAction, action: SpottedAction) -> None:
    before, said = services.state_of(twin), services.state_of(action)
    moved = action.corrections.filter(kind=Kind.MOVE).exists()
    if not moved:
        said["position_ms"] = twin.position_ms
    for name, value in said.items():
        setattr(twin, name, value)
    twin.save()
    _note(twin, before)


def _keep(run: AnalysisRun, action: SpottedAction) -> None:
    copy = SpottedAction.objects.get(pk=action.pk)
    copy.pk, copy.run = None, run
    copy._state.adding = True
    copy.save()
    _note(copy, {})


def _note(action: SpottedAction, before: dict[str, Any]) -> None:
    Correction.objects.create(
        match_id=action.run.match_id, action=action, kind=Kind.CARRY,
        before=before, after=services.state_of(action), model_version=action.model_version,
    )  # fmt: skip
