"""``python -m tests.workers.segment_speed [SECONDS] [SEGMENT_S]``: one match on 1, 2 and 4 workers.

Two figures, since a busy machine with few cores cannot show the second one on its clock:

* by the clock: the whole analysis on an installation of its own with so many workers, from the queue to the rows;
* by processor seconds: every segment and the join measured alone, then handed to 1, 2 and 4 workers in order, as they
  become free. What the join cannot share is told as its part of all the work.

The rows of all of them must be the same.
"""

import contextlib
import os
import subprocess
import sys
import time

from tests.workers.live import ROOT, House, house, tell

WORKERS = (1, 2, 4)


def main(film_s: int = 40, segment_s: int = 5) -> int:
    """Measure; 0 when all rows are the same."""
    with house(film_minutes=film_s / 60, ANALYSIS_SEGMENT_S=str(segment_s)) as found:
        seen_s, join_s = alone(found, segment_s)
        whole_s = sum(seen_s) + join_s
        for n in WORKERS:
            took_s = handed_out(seen_s, n) + join_s
            tell({"workers": n, "by": "processor seconds", "segments": len(seen_s), "seconds": round(took_s, 1),
                  "speed_up": round(whole_s / took_s, 2), "share_of_join": round(join_s / took_s, 3)})  # fmt: skip
        rows, first_s = None, 0.0
        for n in WORKERS:
            with more_workers(found, n - 1):
                run = found.queue(found.new_match())
                began_s = time.monotonic()
                found.await_end(run)
                took_s = time.monotonic() - began_s
            facts, here = found.facts(run), found.rows(run)
            rows, first_s = rows or here, first_s or took_s
            tell({"workers": n, "by": "the clock", "seconds": round(took_s, 1), "speed_up": round(first_s / took_s, 2),
                  "same_rows": here == rows, "load": round(os.getloadavg()[0], 1), **facts})  # fmt: skip
            if here != rows or facts["state"] != "finished":
                return 1
    return 0


def alone(found: House, segment_s: int) -> tuple[list[float], float]:
    """Processor seconds of every segment, and of the join with its rows left out."""
    from analysis.core.artifacts import ArtifactStore
    from analysis.core.pitch import PitchSpec
    from analysis.pipeline.recipe import load_recipe
    from analysis.pipeline.run import run_match
    from analysis.pipeline.segments import see_segment, segments_of

    recipe, store = load_recipe(str(found.recipe)), ArtifactStore(found.folder / "alone")
    chunk_ms = 1000 * segment_s
    cut = segments_of([found.film], recipe, store, on_event=lambda e: None, chunk_ms=chunk_ms)
    options = {
        "pitch": PitchSpec(),
        "device": "cpu",
        "on_event": lambda e: None,
        "chunk_ms": chunk_ms,
    }
    # Loading libraries happens once in a worker and is not a segment's.
    see_segment(found.film, 0, recipe, ArtifactStore(found.folder / "warm"), **options)
    seen_s = []
    for segment in cut:
        began_s = time.process_time()
        see_segment(found.film, segment.number, recipe, store, **options)
        seen_s.append(time.process_time() - began_s)
    began_s = time.process_time()
    run_match([found.film], recipe, store, **options)
    return seen_s, time.process_time() - began_s


def handed_out(seen_s: list[float], n_workers: int) -> float:
    """When the last of the workers is done, each taking the next segment as soon as it is free."""
    busy_s = [0.0] * n_workers
    for took_s in seen_s:
        first = busy_s.index(min(busy_s))
        busy_s[first] += took_s
    return max(busy_s)


@contextlib.contextmanager
def more_workers(found: House, n: int):
    """So many workers beside the house's own."""
    command = [sys.executable, "-m", "celery", "-A", "workers.app", "worker", "-Q", "gpu"]
    command += ["--pool", "prefork", "--concurrency", "1", "--without-gossip", "--without-mingle"]
    with contextlib.ExitStack() as stack:
        log = stack.enter_context((found.places.logs / "more.log").open("ab"))
        for i in range(n):
            name = ["-n", f"more{i}@%h"]
            process = subprocess.Popen([*command, *name], cwd=ROOT, stdout=log, stderr=log)
            stack.callback(process.wait)
            stack.callback(process.terminate)
        from webapp.celery import app

        # Those of both queues of the house answer as well.
        while len(app.control.ping(timeout=2.0)) < n + 2:
            time.sleep(0.5)
        yield


if __name__ == "__main__":
    sys.exit(main(*(int(text) for text in sys.argv[1:3])))
