"""Readers of environment variables that refuse what they do not understand; secrets may come from a ``_FILE``."""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def load_local_env() -> None:
    """Take the addresses and the secret of this machine's running installation, where the caller named none."""
    data = Path(os.environ.get("TOUCHLINE_DATA") or Path(__file__).resolve().parent.parent / "var")
    note = data / "run" / "local.env"
    if not note.is_file() or not os.access(note, os.R_OK) or "DATABASE_URL" in os.environ:
        return
    for line in note.read_text(encoding="utf-8").splitlines():
        name, separator, value = line.partition("=")
        if separator:
            os.environ.setdefault(name, value)


def env_text(name: str, default: str | None = None) -> str:
    """A text; ``NAME_FILE`` names a file that holds it. Raises: ImproperlyConfigured when absent without default."""
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text(encoding="utf-8").strip()
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"{name} is not set")
    return value


def env_bool(name: str, *, default: bool) -> bool:
    """``1/true/yes/on`` or ``0/false/no/off``; anything else stops the start."""
    value = os.environ.get(name, "").strip().lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} is 1 or 0, got {value!r}")


def env_int(name: str, default: int) -> int:
    """A whole number; anything else stops the start."""
    value = os.environ.get(name, "").strip()
    try:
        return int(value) if value else default
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is a whole number, got {value!r}") from error


def env_list(name: str, default: str = "") -> list[str]:
    """Comma-separated texts."""
    return [item.strip() for item in os.environ.get(name, default).split(",") if item.strip()]


def database_from_url(url: str) -> dict[str, object]:
    """Django's settings of ``postgresql://user:password@host:port/name``; ``?host=/folder`` names a socket folder."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(f"DATABASE_URL begins with postgresql://, got {parts.scheme}://")
    query = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "postgres",
        "USER": unquote(parts.username or "postgres"),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(query.get("host", parts.hostname or "")),
        "PORT": str(parts.port or query.get("port", "")),
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
    }


def storages_from_env() -> dict[str, dict[str, object]]:
    """Django's ``STORAGES``: folders on a disk, or the bucket that ``S3_BUCKET`` names."""
    static: dict[str, object] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    on_disk: dict[str, object] = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    if not (bucket := env_text("S3_BUCKET", "")):
        return {"default": on_disk, "artifacts": on_disk, "staticfiles": static}
    options = {
        "bucket_name": bucket,
        "endpoint_url": env_text("S3_ENDPOINT_URL", "") or None,
        "region_name": env_text("S3_REGION", "us-east-1"),
        # Without keys the machine's own role is asked, as boto3 does.
        "access_key": env_text("S3_ACCESS_KEY", "") or None,
        "secret_key": env_text("S3_SECRET_KEY", "") or None,
        "addressing_style": env_text("S3_ADDRESSING", "path"),
        "signature_version": "s3v4",
        "querystring_expire": env_int("S3_ADDRESS_ENDS_S", 300),
        "default_acl": None,
        "file_overwrite": True,
    }
    backend = "storages.backends.s3.S3Storage"
    return {
        "default": {"BACKEND": backend, "OPTIONS": {**options, "location": "media"}},
        "artifacts": {"BACKEND": backend, "OPTIONS": {**options, "location": "artifacts"}},
        "staticfiles": static,
    }
