"""Whether a video shows a pitch well enough to speak of positions and events at all.

The rule: at least ``LEAST_SHARE`` of all samples carry a usable calibration, and somewhere they do so for
``LEAST_STRETCH_MS`` without a gap of more than one sample (for most of a clip that is shorter). In a broadcast match
the main camera is on air for more than half of the time and for many seconds at a stretch; a video that fails is a
training hall, a collection of close-ups or a camera too low, and its few calibrations are chance: all are refused.
"""

from dataclasses import replace

import numpy as np

from analysis.core.records import CalibrationTrack

OK = "ok"
NO_USABLE_PITCH_VIEW = "no_usable_pitch_view"
LEAST_SHARE = 0.10
LEAST_STRETCH_MS = 3000
LEAST_STRETCH_SHARE = 0.6


def verdict_of(track: CalibrationTrack, floor: float) -> str:
    """``ok`` or ``no_usable_pitch_view``."""
    usable = track.usable(floor)
    if not len(track) or usable.mean() < LEAST_SHARE:
        return NO_USABLE_PITCH_VIEW
    length_ms = int(track.times_ms[-1] - track.times_ms[0])
    needed_ms = min(LEAST_STRETCH_MS, LEAST_STRETCH_SHARE * length_ms)
    return OK if longest_stretch_ms(track, floor) >= needed_ms else NO_USABLE_PITCH_VIEW


def longest_stretch_ms(track: CalibrationTrack, floor: float) -> int:
    """Time between the first and the last of the most usable samples in a row; single gaps are bridged."""
    usable = np.flatnonzero(track.usable(floor))
    if not len(usable):
        return 0
    breaks = np.flatnonzero(np.diff(usable) > 2)
    firsts, lasts = usable[np.r_[0, breaks + 1]], usable[np.r_[breaks, len(usable) - 1]]
    return int((track.times_ms[lasts] - track.times_ms[firsts]).max())


def refused(track: CalibrationTrack) -> CalibrationTrack:
    """The same samples, every calibration refused."""
    return replace(track, status=np.full(len(track), "refused", dtype="<U8"))
