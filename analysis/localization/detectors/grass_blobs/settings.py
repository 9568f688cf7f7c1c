"""What can be set on ``grass_blobs``."""

from dataclasses import dataclass, field

from analysis.core.pitch import PitchSpec


@dataclass(frozen=True)
class Settings:
    """Defaults were chosen on the labelled scouting frames by sequence.

    Args:
        working_width_px: wider frames are worked on at this width.
        contrast_floor: units of the grass's own spread above which a pixel is no grass.
        blur_share: a pixel with less than this share of the contrast two pixels away is blur.
        reach_px: radius of the neighbourhood whose grass a pixel is compared with.
        margin_m: how far outside the lines of a calibrated pitch people are still looked for.
        score_floor: candidates below are dropped.
        pitch: size of the pitch, for the projected field mask.
    """

    working_width_px: int = 1280
    contrast_floor: float = 3.8
    blur_share: float = 0.33
    reach_px: int = 40
    margin_m: float = 1.5
    score_floor: float = 0.15
    pitch: PitchSpec = field(default_factory=PitchSpec)
