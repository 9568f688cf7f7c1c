"""What can be set on ``compact``."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Defaults were chosen on held-out sequences.

    Args:
        working_width_px: frames are resized to this width before the network sees them.
        score_floor: people below are dropped.
        ball_floor: a ball below is no ball.
        overlap: intersection over union above which the lower of two people is a double.
        sure_role: share a role needs to be told; below it the role stays unknown.
        weights_file: safetensors to use in place of the bundled ones; empty for the bundled ones.
    """

    working_width_px: int = 1280
    score_floor: float = 0.3
    ball_floor: float = 0.3
    overlap: float = 0.6
    sure_role: float = 0.0
    weights_file: str = ""
