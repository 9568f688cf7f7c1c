"""Feature vectors of the pictures themselves, by any network of ``transformers`` in a local folder."""

from analysis.representations.image_features.settings import Settings

__all__ = ["Settings", "build"]


def build(settings: Settings, device: str = "cpu") -> "ImageFeatures":  # noqa: F821
    """The representation.

    Raises:
        InputProblem: a folder or file is not what it should be.
    """
    from analysis.representations.image_features.extractor import ImageFeatures

    return ImageFeatures(settings, device)
