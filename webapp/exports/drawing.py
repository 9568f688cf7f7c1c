"""Pictures of a report as SVG text: the pitch with events or heat on it, and events over time."""

from collections.abc import Iterable, Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from analysis.core.clock import clock_text
from analysis.core.pitch import STANDARD_PITCH, PitchSpec
from webapp.analytics.presentation import look
from webapp.exports.sheet import Event

MARGIN_M = 3.0
SHAPES = {"home": "circle", "away": "rect", "": "cross"}


def pitch_of(size_m: tuple[float, float]) -> PitchSpec:
    """The pitch of a match; a size that no pitch has falls back to the standard one."""
    try:
        return PitchSpec(*size_m)
    except ValueError:
        return STANDARD_PITCH


def on_pitch(size_m: tuple[float, float], inside: str, words: str) -> str:
    """A pitch seen from above with something on it; the far touch-line is at the top.

    Args:
        size_m: length and width.
        inside: SVG in pitch metres with y turned down (``-y``).
        words: what a reader who cannot see is told.
    """
    pitch = pitch_of(size_m)
    half_x, half_y = pitch.length_m / 2 + MARGIN_M, pitch.width_m / 2 + MARGIN_M
    marks = "".join(
        f'<path d="M{"L".join(f"{x:.2f},{-y:.2f}" for x, y in points)}"/>'
        for points in pitch.sampled_marks(step_m=2.0).values()
    )
    return (
        f'<svg viewBox="{-half_x} {-half_y} {2 * half_x} {2 * half_y}" role="img" aria-label="{escape(words)}">'
        f'<rect class="grass" x="{-half_x}" y="{-half_y}" width="{2 * half_x}" height="{2 * half_y}"/>'
        f'{inside}<g class="marks">{marks}</g></svg>'
    )


def events_on_pitch(events: Iterable[Event], size_m: tuple[float, float]) -> str:
    """Events where they happened: squares are the away team's; the letters tell the class."""
    parts = []
    for event in events:
        if event.xy_m is None:
            continue
        x, y = event.xy_m
        seen = look(event.label)
        words = f"{seen.words} {clock_text(event.period_ms)} {event.team}".strip()
        shape = f'<circle cx="{x:.1f}" cy="{-y:.1f}" r="1.7" fill="{seen.colour}"/>'
        if event.team == "away":
            shape = f'<rect x="{x - 1.6:.1f}" y="{-y - 1.6:.1f}" width="3.2" height="3.2" fill="{seen.colour}"/>'
        parts.append(
            f'<g class="event"><title>{escape(words)}</title>{shape}'
            f'<text x="{x:.1f}" y="{-y + 0.75:.1f}">{escape(seen.letters)}</text></g>'
        )
    return on_pitch(size_m, "".join(parts), f"{len(parts)} events on the pitch")


def heat_on_pitch(counts: NDArray[np.int64], size_m: tuple[float, float], words: str) -> str:
    """Zones of a pitch, darker the more positions lie in them; row 0 is at the near touch-line."""
    rows, columns = counts.shape
    wide, high = size_m[0] / columns, size_m[1] / rows
    most = max(1, int(counts.max()))
    cells = "".join(
        f'<rect class="heat" x="{j * wide - size_m[0] / 2:.2f}" y="{size_m[1] / 2 - (i + 1) * high:.2f}" '
        f'width="{wide:.2f}" height="{high:.2f}" opacity="{counts[i, j] / most:.3f}"/>'
        for i, j in np.argwhere(counts > 0)
    )
    return on_pitch(size_m, cells, words)


def lanes(events: Sequence[Event], length_ms: int) -> str:
    """Events over one period, a lane a class."""
    labels = list(dict.fromkeys(event.label for event in events))
    length_ms = max([length_ms, 1, *(event.period_ms for event in events)])
    width, left, lane = 1000, 190, 24
    height = lane * len(labels) + 26
    parts = []
    for i, label in enumerate(labels):
        seen, y = look(label), i * lane + 14
        parts.append(f'<text class="lane" x="0" y="{y + 5}">{escape(seen.words)}</text>')
        parts.append(f'<line class="rule" x1="{left}" x2="{width}" y1="{y}" y2="{y}"/>')
        for event in events:
            if event.label == label:
                x = left + (width - left - 8) * max(0, event.period_ms) / length_ms
                hollow = (
                    f'fill="{seen.colour}"'
                    if event.confidence >= 0.5
                    else f'fill="none" stroke="{seen.colour}" stroke-width="2"'
                )
                title = (
                    f"{seen.words} {clock_text(event.period_ms)}, {round(100 * event.confidence)} %"
                )
                parts.append(
                    f'<circle cx="{x:.1f}" cy="{y}" r="6" {hollow}><title>{escape(title)}</title></circle>'
                )
    for share in (0, 0.25, 0.5, 0.75, 1):
        x = left + (width - left - 8) * share
        anchor = "end" if share == 1 else "start" if share == 0 else "middle"
        parts.append(
            f'<text class="tick" x="{x:.0f}" y="{height - 4}" text-anchor="{anchor}">'
            f"{clock_text(round(length_ms * share))}</text>"
        )
    return f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="Events over time">{"".join(parts)}</svg>'
