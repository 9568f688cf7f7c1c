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
        condition: what had to be so for time to count.
    """

    seen_ms: int
    total_ms: int
    condition: str = "with the pitch in view"

    @property
    def share(self) -> float:
        """0 to 1; 0 for nothing asked."""
        return self.seen_ms / self.total_ms if self.total_ms else 0.0

    @property
    def words(self) -> str:
        """A line for under a title, short enough for a phone."""
        return f"From the {round(100 * self.share)} % of the time {self.condition}"


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


@dataclass(frozen=True, slots=True)
class EventMap:
    """Events with a place.

    Args:
        pitch_m: (length, width).
        teams: names of home and away.
        rows: (label, team or empty, x_m, y_m, time_ms since the part's beginning, confidence).
        n_without: events of the part without a place.
        basis: time it rests on.
    """

    pitch_m: tuple[float, float]
    teams: tuple[str, str]
    rows: list[tuple[str, str, float, float, int, float]]
    n_without: int
    basis: Basis


@dataclass(frozen=True, slots=True)
class ShapeOverTime:
    """How a team stood, minute by minute.

    Args:
        team: name to show.
        bin_ms: length of a bin.
        measures: (4, n_bins) metres: length, width, line height, spread (root mean square distance from the middle);
            NaN where too few players were in view.
        samples: (n_bins,) samples behind each bin.
        basis: time with enough players in view.
    """

    team: str
    bin_ms: int
    measures: NDArray[np.float64]
    samples: NDArray[np.int64]
    basis: Basis


@dataclass(frozen=True, slots=True)
class Territory:
    """Where the play was, by thirds of the pitch.

    Args:
        bin_ms: length of a bin.
        thirds: names of the thirds from left to right.
        shares: (3, n_bins) of the samples with players in view; NaN without samples.
        basis: time it rests on.
    """

    bin_ms: int
    thirds: tuple[str, str, str]
    shares: NDArray[np.float64]
    basis: Basis


@dataclass(frozen=True, slots=True)
class Momentum:
    """Which team's attacking events weigh more, smoothed over time.

    Args:
        teams, colours: of home and away.
        times_ms: (T,) since the part's beginning.
        balance: (T,) weight of home minus away.
        n_used, n_without: events that count, and attacking ones without a team.
        basis: time it rests on.
    """

    teams: tuple[str, str]
    colours: tuple[str, str]
    times_ms: NDArray[np.int64]
    balance: NDArray[np.float64]
    n_used: int
    n_without: int
    basis: Basis


@dataclass(frozen=True, slots=True)
class EventConfidence:
    """How sure the events of each class are, and how many a person looked at.

    Args:
        labels, words: classes in lane order.
        counts: (n_labels, 4) int64: reviewed by a person, then not reviewed and sure (80 % and more), likely (50 % and
            more), unsure.
        basis: time it rests on.
    """

    labels: list[str]
    words: list[str]
    counts: NDArray[np.int64]
    basis: Basis


@dataclass(frozen=True, slots=True)
class SeasonRates:
    """Events for 90 minutes of play over the chosen matches.

    Args:
        words: classes in lane order.
        rates: (n, 2) of the own team and of its opponents.
        counts: (n, 3) int64 own, opponents', without a team.
        n_matches: how many matches.
        minutes: of play that were chosen.
        basis: time it rests on.
    """

    words: list[str]
    rates: NDArray[np.float64]
    counts: NDArray[np.int64]
    n_matches: int
    minutes: float
    basis: Basis


@dataclass(frozen=True, slots=True)
class SeasonTrend:
    """One class, match after match.

    Args:
        words: the class.
        matches: (title, day or empty) in order of play.
        rates: (n_matches, 2) for 90 minutes, own and opponents'; NaN where nothing was chosen of a match.
        basis: time it rests on.
    """

    words: str
    matches: list[tuple[str, str]]
    rates: NDArray[np.float64]
    basis: Basis


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two matches side by side.

    Args:
        titles: of the two.
        words: classes of either.
        rates: (n, 2, 2): class, match, own and opponents', for 90 minutes.
        basis: time it rests on, both together.
    """

    titles: tuple[str, str]
    words: list[str]
    rates: NDArray[np.float64]
    basis: Basis
