"""Real Celery workers on a real PostgreSQL and a real Redis, and a short simulated film."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from tests.factories import make_match, make_video
from tests.workers.live import RECIPE

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 180.0


def wait_until(happened, what, patience_s=PATIENCE_S, every_s=0.05):
    """Return the first true value of ``happened``; fail the test when it does not come."""
    deadline_s = time.monotonic() + patience_s
    while time.monotonic() < deadline_s:
        if value := happened():
            return value
        time.sleep(every_s)
    pytest.fail(f"{what} did not happen within {patience_s:.0f} s")


@pytest.fixture(scope="session")
def film(tmp_path_factory) -> Path:
    """Six seconds of a simulated match."""
    folder = tmp_path_factory.mktemp("film")
    command = [sys.executable, "-m", "analysis", "simulate", "--out", str(folder)]
    subprocess.run(
        [*command, "--minutes", "0.1", "--seed", "7", "--size", "960x540"], cwd=ROOT, check=True
    )
    return folder / "match.mp4"


@pytest.fixture
def house(transactional_db, queue, settings, tmp_path):
    """Folders of an installation, and an empty queue."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.ARTIFACT_ROOT = tmp_path / "artifacts"
    queue.flushall()
    return tmp_path


class Worker:
    """A worker process with both queues and a group of its own."""

    def __init__(self, tmp_path, redis_url, hold_at="", more=None):
        from django.db import connection

        values = connection.settings_dict
        self.hold_file = tmp_path / f"held-{hold_at or 'nowhere'}-{time.monotonic_ns()}.hold"
        self.log = self.hold_file.with_suffix(".log")
        env = os.environ | {
            "DATABASE_URL": f"postgresql://postgres@/{values['NAME']}?host={values['HOST']}",
            "CELERY_BROKER_URL": redis_url,
            "SECRET_KEY": "only-for-tests-of-this-repository",
            "DJANGO_SETTINGS_MODULE": "webapp.settings",
            "MEDIA_ROOT": str(tmp_path / "media"),
            "ARTIFACT_ROOT": str(tmp_path / "artifacts"),
            "LEASE_S": "8",
            "HOLD_AT": hold_at,
            "HOLD_FILE": str(self.hold_file),
            "OMP_NUM_THREADS": "1",
            "PYTHONPATH": str(ROOT),
            **(more or {}),
        }
        command = [sys.executable, "-m", "celery", "-A", "workers.app", "worker"]
        command += ["-Q", "gpu,default", "--pool", "prefork", "--concurrency", "1"]
        command += ["--without-gossip", "--without-mingle", "--loglevel", "INFO"]
        command += ["-n", f"test{time.monotonic_ns()}@%h", "-I", "tests.workers.holding"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True
            )

    def await_hold(self):
        try:
            wait_until(self.hold_file.exists, f"reaching {self.hold_file.name}")
        except BaseException:
            sys.stderr.write(self.log.read_text())
            raise

    def release(self):
        self.hold_file.with_suffix(".release").touch()

    def kill(self):
        """``kill -9`` of the worker and every process of it."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def cheap_recipe():
    """A recipe without networks, by a name short enough for its column."""
    with tempfile.TemporaryDirectory(prefix="tl-") as folder:
        path = Path(folder) / "cheap.toml"
        path.write_text(RECIPE)
        yield str(path)


@pytest.fixture
def start_worker(house, redis_url):
    """Start a worker that stands still at a point; all are gone after the test."""
    workers = []

    def start(hold_at="", **more):
        workers.append(Worker(house, redis_url, hold_at, more))
        return workers[-1]

    yield start
    for worker in workers:
        if worker.process.poll() is None:
            worker.kill()


@pytest.fixture
def new_match(house, team_of_alice, film):
    """Make a match with the film as its one video."""

    def make(**fields):
        match = make_match(team_of_alice)
        video = make_video(match, size_bytes=film.stat().st_size, has_playback=True, **fields)
        target = house / "media" / video.source_name
        target.parent.mkdir(parents=True)
        shutil.copy(film, target)
        return match

    return make


@pytest.fixture
def team_of_alice(house):
    from tests.factories import make_member

    return make_member("alice@example.org", "owner").memberships.get().team
