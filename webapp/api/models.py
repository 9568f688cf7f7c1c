"""Personal tokens: what a script shows instead of a password."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from webapp.accounts.models import User


class Scope(models.TextChoices):
    """What a token may be used for; the person's role in a team still decides what they may do there."""

    READ = "read", "Read matches, events and positions"
    WRITE = "write", "Change matches and events, upload, start analyses"
    EXPORT = "export", "Download files"


class TokenQuerySet(models.QuerySet["AccessToken"]):
    """Visibility is asked here and nowhere else."""

    def for_user(self, user: Any) -> "TokenQuerySet":
        """The user's own tokens that were not revoked."""
        return self.filter(user=user, revoked_at=None) if user.is_authenticated else self.none()


class AccessToken(models.Model):
    """One token; shown once, kept as a SHA-256 digest, with its first letters to tell it from others."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="access_tokens")
    name = models.CharField(max_length=80)
    beginning = models.CharField(max_length=12)
    token_sha256 = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=10, choices=Scope.choices))
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = TokenQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.beginning}… of {self.user}"
