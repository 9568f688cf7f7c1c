"""How the picture moved from sample to sample, seen in the picture alone, and which calibrations contradict it.

A main camera turns and zooms on its tripod, so one map moves everything still from one picture to the next. Two
right calibrations imply the same motion; where they imply another one, at least one of them is wrong, however well it
fits its own picture. Image frame: pixels.
"""

from dataclasses import replace

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from analysis.core import homography
from analysis.core.records import CalibrationTrack
from analysis.training.eight_bit import has_byte_products

FloatArray = NDArray[np.float64]
ImageArray = NDArray[np.uint8]

_WORKING_WIDTH_PX = 480
_N_FEATURES = 600
_LEAST_INLIERS = 30
_LEAST_INLIER_SHARE = 0.4
_REPROJECTION_PX = 4.0
_STILL_PX = 0.7
# Median difference of the two motions, as a share of the width, up to which they are one. Right calibrations of
# neighbouring broadcast frames differ by a few thousandths, in quick turns by some hundredths.
TOLERANCE_SHARE = 0.06
# A stretch that contradicts its neighbour is believed when it holds together for so long.
BELIEVED_MS = 3000


class MotionMeter:
    """Motion between consecutive pictures; keeps the features of the last one."""

    def __init__(self) -> None:
        self._orb = cv2.ORB.create(nfeatures=_N_FEATURES, fastThreshold=8)
        self._last: tuple[FloatArray, NDArray[np.uint8]] | None = None

    def step(self, image: ImageArray) -> FloatArray:
        """(3, 3) map of the last picture's pixels to this one's; NaN for the first one, after a cut, or if unclear."""
        scale = image.shape[1] / _WORKING_WIDTH_PX
        found = self._features(image)
        last, self._last = self._last, found
        motion = None if last is None or found is None else self._motion(last, found)
        if motion is None:
            return np.full((3, 3), np.nan)
        size = np.diag([scale, scale, 1.0])
        return np.asarray(size @ motion @ np.linalg.inv(size))

    def skip(self) -> FloatArray:
        """What ``step`` gives for a picture whose motion nobody asks for; the next one's is unknown as well."""
        self._last = None
        return np.full((3, 3), np.nan)

    def _features(self, image: ImageArray) -> tuple[FloatArray, NDArray[np.uint8]] | None:
        height_px = round(image.shape[0] * _WORKING_WIDTH_PX / image.shape[1])
        # Halving and losing the colours first: the same grey levels but for rounding, at a third of the cost.
        while min(image.shape[0] / height_px, image.shape[1] / _WORKING_WIDTH_PX) >= 2:
            image = cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
        small = cv2.resize(grey, (_WORKING_WIDTH_PX, height_px), interpolation=cv2.INTER_AREA)
        points, words = self._orb.detectAndCompute(small, None)
        if words is None or len(points) < _LEAST_INLIERS:
            return None
        return np.array([point.pt for point in points]), np.asarray(words, dtype=np.uint8)

    def _motion(
        self,
        last: tuple[FloatArray, NDArray[np.uint8]],
        found: tuple[FloatArray, NDArray[np.uint8]],
    ) -> FloatArray | None:
        first, second = mutual_pairs(last[1], found[1])
        if len(first) < _LEAST_INLIERS:
            return None
        before, after = last[0][first], found[0][second]
        # Graphics stand still on a moving picture: what moves is asked first, and everything when nothing agrees.
        moves = np.linalg.norm(after - before, axis=1) > _STILL_PX
        moving = _similarity(before[moves], after[moves])
        return moving if moving is not None else _similarity(before, after)


def mutual_pairs(
    one: NDArray[np.uint8], other: NDArray[np.uint8]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of two sets of binary words, (N, B) and (M, B), that differ from each other in the fewest bits both ways.

    Words as signs: the more of them agree, the greater their inner product, and bytes are quickly multiplied.
    """
    if not has_byte_products():
        pairs = cv2.BFMatcher(cv2.NORM_HAMMING, crossCheck=True).match(one, other)
        rows = np.array([(pair.queryIdx, pair.trainIdx) for pair in pairs], np.int64).reshape(-1, 2)
        return rows[:, 0], rows[:, 1]
    signs = [
        torch.from_numpy(np.unpackbits(words, axis=1).astype(np.int8) * 2 - 1)
        for words in (one, other)
    ]
    alike = torch._int_mm(signs[0], signs[1].T).numpy()
    theirs, ours = alike.argmax(axis=1), alike.argmax(axis=0)
    first = np.flatnonzero(ours[theirs] == np.arange(len(one)))
    return first, theirs[first]


def _similarity(before: FloatArray, after: FloatArray) -> FloatArray | None:
    """(3, 3) shift, turn and zoom that most points follow; None when too few do.

    Four numbers, since features gather in the stands: a full homography would be free to bend where there are none.
    """
    if len(before) < _LEAST_INLIERS:
        return None
    motion, inliers = cv2.estimateAffinePartial2D(
        before, after, method=cv2.RANSAC, ransacReprojThreshold=_REPROJECTION_PX
    )
    if motion is None or inliers.sum() < max(_LEAST_INLIERS, _LEAST_INLIER_SHARE * len(before)):
        return None
    return np.asarray(np.vstack([motion, [0.0, 0.0, 1.0]]), dtype=np.float64)


def disagreements(track: CalibrationTrack, motions: FloatArray) -> FloatArray:
    """(T,) how far the motion that samples i - 1 and i imply lies from the one that was seen, as a share of the width.

    Args:
        track: calibrations.
        motions: (T, 3, 3) as ``MotionMeter.step`` gave for each sample.

    Returns:
        NaN where one of the two is refused or the motion is unknown; the median over the lower picture.
    """
    width_px, height_px = track.image_size_px
    grid_x, grid_y = np.meshgrid(np.linspace(0.1, 0.9, 7), np.linspace(0.35, 0.85, 4))
    points_px = np.stack([grid_x.ravel() * width_px, grid_y.ravel() * height_px], axis=1)
    usable = track.usable(0.0)
    result = np.full(len(track), np.nan)
    for i in range(1, len(track)):
        if usable[i - 1] and usable[i] and np.isfinite(motions[i]).all():
            seen = homography.project(motions[i], points_px)
            implied = _implied(track, i, points_px)
            gap = np.linalg.norm(implied - seen, axis=1)
            # A point that one of the two throws behind the camera is as far off as can be.
            gap = np.where(np.isfinite(gap), gap, width_px)
            result[i] = float(np.median(gap)) / width_px
    return result


def _implied(track: CalibrationTrack, i: int, points_px: FloatArray) -> FloatArray:
    size = track.image_size_px
    ground = homography.ground_from_image(track.image_from_pitch[i - 1], points_px, size)
    return homography.project(homography.facing(track.image_from_pitch[i], size), ground)


def gated(track: CalibrationTrack, motions: FloatArray) -> CalibrationTrack:
    """The track without stretches that contradict the seen motion and are too short to be believed.

    Samples in a row form a stretch until the motion contradicts two of them. Stretches that end at a contradiction are
    refused unless they last ``BELIEVED_MS``; the longest of a row of short ones is no better than the others.
    """
    gaps = disagreements(track, motions)
    usable = np.flatnonzero(track.usable(0.0))
    if not len(usable):
        return track
    contradicted = gaps > TOLERANCE_SHARE
    follows = np.diff(usable, prepend=-2) == 1
    starts = usable[~follows | contradicted[usable]]
    status = track.status.copy()
    for first, following in zip(starts, [*starts[1:], len(track)], strict=True):
        members = usable[(usable >= first) & (usable < following)]
        last = members[-1]
        is_doubtful = contradicted[first] or (last + 1 < len(track) and contradicted[last + 1])
        if is_doubtful and track.times_ms[last] - track.times_ms[first] < BELIEVED_MS:
            status[members] = "refused"
    return replace(track, status=status)
