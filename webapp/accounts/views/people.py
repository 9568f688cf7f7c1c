"""A person's own page, and the pages of a team."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from webapp.accounts import audit, services
from webapp.accounts.forms import ChangePasswordForm, InviteForm, ProfileForm, RoleForm, TeamForm
from webapp.accounts.models import Membership, Role, Team, User
from webapp.accounts.permissions import Deed, can, require
from webapp.accounts.requests import PersonRequest, team_of
from webapp.accounts.teams import choose_team

PAGE = ["GET", "HEAD", "POST"]


@login_required
@require_http_methods(PAGE)
def profile(request: PersonRequest) -> HttpResponseBase:
    """Name, teams and a way to the password."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect("accounts:profile")
    places = request.user.memberships.select_related("team").order_by("team__name")
    return render(request, "accounts/profile.html", {"form": form, "places": places})


@sensitive_post_parameters("old_password", "password")
@login_required
@require_http_methods(PAGE)
def password(request: PersonRequest) -> HttpResponseBase:
    """Set or change the own password; other sessions of the person end."""
    form = ChangePasswordForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        request.user.set_password(form.cleaned_data["password"])
        request.user.save(update_fields=["password"])
        update_session_auth_hash(request, request.user)
        messages.success(request, "Your new password is set.")
        return redirect("accounts:profile")
    return render(request, "accounts/password.html", {"form": form})


@login_required
@require_http_methods(PAGE)
def new_team(request: PersonRequest) -> HttpResponseBase:
    """Create a team; who creates it owns it."""
    form = TeamForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        team = services.create_team(form.cleaned_data["name"], request.user)
        choose_team(request, team)
        messages.success(request, f"{team.name} is ready. Invite the people you work with.")
        return redirect("accounts:team", team.pk)
    return render(request, "accounts/new_team.html", {"form": form})


def _managed_team(request: PersonRequest, team_id: int) -> Team:
    team = team_of(request, team_id)
    require(request.user, Deed.MANAGE, team)
    return team


@login_required
@require_POST
def switch(request: PersonRequest, team_id: int) -> HttpResponseBase:
    """Work in another team."""
    choose_team(request, team_of(request, team_id))
    return redirect(settings.LOGIN_REDIRECT_URL)


@login_required
@require_http_methods(PAGE)
def team(request: PersonRequest, team_id: int) -> HttpResponseBase:
    """Members and invitations; POST renames the team."""
    shown = team_of(request, team_id)
    form = TeamForm(request.POST or None, instance=shown)
    if request.method == "POST":
        require(request.user, Deed.MANAGE, shown)
        if form.is_valid():
            form.save()
            messages.success(request, "Saved.")
            return redirect("accounts:team", shown.pk)
    return _team_page(request, shown, rename_form=form)


def _team_page(request: PersonRequest, shown: Team, **more: object) -> HttpResponseBase:
    context = {
        "shown": shown,
        "manages": can(request.user, Deed.MANAGE, shown),
        "places": shown.memberships.select_related("user").order_by("created_at", "id"),
        "invitations": shown.invitations.filter(accepted_at=None).order_by("created_at"),
        "roles": Role.choices,
        "stored_bytes": shown.matches.aggregate(n=Sum("videos__size_bytes"))["n"] or 0,
        "invite_form": InviteForm(),
        "rename_form": TeamForm(instance=shown),
        **more,
    }
    return render(request, "accounts/team.html", context)


@login_required
@require_safe
def log(request: PersonRequest, team_id: int) -> HttpResponseBase:
    """The team's audit log, the newest first."""
    shown = _managed_team(request, team_id)
    page = Paginator(shown.audit.all(), 100).get_page(request.GET.get("page"))
    return render(request, "accounts/log.html", {"shown": shown, "page": page})


@login_required
@require_POST
def invite(request: PersonRequest, team_id: int) -> HttpResponseBase:
    """Make an invitation; its link is on the answer and never again."""
    shown = _managed_team(request, team_id)
    form = InviteForm(request.POST)
    if form.is_valid():
        try:
            made, path = services.invite(team=shown, by=request.user, **form.cleaned_data)
        except services.Refused as refusal:
            form.add_error("email", str(refusal))
        else:
            audit.note(
                audit.Act.INVITE, request.user, words=made.email, team=shown, request=request
            )
            url = request.build_absolute_uri(path)
            return _team_page(request, shown, fresh_link=url, fresh_for=made.email)
    return _team_page(request, shown, invite_form=form)


@login_required
@require_POST
def revoke(request: PersonRequest, team_id: int, invitation_id: int) -> HttpResponseBase:
    """Withdraw an open invitation."""
    shown = _managed_team(request, team_id)
    found = get_object_or_404(shown.invitations.filter(accepted_at=None), pk=invitation_id)
    found.delete()
    messages.success(request, f"The invitation of {found.email} is withdrawn.")
    return redirect("accounts:team", shown.pk)


def _place(shown: Team, place_id: int) -> Membership:
    return get_object_or_404(shown.memberships.select_related("user", "team"), pk=place_id)


@login_required
@require_POST
def role(request: PersonRequest, team_id: int, place_id: int) -> HttpResponseBase:
    """Change a member's role."""
    shown = _managed_team(request, team_id)
    place = _place(shown, place_id)
    form = RoleForm(request.POST)
    if form.is_valid():
        try:
            services.change_role(place, form.cleaned_data["role"])
            words = f"{place.user.email} to {place.role}"
            audit.note(audit.Act.ROLE, request.user, words=words, team=shown, request=request)
            messages.success(request, f"{place.user} is now {place.get_role_display().lower()}.")
        except services.Refused as refusal:
            messages.error(request, str(refusal))
    return redirect("accounts:team", shown.pk)


@login_required
@require_POST
def remove(request: PersonRequest, team_id: int, place_id: int) -> HttpResponseBase:
    """Remove a member; everybody may remove themselves, that is: leave."""
    shown = team_of(request, team_id)
    place = _place(shown, place_id)
    is_self = place.user_id == request.user.pk
    if not is_self:
        require(request.user, Deed.MANAGE, shown)
    try:
        services.end_membership(place)
        words = place.user.email
        audit.note(audit.Act.REMOVE, request.user, words=words, team=shown, request=request)
    except services.Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("accounts:team", shown.pk)
    if is_self:
        messages.success(request, f"You left {shown.name}.")
        return redirect("accounts:profile")
    messages.success(request, f"{place.user} is no longer a member.")
    return redirect("accounts:team", shown.pk)


@login_required
@require_POST
def reset_link(request: PersonRequest, team_id: int, place_id: int) -> HttpResponseBase:
    """A link for a member who forgot the password; shown once.

    Only for people whose every team this owner manages: a reset link opens the whole account, and an owner of one
    team must not get into another through a shared member.
    """
    shown = _managed_team(request, team_id)
    place = _place(shown, place_id)
    person: User = place.user
    owned = request.user.memberships.filter(role=Role.OWNER).values_list("team", flat=True)
    elsewhere = person.memberships.exclude(team__in=owned)
    if elsewhere.exists() or person.is_staff:
        messages.error(
            request,
            f"{person} belongs to a team that you do not own, so only the administrator can make a link "
            f"(python manage.py sign_in_link {person.email}).",
        )
        return redirect("accounts:team", shown.pk)
    path = services.make_sign_in_link(person, minutes=24 * 60, to_reset=True)
    url = request.build_absolute_uri(path)
    return _team_page(request, shown, fresh_link=url, fresh_for=person.email, is_reset=True)
