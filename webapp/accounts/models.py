"""People, the teams they belong to, and how they get in."""

import uuid
from datetime import timedelta
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.utils import timezone


class UserManager(BaseUserManager["User"]):
    """Users are known by e-mail; addresses compare without regard to case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A user; without a password only sign-in links let them in."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """An administrator of the installation."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """The user of an e-mail address."""
        return self.get(email__iexact=username)


class User(AbstractUser):
    """A person; e-mail is the name they sign in with."""

    username = None  # type: ignore[assignment]
    email = models.EmailField(unique=True)
    display_name = models.CharField(max_length=80, blank=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()  # type: ignore[assignment,misc]

    def __str__(self) -> str:
        return self.display_name or self.email


class TeamQuerySet(models.QuerySet["Team"]):
    """Every query of the site starts here or at another ``for_user``."""

    def for_user(self, user: Any) -> "TeamQuerySet":
        """Teams the user is a member of."""
        return self.filter(memberships__user=user) if user.is_authenticated else self.none()


class Team(models.Model):
    """A club's workspace: matches hang on it, members share it.

    ``uuid`` names its media folder, so that no number of another team can be guessed from a path.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=80)
    created_at = models.DateTimeField(default=timezone.now)
    quota_bytes = models.BigIntegerField(default=500 * 1024**3)
    # Of the club's ground: what a new match begins with.
    pitch_length_m = models.FloatField(default=105.0)
    pitch_width_m = models.FloatField(default=68.0)

    objects = TeamQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What a member may do; each includes what stands below it."""

    OWNER = "owner", "Owner"
    COACH = "coach", "Coach"
    ANALYST = "analyst", "Analyst"
    VIEWER = "viewer", "Viewer"


class Membership(models.Model):
    """One user's place in one team."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.VIEWER)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="one_place_in_a_team")]

    def __str__(self) -> str:
        return f"{self.user} is {self.role} of {self.team}"


def in_a_week() -> Any:
    """When an invitation made now ends."""
    return timezone.now() + timedelta(days=7)


class Invitation(models.Model):
    """An open place in a team; the link's token is stored only as a SHA-256 digest."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.VIEWER)
    token_sha256 = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(default=in_a_week)
    accepted_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"invitation of {self.email} to {self.team}"


class SignInLink(models.Model):
    """A one-time link that signs a user in; stored as a digest, used once, short-lived."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_in_links")
    token_sha256 = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"sign-in link of {self.user}"


class FailedSignIn(models.Model):
    """One wrong password; ``key`` is a digest of account and address (``throttle.py``)."""

    key = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["key", "at"], name="failures_by_key")]

    def __str__(self) -> str:
        return f"failure at {self.at}"


class AuditEntry(models.Model):
    """One line of the audit log (``audit.py`` writes them); names stay when people and teams go."""

    at = models.DateTimeField(default=timezone.now)
    act = models.CharField(max_length=12)
    team = models.ForeignKey(Team, null=True, on_delete=models.SET_NULL, related_name="audit")
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    user_name = models.CharField(max_length=254, blank=True)
    words = models.CharField(max_length=200, blank=True)
    origin = models.CharField(max_length=8, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["team", "-id"], name="audit_of_a_team")]

    def __str__(self) -> str:
        return f"{self.user_name} {self.act} {self.words}"

    @property
    def act_words(self) -> str:
        """How it reads after the person's name."""
        from webapp.accounts.audit import Act

        return Act[self.act.upper()].value
