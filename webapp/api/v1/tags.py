"""The team's own panel of buttons."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from webapp.accounts.permissions import Deed
from webapp.annotation import tagging
from webapp.annotation.models import TagButton
from webapp.api.v1 import serializers as shapes
from webapp.api.v1.teams import TeamView


class TagButtons(TeamView):
    """The buttons of a team."""

    pagination_class = None

    @extend_schema(responses=shapes.TagButtonSerializer(many=True))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """All buttons on the panel, oldest first."""
        rows = tagging.buttons_of(request.user, self.team())
        return Response(shapes.TagButtonSerializer(rows, many=True).data)

    @extend_schema(request=shapes.TagButtonSerializer, responses={201: shapes.TagButtonSerializer})
    def post(self, request: Request, **kwargs: Any) -> Response:
        """Make a button."""
        team = self.team(Deed.CORRECT)
        asked = shapes.TagButtonSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        made = tagging.save(team, tagging.Wish(**asked.validated_data))
        return Response(shapes.TagButtonSerializer(made).data, status=status.HTTP_201_CREATED)


class OneTagButton(TeamView):
    """One button."""

    def button(self) -> TagButton:
        """The button of the address. Raises: NotFound, PermissionDenied."""
        try:
            return tagging.button_of(
                self.request.user, self.team(Deed.CORRECT), self.kwargs["button"]
            )
        except TagButton.DoesNotExist as error:
            raise NotFound("There is no such button on the team's panel.") from error

    @extend_schema(request=shapes.TagButtonSerializer, responses=shapes.TagButtonSerializer)
    def patch(self, request: Request, **kwargs: Any) -> Response:
        """Change what is given; events that were made by it keep their lead and lag."""
        button = self.button()
        asked = shapes.TagButtonSerializer(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        now = tagging.wish_of(button)
        wish = tagging.Wish(**{**asdict(now), **asked.validated_data})
        return Response(shapes.TagButtonSerializer(tagging.save(button.team, wish, button)).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, **kwargs: Any) -> Response:
        """Take it off the panel; its events stay."""
        tagging.remove(self.button())
        return Response(status=status.HTTP_204_NO_CONTENT)
