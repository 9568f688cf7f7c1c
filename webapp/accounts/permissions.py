"""Who may do what in a team. Seeing is asked elsewhere (``for_user``); this is about doing."""

from enum import Enum
from typing import Any

from django.core.exceptions import PermissionDenied

from webapp.accounts.models import Membership, Role, Team

RANK = {Role.VIEWER: 0, Role.ANALYST: 1, Role.COACH: 2, Role.OWNER: 3}


class Deed(Enum):
    """Something a member may want to do; the value is the lowest role that may, and the words for it."""

    WATCH = Role.VIEWER, "watch"
    CORRECT = Role.ANALYST, "correct events"
    CLIP = Role.ANALYST, "make clips and playlists"
    EXPORT = Role.ANALYST, "download data"
    ANALYSE = Role.COACH, "start or stop an analysis"
    EDIT_MATCH = Role.COACH, "create or change matches"
    UPLOAD = Role.COACH, "upload videos"
    SHARE = Role.COACH, "share films by a link"
    DELETE = Role.COACH, "delete matches"
    MANAGE = Role.OWNER, "manage the team's members"

    @property
    def least_role(self) -> Role:
        """The lowest role that may do it."""
        return self.value[0]

    @property
    def words(self) -> str:
        """What the deed is called in a sentence."""
        return self.value[1]


def role_in(team: Team, user: Any) -> Role | None:
    """The user's role in the team, None for an outsider."""
    if not user.is_authenticated:
        return None
    place = Membership.objects.filter(team=team, user=user).first()
    return Role(place.role) if place else None


def can(user: Any, deed: Deed, team: Team) -> bool:
    """Whether the user may do it in the team."""
    role = role_in(team, user)
    return role is not None and RANK[role] >= RANK[deed.least_role]


def require(user: Any, deed: Deed, team: Team) -> None:
    """Raises: PermissionDenied with a sentence that names who to ask."""
    if not can(user, deed, team):
        raise PermissionDenied(
            f"Only a{'n' if deed.least_role == Role.OWNER else ''} {deed.least_role.label.lower()} "
            f"of {team.name} may {deed.words}. Ask an owner of the team to change your role."
        )


def deeds_of(user: Any, team: Team | None) -> set[str]:
    """Names of everything the user may do, in small letters, for templates: ``{% if "upload" in deeds %}``."""
    role = role_in(team, user) if team else None
    if role is None:
        return set()
    return {deed.name.lower() for deed in Deed if RANK[role] >= RANK[deed.least_role]}
