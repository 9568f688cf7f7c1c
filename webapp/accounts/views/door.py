"""Getting in and out: password, one-time link, invitation."""

from typing import cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from webapp.accounts import audit, services
from webapp.accounts.forms import NewPasswordForm, RegisterForm, SignInForm
from webapp.accounts.models import User
from webapp.accounts.teams import choose_team

BACKEND = "django.contrib.auth.backends.ModelBackend"


def _next_page(request: HttpRequest) -> str:
    """Where the person wanted to go, if that is a page of this site."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else resolve_url(settings.LOGIN_REDIRECT_URL)


def _enter(request: HttpRequest, user: User) -> None:
    """Sign in under a fresh session key, so that a key planted before is worth nothing."""
    logout(request)
    login(request, user, backend=BACKEND)
    audit.note(audit.Act.SIGN_IN, user, request=request)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """E-mail and password; a fresh installation is told how to make its first account."""
    if request.user.is_authenticated:
        return redirect(_next_page(request))
    if not User.objects.exists():
        return render(request, "accounts/first_run.html")
    form = SignInForm(request, request.POST or None)
    if request.method == "POST" and form.is_valid():
        target = _next_page(request)
        _enter(request, form.user)
        return redirect(target)
    throttled = form.has_error("__all__", "throttled")
    context = {"form": form, "next": request.POST.get("next") or request.GET.get("next", "")}
    return render(request, "accounts/sign_in.html", context, status=429 if throttled else 200)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponseBase:
    """End the session."""
    logout(request)
    return redirect("accounts:sign_in")


@require_http_methods(["GET", "HEAD"])
def link(request: HttpRequest, token: str) -> HttpResponseBase:
    """A one-time link, as the terminal prints it: opening it signs in. Looking ahead (HEAD, prefetch) does not."""
    if request.method == "HEAD" or "prefetch" in request.headers.get("Sec-Purpose", ""):
        return HttpResponse()
    user = services.use_sign_in_link(token)
    if user is None:
        return render(request, "accounts/link_over.html", {"what": "sign-in link"}, status=410)
    _enter(request, user)
    return redirect(settings.LOGIN_REDIRECT_URL)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def reset(request: HttpRequest, token: str) -> HttpResponseBase:
    """Choose a new password with a link from the team's owner; only setting it uses the link up."""
    user = services.link_user(token)
    if user is None:
        return render(request, "accounts/link_over.html", {"what": "reset link"}, status=410)
    form = NewPasswordForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid() and services.use_sign_in_link(token):
        user.set_password(form.cleaned_data["password"])
        user.save(update_fields=["password"])
        _enter(request, user)
        messages.success(request, "Your new password is set.")
        return redirect(settings.LOGIN_REDIRECT_URL)
    return render(request, "accounts/reset.html", {"form": form, "person": user})


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponseBase:
    """Take an invitation: members of the site accept, new people register."""
    found = services.open_invitation(token)
    if found is None:
        return render(request, "accounts/link_over.html", {"what": "invitation"}, status=410)
    if request.user.is_authenticated:
        return _accept(request, token)
    if User.objects.filter(email__iexact=found.email).exists():
        messages.info(request, f"Sign in as {found.email} to join {found.team.name}.")
        return redirect(f"{resolve_url(settings.LOGIN_URL)}?next={request.path}")
    form = RegisterForm(User(email=found.email), request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user, team = services.register(token=token, **form.cleaned_data)
        except services.Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            _enter(request, user)
            choose_team(request, team)
            messages.success(request, f"Welcome to {team.name}.")
            return redirect(settings.LOGIN_REDIRECT_URL)
    return render(request, "accounts/register.html", {"form": form, "invitation": found})


@login_required
def _accept(request: HttpRequest, token: str) -> HttpResponseBase:
    found = services.open_invitation(token)
    context = {"invitation": found}
    if request.method != "POST":
        return render(request, "accounts/accept.html", context)
    try:
        team = services.accept_invitation(token, cast(User, request.user))
    except services.Refused as refusal:
        messages.error(request, str(refusal))
        return render(request, "accounts/accept.html", context, status=409)
    choose_team(request, team)
    messages.success(request, f"You are now a member of {team.name}.")
    return redirect(settings.LOGIN_REDIRECT_URL)
