"""How encoder and refiner learn: from poses alone, each with its zone map, worn, and templates of the dictionary."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from analysis.calibration.cameras import homography_of
from analysis.calibration.methods.zone_dictionary.corrections import (
    SPREAD,
    UNIT_FROM_PITCH,
    Warp,
    correction,
    dice_loss,
    matrices,
)
from analysis.calibration.methods.zone_dictionary.dictionary import Dictionary
from analysis.calibration.methods.zone_dictionary.networks import (
    Sizes,
    TemplateRefiner,
    ZoneEncoder,
)
from analysis.calibration.methods.zone_dictionary.poses import PoseSampler
from analysis.calibration.methods.zone_dictionary.wear import worn
from analysis.calibration.methods.zone_dictionary.zones import (
    MAP_SIZE,
    N_CLASSES,
    LabelArray,
    template,
    zone_map,
)

MARGIN = 1.0


class PoseExamples:
    """Poses drawn anew, their zone maps and templates.

    Args:
        sampler: of poses.
        dictionary: of templates.
        n_examples: in one round.
        n_near: templates among which a near one is drawn, best first.
    """

    def __init__(
        self, sampler: PoseSampler, dictionary: Dictionary, *, n_examples: int, n_near: int = 24
    ) -> None:
        self.sampler, self.dictionary = sampler, dictionary
        self.n_examples, self.n_near = n_examples, n_near
        # drawn before the loader's processes fork, so that they share it
        self.zones = dictionary.zones

    def __len__(self) -> int:
        return self.n_examples

    def example(self, index: int, seed: int) -> Mapping[str, Any]:
        """``seen`` worn and ``clean`` zones (144, 256), ``own`` the best template's number, ``other`` another's,
        half of the time one of the next best; ``near`` one of the best six, and its ``correction`` (8,)."""
        rng = np.random.default_rng(seed)
        matrix = homography_of(self.sampler.draw(rng), MAP_SIZE)
        clean = zone_map(matrix)
        seen = worn(clean, rng)
        overlap = self.dictionary.overlaps(clean[None])[0]
        best = np.argsort(-overlap)[: self.n_near]
        near = int(best[0] if rng.random() < 0.5 else best[rng.integers(6)])
        other = int(rng.integers(len(self.dictionary)))
        if rng.random() < 0.5 or other == best[0]:
            other = int(best[rng.integers(2, self.n_near)])
        entries = correction(self.dictionary.maps_from_pitch[near], matrix)
        numbers = {"own": int(best[0]), "other": other, "near": near}
        return {
            "seen": torch.from_numpy(seen),
            "clean": torch.from_numpy(clean),
            "own_zones": torch.from_numpy(self.zones[numbers["own"]]),
            "other_zones": torch.from_numpy(self.zones[other]),
            "near_zones": torch.from_numpy(self.zones[near]),
            "correction": torch.from_numpy(np.clip(entries, -5, 5).astype(np.float32)),
            **{name: torch.tensor(number) for name, number in numbers.items()},
        }


def zone_channels(zones: Tensor) -> Tensor:
    """(B, 4, H, W) float, channels last, of classes (B, H, W); the background channel is empty."""
    channels = torch.arange(N_CLASSES, device=zones.device).reshape(1, -1, 1, 1)
    found = (zones[:, None] == channels) & (channels > 0)
    return found.float().contiguous(memory_format=torch.channels_last)


def encoded(encoder: nn.Module, zones: LabelArray, batch_size: int = 32) -> Tensor:
    """(N, D) codes of zone maps (N, 144, 256), by an encoder in evaluation mode."""
    device = next(encoder.parameters()).device
    with torch.inference_mode():
        parts = [
            encoder(zone_channels(torch.from_numpy(zones[first : first + batch_size]).to(device)))
            for first in range(0, len(zones), batch_size)
        ]
    return torch.cat(parts).float().cpu()


class EncoderTraining:
    """Contrastive learning of codes (Hadsell et al. 2006), over all pairs of a batch.

    A view and its best template belong together; every other template of the batch does not.
    """

    def __init__(
        self, sampler: PoseSampler, dictionary: Dictionary, sizes: Sizes, *, n_examples: int = 4096
    ) -> None:
        self.sampler, self.dictionary = sampler, dictionary
        self.sizes, self.n_examples = sizes, n_examples

    def network(self) -> nn.Module:
        """A fresh encoder."""
        return ZoneEncoder(self.sizes)

    def examples(self, split: str) -> PoseExamples:
        """Fresh poses for either split."""
        return PoseExamples(self.sampler, self.dictionary, n_examples=self.n_examples)

    def loss(self, network: nn.Module, batch: Mapping[str, Any]) -> dict[str, Tensor]:
        """Half a squared distance of what belongs together, half a squared lack of distance of what does not."""
        n_views = len(batch["seen"])
        stacked = torch.cat([batch["seen"], batch["own_zones"], batch["other_zones"]])
        codes = network(zone_channels(stacked)).float()
        numbers = torch.cat([batch["own"], batch["other"]])
        return contrastive(codes[:n_views], codes[n_views:], batch["own"], numbers)


def contrastive(
    views: Tensor, templates: Tensor, own: Tensor, numbers: Tensor
) -> dict[str, Tensor]:
    """Contrastive loss of codes (B, D) and (T, D); view i belongs to the templates whose number is ``own[i]``."""
    distance2 = (views[:, None] - templates[None]).square().sum(dim=2)
    together = own[:, None] == numbers[None]
    pull = distance2[together].mean()
    lack = (MARGIN - (distance2 + 1e-8).sqrt()).clamp(min=0).square()[~together]
    # pairs that are far enough apart already teach nothing: the mean runs over the others
    push = lack.sum() / (lack > 0).sum().clamp(min=len(views))
    return {"total": 0.5 * (pull + push), "pull": pull.detach(), "push": push.detach()}


class RefinerTraining:
    """Corrections of templates: first by their squared error, then through the overlap they lead to.

    Args:
        stage: ``correction`` or ``overlap``; the overlap alone gives no gradient far from the truth.
    """

    def __init__(
        self,
        sampler: PoseSampler,
        dictionary: Dictionary,
        sizes: Sizes,
        *,
        stage: str,
        n_examples: int = 4096,
    ) -> None:
        self.sampler, self.dictionary = sampler, dictionary
        self.sizes, self.stage, self.n_examples = sizes, stage, n_examples
        self.warp = Warp(template())
        self.spread = torch.from_numpy(SPREAD).float()
        unit = dictionary.maps_from_pitch @ np.linalg.inv(UNIT_FROM_PITCH)
        self.maps_from_unit = torch.from_numpy(unit).float()

    def network(self) -> nn.Module:
        """A fresh refiner."""
        return TemplateRefiner(self.sizes)

    def examples(self, split: str) -> PoseExamples:
        """Fresh poses for either split."""
        return PoseExamples(self.sampler, self.dictionary, n_examples=self.n_examples)

    def loss(self, network: nn.Module, batch: Mapping[str, Any]) -> dict[str, Tensor]:
        """Squared error in typical deviations; in the second stage the Dice loss of the overlap, too."""
        pair = torch.cat([zone_channels(batch["seen"]), zone_channels(batch["near_zones"])], dim=1)
        entries = network(pair.contiguous(memory_format=torch.channels_last)).float()
        square = ((entries - batch["correction"]) / self.spread.to(entries.device)).square().mean()
        if self.stage == "correction":
            return {"total": square}
        with torch.autocast(entries.device.type, enabled=False):
            template_maps = self.maps_from_unit.to(entries.device)[batch["near"]]
            warped = self.warp(template_maps @ matrices(entries))
            true = self.warp(template_maps @ matrices(batch["correction"]))
            overlap = dice_loss(warped, true)
        return {
            "total": overlap + 0.02 * square,
            "square": square.detach(),
            "dice": overlap.detach(),
        }
