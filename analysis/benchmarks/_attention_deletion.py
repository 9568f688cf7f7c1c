"""Is attention evidence? Whoever is looked at is taken out of the picture, and beside that as many others by chance.

If what a spotter looks at is why it says a class, taking it away must lower the score of the class more
than taking away people at random.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from analysis.spotting.clips import ClipMethod, clip_arrays
from analysis.spotting.learned import LabelledHalf, LearnedSpotter
from analysis.spotting.reduction import stored

K = 3
DRAWS = 4
NEAR_ROWS = 2
CLIPS_AT_ONCE = 16
RESAMPLES = 2000
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Deletion:
    """What taking people away did, one row an event.

    Args:
        group: (E,) halves, numbered.
        score: (E,) of the event's class at the event, with everybody there.
        attended, random: (E,) how far it fell without the ``K`` most looked at, without ``K`` at random.
    """

    group: NDArray[np.int64]
    score: FloatArray
    attended: FloatArray
    random: FloatArray


def deletion(spotter: LearnedSpotter, halves: Sequence[LabelledHalf], seed: int = 0) -> Deletion:
    """Every event of some halves, in the clip round it; random choices are drawn ``DRAWS`` times and averaged."""
    method, shape, network = spotter.parts[0]
    if not isinstance(method, ClipMethod):
        raise TypeError("only networks of clips look at entities")
    length = method.clip_rows[shape.size]
    generator = torch.Generator().manual_seed(seed)
    rows: list[tuple[int, float, float, float]] = []
    for i, half in enumerate(halves):
        inputs = stored(network)(half.inputs)
        places = [
            (place, int(row))
            for place, column in enumerate(shape.columns)
            for row in half.event_frames[column]
        ]
        for begin in range(0, len(places), CLIPS_AT_ONCE):
            part = places[begin : begin + CLIPS_AT_ONCE]
            starts = [max(0, min(row - length // 2, len(inputs) - length)) for _, row in part]
            clips = [clip_arrays(inputs, start, length) for start in starts]
            batch = {n: torch.from_numpy(np.stack([c[n] for c in clips])) for n in clips[0]}
            at = [(place, row - start) for (place, row), start in zip(part, starts, strict=True)]
            rows += [(i, *own) for own in _fallen(network, batch, at, generator)]
    group, score, attended, chance = (np.array(values) for values in zip(*rows, strict=True))
    return Deletion(group.astype(np.int64), score, attended, chance)


def difference(found: Sequence[Deletion], seed: int = 0) -> tuple[float, float, float]:
    """How much further scores fall without the attended: mean, and the middle 95 % over halves drawn again."""
    gaps, groups, n_groups = [], [], 0
    for one in found:
        gaps.append(one.attended - one.random)
        groups.append(one.group + n_groups)
        n_groups += int(one.group.max()) + 1
    gap, group = np.concatenate(gaps), np.concatenate(groups)
    totals = np.bincount(group, gap, n_groups)
    counts = np.bincount(group, minlength=n_groups)
    drawn = np.random.default_rng(seed).integers(n_groups, size=(RESAMPLES, n_groups))
    means = totals[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(gap.mean()), float(low), float(high)


def without(nodes: Tensor, n_nodes: Tensor, worth: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """Frames without their k most worthy entities; frames of k or fewer stay as they are.

    Args:
        nodes: (B, T, N, F).
        n_nodes: (B, T) how many of the N there are.
        worth: (B, T, N).
    """
    is_there = torch.arange(nodes.shape[2]) < n_nodes[..., None]
    ranked = torch.where(is_there, worth, -torch.inf).argsort(dim=-1, descending=True)
    place = torch.zeros_like(ranked).scatter_(
        -1, ranked, torch.arange(nodes.shape[2]).expand_as(ranked)
    )
    gone = (place < k) & (n_nodes > k)[..., None]
    stays = is_there & ~gone
    order = torch.argsort(~stays, dim=-1, stable=True)
    moved = nodes.gather(2, order[..., None].expand_as(nodes))
    n_left = stays.sum(dim=-1)
    return moved * (torch.arange(nodes.shape[2]) < n_left[..., None])[..., None], n_left


@torch.inference_mode()
def _fallen(
    network: Any,
    batch: dict[str, Tensor],
    at: Sequence[tuple[int, int]],
    generator: torch.Generator,
) -> list[tuple[float, float, float]]:
    """(score, fall without the attended, fall without as many at random) of each clip's event."""
    features, nodes, n_nodes = batch["features"], batch["nodes"], batch["n_nodes"]

    def scores(nodes: Tensor, n_nodes: Tensor) -> FloatArray:
        share = torch.sigmoid(network(features, nodes, n_nodes).float())
        near = [
            share[i, max(0, row - NEAR_ROWS) : row + NEAR_ROWS + 1, 1 + place].max()
            for i, (place, row) in enumerate(at)
        ]
        return np.asarray(torch.stack(near).numpy(), np.float64)

    whole = scores(nodes, n_nodes)
    looked, _ = network.looked_at(features, nodes, n_nodes)
    attended = scores(*without(nodes, n_nodes, looked, K))
    chance = np.mean(
        [
            scores(*without(nodes, n_nodes, torch.rand(looked.shape, generator=generator), K))
            for _ in range(DRAWS)
        ],
        axis=0,
    )
    return [
        (float(a), float(a - b), float(a - c))
        for a, b, c in zip(whole, attended, chance, strict=True)
    ]
