"""How the zone network learns: labelled and simulated frames through virtual cameras, their zones from the teacher.

The teacher of a real frame is the camera fitted to its labelled points, of a simulated one its true camera.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from analysis.calibration.cameras import LOG_FOCAL, homography_of
from analysis.calibration.methods.zone_dictionary.networks import Sizes, ZoneNetwork, as_input
from analysis.calibration.methods.zone_dictionary.zones import MAP_SIZE, zone_map
from analysis.calibration.sources import Source
from analysis.calibration.virtual_views import (
    mirrored_view,
    rendered_view,
    valid_cells,
    virtual_view,
)
from analysis.training.degradation import worse_picture

FloatArray = NDArray[np.float64]
UNKNOWN = 255
#: Whether cells show the picture at all is asked once for so many.
_COARSE = 4
#: Of the classes in the loss: small zones tell the view, and most of a picture is none of them.
CLASS_WEIGHTS = (1.0, 2.5, 1.0, 2.5)


class ZoneExamples:
    """Views of sources with the zones in them.

    Args:
        labelled, simulated: where pictures come from; either may be empty.
        n_examples: in one round.
        simulated_share: how often a simulated picture is taken while there are labelled ones.
        size: (width, height) of the zone maps.
        detail: how many times finer the pictures are.
    """

    def __init__(
        self,
        labelled: Sequence[Source],
        simulated: Sequence[Source],
        *,
        n_examples: int,
        simulated_share: float = 0.4,
        size: tuple[int, int] = MAP_SIZE,
        detail: int = 1,
    ) -> None:
        real = 1.0 if not simulated else (1 - simulated_share if labelled else 0.0)
        self.sources = [*labelled, *simulated]
        shares = [real * source.share for source in labelled]
        shares += [(1 - real) * source.share for source in simulated]
        self.shares = np.array(shares) / max(sum(shares), 1e-9)
        self.n_examples, self.size = n_examples, size
        self.picture_size = (size[0] * detail, size[1] * detail)

    def __len__(self) -> int:
        return self.n_examples

    def example(self, index: int, seed: int) -> Mapping[str, Any]:
        """``image`` uint8 RGB and ``zones`` (H, W) uint8 with 255 where the view leaves the picture."""
        rng = np.random.default_rng(seed)
        source = self.sources[int(rng.choice(len(self.sources), p=self.shares))]
        seen_by = source.camera
        view = virtual_view(seen_by, rng, longest=float(np.exp(seen_by[LOG_FOCAL])) > 2)
        picture = rendered_view(source.image, seen_by, view, self.picture_size, rng)
        coarse = (self.size[0] // _COARSE, self.size[1] // _COARSE)
        valid = valid_cells(seen_by, view, source.image.shape[:2], coarse)
        valid = valid.repeat(_COARSE, axis=0).repeat(_COARSE, axis=1)
        if rng.random() < 0.5:
            picture, valid = np.ascontiguousarray(picture[:, ::-1]), valid[:, ::-1]
            view = mirrored_view(view)
        zones = zone_map(homography_of(view, self.size), size=self.size)
        zones = np.where(valid, zones, UNKNOWN).astype(np.uint8)
        return {
            "image": torch.from_numpy(worse_picture(picture, rng)),
            "zones": torch.from_numpy(zones),
        }


class ZoneTraining:
    """The training side of the zone network."""

    def __init__(
        self,
        labelled: Sequence[Source],
        simulated: Sequence[Source],
        sizes: Sizes,
        *,
        n_examples: int = 512,
        size: tuple[int, int] = MAP_SIZE,
    ) -> None:
        self.labelled, self.simulated = labelled, simulated
        self.sizes, self.n_examples, self.size = sizes, n_examples, size

    def network(self) -> nn.Module:
        """A fresh network."""
        return ZoneNetwork(self.sizes)

    def examples(self, split: str) -> ZoneExamples:
        """Examples of either split; both are augmented."""
        return ZoneExamples(
            self.labelled,
            self.simulated,
            n_examples=self.n_examples,
            size=self.size,
            detail=self.sizes.stride,
        )

    def loss(self, network: nn.Module, batch: Mapping[str, Any]) -> dict[str, Tensor]:
        """Negative log-likelihood of the zones where the view shows the picture."""
        logs = network(as_input(batch["image"]))
        weights = torch.tensor(CLASS_WEIGHTS, device=logs.device)
        zones = batch["zones"].long()
        return {"total": functional.nll_loss(logs, zones, weights, ignore_index=UNKNOWN)}
