"""What a scraper reads, what machines' logs hold, what ``check --deploy`` finds."""

import json
import logging
import re
from datetime import timedelta

import pytest
from django.core.checks import run_checks
from django.utils import timezone

from tests.factories import make_match, make_video
from tests.webapp.analytics.rooms import make_run
from webapp.analytics.models import RunState
from webapp.lib import logs

LINE = re.compile(r"^touchline_\w+(\{\w+=\"\w+\"\})? -?\d+(\.\d+)?(e[+-]?\d+)?$")


@pytest.mark.django_db
def test_metrics_in_prometheus_format(client, team, settings):
    settings.METRICS_TOKEN = "scraper"
    match = make_match(team)
    make_video(match)
    waiting = timezone.now() - timedelta(seconds=90)
    make_run(match, state=RunState.QUEUED, created_at=waiting)
    answer = client.get("/metrics", headers={"Authorization": "Bearer scraper"})
    assert answer["Content-Type"].startswith("text/plain; version=0.0.4")
    lines = answer.content.decode().splitlines()
    values = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    assert all(LINE.match(line) for line in lines if not line.startswith("#"))
    assert values['touchline_runs{state="queued"}'] == "1"
    assert values['touchline_videos{state="ready"}'] == "1"
    assert float(values["touchline_queue_age_seconds"]) >= 90
    assert float(values["touchline_database_bytes"]) > 1e6


@pytest.mark.django_db
@pytest.mark.parametrize("told", ["", "Bearer ", "Bearer wrong", "Bearer sc\u00e4per"])
def test_metrics_are_closed(client, settings, told):
    for token in ("", "scraper"):
        settings.METRICS_TOKEN = token
        answer = client.get(
            "/metrics", headers={"Authorization": told.encode("latin-1").decode("latin-1")}
        )
        assert answer.status_code == 404


def record(message: str, **more) -> logging.LogRecord:
    return logging.LogRecord(
        "workers", logging.WARNING, "x.py", 1, message, (), **{"exc_info": None, **more}
    )


def test_a_line_of_json_names_the_run():
    write = logs.JsonFormatter().format
    with logs.about(run=7), logs.about(stage="spot"):
        said = json.loads(write(record("two\nlines")))
    assert (said["run"], said["stage"], said["level"], said["message"]) == (
        7,
        "spot",
        "warning",
        "two\nlines",
    )
    assert "run" not in json.loads(write(record("after")))
    try:
        raise ValueError("broken")
    except ValueError as error:
        broken = record("x", exc_info=(ValueError, error, error.__traceback__))
    assert "\n" not in write(broken) and "ValueError: broken" in json.loads(write(broken))["trace"]


def test_deploy_checks(settings, tmp_path):
    settings.MEDIA_ROOT = settings.ARTIFACT_ROOT = tmp_path / "not made yet"
    settings.HTTPS, settings.ALLOWED_HOSTS, settings.DEBUG = True, ["club.example"], False
    assert not [m for m in ours() if m.startswith("touchline")]
    settings.HTTPS, settings.ALLOWED_HOSTS = False, ["*"]
    settings.DISK_RESERVE_BYTES = 10**18
    assert {"touchline.E002", "touchline.W001", "touchline.W002"} <= set(ours())


def ours() -> list[str]:
    found = run_checks(tags=["security"], include_deployment_checks=True)
    return [message.id for message in found if message.id]
