"""People, teams, matches, videos, periods and analyses."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, status
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from webapp.accounts import audit
from webapp.accounts.models import Membership, Team
from webapp.accounts.permissions import Deed, require
from webapp.analytics import selectors, services
from webapp.analytics.models import AnalysisRun
from webapp.api.v1 import serializers as shapes
from webapp.api.v1.base import ApiView, MatchView
from webapp.matches.models import Match, Video
from webapp.matches.services import delete_match

# Only these may order a list.
ORDERS = ("created_at", "-created_at", "played_on", "-played_on", "title", "-title")


class Me(ApiView):
    """Who the token or the session belongs to."""

    @extend_schema(responses=shapes.MeSerializer, operation_id="me")
    def get(self, request: Request) -> Response:
        """Who you are, and your teams with your role in each."""
        return Response(shapes.MeSerializer(request.user).data)


class Members(ApiView, generics.ListAPIView[Membership]):
    """Members of one of your teams."""

    serializer_class = shapes.MemberSerializer

    def get_queryset(self) -> "QuerySet[Membership]":
        """Of a team the user is in."""
        if not Team.objects.for_user(self.request.user).filter(pk=self.kwargs["pk"]).exists():
            raise NotFound("There is no such team.")
        rows = Membership.objects.filter(team_id=self.kwargs["pk"]).select_related("user")
        return rows.order_by("id")


@extend_schema(
    parameters=[
        OpenApiParameter("team", int, description="Only this team's."),
        OpenApiParameter("q", str, description="Words in the title or the names."),
        OpenApiParameter("ordering", str, enum=ORDERS),
    ]
)
class Matches(ApiView, generics.ListCreateAPIView[Match]):
    """Matches of your teams, newest first."""

    serializer_class = shapes.MatchSerializer

    def get_queryset(self) -> "QuerySet[Match]":
        """Filtered by ``team`` and ``q``, ordered by an allowed name."""
        asked = self.request.query_params
        rows = Match.objects.for_user(self.request.user)
        if team := asked.get("team"):
            rows = rows.filter(team_id=_number(team, "team"))
        for word in asked.get("q", "")[:200].split()[:8]:
            rows = rows.filter(title__icontains=word)
        order = asked.get("ordering", "-created_at")
        if order not in ORDERS:
            raise ValidationError({"ordering": f"One of {', '.join(ORDERS)}."})
        return rows.order_by(order, "id")

    def perform_create(self, serializer: BaseSerializer[Match]) -> None:
        """For members who may."""
        require(self.request.user, Deed.EDIT_MATCH, serializer.validated_data["team"])
        serializer.save(created_by=self.request.user)


class OneMatch(MatchView, generics.RetrieveUpdateDestroyAPIView[Match]):
    """One match."""

    serializer_class = shapes.MatchSerializer
    http_method_names = ("get", "head", "options", "patch", "delete")

    def get_object(self) -> Match:
        """With the deed that the method needs."""
        deeds = {"PATCH": Deed.EDIT_MATCH, "DELETE": Deed.DELETE}
        return self.match(deeds.get(self.request.method or ""))

    def perform_destroy(self, instance: Match) -> None:
        """For good: rows, findings and files."""
        title, team = instance.title, instance.team
        delete_match(instance)
        audit.note(
            audit.Act.DELETE,
            self.request.user,
            words=title,
            team=team,
            request=self.request._request,
        )


class Videos(MatchView, generics.ListAPIView[Video]):
    """Files of a match, in playing order. Bring one with tus at ``/uploads/``."""

    serializer_class = shapes.VideoSerializer

    def get_queryset(self) -> "QuerySet[Video]":
        """Of a visible match."""
        return (
            Video.objects.for_user(self.request.user)
            .filter(match=self.match())
            .order_by("half", "id")
        )


class Runs(MatchView, generics.ListAPIView[AnalysisRun]):
    """Analyses of a match, newest first."""

    serializer_class = shapes.RunSerializer

    def get_queryset(self) -> "QuerySet[AnalysisRun]":
        """Of a visible match."""
        return (
            AnalysisRun.objects.for_user(self.request.user)
            .filter(match=self.match())
            .order_by("-id")
        )

    @extend_schema(request=None, responses={201: shapes.RunSerializer})
    def post(self, request: Request, **kwargs: Any) -> Response:
        """Queue an analysis; the one under way is answered when there is one."""
        run = services.queue_run(self.match(Deed.ANALYSE), request.user)
        return Response(shapes.RunSerializer(run).data, status=status.HTTP_201_CREATED)


class CancelRun(MatchView):
    """Stop the analysis under way."""

    @extend_schema(request=None, responses=shapes.RunSerializer)
    def post(self, request: Request, **kwargs: Any) -> Response:
        """Ask the newest analysis to stop; one that has ended stays as it is."""
        match = self.match(Deed.ANALYSE)
        run = AnalysisRun.objects.for_user(request.user).filter(match=match).order_by("-id").first()
        if run is None:
            raise NotFound("This match has no analysis.")
        services.cancel_run(run)
        return Response(shapes.RunSerializer(run).data)


class Progress(MatchView):
    """How the newest analysis stands."""

    @extend_schema(responses={200: dict})
    def get(self, request: Request, **kwargs: Any) -> Response:
        """State, stages in words, percent, time left."""
        return Response(selectors.progress(request.user, self.match().pk))


def _number(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise ValidationError({name: "A whole number."})
    return int(text)
