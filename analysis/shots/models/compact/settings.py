"""Settings of the bundled shot finder."""

from dataclasses import dataclass

from analysis.shots.base import LEAST_MAIN_SHARE


@dataclass(frozen=True, slots=True)
class Settings:
    """How shots are told.

    Args:
        least: probability from which a transition is believed.
        apart_ms: least length of a shot.
        least_main_share: mean probability of the main camera over a film, below which the film is no broadcast and is
            measured as a whole.
        weights_file: other weights than the bundled ones.
    """

    least: float = 0.4
    apart_ms: int = 400
    least_main_share: float = LEAST_MAIN_SHARE
    weights_file: str = ""
