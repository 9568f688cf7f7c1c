"""Slows down guessing of passwords: failures are counted in the database, per account and address, and per address.

Rows instead of a cache, since several web processes must share the count and nothing else here needs a cache.
"""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from webapp.accounts.models import FailedSignIn
from webapp.lib.tokens import digest_of

WINDOW = timedelta(minutes=15)
PER_ACCOUNT_AND_ADDRESS = 8
PER_ADDRESS = 60


def address_of(request: HttpRequest) -> str:
    """Where a request comes from: behind a proxy the last entry, which the proxy itself wrote."""
    forwarded: str = request.META.get("HTTP_X_FORWARDED_FOR", "")
    if settings.BEHIND_PROXY and forwarded:
        return forwarded.rsplit(",", 1)[-1].strip()
    return str(request.META.get("REMOTE_ADDR", ""))


def _keys(request: HttpRequest, email: str) -> tuple[str, str]:
    """Digests only: the table holds neither addresses nor e-mails."""
    address = address_of(request)
    return digest_of(f"account {email.strip().lower()} {address}"), digest_of(f"address {address}")


def is_throttled(request: HttpRequest, email: str) -> bool:
    """Whether another try must wait."""
    since = timezone.now() - WINDOW
    limits = zip(_keys(request, email), (PER_ACCOUNT_AND_ADDRESS, PER_ADDRESS), strict=True)
    return any(
        FailedSignIn.objects.filter(key=key, at__gt=since).count() >= limit for key, limit in limits
    )


def note_failure(request: HttpRequest, email: str) -> None:
    """Count one wrong password, and forget what is older than the window."""
    FailedSignIn.objects.filter(at__lt=timezone.now() - WINDOW).delete()
    FailedSignIn.objects.bulk_create(FailedSignIn(key=key) for key in _keys(request, email))


def forgive(request: HttpRequest, email: str) -> None:
    """A right password clears the account's count at this address."""
    FailedSignIn.objects.filter(key=_keys(request, email)[0]).delete()
