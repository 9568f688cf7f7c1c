"""What figures are drawn from: plain values without Django, Dash or plotly."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Basis:
    """What a figure rests on.

    Args:
        seen_ms: time for which the pitch was found.
        total_ms: time asked about.
    """

    seen_ms: int
    total_ms: int

    @property
    def share(self) -> float:
        """0 to 1; 0 for nothing asked."""
        return self.seen_ms / self.total_ms if self.total_ms else 0.0

    @property
    def words(self) -> str:
        """A line for under a title, short enough for a phone."""
        return f"From the {round(100 * self.share)} % of the time with the pitch in view"


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Where a team's outfield players were.

    Args:
        team: name to show.
        pitch_m: (length, width).
        counts: (ny, nx) int64 positions in each zone, row 0 at the near touch-line, column 0 at the left goal.
        basis: time it rests on.
    """

    team: str
    pitch_m: tuple[float, float]
    counts: NDArray[np.int64]
    basis: Basis


@dataclass(frozen=True, slots=True)
class EventsOverTime:
    """Events by class and stretch of time.

    Args:
        bin_ms: length of a bin.
        labels: classes in lane order.
        words, colours: of the labels.
        counts: (n_labels, n_bins) int64.
        basis: time it rests on.
    """

    bin_ms: int
    labels: list[str]
    words: list[str]
    colours: list[str]
    counts: NDArray[np.int64]
    basis: Basis


@dataclass(frozen=True, slots=True)
class CameraUse:
    """How well the camera was known, over time.

    Args:
        bin_ms: length of a bin.
        shares: (3, n_bins) share of samples that were ok, weak, refused; columns sum to 1, NaN without samples.
        basis: time it rests on.
    """

    bin_ms: int
    shares: NDArray[np.float64]
    basis: Basis


@dataclass(frozen=True, slots=True)
class MeanPosition:
    """One followed player: where he was on average, in metres, and for how long he was seen."""

    team: int
    track_id: int
    is_keeper: bool
    x_m: float
    y_m: float
    seen_ms: int


@dataclass(frozen=True, slots=True)
class AveragePositions:
    """Players that could be followed for long enough.

    Args:
        teams: names of home and away.
        colours: of home and away.
        pitch_m: (length, width).
        players: those seen for at least ``least_ms``.
        least_ms: the limit.
        basis: time it rests on.
    """

    teams: tuple[str, str]
    colours: tuple[str, str]
    pitch_m: tuple[float, float]
    players: list[MeanPosition]
    least_ms: int
    basis: Basis
