"""Frames of the broadcast: scenery, lines, goals, shadows, people, ball, graphics, and what a camera does to them."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.core.pitch import PitchSpec
from analysis.synthetic import figures, lines, scenery
from analysis.synthetic.records import MatchPlay
from analysis.synthetic.views import Views

FloatArray = NDArray[np.float64]
ImageArray = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Look:
    """How a match looks.

    Args:
        kits: home, away, home keeper, away keeper, officials.
        ground: the grass.
        backdrop: colour behind everything.
        line_white: brightness of fresh paint, 0..1.
        shadow_xy_m: where the tip of a 1.8 m person's shadow falls; (0, 0) for floodlights.
        shadow_strength: 0..1.
        noise: standard deviation of the sensor's noise, grey levels.
        blur_px: sigma of the lens.
        gain_rgb: colour balance.
        fullness: share of seats taken.
        seats: colour of empty ones.
    """

    kits: tuple[figures.Kit, ...]
    ground: scenery.GroundStyle
    backdrop: tuple[int, int, int] = (34, 36, 44)
    line_white: float = 0.85
    shadow_xy_m: tuple[float, float] = (0.0, 0.0)
    shadow_strength: float = 0.35
    noise: float = 2.5
    blur_px: float = 0.6
    gain_rgb: tuple[float, float, float] = (1.0, 1.0, 1.0)
    fullness: float = 0.85
    seats: tuple[int, int, int] = (120, 40, 44)


class Painter:
    """Paints frames of one match.

    Args:
        play: who is there.
        look: colours and light.
        rng: textures.
        size_px: (width, height) of the frames.
        pitch: size of the pitch.
    """

    def __init__(
        self,
        play: MatchPlay,
        look: Look,
        rng: np.random.Generator,
        *,
        size_px: tuple[int, int],
        pitch: PitchSpec,
    ) -> None:
        self.play, self.look, self.size_px, self.pitch = play, look, size_px, pitch
        self.wardrobe = figures.Wardrobe()
        fans = [look.kits[0].shirt, look.kits[0].shirt, look.kits[1].shirt, (230, 230, 230)]
        self.ground = scenery.ground_panel(rng, look.ground, pitch)
        self.stands = scenery.stand_panels(
            rng, pitch, fullness=look.fullness, seats=look.seats, kits=fans
        )
        self.boards = scenery.board_panels(rng, pitch)
        self.person_kit = [_kit_index(person.team, person.role) for person in play.people]
        tile = rng.normal(0, max(look.noise, 0.01), (size_px[1] + 64, size_px[0] + 64, 1))
        tile = tile + rng.normal(0, max(look.noise, 0.01) * 0.5, (*tile.shape[:2], 3))
        self._noise = np.clip(tile, -127, 127).astype(np.int8)

    def frame(
        self, image_from_world: FloatArray, views: Views, i: int, ball_xyz_m: FloatArray, seed: int
    ) -> ImageArray:
        """(H, W, 3) RGB.

        Args:
            image_from_world: (3, 4), weight is the depth.
            views: people of a chunk of frames.
            i: which row of ``views``.
            ball_xyz_m: (3,).
            seed: of this frame's noise.
        """
        width, height = self.size_px
        canvas = np.empty((height, width, 3), np.uint8)
        canvas[:] = self.look.backdrop
        for panel in self.stands:
            scenery.paint(canvas, panel, image_from_world)
        scenery.paint(canvas, self.ground, image_from_world)
        self._lines(canvas, image_from_world)
        for panel in self.boards:
            scenery.paint(canvas, panel, image_from_world)
        order = [p for p in np.argsort(-views.depth_m[i]) if views.is_shown[i, p]]
        self._shadows(canvas, views, i, order)
        lines.draw_goals(canvas, image_from_world, self.pitch)
        for p in order:
            self._person(canvas, views, i, int(p))
        self._ball(canvas, image_from_world, ball_xyz_m)
        return self._develop(canvas, seed)

    def _lines(self, canvas: ImageArray, image_from_world: FloatArray) -> None:
        """White paint over grass, a little of the grass showing through."""
        mask = lines.line_mask(image_from_world[:, [0, 1, 3]], self.pitch, self.size_px)
        at = np.flatnonzero(mask.ravel() > 3)
        pixels = canvas.reshape(-1, 3)
        share = mask.ravel()[at].astype(np.float32)[:, None] * (self.look.line_white / 255)
        under = pixels[at].astype(np.float32)
        pixels[at] = (under + (np.array([240, 244, 238], np.float32) - under) * share).astype(
            np.uint8
        )

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

    def _person(self, canvas: ImageArray, views: Views, i: int, p: int) -> None:
        person = self.play.people[p]
        kit = self.look.kits[self.person_kit[p]]
        sprite = self.wardrobe.sprite(kit, person.look, int(views.pose[i, p]), int(views.yaw[i, p]))
        scale = (
            views.scale_px_per_m[i, p]
            * (person.height_m / figures.NOMINAL_HEIGHT_M)
            / figures.PX_PER_M
        )
        put_sprite(canvas, sprite, views.foot_px[i, p], scale)

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
        """Lens blur, colour balance and sensor noise."""
        if self.look.blur_px > 0.05:
            canvas = cv2.GaussianBlur(canvas, (3, 3), self.look.blur_px)
        if self.look.gain_rgb != (1.0, 1.0, 1.0):
            table = np.clip(np.arange(256)[:, None] * np.array(self.look.gain_rgb), 0, 255)
            canvas = cv2.LUT(canvas, table.astype(np.uint8).reshape(256, 1, 3))
        if self.look.noise > 0:
            dx, dy = (seed * 37) % 64, (seed * 53) % 64
            part = self._noise[dy : dy + canvas.shape[0], dx : dx + canvas.shape[1]]
            canvas = cv2.add(canvas, part, dtype=cv2.CV_8U)
        return np.asarray(canvas)


def put_sprite(
    canvas: ImageArray, sprite: figures.Sprite, foot_px: FloatArray, scale: FloatArray
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
    target[:] = (patch[..., :3] + (target * keep + 127) // 255).astype(np.uint8)


def _kit_index(team: str | None, role: str) -> int:
    if team is None:
        return 4
    side = 0 if team == "home" else 1
    return side + 2 if role == "goalkeeper" else side
