"""A whole installation of its own for scripts that disturb one or measure it: servers, web, workers, sweeper.

Rows are asked through Django in the script's own process, processes through the supervisor's note.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 900.0
# No network: what is asked here is not how good the analysis is.
RECIPE = """
title = "Without networks"
rate_hz = 2.0
[calibrate]
method = "line_fit"
[locate]
method = "grass_blobs"
[spot]
method = "rules"
"""


class House:
    """One running installation.

    Args:
        folder: everything it keeps.
        film: a short simulated match.
        address: of its web server.
    """

    def __init__(self, folder: Path, film: Path, address: str) -> None:
        from workers.supervisor.places import find_places

        self.folder, self.film, self.address = folder, film, address
        self.places = find_places()
        self.recipe = folder / "cheap.toml"
        self.recipe.write_text(RECIPE)

    def pids(self) -> dict[str, int]:
        """The house's processes by name."""
        note = json.loads(self.places.note.read_text())
        return {child["name"]: child["pid"] for child in note["children"]}

    def await_all(self) -> None:
        """Wait until everything that fell runs again and the worker has its child."""
        import psutil

        deadline_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline_s:
            with suppress(psutil.Error, OSError, ValueError, KeyError):
                pids = self.pids()
                alive = all(psutil.Process(pid).status() != "zombie" for pid in pids.values())
                if alive and psutil.Process(pids["worker-gpu"]).children():
                    return
            time.sleep(0.1)
        raise SystemExit("The house did not mend itself.")

    def team(self):
        """The first account's team."""
        from webapp.accounts.models import Team

        return patiently(lambda: Team.objects.order_by("pk").first())

    def new_match(self):
        """A match with the film; nothing of it was worked out before."""
        from tests.factories import make_match, make_video
        from webapp.matches.services import media_path

        def make():
            match = make_match(self.team(), title=f"Match {time.monotonic_ns()}")
            return make_video(match, size_bytes=self.film.stat().st_size, has_playback=True)

        video = patiently(make)
        target = media_path(video.source_name)
        target.parent.mkdir(parents=True)
        shutil.copy(self.film, target)
        return video.match

    def queue(self, match):
        """An analysis of a match without networks."""
        from webapp.analytics import services

        return patiently(lambda: services.queue_run(match, recipe=str(self.recipe)))

    def facts(self, run) -> dict:
        """State and number of claims."""
        from webapp.analytics.models import AnalysisRun

        names = ("state", "attempt", "problem_code")
        return patiently(lambda: AnalysisRun.objects.values(*names).get(pk=run.pk))

    def await_end(self, run) -> None:
        """Wait until a run is over."""
        deadline_s = time.monotonic() + PATIENCE_S
        while self.facts(run)["state"] in {"queued", "running"}:
            if time.monotonic() > deadline_s:
                tell({"stuck": self.facts(run), "log": str(self.places.logs)})
                raise SystemExit(1)
            time.sleep(0.1)

    def rows(self, run) -> dict:
        """Everything that a run found, without its keys."""
        from tests.workers.findings import rows_of

        return patiently(lambda: rows_of(run))


@contextmanager
def house(*, film_minutes: float = 0.07, **env: str) -> Iterator[House]:
    """Start an installation, and take it away whatever happens.

    Args:
        film_minutes: length of the simulated match.
        env: what its environment adds.
    """
    folder = Path(tempfile.mkdtemp(prefix="tl-live-"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    os.environ.update({"LEASE_S": "8", "SWEEP_EVERY_S": "2", "OMP_NUM_THREADS": "1", **env})
    os.environ.update(TOUCHLINE_DATA=str(folder / "data"), PORT=str(port), SAMPLE="0")
    # Started from a test, the settings of tests would come along.
    os.environ["DJANGO_SETTINGS_MODULE"] = "webapp.settings"
    for name in ("DATABASE_URL", "CELERY_BROKER_URL"):
        os.environ.pop(name, None)
    command = [sys.executable, "-m", "workers.supervisor"]
    try:
        film = _film(folder, film_minutes)
        subprocess.run([*command, "up"], cwd=ROOT, check=True, stdout=sys.stderr)
        found = House(folder, film, f"http://127.0.0.1:{port}")
        _use(found)
        found.await_all()
        yield found
    finally:
        subprocess.run([*command, "down"], cwd=ROOT, check=False, stdout=sys.stderr)
        shutil.rmtree(folder, ignore_errors=True)


def _film(folder: Path, minutes: float) -> Path:
    command = [sys.executable, "-m", "analysis", "simulate", "--out", str(folder / "film")]
    options = ["--minutes", str(minutes), "--seed", "7", "--size", "640x360"]
    subprocess.run([*command, *options], cwd=ROOT, check=True, stdout=sys.stderr)
    return folder / "film" / "match.mp4"


def _use(found: House) -> None:
    """Let Django in this process speak to the house."""
    from workers.supervisor.__main__ import read_local_env

    os.environ.update(read_local_env(found.places))
    import django

    import webapp.celery  # noqa: F401  names the settings

    django.setup()


def patiently(ask):
    """An answer of the database, which may be away just now."""
    from django.db import Error, connection

    deadline_s = time.monotonic() + PATIENCE_S
    while True:
        try:
            return ask()
        except Error:
            connection.close()
            if time.monotonic() > deadline_s:
                raise
            time.sleep(0.2)


def signed_in(found: House, email: str) -> dict[str, str]:
    """Cookies of a session of a person, made without the door."""
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from webapp.accounts.models import User

    user = User.objects.get(email=email)
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return {settings.SESSION_COOKIE_NAME: session.session_key, "csrftoken": "x" * 32}


def tell(facts: dict) -> None:
    """A line for the log."""
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()
