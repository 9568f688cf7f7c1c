"""The request of somebody who is signed in, for the signatures behind ``login_required``."""

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from webapp.accounts.models import Team, User


class PersonRequest(HttpRequest):
    """A request whose ``user`` is a person."""

    user: User


def team_of(request: PersonRequest, pk: int) -> Team:
    """The team of this number, if the person belongs to it.

    Raises:
        Http404: there is none, or none of theirs.
    """
    return get_object_or_404(Team.objects.for_user(request.user), pk=pk)
