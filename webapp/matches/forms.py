"""The form of a match."""

from typing import Any

from django import forms

from webapp.accounts.forms import LENGTH_M, WIDTH_M, metres
from webapp.matches.models import Match


def _colour(label: str) -> forms.RegexField:
    return forms.RegexField(
        r"^#[0-9a-fA-F]{6}$", label=label, widget=forms.TextInput(attrs={"type": "color"})
    )


class MatchForm(forms.ModelForm):
    """Who played, when, and on what size of pitch."""

    pitch_length_m = metres(LENGTH_M, "Pitch length", 105.0)
    pitch_width_m = metres(WIDTH_M, "Pitch width", 68.0)
    home_colour = _colour("Home kit")
    away_colour = _colour("Away kit")
    title = forms.CharField(
        max_length=160, required=False, help_text="Left empty it becomes “Home v Away”."
    )

    class Meta:
        model = Match
        fields = (
            "home_name",
            "away_name",
            "home_colour",
            "away_colour",
            "played_on",
            "title",
            "pitch_length_m",
            "pitch_width_m",
        )
        labels = {"home_name": "Home team", "away_name": "Away team", "played_on": "Date"}
        widgets = {"played_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not (self.instance.home_colour and self.instance.away_colour):
            # Kits are seen by the analysis; before it there is nothing to correct.
            del self.fields["home_colour"], self.fields["away_colour"]
        if self.instance.pk is None:
            # The model's stand-ins are for matches that a program makes; a person is asked.
            self.initial["home_name"] = self.initial["away_name"] = ""
            self.fields["home_name"].widget.attrs["autofocus"] = True

    def clean(self) -> dict[str, object]:
        """A title is made of the teams if none is given; a pitch is longer than wide."""
        cleaned: dict[str, object] = super().clean() or {}
        if not cleaned.get("title"):
            home, away = cleaned.get("home_name") or "Home", cleaned.get("away_name") or "Away"
            cleaned["title"] = f"{home} v {away}"[:160]
        length, width = cleaned.get("pitch_length_m"), cleaned.get("pitch_width_m")
        if isinstance(length, float) and isinstance(width, float) and width >= length:
            self.add_error("pitch_width_m", "A pitch is longer than it is wide.")
        return cleaned
