"""What can be set on ``image_features``."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Features of pictures by one or several networks.

    Args:
        backbones: local folders of ``transformers`` models (``config.json`` and safetensors), separated by commas.
        projections: a file of ``fit_projection`` for each, separated by commas; empty for none.
        rate_hz: rows a second.
        is_normalised: every network's rows are brought to length one before they are put side by side, as in the
            Baidu report; with a single network off as published.
    """

    backbones: str = ""
    projections: str = ""
    rate_hz: float = 2.0
    is_normalised: bool = False

    def __post_init__(self) -> None:
        if not self.backbones:
            raise ValueError(
                "backbones names a local folder of a transformers model, such as one of ResNet-152"
            )
        if self.projections and len(self.projections.split(",")) != len(self.backbones.split(",")):
            raise ValueError("projections names one file for each backbone")
