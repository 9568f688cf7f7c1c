"""Binary channels of the pitch from above: players, view, lines (algorithms C.3)."""

from analysis.core.records import ImageArray, IntArray, PlayersTrack
from analysis.representations import drawing
from analysis.representations.top_view import Settings, TopView

__all__ = ["Settings", "build"]


def build(settings: Settings, device: str = "cpu") -> TopView:
    """The representation; ``device`` is accepted for uniformity, drawing is done on the CPU."""
    del device
    return TopView(settings, _draw)


def _draw(
    canvas: drawing.Canvas, view: drawing.MaskArray, players: PlayersTrack, rows: IntArray
) -> ImageArray:
    return drawing.draw_binary(canvas, view, players.pitch_xy_m[rows])
