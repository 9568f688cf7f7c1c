"""What can be set on ``maskrcnn``."""

from dataclasses import dataclass

from analysis.core.pitch import STANDARD_PITCH, PitchSpec


@dataclass(frozen=True)
class Settings:
    """Defaults are those of the publication.

    Args:
        weights_file: a local .pth or .safetensors; empty for the file in torchvision's own cache.
        sha256: digest the file must have, or its first digits.
        score_floor: people below are dropped.
        pitch: size of the pitch, for the field's region where a calibration is known.
    """

    weights_file: str = ""
    sha256: str = "bf2d0c1e"
    score_floor: float = 0.5
    pitch: PitchSpec = STANDARD_PITCH

    def __post_init__(self) -> None:
        if len(self.sha256) < 8:
            raise ValueError("sha256 has at least eight digits")
