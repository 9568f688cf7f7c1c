"""The grass: mown bands, wear, the shade of a roof, and what lies round it."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.core.pitch import PitchSpec
from analysis.synthetic.panels import Panel

RGB = tuple[int, int, int]

GRASS_PX_PER_M = 10
MARGIN_M = (10.0, 10.0)
"""Ground shown beyond the goal-lines and beyond the touch-lines."""


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
        shade: (angle_rad, offset_m, light, softness_m) of a roof's shadow: beyond the line at that angle and distance
            from the centre only ``light`` (0..1) of the light is left; None without.
    """

    grass: RGB = (74, 128, 52)
    stripe_contrast: float = 0.07
    stripe_m: float = 5.5
    stripe_pattern: str = "across"
    apron: RGB = (58, 96, 46)
    apron_m: float = 4.0
    wear: float = 0.3
    grain: float = 0.05
    shade: tuple[float, float, float, float] | None = None

    def light_at(self, x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.float32]:
        """Share of the full light at places of the ground, broadcasting x and y."""
        if self.shade is None:
            return np.ones(np.broadcast(x, y).shape, np.float32)
        angle, offset_m, light, softness_m = self.shade
        beyond = x * np.float32(np.cos(angle)) + y * np.float32(np.sin(angle)) - offset_m
        share = np.clip(beyond / softness_m + 0.5, 0, 1)
        return np.asarray(1 - (1 - light) * share, np.float32)


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
    colour = colour * style.light_at(x[None], y[:, None])[..., None]
    step = 1.0 / px_per_m
    return Panel(
        np.clip(colour, 0, 255).astype(np.uint8),
        np.array([-half_x, -half_y, 0.0]),
        np.array([step, 0, 0]),
        np.array([0, step, 0]),
    )
