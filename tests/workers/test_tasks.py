"""The tasks as functions: how a file is checked, and every way a run can end badly."""

import errno
import shutil
import uuid
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.urls import reverse
from django.utils import timezone

from analysis.core.problems import InputProblem, Transient
from analysis.core.records import StageEvent
from analysis.pipeline import run as pipeline_run
from tests.factories import make_match, make_video
from tests.workers.findings import rows_of
from webapp import jobs
from webapp.analytics import services
from webapp.analytics.models import AnalysisRun, RunState
from webapp.lib import stored
from webapp.matches.models import Video, VideoState
from workers import media
from workers import progress as progress_module
from workers.progress import RunProgress
from workers.tasks import analyse
from workers.tasks.analyse import analyse_run
from workers.tasks.media import check_video


@pytest.fixture
def house(db, settings, tmp_path, monkeypatch):
    """Folders, and a record of the runs that were announced."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.ARTIFACT_ROOT = tmp_path / "artifacts"
    announced = []
    monkeypatch.setattr(jobs, "enqueue_analysis", announced.append)
    return announced


@pytest.fixture
def uploaded(house, team, settings):
    """Register a file as an upload would."""

    def register(path, match=None, half=0, name="Final.mp4"):
        video = make_video(
            match or make_match(team),
            half=half,
            state=VideoState.CHECKING,
            original_name=name,
            size_bytes=path.stat().st_size,
        )
        target = settings.MEDIA_ROOT / video.source_name
        target.parent.mkdir(parents=True)
        shutil.copy(path, target)
        return video

    return register


def fresh(video):
    return Video.objects.get(pk=video.pk)


def test_a_good_file_becomes_playable_and_its_run_waits(uploaded, film, house, settings):
    video = uploaded(film)
    check_video(video.pk)
    checked = fresh(video)
    assert (checked.state, checked.width_px, checked.fps) == (VideoState.READY, 960, 25.0)
    assert checked.has_playback and checked.has_poster and len(checked.sha256) == 64
    assert media.playback_of(video).stat().st_size > 1000
    assert checked.has_stream and (media.stream_of(video) / "index.m3u8").is_file()
    assert media.poster_of(video).read_bytes()[:2] == b"\xff\xd8"
    assert house == [video.match.runs.get().pk]
    check_video(video.pk)
    assert video.match.runs.count() == 1


def test_a_text_in_disguise_is_refused_in_words_and_removed(uploaded, tmp_path, house, settings):
    text = tmp_path / "notes.txt"
    text.write_text("ffconcat version 1.0\nfile secret.ts\n")
    video = uploaded(text)
    check_video(video.pk)
    refused = fresh(video)
    assert refused.state == VideoState.REFUSED
    assert refused.problem_code.startswith("video_")
    assert "Final.mp4" in refused.problem_sentence and "source" not in refused.problem_sentence
    assert not (settings.MEDIA_ROOT / video.folder).exists()
    assert house == []


def test_the_same_file_twice_is_told_to_its_team_only(uploaded, film, outsider, settings):
    first = uploaded(film)
    check_video(first.pk)
    second = uploaded(film)
    check_video(second.pk)
    assert fresh(second).problem_code == "video_duplicate"
    assert first.match.title in fresh(second).problem_sentence
    elsewhere = uploaded(film, match=make_match(outsider.memberships.get().team))
    check_video(elsewhere.pk)
    assert fresh(elsewhere).state == VideoState.READY


def test_the_analysis_waits_for_the_second_half(uploaded, film, tmp_path, house):
    first = uploaded(film, half=1)
    other = tmp_path / "other.mp4"
    other.write_bytes(film.read_bytes() + b"\0\0\0\x08free")
    second = uploaded(other, match=first.match, half=2)
    check_video(first.pk)
    assert house == []
    check_video(second.pk)
    assert house == [first.match.runs.get().pk]


def test_in_a_bucket_every_machine_finds_everything(
    uploaded, film, bucket, settings, tmp_path, cheap_recipe, transactional_db
):
    """The check, the analysis, and a second analysis on a machine that has nothing yet."""
    video = uploaded(film)
    stored.media().put(settings.MEDIA_ROOT / video.source_name, video.source_name)
    shutil.rmtree(settings.MEDIA_ROOT)
    check_video(video.pk)
    assert fresh(video).has_playback
    made = {name.removeprefix(f"{video.folder}/") for name in stored.media().names()}
    assert made >= {"source.mp4", "play.mp4", "poster.jpg", "frames.bin", "sheets/sheet-001.jpg"}
    found = []
    video.match.runs.all().delete()
    for machine in ("one", "two"):
        settings.MEDIA_ROOT, settings.ARTIFACT_ROOT = tmp_path / machine, tmp_path / f"{machine}-a"
        run = AnalysisRun.objects.create(match=video.match, recipe=cheap_recipe)
        analyse_run(run.pk)
        assert ended(run).state == RunState.FINISHED, run.problem_sentence
        found.append((rows_of(run), sorted(stored.worked_out().names())))
        stored.let_go()
    assert found[0] == found[1] and found[0][1] and found[0][0]["positions"]
    media.let_go(video)
    assert list(stored.media().names()) == []


def test_a_file_that_is_away_is_waited_for(uploaded, film, settings):
    video = uploaded(film)
    media.source_of(video).unlink()
    check_video(video.pk)
    assert fresh(video).state == VideoState.CHECKING


@pytest.fixture
def run(uploaded, film):
    video = uploaded(film)
    Video.objects.filter(pk=video.pk).update(state=VideoState.READY)
    return AnalysisRun.objects.create(match=video.match)


def ended(run):
    run.refresh_from_db()
    return run


def raising(error):
    def run_match(*args, **kwargs):
        raise error

    return run_match


def test_a_recipe_that_is_none_fails_in_words(run):
    AnalysisRun.objects.filter(pk=run.pk).update(recipe="soup")
    analyse_run(run.pk)
    assert ended(run).state == RunState.FAILED
    assert "soup" in run.problem_sentence


def test_the_users_problem_keeps_its_words(run, monkeypatch):
    problem = InputProblem("video_short", "This video is too short; upload a longer one.")
    monkeypatch.setattr(pipeline_run, "run_match", raising(problem))
    analyse_run(run.pk)
    assert (ended(run).problem_code, run.problem_sentence) == (problem.code, problem.sentence)


def test_a_bug_is_loud_and_the_user_gets_its_number(run, monkeypatch, caplog):
    monkeypatch.setattr(pipeline_run, "run_match", raising(KeyError("half")))
    with pytest.raises(KeyError):
        analyse_run(run.pk)
    assert ended(run).state == RunState.FAILED
    assert str(run.reference) in run.problem_sentence
    assert "half" not in run.problem_sentence
    assert any(str(run.reference) in record.getMessage() for record in caplog.records)


def test_a_full_disk_is_tried_again_later_and_then_told(run, monkeypatch):
    later = []
    monkeypatch.setattr(
        analyse.analyse_run, "apply_async", lambda ids, countdown: later.append(countdown)
    )
    monkeypatch.setattr(pipeline_run, "run_match", raising(OSError(errno.ENOSPC, "No space")))
    for _ in range(3):
        analyse_run(run.pk)
    assert later == list(analyse.RETRY_AFTER_S)
    assert (ended(run).state, run.problem_code) == (RunState.FAILED, "disk_full")
    assert "free some space" in run.problem_sentence


def test_after_the_graphics_card_was_full_the_processor_works(run, monkeypatch, settings):
    settings.ANALYSIS_DEVICE = "cuda"
    seen = []

    class OutOfMemoryError(RuntimeError):
        pass

    def run_match(*args, device, **kwargs):
        seen.append(device)
        raise OutOfMemoryError if device == "cuda" else InputProblem("end", "Enough.")

    monkeypatch.setattr(analyse.analyse_run, "apply_async", lambda ids, countdown: None)
    monkeypatch.setattr(pipeline_run, "run_match", run_match)
    analyse_run(run.pk)
    analyse_run(run.pk)
    assert seen == ["cuda", "cpu"]


@pytest.mark.parametrize("error", [ValueError("x"), OSError(errno.ENOENT, "x"), KeyError()])
def test_bugs_are_not_mistaken_for_bad_weather(error):
    assert analyse.as_transient(error) is None


def test_transient_problems_keep_their_code():
    assert analyse.as_transient(Transient("gone", "Gone.")).code == "gone"


def test_progress_is_written_at_the_ends_of_a_stage_and_seldom_between(run, monkeypatch):
    lease = services.claim(run.pk)
    written = []
    monkeypatch.setattr(
        services, "advance", lambda *_, stage, done, total: written.append((stage, done))
    )
    progress = RunProgress(run.pk, lease)
    for done in range(101):
        progress(StageEvent("locate", done, 100))
    assert written == [("locate", 0), ("locate", 100)]


def test_progress_of_a_lost_run_stops_the_work(run):
    services.claim(run.pk)
    progress = RunProgress(run.pk, uuid.uuid4())
    with pytest.raises(services.LeaseLost):
        progress(StageEvent("locate", 1, 2))


def test_a_database_that_is_away_is_bad_weather(run, monkeypatch):
    later = []
    monkeypatch.setattr(
        analyse.analyse_run, "apply_async", lambda ids, countdown: later.append(countdown)
    )

    def away(run_id):
        raise OperationalError("server closed the connection unexpectedly")

    with monkeypatch.context() as patch:
        patch.setattr(services, "claim", away)
        analyse_run(run.pk)
    assert later == [analyse.ASK_AGAIN_AFTER_S]
    assert ended(run).state == RunState.QUEUED
    assert analyse.as_transient(OperationalError("gone")).code == "database_away"


def test_progress_that_cannot_be_stored_does_not_stop_the_work(run, monkeypatch, caplog):
    lease = services.claim(run.pk)

    def away(*args, **kwargs):
        raise OperationalError("terminating connection due to administrator command")

    monkeypatch.setattr(services, "advance", away)
    monkeypatch.setattr(progress_module.connection, "close", lambda: None)
    RunProgress(run.pk, lease)(StageEvent("locate", 1, 2))
    assert "progress not stored" in caplog.text


def test_a_nearly_full_disk_pauses_new_runs_and_says_so(run, monkeypatch, settings, client, owner):
    monkeypatch.setattr(pipeline_run, "run_match", raising(InputProblem("end", "Enough.")))
    settings.DISK_PAUSE_BYTES = 2**62
    client.force_login(owner)
    analyse_run(run.pk)
    assert (ended(run).state, run.attempt) == (RunState.QUEUED, 0)
    AnalysisRun.objects.filter(pk=run.pk).update(heartbeat_at=timezone.now())
    soon = timezone.now() + services.REMIND_IDLE_AFTER + timedelta(seconds=1)
    assert services.requeue_lost(soon).reminded == [run.pk]
    told = client.get(reverse("analytics:progress", args=[run.match_id])).json()
    assert "room on the server" in told["stage_words"] and "by itself" in told["left_words"]
    assert "room on the disk" in client.get(reverse("matches:list")).content.decode()

    settings.DISK_PAUSE_BYTES = 0
    analyse_run(run.pk)
    assert (ended(run).state, run.problem_code) == (RunState.FAILED, "end")
