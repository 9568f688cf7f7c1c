"""``python -m tests.workers.random_kills N [SEED]``: analyses under ``kill -9``, on an installation of their own.

Analyses one short simulated match undisturbed, then ``N`` more, each with one kill at a random moment: of the worker,
of its child at work, of the broker, or of PostgreSQL. Nothing is done about the kill: the house has to mend itself.
Every run must finish, once, with the rows of the undisturbed one. Prints a JSON line for each and a summary; the exit
status says whether all held.
"""

import os
import random
import signal
import sys
import time
from collections import Counter
from contextlib import suppress

from tests.workers.live import House, house, patiently, tell

VICTIMS = ("worker", "child", "broker", "database")
NAMES = {"worker": "worker-gpu", "child": "worker-gpu", "broker": "redis", "database": "postgres"}


def main(n_runs: int, seed: int = 1) -> int:
    """Run them all; 0 when every one held."""
    # Three segments, so that the cutting and the joining are disturbed as well.
    with house(ANALYSIS_SEGMENT_S="2") as found:
        return trial(found, random.Random(seed), n_runs)


def trial(found: House, chance: random.Random, n_runs: int) -> int:
    """An undisturbed run, then the disturbed ones."""
    began_s = time.monotonic()
    first = found.queue(found.new_match())
    found.await_end(first)
    took_s = time.monotonic() - began_s
    truth = found.rows(first)
    assert truth["positions"] and truth["calibrations"], "the undisturbed run found nothing"
    tell({"undisturbed_s": round(took_s, 1), **{name: len(v) for name, v in truth.items()}})
    outcomes: Counter[str] = Counter()
    claims: Counter[str] = Counter()
    while (n := sum(outcomes.values())) < n_runs:
        victim, moment_s = VICTIMS[n % len(VICTIMS)], chance.uniform(0, took_s)
        run, ended_s = disturbed(found, victim, moment_s)
        if run is None:
            # Not met. The machine may have become quicker since the first run.
            took_s = ended_s
            continue
        facts = found.facts(run)
        is_same = facts["state"] == "finished" and found.rows(run) == truth
        outcomes[f"{victim}: {'same rows' if is_same else 'DIFFERENT'}"] += 1
        claims[f"{victim}: {facts['attempt']}"] += 1
        tell({"n": n + 1, "victim": victim, "at_s": round(moment_s, 2), "same": is_same, **facts})
    most = most_runs_of_a_match()
    words = {"outcomes": dict(sorted(outcomes.items())), "claims": dict(sorted(claims.items()))}
    tell({**words, "most_runs_of_a_match": most})
    return int(most != 1 or any(word.endswith("DIFFERENT") for word in outcomes))


def disturbed(found: House, victim: str, moment_s: float):
    """(run, seconds): a run that a kill met, at its end; None when it had ended before, and when that was."""
    began_s = time.monotonic()
    run = found.queue(found.new_match())
    is_killed = False
    while not is_killed and found.facts(run)["state"] != "finished":
        time.sleep(0.02)
        is_killed = time.monotonic() - began_s >= moment_s and kill(found, victim)
    # It may have ended a moment before: then nothing was disturbed.
    is_met = is_killed and found.facts(run)["state"] != "finished"
    ended_s = time.monotonic() - began_s
    found.await_end(run)
    found.await_all()
    return run if is_met else None, ended_s


def kill(found: House, victim: str) -> bool:
    """``kill -9``; False when there is no such process just now."""
    import psutil

    with suppress(psutil.Error, ProcessLookupError, KeyError):
        process = psutil.Process(found.pids()[NAMES[victim]])
        if victim == "child":
            children = process.children()
            if not children:
                return False
            process = children[-1]
        os.kill(process.pid, signal.SIGKILL)
        return True
    return False


def most_runs_of_a_match() -> int:
    """The most runs that one match has."""
    from django.db.models import Count

    from webapp.matches.models import Match

    counted = Match.objects.annotate(n=Count("runs"))
    return patiently(lambda: max(counted.values_list("n", flat=True)))


if __name__ == "__main__":
    sys.exit(main(*(int(text) for text in sys.argv[1:3])))
