"""Curves of active learning as a picture: score over the share that was annotated, with its spread over seeds."""

from collections.abc import Callable, Iterator, Mapping
from xml.sax.saxutils import escape

import numpy as np

WIDTH_PX, HEIGHT_PX = 640, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 176, 20, 46
_COLOURS = ("#888888", "#1f77b4", "#2ca02c", "#9467bd", "#d62728", "#ff7f0e")
Curves = Mapping[str, Mapping[str, float]]
Scale = Callable[[float], float]


def svg(curves: Curves, all_name: str = "all") -> str:
    """An SVG file's text.

    Args:
        curves: ``CHOICE/SEED`` -> share as text -> score in per cent, as ``experiment.run`` answers.
        all_name: the choice that learned everything; a band over the whole width.
    """
    by_name: dict[str, list[Mapping[str, float]]] = {}
    for key, own in curves.items():
        by_name.setdefault(key.rpartition("/")[0], []).append(own)
    values = [value for own in curves.values() for value in own.values()]
    low, high = np.floor(min(values)) - 1, np.ceil(max(values)) + 1
    shares = {float(share) for name in by_name if name != all_name for share in by_name[name][0]}
    most = max(shares, default=1.0) * 1.05

    def x(share: float) -> float:
        return _LEFT + share / most * (WIDTH_PX - _LEFT - _RIGHT)

    def y(score: float) -> float:
        return (
            HEIGHT_PX
            - _BOTTOM
            - float(score - low) / float(high - low) * (HEIGHT_PX - _TOP - _BOTTOM)
        )

    parts = [*_axes(shares, low, high, x, y)]
    if all_name in by_name:
        mean, spread = _spread([value for own in by_name[all_name] for value in own.values()])
        top, height = y(mean + spread), max(1.0, y(mean - spread) - y(mean + spread))
        parts.append(
            f'<rect x="{_LEFT}" y="{top:.1f}" width="{WIDTH_PX - _LEFT - _RIGHT}" height="{height:.1f}" '
            'fill="#000000" opacity="0.12"/>'
        )
        parts.append(_text(WIDTH_PX - _RIGHT + 8, y(mean) + 4, "everything annotated", "#444444"))
    ends = []
    for place, name in enumerate(name for name in by_name if name != all_name):
        colour = _COLOURS[place % len(_COLOURS)]
        points = [
            (float(share), *_spread([own[share] for own in by_name[name]]))
            for share in by_name[name][0]
        ]
        line = " ".join(f"{x(share):.1f},{y(mean):.1f}" for share, mean, _ in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for share, mean, spread in points:
            parts.append(
                f'<path d="M{x(share):.1f} {y(mean - spread):.1f}V{y(mean + spread):.1f}" stroke="{colour}"/>'
            )
        ends.append((y(points[-1][1]) + 4, name, colour))
    parts += _names(ends, x(max(shares, default=1.0)))
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH_PX} {HEIGHT_PX}" '
        f'font-family="sans-serif" font-size="12">\n<rect width="{WIDTH_PX}" height="{HEIGHT_PX}" fill="white"/>\n'
        f"{body}\n</svg>\n"
    )


def _axes(shares: set[float], low: float, high: float, x: Scale, y: Scale) -> Iterator[str]:
    bottom, right = HEIGHT_PX - _BOTTOM, WIDTH_PX - _RIGHT
    yield f'<path d="M{_LEFT} {_TOP}V{bottom}H{right}" fill="none" stroke="#444444"/>'
    for share in sorted(shares):
        yield _text(x(share) - 10, bottom + 16, f"{100 * share:g} %", "#444444")
    step = 5 if high - low > 12 else 2
    for score in range(int(np.ceil(low / step) * step), int(high) + 1, step):
        yield f'<path d="M{_LEFT} {y(score):.1f}H{right}" stroke="#dddddd"/>'
        yield _text(_LEFT - 26, y(score) + 4, str(score), "#444444")
    yield _text(_LEFT, HEIGHT_PX - 8, "share of the clips that is annotated", "#444444")
    yield _text(8, 14, "loose Average-mAP, %", "#444444")


def _names(ends: list[tuple[float, str, str]], right: float) -> list[str]:
    """Names at the ends of their curves, pushed down where they would lie on each other."""
    parts, last = [], -100.0
    for place, name, colour in sorted(ends):
        last = max(place, last + 14)
        parts.append(_text(right + 8, last, name, colour))
    return parts


def _spread(values: list[float]) -> tuple[float, float]:
    return float(np.mean(values)), float(np.std(values, ddof=1)) if len(values) > 1 else 0.0


def _text(x: float, y: float, words: str, colour: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}">{escape(words)}</text>'
