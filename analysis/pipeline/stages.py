"""The stages of one analysis, each from stored results where they exist.

Calibrating and locating share one decoding pass, cut into chunks: a finished chunk is on disk, so a killed run loses
the chunk it was in and no more. Every result lies under a key made of the file's digest, the method, its version and
settings, and the keys of what went into it.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from itertools import pairwise
from typing import Any

from analysis.core.artifacts import ArtifactStore, key_of
from analysis.core.pitch import PitchSpec
from analysis.core.problems import PlanProblem
from analysis.core.records import (
    ActionSpot,
    Calibration,
    CalibrationTrack,
    Frame,
    PlayersTrack,
    Stream,
    VideoInfo,
)
from analysis.localization.locator import concatenate, locate_video
from analysis.localization.team_colours import TeamColours, assign_teams
from analysis.localization.tracks import track_players
from analysis.pipeline.plan import Step
from analysis.pipeline.stored import (
    calibration_track,
    joined_calibrations,
    pack,
    spots_from_plain,
    spots_to_plain,
    unpack,
)
from analysis.representations.base import HalfView
from analysis.spotting.postprocess import postprocess
from analysis.video.decode import VideoSource

# Part of every key: changes whenever this package's own arithmetic does.
PIPELINE_VERSION = "1"
CHUNK_MS = 120_000

Tell = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Kitchen:
    """What all stages of one run share.

    Args:
        store: artifacts.
        pitch: size of the pitch.
        device: ``cpu`` or ``cuda``.
        rate_hz, floor: as in the recipe.
        tell: called with (stage, units done since the last call).
        chunk_ms: how much of a video is worked on between two savings; part of the keys.
    """

    store: ArtifactStore
    pitch: PitchSpec
    device: str
    rate_hz: float
    floor: float
    tell: Tell
    chunk_ms: int = CHUNK_MS

    def key(self, stage: str, **parts: Any) -> str:
        """Key of a stage's result."""
        pitch = [self.pitch.length_m, self.pitch.width_m]
        return key_of({"pipeline": PIPELINE_VERSION, "stage": stage, "pitch": pitch, **parts})

    def build(self, step: Step) -> Any:
        """The method of a step. A setting named ``pitch`` is the match's pitch.

        Raises:
            PlanProblem: the settings' values are refused by the method.
        """
        module = step.family.load(step.card.slug)
        settings = dict(step.settings)
        if "pitch" in {entry.name for entry in fields(module.Settings)}:
            settings.setdefault("pitch", self.pitch)
        try:
            return module.build(module.Settings(**settings), self.device)
        except (TypeError, ValueError) as error:
            raise PlanProblem([f"{step.card.slug} refuses its settings: {error}"]) from error


def describe(step: Step) -> dict[str, Any]:
    """What of a step enters a key: method, version, weights and settings."""
    weights = [w.sha256 for w in step.card.weights]
    return {"method": step.version, "weights": weights, "settings": dict(step.settings)}


class Once:
    """A method that is built when it is first needed: a resumed run loads no weights it does not use."""

    def __init__(self, kitchen: Kitchen, step: Step) -> None:
        self._kitchen = kitchen
        self._step = step
        self._method: Any = None

    def __call__(self) -> Any:
        """The method."""
        if self._method is None:
            self._method = self._kitchen.build(self._step)
        return self._method


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen in one video: the two tracks, and the keys they come from."""

    info: VideoInfo
    calibrations: CalibrationTrack
    players: PlayersTrack
    calibrate_key: str
    locate_key: str


def chunks_of(info: VideoInfo, chunk_ms: int) -> list[tuple[int, int]]:
    """[start_ms, end_ms) of the parts a video is worked on in; the last one is open-ended in effect."""
    n_chunks = max(1, -(-info.duration_ms // chunk_ms))
    starts = [info.start_ms + i * chunk_ms for i in range(n_chunks)]
    # The stated duration may be short of the last picture by rounding: the last chunk takes what comes.
    return [*pairwise(starts), (starts[-1], info.start_ms + 2**40)]


def see(
    info: VideoInfo, calibrate: Step, locate: Step, kitchen: Kitchen, methods: dict[str, Once]
) -> Seen:
    """Calibrate and locate one video, chunk by chunk."""
    source = VideoSource(info)
    calibrations: list[CalibrationTrack] = []
    players: list[PlayersTrack] = []
    keys: list[tuple[str, str]] = []
    for start_ms, end_ms in chunks_of(info, kitchen.chunk_ms):
        span = {"video": info.sha256, "rate_hz": kitchen.rate_hz, "span_ms": [start_ms, end_ms]}
        calibrate_key = kitchen.key("calibrate", **span, **describe(calibrate))
        locate_key = kitchen.key(
            "locate", calibrations=calibrate_key, floor=kitchen.floor, **describe(locate)
        )
        keys.append((calibrate_key, locate_key))
        work = _Chunk(source, start_ms, end_ms, calibrate_key, locate_key)
        track, people = work.result(kitchen, methods, calibrate.card.slug)
        calibrations.append(track)
        players.append(people)
    return Seen(
        info,
        joined_calibrations(calibrations, info.image_size_px, calibrate.card.slug),
        concatenate(players),
        key_of({"calibrate": [key for key, _ in keys]}),
        key_of({"locate": [key for _, key in keys]}),
    )


@dataclass(frozen=True, slots=True)
class _Chunk:
    """One part of a video and the keys of its two results."""

    source: VideoSource
    start_ms: int
    end_ms: int
    calibrate_key: str
    locate_key: str

    def result(
        self, kitchen: Kitchen, methods: dict[str, Once], slug: str
    ) -> tuple[CalibrationTrack, PlayersTrack]:
        """Both tracks of the chunk, from the store or worked out now and stored."""
        store = kitchen.store
        track = unpack(*store.load(self.calibrate_key)) if store.has(self.calibrate_key) else None
        if track is not None:
            kitchen.tell("calibrate", len(track))
            if store.has(self.locate_key):
                kitchen.tell("locate", len(track))
                return track, unpack(*store.load(self.locate_key))
        samples: list[tuple[Frame, Calibration | None]] = []
        frames = self._frames(kitchen.rate_hz)
        if track is None:
            pairs = calibrated(frames, methods["calibrate"](), kitchen.pitch)
            pairs = _counted(pairs, lambda: kitchen.tell("calibrate", 1))
        else:
            pairs = ((frame, track.row(i)) for i, frame in enumerate(frames))
        people = locate_video(
            _remembered(pairs, samples),
            methods["locate"](),
            kitchen.pitch,
            floor=kitchen.floor,
            on_progress=_steps(lambda n: kitchen.tell("locate", n)),
        )
        if track is None:
            track = calibration_track(samples, self.source.info.image_size_px, slug)
            store.save(self.calibrate_key, *pack(track))
        store.save(self.locate_key, *pack(people))
        return track, people

    def _frames(self, rate_hz: float) -> Iterator[Frame]:
        # From the very beginning there is nothing to seek.
        start_ms = None if self.start_ms == self.source.info.start_ms else self.start_ms
        return self.source.frames_at(rate_hz, start_ms, self.end_ms)


def calibrated(
    frames: Iterable[Frame], calibrator: Any, pitch: PitchSpec
) -> Iterator[tuple[Frame, Calibration | None]]:
    """Frames with their calibrations, while the calibrator reads ahead as far as it likes."""
    waiting: deque[Frame] = deque()

    def handed_on() -> Iterator[Frame]:
        for frame in frames:
            waiting.append(frame)
            yield frame

    for calibration in calibrator.calibrate(handed_on(), pitch):
        yield waiting.popleft(), calibration
    if waiting:
        raise RuntimeError(f"the calibrator left {len(waiting)} frames without an answer")


def _remembered(
    pairs: Iterable[tuple[Frame, Calibration | None]],
    samples: list[tuple[Frame, Calibration | None]],
) -> Iterator[tuple[Frame, Calibration | None]]:
    """The pairs, noted without their pictures on the way."""
    for frame, calibration in pairs:
        samples.append((replace(frame, image=frame.image[:0, :0]), calibration))
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


def teams(seen: Sequence[Seen], kitchen: Kitchen) -> tuple[list[PlayersTrack], TeamColours, str]:
    """Tracks, teams and roles over the whole match: (track a video, kits, key)."""
    key = kitchen.key("teams", players=[one.locate_key for one in seen])
    keys = [key_of({"teams": key, "video": i}) for i in range(len(seen))]
    if all(kitchen.store.has(one) for one in keys):
        loaded = [kitchen.store.load(one) for one in keys]
        found = [unpack(arrays, plain) for arrays, plain in loaded]
        kits = loaded[0][1]["kits"] if loaded else {}
        return found, _kits(kits), key
    tracked = []
    for one in seen:
        tracked.append(track_players(one.players, one.calibrations))
        kitchen.tell("teams", 1)
    found, colours = assign_teams(tracked, kitchen.pitch)
    plain_kits = {"home": colours.home_rgb, "away": colours.away_rgb, "sure": colours.confidence}
    for video_key, track in zip(keys, found, strict=True):
        arrays, plain = pack(track)
        kitchen.store.save(video_key, arrays, {**plain, "kits": plain_kits})
    return found, colours, key


def _kits(plain: dict[str, Any]) -> TeamColours:
    home, away = (tuple(plain[name]) if plain.get(name) else None for name in ("home", "away"))
    return TeamColours(home, away, float(plain.get("sure", 0.0)))


def represent(half: HalfView, step: Step, input_key: str, kitchen: Kitchen) -> tuple[Stream, str]:
    """(stream, key) of one representation."""
    key = kitchen.key("represent", players=input_key, floor=kitchen.floor, **describe(step))
    if kitchen.store.has(key):
        return unpack(*kitchen.store.load(key)), key
    stream = kitchen.build(step).build(half)
    kitchen.store.save(key, *pack(stream))
    return stream, key


def spot(
    streams: dict[str, Stream],
    step: Step,
    input_keys: dict[str, str],
    kitchen: Kitchen,
    events: Any,
) -> tuple[list[ActionSpot], str]:
    """(events, key) of one video; candidates are stored, the recipe's thresholds are applied afterwards."""
    needed = {name: key for name, key in input_keys.items() if name in step.card.needs}
    key = kitchen.key("spot", inputs=needed, **describe(step))
    if kitchen.store.has(key):
        candidates = spots_from_plain(kitchen.store.load(key)[1]["spots"])
    else:
        candidates = kitchen.build(step).spot(
            {name: streams[name] for name in step.card.needs if name in streams}, kitchen.pitch
        )
        kitchen.store.save(key, {}, {"spots": spots_to_plain(candidates)})
    return postprocess(candidates, events), key
