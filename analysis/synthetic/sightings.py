"""What a calibrator, a detector and kit clustering make of a simulated half, without a picture being painted.

The truth of a half goes in, the two streams that the pipeline would hand to a spotter come out: people are missed
when they are small, hidden or unlucky, and unlucky ones stay so for a while; feet are misread by a share of the box,
which on the ground grows with distance; the whole view is off by some decimetres that change slowly; nothing is
calibrated while the director shows something else (but some replays are mistaken for live play); the ball is found in
some six of ten samples and projected to the ground as if it lay there; staff beside the pitch, wrong kits and wrong
roles happen.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.signal import lfilter
from scipy.special import ndtr

from analysis.core.pitch import STANDARD_PITCH, PitchSpec
from analysis.core.records import CalibrationTrack, PlayersTrack
from analysis.core.vocabulary import ROLES
from analysis.synthetic.halves import SAMPLE_RATE_HZ, SimulatedHalf

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

REFEREE = ROLES.index("referee")
# The locator drops who stands further outside the lines, and takes the place of a ball further out for misread.
PEOPLE_MARGIN_M, BALL_MARGIN_M = 3.0, 8.0
_STAFF_BESIDE_M = (0.6, 2.9)


@dataclass(frozen=True, slots=True)
class Sight:
    """How well a half is seen.

    Args:
        sees_all: no camera at all: everybody and the ball everywhere at all times, as tracking systems give it.
        recall: of a person who is fully visible and 40 px or taller.
        foot_share: spread of a foot, as a share of the box height.
        view_px: spread of the view, pixels of a picture 1280 wide.
        drift_m: spread of the slow error of the whole view.
        lost_share: share of main-camera time without a usable calibration.
        mistaken_share: share of the stretches off air that are taken for live play some seconds earlier.
        ball_recall: while the ball is in the picture.
        false_ball: chance a sample of a ball that is none.
        wrong_team, no_team: share of rows.
        n_staff: people beside the pitch who are taken for players or officials.
        n_ghosts: mean number a sample of people who are nobody.
    """

    sees_all: bool = False
    recall: float = 0.94
    foot_share: float = 0.05
    view_px: float = 2.0
    drift_m: float = 0.25
    lost_share: float = 0.05
    mistaken_share: float = 0.05
    ball_recall: float = 0.6
    false_ball: float = 0.04
    wrong_team: float = 0.02
    no_team: float = 0.06
    n_staff: int = 4
    n_ghosts: float = 0.2


TRUE_POSITIONS = Sight(
    sees_all=True, recall=1, foot_share=0, view_px=0, drift_m=0, lost_share=0, mistaken_share=0,
    ball_recall=1, false_ball=0, wrong_team=0, no_team=0, n_staff=0, n_ghosts=0,
)  # fmt: skip


def draw_sight(rng: Generator) -> Sight:
    """A random one: a sixth sees everything, the others range from good to poor."""
    if rng.random() < 0.17:
        noisy = rng.random() < 0.5
        return replace(
            TRUE_POSITIONS,
            drift_m=float(rng.uniform(0, 0.3)) * noisy,
            no_team=0.02 * noisy,
            ball_recall=float(rng.uniform(0.5, 1.0)) if noisy else 1.0,
        )
    poor = float(rng.beta(1.3, 2.2))
    return Sight(
        recall=1 - 0.02 - 0.25 * poor * float(rng.uniform(0.3, 1)),
        foot_share=float(rng.uniform(0.02, 0.08)),
        view_px=float(rng.uniform(0.7, 4.0)),
        drift_m=float(rng.uniform(0.05, 0.3) + 0.6 * poor * rng.random()),
        lost_share=float(0.25 * poor * rng.random() + rng.uniform(0, 0.04)),
        mistaken_share=float(rng.uniform(0, 0.12)),
        ball_recall=float(rng.uniform(0.35, 0.85)),
        false_ball=float(rng.uniform(0, 0.1)),
        wrong_team=float(rng.uniform(0, 0.05)),
        no_team=float(rng.uniform(0.01, 0.15)),
        n_staff=int(rng.integers(0, 9)),
        n_ghosts=float(rng.uniform(0, 0.6)),
    )


def sightings(
    half: SimulatedHalf, sight: Sight, rng: Generator, pitch: PitchSpec = STANDARD_PITCH
) -> tuple[PlayersTrack, CalibrationTrack]:
    """The streams ``players`` and ``calibrations`` of a half; rows have no tracks.

    Args:
        half: the truth.
        sight: how well it is seen.
        rng: the only source of chance.
        pitch: size of the pitch.
    """
    n_samples, n_people = half.person_xy_m.shape[:2]
    moment, calibrated = _moments(half, sight, rng)
    matrix = half.image_from_pitch[moment]
    if sight.sees_all:
        matrix = np.broadcast_to(overhead_matrix(half.image_size_px), matrix.shape)
    inverse = np.linalg.inv(matrix)
    drift = sight.drift_m * np.stack([_wander(rng, n_samples, 6.0) for _ in range(2)], axis=1)
    box = half.box_px[moment]  # (T, P, 4)
    height = np.nan_to_num(box[..., 3] - box[..., 1])
    if sight.sees_all:
        found = np.isfinite(half.person_xy_m[moment][..., 0])
        place = half.person_xy_m[moment] + drift[:, None]
    else:
        unlucky = ndtr(np.stack([_wander(rng, n_samples, 0.8) for _ in range(n_people)], axis=1))
        found = unlucky < _recall(half.visible_share[moment], height, sight)
        foot = np.stack([(box[..., 0] + box[..., 2]) / 2, box[..., 3]], axis=2)
        spread = np.hypot(sight.foot_share * height, sight.view_px)
        foot = foot + rng.normal(0, 1, foot.shape) * spread[..., None] * [0.5, 1.0]
        place = _ground(inverse, foot) + drift[:, None]
    inside = pitch.contains(place.reshape(-1, 2), margin_m=PEOPLE_MARGIN_M)
    found &= calibrated[:, None] & inside.reshape(found.shape)
    team, role = _kits_read(half, sight, rng, found.shape)
    sample, person = np.nonzero(found)
    columns = {
        "sample": sample,
        "box": box[sample, person] * (np.nan if sight.sees_all else 1.0),
        "place": place[sample, person],
        "team": team[sample, person],
        "role": role[sample, person],
        "rgb": half.kit_rgb[_kit_index(half)[person]] + rng.normal(0, 16, (len(sample), 3)),
    }
    others = _nobody(half, sight, rng, calibrated, matrix, pitch)
    columns = {name: np.concatenate([columns[name], others[name]]) for name in columns}
    order = np.argsort(columns["sample"], kind="stable")
    columns = {name: values[order] for name, values in columns.items()}
    ball = _ball(half, sight, rng, moment, calibrated, inverse, drift, pitch)
    return _players(half, columns, ball), _calibrations(half, matrix, calibrated, rng)


def overhead_matrix(image_size_px: tuple[int, int]) -> FloatArray:
    """(3, 3) map of a picture from straight above that holds the pitch and what is round it: 120 m across."""
    width, height = image_size_px
    scale = width / 120.0
    return np.array([[scale, 0, width / 2], [0, -scale, height / 2], [0, 0, 1.0]])


def _moments(half: SimulatedHalf, sight: Sight, rng: Generator) -> tuple[IntArray, BoolArray]:
    """(T,) sample of the truth that is seen at each sample, and whether anything is calibrated."""
    n_samples = len(half.times_ms)
    moment = np.arange(n_samples)
    if sight.sees_all:
        return moment, np.ones(n_samples, bool)
    lost = ndtr(_wander(rng, n_samples, 1.5)) < sight.lost_share
    calibrated = half.on_air & ~lost
    edges = np.flatnonzero(np.diff(np.r_[False, ~half.on_air, False].astype(int)))
    for start, stop in edges.reshape(-1, 2):
        if rng.random() < sight.mistaken_share:
            length = min(stop - start, int(rng.integers(2, 12)))
            first = int(rng.integers(start, stop - length + 1))
            slow = float(rng.uniform(0.5, 1.0))
            ago = int(rng.integers(6, 24))
            part = np.arange(length)
            moment[first : first + length] = np.maximum(0, start - ago + (slow * part).astype(int))
            calibrated[first : first + length] = True
    return moment, calibrated


def _recall(share: FloatArray, height: FloatArray, sight: Sight) -> FloatArray:
    """Chance to be found: falls below half visible and below 40 px."""
    seen = np.clip((share - 0.12) / 0.45, 0, 1)
    tall = np.clip((height - 8) / 32, 0, 1) ** 0.3
    return np.asarray(sight.recall * seen * tall)


def _kits_read(
    half: SimulatedHalf, sight: Sight, rng: Generator, shape: tuple[int, ...]
) -> tuple[IntArray, IntArray]:
    """(T, P) team and role with their errors; a match whose kits look alike tells few teams."""
    team = np.tile(half.team, (shape[0], 1))
    role = np.tile(half.role, (shape[0], 1))
    wrong = rng.random(shape) < sight.wrong_team
    team = np.where(wrong & (team >= 0), 1 - team, team)
    officials = rng.random(shape) < 0.5 * sight.wrong_team
    team = np.where(officials & (half.team < 0), rng.integers(0, 2, shape), team)
    team = np.where(rng.random(shape) < sight.no_team, -1, team)
    role = np.where(rng.random(shape) < 2 * sight.wrong_team, 0, role)
    return team, role


def _kit_index(half: SimulatedHalf) -> IntArray:
    keeper = half.role == ROLES.index("goalkeeper")
    return np.where(half.team < 0, 4, half.team + 2 * keeper)


def _nobody(
    half: SimulatedHalf,
    sight: Sight,
    rng: Generator,
    calibrated: BoolArray,
    matrix: FloatArray,
    pitch: PitchSpec,
) -> dict[str, NDArray[np.generic]]:
    """Rows of staff who stay beside the pitch, and of people who are nobody."""
    n_samples = len(calibrated)
    side = rng.choice([-1.0, 1.0], sight.n_staff, p=[0.3, 0.7])
    beside = pitch.width_m / 2 + rng.uniform(*_STAFF_BESIDE_M, sight.n_staff)
    homes = np.stack([rng.uniform(-0.5, 0.5, sight.n_staff) * pitch.length_m, side * beside], 1)
    walk = [2.5 * _wander(rng, n_samples, 20.0) for _ in range(sight.n_staff)]
    sample_parts, place_parts = [np.zeros(0, np.int64)], [np.zeros((0, 2))]
    for home, shift in zip(homes, walk, strict=True):
        at = np.flatnonzero(calibrated & (rng.random(n_samples) < rng.uniform(0.1, 0.7)))
        sample_parts.append(at)
        place_parts.append(home + np.stack([shift[at], rng.normal(0, 0.3, len(at))], 1))
    count = rng.poisson(sight.n_ghosts, n_samples) * calibrated
    sample_parts.append(np.repeat(np.arange(n_samples), count))
    reach = [pitch.length_m / 2 + 2, pitch.width_m / 2 + 2]
    place_parts.append(rng.uniform(-1, 1, (int(count.sum()), 2)) * reach)
    sample, place = np.concatenate(sample_parts), np.concatenate(place_parts)
    pixel = _project(matrix[sample], place)
    width, height = half.image_size_px
    inside = (pixel >= 0).all(1) & (pixel[:, 0] < width) & (pixel[:, 1] < height)
    sample, place, pixel = sample[inside], place[inside], pixel[inside]
    tall = np.full(len(sample), 60.0)
    box = np.stack([pixel[:, 0] - 12, pixel[:, 1] - tall, pixel[:, 0] + 12, pixel[:, 1]], axis=1)
    n_rows = len(sample)
    return {
        "sample": sample,
        "box": box,
        "place": place,
        "team": rng.choice([-1, 0, 1], n_rows, p=[0.7, 0.15, 0.15]),
        "role": rng.choice([-1, 0, REFEREE], n_rows, p=[0.4, 0.3, 0.3]),
        "rgb": rng.uniform(20, 230, (n_rows, 3)),
    }


def _ball(
    half: SimulatedHalf,
    sight: Sight,
    rng: Generator,
    moment: IntArray,
    calibrated: BoolArray,
    inverse: FloatArray,
    drift: FloatArray,
    pitch: PitchSpec,
) -> tuple[IntArray, FloatArray, FloatArray]:
    """(B,) samples, (B, 2) places (NaN for misread ones), (B, 2) pixels."""
    n_samples = len(calibrated)
    lucky = ndtr(_wander(rng, n_samples, 0.7)) < sight.ball_recall
    ball = half.ball_xyz_m[moment]
    if sight.sees_all:
        at = np.flatnonzero(lucky & np.isfinite(ball[:, 0]))
        return at, ball[at, :2] + drift[at], np.full((len(at), 2), np.nan)
    # A ball in the air is seen, and taken to lie, where the ray through it meets the ground: further from the camera.
    eye = _eye(half)
    up = np.clip(ball[:, 2:3], 0, 0.8 * eye[2])
    place = ball[:, :2] + (ball[:, :2] - eye[:2]) * up / (eye[2] - up)
    matrix = half.image_from_pitch[moment]
    pixel = _project(matrix, place)
    false = rng.random(n_samples) < sight.false_ball
    width, height = half.image_size_px
    wrong = rng.uniform(0, 1, (n_samples, 2)) * [width, height]
    pixel = np.where(false[:, None], wrong, pixel) + rng.normal(0, sight.view_px, (n_samples, 2))
    inside = (pixel >= 0).all(1) & (pixel[:, 0] < width) & (pixel[:, 1] < height)
    at = np.flatnonzero(calibrated & inside & (lucky | false))
    ground = _ground(inverse[at], pixel[at, None])[:, 0] + drift[at]
    ground[~pitch.contains(ground, margin_m=BALL_MARGIN_M)] = np.nan
    return at, ground, pixel[at]


def _eye(half: SimulatedHalf) -> FloatArray:
    """(3,) about where the main camera stands, from the ground map of the first sample.

    For a level pinhole with square pixels K [r1 r2 t]: with the focal length from the orthogonality of r1 and r2, the
    centre is -R^T t.
    """
    matrix = half.image_from_pitch[0]
    width, height = half.image_size_px
    shifted = np.array([[1, 0, -width / 2], [0, 1, -height / 2], [0, 0, 1.0]]) @ matrix
    h1, h2, h3 = shifted.T
    focal_2 = -(h1[0] * h2[0] + h1[1] * h2[1]) / (h1[2] * h2[2])
    if not focal_2 > 0:
        return np.array([0.0, -70.0, 18.0])
    unscaled = np.stack([h1, h2, h3], 1) / np.array([np.sqrt(focal_2)] * 2 + [1.0])[:, None]
    length = np.linalg.norm(unscaled[:, 0])
    r1, r2, t = (unscaled / length).T
    rotation = np.stack([r1, r2, np.cross(r1, r2)], 1)
    eye = -rotation.T @ t
    return np.asarray(eye if eye[2] > 0 else eye * [1, 1, -1])


def _players(
    half: SimulatedHalf,
    rows: dict[str, NDArray[np.generic]],
    ball: tuple[IntArray, FloatArray, FloatArray],
) -> PlayersTrack:
    sample = rows["sample"].astype(np.int64)
    at, ball_xy, ball_px = ball
    n_rows = len(sample)
    return PlayersTrack(
        times_ms=half.times_ms[sample],
        frame_indices=half.times_ms[sample] // 40,
        track_id=np.full(n_rows, -1, np.int64),
        box_px=rows["box"].astype(np.float64),
        score=np.full(n_rows, 0.9),
        role=rows["role"].astype(np.int64),
        team=rows["team"].astype(np.int64),
        colour_rgb=np.clip(rows["rgb"].astype(np.float64), 0, 255),
        pitch_xy_m=rows["place"].astype(np.float64),
        sigma_m=np.full(n_rows, 0.5),
        source=np.zeros(n_rows, np.int64),
        ball_times_ms=half.times_ms[at],
        ball_xy_m=ball_xy,
        ball_px=ball_px,
        ball_score=np.full(len(at), 0.8),
    )


def _calibrations(
    half: SimulatedHalf, matrix: FloatArray, calibrated: BoolArray, rng: Generator
) -> CalibrationTrack:
    confidence = np.where(calibrated, rng.uniform(0.6, 1.0, len(calibrated)), 0.0)
    return CalibrationTrack(
        times_ms=half.times_ms,
        frame_indices=half.times_ms // 40,
        image_from_pitch=np.where(calibrated[:, None, None], matrix, np.nan),
        confidence=confidence,
        status=np.where(calibrated, "ok", "refused"),
        image_size_px=half.image_size_px,
        method="simulated",
    )


def _ground(inverse: FloatArray, pixel: FloatArray) -> FloatArray:
    """(T, P, 2) ground points of pixels (T, P, 2) by maps (T, 3, 3)."""
    rays = np.einsum("tij,tpj->tpi", inverse[:, :, :2], pixel) + inverse[:, None, :, 2]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(rays[..., :2] / rays[..., 2:])


def _project(matrix: FloatArray, place: FloatArray) -> FloatArray:
    """(N, 2) pixels of ground points (N, 2), each by its own map (N, 3, 3); behind the camera NaN."""
    image = np.einsum("nij,nj->ni", matrix[:, :, :2], place) + matrix[:, :, 2]
    with np.errstate(invalid="ignore", divide="ignore"):
        pixel = image[:, :2] / image[:, 2:]
    # Divided by their own [2, 2], the maps of a camera that looks over the grass keep one sign before it.
    return np.asarray(np.where(image[:, 2:] > 0, pixel, np.nan))


def _wander(rng: Generator, n_samples: int, time_s: float) -> FloatArray:
    """(T,) standard normal noise that forgets itself over ``time_s``."""
    keep = float(np.exp(-1 / (time_s * SAMPLE_RATE_HZ)))
    noise = rng.normal(0, 1, n_samples)
    start = np.array([keep * rng.normal()])
    return np.asarray(lfilter([np.sqrt(1 - keep**2)], [1.0, -keep], noise, zi=start)[0])
