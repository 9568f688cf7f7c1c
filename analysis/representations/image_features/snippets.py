"""Short pieces of labelled videos, and what tells their classes apart (algorithms H.1, the Baidu report's extractors).

A snippet is five seconds of video with an event of one of 17 classes in its middle, or of none: the background. A
network looks at each picture, the mean of what it says is the snippet's, and a last layer names the class. What stays
is the network without that layer. The published extractors look at several pictures with one network; here a picture
is looked at by itself, so that any network of ``transformers`` can be tuned.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from analysis.core.problems import InputProblem
from analysis.core.vocabulary import SOCCERNET_V2
from analysis.datasets.labelled_videos import LabelledVideo
from analysis.representations.image_features.extractor import middle_square, pooled
from analysis.training.base import Examples
from analysis.video.decode import VideoSource
from analysis.video.probe import probe

WINDOW_S, PICTURES_HZ = 5.0, 2.0
N_PICTURES = round(WINDOW_S * PICTURES_HZ)
BACKGROUND = len(SOCCERNET_V2)
N_CLASSES = BACKGROUND + 1
# The report gives neither how many there were nor how far away; a third of all is background, clear of events.
BACKGROUND_SHARE = 0.5
CLEAR_MS = 5_000
_DRAWS = 20
MOST_KEPT_BYTES = 2**30
"""Snippets of a few films stay in memory once they were read; those of hundreds of games are read every time."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """One of ``video`` (number), round ``middle_ms``; ``label`` 0 to 17, 17 for the background."""

    video: int
    middle_ms: int
    label: int


def snippets_of(
    videos: Sequence[LabelledVideo], durations_ms: Sequence[int], seed: int
) -> list[Snippet]:
    """A snippet for every event that is shown, and half as many of the background.

    Args:
        videos: with their events.
        durations_ms: of the videos.
        seed: of where the background is.
    """
    found: list[Snippet] = []
    for number, (video, duration_ms) in enumerate(zip(videos, durations_ms, strict=True)):
        own = [
            Snippet(number, int(ms), label)
            for label, (times, shown) in enumerate(
                zip(video.event_ms, video.event_shown, strict=True)
            )
            for ms in times[shown]
            if 0 <= ms < duration_ms
        ]
        every_ms = np.concatenate([np.zeros(0, np.int64), *video.event_ms])
        rng = np.random.default_rng([seed, number])
        wanted = max(1, round(BACKGROUND_SHARE * len(own)))
        drawn = rng.integers(0, max(1, duration_ms), _DRAWS * wanted)
        clear = [ms for ms in drawn.tolist() if (np.abs(every_ms - ms) > CLEAR_MS).all()]
        found += own + [Snippet(number, ms, BACKGROUND) for ms in clear[:wanted]]
    return found


class Snippets:
    """Snippets as the loop asks for them; each is read from its video when it is first wanted.

    Args:
        videos: with their events.
        side_px: of the square pictures.
        is_training: whether they are mirrored and lit at random.
        seed: of where the background is.

    Raises:
        InputProblem: ``snippets_missing``, or a video that cannot be read.
    """

    def __init__(
        self, videos: Sequence[LabelledVideo], side_px: int, *, is_training: bool, seed: int
    ) -> None:
        self.sources = [VideoSource(probe(video.path)) for video in videos]
        durations_ms = [source.info.duration_ms for source in self.sources]
        self.snippets = snippets_of(videos, durations_ms, seed)
        self.side_px, self.is_training = side_px, is_training
        self.kept: dict[int, NDArray[np.uint8]] = {}
        if all(one.label == BACKGROUND for one in self.snippets):
            raise InputProblem(
                "snippets_missing",
                "None of these videos shows an event: name films of `simulate`, or SoccerNet's with Labels-v2.json.",
            )

    def __len__(self) -> int:
        return len(self.snippets)

    def example(self, index: int, seed: int) -> Mapping[str, Any]:
        """``pictures`` (10, side, side, 3) uint8 and ``label``."""
        one = self.snippets[index]
        pictures = self.kept.get(index)
        if pictures is None:
            pictures = self._pictures(one)
            if len(self) * pictures.nbytes <= MOST_KEPT_BYTES:
                self.kept[index] = pictures
        if self.is_training:
            rng = np.random.default_rng(seed)
            if rng.random() < 0.5:
                pictures = pictures[:, :, ::-1]
            lit = pictures * rng.uniform(0.8, 1.2) + rng.uniform(-20, 20)
            pictures = np.clip(lit, 0, 255).astype(np.uint8)
        return {
            "pictures": torch.from_numpy(np.ascontiguousarray(pictures)),
            "label": torch.tensor(one.label),
        }

    def _pictures(self, one: Snippet) -> NDArray[np.uint8]:
        """(10, side, side, 3); at the ends of a video its first or last picture again."""
        source = self.sources[one.video]
        start_ms = one.middle_ms - round(500 * WINDOW_S)
        end_ms = start_ms + round(1000 * WINDOW_S)
        found = [
            (frame.time_ms, middle_square(frame.image, self.side_px))
            for frame in source.frames_at(PICTURES_HZ, max(0, start_ms), end_ms)
        ]
        if not found:
            near = source.frame_near(one.middle_ms)
            found = [(near.time_ms, middle_square(near.image, self.side_px))]
        times_ms = np.array([time_ms for time_ms, _ in found])
        wanted_ms = start_ms + (np.arange(N_PICTURES) + 0.5) * 1000 / PICTURES_HZ
        nearest = np.abs(times_ms[None] - wanted_ms[:, None]).argmin(axis=1)
        return np.stack([found[k][1] for k in nearest])


class SnippetNetwork(nn.Module):
    """A network of ``transformers`` and the layer that names a snippet.

    Args:
        model: its ``last_hidden_state`` is a map or a row of tokens.
        width: numbers a picture.
    """

    def __init__(self, model: nn.Module, width: int) -> None:
        super().__init__()
        self.model = model
        self.dropout = nn.Dropout(0.5)
        self.classifier = nn.Linear(width, N_CLASSES)

    def forward(self, pictures: Tensor) -> Tensor:
        """(B, T, H, W, 3) in 0..255 -> (B, 18) logits."""
        rows = pooled(self.model, pictures.flatten(0, 1))  # (B T, D)
        return self.classifier(self.dropout(rows.unflatten(0, pictures.shape[:2]).mean(dim=1)))


class SnippetTraining:
    """The side that the loop sees.

    Args:
        network: a fresh one, or one to go on from.
        training, validation: snippets.
    """

    def __init__(self, network: SnippetNetwork, training: Snippets, validation: Snippets) -> None:
        self.fresh = network
        self.snippets = {"train": training, "validation": validation}

    def network(self) -> nn.Module:
        """The one to begin with."""
        return self.fresh

    def examples(self, split: str) -> Examples:
        """Snippets of ``train`` or ``validation``."""
        return self.snippets[split]

    def loss(self, network: nn.Module, batch: Mapping[str, Any]) -> dict[str, Tensor]:
        """Cross-entropy of the 18 classes, and the share named right."""
        logits = network(batch["pictures"]).float()
        right = (logits.argmax(dim=1) == batch["label"]).float().mean()
        return {
            "total": functional.cross_entropy(logits, batch["label"]),
            "right": right.detach(),
        }


@torch.inference_mode()
def accuracy(network: nn.Module, snippets: Snippets, device: str) -> dict[str, float]:
    """Share of snippets named right, mean over the classes that occur, and the share of the commonest class."""
    network.eval()
    labels = np.array([one.label for one in snippets.snippets])
    told = np.array(
        [
            int(network(snippets.example(k, 0)["pictures"][None].to(device)).argmax())
            for k in range(len(snippets))
        ]
    )
    right = told == labels
    by_class = [right[labels == label].mean() for label in np.unique(labels)]
    return {
        "top_1": float(right.mean()),
        "mean_over_classes": float(np.mean(by_class)),
        "commonest_class": float(np.bincount(labels).max() / len(labels)),
        "n_snippets": float(len(labels)),
    }
