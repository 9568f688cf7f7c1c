"""Domain randomisation: every range the simulator draws its looks from, in one place."""

import colorsys
from dataclasses import dataclass

import numpy as np

from analysis.synthetic.figures import RGB, Kit
from analysis.synthetic.render import Look
from analysis.synthetic.scenery import GroundStyle

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
    noise: tuple[float, float] = (0.5, 4.0)
    blur_px: tuple[float, float] = (0.35, 1.0)
    fullness: tuple[float, float] = (0.35, 1.0)
    shadow_strength: tuple[float, float] = (0.15, 0.5)
    shadow_m: tuple[float, float] = (0.8, 4.5)
    gain: tuple[float, float] = (0.92, 1.08)


BROADCAST = Ranges()


def draw_kits(rng: np.random.Generator) -> tuple[Kit, ...]:
    """Home, away, two keepers and officials, shirts well apart from each other and from grass."""
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
        ),
        line_white=pick(ranges.line_white),
        shadow_xy_m=(float(length * np.cos(angle)), float(length * np.sin(angle)))
        if sun
        else (0.0, 0.0),
        shadow_strength=pick(ranges.shadow_strength),
        noise=pick(ranges.noise),
        blur_px=pick(ranges.blur_px),
        gain_rgb=(pick(ranges.gain), pick(ranges.gain), pick(ranges.gain)),
        fullness=pick(ranges.fullness),
        seats=_shirt_colour(rng),
    )


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


def _apart(a: RGB, b: RGB) -> float:
    return float(np.linalg.norm(np.subtract(a, b)))
