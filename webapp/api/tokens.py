"""Making, knowing and revoking personal tokens, and how a request shows one."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from django.db.models import Q
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from webapp.accounts.models import User
from webapp.api.models import AccessToken, Scope
from webapp.lib.tokens import digest_of, new_token

PREFIX = "tl_"
# The database hears of a token's use at most this often.
NOTE_EVERY = timedelta(minutes=1)
# Addresses outside the API that scripts need too: resumable uploads and the videos themselves.
ALSO = ("/uploads/", "/media/")
OVER = "This token is unknown, revoked or expired. Make a new one on the page of your account."


def make(user: User, name: str, scopes: Sequence[str], days: int | None) -> tuple[AccessToken, str]:
    """A new token and its secret, which is known now and never again.

    Args:
        user: whose.
        name: what for.
        scopes: of ``Scope``.
        days: until it ends; None for never.
    """
    secret = PREFIX + new_token()
    made = AccessToken.objects.create(
        user=user,
        name=name,
        beginning=secret[:8],
        token_sha256=digest_of(secret),
        scopes=sorted(set(scopes)),
        expires_at=timezone.now() + timedelta(days=days) if days else None,
    )
    return made, secret


def revoke(token: AccessToken) -> None:
    """End a token at once."""
    AccessToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())


def known(secret: str) -> AccessToken | None:
    """The living token of a secret; its use is noted."""
    now = timezone.now()
    rows = AccessToken.objects.filter(token_sha256=digest_of(secret), revoked_at=None)
    rows = rows.filter(Q(expires_at=None) | Q(expires_at__gt=now), user__is_active=True)
    token = rows.select_related("user").first()
    if token is not None and (token.last_used_at is None or now - token.last_used_at > NOTE_EVERY):
        AccessToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


def shown(request: HttpRequest | Request) -> str | None:
    """The secret of ``Authorization: Bearer tl_...``; None when there is none."""
    kind, _, secret = str(request.headers.get("Authorization", "")).partition(" ")
    return secret.strip() if kind.lower() == "bearer" and secret.strip() else None


class TokenAuthentication(BaseAuthentication):
    """``Authorization: Bearer``; the request's ``auth`` is the token."""

    def authenticate(self, request: Request) -> tuple[User, AccessToken] | None:
        """(user, token), or None without a token. Raises: AuthenticationFailed."""
        secret = shown(request)
        if secret is None:
            return None
        token = known(secret)
        if token is None:
            raise AuthenticationFailed(OVER)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return "Bearer"


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI description names it."""

    target_class = "webapp.api.tokens.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """Bearer."""
        return {"type": "http", "scheme": "bearer"}


class TokenMiddleware:
    """Lets a token in where the API ends: uploads (``write``) and videos (``read``; the source file ``export``)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer as the token's user, or refuse."""
        secret = shown(request) if request.path.startswith(ALSO) else None
        if secret is None:
            return self.get_response(request)
        token = known(secret)
        if token is None:
            return JsonResponse({"detail": OVER}, status=401)
        needed = Scope.WRITE if request.path.startswith("/uploads/") else Scope.READ
        if request.path.endswith("/source"):
            needed = Scope.EXPORT
        if needed not in token.scopes:
            return JsonResponse({"detail": f"This token lacks the scope {needed}."}, status=403)
        request.user = token.user
        # No browser sends this header by itself, so there is nothing to forge.
        request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
        return self.get_response(request)
