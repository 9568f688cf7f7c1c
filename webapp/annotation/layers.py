"""A club's layer: learned from its corrections, used only when better on others of them, taken off without a trace.

A worker learns (``analysis.curation.club_layer``) and lays it over every analysis of the team; new analyses get the
layer in use as they are stored. The model's own confidence stays beside the changed one, so going back restores it
exactly.
"""

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction

from analysis.core.club_layer import ClubLayer
from analysis.core.problems import InputProblem
from webapp import jobs
from webapp.accounts.models import Team, User
from webapp.analytics.models import AnalysisRun, RunState, SpottedAction
from webapp.annotation import work
from webapp.annotation.models import (
    Correction,
    Kind,
    LayerApplication,
    LayerChoice,
    LayerJob,
    LearnedLayer,
)

BUSY_SENTENCE = "The layer of this team is being worked on; wait until that is done."


@dataclass(frozen=True, slots=True)
class Spoken:
    """An event that a person spoke about: the class and confidence that the model gave it, and whether it was right."""

    event: int
    match: int
    label: str
    confidence: float
    is_right: bool


def in_use(team: Team) -> LearnedLayer | None:
    """The layer that a team uses now; None: as the model says."""
    choice = LayerChoice.objects.filter(team=team).select_related("layer").first()
    return choice.layer if choice else None


def values_of(layer: LearnedLayer | None) -> ClubLayer:
    """A stored layer as values; the empty one for None."""
    return ClubLayer.from_plain(layer.classes) if layer else ClubLayer()


def shown_runs(team: Team) -> list[AnalysisRun]:
    """The newest finished analysis of each match of a team."""
    runs = AnalysisRun.objects.filter(match__team=team, state=RunState.FINISHED)
    return list(runs.order_by("match_id", "-id").distinct("match_id"))


def spoken(team: Team) -> list[Spoken]:
    """The model's events that people of a team spoke about, as the model had them."""
    runs = {run.pk: run.match_id for run in shown_runs(team)}
    given: dict[int, str] = {}
    changed = Correction.objects.filter(
        action__run__in=runs, kind__in=[Kind.RELABEL, Kind.CARRY, Kind.UNDO, Kind.REDO]
    )
    for pk, before in changed.order_by("id").values_list("action_id", "before"):
        if pk is not None and before.get("label"):
            given.setdefault(pk, before["label"])
    rows = SpottedAction.objects.filter(run__in=runs, source="model").exclude(status="auto")
    names = ("id", "run_id", "label", "confidence", "raw_confidence", "status")
    return [
        Spoken(
            pk, runs[run], given.get(pk, label), confidence if raw is None else raw,
            status != "rejected" and given.get(pk, label) == label,
        )
        for pk, run, label, confidence, raw, status in rows.order_by("id").values_list(*names)
    ]  # fmt: skip


@transaction.atomic
def ask_fit(team: Team, user: User) -> LayerJob:
    """Have a layer learned. Raises: InputProblem ``layer_busy``."""
    return _ask(team, user, "fit", None)


@transaction.atomic
def ask_use(team: Team, user: User, layer: LearnedLayer | None) -> LayerJob:
    """Put a layer to use on every match, or go back to one that was in use before (None: as the model says).

    Raises:
        InputProblem: ``layer_worse`` for one that was not better on held-out corrections, ``layer_stale`` when it was
            measured against another one than is in use now, ``layer_in_use``, ``layer_busy``.
    """
    # The lock makes two windows take turns.
    Team.objects.select_for_update().get(pk=team.pk)
    now = in_use(team)
    if layer == now:
        raise InputProblem("layer_in_use", "This is what is used already; choose another one.")
    was_used = layer is None or LayerChoice.objects.filter(team=team, layer=layer).exists()
    if layer is not None and not was_used:
        if not layer.is_better:
            raise InputProblem(
                "layer_worse",
                layer.measured.get("sentence")
                or "It is no better; correct more events, then learn anew.",
            )
        if layer.against != now:
            raise InputProblem(
                "layer_stale",
                "It was measured against a layer that is not used any more; learn anew.",
            )
    job = _ask(team, user, "lay", layer)
    LayerChoice.objects.create(
        team=team, layer=layer, user=user, user_name=user.email, kind="back" if was_used else "use"
    )
    return job


def _ask(team: Team, user: User, kind: str, layer: LearnedLayer | None) -> LayerJob:
    Team.objects.select_for_update().get(pk=team.pk)
    if LayerJob.objects.filter(team=team, state__in=("queued", "running")).exists():
        raise InputProblem("layer_busy", BUSY_SENTENCE)
    job = LayerJob.objects.create(
        team=team, user=user, user_name=user.email, kind=kind, layer=layer
    )
    jobs.enqueue_layer(job.pk)
    return job


@transaction.atomic
def store_fit(
    job: LayerJob, lease: uuid.UUID, layer: ClubLayer, rows: Sequence[Spoken], compared: Any
) -> LearnedLayer | None:
    """Write what a fit learned and end its job; None when the job is somebody else's by now.

    Args:
        job, lease: as claimed.
        layer: what was learned.
        rows: everything that was spoken about, for the counts of each class.
        compared: dataclass of the held-out numbers with ``is_better`` (``analysis.curation.club_layer.Comparison``).
    """
    if not work.end(LayerJob, job.pk, lease, "finished"):
        return None
    last = LearnedLayer.objects.filter(team=job.team).order_by("-number").first()
    counts: dict[str, list[int]] = {}
    for row in rows:
        found = counts.setdefault(row.label, [0, 0])
        found[0] += 1
        found[1] += row.is_right
    return LearnedLayer.objects.create(
        team=job.team, number=last.number + 1 if last else 1, user=job.user, user_name=job.user_name,
        classes=layer.to_plain(), counts=counts, measured=asdict(compared), against=in_use(job.team),
        is_better=compared.is_better,
    )  # fmt: skip


def lay_over_all(job: LayerJob, lease: uuid.UUID) -> bool:
    """Lay a job's layer over every match of its team, match by match; False when the job is somebody else's by now."""
    runs = shown_runs(job.team)
    for i, run in enumerate(runs):
        if not work.beat(job, lease, done=i, total=len(runs)):
            return False
        lay_over(run, job.layer, job.user_name)
    return work.end(LayerJob, job.pk, lease, "finished")


@transaction.atomic
def lay_over(run: AnalysisRun, layer: LearnedLayer | None, user_name: str) -> LayerApplication:
    """Give the model's events of a run the confidences of a layer (None: the model's own), and write it down."""
    values = values_of(layer)
    changed = []
    n_withheld = 0
    rows = list(SpottedAction.objects.select_for_update().filter(run=run, source="model"))
    for row in rows:
        before = (row.confidence, row.raw_confidence, row.is_withheld, row.confidence_kind)
        raw = row.confidence if row.raw_confidence is None else row.raw_confidence
        has_layer = row.label in values.classes
        row.confidence = values.confidence(row.label, raw)
        row.raw_confidence = raw if has_layer else None
        row.confidence_kind = "calibrated" if has_layer else "raw"
        row.is_withheld = values.holds_back(row.label, raw)
        n_withheld += row.is_withheld
        if before != (row.confidence, row.raw_confidence, row.is_withheld, row.confidence_kind):
            changed.append(row)
    names = ["confidence", "raw_confidence", "is_withheld", "confidence_kind"]
    SpottedAction.objects.bulk_update(changed, names, batch_size=500)
    return LayerApplication.objects.create(
        run=run, layer=layer, user_name=user_name, n_events=len(rows), n_changed=len(changed), n_withheld=n_withheld
    )  # fmt: skip


def lay_over_new(run: AnalysisRun) -> None:
    """A run that is just being stored gets the layer its team uses."""
    layer = in_use(run.match.team)
    if layer is not None:
        lay_over(run, layer, "")


@dataclass(frozen=True, slots=True)
class ClassChange:
    """What a layer would do to one class in the matches at hand.

    Args:
        label: the class.
        n_events: events of the model that nobody spoke about.
        mean_now, mean_then: their mean confidence, with the layer in use and with the new one.
        n_more_held, n_fewer_held: events held back, and no longer held back.
    """

    label: str
    n_events: int
    mean_now: float
    mean_then: float
    n_more_held: int
    n_fewer_held: int


def would_change(team: Team, layer: LearnedLayer | None) -> list[ClassChange]:
    """What a layer would change in the shown analyses of a team, by class; nothing is written."""
    new = values_of(layer)
    rows = SpottedAction.objects.filter(run__in=shown_runs(team), source="model", status="auto")
    names = ("label", "confidence", "raw_confidence", "is_withheld")
    sums: dict[str, list[float]] = {}
    for label, now, raw_known, is_held in rows.values_list(*names).iterator(chunk_size=5000):
        raw = now if raw_known is None else raw_known
        would_hold = new.holds_back(label, raw)
        at = sums.setdefault(label, [0, 0.0, 0.0, 0, 0])
        at[0] += 1
        at[1] += now
        at[2] += new.confidence(label, raw)
        at[3] += would_hold and not is_held
        at[4] += is_held and not would_hold
    return [
        ClassChange(label, int(n), now / n, then / n, int(more), int(fewer))
        for label, (n, now, then, more, fewer) in sorted(sums.items())
    ]
