"""Fine-tuning by corrections: a real small training on simulated positions, the gate, the way back, and its use."""

from dataclasses import replace

import numpy as np
import pytest
from django.db import DatabaseError, transaction

from analysis.core.problems import InputProblem
from analysis.core.records import CalibrationTrack, PlayersTrack
from tests.webapp.annotation.simulated_reviews import VERSION, reviewed_matches, simulated
from webapp.analytics import findings
from webapp.analytics.models import SpottedAction
from webapp.annotation import services, tuning, work
from webapp.annotation.models import TunedWeights, TuningJob
from webapp.lib import stored
from webapp.matches import sanity
from workers import together
from workers.tasks.tuning import tune_spotter

pytestmark = pytest.mark.django_db
# What this club never calls an event.
NEVER = ("Throw-in", "Ball out of play")


@pytest.fixture(scope="module")
def halves(tmp_path_factory):
    return simulated(tmp_path_factory.mktemp("halves"))


@pytest.fixture
def short(monkeypatch):
    """Fewer steps are enough for so strong an opinion."""
    from analysis.spotting.models.position_anchors import tuning as method

    monkeypatch.setattr(method, "PLAN", replace(method.PLAN, steps=40, batch_size=32))


@pytest.fixture
def house(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.MEDIA_ROOT.mkdir()


@pytest.fixture
def runs(team, halves, house, short):
    return reviewed_matches(team, halves, lambda label, hit: hit and label not in NEVER)


def tuned(team, owner):
    tune_spotter(tuning.ask(team, owner).pk)
    job = TuningJob.objects.first()
    assert job.state == "finished", job.problem_sentence
    return TunedWeights.objects.first()


def given(team, owner):
    """Weights that came out better, without the work: those that come along."""
    from analysis.curation.club_layer import judge
    from analysis.spotting.models.position_anchors import Settings, build
    from analysis.training.weights import save_weights

    job = TuningJob.objects.create(team=team, user=owner, user_name=owner.email)
    lease = work.claim(TuningJob, job.pk)
    file = stored.media().root / "made.safetensors"
    digest = save_weights(build(Settings()).network.state_dict(), file, half=True)
    right = np.ones(40, bool)
    compared = judge(60, right, [right * 0.9, right * 0.5], [right, right], by_match=True)
    return tuning.store(job, lease, file, digest, [], compared)


def test_learned_checked_used_and_taken_back(team, owner, runs):
    from analysis.core.pitch import STANDARD_PITCH
    from analysis.spotting.models.position_anchors import Settings, build

    weights = tuned(team, owner)
    assert weights.is_better and weights.measured["log_loss"] < weights.measured["log_loss_now"]
    assert weights.measured["n_held"] >= 20 and weights.name.startswith(str(team.uuid))
    assert TuningJob.objects.get().percent == 100
    assert tuning.spotter_settings(team, "position_anchors") == ({}, "")
    tuning.use(team, owner, weights)
    own, version = tuning.spotter_settings(team, "position_anchors")
    assert version == f"{VERSION} tuned 1"
    # The tuned spotter tells this club what it wants to hear, and the other kinds as before.
    run = runs[0]
    video = run.match.videos.get()
    streams = {
        "players": findings.players(run, video),
        "calibrations": findings.calibrations(run, video)[1],
    }
    before = build(Settings()).spot(streams, STANDARD_PITCH)
    after = build(Settings(**own)).spot(streams, STANDARD_PITCH)

    def count(spots, wanted):
        return sum(spot.confidence > 0.5 and (spot.label in NEVER) == wanted for spot in spots)

    assert count(after, wanted=True) < 0.2 * count(before, wanted=True)
    assert count(after, wanted=False) >= 0.8 * count(before, wanted=False)
    tuning.use(team, owner, None)
    assert tuning.spotter_settings(team, "position_anchors") == ({}, "")
    # And back again: what was used once may be used again.
    assert tuning.use(team, owner, weights).kind == "back"
    with pytest.raises(InputProblem, match="used already"):
        tuning.use(team, owner, weights)


@pytest.mark.slow
def test_what_is_no_better_is_not_kept_and_cannot_be_used(team, owner, halves, house, short):
    """What was learned is contradicted by everything that was held out."""
    from analysis.curation import club_layer

    reviewed_matches(team, halves, lambda label, hit: hit and label not in NEVER)
    _, held, _ = club_layer.split(tuning.reviews(team))
    for row in held:
        said = "rejected" if row.is_right else "confirmed"
        SpottedAction.objects.filter(pk=row.event).update(status=said)
    weights = tuned(team, owner)
    assert not weights.is_better and not weights.name
    assert list(stored.media().names()) == []
    with pytest.raises(InputProblem) as problem:
        tuning.use(team, owner, weights)
    assert problem.value.sentence == weights.measured["sentence"]


def test_too_few_reviews_are_told_before_any_work(team, owner, halves, house):
    reviewed_matches(team, halves[:1], lambda label, hit: hit)
    SpottedAction.objects.filter(pk__gt=SpottedAction.objects.order_by("pk")[4].pk).update(
        status="auto"
    )
    with pytest.raises(InputProblem, match=r"5 events were reviewed .* 60 are needed"):
        tuning.ask(team, owner)
    assert not TuningJob.objects.exists()


def test_cancelled_in_the_middle_nothing_is_left(team, owner, runs, monkeypatch):
    job = tuning.ask(team, owner)
    with pytest.raises(InputProblem, match="tuned already"):
        tuning.ask(team, owner)
    beat, heard = work.beat, []

    def heart(*args, **fields):
        heard.append(fields)
        if len(heard) == 8:
            assert tuning.cancel(team)
        return beat(*args, **fields)

    monkeypatch.setattr(work, "beat", heart)
    tune_spotter(job.pk)
    job.refresh_from_db()
    assert job.state == "cancelled" and len(heard) == 8
    assert not TunedWeights.objects.exists() and list(stored.media().names()) == []
    assert not tuning.cancel(team)


def test_changed_bytes_are_never_used(team, owner, house):
    from analysis.spotting.models.position_anchors import Settings, build

    weights = given(team, owner)
    tuning.use(team, owner, weights)
    assert sanity.look(with_content=True).changed == []
    path = stored.media().root / weights.name
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    own, _ = tuning.spotter_settings(team, "position_anchors")
    with pytest.raises(InputProblem, match="not those of their card"):
        build(Settings(**own))
    assert len(sanity.look(with_content=True).changed) == 1
    path.unlink()
    with pytest.raises(InputProblem, match="cannot be found"):
        tuning.spotter_settings(team, "position_anchors")


def test_other_bundled_weights_end_its_use(team, owner, house):
    old = TunedWeights.objects.create(
        team=team, number=1, method=tuning.METHOD, base_sha256="0" * 64, name="x", is_better=True
    )
    with pytest.raises(InputProblem, match="tune anew"):
        tuning.use(team, owner, old)
    assert tuning.in_use(team) is None


def test_later_analyses_are_given_the_weights(team, owner, runs):
    weights = given(team, owner)
    tuning.use(team, owner, weights)
    run = runs[0]
    place = stored.media().root / run.match.videos.get().source_name
    place.parent.mkdir(parents=True)
    place.write_bytes(b"video")
    job = together.job_of(run)
    assert job.recipe.spot.settings["tuned_sha256"] == weights.sha256
    assert job.versions == {"spot": f"{VERSION} tuned 1"}


def test_both_sides_of_a_changed_kind_are_said(team, owner, runs):
    before = len(tuning.reviews(team))
    event = SpottedAction.objects.filter(label="Corner", status="confirmed").first()
    services.relabel(owner, event, "Goal")
    said = [row for row in tuning.reviews(team) if row.event == event.pk]
    assert {(row.label, row.is_right) for row in said} == {("Corner", False), ("Goal", True)}
    services.move(owner, event, event.position_ms + 900)
    (right,) = [row for row in tuning.reviews(team) if row.event == event.pk and row.is_right]
    assert right.time_ms == event.position_ms + 900 and len(tuning.reviews(team)) == before + 1


def test_stored_positions_come_back_as_they_were(team, runs, halves):
    _, _, players, _ = halves[0]
    run = runs[0]
    video = run.match.videos.get()
    back, views = findings.players(run, video), findings.calibrations(run, video)[1]
    assert isinstance(back, PlayersTrack) and isinstance(views, CalibrationTrack)
    np.testing.assert_array_equal(back.times_ms, players.times_ms)
    np.testing.assert_allclose(back.pitch_xy_m, players.pitch_xy_m, atol=1e-3)
    np.testing.assert_array_equal(back.team, players.team)
    np.testing.assert_array_equal(back.role, players.role)
    # Of several balls of a sample the surest was stored.
    assert set(back.ball_times_ms) <= set(players.ball_times_ms)
    assert len(back.ball_times_ms) > 0.9 * len(players.ball_times_ms)


def test_records_are_never_changed(team, owner):
    row = TunedWeights.objects.create(
        team=team, number=1, method=tuning.METHOD, base_sha256="0" * 64
    )
    with pytest.raises(DatabaseError), transaction.atomic():
        TunedWeights.objects.filter(pk=row.pk).update(is_better=True)
