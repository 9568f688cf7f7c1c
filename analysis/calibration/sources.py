"""Pictures whose camera is known: what every calibrator that learns learns from."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.cameras import vector_of
from analysis.calibration.label_cameras import label_cameras
from analysis.calibration.virtual_views import canonical_view
from analysis.core.records import ImageArray
from analysis.datasets.pitch_keypoints import LabelledFrame
from analysis.synthetic.frames import random_frames
from analysis.video.images import read_image

FloatArray = NDArray[np.float64]
SIMULATED_SIZE_PX = (768, 432)


@dataclass(frozen=True)
class Source:
    """A picture (H, W, 3) with its camera (8,) and its share of the examples."""

    image: ImageArray
    camera: FloatArray
    share: float


def labelled_sources(frames: Sequence[LabelledFrame]) -> list[Source]:
    """Labelled frames that a camera explains; large sequences are near-copies of few views and count less."""
    pairs = zip(frames, label_cameras(frames), strict=True)
    kept = [(frame, camera) for frame, camera in pairs if camera is not None]
    sizes = Counter(frame.sequence for frame, _ in kept)
    share = np.array([sizes[frame.sequence] ** -0.5 for frame, _ in kept])
    share = share / max(float(share.sum()), 1e-9)
    return [
        Source(read_image(frame.image_path), camera, float(part))
        for (frame, camera), part in zip(kept, share, strict=True)
    ]


def simulated_sources(
    n_frames: int, seed: int, size_px: tuple[int, int] = SIMULATED_SIZE_PX
) -> list[Source]:
    """Frames of the simulator, all alike in share; of views that look the same from both ends, the left one."""
    stream = random_frames(np.random.default_rng(seed), size_px)
    return [
        Source(frame.image, canonical_view(vector_of(frame.camera)), 1 / n_frames)
        for frame, _ in zip(stream, range(n_frames), strict=False)
    ]
