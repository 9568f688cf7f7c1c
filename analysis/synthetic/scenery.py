"""What stands still: grass, stands full of people, boards. Each is a flat picture in metres, warped into the view.

A ``Panel`` is a rectangle in space with a texture; ``paint`` puts it into a frame through the camera's projection.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.core.pitch import PitchSpec

FloatArray = NDArray[np.float64]
ImageArray = NDArray[np.uint8]
RGB = tuple[int, int, int]

GRASS_PX_PER_M = 10
MARGIN_M = (10.0, 10.0)
"""Ground shown beyond the goal-lines and beyond the touch-lines."""


@dataclass(slots=True)
class Panel:
    """A textured rectangle: texture pixel (u, v) lies at ``origin + u * step_u + v * step_v`` (3,) metres each."""

    texture: ImageArray
    origin: FloatArray
    step_u: FloatArray
    step_v: FloatArray

    @property
    def world_from_texture(self) -> FloatArray:
        """(4, 3) homogeneous map."""
        plane = np.zeros((4, 3))
        plane[:3] = np.stack([self.step_u, self.step_v, self.origin], axis=1)
        plane[3, 2] = 1.0
        return plane


def paint(canvas: ImageArray, panel: Panel, image_from_world: FloatArray) -> None:
    """Warp a panel into a frame (H, W, 3) in place.

    Args:
        canvas: the frame.
        panel: what to paint.
        image_from_world: (3, 4), weight is the depth.
    """
    image_from_texture = image_from_world @ panel.world_from_texture
    box = _shown_part(panel, image_from_texture, canvas.shape)
    if box is None:
        return
    x0, y0, x1, y1 = box
    shift = np.array([[1.0, 0, -x0], [0, 1.0, -y0], [0, 0, 1.0]])
    # OpenCV reads textures at pixel centres, so half a pixel goes in before and comes off after.
    half = np.array([[1.0, 0, 0.5], [0, 1.0, 0.5], [0, 0, 1.0]])
    matrix = np.linalg.inv(half) @ shift @ image_from_texture @ half
    cv2.warpPerspective(
        panel.texture,
        matrix,
        (x1 - x0, y1 - y0),
        dst=canvas[y0:y1, x0:x1],
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_TRANSPARENT,
    )


def _shown_part(
    panel: Panel, image_from_texture: FloatArray, shape: tuple[int, ...]
) -> tuple[int, int, int, int] | None:
    """Pixel rectangle of the frame that may show the panel; None when it is out of view."""
    height, width = panel.texture.shape[:2]
    u, v = np.meshgrid(np.linspace(0, width, 33), np.linspace(0, height, 17))
    mapped = image_from_texture @ np.stack([u.ravel(), v.ravel(), np.ones(u.size)])
    front = mapped[2] > 1.0
    if not front.any():
        return None
    points = mapped[:2, front] / mapped[2, front]
    pad = 0 if front.all() else max(shape)
    low, high = points.min(1) - pad - 2, points.max(1) + pad + 2
    if not front.all():
        low[1], high[1] = points[1].min() - 60, points[1].max() + pad
    x0, y0 = max(0, int(low[0])), max(0, int(low[1]))
    x1, y1 = min(shape[1], int(high[0]) + 1), min(shape[0], int(high[1]) + 1)
    return (x0, y0, x1, y1) if x1 - x0 > 1 and y1 - y0 > 1 else None


@dataclass(frozen=True, slots=True)
class GroundStyle:
    """How the grass looks.

    Args:
        grass: colour of the middle tone.
        stripe_contrast: relative, 0 for none.
        stripe_m: width of a mown band.
        stripe_pattern: ``across``, ``along`` or ``checks``.
        apron: colour beyond the grass.
        apron_m: grass goes on so far beyond the lines.
        wear: 0 none .. 1 much.
        grain: strength of the grass's own noise.
    """

    grass: RGB = (74, 128, 52)
    stripe_contrast: float = 0.07
    stripe_m: float = 5.5
    stripe_pattern: str = "across"
    apron: RGB = (58, 96, 46)
    apron_m: float = 4.0
    wear: float = 0.3
    grain: float = 0.05


def smooth_noise(
    rng: np.random.Generator, shape: tuple[int, int], cell: int
) -> NDArray[np.float32]:
    """(h, w) noise of unit size with features about ``cell`` pixels wide."""
    small = rng.normal(0, 1, (shape[0] // cell + 2, shape[1] // cell + 2)).astype(np.float32)
    return np.asarray(cv2.resize(small, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC))


def ground_panel(
    rng: np.random.Generator, style: GroundStyle, pitch: PitchSpec, px_per_m: int = GRASS_PX_PER_M
) -> Panel:
    """The pitch without its lines, and what lies round it."""
    half_x, half_y = pitch.length_m / 2 + MARGIN_M[0], pitch.width_m / 2 + MARGIN_M[1]
    shape = (int(2 * half_y * px_per_m), int(2 * half_x * px_per_m))
    x = (np.arange(shape[1], dtype=np.float32) + 0.5) / px_per_m - half_x
    y = (np.arange(shape[0], dtype=np.float32) + 0.5) / px_per_m - half_y
    light = np.zeros(shape, np.float32)
    across = np.where(np.floor(x / style.stripe_m) % 2 == 0, 1.0, -1.0).astype(np.float32)[None]
    along = np.where(np.floor(y / style.stripe_m) % 2 == 0, 1.0, -1.0).astype(np.float32)[:, None]
    if style.stripe_pattern == "checks":
        light += style.stripe_contrast * 0.5 * (across + along)
    else:
        light += style.stripe_contrast * (across if style.stripe_pattern == "across" else along)
    light += style.grain * (0.6 * smooth_noise(rng, shape, 4) + 0.5 * smooth_noise(rng, shape, 40))
    colour = np.array(style.grass, np.float32) * (1 + light[..., None])
    worn = np.clip(0.55 * smooth_noise(rng, shape, 18) - 0.5, 0, 1)
    near_goals = (
        np.exp(-((np.abs(x) - pitch.length_m / 2 + 5) ** 2 / 40))[None]
        * np.exp(-(y**2 / 60))[:, None]
    )
    worn = np.clip(style.wear * (0.35 * worn + worn * near_goals * 2.2), 0, 0.8)[..., None]
    colour = colour * (1 - worn) + np.array([128, 118, 74], np.float32) * worn
    outside = np.maximum(
        np.abs(x)[None] - pitch.length_m / 2, np.abs(y)[:, None] - pitch.width_m / 2
    )
    apron = np.clip((outside - style.apron_m) * 4, 0, 1)[..., None]
    rough = 1 + 0.05 * smooth_noise(rng, shape, 6)[..., None]
    colour = colour * (1 - apron) + np.array(style.apron, np.float32) * rough * apron
    step = 1.0 / px_per_m
    return Panel(
        np.clip(colour, 0, 255).astype(np.uint8),
        np.array([-half_x, -half_y, 0.0]),
        np.array([step, 0, 0]),
        np.array([0, step, 0]),
    )


def crowd_texture(
    rng: np.random.Generator, size_px: tuple[int, int], fullness: float, seats: RGB, kits: list[RGB]
) -> ImageArray:
    """(h, w, 3) rows of seats with people on them, about 8 px a metre; row 0 is the lowest row of seats."""
    width, height = size_px
    texture = np.empty((height, width, 3), np.float32)
    texture[:] = np.array(seats, np.float32) * 0.75
    rows = np.arange(height) % 7
    texture[rows < 2] *= 0.55
    n_people = int(width * height / 26 * fullness)
    u, row = rng.integers(0, width, n_people), rng.integers(0, height // 7, n_people)
    dark = rng.uniform(20, 95, (n_people, 3)) * rng.uniform(0.5, 1.3, (n_people, 1))
    fans = np.array(kits, np.float32)[rng.integers(0, len(kits), n_people)]
    shirt = np.where(
        rng.random((n_people, 1)) < 0.4, fans * rng.uniform(0.5, 1, (n_people, 1)), dark
    )
    skin = np.array([196, 152, 124]) * rng.uniform(0.45, 1.05, (n_people, 1))
    for du in (-1, 0, 1):
        for dv in (2, 3, 4):
            texture[np.minimum(row * 7 + dv, height - 1), np.clip(u + du, 0, width - 1)] = shirt
    texture[np.minimum(row * 7 + 5, height - 1), u] = skin
    texture[np.minimum(row * 7 + 6, height - 1), u] = skin * 0.75
    for aisle in range(0, width, 150):
        texture[:, aisle : aisle + 7] = texture[:, aisle : aisle + 7] * 0.3 + 70
    texture *= (1 + 0.12 * smooth_noise(rng, (height, width), 60))[..., None]
    return np.clip(texture, 0, 255).astype(np.uint8)


def board_texture(rng: np.random.Generator, width_px: int, height_px: int) -> ImageArray:
    """(h, w, 3) advertisements side by side, invented words; row 0 is the lower edge."""
    texture = np.zeros((height_px, width_px, 3), np.uint8)
    words = [
        "NORDWIND",
        "ALTA",
        "KESTREL",
        "MOVA",
        "TOUCHLINE",
        "BRIGHT",
        "ORBIT",
        "FERRO",
        "LUMEN",
        "VELA",
        "PARKSIDE",
        "GLIDE",
    ]
    x = 0
    while x < width_px:
        width = int(rng.integers(7, 14) * height_px)
        hue = rng.integers(0, 180)
        background = cv2.cvtColor(
            np.uint8([[[hue, rng.integers(0, 255), rng.integers(30, 250)]]]), cv2.COLOR_HSV2RGB
        )[0, 0]
        ink = (255, 255, 255) if background.mean() < 140 else (20, 20, 30)
        part = np.empty((height_px, width, 3), np.uint8)
        part[:] = background
        text, scale = str(rng.choice(words)), height_px / 32
        at = (int(0.15 * width), int(0.72 * height_px))
        cv2.putText(
            part,
            text,
            at,
            cv2.FONT_HERSHEY_DUPLEX,
            scale,
            ink,
            max(1, round(scale * 1.6)),
            cv2.LINE_AA,
        )
        part = part[::-1]
        texture[:, x : x + width] = part[:, : min(width, width_px - x)]
        x += width
    return texture


def stand_panels(
    rng: np.random.Generator, pitch: PitchSpec, *, fullness: float, seats: RGB, kits: list[RGB]
) -> list[Panel]:
    """Stands behind the far touch-line and both goals, and the near one's front rows."""
    half_x, half_y = pitch.length_m / 2, pitch.width_m / 2
    px, rise = 8, np.deg2rad(rng.uniform(24, 33))
    slope_y, slope_z = np.cos(rise) / px, np.sin(rise) / px
    gap = MARGIN_M[1] - 1.5
    far = crowd_texture(rng, (int((2 * half_x + 80) * px), 60 * px), fullness, seats, kits)
    side = crowd_texture(rng, (int((2 * half_y + 50) * px), 50 * px), fullness, seats, kits)
    panels = [
        Panel(
            far,
            np.array([-half_x - 40, half_y + gap, 0.6]),
            np.array([1 / px, 0, 0]),
            np.array([0, slope_y, slope_z]),
        )
    ]
    for sign in (-1.0, 1.0):
        origin = np.array([sign * (half_x + MARGIN_M[0] - 1.0), -half_y - 5, 0.6])
        panels.append(
            Panel(side, origin, np.array([0, 1 / px, 0]), np.array([sign * slope_y, 0, slope_z]))
        )
    return panels


def board_panels(rng: np.random.Generator, pitch: PitchSpec) -> list[Panel]:
    """Advertising boards along the far touch-line and behind the goals."""
    half_x, half_y = pitch.length_m / 2, pitch.width_m / 2
    px = 26
    gap_y, gap_x, height_px = rng.uniform(3.2, 5.0), rng.uniform(3.8, 5.5), int(0.95 * px)
    up = np.array([0, 0, 1 / px])
    far = board_texture(rng, int((2 * half_x + 12) * px), height_px)
    panels = [
        Panel(far, np.array([-half_x - 6, half_y + gap_y, 0.0]), np.array([1 / px, 0, 0]), up)
    ]
    for sign in (-1.0, 1.0):
        side = board_texture(rng, int((2 * half_y + 4) * px), height_px)
        if sign < 0:
            start, step = -half_y - 2, 1 / px
        else:
            start, step = half_y + 2, -1 / px
        origin = np.array([sign * (half_x + gap_x), start, 0.0])
        panels.append(Panel(side, origin, np.array([0, step, 0]), up))
    return panels
