"""One picture of the pitch from above a sample: what the top views share; each member draws in its own way."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from analysis.core.records import ImageArray, IntArray, PlayersTrack, TopViewTrack
from analysis.representations import drawing
from analysis.representations.base import HalfView


@dataclass(frozen=True)
class Settings:
    """Defaults are the published sizes.

    Args:
        width_px, height_px: of the picture; the 3-D branch of calibration-aware CALF uses 64 x 32.
        line_px: width of the field lines.
        player_px: even side of a player's square.
    """

    width_px: int = 224
    height_px: int = 224
    line_px: float = 4.0
    player_px: int = 8


Draw = Callable[[drawing.Canvas, drawing.MaskArray, PlayersTrack, IntArray], ImageArray]


class TopView:
    """Pictures of a half; black where nothing is known.

    Args:
        settings: sizes.
        draw: canvas, visible polygon, players and the rows to show -> (H, W, 3) uint8.
    """

    def __init__(self, settings: Settings, draw: Draw) -> None:
        self.settings, self.draw = settings, draw

    def build(self, half: HalfView) -> TopViewTrack:
        """(T, H, W, 3) uint8 pictures on the clock of the calibrations."""
        shape = (len(half.calibrations), self.settings.height_px, self.settings.width_px, 3)
        images = np.zeros(shape, np.uint8)
        for i, picture in enumerate(self.pictures(half)):
            images[i] = picture
        return TopViewTrack(images, half.calibrations.times_ms.copy())

    def pictures(self, half: HalfView) -> Iterator[ImageArray]:
        """The same pictures one by one, for readers that must not hold a whole half in memory."""
        settings = self.settings
        canvas = drawing.Canvas(
            half.pitch,
            (settings.width_px, settings.height_px),
            settings.line_px,
            settings.player_px,
        )
        nothing = np.zeros((settings.height_px, settings.width_px, 3), np.uint8)
        tracks, players = half.calibrations, half.players
        usable = tracks.usable(half.floor)
        near = drawing.plausible(players.pitch_xy_m)
        for i in range(len(tracks)):
            if not usable[i]:
                yield nothing
                continue
            view = canvas.visible(tracks.image_from_pitch[i], tracks.image_size_px)
            span = players.rows_at(int(tracks.times_ms[i]))
            rows = np.arange(span.start, span.stop)[near[span]]
            yield self.draw(canvas, view, players, rows)
