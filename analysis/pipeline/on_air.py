"""What is on air: glances at every decoded picture, shots out of them, and what of the tracks they leave.

Positions, events and statistics speak of what the main camera shows live. Samples that clearly show something else are
not even calibrated; once all shots are known, replays and other cameras are taken out of both tracks.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.cameras import camera_from_homography
from analysis.core.records import CalibrationTrack, CameraShot, Frame, VideoInfo
from analysis.core.vocabulary import CAMERAS
from analysis.shots.base import Evidence
from analysis.shots.changes import N_FEATURES, ChangeMeter, Thinned

FloatArray = NDArray[np.float32]

MAIN = CAMERAS.index("Main camera center")
# A sample this unlikely to be the main camera's is not calibrated. Low, because a shot is judged by all its samples.
_LEAST_MAIN = 0.02
_NAMES = ("picture_ms", "changes", "sample_ms", "looks")


@dataclass(frozen=True, slots=True)
class Glances:
    """A part of ``shots.base.Evidence``: see there."""

    picture_ms: NDArray[np.int64]
    changes: FloatArray
    sample_ms: NDArray[np.int64]
    looks: FloatArray

    def arrays(self) -> dict[str, NDArray[Any]]:
        """For the store."""
        return {f"glance_{name}": getattr(self, name) for name in _NAMES}

    @staticmethod
    def taken_from(arrays: dict[str, NDArray[Any]]) -> "Glances":
        """Out of stored arrays, from which they are taken away."""
        return Glances(*(arrays.pop(f"glance_{name}") for name in _NAMES))

    def wanted(self) -> NDArray[np.bool_]:
        """(N,) samples that were calibrated."""
        return np.asarray(self.looks[:, MAIN] >= _LEAST_MAIN)


class Watch:
    """Looks at pictures while they are decoded.

    Args:
        finder: gives the shot finder, or None: nothing is watched and every frame is wanted.
        start_ms: pictures before it warm the meter up and are not noted.
    """

    def __init__(self, finder: Callable[[], Any] | None, start_ms: int) -> None:
        self._finder, self._start_ms = finder, start_ms
        self._meter, self._thinned = ChangeMeter(), Thinned()
        self._pictures: list[tuple[int, FloatArray]] = []
        self._samples: list[tuple[int, FloatArray]] = []

    @property
    def is_on(self) -> bool:
        """Whether anything is watched."""
        return self._finder is not None

    def picture(self, time_ms: int, thumbnail: Callable[[], NDArray[np.uint8]]) -> None:
        """A decoded picture; its thumbnail is made when it is looked at."""
        if self._thinned.takes(time_ms):
            change = self._meter.step(thumbnail())
            if time_ms >= self._start_ms:
                self._pictures.append((time_ms, change))

    def wants(self, frame: Frame) -> bool:
        """Whether a sample may show the main camera's view."""
        looks = np.zeros(len(CAMERAS), np.float32)
        looks[MAIN] = 1.0
        if self._finder is not None:
            looks = self._finder().looks([frame.image])[0]
        self._samples.append((frame.time_ms, looks))
        return bool(looks[MAIN] >= _LEAST_MAIN)

    def glances(self) -> Glances:
        """What was seen so far."""
        return Glances(
            np.array([time_ms for time_ms, _ in self._pictures], np.int64),
            np.array([c for _, c in self._pictures], np.float32).reshape(-1, N_FEATURES),
            np.array([time_ms for time_ms, _ in self._samples], np.int64),
            np.array([look for _, look in self._samples], np.float32).reshape(-1, len(CAMERAS)),
        )


def shots_of(
    finder: Any, parts: Sequence[Glances], track: CalibrationTrack, info: VideoInfo
) -> list[CameraShot]:
    """Shots of a whole video; calibrations speak for the main camera where they were tried."""
    joined = Glances(*(np.concatenate([getattr(part, name) for part in parts]) for name in _NAMES))
    tried = joined.wanted()
    calibrated = np.where(tried, track.confidence, np.nan).astype(np.float32)
    return list(
        finder.shots(
            Evidence(
                joined.picture_ms, joined.changes, joined.sample_ms, joined.looks,
                info.start_ms + info.duration_ms, calibrated, eyes_of(track),
            )
        )
    )  # fmt: skip


def eyes_of(track: CalibrationTrack) -> FloatArray:
    """(T, 3) where the camera of each sample stands, metres; NaN where there is no calibration or no such camera."""
    eyes = np.full((len(track), 3), np.nan, np.float32)
    for i in range(len(track)):
        view = track.row(i)
        camera = camera_from_homography(view.image_from_pitch, view.image_size_px) if view else None
        if camera is not None:
            eyes[i] = camera.position_m
    return eyes


def is_live(times_ms: NDArray[np.int64], shots: Sequence[CameraShot]) -> NDArray[np.bool_]:
    """(T,) whether the main camera is live on air; True where no shot speaks of a time."""
    starts = np.array([shot.start_ms for shot in shots])
    shown = np.array(
        [shot.camera == CAMERAS.labels[MAIN] and not shot.is_replay for shot in shots] or [True]
    )
    at = np.clip(np.searchsorted(starts, times_ms, "right") - 1, 0, len(shown) - 1)
    return np.asarray(shown[at])


def only_live(track: CalibrationTrack, shots: Sequence[CameraShot]) -> CalibrationTrack:
    """The track, refused wherever something other than the live main camera is on air."""
    live = is_live(track.times_ms, shots)
    return replace(track, status=np.where(live, track.status, "refused").astype("<U8"))
