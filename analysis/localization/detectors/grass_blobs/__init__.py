"""People as shapes on the grass, without weights."""

from analysis.localization.detectors.grass_blobs.detector import GrassBlobs
from analysis.localization.detectors.grass_blobs.settings import Settings

__all__ = ["GrassBlobs", "Settings", "build"]


def build(settings: Settings, device: str = "cpu") -> GrassBlobs:
    """The detector; ``device`` is accepted for uniformity, the work is done on the CPU."""
    del device
    return GrassBlobs(settings)
