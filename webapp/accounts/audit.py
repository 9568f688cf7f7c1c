"""The audit log: who did what that matters, written in the transaction that did it, read by owners of the team."""

from enum import Enum
from typing import Any

from django.http import HttpRequest

from webapp.accounts.models import AuditEntry, Team
from webapp.accounts.throttle import address_of
from webapp.lib.tokens import digest_of


class Act(Enum):
    """What is worth a line; the value is how it reads after the person's name."""

    SIGN_IN = "signed in"
    INVITE = "invited"
    JOIN = "joined"
    ROLE = "changed a role"
    REMOVE = "removed a member"
    DELETE = "deleted"
    EXPORT = "downloaded"
    IMPORT = "brought in"
    SHARE = "shared"
    TOKEN = "made an access token"
    REVOKE = "revoked"


def note(
    act: Act, user: Any, *, words: str = "", team: Team | None = None, request: HttpRequest | None = None
) -> None:  # fmt: skip
    """Write one line.

    Args:
        act: what.
        user: who; an anonymous one is nobody.
        words: what exactly, at most 200 characters.
        team: whose business it is; None for a person's own.
        request: where from; the address is kept as a short digest, enough to tell two apart.
    """
    person = user if getattr(user, "is_authenticated", False) else None
    AuditEntry.objects.create(
        act=act.name.lower(),
        team=team,
        user=person,
        user_name=str(getattr(person, "email", "")),
        words=words[:200],
        origin=digest_of(f"origin {address_of(request)}")[:8] if request is not None else "",
    )
