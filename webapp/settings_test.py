"""Settings of the tests: the real ones on throw-away servers whose addresses ``tests/conftest.py`` provides."""

import os

os.environ.setdefault("SECRET_KEY", "only-for-tests-of-this-repository")
os.environ.setdefault("DATABASE_URL", "postgresql://postgres@localhost/postgres")
os.environ.setdefault("CELERY_BROKER_URL", "redis://localhost:6379/0")

from webapp.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Static files are found where they lie; there is nothing collected.
STATIC_ROOT = None  # type: ignore[assignment]
