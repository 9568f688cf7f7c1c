"""Page one: every value that travels between stages, with shapes, units and ranges.

Streams of a whole video are columns (one array per field), since a match has hundreds of thousands of positions; row
views exist for readers. Times are integer milliseconds of the video (PTS, first frame shown = its own PTS), positions
are metres in the frame of ``core.pitch``, images are RGB. Rates are in hertz. "Nothing known" is None or NaN, never 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analysis.core import homography
from analysis.core.vocabulary import CALIBRATION_STATES, POSITION_SOURCES, ROLES, TEAMS

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
ImageArray = NDArray[np.uint8]

NO_TEAM = -1
NO_ROLE = -1


def _expect(condition: object, message: str) -> None:
    if not condition:
        raise ValueError(message)


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """What a probe learned of one video file.

    Args:
        path: local file.
        container: ``mov``, ``matroska``, ``avi`` or ``mpegts``.
        width_px, height_px: as shown, after rotation.
        fps: average frame rate.
        is_constant_rate: False for variable frame rate; frame numbers are then not to be written.
        duration_ms: end of the last frame minus start of the first.
        start_ms: PTS of the first frame.
        n_frames: counted or estimated by the container.
        has_audio: whether an audio stream exists.
        rotation_deg: 0, 90, 180 or 270 clockwise, already applied by the decoder.
        size_bytes, sha256: of the file; sha256 is hexadecimal.
    """

    path: Path
    container: str
    width_px: int
    height_px: int
    fps: float
    is_constant_rate: bool
    duration_ms: int
    start_ms: int
    n_frames: int
    has_audio: bool
    rotation_deg: int
    size_bytes: int
    sha256: str

    @property
    def image_size_px(self) -> tuple[int, int]:
        """(width, height)."""
        return self.width_px, self.height_px


@dataclass(frozen=True, slots=True)
class Frame:
    """One decoded picture.

    Args:
        time_ms: PTS.
        index: number in decode order (presentation order) from 0.
        image: (H, W, 3) uint8 RGB.
    """

    time_ms: int
    index: int
    image: ImageArray

    @property
    def size_px(self) -> tuple[int, int]:
        """(width, height)."""
        return self.image.shape[1], self.image.shape[0]


@dataclass(frozen=True, slots=True)
class Calibration:
    """Where one frame looks.

    Args:
        image_from_pitch: (3, 3) pitch metres -> pixels, [2, 2] = 1.
        image_size_px: (width, height) of the image the matrix speaks of.
        confidence: [0, 1], the probability that IoU part exceeds 0.95 where the method is calibrated.
        status: ``ok``, ``weak`` or ``refused``.
        method: slug of the method that won.
    """

    image_from_pitch: FloatArray
    image_size_px: tuple[int, int]
    confidence: float
    status: str
    method: str

    def __post_init__(self) -> None:
        _expect(
            self.image_from_pitch.shape == (3, 3),
            f"image_from_pitch is 3x3, got {self.image_from_pitch.shape}",
        )
        _expect(0.0 <= self.confidence <= 1.0, f"confidence lies in [0, 1], got {self.confidence}")
        _expect(
            self.status in CALIBRATION_STATES,
            f"status is one of {CALIBRATION_STATES}, got {self.status!r}",
        )
        object.__setattr__(self, "image_from_pitch", homography.normalised(self.image_from_pitch))

    def to_pitch(self, points_px: FloatArray) -> FloatArray:
        """Ground positions (N, 2) in metres of image points (N, 2) on the grass; above the horizon NaN."""
        return homography.ground_from_image(self.image_from_pitch, points_px, self.image_size_px)

    def to_image(self, pitch_xy_m: FloatArray) -> FloatArray:
        """Pixels (N, 2) of ground positions (N, 2); behind the camera NaN."""
        return homography.project(
            homography.facing(self.image_from_pitch, self.image_size_px), pitch_xy_m
        )

    def at_size(self, image_size_px: tuple[int, int]) -> "Calibration":
        """The same view of an image of another (width, height)."""
        matrix = homography.rescaled(self.image_from_pitch, self.image_size_px, image_size_px)
        return Calibration(matrix, image_size_px, self.confidence, self.status, self.method)


@dataclass(frozen=True, slots=True)
class CalibrationTrack:
    """The calibrations of a video's samples as columns.

    Args:
        times_ms: (T,) int64, ascending.
        frame_indices: (T,) int64, number of the frame in the video.
        image_from_pitch: (T, 3, 3) float64, NaN where there is none.
        confidence: (T,) float64 in [0, 1], 0 where there is none.
        status: (T,) text, ``ok`` / ``weak`` / ``refused``.
        image_size_px: (width, height) of the video's frames.
        method: slug.
    """

    times_ms: IntArray
    frame_indices: IntArray
    image_from_pitch: FloatArray
    confidence: FloatArray
    status: NDArray[np.str_]
    image_size_px: tuple[int, int]
    method: str

    def __post_init__(self) -> None:
        n_samples = len(self.times_ms)
        _expect(
            self.image_from_pitch.shape == (n_samples, 3, 3),
            f"image_from_pitch is ({n_samples}, 3, 3)",
        )
        _expect(np.all(np.diff(self.times_ms) > 0), "times_ms ascend")
        for name in ("frame_indices", "confidence", "status"):
            _expect(len(getattr(self, name)) == n_samples, f"{name} has {n_samples} entries")

    def __len__(self) -> int:
        return len(self.times_ms)

    def row(self, i: int) -> Calibration | None:
        """Calibration of sample ``i``; None where there is none."""
        if not np.isfinite(self.image_from_pitch[i]).all():
            return None
        return Calibration(
            self.image_from_pitch[i],
            self.image_size_px,
            float(self.confidence[i]),
            str(self.status[i]),
            self.method,
        )

    def nearest(self, time_ms: int, tolerance_ms: int = 500) -> int | None:
        """Index of the sample nearest to a time; None when it is further off than the tolerance."""
        if not len(self.times_ms):
            return None
        i = int(np.argmin(np.abs(self.times_ms - time_ms)))
        return i if abs(int(self.times_ms[i]) - time_ms) <= tolerance_ms else None

    def usable(self, floor: float) -> NDArray[np.bool_]:
        """(T,) whether a sample has a calibration that is not refused, with confidence >= floor."""
        finite = np.isfinite(self.image_from_pitch).all(axis=(1, 2))
        return np.asarray(finite & (self.confidence >= floor) & (self.status != "refused"))

    @property
    def coverage(self) -> float:
        """Share of samples with status ``ok`` or ``weak``; 0 for an empty track."""
        return float(np.mean(self.status != "refused")) if len(self) else 0.0


@dataclass(frozen=True, slots=True)
class Detections:
    """People and ball of one frame, columns.

    Args:
        box_px: (N, 4) float64 x0, y0, x1, y1.
        score: (N,) in [0, 1].
        role: (N,) int64 index in ``vocabulary.ROLES`` or -1 when unknown.
        colour_rgb: (N, 3) float64 0..255 mean colour of the person's mask; NaN when unknown.
        ball_px: (3,) x, y, score of the ball's centre, or None.
    """

    box_px: FloatArray
    score: FloatArray
    role: IntArray
    colour_rgb: FloatArray
    ball_px: FloatArray | None = None

    def __post_init__(self) -> None:
        n_people = len(self.box_px)
        _expect(self.box_px.shape == (n_people, 4), f"box_px is (N, 4), got {self.box_px.shape}")
        _expect(
            self.colour_rgb.shape == (n_people, 3),
            f"colour_rgb is ({n_people}, 3), got {self.colour_rgb.shape}",
        )
        _expect(
            len(self.score) == n_people and len(self.role) == n_people,
            f"score and role have {n_people} entries",
        )

    def __len__(self) -> int:
        return len(self.box_px)

    @property
    def foot_px(self) -> FloatArray:
        """(N, 2) middle of each box's lower edge."""
        return np.stack([(self.box_px[:, 0] + self.box_px[:, 2]) / 2, self.box_px[:, 3]], axis=1)

    @staticmethod
    def empty() -> "Detections":
        """No people, no ball."""
        return Detections(np.zeros((0, 4)), np.zeros(0), np.zeros(0, np.int64), np.zeros((0, 3)))


@dataclass(frozen=True, slots=True)
class PlayerObservation:
    """Row view of one person at one time, for readers."""

    box_px: tuple[float, float, float, float]
    score: float
    role: str | None
    team: str | None
    colour_rgb: tuple[float, float, float] | None
    pitch_xy_m: tuple[float, float] | None
    track_id: int
    source: str


@dataclass(frozen=True, slots=True)
class PlayersTrack:
    """Everybody seen in a video, one row per person and sample, ordered by time.

    Args:
        times_ms: (N,) int64, ascending with ties; a subset of the calibration track's times.
        frame_indices: (N,) int64.
        track_id: (N,) int64, 1.. within the video, -1 when not tracked.
        box_px: (N, 4) float64; NaN for interpolated rows.
        score: (N,) float64 in [0, 1].
        role: (N,) int64 index in ROLES or -1.
        team: (N,) int64 index in TEAMS or -1 (referees, unknown).
        colour_rgb: (N, 3) float64 0..255 or NaN.
        pitch_xy_m: (N, 2) float64 metres or NaN without a calibration.
        sigma_m: (N,) float64, one standard deviation of the position in metres, NaN when unknown.
        source: (N,) int64 index in POSITION_SOURCES.
        ball_times_ms, ball_xy_m, ball_px, ball_score: (B,), (B, 2), (B, 2), (B,): the ball where it was found.
    """

    times_ms: IntArray
    frame_indices: IntArray
    track_id: IntArray
    box_px: FloatArray
    score: FloatArray
    role: IntArray
    team: IntArray
    colour_rgb: FloatArray
    pitch_xy_m: FloatArray
    sigma_m: FloatArray
    source: IntArray
    ball_times_ms: IntArray
    ball_xy_m: FloatArray
    ball_px: FloatArray
    ball_score: FloatArray

    def __post_init__(self) -> None:
        n_rows, n_ball = len(self.times_ms), len(self.ball_times_ms)
        shapes = {
            **dict.fromkeys(("track_id", "score", "role", "team", "sigma_m", "source"), (n_rows,)),
            "frame_indices": (n_rows,),
            "box_px": (n_rows, 4),
            "colour_rgb": (n_rows, 3),
            "pitch_xy_m": (n_rows, 2),
            "ball_xy_m": (n_ball, 2),
            "ball_px": (n_ball, 2),
            "ball_score": (n_ball,),
        }
        for name, shape in shapes.items():
            got = getattr(self, name).shape
            _expect(got == shape, f"{name} has shape {shape}, got {got}")
        _expect(np.all(np.diff(self.times_ms) >= 0), "times_ms ascend")

    def __len__(self) -> int:
        return len(self.times_ms)

    def rows_at(self, time_ms: int) -> slice:
        """Rows of one sample's time."""
        return slice(
            int(np.searchsorted(self.times_ms, time_ms, "left")),
            int(np.searchsorted(self.times_ms, time_ms, "right")),
        )

    def some_people(self, keep: NDArray[np.bool_]) -> "PlayersTrack":
        """The people of a mask (N,), and all of the balls."""
        if keep.all():
            return self
        columns = {
            entry.name: getattr(self, entry.name)[keep]
            for entry in fields(self)
            if not entry.name.startswith("ball_")
        }
        return replace(self, **columns)

    def at(self, time_ms: int) -> list[PlayerObservation]:
        """Row views of one sample's time."""
        rows = range(*self.rows_at(time_ms).indices(len(self)))
        return [self._observation(i) for i in rows]

    def _observation(self, i: int) -> PlayerObservation:
        colour = self.colour_rgb[i]
        position = self.pitch_xy_m[i]
        box = self.box_px[i]
        return PlayerObservation(
            box_px=(float(box[0]), float(box[1]), float(box[2]), float(box[3])),
            score=float(self.score[i]),
            role=ROLES[self.role[i]] if self.role[i] >= 0 else None,
            team=TEAMS[self.team[i]] if self.team[i] >= 0 else None,
            colour_rgb=(float(colour[0]), float(colour[1]), float(colour[2]))
            if np.isfinite(colour).all()
            else None,
            pitch_xy_m=(float(position[0]), float(position[1]))
            if np.isfinite(position).all()
            else None,
            track_id=int(self.track_id[i]),
            source=POSITION_SOURCES[self.source[i]],
        )

    @staticmethod
    def empty() -> "PlayersTrack":
        """Nobody, ever."""
        none, flat = np.zeros(0, np.int64), np.zeros(0)
        return PlayersTrack(
            times_ms=none, frame_indices=none, track_id=none, box_px=np.zeros((0, 4)), score=flat, role=none, team=none,
            colour_rgb=np.zeros((0, 3)), pitch_xy_m=np.zeros((0, 2)), sigma_m=flat, source=none,
            ball_times_ms=none, ball_xy_m=np.zeros((0, 2)), ball_px=np.zeros((0, 2)), ball_score=flat,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class CameraShot:
    """One shot of the broadcast: [start_ms, end_ms), camera type in ``vocabulary.CAMERAS``."""

    start_ms: int
    end_ms: int
    camera: str
    transition: str
    is_replay: bool
    confidence: float


@dataclass(frozen=True, slots=True)
class ActionSpot:
    """One event.

    Args:
        half: 1 or 2 (3, 4 extra time, 5 shoot-out).
        position_ms: time in the video the half was cut from.
        label: in the label set of the spotter's card.
        confidence: [0, 1].
        team: ``home``, ``away`` or None.
        pitch_xy_m: where, metres, or None.
    """

    half: int
    position_ms: int
    label: str
    confidence: float
    team: str | None = None
    pitch_xy_m: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class ReplayLink:
    """A replay [replay_start_ms, replay_end_ms) and the live moment it repeats (None when unknown)."""

    replay_start_ms: int
    replay_end_ms: int
    action_ms: int | None
    confidence: float


@dataclass(frozen=True, slots=True)
class FeatureSequence:
    """(T, D) float32 feature vectors at ``rate_hz``; row i speaks of time i / rate_hz."""

    values: NDArray[np.float32]
    rate_hz: float


@dataclass(frozen=True, slots=True)
class TopViewTrack:
    """(T, H, W, C) uint8 pictures of the pitch from above at ``times_ms`` (T,); all zero where nothing is known."""

    images: ImageArray
    times_ms: IntArray


@dataclass(frozen=True, slots=True)
class GraphTrack:
    """Player graphs of T samples, flattened.

    Args:
        nodes: (N, F) float32, all samples after each other; F = 8 (algorithms C.7).
        edges: (2, E) int64 indices into ``nodes``, both directions, no self-loops.
        offsets: (T + 1,) int64: nodes of sample t are ``nodes[offsets[t]:offsets[t + 1]]``.
        times_ms: (T,).
    """

    nodes: NDArray[np.float32]
    edges: IntArray
    offsets: IntArray
    times_ms: IntArray


Stream = FeatureSequence | TopViewTrack | GraphTrack | PlayersTrack | CalibrationTrack


@dataclass(frozen=True, slots=True)
class StageEvent:
    """Progress of one stage: ``done`` of ``total`` units, both in the stage's own unit (samples, mostly)."""

    stage: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What one analysis of one video (or half) came to.

    Args:
        video: the probe's answer.
        calibrations, players: the tracks.
        spots, shots, replays: lists in time order.
        coverage: share of samples with a usable calibration.
        verdict: ``ok`` or ``no_usable_pitch_view``.
        passed_over: share of samples neither calibrated nor searched, since something else than the main camera
            was clearly on air; 0 for recipes that do not look for shots.
        kickoffs_ms: period -> video time of its kick-off where one was found.
        team_colours_rgb: (home, away) mean kit colours, or None.
        versions: stage -> ``method version``.
        artifact_keys: stage -> key in the artifact store.
    """

    video: VideoInfo
    calibrations: CalibrationTrack
    players: PlayersTrack
    spots: list[ActionSpot]
    shots: list[CameraShot]
    replays: list[ReplayLink]
    coverage: float
    verdict: str
    passed_over: float = 0.0
    kickoffs_ms: Mapping[int, int] = field(default_factory=dict)
    team_colours_rgb: tuple[tuple[float, float, float], tuple[float, float, float]] | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    artifact_keys: Mapping[str, str] = field(default_factory=dict)
