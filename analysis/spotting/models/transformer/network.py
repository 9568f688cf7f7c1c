"""Transformer on soccer embeddings: three encoder layers over 7 s, mix-up (Zhou et al. 2021, the Baidu report).

The report's widths can be read in two ways; here rows go from D to 512 to 64, the feed-forward part has 256.
"""

from torch import Tensor, nn

from analysis.spotting.learned import Shape
from analysis.spotting.windows import WindowMethod
from analysis.temporal.trunks import TransformerTrunk
from analysis.training.loop import TrainingPlan

HIDDEN, WIDTH = 512, 64
WINDOW_S, SUPPRESSION_S = 7.0, 20.0
MIX_ALPHA = 0.2


class EmbeddingTransformer(nn.Module):
    """Rows to tokens, three layers, mean over the window, background and classes.

    Args:
        n_features: D.
        n_classes: C.
        n_frames: T.
    """

    def __init__(self, n_features: int, n_classes: int, n_frames: int) -> None:
        super().__init__()
        self.tokens = nn.Sequential(
            nn.Linear(n_features, HIDDEN), nn.Linear(HIDDEN, WIDTH), nn.LayerNorm(WIDTH)
        )
        self.trunk = TransformerTrunk(WIDTH, n_frames, is_learned=False)
        self.classifier = nn.Linear(WIDTH, n_classes + 1)

    def rows(self, features: Tensor) -> Tensor:
        """(..., D) -> (..., 64)."""
        return self.tokens(features)

    def judge(self, windows: Tensor) -> Tensor:
        """(B, T, 64) -> (B, 1 + C) logits."""
        return self.classifier(self.trunk(windows).mean(dim=1))


def _make(shape: Shape) -> nn.Module:
    n_frames = round(WINDOW_S * shape.rate_hz)
    return EmbeddingTransformer(shape.n_features, len(shape.labels), n_frames)


_MINUTES = TrainingPlan(
    800, batch_size=96, learning_rate=1e-3, weight_decay=0.0, warm_up_steps=50, optimiser="adam",
    mean_decay=0.98, loader_workers=0, bfloat16=True, validate_every=150, keep_best=True,
)  # fmt: skip
_PUBLISHED = TrainingPlan(
    60_000, batch_size=256, learning_rate=5e-4, weight_decay=0.0, warm_up_steps=500, optimiser="adam",
    validate_every=1200, keep_best=True, mean_decay=0.0, loader_workers=8,
)  # fmt: skip

METHOD = WindowMethod(
    _make, WINDOW_S, SUPPRESSION_S, {"cpu": _MINUTES, "gpu": _PUBLISHED}, mix_alpha=MIX_ALPHA
)
