"""Data of earlier releases come along: rows written at an old state of the tables survive ``migrate``."""

import os
import subprocess
import sys
import uuid
from pathlib import Path

import psycopg2
import pytest

ROOT = Path(__file__).resolve().parents[2]
# The two releases before the present one, by the last migration of each room.
RELEASES = {
    "first": {
        "accounts": "0001", "matches": "0001", "analytics": "0002",
    },
    "second": {
        "accounts": "0003", "matches": "0003", "analytics": "0003", "annotation": "0002", "playlists": "0001",
        "api": "0001",
    },
}  # fmt: skip


@pytest.fixture
def empty(postgres_url):
    """(address, connection) of a database of its own."""
    name = f"upgrade_{uuid.uuid4().hex[:8]}"
    host = postgres_url.split("host=")[1]
    server = psycopg2.connect(host=host, user="postgres", dbname="postgres")
    server.autocommit = True
    server.cursor().execute(f"CREATE DATABASE {name}")
    link = psycopg2.connect(host=host, user="postgres", dbname=name)
    link.autocommit = True
    yield f"postgresql://postgres@/{name}?host={host}", link
    link.close()
    server.cursor().execute(f"DROP DATABASE {name} WITH (FORCE)")
    server.close()


def manage(address, *commands):
    """Run ``manage.py`` commands in one process."""
    code = (
        "import django; django.setup()\n"
        "from django.core.management import call_command\n"
        f"for command in {commands!r}: call_command(*command, verbosity=0)\n"
    )
    env = os.environ | {
        "DATABASE_URL": address,
        "CELERY_BROKER_URL": "memory://",
        "SECRET_KEY": "only-for-tests-of-this-repository",
        "DJANGO_SETTINGS_MODULE": "webapp.settings",
        "PYTHONPATH": str(ROOT),
    }
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, check=True)


def insert(link, table, **values):
    """Insert a row, every other column that must have a value filled with one of its type; its id."""
    cursor = link.cursor()
    cursor.execute(
        "SELECT column_name, data_type, udt_name FROM information_schema.columns WHERE table_name = %s"
        " AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'",
        [table],
    )
    fillings = {
        "boolean": False, "integer": 0, "bigint": 0, "smallint": 0, "double precision": 0.5, "jsonb": "{}",
        "timestamp with time zone": "2026-01-02T03:04:05Z", "date": "2026-01-02",
    }  # fmt: skip
    for column, kind, _ in cursor.fetchall():
        if column not in values:
            values[column] = str(uuid.uuid4()) if kind == "uuid" else fillings.get(kind, "")
    names = ", ".join(values)
    marks = ", ".join(["%s"] * len(values))
    cursor.execute(
        f"INSERT INTO {table} ({names}) VALUES ({marks}) RETURNING *", list(values.values())
    )
    row = dict(zip([c.name for c in cursor.description], cursor.fetchone(), strict=True))
    return row.get("id")


def a_club(link):
    """A team with a finished analysis of a match, as that release wrote it."""
    user = insert(link, "accounts_user", email="coach@example.org", is_active=True)
    team = insert(link, "accounts_team", name="Rovers", uuid=str(uuid.uuid4()), quota_bytes=10**12)
    insert(link, "accounts_membership", team_id=team, user_id=user, role="owner")
    match = insert(
        link, "matches_match", team_id=team, title="Rovers v United", pitch_length_m=105, pitch_width_m=68,
    )  # fmt: skip
    video = insert(
        link, "matches_video", match_id=match, uuid=str(uuid.uuid4()), original_name="half.mp4", extension="mp4",
        size_bytes=1000, state="ready", duration_ms=90_000,
    )  # fmt: skip
    run = insert(
        link, "analytics_analysisrun", match_id=match, recipe="default", state="finished", verdict="ok",
        reference=str(uuid.uuid4()), versions='{"spot": "rules 1"}',
    )  # fmt: skip
    action = insert(
        link, "analytics_spottedaction", run_id=run, video_id=video, period=1, position_ms=1234, label="Goal",
        confidence=0.75, status="auto", source="model",
    )  # fmt: skip
    insert(
        link, "analytics_playerposition", match_id=match, id=1, run_id=run, video_id=video, time_ms=1000,
        frame=25, track_id=3, team=0, role=0, source=0, x_m=1.5, y_m=-2.5, score=0.9,
    )  # fmt: skip
    insert(
        link, "analytics_calibrationsample", run_id=run, video_id=video, time_ms=1000, frame=25,
        image_from_pitch=[1.0] * 9, confidence=0.9, status="ok",
    )  # fmt: skip
    return match, action


def facts(link):
    cursor = link.cursor()
    asked = {
        "people": "SELECT email FROM accounts_user",
        "places": "SELECT role FROM accounts_membership",
        "matches": "SELECT title, pitch_length_m FROM matches_match",
        "videos": "SELECT original_name, state, duration_ms FROM matches_video",
        "runs": "SELECT state, verdict, versions::text FROM analytics_analysisrun",
        "events": "SELECT label, position_ms, confidence FROM analytics_spottedaction",
        "positions": "SELECT match_id, run_id, time_ms, x_m, y_m FROM analytics_playerposition",
        "cameras": "SELECT status, image_from_pitch FROM analytics_calibrationsample",
    }
    found = {}
    for word, question in asked.items():
        cursor.execute(question)
        found[word] = cursor.fetchall()
    return found


@pytest.mark.parametrize("release", RELEASES)
def test_an_earlier_releases_data_come_along(empty, release):
    address, link = empty
    manage(address, *(("migrate", room, number) for room, number in RELEASES[release].items()))
    match, action = a_club(link)
    before = facts(link)
    assert all(before.values())
    if release == "second":
        insert(
            link, "annotation_correction", action_id=action, match_id=match, kind="accept",
            after='{"status": "confirmed"}',
        )  # fmt: skip
    manage(address, ("migrate",), ("check",))
    assert facts(link) == before
    # New columns have their defaults, and new rooms stand empty beside the old rows.
    cursor = link.cursor()
    cursor.execute("SELECT note, player_name FROM analytics_spottedaction")
    assert cursor.fetchall() == [("", "")]
    cursor.execute("SELECT kind, after FROM annotation_correction")
    assert cursor.fetchall() == (
        [("accept", {"status": "confirmed"})] if release == "second" else []
    )
    cursor.execute("SELECT count(*) FROM analytics_runsegment")
    assert cursor.fetchone() == (0,)
