"""Positions on the pitch over time: simulated broadcasts, calibrated at two samples a second as the pipeline does.

Truth are the simulator's cameras. A foot point is where the true camera shows a player of the match; its error is the
distance in metres between where the player stands and where the found camera puts that pixel.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.motion import MotionMeter
from analysis.core.homography import ground_from_image, normalised, project
from analysis.core.records import Calibration, CalibrationTrack, Frame
from analysis.core.registry import CALIBRATORS
from analysis.pipeline.recipe import load_recipe
from analysis.pipeline.seeing import calibrated, settled
from analysis.synthetic.match import SyntheticMatch, simulate_match

FloatArray = NDArray[np.float64]
SEEDS = (9001, 9002, 9003)
MINUTES = 1.0
SIZE_PX = (1280, 720)
FRAME_STEP = 12
#: A standing player is judged over so many samples in a row.
WINDOW = 5


@dataclass(frozen=True)
class Filmed:
    """One simulated broadcast, calibrated.

    Args:
        match: the truth.
        track: raw calibrations, a sample a frame of the film.
        motions: (T, 3, 3) of the picture, as ``MotionMeter`` saw them.
    """

    match: SyntheticMatch
    track: CalibrationTrack
    motions: FloatArray

    def truth(self, sample: int) -> FloatArray | None:
        """(3, 3) true view of a sample, None where the main camera is not on air."""
        moment = int(self.track.frame_indices[sample]) * self.match.frame_step
        if not self.match.shows_main_camera[moment]:
            return None
        return np.asarray(self.match.path.image_from_pitch(slice(moment, moment + 1))[0])

    def players_m(self, sample: int) -> FloatArray:
        """(N, 2) where the people of the match stand."""
        moment = int(self.track.frame_indices[sample]) * self.match.frame_step
        return np.asarray(self.match.play.person_xy_m[moment], dtype=np.float64)

    def shot_of(self, sample: int) -> int:
        """Number of the shot a sample is in."""
        moment = int(self.track.frame_indices[sample]) * self.match.frame_step
        return next(
            i for i, shot in enumerate(self.match.shots) if shot.start <= moment < shot.stop
        )


def measure(data: Path) -> str:
    """The page; real material is not used."""
    return page([filmed(seed) for seed in SEEDS])


def page(films: Sequence["Filmed"]) -> str:
    """A row for the raw calibrations and one for those the pipeline makes of them."""
    rows = []
    for name, tracks in (
        ("each sample for itself", [film.track for film in films]),
        ("as the pipeline settles them", [settled(film.track, film.motions) for film in films]),
    ):
        parts = [figures(film, track) for film, track in zip(films, tracks, strict=True)]
        rows.append(_row(name, parts))
    return "\n".join([_WORDS, "", _HEADER, *rows])


_WORDS = f"""The default recipe's calibrator on simulated matches of {MINUTES:g} minute (seeds {SEEDS[0]} to
{SEEDS[-1]}, 1280 x 720, {25 / FRAME_STEP:.2f} samples a second), main camera on air, states other than refused.
"Jitter" is the root mean square distance of a fixed place on the ground from its mean over {WINDOW} samples in a row;
"jump" the largest movement of a fixed pixel's ground between neighbouring samples beyond the true one, both ok."""
_HEADER = """| calibrations | answered | foot points, median m | 95 % m | jitter, rms m | jumps over 2 m |
|---|---|---|---|---|---|"""


def _row(name: str, parts: Sequence["Figures"]) -> str:
    errors = np.concatenate([part.errors_m for part in parts])
    jitter = np.concatenate([part.jitter_m for part in parts])
    answered = sum(part.n_answered for part in parts) / max(1, sum(part.n_shown for part in parts))
    median, high = np.percentile(errors, [50, 95])
    rms = float(np.sqrt((jitter**2).mean()))
    jumps = sum(part.n_jumps for part in parts)
    return f"| {name} | {answered:.3f} | {median:.2f} | {high:.2f} | {rms:.3f} | {jumps} |"


def filmed(seed: int, minutes: float = MINUTES) -> Filmed:
    """Simulate, render and calibrate one match by the default recipe's method."""
    match = replace(simulate_match(seed, minutes, SIZE_PX), frame_step=FRAME_STEP)
    recipe = load_recipe("default")
    module = CALIBRATORS.load(recipe.calibrate.method)
    calibrator = module.build(module.Settings(**recipe.calibrate.settings), "cpu")
    meter, motions = MotionMeter(), list[FloatArray]()

    def watched() -> Iterator[Frame]:
        for frame in match.frames():
            motions.append(meter.step(frame.image))
            yield frame

    answers = [
        (frame.time_ms, frame.index, calibration)
        for frame, calibration in calibrated(watched(), calibrator, match.pitch)
    ]
    return Filmed(match, _track(answers), np.array(motions).reshape(-1, 3, 3))


def _track(answers: Sequence[tuple[int, int, Calibration | None]]) -> CalibrationTrack:
    views = [answer for _, _, answer in answers]
    return CalibrationTrack(
        times_ms=np.array([time for time, _, _ in answers], np.int64),
        frame_indices=np.array([index for _, index, _ in answers], np.int64),
        image_from_pitch=np.stack(
            [np.full((3, 3), np.nan) if view is None else view.image_from_pitch for view in views]
        ),
        confidence=np.array([0.0 if view is None else view.confidence for view in views]),
        status=np.array(["refused" if view is None else view.status for view in views]),
        image_size_px=SIZE_PX,
        method="benchmark",
    )


@dataclass(frozen=True)
class Figures:
    """What one film came to: errors of foot points and jitters in metres, and counts of samples and jumps."""

    errors_m: FloatArray
    jitter_m: FloatArray
    n_shown: int
    n_answered: int
    n_jumps: int


def figures(film: Filmed, track: CalibrationTrack) -> Figures:
    """Errors, jitter and jumps of a track against the truth of its film."""
    truths = [film.truth(i) for i in range(len(track))]
    usable = track.usable(0.0)
    errors = []
    for i, truth in enumerate(truths):
        if truth is None or not usable[i]:
            continue
        stand_m = film.players_m(i)
        feet_px = project(truth, stand_m)
        inside = ((feet_px >= 0) & (feet_px < SIZE_PX)).all(axis=1)
        found = ground_from_image(track.image_from_pitch[i], feet_px[inside], SIZE_PX)
        errors.append(np.linalg.norm(found - stand_m[inside], axis=1))
    together = np.concatenate(errors) if errors else np.zeros(0)
    return Figures(
        np.where(np.isfinite(together), together, 100.0),
        _jitters(film, track, truths, usable),
        sum(truth is not None for truth in truths),
        sum(truth is not None and bool(usable[i]) for i, truth in enumerate(truths)),
        _n_jumps(film, track, truths),
    )


def _jitters(
    film: Filmed,
    track: CalibrationTrack,
    truths: Sequence[FloatArray | None],
    usable: NDArray[np.bool_],
) -> FloatArray:
    """Distances of fixed places from their mean over every window of samples in one shot."""
    grid = np.stack(np.meshgrid(np.arange(-48, 49, 8.0), np.arange(-32, 33, 8.0)), -1)
    places = grid.reshape(-1, 2)
    shots = np.array([film.shot_of(i) for i in range(len(track))])
    found = np.full((len(track), len(places), 2), np.nan)
    for i, truth in enumerate(truths):
        if truth is None or not usable[i]:
            continue
        pixels = project(truth, places)
        inside = ((pixels >= 0) & (pixels < SIZE_PX)).all(axis=1)
        found[i, inside] = ground_from_image(track.image_from_pitch[i], pixels[inside], SIZE_PX)
    away = []
    for first in range(0, len(track) - WINDOW + 1):
        part = slice(first, first + WINDOW)
        if (shots[part] != shots[first]).any():
            continue
        known = np.isfinite(found[part]).all(axis=(0, 2))
        here = found[part][:, known]
        away.append(np.linalg.norm(here - here.mean(axis=0), axis=2).ravel())
    return np.concatenate(away) if away else np.zeros(0)


def _n_jumps(film: Filmed, track: CalibrationTrack, truths: Sequence[FloatArray | None]) -> int:
    """Neighbouring ok samples of a shot between which the found ground moves over 2 m more than the true one."""
    pixels = np.array([[0.3, 0.6], [0.5, 0.6], [0.7, 0.6], [0.5, 0.8]]) * SIZE_PX
    count = 0
    for i in range(1, len(track)):
        before, now = truths[i - 1], truths[i]
        if before is None or now is None or film.shot_of(i) != film.shot_of(i - 1):
            continue
        if not (track.status[i - 1 : i + 1] == "ok").all():
            continue
        errors = [
            ground_from_image(track.image_from_pitch[k], pixels, SIZE_PX)
            - ground_from_image(normalised(truth), pixels, SIZE_PX)
            for k, truth in ((i - 1, before), (i, now))
        ]
        count += bool(np.nanmedian(np.linalg.norm(errors[1] - errors[0], axis=1)) > 2.0)
    return count
