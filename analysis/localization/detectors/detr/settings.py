"""What can be set on ``detr``."""

from dataclasses import dataclass

from analysis.core.pitch import STANDARD_PITCH, PitchSpec


@dataclass(frozen=True)
class Settings:
    """Defaults are those of the published models.

    Args:
        model_folder: config.json and model.safetensors; there are no bundled ones.
        side_px: pictures are resized to a square of this side, as the models were trained.
        tiles: the picture is cut into this many columns with a little overlap, so that far people stay tall enough.
        person: the model's name of the class that counts.
        score_floor: people below are dropped.
        overlap: intersection over union above which the lower of two people is a double (at the seams of tiles).
        pitch: size of the pitch, for the field's region where a calibration is known.
    """

    model_folder: str = ""
    side_px: int = 640
    tiles: int = 2
    person: str = "person"
    score_floor: float = 0.3
    overlap: float = 0.6
    pitch: PitchSpec = STANDARD_PITCH

    def __post_init__(self) -> None:
        if not 1 <= self.tiles <= 6:
            raise ValueError(f"tiles lies between 1 and 6, got {self.tiles}")
        if self.side_px % 32 or not 160 <= self.side_px <= 2048:
            raise ValueError(f"side_px is a multiple of 32 from 160 to 2048, got {self.side_px}")
