"""The form of a match's periods: one row a period, times as people write them."""

import re
from typing import Any

from django import forms

from webapp.analytics.models import Period
from webapp.analytics.periods import NUMBERS, WORDS, Mark
from webapp.matches.models import Match, Video

_TIME = re.compile(r"^(?:(\d{1,2}):)?(\d{1,3}):(\d{1,2})(?:[.,](\d{1,3}))?$")
SIDES = (
    ("", "Not known"),
    ("right", "Home attacks to the right"),
    ("left", "Home attacks to the left"),
)
TIME_HELP = "Write times of the video as 5:12 or 1:05:12.480."


def milliseconds_of(text: str) -> int:
    """``5:12``, ``65:12.5`` or ``1:05:12.480`` in milliseconds. Raises: ValueError."""
    found = _TIME.match(text.strip())
    if found is None or int(found.group(3)) > 59:
        raise ValueError(TIME_HELP)
    hours, minutes, seconds, rest = found.groups()
    whole = (int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)
    return whole * 1000 + int((rest or "0").ljust(3, "0"))


def time_text(ms: int | None) -> str:
    """``1:05:12.480``; empty for None; milliseconds only where there are any."""
    if ms is None:
        return ""
    seconds, rest = divmod(max(0, ms), 1000)
    hours, seconds = divmod(seconds, 3600)
    head = f"{hours}:{seconds // 60:02d}" if hours else f"{seconds // 60}"
    return f"{head}:{seconds % 60:02d}" + (f".{rest:03d}" if rest else "")


class TimeField(forms.CharField):
    """A time of the video, as milliseconds; None when left empty."""

    def clean(self, value: Any) -> Any:
        """Milliseconds since the video's first picture."""
        text = str(value or "").strip()
        if not text:
            return None
        try:
            return milliseconds_of(text)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


class PeriodsForm(forms.Form):
    """All periods of a match at once. ``rows`` groups the fields by period for the template."""

    def __init__(self, data: Any, *, match: Match, videos: list[Video]) -> None:
        super().__init__(data)
        self.videos = {str(video.pk): video for video in videos}
        known = {row.number: row for row in Period.objects.filter(match=match)}
        choices = [(pk, f"{video.original_name}") for pk, video in self.videos.items()]
        for number in NUMBERS:
            row = known.get(number)
            start_ms = row.video.start_ms if row else 0
            guess = next((v for v in videos if v.half == number), videos[0] if videos else None)
            video = row.video_id if row else guess.pk if guess else None
            side = {True: "right", False: "left", None: ""}[row.home_attacks_right if row else None]
            kickoff = time_text(row.kickoff_ms - start_ms) if row else ""
            end = time_text(row.end_ms - start_ms) if row and row.end_ms is not None else ""
            self.fields[f"video_{number}"] = forms.ChoiceField(
                label="Video", choices=choices, initial=video, required=False
            )
            self.fields[f"kickoff_{number}"] = TimeField(
                label="Kick-off", required=False, initial=kickoff
            )
            self.fields[f"end_{number}"] = TimeField(label="End", required=False, initial=end)
            self.fields[f"side_{number}"] = forms.ChoiceField(
                label="Direction", choices=SIDES, required=False, initial=side
            )
        self.known = known

    def rows(self) -> list[dict[str, Any]]:
        """Fields by period: number, words, whether it was found or confirmed, and its bound fields."""
        return [
            {
                "number": number,
                "words": WORDS[number],
                "period": self.known.get(number),
                "fields": [
                    self[f"{name}_{number}"] for name in ("video", "kickoff", "end", "side")
                ],
            }
            for number in NUMBERS
        ]

    def clean(self) -> dict[str, Any]:
        """A period ends after it begins, inside its video, and later than the one before."""
        cleaned: dict[str, Any] = super().clean() or {}
        before: tuple[str, int] | None = None
        for number in NUMBERS:
            kickoff, end = cleaned.get(f"kickoff_{number}"), cleaned.get(f"end_{number}")
            video = self.videos.get(cleaned.get(f"video_{number}") or "")
            if kickoff is None:
                if end is not None:
                    self.add_error(f"kickoff_{number}", "Say when it began, too.")
                continue
            if video is None:
                self.add_error(f"video_{number}", "Choose the video it is in.")
                continue
            last = video.duration_ms or 0
            if last and max(kickoff, end or 0) > last:
                self.add_error(f"kickoff_{number}", f"This video ends at {time_text(last)}.")
            if end is not None and end <= kickoff:
                self.add_error(f"end_{number}", "It must end after its kick-off.")
            if before and before[0] == str(video.pk) and kickoff <= before[1]:
                self.add_error(f"kickoff_{number}", "It must begin after the period before it.")
            before = (str(video.pk), end if end is not None else kickoff)
        return cleaned

    def marks(self) -> list[Mark]:
        """What was said, for ``periods.save``; only after ``is_valid``."""
        found = []
        for number in NUMBERS:
            kickoff = self.cleaned_data.get(f"kickoff_{number}")
            if kickoff is None:
                continue
            video = self.videos[self.cleaned_data[f"video_{number}"]]
            end = self.cleaned_data.get(f"end_{number}")
            side = {"right": True, "left": False}.get(self.cleaned_data[f"side_{number}"])
            end_ms = None if end is None else end + video.start_ms
            found.append(Mark(number, video, kickoff + video.start_ms, end_ms, side))
        return found


class LineupForm(forms.Form):
    """Both line-ups as text: one player a line, shirt number first."""

    home = forms.CharField(
        required=False, widget=forms.Textarea(attrs={"rows": 8}), max_length=4000
    )
    away = forms.CharField(
        required=False, widget=forms.Textarea(attrs={"rows": 8}), max_length=4000
    )

    def _players(self, name: str) -> list[tuple[int, str]]:
        players: dict[int, str] = {}
        for i, line in enumerate(self.cleaned_data[name].splitlines(), start=1):
            if not line.strip():
                continue
            number, _, words = line.strip().partition(" ")
            if not number.isdecimal() or not 1 <= int(number) <= 99:
                raise forms.ValidationError(
                    f"Line {i} does not begin with a shirt number from 1 to 99, such as “9 Ana Ruiz”."
                )
            if int(number) in players:
                raise forms.ValidationError(
                    f"Number {number} is there twice (line {i}); each player has one alone."
                )
            players[int(number)] = words.strip()[:80]
        return sorted(players.items())

    def clean_home(self) -> list[tuple[int, str]]:
        """(number, name) by number."""
        return self._players("home")

    def clean_away(self) -> list[tuple[int, str]]:
        """(number, name) by number."""
        return self._players("away")
