"""The pitch as shapes of a figure; its geometry is that of ``analysis.core.pitch``."""

from typing import Any

import plotly.graph_objects as go

from analysis.core.pitch import STANDARD_PITCH, PitchSpec
from webapp.analytics.figures.theme import Theme

_MARGIN_M = 3.0


def pitch_of(pitch_m: tuple[float, float]) -> PitchSpec:
    """The pitch of a match; a size that no pitch has falls back to the standard one."""
    try:
        return PitchSpec(*pitch_m)
    except ValueError:
        return STANDARD_PITCH


def lay_pitch(figure: go.Figure, pitch_m: tuple[float, float], theme: Theme) -> go.Figure:
    """Draw the marks over whatever the figure shows, and give it the pitch's own proportions."""
    pitch = pitch_of(pitch_m)
    figure.update_layout(shapes=_marks(pitch, theme), margin={"l": 8, "r": 8, "t": 34, "b": 8})
    for axes, size_m in (
        (figure.update_xaxes, pitch.length_m),
        (figure.update_yaxes, pitch.width_m),
    ):
        axes(
            range=[-size_m / 2 - _MARGIN_M, size_m / 2 + _MARGIN_M], visible=False, fixedrange=True
        )
    figure.update_yaxes(scaleanchor="x")
    return figure


def _marks(pitch: PitchSpec, theme: Theme) -> list[dict[str, Any]]:
    line = {"color": theme.text_2, "width": 1}
    shapes: list[dict[str, Any]] = [
        {
            "type": "line", "x0": ends[0, 0], "y0": ends[0, 1], "x1": ends[1, 0], "y1": ends[1, 1],
            "line": line, "opacity": 0.7,
        }
        for ends in pitch.straight_lines.values()
    ]  # fmt: skip
    for name, points in pitch.sampled_marks(step_m=1.0).items():
        if name in pitch.arcs:
            path = "M" + "L".join(f"{x:.2f},{y:.2f}" for x, y in points)
            shapes.append({"type": "path", "path": path, "line": line, "opacity": 0.7})
    return shapes
