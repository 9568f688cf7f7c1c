import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_match, make_member
from webapp.accounts.services import first_account
from webapp.analytics import status
from webapp.analytics.models import AnalysisRun, RunState
from webapp.celery import app
from webapp.matches import backups

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper(db, settings, tmp_path):
    """Who looks after the installation, in a team of their own."""
    for name in ("MEDIA_ROOT", "ARTIFACT_ROOT", "DATA_DIR"):
        setattr(settings, name, tmp_path)
    settings.DISK_PAUSE_BYTES = 0
    user = make_member("keeper@example.org", "viewer", team_name="Keepers")
    user.is_staff = True
    user.save()
    return user


def shown(client, keeper, monkeypatch, workers):
    monkeypatch.setattr(status, "asked_workers", lambda: workers)
    client.force_login(keeper)
    return client.get(reverse("analytics:status")).content.decode()


def test_the_page_names_what_needs_somebody(client, keeper, team, monkeypatch, settings, tmp_path):
    match = make_match(team, title="Secret derby")
    failed = AnalysisRun.objects.create(
        match=match, state=RunState.FAILED, problem_code="disk_full", finished_at=timezone.now(),
        problem_sentence="Secret derby has no room.",
    )  # fmt: skip
    old = timezone.now() - timedelta(hours=1)
    AnalysisRun.objects.create(match=match, state=RunState.RUNNING, heartbeat_at=old)
    settings.DISK_PAUSE_BYTES = 2**62
    page = shown(client, keeper, monkeypatch, None)
    for words in (
        "The queue cannot be reached.",
        "New analyses wait.",
        "the longest silence is 36",
        "None was made here.",
        str(failed.reference),
        "disk_full",
        "PostgreSQL",
    ):
        assert words in page
    assert "Secret derby" not in page, "a team's matches are not the keeper's to read"
    assert page.count("needs you") == 4


def test_a_sound_house_looks_so(client, keeper, monkeypatch, settings):
    target = settings.DATA_DIR / "a.zip"
    backups.backup(target)
    assert json.loads((settings.DATA_DIR / "last_backup.json").read_text())["bytes"] > 0
    page = shown(client, keeper, monkeypatch, {"gpu@a": {"torch": "2.13.0"}})
    assert "needs you" not in page and "1 worker answers" in page and "torch 2.13.0" in page


def test_no_worker_is_told_apart_from_no_queue(client, keeper, monkeypatch):
    assert "No worker answers." in shown(client, keeper, monkeypatch, {})


def test_a_queue_that_is_away_does_not_break_the_page(keeper, monkeypatch):
    def away(*args, **kwargs):
        raise ConnectionRefusedError(111, "refused")

    monkeypatch.setattr(app, "connection_for_write", away)
    assert status.asked_workers() is None


def test_the_first_person_looks_after_the_site_and_others_do_not(db, outsider):
    user, _ = first_account("first@example.org", "First FC")
    assert user.is_staff and not user.is_superuser and not outsider.is_staff
