"""Settings of CALF for camera shots."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """How boundaries are told.

    Args:
        least: confidence from which a boundary is believed.
        apart_s: window in which only the surest boundary stays.
        weights_file: trained weights; there are no bundled ones.
    """

    least: float = 0.3
    apart_s: float = 2.0
    weights_file: str = ""
