"""What a stream has told so far: where its camera stands, where it looked last, and how well that was seen."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.methods.line_fit.keeping import Glimpse, Hold

FloatArray = NDArray[np.float64]

PRIOR_MEAN = np.array([0.0, -80.0, 18.0, 0.0, 0.2, 0.0, 0.6, 0.0])
# A kept view may show so much less of its lines than the last picture that was looked at as a whole.
MAX_LOST_SHARE = 0.1
LEAST_SHARE = 0.5
# And a single mark at least so much of its usual share.
LEAST_OF_USUAL = 0.6
MAX_MORE_RESIDUAL_PX = 0.4
MAX_DOUBT_PX = 1.5


@dataclass
class Known:
    """The last view that was ``ok``, its age in frames, and the anchor: the best explained view of the camera.

    Args:
        vector, size_px, age: the last view, the working size it is for, and how many frames ago that was.
        anchor, anchor_score: where the camera stands.
        home, home_score: the same of the last camera that was sure: what an unsure view says may be another one's.
        score, confidence: of the last view that a whole look confirmed.
        n_unsure: frames in a row without a sure view.
        n_kept: views in a row that were kept without a whole look.
        seen, hold: the last picture and how its lines lay, None unless the last frame's view was sure.
    """

    vector: FloatArray | None = None
    anchor: FloatArray = field(default_factory=lambda: PRIOR_MEAN.copy())
    anchor_score: float = 0.0
    home: FloatArray | None = None
    home_score: float = 0.0
    score: float = 0.0
    confidence: float = 0.0
    size_px: tuple[int, int] = (0, 0)
    age: int = 0
    n_unsure: int = 0
    n_kept: int = 0
    seen: Glimpse | None = None
    hold: Hold | None = None

    def learn(
        self,
        vector: FloatArray,
        score: float,
        confidence: float,
        size_px: tuple[int, int],
        *,
        is_followed: bool,
        is_sure: bool,
    ) -> None:
        """Remember a view; it becomes the anchor when it is new or better explained than the anchor."""
        self.vector, self.size_px, self.age = vector, size_px, 0
        self.score, self.confidence, self.n_kept = score, confidence, 0
        if not is_followed or score >= self.anchor_score:
            self.anchor, self.anchor_score = vector, score
        if is_sure and (not is_followed or score >= self.home_score):
            self.home, self.home_score = vector, score

    def home_within(self, memory: int) -> FloatArray | None:
        """The camera of a sure view at most ``memory`` frames ago, if there is one."""
        return self.home if self.n_unsure <= memory else None

    def is_held(self, hold: Hold) -> bool:
        """Whether lines lie where a kept view puts them as they did in the last picture looked at as a whole.

        Every mark by itself: a far touch-line alone would bear out views that turn along it.
        """
        if self.hold is None or hold.doubt_px > MAX_DOUBT_PX:
            return False
        if hold.residual_px > self.hold.residual_px + MAX_MORE_RESIDUAL_PX:
            return False
        if hold.share < max(LEAST_SHARE, self.hold.share - MAX_LOST_SHARE):
            return False
        usual = np.where(
            np.isfinite(self.hold.element_share), self.hold.element_share, self.hold.share
        )
        return not (hold.element_share < LEAST_OF_USUAL * usual).any()
