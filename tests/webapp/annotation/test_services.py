"""Corrections: what they do to an event, what they leave behind, and how they are taken back."""

import pytest
from django.db import InternalError, transaction

from analysis.core.problems import InputProblem
from tests.factories import make_member
from tests.webapp.analytics.rooms import make_room, make_run
from webapp.analytics.models import AnalysisRun, SpottedAction
from webapp.analytics.signals import run_stored
from webapp.annotation import services
from webapp.annotation.models import Correction

pytestmark = pytest.mark.django_db


@pytest.fixture
def match(team):
    return make_room(team)


@pytest.fixture
def corner(match):
    return SpottedAction.objects.get(run__match=match, label="Corner")


def fresh(action):
    return SpottedAction.objects.get(pk=action.pk)


def test_every_change_is_a_record_of_who_what_and_which_model(owner, corner):
    record = services.relabel(owner, corner, "Throw-in")
    assert (record.user, record.user_name, record.kind) == (owner, owner.email, "relabel")
    assert record.before["label"] == "Corner"
    assert record.after["label"] == "Throw-in"
    assert record.model_version == "rules 1"
    assert fresh(corner).status == "corrected"


def test_states_after_each_kind(owner, corner):
    services.accept(owner, corner)
    assert fresh(corner).status == "confirmed"
    services.move(owner, fresh(corner), corner.position_ms + 40)
    moved = fresh(corner)
    assert (moved.status, moved.frame) == ("corrected", round(corner.position_ms / 40 + 1))
    services.set_team(owner, moved, "away")
    services.set_player(owner, fresh(corner), 9, " Ana Ruiz ")
    services.set_note(owner, fresh(corner), "near post")
    last = fresh(corner)
    assert (last.team, last.player_number, last.player_name, last.note) == (
        "away", 9, "Ana Ruiz", "near post",
    )  # fmt: skip
    services.reject(owner, last)
    assert fresh(corner).status == "rejected"
    assert Correction.objects.count() == 6


def test_a_moment_stays_inside_the_video(owner, corner):
    services.move(owner, corner, -5000)
    assert fresh(corner).position_ms == 0
    services.move(owner, fresh(corner), 10**9)
    assert fresh(corner).position_ms == corner.video.duration_ms - 1


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda u, a: services.relabel(u, a, "Backflip"), "label_unknown"),
        (lambda u, a: services.relabel(u, a, "Corner"), "nothing_to_change"),
        (lambda u, a: services.set_team(u, a, "both"), "team_unknown"),
        (lambda u, a: services.set_player(u, a, 100, ""), "number_impossible"),
        (lambda u, a: services.undo(u, a.run.match), "nothing_to_undo"),
        (lambda u, a: services.redo(u, a.run.match), "nothing_to_redo"),
    ],
)
def test_what_cannot_be_is_refused_in_words(owner, corner, make, code):
    with pytest.raises(InputProblem) as refused:
        make(owner, corner)
    assert refused.value.code == code
    assert not Correction.objects.exists()


def test_undo_and_redo_walk_through_a_persons_own_changes(owner, corner):
    match, start = corner.run.match, services.state_of(corner)
    services.accept(owner, corner)
    services.relabel(owner, fresh(corner), "Foul")
    states = [start, services.state_of(fresh(corner))]
    services.undo(owner, match)
    assert fresh(corner).label == "Corner"
    services.undo(owner, match)
    assert services.state_of(fresh(corner)) == states[0]
    services.redo(owner, match)
    services.redo(owner, match)
    assert services.state_of(fresh(corner)) == states[1]
    services.undo(owner, match)
    services.reject(owner, fresh(corner))
    with pytest.raises(InputProblem, match="nothing to do again"):
        services.redo(owner, match)
    assert Correction.objects.count() == 8, "nothing was ever taken out"


def test_an_addition_is_taken_back_by_rejecting_it(owner, match):
    run, video = match.runs.get(), match.videos.get()
    record = services.add(owner, run, video, label="Goal", position_ms=5000, team="home")
    assert (record.action.source, record.action.status, record.before) == ("coach", "added", {})
    services.undo(owner, match)
    assert fresh(record.action).status == "rejected"
    services.redo(owner, match)
    assert fresh(record.action).status == "added"


def test_nobody_takes_back_over_somebody_elses_change(owner, team, corner):
    other = make_member("dora@example.org", "coach", team=team)
    services.accept(owner, corner)
    services.relabel(other, fresh(corner), "Foul")
    with pytest.raises(InputProblem) as refused:
        services.undo(owner, corner.run.match)
    assert refused.value.code == "changed_since"
    services.undo(other, corner.run.match)
    services.undo(owner, corner.run.match)
    assert fresh(corner).status == "auto"


def test_the_database_refuses_to_change_a_record(owner, corner):
    record = services.accept(owner, corner)
    with pytest.raises(InternalError, match="never changed"), transaction.atomic():
        Correction.objects.filter(pk=record.pk).update(user_name="somebody else")
    owner.delete()
    assert Correction.objects.get().user_name == "alice@example.org"


def test_a_new_analysis_takes_over_what_people_said(owner, match):
    old, video = match.runs.get(), match.videos.get()
    by_label = {row.label: row for row in old.actions.exclude(label="Kick-off")}
    services.relabel(owner, by_label["Corner"], "Foul")
    services.reject(owner, by_label["Throw-in"])
    services.accept(owner, by_label["Goal"])
    services.add(owner, old, video, label="Penalty", position_ms=3000)
    new = make_run(match)
    for label, shift in (("Corner", 400), ("Throw-in", -900), ("Substitution", 0)):
        SpottedAction.objects.create(
            run=new, video=video, period=1, label=label, confidence=0.4,
            position_ms=by_label[label].position_ms + shift,
        )  # fmt: skip
    run_stored.send(sender=AnalysisRun, run=new)
    found = {row.label: row for row in new.actions.all()}
    assert {label: row.status for label, row in found.items()} == {
        "Foul": "corrected", "Throw-in": "rejected", "Substitution": "auto",
        "Goal": "confirmed", "Penalty": "added",
    }  # fmt: skip
    assert found["Foul"].position_ms == by_label["Corner"].position_ms + 400
    assert Correction.objects.filter(kind="carry").count() == 4
