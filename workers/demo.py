"""``python -m workers.demo``: the first account, a sample match, and the way in. Harmless when repeated.

The sample is simulated and rendered here, then registered as an upload would be, so that the real worker checks it and
the real pipeline analyses it. It is made once: a club that deletes it does not get it back.
"""

import os
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import django
from django.conf import settings
from django.db import transaction

import webapp.celery  # noqa: F401  names the settings

if TYPE_CHECKING:
    from webapp.accounts.models import Membership
    from webapp.analytics.models import AnalysisRun

OWNER_EMAIL = "coach@example.org"
SEED, MINUTES, SIZE = "7", "1.5", "1280x720"
LOOK_EVERY_S = 0.5
PATIENCE_S = 1800.0


def main() -> int:
    """Make what is missing; the exit status."""
    django.setup()
    from webapp.accounts.models import Membership, Role, User
    from webapp.accounts.services import first_account, make_sign_in_link

    place = Membership.objects.filter(role=Role.OWNER).order_by("id").first()
    if place is None or not User.objects.exists():
        first_account(os.environ.get("OWNER_EMAIL", OWNER_EMAIL), "My team")
        place = Membership.objects.filter(role=Role.OWNER).earliest("id")
    status = 0
    if os.environ.get("SAMPLE", "1") != "0":
        made = settings.DATA_DIR / "sample_made"
        if not made.exists():
            _make_sample(place)
            made.touch()
        status = _follow_sample()
    address = settings.SITE_URL.rstrip("/") + make_sign_in_link(place.user)
    _say(f"\nSign in once as {place.user.email} with:\n  {address}")
    return status


def _make_sample(place: "Membership") -> None:
    from webapp import jobs
    from webapp.lib import stored
    from webapp.matches.models import Match, Video

    media = Path(settings.MEDIA_ROOT)
    media.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".sample-", dir=media) as folder:
        film = _simulated(Path(folder))
        size_bytes = film.stat().st_size
        with transaction.atomic():
            match = Match.objects.create(
                team=place.team,
                title="Sample match (simulated)",
                home_name="Rovers",
                away_name="United",
                is_sample=True,
            )
            video = Video(
                uuid=uuid.uuid4(), match=match, original_name="sample.mp4", size_bytes=size_bytes
            )
            stored.media().put(film, video.source_name)
            video.save()
            jobs.enqueue_check(video.pk)


def _simulated(folder: Path) -> Path:
    began_s = time.monotonic()
    command = [sys.executable, "-m", "analysis", "simulate", "--out", str(folder / "match")]
    command += ["--minutes", MINUTES, "--seed", SEED, "--size", SIZE]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise SystemExit(done.returncode)
    _say_step("sample match simulated and rendered", time.monotonic() - began_s)
    return folder / "match" / "match.mp4"


def _follow_sample() -> int:
    """Show how far the sample's analysis is, until it ends."""
    from webapp.analytics.models import ACTIVE_STATES, AnalysisRun, RunState
    from webapp.matches.models import Match, VideoState

    match = Match.objects.filter(is_sample=True).order_by("id").first()
    if match is None:
        return 0
    began_s = time.monotonic()
    told: set[str] = set()
    while time.monotonic() - began_s < PATIENCE_S:
        refused = match.videos.filter(state=VideoState.REFUSED).first()
        if refused is not None:
            return _complain(refused.problem_sentence)
        run = AnalysisRun.objects.filter(match=match).first()
        is_over = run is not None and run.state not in ACTIVE_STATES
        if is_over and not told:
            return 0
        if run is not None:
            _tell_stages(run, told)
        if run is not None and run.state in (RunState.FAILED, RunState.CANCELLED):
            return _complain(run.problem_sentence or "The sample's analysis was cancelled.")
        if is_over:
            _say_step("sample match analysed", time.monotonic() - began_s)
            return 0
        told.add("")
        time.sleep(LOOK_EVERY_S)
    return _complain("The sample's analysis takes too long; the workers' logs tell why.")


def _tell_stages(run: "AnalysisRun", told: set[str]) -> None:
    for stage in run.stages.exclude(stage__in=told).order_by("id"):
        if stage.finished_at is not None:
            told.add(stage.stage)
            took = stage.finished_at - stage.started_at
            _say_step(f"  {stage.stage}", took.total_seconds())


def _say_step(words: str, took_s: float) -> None:
    _say(f"  {words:<48}{took_s:6.1f} s")


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def _complain(sentence: str) -> int:
    sys.stderr.write(sentence + "\n")
    return 1


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(main())
