"""A club's layer: learned by a worker, used only when better, laid over and taken off without a trace."""

import random

import pytest
from django.db import DatabaseError, transaction
from django.db.models import Max

from analysis.core.club_layer import ClassLayer, ClubLayer
from analysis.core.problems import InputProblem
from tests.factories import make_match, make_member, make_video
from tests.webapp.analytics.rooms import make_run
from webapp.analytics.models import AnalysisRun, SpottedAction
from webapp.annotation import carrying, layers, services
from webapp.annotation.models import (
    LayerApplication,
    LayerChoice,
    LayerJob,
    LearnedLayer,
)
from webapp.matches.models import Match
from workers.tasks.layers import work_on_layer

pytestmark = pytest.mark.django_db
LABELS = ("Corner", "Foul", "Throw-in")
FIRST_MATCH = 10_000


def spoken_match(team, seed, *, n_events=60, n_spoken=45, power=5.0):
    """A match whose model is much too sure of itself: an event of confidence p is right with probability p ** power.

    Which matches are held out hangs on their numbers in the database, so they get the same ones in whatever order the
    tests run; where none of them is held out single events are, and a layer learned from those is not always better.
    """
    rng = random.Random(seed)
    taken = Match.objects.filter(pk__gt=FIRST_MATCH).aggregate(last=Max("pk"))["last"]
    match = make_match(team, pk=(taken or FIRST_MATCH) + 1)
    run, video = make_run(match), make_video(match, duration_ms=5_400_000, has_playback=True)
    rows = []
    for i in range(n_events):
        confidence = rng.uniform(0.1, 0.95)
        status = "auto"
        if i < n_spoken:
            status = "confirmed" if rng.random() < confidence**power else "rejected"
        rows.append(
            SpottedAction(
                run=run, video=video, period=1, position_ms=1000 * i, label=LABELS[i % 3], confidence=confidence,
                status=status,
            )
        )  # fmt: skip
    SpottedAction.objects.bulk_create(rows)
    return run


@pytest.fixture
def runs(team):
    return [spoken_match(team, seed) for seed in range(8)]


def state(runs):
    names = ("id", "confidence", "raw_confidence", "is_withheld", "confidence_kind", "status")
    return list(SpottedAction.objects.filter(run__in=runs).order_by("id").values_list(*names))


def learned(team, owner):
    work_on_layer(layers.ask_fit(team, owner).pk)
    job = LayerJob.objects.first()
    assert job.state == "finished", job.problem_sentence
    return LearnedLayer.objects.first()


def used(team, owner, layer):
    work_on_layer(layers.ask_use(team, owner, layer).pk)
    assert LayerJob.objects.first().state == "finished"


def test_learned_used_and_taken_off_without_a_trace(team, owner, runs):
    before = state(runs)
    layer = learned(team, owner)
    assert state(runs) == before
    assert layer.is_better and layer.measured["log_loss"] < layer.measured["log_loss_now"]
    assert sum(n for n, _ in layer.counts.values()) == 8 * 45
    used(team, owner, layer)
    after = state(runs)
    assert layers.in_use(team) == layer
    # The model was too sure: what it said with 60 % is less likely now.
    pairs = [(a[1], b[1]) for a, b in zip(before, after, strict=True) if a[1] > 0.6]
    assert all(new < old for old, new in pairs)
    assert {row[4] for row in after} == {"calibrated"}
    assert LayerApplication.objects.filter(layer=layer).count() == 8
    used(team, owner, None)
    assert state(runs) == before
    used(team, owner, layer)
    assert state(runs) == after
    assert [row.kind for row in LayerChoice.objects.all()] == ["back", "back", "use"]


def test_a_worse_layer_is_refused_and_a_stale_one_too(team, owner, runs):
    good = learned(team, owner)
    worse = LearnedLayer.objects.create(
        team=team, number=9, classes=ClubLayer({"Foul": ClassLayer(0.2, 3.0)}).to_plain(),
        measured={"sentence": "It is no better."},
    )  # fmt: skip
    with pytest.raises(InputProblem, match="no better"):
        layers.ask_use(team, owner, worse)
    used(team, owner, good)
    again = learned(team, owner)
    assert not again.is_better and again.against == good
    with pytest.raises(InputProblem, match="used already"):
        layers.ask_use(team, owner, good)
    stale = LearnedLayer.objects.create(team=team, number=20, is_better=True)
    with pytest.raises(InputProblem, match="learn anew"):
        layers.ask_use(team, owner, stale)


def test_what_is_held_back_is_in_no_list_until_asked_for(client, team, owner, runs):
    layer = LearnedLayer.objects.create(
        team=team, number=1, is_better=True, classes=ClubLayer({"Foul": ClassLayer(1, 0, 0.7)}).to_plain()
    )  # fmt: skip
    fouls = SpottedAction.objects.filter(run=runs[0], label="Foul", status="auto")
    low = fouls.filter(confidence__lt=0.7).count()
    standing = SpottedAction.objects.filter(run=runs[0]).standing().count()
    changes = {row.label: row for row in layers.would_change(team, layer)}
    used(team, owner, layer)
    assert low and SpottedAction.objects.filter(run=runs[0]).standing().count() == standing - low
    assert changes["Foul"].n_more_held >= low and changes["Corner"].n_more_held == 0
    client.force_login(owner)
    page = client.get(f"/matches/{runs[0].match_id}/").content.decode()
    assert f"Held back ({low})" in page
    # Whoever accepts a held-back event brings it back.
    held = SpottedAction.objects.filter(run=runs[0], is_withheld=True, status="auto").first()
    services.accept(owner, held)
    assert SpottedAction.objects.filter(run=runs[0]).standing().filter(pk=held.pk).exists()


def test_a_new_analysis_gets_the_layer_in_use(team, owner, runs):
    layer = learned(team, owner)
    used(team, owner, layer)
    run = make_run(runs[0].match)
    action = SpottedAction.objects.create(
        run=run, video=runs[0].match.videos.get(), period=1, position_ms=10**6, label="Foul", confidence=0.8
    )  # fmt: skip
    carrying.take_over(AnalysisRun, run=run)
    action.refresh_from_db()
    assert action.raw_confidence == 0.8 and action.confidence < 0.8
    record = LayerApplication.objects.first()
    assert record.run == run and record.layer == layer


def test_relabelled_events_count_as_wrong_under_the_model_s_own_label(team, owner, runs):
    action = SpottedAction.objects.filter(run=runs[0], label="Corner", status="auto").first()
    services.relabel(owner, action, "Goal")
    row = next(row for row in layers.spoken(team) if row.event == action.pk)
    assert row.label == "Corner" and not row.is_right
    services.undo(owner, runs[0].match)
    assert action.pk not in {row.event for row in layers.spoken(team)}


def test_too_few_corrections_are_told_and_one_job_at_a_time(team, owner):
    spoken_match(team, 1, n_spoken=5)
    job = layers.ask_fit(team, owner)
    with pytest.raises(InputProblem, match="being worked on"):
        layers.ask_fit(team, owner)
    work_on_layer(job.pk)
    job.refresh_from_db()
    assert job.state == "failed" and "review more" in job.problem_sentence


def test_another_team_s_corrections_teach_nothing_here(team, owner, runs):
    other = make_member("dora@example.org", "owner", team_name="Others").memberships.get().team
    assert layers.spoken(other) == [] and len(layers.spoken(team)) == 8 * 45


def test_records_stay(team, owner, runs):
    layer = learned(team, owner)
    used(team, owner, layer)
    for row, field in ((layer, "classes"), (LayerChoice.objects.get(), "kind")):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            type(row).objects.filter(pk=row.pk).update(**{field: "x"})
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        LayerApplication.objects.update(n_changed=0)
    owner.delete()
    layer.refresh_from_db()
    assert layer.user is None and layer.user_name == "alice@example.org"


def test_the_page_teaches_shows_uses_and_goes_back(client, team, owner, teammate, runs):
    address = f"/teams/{team.pk}/layer/"
    client.force_login(owner)
    assert "360 events were checked" in client.get(address).content.decode()
    client.post(f"{address}learn")
    assert client.get(f"{address}state").json()["state"] == "queued"
    work_on_layer(LayerJob.objects.first().pk)
    page = client.get(address).content.decode()
    assert "What it would change in your matches" in page and "Use it on every match" in page
    client.post(f"{address}use", {"number": "1"})
    work_on_layer(LayerJob.objects.first().pk)
    assert "Layer 1" in client.get(address).content.decode()
    for number in ("", "77", "x"):
        assert client.post(f"{address}use", {"number": number}).status_code == 404
    client.post(f"{address}use", {"number": "0"})
    work_on_layer(LayerJob.objects.first().pk)
    assert layers.in_use(team) is None
    client.force_login(teammate)
    page = client.get(address).content.decode()
    assert "Learn from the corrections" not in page and "The way back" in page
