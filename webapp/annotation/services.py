"""The only writer of people's changes to events: each one is an immutable record and a new state of the event's row.

Undo and redo follow the person's own list, as in every editor: undo takes back the last change that still stands, a new
change forgets what could be done again. Nothing is overwritten that somebody else changed since.
"""

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from analysis.core.problems import InputProblem
from analysis.core.vocabulary import SOCCERNET_V2
from webapp.accounts.models import User
from webapp.analytics.models import AnalysisRun, Period, SpottedAction
from webapp.annotation.models import Correction, Kind, TagButton
from webapp.matches.models import Match, Video

# What people may change of an event; the keys of a record's ``before`` and ``after``.
FIELDS = (
    "label", "position_ms", "team", "player_number", "player_name", "note", "status", "lead_ms", "lag_ms"
)  # fmt: skip
STATES_OF_TEAM = ("", "home", "away")
# How far back undo reaches, in records of one person in one match.
UNDO_DEPTH = 500
NOBODY_ELSE = (
    "This event was changed by somebody else since; look at it again before you take it back."
)


@dataclass(frozen=True, slots=True)
class Stacks:
    """What a person can take back (last one last) and do again (next one last)."""

    undo: list[Correction]
    redo: list[Correction]


def state_of(action: SpottedAction) -> dict[str, Any]:
    """The fields of an event that people may change."""
    return {name: getattr(action, name) for name in FIELDS}


def accept(user: User, action: SpottedAction) -> Correction:
    """Say that an event is right as it stands. Raises: InputProblem ``nothing_to_change``."""
    status = "added" if action.source == "coach" else "confirmed"
    if action.status in ("confirmed", "corrected", "added"):
        status = action.status
    return _record(user, action, Kind.ACCEPT, {"status": status})


def reject(user: User, action: SpottedAction) -> Correction:
    """Say that nothing of the kind happened. Raises: InputProblem ``nothing_to_change``."""
    return _record(user, action, Kind.REJECT, {"status": "rejected"})


def relabel(user: User, action: SpottedAction, label: str) -> Correction:
    """Say that it was an event of another kind.

    Raises:
        InputProblem: ``label_unknown``, ``nothing_to_change``.
    """
    _check_label(label, action.run.match.team_id)
    return _record(user, action, Kind.RELABEL, {"label": label, "status": _touched(action)})


def move(user: User, action: SpottedAction, position_ms: int) -> Correction:
    """Say when it happened: video milliseconds, kept inside the video. Raises: InputProblem ``nothing_to_change``."""
    change = {"position_ms": _inside(action.video, position_ms), "status": _touched(action)}
    return _record(user, action, Kind.MOVE, change)


def set_team(user: User, action: SpottedAction, team: str) -> Correction:
    """Say whose event it is: ``home``, ``away`` or empty.

    Raises:
        InputProblem: ``team_unknown``, ``nothing_to_change``.
    """
    _check_team(team)
    return _record(user, action, Kind.TEAM, {"team": team, "status": _touched(action)})


def set_player(user: User, action: SpottedAction, number: int | None, name: str) -> Correction:
    """Say who it was, by shirt number (1 to 99), name or both; neither: unknown.

    Raises:
        InputProblem: ``number_impossible``, ``nothing_to_change``.
    """
    if number is not None and not 1 <= number <= 99:
        raise InputProblem(
            "number_impossible", "A shirt number lies between 1 and 99; type one of those."
        )
    change = {"player_number": number, "player_name": name.strip()[:80]}
    return _record(user, action, Kind.PLAYER, {**change, "status": _touched(action)})


def set_note(user: User, action: SpottedAction, note: str) -> Correction:
    """Write something beside an event; its state stays. Raises: InputProblem ``nothing_to_change``."""
    return _record(user, action, Kind.NOTE, {"note": note.strip()[:500]})


@transaction.atomic
def add(
    user: User,
    run: AnalysisRun,
    video: Video,
    *,
    label: str,
    position_ms: int,
    team: str = "",
    lead_ms: int | None = None,
    lag_ms: int | None = None,
) -> Correction:
    """Add an event that the analysis missed, or one of the team's own kinds.

    Args:
        user, run, video: who adds it, and to what.
        label: a kind of the vocabulary, or of a button of the team's own panel.
        position_ms: of the video, kept inside it.
        team: ``home``, ``away`` or empty.
        lead_ms, lag_ms: how much a clip of it shows before and after; None: as usual for its kind.

    Raises:
        InputProblem: ``label_unknown``, ``team_unknown``.
    """
    _check_label(label, run.match.team_id)
    _check_team(team)
    action = SpottedAction(
        run=run, video=video, period=video.half or 1, label=label, team=team, confidence=1.0,
        confidence_kind="human", status="added", source="coach", position_ms=_inside(video, position_ms),
        lead_ms=lead_ms, lag_ms=lag_ms,
    )  # fmt: skip
    _place(action)
    action.save()
    return Correction.objects.create(
        match_id=run.match_id, action=action, user=user, user_name=user.email, kind=Kind.ADD,
        before={}, after=state_of(action),
    )  # fmt: skip


def stacks(user: User, match: Match) -> Stacks:
    """What the person can take back and do again in a match, from their own records."""
    rows = Correction.objects.filter(match=match, user=user).select_related("action", "reverses")
    recent = list(rows.exclude(kind=Kind.CARRY).order_by("-id")[:UNDO_DEPTH])
    found = Stacks([], [])
    for record in reversed(recent):
        if record.kind == Kind.UNDO:
            _move_over(found.undo, found.redo, record.reverses_id)
        elif record.kind == Kind.REDO:
            _move_over(found.redo, found.undo, record.reverses_id)
        else:
            found.undo.append(record)
            found.redo.clear()
    return found


def _move_over(source: list[Correction], target: list[Correction], pk: int | None) -> None:
    if source and source[-1].pk == pk:
        target.append(source.pop())


def undo(user: User, match: Match) -> Correction:
    """Take back the person's last change that stands.

    Raises:
        InputProblem: ``nothing_to_undo``; ``changed_since`` when the event is not as the change left it.
    """
    return _reverse(user, match, Kind.UNDO)


def redo(user: User, match: Match) -> Correction:
    """Do the last change again that was taken back. Raises: InputProblem ``nothing_to_redo``, ``changed_since``."""
    return _reverse(user, match, Kind.REDO)


@transaction.atomic
def _reverse(user: User, match: Match, kind: Kind) -> Correction:
    # The row lock makes two windows of one person take turns.
    Match.objects.select_for_update().get(pk=match.pk)
    found = stacks(user, match)
    stack = found.undo if kind == Kind.UNDO else found.redo
    if not stack:
        words = "take back" if kind == Kind.UNDO else "do again"
        raise InputProblem(
            f"nothing_to_{kind.value}", f"There is nothing to {words} here; open another event."
        )
    record = stack[-1]
    action = record.action
    if action is None:
        raise InputProblem(
            "changed_since", "This event belongs to an analysis that is gone; reload the page."
        )
    # Taking back an addition leaves the row, rejected: other records speak of it.
    blank = {**record.after, "status": "rejected"}
    before, after = record.before or blank, record.after
    source, target = (after, before) if kind == Kind.UNDO else (before, after)
    if state_of(action) != {**state_of(action), **source}:
        raise InputProblem("changed_since", NOBODY_ELSE)
    return _write(user, action, kind, target, reverses=record)


@transaction.atomic
def _record(user: User, action: SpottedAction, kind: Kind, change: dict[str, Any]) -> Correction:
    current = SpottedAction.objects.select_for_update().get(pk=action.pk)
    # A status that would only say "touched" is no change of its own.
    said = {name: value for name, value in change.items() if name != "status"} or change
    if all(getattr(current, name) == value for name, value in said.items()):
        raise InputProblem(
            "nothing_to_change", "The event is like this already; change something first."
        )
    return _write(user, current, kind, change)


def _write(
    user: User,
    action: SpottedAction,
    kind: Kind,
    change: dict[str, Any],
    *,
    reverses: Correction | None = None,
) -> Correction:
    before = state_of(action)
    for name, value in change.items():
        setattr(action, name, value)
    _place(action)
    action.save()
    return Correction.objects.create(
        match_id=action.run.match_id, action=action, user=user, user_name=user.email, kind=kind,
        before=before, after=state_of(action), model_version=action.model_version, reverses=reverses,
    )  # fmt: skip


def _place(action: SpottedAction) -> None:
    """Frame, period and its clock follow the moment."""
    video = action.video
    action.frame = None
    if video.fps and video.is_constant_rate:
        action.frame = max(0, round((action.position_ms - video.start_ms) * video.fps / 1000))
    begun = Period.objects.filter(match_id=video.match_id, video=video).order_by("kickoff_ms")
    periods = list(begun)
    if periods:
        here = [row for row in periods if row.kickoff_ms <= action.position_ms] or periods[:1]
        action.period = here[-1].number
        action.period_time_ms = action.position_ms - here[-1].kickoff_ms


def _touched(action: SpottedAction) -> str:
    return "added" if action.source == "coach" else "corrected"


def _inside(video: Video, position_ms: int) -> int:
    last = video.start_ms + max(0, (video.duration_ms or position_ms + 1) - 1)
    return max(video.start_ms, min(int(position_ms), last))


def _check_label(label: str, team_id: int) -> None:
    is_known = label in SOCCERNET_V2
    if not is_known and not TagButton.objects.filter(team=team_id, label=label).exists():
        raise InputProblem(
            "label_unknown", "This is not one of the kinds of events; pick one of the list."
        )


def _check_team(team: str) -> None:
    if team not in STATES_OF_TEAM:
        raise InputProblem(
            "team_unknown", "The team is home, away or not known; pick one of these."
        )
