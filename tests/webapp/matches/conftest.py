"""A media folder of the test's own."""

import pytest


@pytest.fixture
def media(settings, tmp_path):
    """Where files go in this test."""
    settings.MEDIA_ROOT = tmp_path
    settings.DISK_RESERVE_BYTES = 0
    settings.X_ACCEL_LOCATION = ""
    return tmp_path


@pytest.fixture
def on_commit(django_capture_on_commit_callbacks):
    """``with on_commit():`` runs what waits for the commit, as a request of its own would."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture
def sent(monkeypatch):
    """Tasks that would go to the broker, as (name, arguments); the broker itself is tested in tests/workers."""
    from webapp import jobs

    tasks = []
    monkeypatch.setattr(jobs.app, "send_task", lambda name, args: tasks.append((name, args)))
    return tasks
