"""What can be set on ``compact``."""

from dataclasses import dataclass

from analysis.core.pitch import STANDARD_PITCH, PitchSpec


@dataclass(frozen=True)
class Settings:
    """Defaults were chosen on held-out sequences.

    Args:
        working_width_px: frames are resized to at most this width before the network sees them. On scouting feeds 1280
            costs 0.3 points of AP50.
        person_px: the width is made so that the median person is this tall, see ``scale``; 0 for always
            ``working_width_px``.
        score_shift: added to the logit of a person's score; the height of a middle understates how likely it is one.
        score_floor: people below are dropped; 0.5 is where precision and recall meet.
        ball_floor: a ball below is no ball (precision 0.91 there on held-out sequences).
        overlap: intersection over union above which the lower of two people is a double.
        sure_role: share a role needs to be told; below it the role stays unknown.
        eight_bit: bytes in place of floats in the network, on processors that multiply bytes and where the weights say
            how far their activations reach; False for floats everywhere.
        weights_file: safetensors to use in place of the bundled ones; empty for the bundled ones.
        pitch: size of the pitch, for the field's region where a calibration is known.
    """

    working_width_px: int = 1440
    person_px: float = 39.0
    score_shift: float = 0.3
    score_floor: float = 0.1
    ball_floor: float = 0.4
    overlap: float = 0.6
    sure_role: float = 0.0
    eight_bit: bool = True
    weights_file: str = ""
    pitch: PitchSpec = STANDARD_PITCH
