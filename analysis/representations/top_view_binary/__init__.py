"""Binary channels of the pitch from above: players, view, lines (algorithms C)."""

from analysis.representations.top_view_binary.builder import Settings, TopViewBinary

__all__ = ["Settings", "TopViewBinary", "build"]


def build(settings: Settings, device: str = "cpu") -> TopViewBinary:
    """The representation; ``device`` is accepted for uniformity, drawing is done on the CPU."""
    del device
    return TopViewBinary(settings)
