"""The page of a team's fine-tuned spotter: asked for, watched, cancelled, used, and the way back."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from analysis.core.problems import InputProblem
from webapp.accounts.permissions import Deed, can, require
from webapp.accounts.requests import PersonRequest, team_of
from webapp.analytics.presentation import look
from webapp.annotation import tuning
from webapp.annotation.answers import chosen_of, state_of
from webapp.annotation.models import TunedWeights, TuningJob, WeightsChoice

SHOWN = 12


@login_required
@require_safe
def page(request: PersonRequest, pk: int) -> HttpResponse:
    """Everything about the tuned weights of a team."""
    team = team_of(request, pk)
    now = tuning.in_use(team)
    made = list(TunedWeights.objects.for_user(request.user).filter(team=team)[:SHOWN])
    used = set(WeightsChoice.objects.filter(team=team).values_list("weights_id", flat=True))
    n_reviews = len(tuning.reviews(team))
    context: dict[str, Any] = {
        "team": team,
        "now": now,
        "newest": made[0] if made else None,
        "counts": _count_rows(made[0]) if made else [],
        "made": [{"weights": row, "was_used": row.pk in used} for row in made],
        "n_reviews": n_reviews,
        "n_missing": max(0, tuning.LEAST_REVIEWS - n_reviews),
        "job": TuningJob.objects.for_user(request.user).filter(team=team).first(),
        "may_change": can(request.user, Deed.ANALYSE, team),
    }
    return render(request, "annotation/tuning.html", context)


def _count_rows(weights: TunedWeights) -> list[dict[str, Any]]:
    return [
        {"words": look(label).words, "n": n, "n_right": n_right}
        for label, (n, n_right) in sorted(weights.counts.items())
    ]


@login_required
@require_safe
def state(request: PersonRequest, pk: int) -> HttpResponse:
    """How the newest job stands, for polling."""
    jobs = TuningJob.objects.for_user(request.user)
    return state_of(jobs.filter(team=team_of(request, pk)).first())


@login_required
@require_POST
def start(request: PersonRequest, pk: int) -> HttpResponse:
    """Have the spotter tuned by the corrections there are."""
    team = team_of(request, pk)
    require(request.user, Deed.ANALYSE, team)
    try:
        tuning.ask(team, request.user)
    except InputProblem as problem:
        messages.error(request, problem.sentence)
    return redirect("annotation:tuning", pk=pk)


@login_required
@require_POST
def cancel(request: PersonRequest, pk: int) -> HttpResponse:
    """Stop the tuning under way."""
    team = team_of(request, pk)
    require(request.user, Deed.ANALYSE, team)
    if not tuning.cancel(team):
        messages.info(request, "Nothing was being tuned any more.")
    return redirect("annotation:tuning", pk=pk)


@login_required
@require_POST
def use(request: PersonRequest, pk: int) -> HttpResponse:
    """Use tuned weights, or go back; field ``number``, 0 for the weights that come along."""
    team = team_of(request, pk)
    require(request.user, Deed.ANALYSE, team)
    rows = TunedWeights.objects.filter(team=team)
    try:
        tuning.use(team, request.user, chosen_of(rows, request.POST.get("number", "")))
    except InputProblem as problem:
        messages.error(request, problem.sentence)
    return redirect("annotation:tuning", pk=pk)
