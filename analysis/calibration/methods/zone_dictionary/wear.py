"""Zone maps as a network sees them: with holes, wrong blobs, frayed borders and lost lines."""

import cv2
import numpy as np
from numpy.random import Generator

from analysis.calibration.methods.zone_dictionary.zones import N_CLASSES, LabelArray


def worn(zones: LabelArray, rng: Generator) -> LabelArray:
    """A copy of a zone map (H, W) with the faults of a segmentation; one in six stays as it is."""
    if rng.random() < 1 / 6:
        return zones
    height, width = zones.shape
    seen = zones.copy()
    if rng.random() < 0.5:
        seen = cv2.medianBlur(seen, (3, 5)[int(rng.integers(2))])
    if rng.random() < 0.7:
        seen = _frayed(seen, float(rng.uniform(0.3, 1.6)), rng)
    for _ in range(int(rng.poisson(2.0))):
        centre = (int(rng.integers(width)), int(rng.integers(height)))
        axes = (int(rng.integers(2, 24)), int(rng.integers(2, 10)))
        zone = int(rng.integers(N_CLASSES))
        cv2.ellipse(seen, centre, axes, float(rng.uniform(0, 180)), 0, 360, zone, -1)
    if rng.random() < 0.2:
        x, y = int(rng.integers(width)), int(rng.integers(height))
        w, h = int(rng.integers(10, 90)), int(rng.integers(6, 40))
        cv2.rectangle(seen, (x, y), (x + w, y + h), 0, -1)
    if rng.random() < 0.15:
        # a round zone that was overlooked
        seen[seen == 3] = 2
    return seen


def _frayed(zones: LabelArray, strength_px: float, rng: Generator) -> LabelArray:
    height, width = zones.shape
    small = rng.normal(0, strength_px, (2, 9, 16)).astype(np.float32)
    shift = [cv2.resize(part, (width, height), interpolation=cv2.INTER_CUBIC) for part in small]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return np.asarray(
        cv2.remap(zones, x + shift[0], y + shift[1], cv2.INTER_NEAREST), dtype=np.uint8
    )
