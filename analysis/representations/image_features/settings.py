"""What can be set on ``image_features``."""

from dataclasses import dataclass

WINDOW_PICTURES_HZ = 2.0
"""Pictures of a window, as of the snippets that networks are tuned on."""


@dataclass(frozen=True)
class Settings:
    """Features of pictures by one or several networks.

    Args:
        backbones: local folders of ``transformers`` models (``config.json`` and safetensors), separated by commas;
            empty for the bundled small one.
        projections: a file of ``fit_projection`` for each, separated by commas; empty for none.
        rate_hz: rows a second.
        is_normalised: every network's rows are brought to length one before they are put side by side, as in the
            Baidu report; with a single network off as published.
        window_s: every row is the mean over the pictures of so many seconds round it, for networks that were tuned on
            snippets (5 s); 0 for the row's own picture.
    """

    backbones: str = ""
    projections: str = ""
    rate_hz: float = 2.0
    is_normalised: bool = False
    window_s: float = 0.0

    def __post_init__(self) -> None:
        if self.rate_hz <= 0 or self.window_s < 0:
            raise ValueError("rate_hz is above 0, and window_s is 0 s or more")
        if self.projections and len(self.projections.split(",")) != len(self.backbones.split(",")):
            raise ValueError("projections names one file for each backbone")

    @property
    def pictures_hz(self) -> float:
        """Pictures a second that are looked at."""
        return max(self.rate_hz, WINDOW_PICTURES_HZ) if self.window_s else self.rate_hz
