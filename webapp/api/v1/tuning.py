"""The spotter tuned by a team's corrections."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from webapp.accounts.models import Team
from webapp.accounts.permissions import Deed
from webapp.annotation import tuning
from webapp.annotation.models import TunedWeights, TuningJob
from webapp.api.v1 import serializers as shapes
from webapp.api.v1.teams import TeamView


class Tuning(TeamView):
    """Tuned weights of a team."""

    @extend_schema(responses=shapes.TuningStateSerializer)
    def get(self, request: Request, **kwargs: Any) -> Response:
        """The weights in use (0: those that come along), those tuned, newest first, and the job under way."""
        return Response(_state(self.team()))

    @extend_schema(request=None, responses={202: shapes.TuningStateSerializer})
    def post(self, request: Request, **kwargs: Any) -> Response:
        """Have the spotter tuned by the corrections there are."""
        team = self.team(Deed.ANALYSE)
        tuning.ask(team, request.user)
        return Response(_state(team), status=status.HTTP_202_ACCEPTED)


class CancelTuning(TeamView):
    """Stopping."""

    @extend_schema(request=None, responses=shapes.TuningStateSerializer)
    def post(self, request: Request, **kwargs: Any) -> Response:
        """Stop the tuning under way."""
        team = self.team(Deed.ANALYSE)
        tuning.cancel(team)
        return Response(_state(team))


class UseWeights(TeamView):
    """Promotion and roll-back."""

    @extend_schema(request=shapes.LayerNumberSerializer, responses=shapes.TuningStateSerializer)
    def post(self, request: Request, **kwargs: Any) -> Response:
        """Use tuned weights for every later analysis, or go back to some; 0 for those that come along."""
        team = self.team(Deed.ANALYSE)
        rows = TunedWeights.objects.filter(team=team)
        tuning.use(team, request.user, self.chosen_of(rows, "There are no such weights."))
        return Response(_state(team))


def _state(team: Team) -> dict[str, Any]:
    now = tuning.in_use(team)
    job = TuningJob.objects.filter(team=team).first()
    rows = TunedWeights.objects.filter(team=team)[:50]
    return {
        "in_use": now.number if now else 0,
        "tuned": [
            {"number": row.number, "made_at": row.made_at, "is_better": row.is_better, "measured": row.measured,
             "sha256": row.sha256}
            for row in rows
        ],
        "job": {"state": job.state, "percent": job.percent, "problem": job.problem_sentence} if job else None,
    }  # fmt: skip
