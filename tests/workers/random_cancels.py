"""``python -m tests.workers.random_cancels N [SEED]``: how long a stop takes, and what it leaves.

Analyses on an installation of their own are cancelled at random moments. Told are the seconds from asking until the run
says so (``LEASE_S`` as delivered), and what is left: rows of findings, half-made files, a worker still at it.
"""

import random
import sys
import time

from tests.workers.live import House, house, patiently, tell


def main(n_runs: int, seed: int = 1) -> int:
    """Cancel them all; 0 when each stopped within ten seconds and left nothing."""
    with house(LEASE_S="60", ANALYSIS_SEGMENT_S="2") as found:
        chance, took_s, left = random.Random(seed), [], []
        began_s = time.monotonic()
        first = found.queue(found.new_match())
        found.await_end(first)
        whole_s = time.monotonic() - began_s
        while len(took_s) < n_runs:
            waited_s = one(found, chance.uniform(0, whole_s), left)
            if waited_s is not None:
                took_s.append(round(waited_s, 2))
        took_s.sort()
        tell(
            {
                "cancelled": len(took_s),
                "median_s": took_s[len(took_s) // 2],
                "most_s": took_s[-1],
                "left": left,
            }
        )
        return int(bool(left) or took_s[-1] > 10)  # fmt: skip


def one(found: House, moment_s: float, left: list[str]) -> float | None:
    """Seconds until a run had stopped; None when it was quicker than we were."""
    from webapp.analytics import services

    run = found.queue(found.new_match())
    time.sleep(moment_s)
    began_s = time.monotonic()
    patiently(lambda: services.cancel_run(run))
    if run.state == "finished":
        return None
    while (state := found.facts(run)["state"]) == "running":
        time.sleep(0.02)
    if state == "finished":
        return None
    waited_s = time.monotonic() - began_s
    left += [f"{len(rows)} {word}" for word, rows in found.rows(run).items() if rows]
    time.sleep(0.5)
    left += [path.name for path in found.places.data.rglob(".part*")]
    return waited_s


if __name__ == "__main__":
    sys.exit(main(*(int(text) for text in sys.argv[1:3])))
