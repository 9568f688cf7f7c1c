"""Who stands where on the pitch, in metres: people and ball on a coarse map, and what the camera sees of it."""

from dataclasses import dataclass

import numpy as np

from analysis.core import homography
from analysis.core.records import CalibrationTrack, FeatureSequence, FloatArray, PlayersTrack
from analysis.representations import drawing, layout
from analysis.representations.base import HalfView

__all__ = ["N_SUMMARY", "PitchLayout", "Settings", "build"]

N_SUMMARY = 24
_SOME_PEOPLE = 12.0
_REACH_M = 50.0


@dataclass(frozen=True)
class Settings:
    """Args: columns, rows: cells of the map, from the left goal and from the near touch-line."""

    columns: int = 14
    rows: int = 9


class PitchLayout:
    """See the card."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @property
    def n_features(self) -> int:
        """Width of a row."""
        return layout.N_GROUPS * self.settings.columns * self.settings.rows + N_SUMMARY

    def build(self, half: HalfView) -> FeatureSequence:
        """(T, n_features) float32 on the clock of the calibrations."""
        tracks, players = half.calibrations, half.players
        n_samples = len(tracks)
        usable = tracks.usable(half.floor)
        sample = layout.sample_of_rows(players, tracks)
        seen = (sample >= 0) & drawing.plausible(players.pitch_xy_m)
        seen[seen] &= usable[sample[seen]]
        place = players.pitch_xy_m[seen]
        sample, group = sample[seen], layout.groups_of(players)[seen]
        size = np.array([half.pitch.length_m, half.pitch.width_m])
        share = (place / size) * 0.9 + 0.5  # people beside the lines stay on the map
        shape = (self.settings.columns, self.settings.rows)
        grid = layout.soft_grid(sample, group, share, n_samples, shape)
        summary = np.column_stack(
            [
                usable,
                _crowds(sample, group, place, n_samples),
                _ball(players, tracks),
                _view(tracks, usable),
            ]
        )
        values = np.concatenate([grid, summary], axis=1)
        return FeatureSequence(values.astype(np.float32), layout.rate_of(tracks))


def build(settings: Settings, device: str = "cpu") -> PitchLayout:
    """The representation; ``device`` is accepted for uniformity, the work is numpy's."""
    del device
    return PitchLayout(settings)


def _crowds(sample: np.ndarray, group: np.ndarray, place: FloatArray, n_samples: int) -> FloatArray:
    """(T, 13): everybody's and each team's number, mean place and spread along and across."""
    parts = [np.bincount(sample, minlength=n_samples)[:n_samples, None] / _SOME_PEOPLE]
    for member in (slice(None), group == 0, group == 1):
        own, xy = sample[member], place[member] / _REACH_M
        means = layout.means_by_sample(own, np.column_stack([xy, xy**2]), n_samples)
        spread = np.sqrt(np.maximum(means[:, 2:] - means[:, :2] ** 2, 0))
        parts += [means[:, :2], spread]
    return np.concatenate(parts, axis=1)


def _ball(players: PlayersTrack, tracks: CalibrationTrack) -> FloatArray:
    """(T, 5): whether a ball was found, where, and how far it moved since the sample before."""
    result = np.zeros((len(tracks), 5))
    known = np.isfinite(players.ball_xy_m).all(axis=1)
    if not len(tracks) or not known.any():
        return result
    times, places = players.ball_times_ms[known], players.ball_xy_m[known]
    at = np.clip(np.searchsorted(tracks.times_ms, times), 0, len(tracks) - 1)
    same = tracks.times_ms[at] == times
    result[at[same], 0] = 1
    result[at[same], 1:3] = np.clip(places[same] / _REACH_M, -1.5, 1.5)
    both = (result[1:, 0] > 0) & (result[:-1, 0] > 0)
    result[1:, 3:][both] = np.diff(result[:, 1:3], axis=0)[both] * 4
    return result


def _view(tracks: CalibrationTrack, usable: np.ndarray) -> FloatArray:
    """(T, 5): ground under the middle of the picture, its change, and how wide the view is there."""
    result = np.zeros((len(tracks), 5))
    width_px, height_px = tracks.image_size_px
    points = np.array(
        [[width_px / 2, height_px / 2], [0.0, height_px / 2], [width_px, height_px / 2]]
    )
    for i in np.flatnonzero(usable):
        ground = homography.ground_from_image(
            tracks.image_from_pitch[i], points, tracks.image_size_px
        )
        if np.isfinite(ground).all() and np.abs(ground).max() < 300:
            result[i, :2] = ground[0] / _REACH_M
            result[i, 4] = np.linalg.norm(ground[2] - ground[1]) / _REACH_M
    both = (result[1:, 4] > 0) & (result[:-1, 4] > 0)
    result[1:, 2:4][both] = np.diff(result[:, :2], axis=0)[both] * 4
    return result
