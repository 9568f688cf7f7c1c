"""``python -m tests.workers.random_kills N``: analyses under ``kill -9``, on an installation of their own.

Starts the whole house (PostgreSQL, Redis, web, workers, sweeper) in a temporary folder, analyses one short simulated
match undisturbed, then ``N`` more, each with one kill at a random moment: of the worker, of its child at work, of the
broker, or of PostgreSQL. Nothing is done about the kill: the house has to mend itself. Every run must finish, once,
with the rows of the undisturbed one. Prints a JSON line for each and a summary; the exit status says whether all held.
"""

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VICTIMS = ("worker", "child", "broker", "database")
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


def main(n_runs: int, seed: int = 1) -> int:
    """Run them all; 0 when every one held."""
    folder = Path(tempfile.mkdtemp(prefix="tl-kill-"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    os.environ.update(
        TOUCHLINE_DATA=str(folder / "data"),
        PORT=str(port),
        SAMPLE="0",
        LEASE_S="8",
        SWEEP_EVERY_S="2",
        # Three segments, so that the cutting and the joining are disturbed as well.
        ANALYSIS_SEGMENT_S="2",
        OMP_NUM_THREADS="1",
    )
    for name in ("DATABASE_URL", "CELERY_BROKER_URL"):
        os.environ.pop(name, None)
    house = [sys.executable, "-m", "workers.supervisor"]
    try:
        film = _film(folder)
        subprocess.run([*house, "up"], cwd=ROOT, check=True, stdout=sys.stderr)
        return _Trial(folder, film, random.Random(seed)).run(n_runs)
    finally:
        subprocess.run([*house, "down"], cwd=ROOT, check=False, stdout=sys.stderr)
        shutil.rmtree(folder, ignore_errors=True)


def _film(folder: Path) -> Path:
    command = [sys.executable, "-m", "analysis", "simulate", "--out", str(folder / "film")]
    options = ["--minutes", "0.07", "--seed", "7", "--size", "640x360"]
    subprocess.run([*command, *options], cwd=ROOT, check=True, stdout=sys.stderr)
    return folder / "film" / "match.mp4"


class _Trial:
    """The running house, seen from outside: rows through Django, processes through the supervisor's note."""

    def __init__(self, folder: Path, film: Path, chance: random.Random) -> None:
        from workers.supervisor.__main__ import read_local_env
        from workers.supervisor.places import find_places

        self.places, self.film, self.chance = find_places(), film, chance
        self.recipe = folder / "cheap.toml"
        self.recipe.write_text(RECIPE)
        os.environ.update(read_local_env(self.places))
        import django

        import webapp.celery  # noqa: F401  names the settings

        django.setup()

    def run(self, n_runs: int) -> int:
        """An undisturbed run, then the disturbed ones."""
        self.await_all()
        first, took_s = self.analysed(self.new_match(), None)
        truth = self.rows(first)
        assert truth["positions"] and truth["calibrations"], "the undisturbed run found nothing"
        tell({"undisturbed_s": round(took_s, 1), **{name: len(v) for name, v in truth.items()}})
        outcomes: Counter[str] = Counter()
        attempts: Counter[str] = Counter()
        while sum(outcomes.values()) < n_runs:
            victim = VICTIMS[sum(outcomes.values()) % len(VICTIMS)]
            moment_s = self.chance.uniform(0, took_s)
            run, needed_s = self.analysed(self.new_match(), (victim, moment_s))
            if run is None:
                continue
            facts = self.facts(run)
            is_same = self.rows(run) == truth
            word = "same" if facts["state"] == "finished" and is_same else "different"
            outcomes[f"{victim}: {word}"] += 1
            attempts[f"{victim}: {facts['attempt']} claims"] += 1
            tell({"n": sum(outcomes.values()), "victim": victim, "at_s": round(moment_s, 2), "rows": word,
                  "took_s": round(needed_s, 1), **facts})  # fmt: skip
        n_runs_of_match = self.runs_of_match()
        tell({"outcomes": dict(sorted(outcomes.items())), "claims": dict(sorted(attempts.items())),
              "most_runs_of_a_match": n_runs_of_match})  # fmt: skip
        return int(n_runs_of_match != 1 or any(word.endswith("different") for word in outcomes))

    def analysed(self, match, kill):
        """(finished run, seconds); (None, 0) when the run ended before the kill."""
        from webapp.analytics import services

        began_s = time.monotonic()
        run = patiently(lambda: services.queue_run(match, recipe=str(self.recipe)))
        if kill is not None:
            victim, moment_s = kill
            time.sleep(max(0.0, began_s + moment_s - time.monotonic()))
            while not self.kill(victim):
                if self.facts(run)["state"] == "finished":
                    return None, 0.0
                time.sleep(0.02)
            if self.facts(run)["state"] == "finished":
                # It may have ended a moment before: nothing was disturbed.
                self.await_all()
                return None, 0.0
        deadline_s = time.monotonic() + PATIENCE_S
        while self.facts(run)["state"] in {"queued", "running"}:
            if time.monotonic() > deadline_s:
                tell({"stuck": self.facts(run), "log": str(self.places.logs)})
                raise SystemExit(1)
            time.sleep(0.2)
        needed_s = time.monotonic() - began_s
        self.await_all()
        return run, needed_s

    def kill(self, victim: str) -> bool:
        """``kill -9``; False when there is no such process just now."""
        import psutil

        name = {"worker": "worker-gpu", "child": "worker-gpu", "broker": "redis"}.get(
            victim, "postgres"
        )
        with suppress(psutil.Error, ProcessLookupError, KeyError):
            process = psutil.Process(self.pids()[name])
            if victim == "child":
                children = process.children()
                if not children:
                    return False
                process = children[-1]
            os.kill(process.pid, signal.SIGKILL)
            return True
        return False

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

    def new_match(self):
        """A match with the film; nothing of it was worked out before."""
        from tests.factories import make_match, make_video
        from webapp.accounts.models import Team
        from webapp.matches.services import media_path

        def make():
            team = Team.objects.order_by("pk").first()
            match = make_match(team, title=f"Match {time.monotonic_ns()}")
            return make_video(match, size_bytes=self.film.stat().st_size, has_playback=True)

        video = patiently(make)
        target = media_path(video.source_name)
        target.parent.mkdir(parents=True)
        shutil.copy(self.film, target)
        return video.match

    def facts(self, run) -> dict:
        """State and number of claims."""
        from webapp.analytics.models import AnalysisRun

        names = ("state", "attempt", "problem_code")
        return patiently(lambda: AnalysisRun.objects.values(*names).get(pk=run.pk))

    def rows(self, run) -> dict:
        """Everything that a run found, without its keys."""
        from tests.workers.findings import rows_of

        return patiently(lambda: rows_of(run))

    def runs_of_match(self) -> int:
        """The most runs that one match has."""
        from django.db.models import Count

        from webapp.matches.models import Match

        return patiently(
            lambda: max(Match.objects.annotate(n=Count("runs")).values_list("n", flat=True))
        )


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


def tell(facts: dict) -> None:
    """A line for the log."""
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), *(int(text) for text in sys.argv[2:3])))
