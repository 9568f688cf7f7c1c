"""Colour composition of the pitch from above (algorithms C)."""

from analysis.representations.top_view_colour.builder import Settings, TopViewColour

__all__ = ["Settings", "TopViewColour", "build"]


def build(settings: Settings, device: str = "cpu") -> TopViewColour:
    """The representation; ``device`` is accepted for uniformity, drawing is done on the CPU."""
    del device
    return TopViewColour(settings)
