"""Single random frames with their truth, for training: many stadiums, kits, lights and cameras, without end."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis.core.camera import Camera
from analysis.core.homography import normalised
from analysis.core.pitch import STANDARD_PITCH, PitchSpec
from analysis.core.records import Calibration
from analysis.core.vocabulary import ROLES, TEAMS
from analysis.synthetic import effects
from analysis.synthetic.operator import CameraPath
from analysis.synthetic.play import play_sample
from analysis.synthetic.randomisation import TRAINING, FrameRanges, draw_look
from analysis.synthetic.render import Look, Painter
from analysis.synthetic.squads import with_bystanders
from analysis.synthetic.viewpoints import Stand, draw_stand, draw_view
from analysis.synthetic.views import Motion, Views, view_people
from analysis.video.images import recompressed

FloatArray = NDArray[np.float64]

_POOL = 5
_FRAMES_A_STADIUM = 40
_PLAY_FRAMES = 1500


@dataclass(frozen=True, slots=True)
class TrainingFrame:
    """One picture and everything true about it.

    Args:
        image: (H, W, 3) uint8 RGB.
        calibration: the pinhole view (status ``ok``, confidence 1); exact where ``camera.radial_k1`` is 0.
        camera: the view with its lens: ``camera.project`` puts any world point where the picture shows it.
        kind: ``main``, ``scouting``, ``tactical`` or ``behind_goal``.
        box_px: (N, 4) x0 y0 x1 y1, tight, not clipped to the picture; lower middle = image of the true position.
        visible_share: (N,) part of the box in the picture and not hidden by nearer people.
        role: (N,) index in ``vocabulary.ROLES``; -1 for staff and ball boys beside the pitch.
        team: (N,) index in ``vocabulary.TEAMS`` or -1.
        pitch_xy_m: (N, 2).
        shirt_rgb: (N, 3) colour of the shirt before light and grading.
        ball_px: (2,) middle of the ball, or None when it is out of the picture.
        ball_xyz_m: (3,).
    """

    image: NDArray[np.uint8]
    calibration: Calibration
    camera: Camera
    kind: str
    box_px: FloatArray
    visible_share: FloatArray
    role: NDArray[np.int64]
    team: NDArray[np.int64]
    pitch_xy_m: FloatArray
    shirt_rgb: FloatArray
    ball_px: FloatArray | None
    ball_xyz_m: FloatArray


def random_frames(
    rng: np.random.Generator,
    size_px: tuple[int, int] = (640, 360),
    *,
    kinds: dict[str, float] | None = None,
    ranges: FrameRanges = TRAINING,
    pitch: PitchSpec = STANDARD_PITCH,
) -> Iterator[TrainingFrame]:
    """Random frames for ever; the same generator state gives the same frames.

    A handful of stadiums is kept at a time and replaced one by one, so neighbours in the stream differ and the costly
    textures are shared by some dozens of frames.

    Args:
        rng: the only source of chance.
        size_px: (width, height), even numbers.
        kinds: shares of camera kinds, ``viewpoints.KIND_SHARES`` when None; e.g. ``{"main": 1.0}``.
        ranges: domain randomisation of single frames, see ``randomisation``.
        pitch: size of the pitch.
    """
    pool: list[_Stadium] = []
    while True:
        if len(pool) < _POOL:
            pool.append(_Stadium(rng, size_px, kinds, pitch, ranges))
        at = int(rng.integers(len(pool)))
        yield pool[at].frame(rng, ranges)
        if pool[at].n_taken >= _FRAMES_A_STADIUM:
            pool.pop(at)


def frames_at(
    rng: np.random.Generator,
    cameras: Sequence[Camera],
    *,
    ranges: FrameRanges = TRAINING,
    pitch: PitchSpec = STANDARD_PITCH,
    a_stadium: int = 10,
) -> Iterator[TrainingFrame]:
    """One frame for each given camera, in order; its kind is ``main``.

    Args:
        rng: the only source of chance: places, kits, light, players.
        cameras: all of one image size.
        ranges: domain randomisation of single frames, see ``randomisation``.
        pitch: size of the pitch.
        a_stadium: frames taken in one stadium before the next one is built.
    """
    for first in range(0, len(cameras), a_stadium):
        guests = cameras[first : first + a_stadium]
        # The stand before them must hide the pitch from none, so it is built for who looks over it at the lowest angle.
        lowest = min(guests, key=lambda one: _steepness(one, pitch))
        size_px = lowest.image_size_px
        stadium = _Stadium(rng, size_px, {"main": 1.0}, pitch, ranges, eye_m=lowest.position_m)
        for camera in guests:
            yield stadium.frame(rng, ranges, camera)


def _steepness(camera: Camera, pitch: PitchSpec) -> float:
    """Height of a camera for each metre behind the near touch-line."""
    _, y, z = camera.position_m
    return z / max(-y - pitch.width_m / 2, 1.0)


class _Stadium:
    """One match in one place, filmed from one stand."""

    def __init__(
        self,
        rng: np.random.Generator,
        size_px: tuple[int, int],
        kinds: dict[str, float] | None,
        pitch: PitchSpec,
        ranges: FrameRanges,
        eye_m: tuple[float, float, float] | None = None,
    ) -> None:
        self.n_taken = 0
        self.size_px, self.pitch = size_px, pitch
        self.stand: Stand = draw_stand(rng, kinds)
        self.play = with_bystanders(
            play_sample(rng, _PLAY_FRAMES, pitch), rng, pitch, ranges.most_bystanders
        )
        self.motion = Motion(self.play)
        look = replace(draw_look(rng), noise=0.0, grade=effects.Grade())
        has_near_side = ranges.near_side_share >= 1 or bool(rng.random() < ranges.near_side_share)
        if self.stand.kind == "behind_goal" or not has_near_side:
            look = replace(look, has_near_side=False)
        self.look: Look = look
        eye = eye_m or self.stand.position_m
        self.painter = Painter(
            self.play, look, rng, size_px=size_px, pitch=pitch,
            camera_yz_m=(min(eye[1], -50.0), eye[2]), detail=min(1.0, size_px[0] / 1000),
        )  # fmt: skip
        self.noise = effects.noise_tile(rng, size_px, 1.0)

    def frame(
        self, rng: np.random.Generator, ranges: FrameRanges, given: Camera | None = None
    ) -> TrainingFrame:
        """Another moment, another view: from the stand, or the given one."""
        self.n_taken += 1
        moment = int(rng.integers(40, self.play.n_frames))
        ball = self.play.ball_xyz_m[moment].astype(np.float64)
        camera = given or draw_view(
            rng, self.stand, ball[:2], self.size_px, bent_share=ranges.bent_share
        )
        path = _path_of(camera)
        views = view_people(
            self.play, self.motion, path, path_part=slice(0, 1), play_frames=np.array([moment])
        )
        image = self.painter.frame(path.image_from_world()[0], views, 0, moment, 0)
        if camera.radial_k1:
            image = effects.bend(image, camera.focal_px, camera.radial_k1)
        image = _distress(image, rng, ranges, self)
        return self._with_truth(image, camera, views, moment)

    def _with_truth(
        self, image: NDArray[np.uint8], camera: Camera, views: Views, moment: int
    ) -> TrainingFrame:
        shown = np.flatnonzero(views.is_shown[0])
        box = views.box_px[0, shown]
        if camera.radial_k1 and len(shown):
            box = _bent_boxes(box, camera)
        people = [self.play.people[p] for p in shown]
        kits = [self.look.kits[self.painter.person_kit[p]].shirt for p in shown]
        ball = self.play.ball_xyz_m[moment].astype(np.float64)
        ball_px = camera.project((ball + np.array([0, 0, 0.11]))[None])[0]
        inside = (ball_px >= 0).all() and (ball_px < self.size_px).all()
        return TrainingFrame(
            image=image,
            calibration=Calibration(normalised(camera.image_from_pitch), self.size_px, 1.0, "ok", "synthetic"),
            camera=camera,
            kind=self.stand.kind,
            box_px=box,
            visible_share=views.visible_share[0, shown],
            role=np.array([ROLES.index(p.role) if p.role in ROLES else -1 for p in people], np.int64),
            team=np.array([TEAMS.index(p.team) if p.team else -1 for p in people], np.int64),
            pitch_xy_m=self.play.person_xy_m[moment, shown].astype(np.float64),
            shirt_rgb=np.array(kits, np.float64).reshape(-1, 3),
            ball_px=ball_px if inside else None,
            ball_xyz_m=ball,
        )  # fmt: skip


def _path_of(camera: Camera) -> CameraPath:
    """One frame's camera path."""
    one = {
        name: np.array([getattr(camera, name)])
        for name in ("pan_rad", "tilt_rad", "roll_rad", "focal_px")
    }
    return CameraPath(
        position_m=np.array([camera.position_m]), image_size_px=camera.image_size_px, **one
    )


def _bent_boxes(box: FloatArray, camera: Camera) -> FloatArray:
    """Boxes where the lens puts them: their lower middle and their height move along."""
    middle = np.array(camera.image_size_px) / 2

    def bend(points: FloatArray) -> FloatArray:
        plane = (points - middle) / camera.focal_px
        return (
            plane * (1 + camera.radial_k1 * (plane**2).sum(1, keepdims=True)) * camera.focal_px
            + middle
        )

    foot = np.stack([(box[:, 0] + box[:, 2]) / 2, box[:, 3]], axis=1)
    head = np.stack([foot[:, 0], box[:, 1]], axis=1)
    new_foot, new_head = bend(foot), bend(head)
    half = (box[:, 2] - box[:, 0]) / 2 * (new_foot[:, 1] - new_head[:, 1]) / (box[:, 3] - box[:, 1])
    return np.stack(
        [new_foot[:, 0] - half, new_head[:, 1], new_foot[:, 0] + half, new_foot[:, 1]], axis=1
    )


def _distress(
    image: NDArray[np.uint8], rng: np.random.Generator, ranges: FrameRanges, stadium: _Stadium
) -> NDArray[np.uint8]:
    """Light, motion blur, softness, graphics, noise and compression of one frame."""

    def pick(limits: tuple[float, float]) -> float:
        return float(rng.uniform(*limits))

    if rng.random() < ranges.smear_share:
        image = effects.smear(image, pick(ranges.smear_px), 0.3 * pick(ranges.smear_px))
    if rng.random() < ranges.soft_share:
        image = effects.soften(image, pick(ranges.soft_scale))
    grade = effects.Grade(
        gamma=pick(ranges.gamma),
        contrast=pick(ranges.contrast),
        saturation=pick(ranges.saturation),
        brightness=pick(ranges.brightness),
        tint_rgb=(pick(ranges.tint), pick(ranges.tint), pick(ranges.tint)),
    )
    image = effects.grade_image(image, grade)
    if rng.random() < ranges.graphics_share:
        colours = [kit.shirt for kit in stadium.look.kits[:2]]
        clock = f"{rng.integers(0, 9)}-{rng.integers(0, 9)} {rng.integers(0, 90):02d}:{rng.integers(0, 60):02d}"
        effects.score_bug(image, ("HOM", "AWY", clock), colours, right=bool(rng.random() < 0.3))
        if rng.random() < 0.15:
            effects.lower_third(image, "MATCHDAY LIVE", colours[0])
    if rng.random() < ranges.noise_share:
        strength = int(rng.integers(1, ranges.most_noise + 1))
        tile = np.multiply(stadium.noise, strength, dtype=np.int8)
        image = effects.add_noise(image, tile, int(rng.integers(4096)))
    if rng.random() < ranges.jpeg_share:
        image = recompressed(image, quality=int(pick(ranges.jpeg_quality)))
    return image
