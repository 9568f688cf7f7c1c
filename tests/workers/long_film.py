"""``python -m tests.workers.long_film [MINUTES ...]``: what films of 30 minutes and of three hours take of memory.

A simulated match of twenty seconds is shown over and over (``-c copy``). For each length, in a process of its own each
time: what is made of an upload for the browser; the times of its pictures; looking at its last whole segment with the
default recipe, as a worker that helps; and the run as its owner works on it, from the claim over its first segment and
the join to the rows. Since every segment of such a film shows the same, the others are filled with that one's results
at their own times: as many positions and artifacts as a film of that length has, without looking at hours of pictures.
"""

import json
import subprocess
import sys
import time
from dataclasses import fields
from pathlib import Path

from tests.workers.live import ROOT, House, house, tell

SEGMENT_MS = 20_000


def main(*minutes: int) -> int:
    """Measure all lengths; 0 when the longest took at most a tenth more than the shortest, part by part."""
    peaks: dict[str, list[float]] = {}
    with house(
        film_minutes=SEGMENT_MS / 60_000, ANALYSIS_SEGMENT_S=str(SEGMENT_MS // 1000)
    ) as found:
        for length in minutes or (30, 180):
            film, small = (found.folder / f"{word}-{length}.mp4" for word in ("film", "small"))
            over_and_over(found.film, film, length)
            # Making a copy for the browser holds few pictures at a time, and small and seldom ones cost less.
            over_and_over(shrunk(found.film), small, length)
            for part, watched in (
                ("make", small),
                ("times", film),
                ("look", film),
                ("analyse", film),
            ):
                facts = measured(found, watched, part)
                tell({"minutes": length, "film_mb": round(watched.stat().st_size / 1e6), **facts})
                peaks.setdefault(part, []).append(facts["peak_mb"])
    return int(any(sizes[-1] > 1.1 * sizes[0] for sizes in peaks.values()))


def over_and_over(source: Path, target: Path, minutes: int) -> None:
    """The film again and again, nothing encoded anew."""
    import imageio_ffmpeg

    command = [
        imageio_ffmpeg.get_ffmpeg_exe(),
        "-v",
        "error",
        "-stream_loop",
        "-1",
        "-i",
        str(source),
    ]
    command += ["-t", str(60 * minutes), "-c", "copy", "-movflags", "+faststart", str(target)]
    subprocess.run(command, check=True)


def shrunk(film: Path) -> Path:
    """The film in small, five pictures a second."""
    import imageio_ffmpeg

    target = film.with_name("small.mp4")
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-i", str(film)]
    command += ["-vf", "scale=320:180,fps=5", "-preset", "veryfast", str(target)]
    subprocess.run(command, check=True)
    return target


def measured(found: House, film: Path, part: str) -> dict:
    """What a part said of itself from a process of its own."""
    command = [sys.executable, "-m", "tests.workers.long_film", part, str(film), str(found.folder)]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def part_of(part: str, film: Path, folder: Path) -> dict:
    """Do one part in this process and say what it took."""
    import resource

    more = {"make": make, "times": times, "look": look, "analyse": analyse}[part](film, folder)
    # Not getrusage: what it says of a new program begins with the peak of the one that started it.
    lines = Path("/proc/self/status").read_text().splitlines()
    peak = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = time.process_time() + children.ru_utime + children.ru_stime
    sizes = {"peak_mb": round(peak), "child_mb": round(children.ru_maxrss / 1024)}
    return {"part": part, **sizes, "cpu_s": round(cpu_s), **more}


def make(film: Path, folder: Path) -> dict:
    """What ``workers.tasks.media`` makes of an upload: picture, copy for the browser, small pictures, HLS."""
    from analysis.video import companions, encode, streaming
    from analysis.video.probe import probe

    place = folder / f"made-{film.stem}"
    place.mkdir()
    found = probe(film)
    encode.poster(found, place / "poster.jpg")
    encode.playable_copy(found, place / "play.mp4")
    copy = probe(place / "play.mp4")
    board = companions.make_storyboard(copy, place / "sheets")
    streaming.make_stream(copy, place / "stream")
    return {"sheets": board.n_sheets}


def times(film: Path, folder: Path) -> dict:
    """The check of an upload, and the time of every picture; nothing is decoded."""
    from analysis.video import companions
    from analysis.video.probe import probe

    found = companions.frame_times_ms(probe(film))
    companions.write_frame_times(found, folder / f"{film.stem}.bin")
    return {"pictures": len(found)}


def look(film: Path, folder: Path) -> dict:
    """The last segment, as a worker that helps; the others are filled with what it found, at their times."""
    from analysis.core.artifacts import ArtifactStore
    from analysis.core.pitch import PitchSpec
    from analysis.pipeline.recipe import load_recipe
    from analysis.pipeline.seeing import chunks_to_see
    from analysis.pipeline.segments import see_segment, segments_of
    from analysis.pipeline.tools import Progress, probed, tools_for

    recipe, store = load_recipe("default"), ArtifactStore(folder / film.stem)
    cut = segments_of([film], recipe, store, on_event=print_nothing, chunk_ms=SEGMENT_MS)
    options = {"pitch": PitchSpec(), "device": "cpu", "chunk_ms": SEGMENT_MS}
    # The very last one may be a single picture.
    last = max(0, len(cut) - 2)
    see_segment(film, last, recipe, store, on_event=print_nothing, **options)
    progress = Progress(print_nothing)
    tools = tools_for(recipe, store, PitchSpec(), "cpu", progress, SEGMENT_MS)
    (info,) = probed([film], store, progress)
    chunks = chunks_to_see(
        info, tools.calibrate, tools.locate, tools.kitchen, tools.looking_at(info)[1]
    )
    # The first one is left for the worker that will own the run: it looks and joins in one process.
    for number, chunk in enumerate(chunks[1:], start=1):
        for key in ("calibrate_key", "locate_key"):
            arrays, plain = store.load(getattr(chunks[last], key))
            moved = later(arrays, (number - last) * SEGMENT_MS, info.fps)
            store.save(getattr(chunk, key), moved, plain)
    return {"segments": len(cut)}


def later(arrays: dict, by_ms: int, fps: float) -> dict:
    """A segment's results at another time of the film."""
    moved = {name: values + by_ms for name, values in arrays.items() if name.endswith("times_ms")}
    if "frame_indices" in arrays:
        moved["frame_indices"] = arrays["frame_indices"] + round(by_ms * fps / 1000)
    return {**arrays, **moved}


def analyse(film: Path, folder: Path) -> dict:
    """A run as its owner works on it: claimed, one segment looked at, all joined, rows stored."""
    import shutil

    import django

    django.setup()
    from analysis.video.probe import probe
    from tests.factories import make_match, make_video
    from webapp import jobs
    from webapp.accounts.models import Team
    from webapp.analytics import services
    from webapp.analytics.models import AnalysisRun, PlayerPosition
    from webapp.lib import stored
    from webapp.matches.services import artifact_folder
    from workers.tasks.analyse import analyse_run

    jobs.enqueue_analysis = jobs.enqueue_segment = lambda pk: None
    info = probe(film)
    names = [entry.name for entry in fields(info) if entry.name in ("duration_ms", "fps", "sha256")]
    match = make_match(Team.objects.order_by("pk").first())
    video = make_video(
        match, size_bytes=info.size_bytes, has_playback=True, **{n: getattr(info, n) for n in names}
    )
    target = stored.media().root / video.source_name
    target.parent.mkdir(parents=True)
    target.hardlink_to(film)
    shutil.copytree(folder / film.stem, artifact_folder(match.pk))
    run = services.queue_run(match)
    analyse_run(run.pk)
    run = AnalysisRun.objects.get(pk=run.pk)
    if run.state != "finished":
        raise SystemExit(f"{run.state}: {run.problem_sentence}")
    rows = PlayerPosition.objects.filter(match_id=match.pk, run_id=run.pk).count()
    size = sum(p.stat().st_size for p in artifact_folder(match.pk).rglob("*") if p.is_file())
    return {"positions": rows, "events": run.actions.count(), "artifacts_mb": round(size / 1e6)}


def print_nothing(event: object) -> None:
    """Nobody looks at the progress."""


if __name__ == "__main__":
    if sys.argv[1:2] and not sys.argv[1].isdigit():
        tell(part_of(sys.argv[1], *map(Path, sys.argv[2:4])))
        sys.exit(0)
    sys.exit(main(*map(int, sys.argv[1:])))
