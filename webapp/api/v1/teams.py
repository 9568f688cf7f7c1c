"""Teams: their names and pitches, invitations, roles, and the layer that their corrections taught."""

from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from webapp.accounts import audit, services
from webapp.accounts.models import Membership, Team
from webapp.accounts.permissions import Deed, require
from webapp.annotation import layers
from webapp.annotation.models import LayerJob, LearnedLayer
from webapp.api.v1 import serializers as shapes
from webapp.api.v1.base import ApiView

Row = TypeVar("Row", bound=Model)


class TeamView(ApiView):
    """A view of one team; another team is not there."""

    def team(self, deed: Deed | None = None) -> Team:
        """The team of the address. Raises: NotFound, PermissionDenied."""
        found = Team.objects.for_user(self.request.user).filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise NotFound("There is no such team.")
        if deed is not None:
            require(self.request.user, deed, found)
        return found

    def chosen_of(self, rows: QuerySet[Row], missing: str) -> Row | None:
        """The row whose ``number`` was sent, None for 0. Raises: ValidationError, with ``missing`` for no such row."""
        asked = shapes.LayerNumberSerializer(data=self.request.data)
        asked.is_valid(raise_exception=True)
        number = asked.validated_data["number"]
        found = rows.filter(number=number).first() if number else None
        if number and found is None:
            raise ValidationError({"number": missing})
        return found


class Teams(ApiView):
    """New teams."""

    @extend_schema(request=shapes.TeamSerializer, responses={201: shapes.TeamSerializer})
    def post(self, request: Request) -> Response:
        """Create a team; who creates it owns it."""
        asked = shapes.TeamSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        team = services.create_team(asked.validated_data["name"], request.user)
        asked.update(team, asked.validated_data)
        return Response(shapes.TeamSerializer(team).data, status=status.HTTP_201_CREATED)


class OneTeam(TeamView):
    """One of your teams."""

    @extend_schema(responses=shapes.TeamSerializer)
    def get(self, request: Request, **kwargs: Any) -> Response:
        """Its name, and the pitch that new matches begin with."""
        return Response(shapes.TeamSerializer(self.team()).data)

    @extend_schema(request=shapes.TeamSerializer, responses=shapes.TeamSerializer)
    def patch(self, request: Request, **kwargs: Any) -> Response:
        """Change the name or the pitch."""
        asked = shapes.TeamSerializer(self.team(Deed.MANAGE), data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        return Response(shapes.TeamSerializer(asked.save()).data)


class Invitations(TeamView):
    """Open places in a team."""

    pagination_class = None

    @extend_schema(responses=shapes.InvitationSerializer(many=True))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """Invitations that nobody took yet."""
        rows = self.team(Deed.MANAGE).invitations.filter(accepted_at=None).order_by("created_at")
        return Response(shapes.InvitationSerializer(rows, many=True).data)

    @extend_schema(
        request=shapes.InvitationSerializer, responses={201: shapes.FreshInvitationSerializer}
    )
    def post(self, request: Request, **kwargs: Any) -> Response:
        """Invite somebody; the link is in this answer and never again."""
        team = self.team(Deed.MANAGE)
        asked = shapes.InvitationSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        made, path = services.invite(team=team, by=request.user, **asked.validated_data)
        audit.note(
            audit.Act.INVITE, request.user, words=made.email, team=team, request=request._request
        )
        told = {
            **shapes.InvitationSerializer(made).data,
            "link": request.build_absolute_uri(path),
        }
        return Response(told, status=status.HTTP_201_CREATED)


class OneMember(TeamView):
    """A member's place."""

    def place(self) -> Membership:
        """The place of the address. Raises: NotFound, PermissionDenied."""
        team = self.team(Deed.MANAGE)
        found = team.memberships.select_related("user").filter(pk=self.kwargs["place"]).first()
        if found is None:
            raise NotFound("There is no such member.")
        return found

    @extend_schema(request=shapes.RoleSerializer, responses=shapes.MemberSerializer)
    def patch(self, request: Request, **kwargs: Any) -> Response:
        """Give a member another role."""
        place = self.place()
        asked = shapes.RoleSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        services.change_role(place, asked.validated_data["role"])
        words = f"{place.user.email} to {place.role}"
        audit.note(
            audit.Act.ROLE, request.user, words=words, team=place.team, request=request._request
        )
        return Response(shapes.MemberSerializer(place).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, **kwargs: Any) -> Response:
        """Remove a member; what they made stays with the team."""
        place = self.place()
        services.end_membership(place)
        audit.note(
            audit.Act.REMOVE, request.user, words=place.user.email, team=place.team, request=request._request
        )  # fmt: skip
        return Response(status=status.HTTP_204_NO_CONTENT)


class Layer(TeamView):
    """What the team's corrections taught."""

    @extend_schema(responses=shapes.LayerStateSerializer)
    def get(self, request: Request, **kwargs: Any) -> Response:
        """The layer in use (0: as the model says), those learned, newest first, and the job under way."""
        return Response(_layer_state(self.team()))


class LearnLayer(TeamView):
    """Learning anew."""

    @extend_schema(request=None, responses={202: shapes.LayerStateSerializer})
    def post(self, request: Request, **kwargs: Any) -> Response:
        """Have a layer learned from the corrections there are."""
        team = self.team(Deed.ANALYSE)
        layers.ask_fit(team, request.user)
        return Response(_layer_state(team), status=status.HTTP_202_ACCEPTED)


class UseLayer(TeamView):
    """Promotion and roll-back."""

    @extend_schema(
        request=shapes.LayerNumberSerializer, responses={202: shapes.LayerStateSerializer}
    )
    def post(self, request: Request, **kwargs: Any) -> Response:
        """Put a layer to use on every match, or go back to one; 0 for the model's own confidences."""
        team = self.team(Deed.ANALYSE)
        rows = LearnedLayer.objects.filter(team=team)
        layers.ask_use(team, request.user, self.chosen_of(rows, "There is no such layer."))
        return Response(_layer_state(team), status=status.HTTP_202_ACCEPTED)


def _layer_state(team: Team) -> dict[str, Any]:
    now = layers.in_use(team)
    job = LayerJob.objects.filter(team=team).first()
    learned = LearnedLayer.objects.filter(team=team)[:50]
    return {
        "in_use": now.number if now else 0,
        "learned": shapes.LearnedLayerSerializer(learned, many=True).data,
        "job": {
            "kind": job.kind, "state": job.state, "percent": job.percent, "problem": job.problem_sentence,
        } if job else None,
    }  # fmt: skip
