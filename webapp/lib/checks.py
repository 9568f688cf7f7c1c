"""What ``manage.py check --deploy`` asks beyond Django's own questions."""

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from webapp.lib import stored
from webapp.lib.disk import free_bytes


@register(Tags.security, deploy=True)
def check_installation(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Folders that can be written, room on the disk, hosts that are named, an address with TLS."""
    found: list[CheckMessage] = []
    for name in ("MEDIA_ROOT", "ARTIFACT_ROOT"):
        folder = Path(getattr(settings, name))
        nearest = folder
        while not nearest.exists():
            nearest = nearest.parent
        if not os.access(nearest, os.W_OK):
            hint = f"Give this user the right to write there, or set {name} to another folder."
            found.append(
                Error(f"{name} ({folder}) cannot be written.", hint=hint, id="touchline.E001")
            )
        elif not free_bytes(nearest):
            hint = "Free some space or lower DISK_RESERVE_BYTES; uploads and analyses are refused until then."
            found.append(Warning(f"The disk of {name} is full.", hint=hint, id="touchline.W001"))
    if not stored.media().is_there():
        hint = "Make it with: python manage.py make_bucket; or see S3_ENDPOINT_URL and the keys."
        found.append(
            Error("The bucket of S3_BUCKET does not answer.", hint=hint, id="touchline.E003")
        )
    if "*" in settings.ALLOWED_HOSTS and not settings.DEBUG:
        hint = "Name the hosts this site is reached by."
        found.append(Error("ALLOWED_HOSTS allows every host.", hint=hint, id="touchline.E002"))
    if not settings.HTTPS:
        hint = "Put a proxy with TLS before it and set SITE_URL=https://...; until then cookies travel readable."
        found.append(Warning("SITE_URL is not https.", hint=hint, id="touchline.W002"))
    return found
