"""Everything that changes people and teams."""

from datetime import timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from webapp.accounts.models import Invitation, Membership, Role, SignInLink, Team, User
from webapp.lib.tokens import digest_of, new_token


class Refused(Exception):
    """The change is not allowed; the text is a sentence for the page."""


def make_sign_in_link(user: User, minutes: int = 60, *, to_reset: bool = False) -> str:
    """A one-time way in, as a URL path. Links made before stay valid until used or expired.

    Args:
        user: whom it lets in.
        minutes: how long it may wait.
        to_reset: ask for a new password first; the page waits for a click, so that a chat program's preview of
            the link does not use it up.
    """
    token = new_token()
    SignInLink.objects.filter(expires_at__lt=timezone.now()).delete()
    SignInLink.objects.create(
        user=user,
        token_sha256=digest_of(token),
        expires_at=timezone.now() + timedelta(minutes=minutes),
    )
    return reverse("accounts:reset" if to_reset else "accounts:link", args=[token])


def link_user(token: str) -> User | None:
    """Whom an open link would let in; looking does not use it up."""
    now = timezone.now()
    link = SignInLink.objects.filter(
        token_sha256=digest_of(token), used_at=None, expires_at__gt=now, user__is_active=True
    ).select_related("user")
    found = link.first()
    return found.user if found else None


def use_sign_in_link(token: str) -> User | None:
    """Use a link up. Of two requests at once only one gets the user."""
    user = link_user(token)
    used = SignInLink.objects.filter(
        token_sha256=digest_of(token), used_at=None, expires_at__gt=timezone.now()
    ).update(used_at=timezone.now())
    return user if used else None


@transaction.atomic
def create_team(name: str, owner: User) -> Team:
    """A new team with its first owner."""
    team = Team.objects.create(name=name)
    Membership.objects.create(team=team, user=owner, role=Role.OWNER)
    return team


@transaction.atomic
def first_account(email: str, team_name: str) -> tuple[User, Team]:
    """The installation's first owner and team; asked again it returns what is there already.

    This first person looks after the installation too: staff sees how it stands, and no team but their own.
    """
    user = User.objects.filter(email__iexact=email).first()
    user = user or User.objects.create_user(email, is_staff=True)
    place = user.memberships.filter(role=Role.OWNER).order_by("id").first()
    return user, place.team if place else create_team(team_name, user)


@transaction.atomic
def first_steps(
    user: User, team: Team, *, display_name: str, email: str, password: str, team_name: str,
    pitch_length_m: float, pitch_width_m: float,
) -> None:  # fmt: skip
    """What the owner of a fresh installation says about themselves, their club and its ground."""
    user.display_name, user.email = display_name, email
    user.set_password(password)
    user.save(update_fields=["display_name", "email", "password"])
    team.name, team.pitch_length_m, team.pitch_width_m = team_name, pitch_length_m, pitch_width_m
    team.save(update_fields=["name", "pitch_length_m", "pitch_width_m"])


@transaction.atomic
def invite(*, team: Team, email: str, role: str, by: User) -> tuple[Invitation, str]:
    """An open place and the path of its link, which is known only now; an older invitation of the address ends.

    Raises: Refused when the address is a member already.
    """
    email = email.lower()
    if team.memberships.filter(user__email__iexact=email).exists():
        raise Refused(f"{email} is a member of {team.name} already; change the role in the list.")
    team.invitations.filter(email__iexact=email, accepted_at=None).delete()
    token = new_token()
    invitation = Invitation.objects.create(
        team=team, email=email, role=role, created_by=by, token_sha256=digest_of(token)
    )
    return invitation, reverse("accounts:invitation", args=[token])


def open_invitation(token: str) -> Invitation | None:
    """The invitation of a link, unless used, revoked or expired."""
    return (
        Invitation.objects.filter(
            token_sha256=digest_of(token), accepted_at=None, expires_at__gt=timezone.now()
        )
        .select_related("team")
        .first()
    )


@transaction.atomic
def accept_invitation(token: str, user: User) -> Team:
    """Take the place. Raises: Refused when the invitation is not open, or meant for another address."""
    invitation = (
        Invitation.objects.select_for_update()
        .filter(token_sha256=digest_of(token), accepted_at=None, expires_at__gt=timezone.now())
        .first()
    )
    if invitation is None:
        raise Refused("This invitation was used, withdrawn, or has expired. Ask for a new one.")
    if invitation.email.lower() != user.email.lower():
        raise Refused(f"This invitation is for {invitation.email}. Sign in with that address.")
    invitation.accepted_at = timezone.now()
    invitation.save(update_fields=["accepted_at"])
    Membership.objects.get_or_create(
        team=invitation.team, user=user, defaults={"role": invitation.role}
    )
    return invitation.team


@transaction.atomic
def register(*, token: str, display_name: str, password: str) -> tuple[User, Team]:
    """A new account for an invited address. Raises: Refused."""
    invitation = open_invitation(token)
    if invitation is None:
        raise Refused("This invitation was used, withdrawn, or has expired. Ask for a new one.")
    if User.objects.filter(email__iexact=invitation.email).exists():
        raise Refused(f"{invitation.email} has an account already. Sign in to accept.")
    user = User.objects.create_user(invitation.email, password, display_name=display_name)
    return user, accept_invitation(token, user)


def _keep_an_owner(place: Membership) -> None:
    """Raises: Refused when the team would be left without an owner. Locks the owners against a race of two."""
    owners = list(
        Membership.objects.select_for_update()
        .filter(team_id=place.team_id, role=Role.OWNER)
        .order_by("id")
    )
    if [owner.pk for owner in owners] == [place.pk]:
        raise Refused("A team keeps at least one owner. Make somebody else an owner first.")


@transaction.atomic
def change_role(place: Membership, role: str) -> None:
    """Give a member another role. Raises: Refused for the last owner."""
    if role != Role.OWNER:
        _keep_an_owner(place)
    place.role = role
    place.save(update_fields=["role"])


@transaction.atomic
def end_membership(place: Membership) -> None:
    """A member leaves or is removed; what they made stays with the team. Raises: Refused for the last owner."""
    _keep_an_owner(place)
    place.delete()
