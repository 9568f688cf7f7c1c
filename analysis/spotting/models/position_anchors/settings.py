"""What can be set on the spotter."""

from dataclasses import dataclass

WEIGHTS_FILE = "position_anchors.safetensors"


@dataclass(frozen=True)
class Settings:
    """Args: least_confidence: weaker candidates are not told. half: the number written into the spots.
    weights: path of other weights than the bundled ones, which then tell every class, with raw confidences.
    tuned_sha256: digest that ``weights`` must have: they are the bundled ones, tuned by a club's corrections, and keep
    the classes and probabilities of those."""

    least_confidence: float = 0.01
    half: int = 1
    weights: str = ""
    tuned_sha256: str = ""
