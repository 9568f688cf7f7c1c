"""Repairs of the camera: a drag becomes a record, the shot's rows follow, and taking back leaves nothing behind."""

import json

import numpy as np
import pytest
from django.db import DatabaseError, connection, transaction

from analysis.core.problems import InputProblem
from tests.factories import make_match
from tests.webapp.analytics.rooms import make_room, make_run
from webapp.analytics import findings
from webapp.analytics.models import AnalysisRun, CalibrationSample, SpottedAction
from webapp.annotation import carrying, repairs, work
from webapp.annotation.models import CameraRepair, RepairJob
from workers.tasks.repairs import repair_camera

pytestmark = pytest.mark.django_db
AT_MS = 10_000


@pytest.fixture
def room(team):
    match = make_room(team)
    run = AnalysisRun.objects.get(match=match)
    return match, run, match.videos.get()


def matrix_at(run, time_ms):
    row = CalibrationSample.objects.get(run=run, time_ms=time_ms)
    return np.array(row.image_from_pitch).reshape(3, 3)


def pixel(matrix, place):
    seen = matrix @ [*place, 1.0]
    return (seen[:2] / seen[2]).tolist()


def marks(run, shift_px=(30.0, 12.0), places=((0.0, 9.15), (0.0, -9.15), (0.0, 34.0), (9.15, 0.0))):
    """Every place seen somewhere else in the picture than the stored view says."""
    matrix = matrix_at(run, AT_MS)
    return {
        "points": [
            {"pitch_xy_m": place, "pixel": [a + b for a, b in zip(pixel(matrix, place), shift_px, strict=True)]}
            for place in places
        ]
    }  # fmt: skip


def everything(run, video):
    """Every number of a video's findings; + 0.0 since a minus before a zero means nothing."""
    ids, track = findings.calibrations(run, video)
    rows = findings.positions(run, video, 0, 10**9)
    events = SpottedAction.objects.filter(run=run).order_by("id").values_list("x_m", "y_m", "label")
    return [
        ids.tolist(), track.image_from_pitch.tobytes(), track.confidence.tolist(), track.status.tolist(),
        rows.ids.tolist(), (rows.pitch_xy_m + 0.0).tobytes(), rows.sigma_m.tobytes(), list(events),
    ]  # fmt: skip


def mended(owner, run, video, **more):
    job = repairs.ask(owner, run, video, AT_MS, marks(run, **more))
    repair_camera(job.pk)
    job.refresh_from_db()
    assert job.state == "finished", job.problem_sentence
    return CameraRepair.objects.latest("id")


def test_the_shot_follows_and_the_record_says_who_when_from_to(owner, room):
    _, run, video = room
    asked = marks(run)
    before = findings.positions(run, video, AT_MS, AT_MS)
    record = mended(owner, run, video)
    for row in asked["points"]:
        seen = pixel(matrix_at(run, AT_MS), row["pitch_xy_m"])
        assert np.hypot(*np.subtract(seen, row["pixel"])) < 4
    after = findings.positions(run, video, AT_MS, AT_MS)
    moved = np.linalg.norm(after.pitch_xy_m - before.pitch_xy_m, axis=1)
    assert np.nanmedian(moved) > 0.5
    assert record.user_name == owner.email and record.kind == "mend"
    assert record.before["image_from_pitch"] != record.after["image_from_pitch"]
    assert (
        record.from_ms < AT_MS < record.to_ms and record.n_samples > 10 and record.n_positions > 100
    )
    run.refresh_from_db()
    assert run.edition == 1


def test_taking_back_leaves_every_number_as_it_was(owner, room):
    _, run, video = room
    before = everything(run, video)
    record = mended(owner, run, video)
    assert everything(run, video) != before
    undone = repairs.undo(owner, record)
    assert everything(run, video) == before
    assert undone.reverses == record and undone.after == record.before
    with pytest.raises(InputProblem, match="taken back already"):
        repairs.undo(owner, record)


def test_repairs_of_one_shot_are_taken_back_last_one_first(owner, room):
    _, run, video = room
    first = mended(owner, run, video)
    between = everything(run, video)
    second = mended(owner, run, video, shift_px=(-9.0, 4.0))
    with pytest.raises(InputProblem, match="later repair"):
        repairs.undo(owner, first)
    repairs.undo(owner, second)
    assert everything(run, video) == between
    repairs.undo(owner, first)


def test_the_database_refuses_to_change_a_record(owner, room):
    _, run, video = room
    record = mended(owner, run, video)
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        CameraRepair.objects.filter(pk=record.pk).update(user_name="somebody else")
    run.delete()
    record.refresh_from_db()
    assert record.run is None


def test_drags_that_no_camera_satisfies_are_refused_in_words(owner, room):
    _, run, video = room
    before = everything(run, video)
    nonsense = {
        "points": [
            {"pitch_xy_m": [36, y], "pixel": at}
            for y, at in enumerate(([100, 400], [1200, 300], [200, 600], [900, 250]))
        ]
    }
    job = repairs.ask(owner, run, video, AT_MS, nonsense)
    repair_camera(job.pk)
    job.refresh_from_db()
    assert job.state == "failed" and job.problem_sentence.startswith("No camera sees the pitch")
    assert everything(run, video) == before and not CameraRepair.objects.exists()


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({}, "repair_empty"),
        ([], "repair_marks_bad"),
        ({"points": [{"pitch_xy_m": [0, 0], "pixel": ["a", 1]}]}, "repair_marks_bad"),
        ({"points": [{"pitch_xy_m": [0, 0], "pixel": [float("nan"), 1]}]}, "repair_marks_bad"),
        ({"points": [{"pitch_xy_m": [0, 1e9], "pixel": [1, 1]}]}, "repair_marks_bad"),
        ({"lines": [{"mark": "nonsense", "pixels": [[0, 0], [1, 1]]}]}, "repair_marks_bad"),
        ({"lines": [{"mark": "halfway", "pixels": [[0, 0]]}]}, "repair_marks_bad"),
        ({"points": [{"pitch_xy_m": [0, 0], "pixel": [1, 1]}] * 41}, "repair_marks_bad"),
    ],
)  # fmt: skip
def test_marks_that_make_no_sense_are_refused(owner, room, asked, code):
    _, run, video = room
    with pytest.raises(InputProblem) as caught:
        repairs.ask(owner, run, video, AT_MS, asked)
    assert caught.value.code == code


def test_a_second_delivery_and_a_dead_worker_do_no_harm(owner, room):
    _, run, video = room
    job = repairs.ask(owner, run, video, AT_MS, marks(run))
    lease = work.claim(RepairJob, job.pk)
    repair_camera(job.pk)
    assert not CameraRepair.objects.exists()
    RepairJob.objects.update(heartbeat_at="2026-01-01T00:00Z")
    sent = []
    assert work.requeue_lost(RepairJob, sent.append) == sent == [job.pk]
    repair_camera(job.pk)
    assert CameraRepair.objects.count() == 1
    job.refresh_from_db()
    empty = findings.Values.unpacked(bytes(CameraRepair.objects.get().former))
    assert repairs.store(job, lease, empty, AT_MS, (0, 1)) is None


def test_a_new_analysis_is_mended_the_same_way(owner, room):
    match, run, video = room
    mended(owner, run, video)
    matrix = matrix_at(run, AT_MS)
    taken = mended(owner, run, video, shift_px=(5.0, 5.0))
    repairs.undo(owner, taken)
    again = make_run(match)
    for row in CalibrationSample.objects.filter(run=run):
        row.pk, row.run = None, again
        row.save()
    carrying.carry_over(again)
    job = RepairJob.objects.get(run=again)
    repair_camera(job.pk)
    record = CameraRepair.objects.get(run=again)
    assert record.kind == "carry" and record.user_name == owner.email
    for place in ((0.0, 9.15), (9.15, 0.0)):
        seen = pixel(matrix_at(again, AT_MS), place), pixel(matrix, place)
        assert np.hypot(*np.subtract(*seen)) < 4


def test_the_page_asks_shows_and_takes_back(client, owner, teammate, room):
    match, run, video = room
    client.force_login(owner)
    address = f"/matches/{match.pk}/camera-repairs"
    known = client.get(address).json()
    assert {row["name"] for row in known["marks"]["lines"]} >= {"halfway", "touch_far"}
    assert all(len(row["place"]) == 2 for row in known["marks"]["points"])
    sent = {"video": video.pk, "time_ms": AT_MS, "marks": json.dumps(marks(run))}
    asked = client.post(address, sent)
    assert asked.status_code == 202
    repair_camera(asked.json()["job"])
    tag = client.get(f"/matches/{match.pk}/positions", {"video": video.pk, "from": 0, "to": 1000})[
        "ETag"
    ]
    shown = client.get(address).json()
    assert shown["jobs"][0]["state"] == "finished" and shown["repairs"][0]["can_undo"]
    undo = f"{address}/{shown['repairs'][0]['id']}/undo"
    client.force_login(teammate)
    assert client.post(undo).status_code == client.post(address, sent).status_code == 403
    client.force_login(owner)
    assert client.post(undo).json()["repairs"][0]["kind"] == "undo"
    assert client.post(undo).status_code == 409
    new = client.get(f"/matches/{match.pk}/positions", {"video": video.pk, "from": 0, "to": 1000})[
        "ETag"
    ]
    assert tag != new
    for field, value in (("marks", "{"), ("video", "x"), ("time_ms", "")):
        assert client.post(address, {**sent, field: value}).status_code == 400
    other = make_match(match.team)
    assert client.post(f"/matches/{other.pk}/camera-repairs", sent).status_code == 404
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM annotation_camerarepair")
        assert cursor.fetchone()[0] == 2
