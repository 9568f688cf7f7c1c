"""Repairs of the camera: asked for by a person, worked out by a worker, written once, taken back exactly.

A repair replaces the views of one shot's samples and the places of everybody in it. The record keeps what every row
held before. Repairs that touch the same samples are taken back in the order they came, last one first.
"""

import uuid
from typing import Any

from django.db import transaction

from analysis.core.pitch import PitchSpec
from analysis.core.problems import InputProblem
from analysis.core.vocabulary import CALIBRATION_STATES
from webapp import jobs
from webapp.accounts.models import User
from webapp.analytics import findings
from webapp.analytics.models import AnalysisRun, ShotSegment
from webapp.annotation import marks as marks_of
from webapp.annotation import work
from webapp.annotation.models import CameraRepair, RepairJob
from webapp.matches.models import Match, Video

# More at once from one match is a script gone wild.
MAX_WAITING = 20


def pitch_of(match: Match) -> PitchSpec:
    """The pitch of a match."""
    return PitchSpec(match.pitch_length_m, match.pitch_width_m)


@transaction.atomic
def ask(user: User, run: AnalysisRun, video: Video, time_ms: int, marks: Any) -> RepairJob:
    """Have a shot's camera mended.

    Args:
        user: who dragged.
        run, video: of one match.
        time_ms: of the frozen picture.
        marks: as ``marks.checked`` takes them.

    Raises:
        InputProblem: ``repair_marks_bad``, ``repair_empty``, ``repair_many``.
    """
    dragged = marks_of.checked(marks, pitch_of(run.match))
    waiting = RepairJob.objects.filter(match_id=run.match_id, state__in=("queued", "running"))
    if waiting.count() >= MAX_WAITING:
        raise InputProblem("repair_many", "Many repairs wait already; try again in a minute.")
    job = RepairJob.objects.create(
        match_id=run.match_id, run=run, video=video, user=user, user_name=user.email, time_ms=int(time_ms),
        marks=dragged,
    )  # fmt: skip
    jobs.enqueue_repair(job.pk)
    return job


def shot_of(job: RepairJob) -> tuple[int, int]:
    """Begin (included) and end (excluded) of the shot that the picture belongs to; the video's where none is known."""
    shots = ShotSegment.objects.filter(
        run=job.run, video=job.video, start_ms__lte=job.time_ms, end_ms__gt=job.time_ms
    )
    found = shots.order_by("-start_ms").first()
    end_ms = job.video.start_ms + (job.video.duration_ms or 0) + 1
    return (found.start_ms, found.end_ms) if found else (job.video.start_ms, end_ms)


@transaction.atomic
def store(
    job: RepairJob,
    lease: uuid.UUID,
    values: findings.Values,
    time_ms: int,
    span_ms: tuple[int, int],
) -> CameraRepair | None:
    """Replace the rows, write the record and end the job; None when the job is somebody else's by now.

    Args:
        job, lease: as claimed.
        values: what the rows shall hold.
        time_ms: of the sample that was mended by hand.
        span_ms: times of the first and the last sample that changed.
    """
    if not work.end(RepairJob, job.pk, lease, "finished"):
        return None
    former = findings.put(job.run, values)
    here = _row_at(job, values, time_ms)
    return CameraRepair.objects.create(
        match_id=job.match_id, run=job.run, video=job.video, user=job.user, user_name=job.user_name,
        kind="carry" if job.is_carried else "mend", time_ms=time_ms, from_ms=span_ms[0], to_ms=span_ms[1],
        marks=job.marks, before=_view(former, here), after=_view(values, here),
        n_samples=len(values.sample_ids), n_positions=len(values.position_ids), former=former.packed(),
    )  # fmt: skip


def _row_at(job: RepairJob, values: findings.Values, time_ms: int) -> int:
    ids, track = findings.calibrations(job.run, job.video)
    sample = int(ids[track.times_ms.tolist().index(time_ms)])
    return values.sample_ids.tolist().index(sample)


def _view(values: findings.Values, row: int) -> dict[str, Any]:
    matrix = values.matrices[row].tolist()
    return {
        "image_from_pitch": None if any(v != v for v in matrix) else matrix,
        "confidence": float(values.confidence[row]),
        "status": CALIBRATION_STATES[int(values.states[row])],
    }


def standing(run: AnalysisRun) -> list[CameraRepair]:
    """Repairs of a run that were not taken back, oldest first."""
    taken_back = CameraRepair.objects.filter(run=run, kind="undo").values("reverses_id")
    return list(
        CameraRepair.objects.filter(run=run, kind__in=("mend", "carry")).exclude(pk__in=taken_back)
    )


@transaction.atomic
def undo(user: User, repair: CameraRepair) -> CameraRepair:
    """Put every row back to what it held before a repair.

    Raises:
        InputProblem: ``repair_gone``, ``repair_undone``, ``repair_covered``.
    """
    if repair.run is None or repair.run_id is None:
        raise InputProblem(
            "repair_gone", "This repair belongs to an analysis that is gone; reload the page."
        )
    # One after another: the lock makes two windows take turns.
    AnalysisRun.objects.select_for_update().get(pk=repair.run_id)
    found = standing(repair.run)
    if repair.pk not in {row.pk for row in found}:
        raise InputProblem("repair_undone", "This repair was taken back already; reload the page.")
    if any(_overlaps(row, repair) for row in found if row.pk > repair.pk):
        raise InputProblem(
            "repair_covered", "A later repair touches the same pictures; take that one back first."
        )
    findings.put(repair.run, findings.Values.unpacked(bytes(repair.former)))
    return CameraRepair.objects.create(
        match_id=repair.match_id, run=repair.run, video=repair.video, user=user, user_name=user.email, kind="undo",
        time_ms=repair.time_ms, from_ms=repair.from_ms, to_ms=repair.to_ms, marks=repair.marks,
        before=repair.after, after=repair.before, n_samples=repair.n_samples, n_positions=repair.n_positions,
        reverses=repair,
    )  # fmt: skip


def _overlaps(first: CameraRepair, second: CameraRepair) -> bool:
    return (
        first.video_id == second.video_id
        and first.from_ms <= second.to_ms
        and second.from_ms <= first.to_ms
    )


def carry_over(former: AnalysisRun, run: AnalysisRun) -> None:
    """Ask for the repairs of one run once more on the next: the marks say where the pitch lies, whatever was found."""
    for repair in standing(former):
        if repair.video_id is not None:
            job = RepairJob.objects.create(
                match_id=run.match_id, run=run, video_id=repair.video_id, user=repair.user,
                user_name=repair.user_name, time_ms=repair.time_ms, marks=repair.marks, is_carried=True,
            )  # fmt: skip
            jobs.enqueue_repair(job.pk)


def listed(user: Any, match: Match, run: AnalysisRun | None) -> dict[str, Any]:
    """Repairs of the shown run, newest first, and the jobs that are not done: what the page shows."""
    if run is None:
        return {"repairs": [], "jobs": []}
    standing_ids = {row.pk for row in standing(run)}
    rows = CameraRepair.objects.for_user(user).filter(run=run).defer("former").order_by("-id")
    work_rows = RepairJob.objects.for_user(user).filter(match=match, run=run).order_by("-id")[:20]
    return {
        "repairs": [
            {
                "id": row.pk, "kind": row.kind, "words": row.get_kind_display(), "who": row.user_name or "Touchline",
                "when": row.made_at.isoformat(timespec="seconds"), "video": row.video_id, "time_ms": row.time_ms,
                "from_ms": row.from_ms, "to_ms": row.to_ms, "n_samples": row.n_samples,
                "n_positions": row.n_positions, "before": row.before, "after": row.after,
                "can_undo": row.pk in standing_ids,
            }
            for row in rows
        ],
        "jobs": [
            {"id": row.pk, "state": row.state, "sentence": row.problem_sentence} for row in work_rows
        ],
    }  # fmt: skip
