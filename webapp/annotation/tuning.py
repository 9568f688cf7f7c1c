"""Fine-tuning of a team's spotter: asked for here, done by a worker, used only when better, with the way back.

A worker tunes the last layers of the bundled weights by what people said about events; corrections that it did not
learn from decide. The weights lie in the team's own folder under their digest, and later analyses of the team use them.
What was analysed stays as it is.
"""

import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.db import transaction

from analysis.core.problems import InputProblem
from analysis.core.registry import SPOTTERS
from analysis.core.vocabulary import SOCCERNET_V2
from webapp import jobs
from webapp.accounts.models import Team, User
from webapp.analytics.models import AnalysisRun, SpottedAction
from webapp.annotation import work
from webapp.annotation.layers import shown_runs
from webapp.annotation.models import Correction, Kind, TunedWeights, TuningJob, WeightsChoice
from webapp.lib import stored
from webapp.matches import sanity

METHOD = "position_anchors"
# The same as for a layer: a quarter is held out, and at least twenty of those decide.
LEAST_REVIEWS = 60
BUSY_SENTENCE = "The spotter of this team is being tuned already; wait until that is done."


@dataclass(frozen=True, slots=True)
class Review:
    """At ``time_ms`` of a video there was, or was not, an event of class ``label``.

    ``event`` and ``match`` say what belongs together: both sides of a changed kind are learned from or held out
    together.
    """

    event: int
    match: int
    run: int
    video: int
    time_ms: int
    label: str
    is_right: bool


def base_sha256() -> str:
    """Digest of the bundled weights that tuning begins with."""
    return SPOTTERS.card(METHOD).weights[0].sha256


def in_use(team: Team) -> TunedWeights | None:
    """The weights that analyses of a team use now; None: those that come along, or others have come since."""
    choice = WeightsChoice.objects.filter(team=team).select_related("weights").first()
    chosen = choice.weights if choice else None
    return chosen if chosen is not None and chosen.base_sha256 == base_sha256() else None


def spotter_settings(team: Team, method: str) -> tuple[dict[str, str], str]:
    """What an analysis gives its spotter beside the recipe's settings, and what its events then say made them.

    Both are empty without weights of its own.

    Raises:
        Transient: ``storage_away``.
        InputProblem: ``weights_missing``.
    """
    chosen = in_use(team) if method == METHOD else None
    if chosen is None:
        return {}, ""
    try:
        path = stored.media().at_hand(chosen.name)
    except FileNotFoundError as error:
        raise InputProblem(
            "weights_missing",
            "The weights tuned for this team cannot be found; go back to those that come along, on the tuning page.",
        ) from error
    version = f"{METHOD} {SPOTTERS.card(METHOD).version} tuned {chosen.number}"
    return {"weights": str(path), "tuned_sha256": chosen.sha256}, version


def reviews(team: Team) -> list[Review]:
    """What people of a team said in the newest analysis of each match, of kinds that the spotter knows."""
    runs = {run.pk: run.match_id for run in shown_runs(team) if _is_ours(run)}
    first: dict[int, dict[str, Any]] = {}
    changed = Correction.objects.filter(action__run__in=runs).exclude(kind=Kind.NOTE)
    for pk, before in changed.order_by("id").values_list("action_id", "before"):
        if pk is not None and before:
            first.setdefault(pk, before)
    rows = SpottedAction.objects.filter(run__in=runs).exclude(status="auto").order_by("id")
    found: list[Review] = []
    for row in rows:
        where = (row.pk, runs[row.run_id], row.run_id, row.video_id)
        is_right = row.status != "rejected"
        told = first.get(row.pk, {})
        label, at_ms = told.get("label", row.label), told.get("position_ms", row.position_ms)
        if row.source == "model" and (not is_right or label != row.label):
            found.append(Review(*where, at_ms, label, is_right=False))
        if is_right:
            found.append(Review(*where, row.position_ms, row.label, is_right=True))
    return [review for review in found if review.label in SOCCERNET_V2]


def _is_ours(run: AnalysisRun) -> bool:
    return str(run.versions.get("spot", "")).split(" ")[0] == METHOD


@transaction.atomic
def ask(team: Team, user: User) -> TuningJob:
    """Have the spotter tuned. Raises: InputProblem ``tuning_busy``, ``too_few_corrections``."""
    # The lock makes two windows take turns.
    Team.objects.select_for_update().get(pk=team.pk)
    if TuningJob.objects.filter(team=team, state__in=("queued", "running")).exists():
        raise InputProblem("tuning_busy", BUSY_SENTENCE)
    check_enough(len(reviews(team)))
    job = TuningJob.objects.create(team=team, user=user, user_name=user.email)
    jobs.enqueue_tuning(job.pk)
    return job


def check_enough(n_reviews: int) -> None:
    """Raises: InputProblem ``too_few_corrections``."""
    if n_reviews < LEAST_REVIEWS:
        raise InputProblem(
            "too_few_corrections",
            f"{n_reviews} events were reviewed in matches that the present spotter analysed, and {LEAST_REVIEWS} are "
            "needed to learn from some and check on others: review more events.",
        )


def cancel(team: Team) -> bool:
    """Stop the tuning under way; its worker notices at its next step. False when there is none."""
    rows = TuningJob.objects.filter(team=team, state__in=("queued", "running"))
    return bool(rows.update(state="cancelled", lease=None))


@transaction.atomic
def store(
    job: TuningJob, lease: uuid.UUID, file: Path, sha256: str, said: list[Review], compared: Any
) -> TunedWeights | None:
    """Write what a tuning came to and end its job; None when the job is somebody else's by now.

    Args:
        job, lease: as claimed.
        file, sha256: the weights; kept only when they are better.
        said: everything that was said, for the counts of each class.
        compared: dataclass of the held-out numbers with ``is_better`` (``analysis.curation.club_layer.Comparison``).
    """
    if not work.end(TuningJob, job.pk, lease, "finished"):
        return None
    counts: dict[str, list[int]] = {}
    for row in said:
        found = counts.setdefault(row.label, [0, 0])
        found[0] += 1
        found[1] += row.is_right
    name, size_bytes = "", 0
    if compared.is_better:
        name, size_bytes = f"{job.team.uuid}/weights/{sha256}.safetensors", file.stat().st_size
        stored.media().put(file, name)
    last = TunedWeights.objects.filter(team=job.team).order_by("-number").first()
    return TunedWeights.objects.create(
        team=job.team, number=last.number + 1 if last else 1, user=job.user, user_name=job.user_name,
        method=METHOD, base_sha256=base_sha256(), name=name, sha256=sha256 if name else "", size_bytes=size_bytes,
        counts=counts, measured=asdict(compared), against=in_use(job.team), is_better=compared.is_better,
    )  # fmt: skip


@transaction.atomic
def use(team: Team, user: User, weights: TunedWeights | None) -> WeightsChoice:
    """Use weights for every later analysis, or go back to some that were used (None: those that come along).

    Raises:
        InputProblem: ``weights_worse``, ``weights_stale``, ``weights_in_use``.
    """
    Team.objects.select_for_update().get(pk=team.pk)
    now = in_use(team)
    if weights == now:
        raise InputProblem("weights_in_use", "These are used already; nothing needs to be done.")
    was_used = weights is None or WeightsChoice.objects.filter(team=team, weights=weights).exists()
    if weights is not None and weights.base_sha256 != base_sha256():
        raise InputProblem(
            "weights_stale",
            "They were tuned from weights that do not come along any more; tune anew.",
        )
    if weights is not None and not was_used:
        if not weights.is_better:
            raise InputProblem("weights_worse", weights.measured.get("sentence") or "No better.")
        if weights.against != now:
            raise InputProblem(
                "weights_stale",
                "They were measured against others than are used now; tune anew.",
            )
    return WeightsChoice.objects.create(
        team=team, weights=weights, user=user, user_name=user.email, kind="back" if was_used else "use"
    )  # fmt: skip


@sanity.wanted_by
def _files() -> Iterator[sanity.Wanted]:
    for row in TunedWeights.objects.exclude(name=""):
        yield sanity.Wanted(row.name, row.size_bytes, row.sha256)
