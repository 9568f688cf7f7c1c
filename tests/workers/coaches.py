"""``python -m tests.workers.coaches [SECONDS] [COACHES]``: many people in one match room at once.

A 45-minute half with everybody in view and 1,500 events is stored in an installation of its own (two web processes of
eight threads). Each coach opens the room, then asks on and on, one question after the other with a pause for looking:
mostly the radar's next minute, sometimes the timeline's events, how far things are, and ``/healthz``, which is a bare
Django view with nothing but the site's middleware. Percentiles are told as milliseconds and as a ratio to that view
under the same load.
"""

import http.client
import random
import sys
import threading
import time
from collections import defaultdict
from urllib.parse import urlencode, urlsplit

from tests.workers.live import House, house, signed_in, tell

MINUTES, N_EVENTS, MINUTE_MS = 45, 1500, 60_000
MIX = (("radar", 6), ("timeline", 2), ("standing", 1), ("progress", 1), ("bare", 2))


def main(seconds: int = 300, n_coaches: int = 50) -> int:
    """Let them all in; 0 when nobody was refused or met an error."""
    with house(SWEEP_EVERY_S="15") as found:
        match_id, video_id = half(found)
        cookies = [signed_in(found, email) for email in people(found, n_coaches)]
        took: dict[str, list[float]] = defaultdict(list)
        bad: list[str] = []
        ends_s = time.monotonic() + seconds
        coaches = [
            threading.Thread(target=coach, args=(found, match_id, video_id, each, n, ends_s, took, bad))
            for n, each in enumerate(cookies)
        ]  # fmt: skip
        for thread in coaches:
            thread.start()
        for thread in coaches:
            thread.join()
        report(took, bad, seconds)
        return int(bool(bad))


def half(found: House) -> tuple[int, int]:
    """Numbers of the match and its video."""
    from django.db import connection

    from tests.factories import make_match, make_video
    from webapp.analytics import ingest, services
    from webapp.analytics.management.commands import benchmark_ingest, benchmark_room
    from webapp.analytics.models import AnalysisRun

    match = make_match(found.team(), title="Busy")
    video = make_video(match, duration_ms=MINUTES * MINUTE_MS)
    run = AnalysisRun.objects.create(match=match)
    lease = services.claim(run.pk)
    ingest.store(run.pk, lease, [(video.pk, benchmark_ingest.make_match(MINUTES, n_people=22))])
    benchmark_room._add_events(run, video, MINUTES, N_EVENTS)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return match.pk, video.pk


def people(found: House, n_coaches: int) -> list[str]:
    """Addresses of new coaches of the team."""
    from webapp.accounts.models import Membership, User

    team = found.team()
    emails = [f"coach{n}@example.org" for n in range(n_coaches)]
    for email in emails:
        Membership.objects.create(team=team, user=User.objects.create_user(email), role="coach")
    return emails


def coach(found, match_id, video_id, cookies, n, ends_s, took, bad) -> None:
    """One coach at work until the time is over."""
    chance = random.Random(n)
    header = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
    netloc = urlsplit(found.address).netloc

    def path_of(what: str) -> str:
        minute = chance.randrange(MINUTES - 1) * MINUTE_MS
        window = urlencode({"video": video_id, "from": minute, "to": minute + MINUTE_MS})
        return {
            "room": f"/matches/{match_id}/",
            "radar": f"/matches/{match_id}/positions?{window}",
            "timeline": f"/api/v1/matches/{match_id}/events",
            "standing": f"/matches/{match_id}/review",
            "progress": f"/matches/{match_id}/progress",
            "bare": "/healthz",
        }[what]

    names, weights = zip(*MIX, strict=True)
    time.sleep(chance.uniform(0, 3))
    what = "room"
    while time.monotonic() < ends_s:
        began_s = time.perf_counter()
        try:
            link = http.client.HTTPConnection(netloc, timeout=60)
            link.request("GET", path_of(what), headers=header)
            answer = link.getresponse()
            answer.read()
            link.close()
            if answer.status != 200:
                bad.append(f"{what}: {answer.status}")
        except OSError as error:
            bad.append(f"{what}: {type(error).__name__}")
        took[what].append(time.perf_counter() - began_s)
        what = chance.choices(names, weights)[0]
        time.sleep(chance.uniform(0.5, 3.5))


def report(took: dict[str, list[float]], bad: list[str], seconds: int) -> None:
    """Percentiles, ratios, errors."""

    def at(values: list[float], share: float) -> float:
        return sorted(values)[min(len(values) - 1, int(share * len(values)))]

    bare = at(took["bare"], 0.95)
    n_all = sum(len(values) for values in took.values())
    tell(
        {
            "questions": n_all,
            "a_second": round(n_all / seconds, 1),
            "errors": len(bad),
            "which": bad[:5],
        }
    )
    for what, values in took.items():
        p95 = at(values, 0.95)
        tell({"what": what, "n": len(values), "median_ms": round(1000 * at(values, 0.5)),
              "p95_ms": round(1000 * p95), "p95_over_bare": round(p95 / bare, 2)})  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(*(int(text) for text in sys.argv[1:3])))
