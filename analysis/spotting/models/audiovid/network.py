"""AudioVid (Vanderplaetse and Dupont 2020, Improved soccer action spotting using both audio and video streams; I.5).

The published sound network is VGGish with its own weights; ours has the same kind of layers, is small, and learns with
the rest.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from analysis.core.problems import InputProblem
from analysis.spotting.learned import Shape
from analysis.spotting.windows import POOLING_IN_MINUTES, PUBLISHED_POOLING, WindowMethod
from analysis.temporal.netvlad import NetVlad

N_BANDS, N_STEPS = 64, 50
N_HEARD = N_BANDS * N_STEPS
WIDTH, N_CLUSTERS = 512, 64
CHANNELS = (16, 32, 64, 128)


class SoundNetwork(nn.Module):
    """VGG-like: four times convolution and pooling over a half second of bands, the mean of the last map."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        # The largest first, then what is above zero: the same numbers, a quarter of the work on the way back.
        for before, after in zip((1, *CHANNELS[:-1]), CHANNELS, strict=True):
            layers += [nn.Conv2d(before, after, 3, padding=1), nn.MaxPool2d(2), nn.ReLU()]
        self.layers = nn.Sequential(*layers)
        self.out = nn.Linear(CHANNELS[-1], WIDTH)

    def forward(self, bands: Tensor) -> Tensor:
        """(..., 50 * 64) -> (..., 512)."""
        maps = bands.reshape(-1, 1, N_STEPS, N_BANDS)
        return self.out(self.layers(maps).mean(dim=(2, 3))).view(*bands.shape[:-1], WIDTH)


class GatedPool(nn.Module):
    """NetVLAD, a projection to 512 with norm, and a gate on each number by all of them."""

    def __init__(self) -> None:
        super().__init__()
        self.pool = NetVlad(WIDTH, N_CLUSTERS)
        self.projection = nn.Linear(self.pool.n_channels, WIDTH)
        self.norm = nn.BatchNorm1d(WIDTH)
        self.gate = nn.Linear(WIDTH, WIDTH)

    def forward(self, frames: Tensor) -> Tensor:
        """(B, T, 512) -> (B, 512)."""
        hidden = self.norm(self.projection(self.pool(frames)))
        return hidden * torch.sigmoid(self.gate(hidden))


class AudioVid(nn.Module):
    """Two streams of a window, joined before the last layer, where the paper found it best.

    Args:
        n_features: of what is seen, and behind it the 3200 of what is heard.
        n_classes: C.

    Raises:
        InputProblem: there is nothing but sound.
    """

    def __init__(self, n_features: int, n_classes: int) -> None:
        super().__init__()
        self.n_seen = n_features - N_HEARD
        if self.n_seen <= 0:
            raise InputProblem(
                "features_width",
                f"AudioVid reads features of pictures and {N_HEARD} numbers of sound behind them, "
                f"{n_features} are not both: name features of pictures and log_mel.",
            )
        self.seeing = nn.Linear(self.n_seen, WIDTH) if self.n_seen != WIDTH else nn.Identity()
        self.hearing = SoundNetwork()
        self.pool_seen, self.pool_heard = GatedPool(), GatedPool()
        self.dropout = nn.Dropout(0.4)
        self.classifier = nn.Linear(2 * WIDTH, 1 + n_classes)

    def rows(self, features: Tensor) -> Tensor:
        """(..., D) -> (..., 1024): seen and heard."""
        seen, heard = features[..., : self.n_seen], features[..., self.n_seen :]
        return torch.cat([self.seeing(seen), functional.relu(self.hearing(heard))], dim=-1)

    def judge(self, windows: Tensor) -> Tensor:
        """(B, T, 1024) -> (B, 1 + C) logits."""
        both = [self.pool_seen(windows[..., :WIDTH]), self.pool_heard(windows[..., WIDTH:])]
        return self.classifier(self.dropout(torch.cat(both, dim=1)))


def _make(shape: Shape) -> nn.Module:
    return AudioVid(shape.n_features, len(shape.labels))


METHOD = WindowMethod(
    _make,
    window_s=20.0,
    suppression_s=20.0,
    plans={"cpu": POOLING_IN_MINUTES, "gpu": PUBLISHED_POOLING},
)
