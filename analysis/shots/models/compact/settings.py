"""Settings of the bundled shot finder."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """How shots are told.

    Args:
        least: probability from which a transition is believed.
        apart_ms: least length of a shot.
        weights_file: other weights than the bundled ones.
    """

    least: float = 0.4
    apart_ms: int = 400
    weights_file: str = ""
