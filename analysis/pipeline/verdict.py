"""Whether a video shows a pitch well enough to speak of positions and events at all.

The rule: at least ``LEAST_SAMPLES`` samples and ``LEAST_SHARE`` of all samples must carry a usable calibration. In a
broadcast match the main camera is on air for more than half of the time; a video below a tenth is a training hall, a
collection of close-ups or a camera too low, and its few calibrations are chance. They are then all refused.
"""

from dataclasses import replace

import numpy as np

from analysis.core.records import CalibrationTrack

OK = "ok"
NO_USABLE_PITCH_VIEW = "no_usable_pitch_view"
LEAST_SHARE = 0.10
LEAST_SAMPLES = 3


def verdict_of(track: CalibrationTrack, floor: float) -> str:
    """``ok`` or ``no_usable_pitch_view``."""
    usable = track.usable(floor)
    if usable.sum() >= LEAST_SAMPLES and usable.mean() >= LEAST_SHARE:
        return OK
    return NO_USABLE_PITCH_VIEW


def refused(track: CalibrationTrack) -> CalibrationTrack:
    """The same samples, every calibration refused."""
    return replace(track, status=np.full(len(track), "refused", dtype="<U8"))
