"""The request of somebody who is signed in, for the signatures behind ``login_required``."""

from django.http import HttpRequest

from webapp.accounts.models import User


class PersonRequest(HttpRequest):
    """A request whose ``user`` is a person."""

    user: User
