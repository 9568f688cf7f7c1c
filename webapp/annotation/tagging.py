"""A team's own buttons: made and changed by its people; pressing one adds an event with its lead and lag."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from analysis.core.problems import InputProblem
from analysis.core.vocabulary import SOCCERNET_V2
from webapp.accounts.models import Team, User
from webapp.analytics.models import AnalysisRun
from webapp.annotation import services
from webapp.annotation.models import Correction, TagButton
from webapp.matches.models import Video

MOST_BUTTONS = 60
LONGEST_MS = 120_000
# One letter or the nought: the other digits change the kind of an event.
_KEY = re.compile(r"[a-z0]?")
_COLOUR = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a button should be.

    Args:
        label: 1 to 40 characters, no kind of the vocabulary and no other button's.
        key: one letter, ``0`` or nothing; works while the panel is open.
        colour: ``#rrggbb``.
        lead_ms, lag_ms: how much a clip shows before and after the moment, up to two minutes.
        side: ``home``, ``away`` or empty: whose event it will be.
    """

    label: str
    key: str = ""
    colour: str = "#3d7dd8"
    lead_ms: int = 7_000
    lag_ms: int = 5_000
    side: str = ""


def buttons_of(user: Any, team: Team, *, with_gone: bool = False) -> list[TagButton]:
    """The buttons of a team that the user may see, oldest first."""
    rows = TagButton.objects.for_user(user).filter(team=team)
    return list(rows if with_gone else rows.filter(is_gone=False))


def button_of(user: Any, team: Team, pk: int) -> TagButton:
    """A button on the panel. Raises: TagButton.DoesNotExist."""
    found: TagButton = TagButton.objects.for_user(user).get(team=team, pk=pk, is_gone=False)
    return found


def wish_of(button: TagButton) -> Wish:
    """What a button is, as a wish."""
    return Wish(button.label, button.key, button.colour, button.lead_ms, button.lag_ms, button.side)


@transaction.atomic
def save(team: Team, wish: Wish, button: TagButton | None = None) -> TagButton:
    """Make a button, or change one; a label that was taken off the panel comes back as the same button.

    Raises:
        InputProblem: ``tag_label``, ``tag_label_taken``, ``tag_key``, ``tag_key_taken``, ``tag_colour``,
            ``tag_length``, ``team_unknown``, ``tag_too_many``.
    """
    # The lock makes two windows take turns.
    Team.objects.select_for_update().get(pk=team.pk)
    others = TagButton.objects.filter(team=team)
    if button is not None:
        others = others.exclude(pk=button.pk)
    label = _checked(wish, others)
    twin = others.filter(label=label).first()
    if button is None:
        button = twin or TagButton(team=team)
        if others.filter(is_gone=False).count() >= MOST_BUTTONS:
            raise InputProblem(
                "tag_too_many", f"A panel holds at most {MOST_BUTTONS} buttons; remove one first."
            )
    elif twin is not None:
        raise InputProblem(
            "tag_label_taken", "A button of this name was taken off the panel; make a new one of that name."
        )  # fmt: skip
    button.label, button.key, button.colour = label, wish.key, wish.colour
    button.lead_ms, button.lag_ms, button.side = wish.lead_ms, wish.lag_ms, wish.side
    button.is_gone = False
    button.save()
    return button


def _checked(wish: Wish, others: Any) -> str:
    label = " ".join(wish.label.split())
    if not 1 <= len(label) <= 40 or any(unicodedata.category(sign)[0] == "C" for sign in label):
        raise InputProblem("tag_label", "A button needs a name of 1 to 40 characters; type one.")
    on_panel = others.filter(is_gone=False)
    known = {each.casefold() for each in SOCCERNET_V2.labels}
    if label.casefold() in known or on_panel.filter(label__iexact=label).exists():
        raise InputProblem(
            "tag_label_taken",
            f"There is a kind of event called {label!r} already; choose another name.",
        )
    if not _KEY.fullmatch(wish.key):
        raise InputProblem(
            "tag_key", "A button's key is one letter from a to z, or 0; choose one of these."
        )
    if wish.key and on_panel.filter(key=wish.key).exists():
        raise InputProblem(
            "tag_key_taken", f"The key {wish.key!r} belongs to another button; choose another one."
        )
    if not _COLOUR.fullmatch(wish.colour):
        raise InputProblem("tag_colour", "A colour is written like #3d7dd8; choose one.")
    if not all(0 <= length <= LONGEST_MS for length in (wish.lead_ms, wish.lag_ms)):
        raise InputProblem(
            "tag_length", "Lead and lag lie between 0 and 120 seconds; type such a number."
        )
    if wish.side not in services.STATES_OF_TEAM:
        raise InputProblem(
            "team_unknown", "The team is home, away or not known; pick one of these."
        )
    return label


def remove(button: TagButton) -> None:
    """Take a button off the panel; its events stay."""
    button.is_gone = True
    button.save(update_fields=["is_gone"])


def press(
    user: User, run: AnalysisRun, video: Video, button: TagButton, position_ms: int
) -> Correction:
    """Add the button's event at a moment; it can be taken back like every change."""
    return services.add(
        user, run, video, label=button.label, position_ms=position_ms, team=button.side,
        lead_ms=button.lead_ms, lag_ms=button.lag_ms,
    )  # fmt: skip


def colours_of(team: Team) -> dict[str, str]:
    """Label -> colour of every button the team has or had."""
    return dict(TagButton.objects.filter(team=team).values_list("label", "colour"))
