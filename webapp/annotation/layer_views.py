"""The page of a club's layer: what was learned, how it did, what it would change, and the way back."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from analysis.core.problems import InputProblem
from webapp.accounts.models import Team
from webapp.accounts.permissions import Deed, can, require
from webapp.accounts.requests import PersonRequest, team_of
from webapp.analytics.presentation import look
from webapp.annotation import layers
from webapp.annotation.answers import chosen_of, state_of
from webapp.annotation.models import (
    LayerApplication,
    LayerChoice,
    LayerJob,
    LearnedLayer,
)

SHOWN = 12


@login_required
@require_safe
def page(request: PersonRequest, pk: int) -> HttpResponse:
    """Everything about the layer of a team."""
    team = team_of(request, pk)
    now = layers.in_use(team)
    learned = list(LearnedLayer.objects.for_user(request.user).filter(team=team)[:SHOWN])
    newest = learned[0] if learned else None
    rows = layers.spoken(team)
    used = set(LayerChoice.objects.filter(team=team).values_list("layer_id", flat=True))
    context = {
        "team": team,
        "now": now,
        "newest": newest,
        "classes": _class_rows(newest) if newest else [],
        "changes": _change_rows(team, newest) if newest and newest != now else [],
        "learned": [{"layer": row, "was_used": row.pk in used} for row in learned],
        "was_plain": bool(used),
        "n_spoken": len(rows),
        "n_right": sum(row.is_right for row in rows),
        "job": LayerJob.objects.for_user(request.user).filter(team=team).first(),
        "choices": LayerChoice.objects.for_user(request.user).filter(team=team)[:SHOWN],
        "applications": LayerApplication.objects.filter(run__match__team=team).select_related(
            "run__match", "layer"
        )[:SHOWN],
        "may_change": can(request.user, Deed.ANALYSE, team),
    }
    return render(request, "annotation/layer.html", context)


def _class_rows(layer: LearnedLayer) -> list[dict[str, Any]]:
    rows = []
    for label, values in sorted(layer.classes.items()):
        n_all, n_right = layer.counts.get(label, [0, 0])
        rows.append({"words": look(label).words, "n": n_all, "n_right": n_right, **values})
    return rows


def _change_rows(team: Team, layer: LearnedLayer) -> list[dict[str, Any]]:
    return [
        {
            "words": look(row.label).words, "n": row.n_events, "now": round(100 * row.mean_now),
            "then": round(100 * row.mean_then), "more": row.n_more_held, "fewer": row.n_fewer_held,
        }
        for row in layers.would_change(team, layer)
    ]  # fmt: skip


@login_required
@require_safe
def state(request: PersonRequest, pk: int) -> HttpResponse:
    """How the newest job stands, for polling."""
    jobs = LayerJob.objects.for_user(request.user)
    return state_of(jobs.filter(team=team_of(request, pk)).first())


@login_required
@require_POST
def learn(request: PersonRequest, pk: int) -> HttpResponse:
    """Have a layer learned from the corrections there are."""
    team = team_of(request, pk)
    require(request.user, Deed.ANALYSE, team)
    try:
        layers.ask_fit(team, request.user)
    except InputProblem as problem:
        messages.error(request, problem.sentence)
    return redirect("annotation:layer", pk=pk)


@login_required
@require_POST
def use(request: PersonRequest, pk: int) -> HttpResponse:
    """Put a layer to use, or go back to one; field ``number``, 0 for the model's own confidences."""
    team = team_of(request, pk)
    require(request.user, Deed.ANALYSE, team)
    rows = LearnedLayer.objects.filter(team=team)
    try:
        layers.ask_use(team, request.user, chosen_of(rows, request.POST.get("number", "")))
    except InputProblem as problem:
        messages.error(request, problem.sentence)
    return redirect("annotation:layer", pk=pk)
