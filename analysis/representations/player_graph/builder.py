"""The player graph of Cioppa et al. 2021 as flat arrays; a sample of which nothing is known is one node of zeros.

Node features (8): R, G, B / 127 - 1; box area / 10 000 px^2 of a 1280 x 720 frame; x, y / 50 m; x, y / 50 m of the
ground point under the middle of the image.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.core import homography
from analysis.core.records import CalibrationTrack, GraphTrack, PlayersTrack
from analysis.representations import drawing
from analysis.representations.base import HalfView

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

N_FEATURES = 8
REFERENCE_AREA_PX = 1280 * 720


@dataclass(frozen=True)
class Settings:
    """Args: reach_m: two players closer than this (strictly) are joined, both ways."""

    reach_m: float = 25.0


class PlayerGraph:
    """See the card."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def build(self, half: HalfView) -> GraphTrack:
        """Graphs on the clock of the calibrations, at least one node each."""
        tracks, players = half.calibrations, half.players
        usable = tracks.usable(half.floor)
        near = drawing.plausible(players.pitch_xy_m)
        features = _features(players, tracks.image_size_px)
        nodes: list[FloatArray] = []
        edges: list[IntArray] = []
        offsets = [0]
        for i in range(len(tracks)):
            span = players.rows_at(int(tracks.times_ms[i]))
            rows = np.arange(span.start, span.stop)[near[span]]
            if not usable[i] or not len(rows):
                nodes.append(np.zeros((1, N_FEATURES)))
                offsets.append(offsets[-1] + 1)
                continue
            own = features[rows]
            own[:, 6:8] = _middle(tracks, i)
            nodes.append(own)
            edges.append(self._edges(players.pitch_xy_m[rows]) + offsets[-1])
            offsets.append(offsets[-1] + len(rows))
        return GraphTrack(
            nodes=np.concatenate([np.zeros((0, N_FEATURES)), *nodes]).astype(np.float32),
            edges=np.concatenate([np.zeros((2, 0), np.int64), *edges], axis=1),
            offsets=np.array(offsets, np.int64),
            times_ms=tracks.times_ms.copy(),
        )

    def _edges(self, pitch_xy_m: FloatArray) -> IntArray:
        """(2, E) pairs closer than the reach, both directions, no self-loops."""
        distance = np.linalg.norm(pitch_xy_m[:, None] - pitch_xy_m[None], axis=2)
        np.fill_diagonal(distance, np.inf)
        return np.stack(np.nonzero(distance < self.settings.reach_m)).astype(np.int64)


def _features(players: PlayersTrack, image_size_px: tuple[int, int]) -> FloatArray:
    """(N, 8), the last two still zero; unknown colours and boxes (interpolated rows) are 0."""
    box = players.box_px
    share = REFERENCE_AREA_PX / (image_size_px[0] * image_size_px[1])
    area = (box[:, 2] - box[:, 0]) * (box[:, 3] - box[:, 1]) * share / 10_000
    features = np.zeros((len(players), N_FEATURES))
    features[:, :3] = players.colour_rgb / 127 - 1
    features[:, 3] = area
    features[:, 4:6] = players.pitch_xy_m / 50
    return np.nan_to_num(features, nan=0.0)


def _middle(tracks: CalibrationTrack, i: int) -> FloatArray:
    """(2,) ground under the image's middle over 50 m; zeros above the horizon or far outside."""
    width_px, height_px = tracks.image_size_px
    middle = np.array([[width_px / 2, height_px / 2]])
    ground = homography.ground_from_image(tracks.image_from_pitch[i], middle, tracks.image_size_px)
    known = np.isfinite(ground).all() and np.abs(ground).max() <= 200
    return np.asarray(ground[0] / 50 if known else np.zeros(2))
