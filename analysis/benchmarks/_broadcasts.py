"""Films of simulated broadcasts, and what a shot finder gets to see of them."""

from pathlib import Path
from typing import Any

from analysis.pipeline.on_air import Watch
from analysis.shots.base import Evidence
from analysis.synthetic.broadcasts import Broadcast, broadcast
from analysis.synthetic.records import RATE_HZ
from analysis.video.decode import VideoSource
from analysis.video.encode import FilmWriter
from analysis.video.probe import probe

FILM_PX = (640, 360)


def make_film(folder: Path, seed: int, minutes: float) -> tuple[Path, Broadcast]:
    """(the film's path, its truth): drawn and encoded unless it is there already."""
    film = broadcast(seed, minutes, FILM_PX)
    path = folder / f"broadcast-{seed}-{minutes:g}.mp4"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with FilmWriter(path, FILM_PX, RATE_HZ) as writer:
            for frame in film.match.frames():
                writer.write(frame.image)
    return path, film


def watched(path: Path, finder: Any, rate_hz: float = 2.0) -> Evidence:
    """What a shot finder gets to see of a film when nothing is calibrated."""
    info = probe(path, sha256=path.stem)
    watch = Watch(lambda: finder, info.start_ms)
    for frame in VideoSource(info).frames_at(rate_hz, on_picture=watch.picture):
        watch.wants(frame)
    glances = watch.glances()
    return Evidence(
        glances.picture_ms, glances.changes, glances.sample_ms, glances.looks,
        info.start_ms + info.duration_ms,
    )  # fmt: skip
