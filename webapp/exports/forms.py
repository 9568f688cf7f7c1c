"""The questions a download may ask; bad answers in an address fall back to the usual ones, one by one."""

from collections.abc import Mapping
from typing import Any

from django import forms

from webapp.exports.coordinates import SYSTEMS
from webapp.exports.sheet import SURE, Options

CHOOSE_EVENTS = (
    ("all", "All that were not rejected"),
    ("sure", "Only sure ones"),
    ("reviewed", "Only reviewed ones"),
)


class OptionsForm(forms.Form):
    """Options of a download; field names are those of the address."""

    events = forms.ChoiceField(label="Which events", choices=CHOOSE_EVENTS, required=False)
    lead = forms.FloatField(
        label="Seconds before an event", min_value=0, max_value=120, initial=7, required=False
    )
    lag = forms.FloatField(
        label="Seconds after an event", min_value=0, max_value=120, initial=5, required=False
    )
    offset = forms.FloatField(
        label="Video offset in seconds", min_value=-36_000, max_value=36_000, initial=0, required=False,
        help_text="When the other tool has the video cut differently: how much later its clock shows the same moment.",
    )  # fmt: skip
    least = forms.FloatField(min_value=0, max_value=1, required=False, widget=forms.HiddenInput)
    dialect = forms.ChoiceField(
        label="Numbers in CSV files", required=False,
        choices=(("comma", "1.5 and commas between cells"), ("semicolon", "1,5 and semicolons (European Excel)")),
    )  # fmt: skip
    system = forms.ChoiceField(
        label="Coordinates", required=False, initial="statsbomb",
        choices=[(name, f"{each.words} ({each.units})") for name, each in SYSTEMS.items()],
    )  # fmt: skip
    rate = forms.ChoiceField(
        label="Positions a second", required=False,
        choices=(("0", "All there are"), ("10", "at most 10"), ("5", "at most 5"), ("1", "at most 1")),
    )  # fmt: skip
    per_half = forms.BooleanField(label="One file for each half", required=False)
    whole_seconds = forms.BooleanField(label="Whole seconds", required=False)
    ascii = forms.BooleanField(label="Plain letters only (ASCII)", required=False)
    code_by_team = forms.BooleanField(
        label="A row for each team (Home Corner, Away Corner)", required=False
    )
    manifest = forms.BooleanField(
        label="With a manifest of what was left out (ZIP)", required=False
    )


def options_of(asked: Mapping[str, Any]) -> Options:
    """The options of an address; what does not read is taken as not said."""
    form = OptionsForm(asked)
    form.is_valid()

    def said(name: str, usual: Any) -> Any:
        value = form.cleaned_data.get(name)
        return usual if value in (None, "") else value

    def ticked(name: str) -> bool:
        return bool(form.cleaned_data.get(name))

    is_european = said("dialect", "comma") == "semicolon"
    which = said("events", "all")
    return Options(
        separator=";" if is_european else ",",
        decimal_comma=is_european,
        reviewed_only=which == "reviewed",
        least_confidence=max(said("least", 0.0), SURE if which == "sure" else 0.0),
        lead_ms=round(1000 * said("lead", 7.0)),
        lag_ms=round(1000 * said("lag", 5.0)),
        offset_ms=round(1000 * said("offset", 0.0)),
        per_half=ticked("per_half"),
        whole_seconds=ticked("whole_seconds"),
        ascii_only=ticked("ascii"),
        code_by_team=ticked("code_by_team"),
        rate_hz=float(said("rate", "0")),
        system=said("system", "statsbomb"),
        with_manifest=ticked("manifest"),
    )


class BringForm(forms.Form):
    """A list of events from another tool."""

    file = forms.FileField(label="File", max_length=255)
    lead = forms.FloatField(
        label="Clips begin this many seconds before the moment", min_value=0, max_value=120, initial=7,
        help_text="Edit lists hold clips, not moments. Ours begin 7 seconds early unless you chose otherwise.",
    )  # fmt: skip
    offset = forms.FloatField(
        label="Video offset in seconds", min_value=-36_000, max_value=36_000, initial=0, required=False,
        help_text="How much later the other tool's clock shows the same moment.",
    )  # fmt: skip
