import os
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import make_match, make_video
from webapp import jobs
from webapp.lib import stored
from webapp.matches import checking
from webapp.matches.models import Upload, Video, VideoState
from webapp.matches.services import artifact_folder, delete_match
from workers.tasks import tidy

pytestmark = pytest.mark.django_db


@pytest.fixture
def media_root(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def checks(monkeypatch):
    sent = []
    monkeypatch.setattr(jobs, "enqueue_check", sent.append)
    return sent


def test_a_refused_file_does_not_stay(team, media_root):
    refused = make_video(make_match(team), state=VideoState.REFUSED)
    ready = make_video(make_match(team))
    for video in (refused, ready):
        path = media_root / video.source_name
        path.parent.mkdir(parents=True)
        path.touch()
    tidy.tidy()
    assert not (media_root / refused.folder).exists()
    assert (media_root / ready.source_name).exists()


def test_only_old_half_made_files_go(media_root):
    old, new = (media_root / "team" / "video" / name for name in ("play.mp4.part", "x.part"))
    old.parent.mkdir(parents=True)
    for path in (old, new):
        path.touch()
    long_ago = time.time() - 2 * tidy.HALF_MADE_FOR_S
    os.utime(old, (long_ago, long_ago))
    tidy.tidy()
    assert not old.exists()
    assert new.exists()


def test_stale_uploads_are_given_up(owner, team, media_root, settings):
    match = make_match(team)
    upload = Upload.objects.create(
        user=owner, match=match, original_name="half.mp4", size_bytes=10, offset_bytes=5
    )
    long_ago = timezone.now() - timedelta(hours=settings.UPLOAD_STALE_HOURS + 1)
    Upload.objects.filter(pk=upload.pk).update(updated_at=long_ago)
    tidy.tidy()
    assert not Upload.objects.exists()


def test_a_check_that_was_lost_is_sent_again_with_growing_pauses(team, checks):
    video = make_video(make_match(team), state=VideoState.CHECKING)
    now = timezone.now()
    assert checking.resend_lost(now + timedelta(seconds=30)) == []
    assert checking.resend_lost(now + timedelta(seconds=90)) == [video.pk]
    assert checking.resend_lost(now + timedelta(seconds=160)) == []
    assert checking.resend_lost(now + timedelta(seconds=300)) == [video.pk]
    assert checks == [video.pk, video.pk]


def test_a_file_that_stops_every_worker_is_refused_in_words(team, checks):
    video = make_video(make_match(team), state=VideoState.CHECKING)
    now = timezone.now()
    for hour in range(1, 2 + checking.MAX_CHECKS):
        checking.resend_lost(now + timedelta(hours=hour))
    video.refresh_from_db()
    assert len(checks) == checking.MAX_CHECKS
    assert (video.state, video.problem_code) == (VideoState.REFUSED, "video_check_lost")
    assert "upload it again" in video.problem_sentence


def test_a_copy_for_the_browser_that_cannot_be_made_is_not_tried_for_ever(team, checks):
    make_video(make_match(team), state=VideoState.READY, has_playback=False)
    now = timezone.now()
    for hour in range(1, 12):
        checking.resend_lost(now + timedelta(hours=hour))
    assert len(checks) == checking.MAX_CHECKS
    assert Video.objects.get().state == VideoState.READY


def test_a_checked_video_is_left_alone(team, checks):
    make_video(make_match(team), has_playback=True)
    assert checking.resend_lost(timezone.now() + timedelta(days=1)) == []


@pytest.mark.django_db
def test_artifacts_of_deleted_matches_leave_the_bucket(
    team, settings, tmp_path, bucket, monkeypatch
):
    settings.MEDIA_ROOT, settings.ARTIFACT_ROOT = tmp_path / "media", tmp_path / "artifacts"
    kept = make_match(team)
    for name in (f"match-{kept.pk}/ab/x", f"match-{10**9}/ab/x"):
        (tmp_path / "made").write_bytes(b"x")
        stored.worked_out().put(tmp_path / "made", name)
    tidy.tidy()
    assert len(list(stored.worked_out().names())) == 2, "it may be of a match that is just made"
    monkeypatch.setattr(tidy, "HALF_MADE_FOR_S", -60)
    tidy.tidy()
    assert list(stored.worked_out().names()) == [f"match-{kept.pk}/ab/x"]


@pytest.mark.django_db
def test_what_was_worked_out_for_deleted_matches_goes(team, settings, tmp_path):
    settings.MEDIA_ROOT, settings.ARTIFACT_ROOT = tmp_path / "media", tmp_path / "artifacts"
    kept, gone = make_match(team), make_match(team)
    folders = {pk: artifact_folder(pk) for pk in (kept.pk, gone.pk, 10**9)}
    for folder in folders.values():
        (folder / "ab").mkdir(parents=True)
        os.utime(folder, (1, 1))
    fresh = artifact_folder(10**9 + 1)
    fresh.mkdir()
    tidy.tidy()
    assert folders[kept.pk].is_dir() and fresh.is_dir() and not folders[10**9].exists()


@pytest.mark.django_db(transaction=True)
def test_deleting_a_match_removes_what_was_worked_out(team, settings, tmp_path):
    settings.MEDIA_ROOT, settings.ARTIFACT_ROOT = tmp_path / "media", tmp_path / "artifacts"
    match = make_match(team)
    folder = artifact_folder(match.pk)
    (folder / "ab").mkdir(parents=True)
    delete_match(match)
    assert not folder.exists()
