"""How the element network learns: labelled frames seen by virtual cameras, and drawn ones, by the one loop."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from analysis.calibration.methods.pitch_elements import augmentation, sketches
from analysis.calibration.methods.pitch_elements.labels import label_cameras
from analysis.calibration.methods.pitch_elements.network import (
    INPUT_SIZE_PX,
    ElementNetwork,
    as_input,
    element_loss,
)
from analysis.calibration.methods.pitch_elements.targets import element_maps
from analysis.datasets.pitch_keypoints import LabelledFrame
from analysis.video.images import read_image

FloatArray = NDArray[np.float64]


class ElementExamples:
    """Examples of one round: ``n_labelled`` views of labelled frames, then ``n_drawn`` drawn frames.

    Args:
        frames: labelled frames to train on.
        n_labelled, n_drawn: numbers in a round.
        size_px: (width, height) of the pictures; the maps have a quarter of it.
        augmented: False shows labelled frames as they are (validation).
    """

    def __init__(
        self,
        frames: Sequence[LabelledFrame],
        *,
        n_labelled: int,
        n_drawn: int,
        size_px: tuple[int, int] = INPUT_SIZE_PX,
        augmented: bool = True,
    ) -> None:
        pairs = zip(frames, label_cameras(frames), strict=True)
        kept = [(frame, camera) for frame, camera in pairs if camera is not None]
        self.frames = [frame for frame, _ in kept]
        self.cameras = [camera for _, camera in kept]
        sizes = Counter(frame.sequence for frame in self.frames)
        # large sequences are near-copies of few views: the fourth frame of one counts half
        share = np.array([sizes[frame.sequence] ** -0.5 for frame in self.frames])
        self.shares = share / share.sum() if len(share) else share
        self.n_labelled = n_labelled if self.frames else 0
        self.n_drawn, self.augmented = n_drawn, augmented
        self.size_px, self.map_size = size_px, (size_px[0] // 4, size_px[1] // 4)
        self._pictures: dict[int, NDArray[np.uint8]] = {}

    def __len__(self) -> int:
        return self.n_labelled + self.n_drawn

    def example(self, index: int, seed: int) -> Mapping[str, Any]:
        """``image`` (360, 640, 3) uint8, ``maps`` (53, 90, 160) float16."""
        cv2.setNumThreads(1)
        rng = np.random.default_rng(seed)
        if not self.augmented:
            image, maps = self._plain(index)
        elif index < self.n_labelled:
            image, maps = self._labelled(rng)
        else:
            camera = sketches.random_camera(rng)
            image, maps = (
                sketches.sketch(camera, self.size_px, rng),
                element_maps(camera, self.map_size),
            )
        if self.augmented:
            image = augmentation.worse_picture(image, rng)
        return {"image": torch.from_numpy(image), "maps": torch.from_numpy(maps.astype(np.float16))}

    def _plain(self, index: int) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        camera = self.cameras[index % len(self.cameras)]
        picture = cv2.resize(
            self._picture(index % len(self.cameras)), self.size_px, interpolation=cv2.INTER_AREA
        )
        return picture, element_maps(camera, self.map_size)

    def _labelled(self, rng: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        chosen = int(rng.choice(len(self.frames), p=self.shares))
        seen_by, source = self.cameras[chosen], self._picture(chosen)
        view = augmentation.virtual_view(seen_by, rng)
        image = augmentation.rendered_view(source, seen_by, view, self.size_px, rng)
        valid = augmentation.valid_cells(seen_by, view, source.shape[:2], self.map_size)
        if rng.random() < 0.5:
            image, valid = np.ascontiguousarray(image[:, ::-1]), valid[:, ::-1]
            view = augmentation.mirrored_view(view)
        return image, element_maps(view, self.map_size) * valid

    def _picture(self, index: int) -> NDArray[np.uint8]:
        if index not in self._pictures:
            self._pictures[index] = read_image(self.frames[index].image_path)
        return self._pictures[index]


class ElementTraining:
    """The training side of the calibrator.

    Args:
        training, validation: labelled frames of disjoint sequences.
        n_labelled, n_drawn: examples a round.
        size_px: of the pictures.
    """

    def __init__(
        self,
        training: Sequence[LabelledFrame],
        validation: Sequence[LabelledFrame],
        *,
        n_labelled: int = 240,
        n_drawn: int = 48,
        size_px: tuple[int, int] = INPUT_SIZE_PX,
    ) -> None:
        self.training, self.validation = training, validation
        self.n_labelled, self.n_drawn, self.size_px = n_labelled, n_drawn, size_px

    def network(self) -> nn.Module:
        """A fresh network."""
        return ElementNetwork()

    def examples(self, split: str) -> ElementExamples:
        """``train`` augmented, ``validation`` as the frames are."""
        is_training = split == "train"
        return ElementExamples(
            self.training if is_training else self.validation,
            n_labelled=self.n_labelled if is_training else len(self.validation),
            n_drawn=self.n_drawn if is_training else 0,
            size_px=self.size_px,
            augmented=is_training,
        )

    def loss(self, network: nn.Module, batch: Mapping[str, Any]) -> dict[str, Tensor]:
        """Cross-entropy of marks and key points."""
        logits = network(as_input(batch["image"])).float()
        return {"total": element_loss(logits, batch["maps"].float())}
