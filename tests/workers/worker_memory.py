"""``python -m tests.workers.worker_memory [MATCHES] [MINUTES]``: what analyses leave in a worker's memory.

``MATCHES`` analyses one after the other in one process (a worker as delivered begins a new process for each, so this is
the harder case): resident memory after each. Then the peak of a process that analyses a film of ``MINUTES`` and of one
that analyses a film six times as long; both films are a simulated match shown over and over at a low rate.
"""

import json
import subprocess
import sys
from pathlib import Path

from tests.workers.live import ROOT, House, house, tell

LEAST_RATE_HZ = 0.1
PEAK = """
import json, sys
from pathlib import Path
from analysis.core.artifacts import ArtifactStore
from analysis.core.pitch import PitchSpec
from analysis.pipeline.recipe import load_recipe
from analysis.pipeline.run import run_match
film, recipe, store = map(Path, sys.argv[1:])
(found,) = run_match([film], load_recipe(str(recipe)), ArtifactStore(store), pitch=PitchSpec(), device="cpu",
                     on_event=lambda event: None)
# Not getrusage: what it says of a new program begins with the peak of the one that started it.
peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) / 1024
print(json.dumps({"minutes": round(found.video.duration_ms / 60000), "samples": len(found.calibrations),
                  "positions": len(found.players), "peak_mb": round(peak)}))
"""


def main(n_matches: int = 20, minutes: int = 30) -> int:
    """Measure; 0 when memory grew by no more than a tenth from the third match to the last."""
    with house() as found:
        # The house's own worker would take the runs.
        sizes = matches(found, n_matches)
        growth = sizes[-1] / sizes[min(2, len(sizes) - 1)] - 1
        tell(
            {
                "matches": n_matches,
                "mb": [round(size) for size in sizes],
                "growth": round(growth, 3),
            }
        )
        if minutes:
            long_films(found, minutes)
    return int(growth > 0.1)


def matches(found: House, n_matches: int) -> list[float]:
    """Resident megabytes of this process after each analysis."""
    import psutil

    from webapp import jobs
    from webapp.analytics import services
    from webapp.analytics.models import RunState
    from workers.tasks.analyse import analyse_run

    jobs.enqueue_analysis = lambda run_id: None
    sizes = []
    for _ in range(n_matches):
        run = services.queue_run(found.new_match())
        analyse_run(run.pk)
        if found.facts(run)["state"] != RunState.FINISHED:
            raise SystemExit(f"run {run.pk}: {found.facts(run)}")
        sizes.append(psutil.Process().memory_info().rss / 1024**2)
    return sizes


def long_films(found: House, minutes: int) -> None:
    """Peak memory for a film and for one six times as long."""
    from analysis.pipeline.recipe import load_recipe

    text = found.recipe.read_text().replace("rate_hz = 2.0", f"rate_hz = {LEAST_RATE_HZ}")
    recipe = found.folder / "seldom.toml"
    recipe.write_text(text)
    load_recipe(str(recipe))
    for length in (minutes, 6 * minutes):
        film = found.folder / f"film-{length}.mp4"
        over_and_over(found.film, film, length)
        command = [
            sys.executable,
            "-c",
            PEAK,
            str(film),
            str(recipe),
            str(found.folder / film.stem),
        ]
        done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
        tell(json.loads(done.stdout.splitlines()[-1]))


def over_and_over(source: Path, target: Path, minutes: int) -> None:
    """The pictures of a film again and again, two a second, for so many minutes."""
    from analysis.video.decode import VideoSource
    from analysis.video.encode import FilmWriter
    from analysis.video.probe import probe

    pictures = [frame.image for frame in VideoSource(probe(source)).frames_at(2.0)]
    height, width = pictures[0].shape[:2]
    with FilmWriter(target, (width, height), 2) as film:
        for i in range(120 * minutes):
            film.write(pictures[i % len(pictures)], 500 * i)


if __name__ == "__main__":
    sys.exit(main(*(int(text) for text in sys.argv[1:3])))
