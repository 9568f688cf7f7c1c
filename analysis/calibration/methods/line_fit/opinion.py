"""What another calibrator says of a frame, asked once and only when it is needed."""

from functools import cached_property

from analysis.calibration.base import Calibrator
from analysis.calibration.cameras import camera_from_homography
from analysis.core.camera import Camera
from analysis.core.pitch import PitchSpec
from analysis.core.records import Calibration, Frame

# Advice that its giver believes so little is not followed up.
LEAST_CONFIDENCE = 0.002
# Under this confidence of our own, such advice means that the picture shows no pitch.
HOPELESS = 0.05


class Opinion:
    """One frame's second opinion.

    Args:
        adviser: who is asked, or None for nobody.
        frame, pitch: about what.
    """

    def __init__(self, adviser: Calibrator | None, frame: Frame, pitch: PitchSpec) -> None:
        self._adviser, self._frame, self._pitch = adviser, frame, pitch

    @cached_property
    def advice(self) -> Calibration | None:
        """The adviser's answer where it is worth anything."""
        if self._adviser is None:
            return None
        advice = next(iter(self._adviser.calibrate([self._frame], self._pitch)))
        return advice if advice is not None and advice.confidence >= LEAST_CONFIDENCE else None

    @property
    def camera(self) -> Camera | None:
        """The advised camera."""
        if self.advice is None:
            return None
        return camera_from_homography(self.advice.image_from_pitch, self._frame.size_px)

    def rules_out(self, confidence: float) -> bool:
        """Whether a view found with this confidence and the adviser's silence together say that there is none."""
        return self._adviser is not None and confidence < HOPELESS and self.advice is None
