"""What can be set on ``top_view_features``."""

from dataclasses import dataclass

BACKBONES = ("small", "resnet34", "efficientnet_b4")
"""The bundled encoder, and the two published networks (512 and 1792 numbers a sample)."""


@dataclass(frozen=True)
class Settings:
    """Defaults are the bundled encoder's.

    Args:
        backbone: one of ``BACKBONES``.
        weights_file: safetensors of the backbone as ``transformers`` stores them; empty for the bundled encoder.
        weights_sha256: what that file's digest must be; empty not to check.
    """

    backbone: str = "small"
    weights_file: str = ""
    weights_sha256: str = ""

    def __post_init__(self) -> None:
        if self.backbone not in BACKBONES:
            raise ValueError(f"backbone is one of {', '.join(BACKBONES)}, not {self.backbone!r}")
        if self.backbone != "small" and not self.weights_file:
            raise ValueError(
                f"{self.backbone} comes without weights: name a safetensors file in weights_file"
            )
