"""The two stages that look at pictures, calibrating and locating, in one decoding pass.

A video is cut into chunks and a finished chunk is on disk, so that a killed run loses the chunk it was in and no more.
Afterwards calibrations of a shot are made to agree, those that contradict the motion of the picture are refused, and
people are placed by what then holds.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.motion import MotionMeter, gated
from analysis.calibration.smoothing import SmoothingSettings, smoothed
from analysis.core import memory
from analysis.core.artifacts import key_of
from analysis.core.pitch import STANDARD_PITCH, PitchSpec
from analysis.core.records import (
    Calibration,
    CalibrationTrack,
    CameraShot,
    Frame,
    PlayersTrack,
    VideoInfo,
)
from analysis.localization.locator import concatenate, locate_video
from analysis.pipeline.device import is_out_of_memory
from analysis.pipeline.on_air import Glances, Watch, is_live, only_live, shots_of
from analysis.pipeline.placing import placed
from analysis.pipeline.plan import Step
from analysis.pipeline.stages import Kitchen, Once, describe
from analysis.pipeline.stored import calibration_track, joined_calibrations, pack, unpack
from analysis.video.decode import VideoSource

# A shot shares one place. Whether a single frame is wrong is not judged by its neighbours' views, since half a second
# apart a camera turns too unevenly for that, but by the motion of the picture.
ONE_PLACE = SmoothingSettings(outlier_px=float("inf"))

logger = logging.getLogger(__name__)
Pairs = Iterator[tuple[Frame, Calibration | None]]


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen in one video: the two tracks, the keys they come from, and the shots where they are looked for.

    ``passed_over`` is the share of samples that were not worth calibrating.
    """

    info: VideoInfo
    calibrations: CalibrationTrack
    players: PlayersTrack
    calibrate_key: str
    locate_key: str
    shots: tuple[CameraShot, ...] = ()
    passed_over: float = 0.0


def chunks_of(info: VideoInfo, chunk_ms: int) -> list[tuple[int, int]]:
    """[start_ms, end_ms) of the parts a video is worked on in; the last one is open-ended in effect."""
    n_chunks = max(1, -(-info.duration_ms // chunk_ms))
    starts = [info.start_ms + i * chunk_ms for i in range(n_chunks)]
    # The stated duration may be short of the last picture by rounding: the last chunk takes what comes.
    return [*pairwise(starts), (starts[-1], info.start_ms + 2**40)]


def chunks_to_see(
    info: VideoInfo, calibrate: Step, locate: Step, kitchen: Kitchen, shots: Step | None = None
) -> "list[Chunk]":
    """The parts of a video; each can be worked on alone, by any worker that shares the store."""
    source = VideoSource(info)
    chunks = []
    for start_ms, end_ms in chunks_of(info, kitchen.chunk_ms):
        span = {"video": info.sha256, "rate_hz": kitchen.rate_hz, "span_ms": [start_ms, end_ms]}
        if shots is not None:
            span["shots"] = describe(shots)
        calibrate_key = kitchen.key("calibrate", **span, **describe(calibrate))
        locate_key = kitchen.key(
            "locate", calibrations=calibrate_key, floor=kitchen.floor, **describe(locate)
        )
        chunks.append(Chunk(source, start_ms, end_ms, calibrate_key, locate_key))
    return chunks


def see(
    info: VideoInfo,
    calibrate: Step,
    locate: Step,
    kitchen: Kitchen,
    methods: dict[str, Once],
    shots: Step | None = None,
) -> Seen:
    """Calibrate and locate one video, chunk by chunk; with a shot finder only what the main camera shows live."""
    chunks = chunks_to_see(info, calibrate, locate, kitchen, shots)
    parts = [chunk.result(kitchen, methods, calibrate.card.slug) for chunk in chunks]
    # The shot finder is small and needed once more.
    for name in ("calibrate", "locate"):
        methods[name].forget()
    memory.give_back()
    track = joined_calibrations(
        [part.track for part in parts], info.image_size_px, calibrate.card.slug
    )
    motions = np.concatenate([part.motions for part in parts])
    found: list[CameraShot] = []
    passed_over = 0.0
    if shots is not None:
        glances = [part.glances for part in parts]
        found = shots_of(methods["shots"](), glances, track, info)
        passed_over = 1.0 - float(np.concatenate([one.wanted() for one in glances]).mean())
        track = only_live(track, found)
    track = settled(track, motions, kitchen.pitch)
    players = concatenate([part.players for part in parts])
    # Of a long film every copy counts.
    parts.clear()
    if found:
        live = is_live(players.times_ms, found)
        players = players.some_people(live)
    return Seen(
        info,
        track,
        placed(players, track, kitchen.pitch, kitchen.floor),
        key_of({"calibrate": [chunk.calibrate_key for chunk in chunks]}),
        key_of({"locate": [chunk.locate_key for chunk in chunks]}),
        tuple(found),
        passed_over,
    )


def settled(
    track: CalibrationTrack, motions: NDArray[np.float64], pitch: PitchSpec = STANDARD_PITCH
) -> CalibrationTrack:
    """The calibrations of a whole video made to agree with each other and with the motion of the picture.

    Args:
        track: a sample each, as the calibrator gave them.
        motions: (T, 3, 3) as ``MotionMeter.step`` gave for each sample.
        pitch: size of the pitch.
    """
    return gated(smoothed(track, pitch=pitch, settings=ONE_PLACE), motions)


@dataclass(frozen=True, slots=True)
class _Part:
    """What came out of one chunk: two tracks, the picture's motions, and what the shot finder will need."""

    track: CalibrationTrack
    players: PlayersTrack
    motions: NDArray[np.float64]
    glances: Glances


@dataclass(frozen=True, slots=True)
class Chunk:
    """One part of a video and the keys of its two results."""

    source: VideoSource
    start_ms: int
    end_ms: int
    calibrate_key: str
    locate_key: str

    def result(self, kitchen: Kitchen, methods: dict[str, Once], slug: str) -> _Part:
        """Both tracks of the chunk and what goes with them, from the store or worked out now and stored.

        When a graphics card runs out of memory, the chunk is begun again with half as many pictures at once.
        """
        while True:
            try:
                return self._result(kitchen, methods, slug)
            except Exception as error:
                if not is_out_of_memory(error):
                    raise
                for method in methods.values():
                    method.forget()
                if not kitchen.batch.halve():
                    raise
                logger.warning(
                    "the graphics card is full: %s pictures at once now", kitchen.batch.size
                )

    def _result(self, kitchen: Kitchen, methods: dict[str, Once], slug: str) -> _Part:
        store = kitchen.store
        known = self._known(kitchen)
        if known is not None and store.has(self.locate_key):
            kitchen.tell("locate", len(known[0]))
            return _Part(known[0], unpack(*store.load(self.locate_key)), *known[1:])
        samples: list[tuple[Frame, Calibration | None]] = []
        meter, motions = MotionMeter(), list[NDArray[np.float64]]()
        watch = Watch(methods.get("shots"), self.start_ms)
        frames = self._frames(kitchen.rate_hz, watch)
        if known is None:
            wanted = _metered(watch.wants, meter, motions)
            pairs = calibrated(frames, methods["calibrate"](), kitchen.pitch, wanted)
            pairs = _counted(pairs, lambda: kitchen.tell("calibrate", 1))
        else:
            track, _, glances = known
            keep = glances.wanted()
            pairs = (
                (frame if keep[i] else without_picture(frame), track.row(i))
                for i, frame in enumerate(frames)
            )
        people = locate_video(
            _with_pictures(_remembered(pairs, samples), lambda: kitchen.tell("locate", 1)),
            methods["locate"](),
            kitchen.pitch,
            floor=kitchen.floor,
            batch_size=kitchen.batch.size,
            on_progress=_steps(lambda n: kitchen.tell("locate", n)),
        )
        if known is None:
            track = calibration_track(samples, self.source.info.image_size_px, slug)
            glances = watch.glances()
            known = track, np.array(motions).reshape(-1, 3, 3), glances
            arrays, plain = pack(track)
            store.save(
                self.calibrate_key, {**arrays, "motions": known[1], **glances.arrays()}, plain
            )
        store.save(self.locate_key, *pack(people))
        return _Part(known[0], people, *known[1:])

    def _known(
        self, kitchen: Kitchen
    ) -> tuple[CalibrationTrack, NDArray[np.float64], Glances] | None:
        """The stored calibrations, motions and glances of the chunk."""
        if not kitchen.store.has(self.calibrate_key):
            return None
        arrays, plain = kitchen.store.load(self.calibrate_key)
        motions = arrays.pop("motions")
        glances = Glances.taken_from(arrays)
        track: CalibrationTrack = unpack(arrays, plain)
        kitchen.tell("calibrate", len(track))
        return track, motions, glances

    def _frames(self, rate_hz: float, watch: Watch) -> Iterator[Frame]:
        # From the very beginning there is nothing to seek.
        start_ms = None if self.start_ms == self.source.info.start_ms else self.start_ms
        on_picture = watch.picture if watch.is_on else None
        return self.source.frames_at(rate_hz, start_ms, self.end_ms, on_picture=on_picture)


def calibrated(
    frames: Iterable[Frame],
    calibrator: Any,
    pitch: PitchSpec,
    wanted: Callable[[Frame], bool] = lambda frame: True,
) -> Pairs:
    """Frames with their calibrations, while the calibrator reads ahead as far as it likes.

    Frames that are not ``wanted`` are not shown to the calibrator and come out without their picture.
    """
    waiting: deque[tuple[Frame, bool]] = deque()

    def handed_on() -> Iterator[Frame]:
        for frame in frames:
            is_wanted = wanted(frame)
            waiting.append((frame if is_wanted else without_picture(frame), is_wanted))
            if is_wanted:
                yield frame

    for calibration in calibrator.calibrate(handed_on(), pitch):
        while not waiting[0][1]:
            yield waiting.popleft()[0], None
        yield waiting.popleft()[0], calibration
    while waiting and not waiting[0][1]:
        yield waiting.popleft()[0], None
    if waiting:
        raise RuntimeError(f"the calibrator left {len(waiting)} frames without an answer")


def without_picture(frame: Frame) -> Frame:
    """The frame's time and number; a view of no pixels would keep the whole picture alive."""
    return replace(frame, image=np.empty((0, 0, 3), np.uint8))


def _with_pictures(pairs: Pairs, one_skipped: Callable[[], None]) -> Pairs:
    """The pairs that have a picture; the others are counted."""
    for frame, calibration in pairs:
        if frame.image.size:
            yield frame, calibration
        else:
            one_skipped()


def _remembered(
    pairs: Iterable[tuple[Frame, Calibration | None]],
    samples: list[tuple[Frame, Calibration | None]],
) -> Iterator[tuple[Frame, Calibration | None]]:
    """The pairs, noted without their pictures on the way."""
    for frame, calibration in pairs:
        samples.append((without_picture(frame), calibration))
        yield frame, calibration


def _counted(
    pairs: Iterable[tuple[Frame, Calibration | None]], one_done: Callable[[], None]
) -> Iterator[tuple[Frame, Calibration | None]]:
    for pair in pairs:
        one_done()
        yield pair


def _steps(told: Callable[[int], None]) -> Callable[[int], None]:
    """From a total so far to the difference since the last call."""
    before = 0

    def on_total(total: int) -> None:
        nonlocal before
        told(total - before)
        before = total

    return on_total


def _metered(
    wants: Callable[[Frame], bool], meter: MotionMeter, motions: list[NDArray[np.float64]]
) -> Callable[[Frame], bool]:
    """``wants``, the frame's motion noted on the way: only between calibrated samples is it asked for."""

    def wanted(frame: Frame) -> bool:
        is_wanted = wants(frame)
        motions.append(meter.step(frame.image) if is_wanted else meter.skip())
        return is_wanted

    return wanted
