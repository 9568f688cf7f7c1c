"""Frames of the broadcast: stands, grass, lines, goals, shadows, people, ball, and what a camera does to them."""

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.core.pitch import PitchSpec
from analysis.synthetic import effects, figures, ground, lines, panels, stadium
from analysis.synthetic.records import MatchPlay
from analysis.synthetic.views import Views

FloatArray = NDArray[np.float64]
ImageArray = NDArray[np.uint8]

OFFICIALS_KIT, STAFF_KIT = 4, 5


@dataclass(frozen=True, slots=True)
class Look:
    """How a match looks.

    Args:
        kits: home, away, home keeper, away keeper, officials, people beside the pitch.
        ground: the grass.
        backdrop: colour behind everything.
        line_white: opacity of the paint, 0..1.
        shadow_xy_m: where the tip of a 1.8 m person's shadow falls; (0, 0) for floodlights.
        shadow_strength: 0..1.
        noise: standard deviation of the sensor's noise, grey levels.
        blur_px: sigma of the lens.
        grade: colours of the broadcast.
        fullness: share of seats taken.
        seats: colour of empty ones.
        has_near_side: whether boards, dug-outs and stand this side of the pitch exist.
    """

    kits: tuple[figures.Kit, ...]
    ground: ground.GroundStyle
    backdrop: tuple[int, int, int] = (34, 36, 44)
    line_white: float = 0.85
    shadow_xy_m: tuple[float, float] = (0.0, 0.0)
    shadow_strength: float = 0.35
    noise: float = 1.0
    blur_px: float = 0.6
    grade: effects.Grade = field(default_factory=effects.Grade)
    fullness: float = 0.85
    seats: tuple[int, int, int] = (120, 40, 44)
    has_near_side: bool = True


class Painter:
    """Paints frames of one match.

    Args:
        play: who is there.
        look: colours and light.
        rng: textures.
        size_px: (width, height) of the frames.
        pitch: size of the pitch.
        camera_yz_m: where the main camera stands; what is before it is built below its line of sight.
        detail: texture pixels relative to a 720p picture's.
    """

    def __init__(
        self,
        play: MatchPlay,
        look: Look,
        rng: np.random.Generator,
        *,
        size_px: tuple[int, int],
        pitch: PitchSpec,
        camera_yz_m: tuple[float, float] = (-75.0, 18.0),
        detail: float = 1.0,
    ) -> None:
        self.play, self.look, self.size_px, self.pitch = play, look, size_px, pitch
        self.wardrobe = figures.Wardrobe()
        fans = [look.kits[0].shirt, look.kits[0].shirt, look.kits[1].shirt, (230, 230, 230)]
        seating = {"fullness": look.fullness, "seats": look.seats, "kits": fans}
        grass_px = max(5, round(ground.GRASS_PX_PER_M * detail))
        self.ground = ground.ground_panel(rng, look.ground, pitch, grass_px)
        self.stands = stadium.stand_panels(rng, pitch, **seating, px=max(5, round(8 * detail)))
        self.boards = stadium.board_panels(rng, pitch)
        near = stadium.near_panels(rng, pitch, camera_yz_m, **seating)
        self.near = near if look.has_near_side else []
        self.person_kit = [_kit_index(person.team, person.role) for person in play.people]
        self.backdrop = np.full((size_px[1], size_px[0], 3), look.backdrop, np.uint8)
        self._noise = effects.noise_tile(rng, size_px, look.noise) if look.noise > 0 else None
        self._paint_gain = 238 / np.maximum(np.array(look.ground.grass, np.float32), 1)

    def frame(
        self, image_from_world: FloatArray, views: Views, i: int, moment: int, seed: int
    ) -> ImageArray:
        """(H, W, 3) RGB.

        Args:
            image_from_world: (3, 4), weight is the depth.
            views: people of a chunk of frames.
            i: which row of ``views``.
            moment: frame of the match.
            seed: of this frame's noise.
        """
        canvas = self.backdrop.copy()
        eye = -np.linalg.solve(image_from_world[:, :3], image_from_world[:, 3])
        looks_over_near_side = bool(eye[1] < -self.pitch.width_m / 2 - 5)
        behind = self.stands if looks_over_near_side else [*self.stands, *self.near]
        for panel in behind:
            panels.paint(canvas, panel, image_from_world)
        panels.paint(canvas, self.ground, image_from_world)
        self._lines(canvas, image_from_world)
        for panel in self.boards:
            panels.paint(canvas, panel, image_from_world)
        order = [int(p) for p in np.argsort(-views.depth_m[i]) if views.is_shown[i, p]]
        position = self.play.person_xy_m[moment]
        light = self.look.ground.light_at(position[:, 0], position[:, 1])
        self._shadows(canvas, views, i, [p for p in order if light[p] > 0.9])
        lines.draw_goals(canvas, image_from_world, self.pitch)
        for p in order:
            self._person(canvas, views, i, p, float(light[p]))
        self._ball(canvas, image_from_world, self.play.ball_xyz_m[moment].astype(np.float64))
        for panel in self.near if looks_over_near_side else []:
            panels.paint(canvas, panel, image_from_world)
        return self._develop(canvas, seed)

    def _lines(self, canvas: ImageArray, image_from_world: FloatArray) -> None:
        """White paint: as much brighter than the grass under it as white is, so that shade stays shade."""
        mask = lines.line_mask(image_from_world[:, [0, 1, 3]], self.pitch, self.size_px)
        at = np.flatnonzero(mask.ravel() > 3)
        pixels = canvas.reshape(-1, 3)
        share = mask.ravel()[at].astype(np.float32)[:, None] * (self.look.line_white / 255)
        under = pixels[at].astype(np.float32)
        white = np.minimum(under * self._paint_gain, 250)
        pixels[at] = (under + (white - under) * share).astype(np.uint8)

    def _shadows(self, canvas: ImageArray, views: Views, i: int, order: list[int]) -> None:
        """Soft dark ellipses: long ones in the sun, round ones under floodlights."""
        height, width = canvas.shape[:2]
        dx, dy = self.look.shadow_xy_m
        for p in order:
            x, y = views.foot_px[i, p]
            across, upright = views.scale_px_per_m[i, p]
            flat = np.sqrt(max(across**2 - upright**2, 1e-6)) if across > upright else 0.25 * across
            tip = np.array([dx * across, -dy * flat])
            length = float(np.hypot(*tip))
            half_w = int(max(0.45 * across, abs(tip[0]) / 2 + 0.3 * across)) + 2
            half_h = int(max(0.45 * flat, abs(tip[1]) / 2 + 0.3 * flat)) + 2
            cx, cy = x + tip[0] / 2, y + tip[1] / 2 - 0.04 * across
            x0, y0, x1, y1 = (
                int(cx) - half_w,
                int(cy) - half_h,
                int(cx) + half_w + 1,
                int(cy) + half_h + 1,
            )
            if x0 < 0 or y0 < 0 or x1 > width or y1 > height:
                continue
            patch = canvas[y0:y1, x0:x1]
            mask = np.zeros(patch.shape[:2], np.uint8)
            axes = (
                max(2, round((length / 2 + 0.25 * across) * 16)),
                max(2, round(0.22 * max(flat, 0.25 * across) * 16)),
            )
            angle = float(np.degrees(np.arctan2(tip[1], tip[0])))
            centre = (round((cx - x0) * 16), round((cy - y0) * 16))
            cv2.ellipse(mask, centre, axes, angle, 0, 360, 255, -1, cv2.LINE_AA, 4)
            dark = 1 - mask[..., None].astype(np.float32) * (self.look.shadow_strength / 255)
            patch[:] = (patch * dark).astype(np.uint8)

    def _person(self, canvas: ImageArray, views: Views, i: int, p: int, light: float) -> None:
        person = self.play.people[p]
        kit = self.look.kits[self.person_kit[p]]
        size = views.scale_px_per_m[i, p] * (person.height_m / figures.NOMINAL_HEIGHT_M)
        sprite = self.wardrobe.sprite(
            kit,
            person.look,
            int(views.pose[i, p]),
            int(views.yaw[i, p]),
            float(size.max()),
        )
        scale = size / (figures.PX_PER_M * sprite.detail)
        put_sprite(canvas, sprite, views.foot_px[i, p], scale, light)

    def _ball(
        self, canvas: ImageArray, image_from_world: FloatArray, ball_xyz_m: FloatArray
    ) -> None:
        x, y, z = (float(v) for v in ball_xyz_m)
        ground = image_from_world @ np.array([x, y, 0.0, 1.0])
        centre = image_from_world @ np.array([x, y, z + 0.11, 1.0])
        if centre[2] < 4 or not np.isfinite(centre).all():
            return
        focal = np.linalg.norm(
            image_from_world[0, :3] - image_from_world[2, :3] * canvas.shape[1] / 2
        )
        radius = max(0.125 * focal / centre[2], 1.0)
        sx, sy = ground[:2] / ground[2] - 0.5
        cx, cy = centre[:2] / centre[2] - 0.5
        if not (-50 < cx < canvas.shape[1] + 50 and -50 < cy < canvas.shape[0] + 50):
            return
        if -50 < sy < canvas.shape[0] + 50:
            axes = (round(radius * 16), round(radius * 0.45 * 16))
            cv2.ellipse(
                canvas,
                (round(sx * 16), round(sy * 16)),
                axes,
                0,
                0,
                360,
                (36, 62, 28),
                -1,
                cv2.LINE_AA,
                4,
            )
        at = (round(cx * 16), round(cy * 16))
        cv2.circle(canvas, at, round(radius * 16), (236, 238, 236), -1, cv2.LINE_AA, 4)

    def _develop(self, canvas: ImageArray, seed: int) -> ImageArray:
        """Lens blur, grading and sensor noise."""
        if self.look.blur_px > 0.05:
            canvas = np.asarray(cv2.GaussianBlur(canvas, (3, 3), self.look.blur_px))
        if self.look.grade != effects.Grade():
            canvas = effects.grade_image(canvas, self.look.grade)
        return canvas if self._noise is None else effects.add_noise(canvas, self._noise, seed)


def put_sprite(
    canvas: ImageArray,
    sprite: figures.Sprite,
    foot_px: FloatArray,
    scale: FloatArray,
    light: float = 1.0,
) -> None:
    """Draw a sprite with its anchor on ``foot_px``; ``scale`` (2,) is frame pixels per sprite pixel, x and y."""
    level = min(
        max(0, int(np.floor(-np.log2(max(float(scale.max()), 1e-3)) + 0.25))),
        len(sprite.levels) - 1,
    )
    image = sprite.levels[level]
    sx, sy = float(scale[0]) * 2**level, float(scale[1]) * 2**level
    ax, ay = sprite.anchor_px[0] / 2**level, sprite.anchor_px[1] / 2**level
    height, width = canvas.shape[:2]
    left, top = foot_px[0] - ax * sx, foot_px[1] - ay * sy
    x0, y0 = max(0, int(np.floor(left))), max(0, int(np.floor(top)))
    x1 = min(width, int(np.ceil(left + image.shape[1] * sx)) + 1)
    y1 = min(height, int(np.ceil(top + image.shape[0] * sy)) + 1)
    if x1 - x0 < 1 or y1 - y0 < 1:
        return
    # Indices have pixel centres at integers, positions at half integers.
    matrix = np.array(
        [[sx, 0, left - x0 + 0.5 * sx - 0.5], [0, sy, top - y0 + 0.5 * sy - 0.5]], np.float64
    )
    patch = cv2.warpAffine(image, matrix, (x1 - x0, y1 - y0), flags=cv2.INTER_LINEAR)
    target = canvas[y0:y1, x0:x1]
    keep = 255 - patch[..., 3:].astype(np.uint16)
    colour = (
        patch[..., :3] if light > 0.99 else (patch[..., :3] * np.float32(light)).astype(np.uint16)
    )
    target[:] = (colour + (target * keep + 127) // 255).astype(np.uint8)


def _kit_index(team: str | None, role: str) -> int:
    if team is None:
        return OFFICIALS_KIT if role == "referee" else STAFF_KIT
    side = 0 if team == "home" else 1
    return side + 2 if role == "goalkeeper" else side
