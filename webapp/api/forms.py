"""The form of a new token."""

from django import forms

from webapp.api.models import Scope

DAYS = (("30", "30 days"), ("90", "90 days"), ("365", "a year"), ("", "until it is revoked"))


class TokenForm(forms.Form):
    """What a token is for and what it may do."""

    name = forms.CharField(label="What for", max_length=80)
    scopes = forms.MultipleChoiceField(
        label="It may",
        choices=Scope.choices,
        initial=[Scope.READ],
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.ChoiceField(label="It lives", choices=DAYS, required=False)
