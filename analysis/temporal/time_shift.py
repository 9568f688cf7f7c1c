"""Time-shift encoding: how far each frame is from the event that matters to it, class by class (algorithms E.3).

Context parameters K1 < K2 < 0 < K3 < K4 say, per class, where before and after an event the network may know of it.
"""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

# Seconds, SoccerNet-v2 class order (core.vocabulary.SOCCERNET_V2); rows K1..K4.
K_SOCCERNET_V2_S = np.array(
    [
        [-100, -98, -20, -40, -96, -5, -8, -93, -99, -31, -75, -10, -97, -75, -20, -84, -18],
        [-50, -49, -10, -20, -48, -3, -4, -46, -50, -15, -37, -5, -49, -38, -10, -42, -9],
        [50, 49, 60, 10, 48, 3, 4, 46, 50, 15, 37, 5, 49, 38, 10, 42, 9],
        [100, 98, 90, 20, 96, 5, 8, 93, 99, 31, 75, 10, 97, 75, 20, 84, 18],
    ],
    dtype=np.float64,
)


def encode(
    event_frames: list[NDArray[np.int64]], n_frames: int, k_frames: FloatArray
) -> FloatArray:
    """Shift of every frame to its event.

    Args:
        event_frames: per class, the frames with an event, in any order.
        n_frames: length of the half.
        k_frames: (4, C) context parameters in frames.

    Returns:
        (n_frames, C): 0 exactly at events, positive after one, negative before one, K1 where the class never occurs.
    """
    shifts = np.empty((n_frames, len(event_frames)))
    for label, frames in enumerate(event_frames):
        shifts[:, label] = _encode_class(np.unique(frames), n_frames, k_frames[:, label])
    return shifts


def _encode_class(events: NDArray[np.int64], n_frames: int, k: FloatArray) -> FloatArray:
    k1, k2, k3, k4 = k
    frames = np.arange(n_frames, dtype=np.float64)
    if not len(events):
        return np.full(n_frames, k1)
    if len(events) == 1:
        return np.asarray(frames - events[0])
    # Virtual events so far outside that they never win: before the first, and after the end.
    anchors = np.concatenate([[-k4], events, [n_frames - k1]])
    previous = np.searchsorted(anchors, frames, "right") - 1
    since = frames - anchors[previous]
    until = frames - anchors[previous + 1]
    with np.errstate(invalid="ignore"):
        fading = (since - k3) / (k4 - k3)
        rising = (k2 - until) / (k2 - k1)
    keeps_previous = (since < k3) | ((since < k4) & ((until <= k1) | (fading < rising)))
    return np.asarray(np.where(keeps_previous, since, until))
