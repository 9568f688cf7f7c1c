"""Feature vectors of the pictures themselves, by any network of ``transformers`` in a local folder."""

from typing import TYPE_CHECKING

from analysis.representations.image_features.settings import Settings

if TYPE_CHECKING:
    from analysis.representations.image_features.extractor import ImageFeatures

__all__ = ["Settings", "build"]


def build(settings: Settings, device: str = "cpu") -> "ImageFeatures":
    """The representation.

    Raises:
        InputProblem: a folder or file is not what it should be.
    """
    from analysis.representations.image_features.extractor import ImageFeatures

    return ImageFeatures(settings, device)
