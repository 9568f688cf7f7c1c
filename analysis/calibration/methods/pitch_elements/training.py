"""How the element network learns: labelled and simulated frames seen again by virtual cameras, by the one loop."""

from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from analysis.calibration import virtual_views
from analysis.calibration.cameras import LOG_FOCAL
from analysis.calibration.methods.pitch_elements.network import (
    INPUT_SIZE_PX,
    ElementNetwork,
    as_input,
    element_loss,
)
from analysis.calibration.methods.pitch_elements.targets import element_maps
from analysis.calibration.sources import Source
from analysis.core.records import ImageArray
from analysis.training.degradation import worse_picture

FloatArray = NDArray[np.float64]


class ElementExamples:
    """Views of sources.

    Args:
        labelled, simulated: where pictures come from; either may be empty.
        n_examples: in one round.
        simulated_share: how often a simulated picture is taken while there are labelled ones.
        size_px: (width, height) of the pictures; the maps have a quarter of it.
        augmented: False shows labelled frames in turn as they are (validation).
    """

    def __init__(
        self,
        labelled: Sequence[Source],
        simulated: Sequence[Source],
        *,
        n_examples: int,
        simulated_share: float = 0.4,
        size_px: tuple[int, int] = INPUT_SIZE_PX,
        augmented: bool = True,
    ) -> None:
        real = 1.0 if not simulated else (1 - simulated_share if labelled else 0.0)
        self.sources = [*labelled, *simulated]
        shares = [real * source.share for source in labelled]
        shares += [(1 - real) * source.share for source in simulated]
        self.shares = np.array(shares) / max(sum(shares), 1e-9)
        self.n_examples, self.augmented = n_examples, augmented
        self.size_px, self.map_size = size_px, (size_px[0] // 4, size_px[1] // 4)

    def __len__(self) -> int:
        return self.n_examples

    def example(self, index: int, seed: int) -> Mapping[str, Any]:
        """``image`` (H, W, 3) uint8, ``maps`` (53, H / 4, W / 4) float16."""
        rng = np.random.default_rng(seed)
        image, maps = self._augmented(rng) if self.augmented else self._plain(index)
        return {"image": torch.from_numpy(image), "maps": torch.from_numpy(maps.astype(np.float16))}

    def _plain(self, index: int) -> tuple[ImageArray, NDArray[np.float32]]:
        source = self.sources[index % len(self.sources)]
        picture = cv2.resize(source.image, self.size_px, interpolation=cv2.INTER_AREA)
        return picture, element_maps(source.camera, self.map_size)

    def _augmented(self, rng: np.random.Generator) -> tuple[ImageArray, NDArray[np.float32]]:
        source = self.sources[int(rng.choice(len(self.sources), p=self.shares))]
        image, seen_by = source.image, source.camera
        # what is zoomed in already cannot be zoomed much further
        view = virtual_views.virtual_view(
            seen_by, rng, longest=float(np.exp(seen_by[LOG_FOCAL])) > 2
        )
        picture = virtual_views.rendered_view(image, seen_by, view, self.size_px, rng)
        valid = virtual_views.valid_cells(seen_by, view, image.shape[:2], self.map_size)
        if rng.random() < 0.5:
            picture, valid = np.ascontiguousarray(picture[:, ::-1]), valid[:, ::-1]
            view = virtual_views.canonical_view(virtual_views.mirrored_view(view))
        return worse_picture(picture, rng), element_maps(view, self.map_size) * valid


class ElementTraining:
    """The training side of the calibrator.

    Args:
        labelled, simulated, validation: sources.
        n_examples: a round.
        size_px: of the pictures.
    """

    def __init__(
        self,
        labelled: Sequence[Source],
        simulated: Sequence[Source],
        validation: Sequence[Source] = (),
        *,
        n_examples: int = 320,
        size_px: tuple[int, int] = INPUT_SIZE_PX,
    ) -> None:
        self.labelled, self.simulated, self.validation = labelled, simulated, validation
        self.n_examples, self.size_px = n_examples, size_px

    def network(self) -> nn.Module:
        """A fresh network."""
        return ElementNetwork()

    def examples(self, split: str) -> ElementExamples:
        """``train`` augmented, ``validation`` as the frames are."""
        if split == "train":
            return ElementExamples(
                self.labelled, self.simulated, n_examples=self.n_examples, size_px=self.size_px
            )
        return ElementExamples(
            self.validation,
            (),
            n_examples=len(self.validation),
            size_px=self.size_px,
            augmented=False,
        )

    def loss(self, network: nn.Module, batch: Mapping[str, Any]) -> dict[str, Tensor]:
        """Cross-entropy of marks and key points."""
        logits = network(as_input(batch["image"])).float()
        return {"total": element_loss(logits, batch["maps"].float())}
