"""What the review of a match shows, as plain values. Every function starts from ``for_user``."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

from webapp.accounts.models import User
from webapp.analytics.models import (
    AnalysisRun,
    CalibrationSample,
    ReplayMatch,
    ShotSegment,
    SpottedAction,
)
from webapp.analytics.presentation import CALIBRATION_WORDS, look
from webapp.annotation import review, services
from webapp.annotation.models import Correction, Kind
from webapp.matches.models import Match

# Candidates this far from an event are shown beside it.
AROUND_MS = 30_000
# A calibration sample further away says nothing about the moment.
SAMPLE_REACH_MS = 1_000
# A longer pause between two corrections is not work.
PAUSE_S = 60.0


def action_of(user: Any, match_id: int, action_id: int) -> SpottedAction:
    """An event of a match the user may see. Raises: SpottedAction.DoesNotExist."""
    runs = AnalysisRun.objects.for_user(user).filter(match_id=match_id)
    rows = SpottedAction.objects.select_related("video__match", "run")
    return rows.get(pk=action_id, run__in=runs)


def event_values(action: SpottedAction) -> dict[str, Any]:
    """An event as the room's page holds it."""
    return {
        "id": action.pk,
        "video": action.video_id,
        "ms": action.position_ms,
        "period": action.period,
        "label": action.label,
        "team": action.team,
        "confidence": round(action.confidence, 3),
        "status": action.status,
        "source": action.source,
        "player_number": action.player_number,
        "player_name": action.player_name,
        "note": action.note,
        "is_withheld": action.is_withheld,
    }


def standing(user: User, match: Match, run: AnalysisRun | None) -> dict[str, Any]:
    """What stands after a change: what can be taken back or done again, the queue and its meter."""
    found = services.stacks(user, match)
    values: dict[str, Any] = {
        "undo": _words_of(found.undo[-1]) if found.undo else "",
        "redo": _words_of(found.redo[-1]) if found.redo else "",
    }
    if run is None:
        return {**values, "queue": [], "random": [], "meter": None}
    picks = review.queue(_candidates(run), seed=run.pk)
    meter = review.meter(picks, _pace(user, match))
    by_label = _random_picks_right(run, picks)
    n_right, n_random = (sum(row[k] for row in by_label.values()) for k in (0, 1))
    low, high = review.wilson(n_right, n_random)
    return {
        **values,
        "queue": [pick.id for pick in picks if not pick.is_reviewed],
        "random": [pick.id for pick in picks if pick.is_random],
        "meter": {
            "all": meter.n_all,
            "reviewed": meter.n_reviewed,
            "share": round(meter.share_won, 4),
            "left": meter.n_left,
            "minutes_left": round(meter.minutes_left, 1),
            "random_right": n_right,
            "random_reviewed": n_random,
            "random_by_label": by_label,
            "right_low": round(low, 3),
            "right_high": round(high, 3),
        },
    }


def _words_of(record: Correction) -> str:
    label = record.after.get("label") or record.before.get("label", "")
    return f"{record.get_kind_display()}: {look(label).words}"


def _candidates(run: AnalysisRun) -> list[review.Candidate]:
    """The model's own events with the labels it gave them."""
    rows = SpottedAction.objects.filter(run=run, source="model").order_by("id")
    given = _first_labels(run)
    return [
        review.Candidate(pk, given.get(pk, label), confidence, status != "auto")
        for pk, label, confidence, status in rows.values_list("id", "label", "confidence", "status")
    ]


def _first_labels(run: AnalysisRun) -> dict[int, str]:
    """Event -> the label the model gave it, for events whose label was changed."""
    changed = Correction.objects.filter(action__run=run, kind__in=[Kind.RELABEL, Kind.CARRY])
    labels: dict[int, str] = {}
    for pk, before in changed.order_by("id").values_list("action_id", "before"):
        if pk is not None and before.get("label"):
            labels.setdefault(pk, before["label"])
    return labels


def _pace(user: User, match: Match) -> float:
    """Seconds a look: the median of the person's last pauses between corrections; a usual value before there are."""
    times = list(
        Correction.objects.filter(match=match, user=user)
        .order_by("-id")
        .values_list("made_at", flat=True)[:60]
    )
    return pace_of(times)


def pace_of(times: Sequence[datetime]) -> float:
    """Median seconds between neighbouring times, long pauses left out; the usual pace for fewer than five."""
    gaps = [abs((a - b) / timedelta(seconds=1)) for a, b in pairwise(times)]
    gaps = [gap for gap in gaps if 0.2 < gap < PAUSE_S]
    return median(gaps) if len(gaps) >= 5 else review.USUAL_SECONDS_A_LOOK


def _random_picks_right(
    run: AnalysisRun, picks: Sequence[review.Pick]
) -> dict[str, tuple[int, int]]:
    """Label that the model gave -> (right, reviewed) of the randomly drawn events.

    Right: not rejected, and of the kind the model said.
    """
    drawn = {pick.id for pick in picks if pick.is_random and pick.is_reviewed}
    given = _first_labels(run)
    found: dict[str, tuple[int, int]] = {}
    rows = SpottedAction.objects.filter(pk__in=drawn).values_list("id", "label", "status")
    for pk, label, status in rows:
        first = given.get(pk, label)
        n_right, n_all = found.get(first, (0, 0))
        found[first] = (n_right + (status != "rejected" and first == label), n_all + 1)
    return found


def evidence(user: Any, action: SpottedAction) -> dict[str, Any]:
    """What speaks for an event: the candidates around it, the camera's state there, its other angles, its history."""
    run, video, at_ms = action.run, action.video, action.position_ms
    near = SpottedAction.objects.filter(
        run=run, video=video, source="model",
        position_ms__range=(at_ms - AROUND_MS, at_ms + AROUND_MS),
    )  # fmt: skip
    replays = ReplayMatch.objects.filter(run=run, action=action)
    shot = ShotSegment.objects.filter(
        run=run, video=video, start_ms__lte=at_ms, end_ms__gt=at_ms
    ).first()
    history = Correction.objects.for_user(user).filter(action=action).order_by("id")
    return {
        "event": event_values(action),
        "around_ms": AROUND_MS,
        "candidates": [
            {"id": pk, "ms": ms, "label": label, "confidence": round(confidence, 3), "status": status}
            for pk, ms, label, confidence, status in near.order_by("position_ms").values_list(
                "id", "position_ms", "label", "confidence", "status"
            )
        ],
        "camera": _camera_at(run, action),
        "shot": {"camera": shot.camera, "is_replay": shot.is_replay} if shot else None,
        "angles": [_angle(row) for row in replays],
        "model_version": action.model_version,
        "confidence_kind": action.confidence_kind,
        "history": [_history_row(record) for record in history],
    }  # fmt: skip


def _angle(row: ReplayMatch) -> dict[str, Any]:
    return {
        "video": row.video_id,
        "start_ms": row.start_ms,
        "end_ms": row.end_ms,
        "confidence": round(row.confidence, 3),
    }


def _camera_at(run: AnalysisRun, action: SpottedAction) -> dict[str, Any] | None:
    rows = CalibrationSample.objects.filter(
        run=run, video=action.video_id,
        time_ms__range=(action.position_ms - SAMPLE_REACH_MS, action.position_ms + SAMPLE_REACH_MS),
    )  # fmt: skip
    nearest = min(rows, key=lambda row: abs(row.time_ms - action.position_ms), default=None)
    if nearest is None:
        return None
    return {
        "status": nearest.status,
        "words": CALIBRATION_WORDS.get(nearest.status, nearest.status),
        "confidence": round(nearest.confidence, 3),
    }


def _history_row(record: Correction) -> dict[str, Any]:
    changed = {
        name: [record.before.get(name), value]
        for name, value in record.after.items()
        if record.before.get(name) != value
    }
    return {
        "who": record.user_name or "Touchline",
        "when": record.made_at.isoformat(timespec="seconds"),
        "kind": record.kind,
        "words": record.get_kind_display(),
        "changed": changed,
    }
