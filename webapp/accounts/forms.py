"""Forms of people and teams."""

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest

from webapp.accounts import throttle
from webapp.accounts.models import Role, Team, User

# Law 1 of the game: 90-120 m by 45-90 m; the length must exceed the width.
LENGTH_M = (90.0, 120.0)
WIDTH_M = (45.0, 90.0)
WRONG = "This e-mail and password do not belong together. Check both, or ask an owner of your team for a reset link."
WAIT = "Too many wrong tries. Wait 15 minutes, or ask an owner of your team for a reset link."


class SignInForm(forms.Form):
    """E-mail and password; tells the wrong from the throttled, never which of the two was wrong."""

    email = forms.EmailField(
        label="E-mail",
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        label="Password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.user: Any = None

    def clean(self) -> dict[str, Any] | None:
        """Authenticate."""
        email, password = self.cleaned_data.get("email"), self.cleaned_data.get("password")
        if not email or not password:
            return self.cleaned_data
        if throttle.is_throttled(self.request, email):
            raise forms.ValidationError(WAIT, code="throttled")
        self.user = authenticate(self.request, username=email, password=password)
        if self.user is None:
            throttle.note_failure(self.request, email)
            raise forms.ValidationError(WRONG, code="wrong")
        throttle.forgive(self.request, email)
        return self.cleaned_data


class NewPasswordForm(forms.Form):
    """A password chosen once; the page can show it, so nobody types it twice."""

    password = forms.CharField(
        label="New password",
        strip=False,
        help_text="At least 10 characters. A short sentence is easy to remember and hard to guess.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, user: User | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        """Apply the site's rules."""
        password: str = self.cleaned_data["password"]
        validate_password(password, self.user)
        return password


class ChangePasswordForm(NewPasswordForm):
    """A new password; the old one is asked for if there is one."""

    old_password = forms.CharField(
        label="Current password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ("old_password", "password")

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        if not user.has_usable_password():
            del self.fields["old_password"]

    def clean_old_password(self) -> str:
        """Refuse a wrong one."""
        old: str = self.cleaned_data["old_password"]
        if self.user is None or not self.user.check_password(old):
            raise forms.ValidationError("This is not your current password; type it again.")
        return old


class RegisterForm(NewPasswordForm):
    """Name and password of an invited person."""

    display_name = forms.CharField(
        label="Your name",
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True}),
    )
    field_order: tuple[str, ...] = ("display_name", "password")


def metres(bounds: tuple[float, float], label: str, usual: float) -> forms.FloatField:
    """A field for one side of a pitch."""
    low, high = bounds
    return forms.FloatField(
        label=label,
        initial=usual,
        min_value=low,
        max_value=high,
        help_text=f"{low:.0f} to {high:.0f} metres",
        widget=forms.NumberInput(attrs={"step": "0.5", "inputmode": "decimal"}),
    )


class StartForm(RegisterForm):
    """Everything that a fresh installation does not know yet: who you are, your club, your pitch."""

    email = forms.EmailField(
        label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    team_name = forms.CharField(label="Team", max_length=80)
    pitch_length_m = metres(LENGTH_M, "Pitch length", 105.0)
    pitch_width_m = metres(WIDTH_M, "Pitch width", 68.0)
    field_order = (
        "display_name",
        "email",
        "password",
        "team_name",
        "pitch_length_m",
        "pitch_width_m",
    )

    def clean_email(self) -> str:
        """One account an address."""
        email: str = self.cleaned_data["email"].lower()
        others = User.objects.exclude(pk=self.user.pk) if self.user else User.objects.all()
        if others.filter(email__iexact=email).exists():
            raise forms.ValidationError(
                "Somebody else has this address here already; choose another one."
            )
        return email

    def clean(self) -> dict[str, Any] | None:
        """A pitch is longer than wide."""
        cleaned = super().clean() or {}
        length, width = cleaned.get("pitch_length_m"), cleaned.get("pitch_width_m")
        if length is not None and width is not None and width >= length:
            self.add_error("pitch_width_m", "A pitch is longer than it is wide.")
        return cleaned


class ProfileForm(forms.ModelForm):
    """What others see."""

    class Meta:
        model = User
        fields = ("display_name",)
        labels = {"display_name": "Your name"}


class TeamForm(forms.ModelForm):
    """A team's name."""

    class Meta:
        model = Team
        fields = ("name",)
        labels = {"name": "Team name"}


class InviteForm(forms.Form):
    """Whom to invite, as what."""

    email = forms.EmailField(label="E-mail")
    role = forms.ChoiceField(label="Role", choices=Role.choices, initial=Role.VIEWER)


class RoleForm(forms.Form):
    """A member's new role."""

    role = forms.ChoiceField(choices=Role.choices)
