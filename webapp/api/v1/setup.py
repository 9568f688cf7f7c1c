"""Setting up a match: periods, sides, line-ups; and repairs of its camera."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from analysis.core.problems import InputProblem
from webapp.accounts.permissions import Deed
from webapp.analytics import periods
from webapp.analytics.models import Period
from webapp.analytics.setup_forms import LineupForm, PeriodsForm, time_text
from webapp.annotation import repairs
from webapp.annotation.models import CameraRepair
from webapp.api.v1 import serializers as shapes
from webapp.api.v1.base import MatchView
from webapp.matches.models import Match, Video, VideoState


class Periods(MatchView, generics.ListAPIView[Period]):
    """Periods of a match."""

    serializer_class = shapes.PeriodSerializer

    def get_queryset(self) -> Any:
        """Of a visible match."""
        return Period.objects.filter(match=self.match()).order_by("number")

    @extend_schema(
        request=shapes.NewPeriodSerializer(many=True), responses=shapes.PeriodSerializer(many=True)
    )
    def put(self, request: Request, **kwargs: Any) -> Response:
        """Replace all periods by these; halves and clocks of the events follow. The rules are those of the page."""
        match = self.match(Deed.EDIT_MATCH)
        asked = shapes.NewPeriodSerializer(data=request.data, many=True)
        asked.is_valid(raise_exception=True)
        videos = list(
            Video.objects.for_user(request.user).filter(match=match, state=VideoState.READY)
        )
        form = PeriodsForm(_fields(asked.validated_data, videos), match=match, videos=videos)
        if not form.is_valid():
            raise ValidationError(form.errors.get_json_data())
        periods.save(match, form.marks())
        return Response(shapes.PeriodSerializer(self.get_queryset(), many=True).data)


def _fields(rows: list[dict[str, Any]], videos: list[Video]) -> dict[str, Any]:
    """The page's fields: times count from the video's first picture there."""
    starts = {video.pk: video.start_ms for video in videos}
    fields: dict[str, Any] = {}
    for row in rows:
        number, start_ms = row["number"], starts.get(row["video"])
        if start_ms is None:
            raise ValidationError({"video": "There is no such video in this match."})
        side = {True: "right", False: "left", None: ""}[row.get("home_attacks_right")]
        end_ms = row.get("end_ms")
        fields |= {
            f"video_{number}": str(row["video"]),
            f"kickoff_{number}": time_text(row["kickoff_ms"] - start_ms),
            f"end_{number}": "" if end_ms is None else time_text(end_ms - start_ms),
            f"side_{number}": side,
        }
    return fields


class SwitchSides(MatchView):
    """Attack directions, turned round."""

    @extend_schema(request=None, responses=shapes.PeriodSerializer(many=True))
    def post(self, request: Request, **kwargs: Any) -> Response:
        """Turn the attack direction of every period round."""
        match = self.match(Deed.EDIT_MATCH)
        if not periods.switch_sides(match):
            raise InputProblem("no_periods", "Set the kick-offs first; then sides can be switched.")
        rows = Period.objects.filter(match=match).order_by("number")
        return Response(shapes.PeriodSerializer(rows, many=True).data)


class Lineups(MatchView):
    """Who plays, by shirt number."""

    @extend_schema(responses=shapes.LineupsSerializer)
    def get(self, request: Request, **kwargs: Any) -> Response:
        """Both line-ups: lists of [number, name]."""
        return Response(_lineups(self.match()))

    @extend_schema(request=shapes.LineupsSerializer, responses=shapes.LineupsSerializer)
    def put(self, request: Request, **kwargs: Any) -> Response:
        """Replace both line-ups."""
        match = self.match(Deed.EDIT_MATCH)
        asked = shapes.LineupsSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        text = {
            team: "\n".join(
                f"{row['number']} {row['name']}" for row in asked.validated_data.get(team, [])
            )
            for team in ("home", "away")
        }
        form = LineupForm(text)
        if not form.is_valid():
            raise ValidationError(form.errors.get_json_data())
        match.lineups = {team: form.cleaned_data[team] for team in ("home", "away")}
        match.save(update_fields=["lineups"])
        return Response(_lineups(match))


def _lineups(match: Match) -> dict[str, Any]:
    return {
        team: [{"number": number, "name": name} for number, name in match.lineups.get(team, [])]
        for team in ("home", "away")
    }


class CameraRepairs(MatchView):
    """Repairs of the camera."""

    @extend_schema(responses={200: dict})
    def get(self, request: Request, **kwargs: Any) -> Response:
        """``repairs`` of the shown analysis, newest first, and ``jobs`` with their states."""
        return Response(repairs.listed(request.user, self.match(), self.run()))

    @extend_schema(request=shapes.NewRepairSerializer, responses={202: dict})
    def post(self, request: Request, **kwargs: Any) -> Response:
        """Have a shot's camera mended; ``job`` in the answer is its number in ``jobs``."""
        match = self.match(Deed.CORRECT)
        run = self.run()
        asked = shapes.NewRepairSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        videos = Video.objects.for_user(request.user).filter(match=match, pk=given["video"])
        video = videos.first()
        if video is None:
            raise ValidationError({"video": "There is no such video in this match."})
        marks = {"points": given["points"], "lines": given["lines"]}
        job = repairs.ask(request.user, run, video, given["time_ms"], marks)
        told = {**repairs.listed(request.user, match, run), "job": job.pk}
        return Response(told, status=status.HTTP_202_ACCEPTED)


class UndoRepair(MatchView):
    """One repair, taken back."""

    @extend_schema(request=None, responses={200: dict})
    def post(self, request: Request, **kwargs: Any) -> Response:
        """Put every number back to what it was before the repair."""
        match = self.match(Deed.CORRECT)
        rows = CameraRepair.objects.for_user(request.user).filter(match=match)
        found = rows.filter(pk=kwargs["repair"]).first()
        if found is None:
            raise NotFound("There is no such repair.")
        repairs.undo(request.user, found)
        return Response(repairs.listed(request.user, match, self.run()))
