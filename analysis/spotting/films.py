"""Films with their events, as ``simulate`` writes them, for spotters that learn from pixels and sound.

A folder holds one folder a film: ``match.mp4``, ``events.csv``, and ``NAME.npy`` where features were extracted before.
Films of one half only; a longer one is refused.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

import numpy as np

from analysis.core.pitch import STANDARD_PITCH
from analysis.core.records import CalibrationTrack, PlayersTrack, Stream, VideoInfo
from analysis.datasets.labelled_videos import films_in
from analysis.datasets.soccernet_features import read_features
from analysis.representations.base import HalfView
from analysis.spotting.inputs import inputs_of
from analysis.spotting.learned import LabelledHalf, Shape
from analysis.video.decode import VideoSource
from analysis.video.probe import probe
from analysis.video.reel import sound_of

PICTURES = "image_features"
RATE_HZ = 2.0
Build = Callable[[str, HalfView, Mapping[str, Mapping[str, object]]], Stream]


def read_films(
    folder: Path,
    wanted: Shape,
    settings: Mapping[str, Mapping[str, object]],
    build: Build,
    features: str = "",
) -> Iterator[LabelledHalf]:
    """The films of a folder as labelled halves.

    Args:
        folder: of folders.
        wanted: which streams.
        settings: representation -> its settings.
        build: makes a representation's stream by its name.
        features: name of the files that take the place of ``image_features``; empty to extract these here.

    Raises:
        InputProblem: a film without events, or streams that films cannot feed.
    """
    for film in films_in(folder):
        info = probe(film.path)
        clock = _clock(info)
        view = HalfView(
            clock, PlayersTrack.empty(), STANDARD_PITCH, 1.0, VideoSource(info).frames_at, partial(sound_of, info)
        )  # fmt: skip
        streams: dict[str, Stream] = {"calibrations": clock}
        for name in {*wanted.features, *filter(None, [wanted.branch_stream])}:
            is_stored = bool(features) and name == PICTURES
            streams[name] = (
                read_features(film.path.parent / f"{features}.npy", RATE_HZ)
                if is_stored
                else build(name, view, settings)
            )
        inputs = inputs_of(streams, wanted.features, wanted.branch_stream)
        start_ms = int(inputs.times_ms[0]) if len(inputs) else 0
        rows = [
            np.minimum(((own - start_ms) / 1000 * inputs.rate_hz).astype(np.int64), len(inputs) - 1)
            for own in film.event_ms
        ]
        yield LabelledHalf(film.name, inputs, rows, film.event_ms, film.event_shown)


def _clock(info: VideoInfo) -> CalibrationTrack:
    """The film's samples, nothing calibrated."""
    frames = [(frame.time_ms, frame.index) for frame in VideoSource(info).frames_at(RATE_HZ)]
    times_ms, indices = np.array(frames, np.int64).reshape(-1, 2).T
    n_samples = len(frames)
    nowhere = np.full((n_samples, 3, 3), np.nan)
    refused = np.full(n_samples, "refused")
    size = (info.width_px, info.height_px)
    return CalibrationTrack(times_ms, indices, nowhere, np.zeros(n_samples), refused, size, "none")
