"""Domain randomisation: every range the simulator draws its looks from, in one place."""

import colorsys
from dataclasses import dataclass

import numpy as np

from analysis.synthetic.effects import Grade
from analysis.synthetic.figures import RGB, Kit
from analysis.synthetic.ground import GroundStyle
from analysis.synthetic.render import Look

OFFICIALS = ((24, 24, 28), (226, 218, 60), (40, 150, 200), (232, 96, 40), (196, 60, 130))


@dataclass(frozen=True, slots=True)
class Ranges:
    """(least, most) of everything that is drawn uniformly.

    Args:
        grass_hue, grass_saturation, grass_value: HSV, 0..1.
        stripe_contrast, stripe_m, wear, grain, apron_m: see ``GroundStyle``.
        line_white, noise, blur_px, fullness, shadow_strength: see ``Look``.
        shadow_m: length of a person's shadow by day.
        gain: of each colour channel.
        gamma, contrast, saturation: see ``Grade``.
        shade_light: light left in the shade of a roof.
    """

    grass_hue: tuple[float, float] = (0.245, 0.335)
    grass_saturation: tuple[float, float] = (0.42, 0.78)
    grass_value: tuple[float, float] = (0.36, 0.62)
    stripe_contrast: tuple[float, float] = (0.0, 0.13)
    stripe_m: tuple[float, float] = (4.0, 9.0)
    wear: tuple[float, float] = (0.0, 0.7)
    grain: tuple[float, float] = (0.02, 0.08)
    apron_m: tuple[float, float] = (2.2, 9.0)
    line_white: tuple[float, float] = (0.62, 0.97)
    noise: tuple[float, float] = (0.3, 1.4)
    blur_px: tuple[float, float] = (0.35, 1.0)
    fullness: tuple[float, float] = (0.5, 1.0)
    shadow_strength: tuple[float, float] = (0.15, 0.5)
    shadow_m: tuple[float, float] = (0.8, 4.5)
    gain: tuple[float, float] = (0.93, 1.07)
    gamma: tuple[float, float] = (0.78, 1.08)
    contrast: tuple[float, float] = (0.9, 1.15)
    saturation: tuple[float, float] = (0.7, 1.15)
    shade_light: tuple[float, float] = (0.55, 0.8)


BROADCAST = Ranges()


def draw_kits(rng: np.random.Generator) -> tuple[Kit, ...]:
    """Home, away, two keepers, officials, people beside the pitch: shirts well apart and no grass green."""
    chosen: list[RGB] = []
    while len(chosen) < 4:
        shirt = _shirt_colour(rng)
        if all(_apart(shirt, other) > 130 for other in chosen):
            chosen.append(shirt)
    officials = max(
        OFFICIALS, key=lambda colour: min(_apart(colour, other) for other in chosen[:2])
    )
    kits = []
    for k, shirt in enumerate(chosen):
        shorts = (
            shirt
            if rng.random() < 0.4
            else [(238, 238, 236), (24, 24, 30), (30, 40, 92)][rng.integers(3)]
        )
        socks = shirt if rng.random() < 0.6 else shorts
        striped = k < 2 and rng.random() < 0.25
        second = (238, 238, 236) if sum(shirt) < 500 else (24, 28, 60)
        kits.append(
            Kit(
                shirt, shorts, socks, second if striped else None, "stripes" if striped else "plain"
            )
        )
    kits.append(Kit(officials, (22, 22, 26), (22, 22, 26)))
    bib = ((236, 200, 40), (226, 226, 60), (28, 30, 40), (60, 62, 70))[rng.integers(4)]
    kits.append(Kit(bib, (34, 36, 44), (34, 36, 44)))
    return tuple(kits)


def draw_look(rng: np.random.Generator, ranges: Ranges = BROADCAST) -> Look:
    """One match's look."""

    def pick(limits: tuple[float, float]) -> float:
        return float(rng.uniform(*limits))

    grass = colorsys.hsv_to_rgb(
        pick(ranges.grass_hue), pick(ranges.grass_saturation), pick(ranges.grass_value)
    )
    grass_rgb = (int(grass[0] * 255), int(grass[1] * 255), int(grass[2] * 255))
    shade = pick((0.7, 1.0))
    apron = (int(grass_rgb[0] * shade), int(grass_rgb[1] * shade * 0.95), int(grass_rgb[2] * shade))
    if rng.random() < 0.35:
        apron = ((150, 74, 58), (92, 94, 98), (40, 78, 120))[rng.integers(3)]
    sun = rng.random() < 0.45
    angle, length = rng.uniform(0, 2 * np.pi), pick(ranges.shadow_m)
    return Look(
        kits=draw_kits(rng),
        ground=GroundStyle(
            grass=grass_rgb,
            stripe_contrast=pick(ranges.stripe_contrast),
            stripe_m=pick(ranges.stripe_m),
            stripe_pattern=str(rng.choice(["across", "across", "along", "checks"])),
            apron=apron,
            apron_m=pick(ranges.apron_m),
            wear=pick(ranges.wear),
            grain=pick(ranges.grain),
            shade=_draw_shade(rng, pick(ranges.shade_light)) if sun else None,
        ),
        line_white=pick(ranges.line_white),
        shadow_xy_m=(float(length * np.cos(angle)), float(length * np.sin(angle)))
        if sun
        else (0.0, 0.0),
        shadow_strength=pick(ranges.shadow_strength),
        noise=pick(ranges.noise),
        blur_px=pick(ranges.blur_px),
        grade=Grade(
            gamma=pick(ranges.gamma),
            contrast=pick(ranges.contrast),
            saturation=pick(ranges.saturation),
            tint_rgb=(pick(ranges.gain), pick(ranges.gain), pick(ranges.gain)),
        ),
        fullness=pick(ranges.fullness),
        seats=_seat_colour(rng),
    )


def _draw_shade(rng: np.random.Generator, light: float) -> tuple[float, float, float, float] | None:
    """A roof's shadow on one day in two: mostly from the near or the far side, seldom over everything."""
    if rng.random() < 0.5:
        return None
    angle = rng.choice([-np.pi / 2, -np.pi / 2, np.pi / 2, 0.0, np.pi]) + rng.normal(0, 0.15)
    return float(angle), float(rng.uniform(-8, 28)), light, float(rng.uniform(0.4, 3.0))


def _shirt_colour(rng: np.random.Generator) -> RGB:
    draw = rng.random()
    if draw < 0.2:
        return (236, 236, 234)
    if draw < 0.3:
        return (26, 26, 32)
    hue = rng.random()
    if 0.22 < hue < 0.42:
        hue += 0.3
    red, green, blue = colorsys.hsv_to_rgb(hue % 1, rng.uniform(0.65, 1), rng.uniform(0.45, 0.95))
    return (int(red * 255), int(green * 255), int(blue * 255))


def _seat_colour(rng: np.random.Generator) -> RGB:
    """Club colours, faded; grey in one stadium of three."""
    colour = np.array(_shirt_colour(rng)) * rng.uniform(0.35, 0.75) + rng.uniform(10, 40)
    if rng.random() < 0.35:
        colour = np.full(3, rng.uniform(40, 130))
    red, green, blue = (int(v) for v in np.clip(colour, 0, 255))
    return red, green, blue


def _apart(a: RGB, b: RGB) -> float:
    return float(np.linalg.norm(np.subtract(a, b)))


@dataclass(frozen=True, slots=True)
class FrameRanges:
    """Ranges of what changes from one training frame to the next: (least, most), and shares of frames.

    Args:
        gamma, contrast, saturation, brightness, tint: see ``effects.Grade``.
        smear_share, smear_px: moving camera.
        soft_share, soft_scale: upscaled feeds.
        graphics_share: score bug, sometimes a caption.
        noise_share, most_noise: sensor noise, grey levels.
        jpeg_share, jpeg_quality: compression.
        most_bystanders: staff, stewards and ball boys round the pitch, at most.
        near_side_share: stadiums with dug-outs, boards and a stand this side of the pitch.
        bent_share: frames through a lens that bends.
    """

    gamma: tuple[float, float] = (0.6, 1.2)
    contrast: tuple[float, float] = (0.75, 1.2)
    saturation: tuple[float, float] = (0.4, 1.3)
    brightness: tuple[float, float] = (-18.0, 18.0)
    tint: tuple[float, float] = (0.88, 1.12)
    smear_share: float = 0.2
    smear_px: tuple[float, float] = (0.0, 6.0)
    soft_share: float = 0.4
    soft_scale: tuple[float, float] = (0.45, 0.9)
    graphics_share: float = 0.4
    noise_share: float = 0.6
    most_noise: int = 6
    jpeg_share: float = 0.6
    jpeg_quality: tuple[float, float] = (28.0, 92.0)
    most_bystanders: int = 25
    near_side_share: float = 1.0
    bent_share: float = 0.4


TRAINING = FrameRanges()
