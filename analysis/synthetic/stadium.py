"""What stands round the pitch: full stands on all sides, advertising boards, dug-outs."""

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.core.pitch import PitchSpec
from analysis.synthetic.ground import MARGIN_M, smooth_noise
from analysis.synthetic.panels import Panel

ImageArray = NDArray[np.uint8]
RGB = tuple[int, int, int]


def crowd_texture(
    rng: np.random.Generator, size_px: tuple[int, int], fullness: float, seats: RGB, kits: list[RGB]
) -> ImageArray:
    """(h, w, 3) rows of seats with people on them, about 8 px a metre; row 0 is the lowest row of seats."""
    width, height = size_px
    texture = np.empty((height, width, 3), np.float32)
    texture[:] = np.array(seats, np.float32) * 0.8
    rows = np.arange(height) % 7
    texture[rows < 2] *= 0.55
    n_people = int(width * height / 15 * fullness)
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
    rng: np.random.Generator,
    pitch: PitchSpec,
    *,
    fullness: float,
    seats: RGB,
    kits: list[RGB],
    px: int = 8,
) -> list[Panel]:
    """Stands behind the far touch-line and both goals, with a second tier above a ribbon or a wall."""
    half_x, half_y = pitch.length_m / 2, pitch.width_m / 2
    rise = np.deg2rad(rng.uniform(22, 33))
    slope_y, slope_z = np.cos(rise) / px, np.sin(rise) / px
    gap = MARGIN_M[1] - rng.uniform(1.5, 3.0)
    first_m, wall_m = rng.uniform(12, 34), rng.uniform(1.5, 5.0)
    shapes = (((2 * half_x + 80), 60), ((2 * half_y + 50), 50))
    far, side = (
        _tiers(
            crowd_texture(rng, (int(w * px), h * px), fullness, seats, kits),
            rng,
            px,
            (first_m, wall_m),
        )
        for w, h in shapes
    )
    start = np.array([-half_x - 40, half_y + gap, 0.6])
    panels = [Panel(far, start, np.array([1 / px, 0, 0]), np.array([0, slope_y, slope_z]))]
    for sign in (-1.0, 1.0):
        origin = np.array([sign * (half_x + MARGIN_M[0] - 1.0), -half_y - 5, 0.6])
        panels.append(
            Panel(side, origin, np.array([0, 1 / px, 0]), np.array([sign * slope_y, 0, slope_z]))
        )
    return panels


def _tiers(
    texture: ImageArray, rng: np.random.Generator, px: int, heights_m: tuple[float, float]
) -> ImageArray:
    """A wall or a lit ribbon between two tiers, and a dark roof above the second."""
    first, wall = int(heights_m[0] * px), int(heights_m[1] * px)
    texture[first : first + wall] = rng.integers(20, 110, 3)
    if rng.random() < 0.5:
        ribbon = board_texture(rng, texture.shape[1], max(8, px))
        texture[first : first + ribbon.shape[0]] = ribbon[: texture.shape[0] - first]
    roof = min(texture.shape[0], first + wall + int(rng.uniform(14, 40) * px))
    texture[roof:] = rng.integers(12, 70)
    return texture


def near_panels(
    rng: np.random.Generator,
    pitch: PitchSpec,
    camera_yz_m: tuple[float, float],
    *,
    fullness: float,
    seats: RGB,
    kits: list[RGB],
    px: int = 12,
) -> list[Panel]:
    """What the camera looks across: the backs of boards or dug-outs by the near touch-line, and the near stand's rows.

    Args:
        rng: what there is.
        pitch: size of the pitch.
        camera_yz_m: where the main camera stands; the stand stays below its line of sight to the touch-line.
        fullness, seats, kits: as for ``crowd_texture``.
        px: texture pixels a metre.
    """
    half_x, half_y = pitch.length_m / 2, pitch.width_m / 2
    away, height = -camera_yz_m[0] - half_y, camera_yz_m[1]
    panels = []
    gap = float(rng.uniform(5.5, 9.5))
    slope = 0.72 * height / away
    depth = max(away - gap, 2.0)
    crowd = crowd_texture(
        rng, (int((2 * half_x + 30) * px), int(depth * px)), fullness, seats, kits
    )
    low = np.array([-half_x - 15, -half_y - gap, 0.3 + gap * 0.2 * slope])
    run = np.array([0, -1.0, slope]) / px
    panels.append(Panel(crowd[:, ::-1].copy(), low, np.array([1 / px, 0, 0]), run))
    if rng.random() < 0.75:
        tall = rng.uniform(0.6, 1.0)
        boards = board_texture(rng, int(2 * half_x * px * 1.6), int(tall * px * 1.6))
        step = 1 / (px * 1.6)
        at = np.array([-half_x, -half_y - gap + rng.uniform(0.3, 2.0), 0.0])
        panels.append(Panel(boards, at, np.array([step, 0, 0]), np.array([0, 0, step])))
    for _ in range(int(rng.integers(0, 4))):
        panels.append(_dugout(rng, half_x, half_y, gap))
    return panels


def _dugout(rng: np.random.Generator, half_x: float, half_y: float, gap: float) -> Panel:
    """A bench's roof seen from behind and above."""
    px, wide = 12, int(rng.uniform(5, 13) * 12)
    colour = rng.integers(40, 240, 3) if rng.random() < 0.5 else np.full(3, rng.integers(150, 245))
    texture = np.empty((2 * px, wide, 3), np.uint8)
    texture[:] = colour
    texture[:, :: max(6, px)] = (colour * 0.7).astype(np.uint8)
    x = float(np.clip(rng.normal(0, 16), -half_x, half_x - 12))
    y = -half_y - gap + rng.uniform(0.0, 1.2)
    return Panel(
        texture, np.array([x, y, 1.2]), np.array([1 / px, 0, 0]), np.array([0, -0.6, 0.55]) / px
    )


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
