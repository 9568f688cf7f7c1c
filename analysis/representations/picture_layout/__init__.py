"""What a picture shows of people without knowing where it looks: boxes on a coarse grid of the image."""

from dataclasses import dataclass

import numpy as np

from analysis.core.records import FeatureSequence, FloatArray
from analysis.representations import layout
from analysis.representations.base import HalfView

__all__ = ["N_SUMMARY", "PictureLayout", "Settings", "build"]

N_SUMMARY = 8
_SOME_PEOPLE = 12.0


@dataclass(frozen=True)
class Settings:
    """Args: columns, rows: cells of the grid over the image."""

    columns: int = 12
    rows: int = 7


class PictureLayout:
    """See the card."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @property
    def n_features(self) -> int:
        """Width of a row."""
        return layout.N_GROUPS * self.settings.columns * self.settings.rows + N_SUMMARY

    def build(self, half: HalfView) -> FeatureSequence:
        """(T, n_features) float32 on the clock of the calibrations; calibrations themselves are not looked at."""
        tracks, players = half.calibrations, half.players
        n_samples = len(tracks)
        sample = layout.sample_of_rows(players, tracks)
        seen = (sample >= 0) & np.isfinite(players.box_px).all(axis=1)
        box = players.box_px[seen] / np.array(tracks.image_size_px * 2, np.float64)
        sample, group = sample[seen], layout.groups_of(players)[seen]
        foot = np.stack([(box[:, 0] + box[:, 2]) / 2, box[:, 3]], axis=1)
        shape = (self.settings.columns, self.settings.rows)
        grid = layout.soft_grid(sample, group, foot, n_samples, shape)
        summary = _summary(sample, box, foot, n_samples)
        values = np.concatenate([grid, summary], axis=1)
        return FeatureSequence(values.astype(np.float32), layout.rate_of(tracks))


def build(settings: Settings, device: str = "cpu") -> PictureLayout:
    """The representation; ``device`` is accepted for uniformity, the work is numpy's."""
    del device
    return PictureLayout(settings)


def _summary(sample: np.ndarray, box: FloatArray, foot: FloatArray, n_samples: int) -> FloatArray:
    """(T, 8): anybody, how many, mean height, width of the crowd, mean and change of the feet."""
    count = np.bincount(sample, minlength=n_samples)[:n_samples]
    height = box[:, 3] - box[:, 1]
    means = layout.means_by_sample(sample, np.column_stack([height * 5, foot, foot**2]), n_samples)
    spread = np.sqrt(np.maximum(means[:, 3] - means[:, 1] ** 2, 0))
    both = (count[1:] > 0) & (count[:-1] > 0)
    change = np.zeros((n_samples, 2))
    change[1:][both] = np.diff(means[:, 1:3], axis=0)[both] * 4
    return np.column_stack(
        [count > 0, count / _SOME_PEOPLE, means[:, 0], spread, means[:, 1:3], change]
    )
