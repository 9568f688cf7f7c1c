"""MaxPool: the largest value of every feature over 15 s (Giancola et al. 2018; windows of the DevKit)."""

from torch import nn

from analysis.spotting.learned import Shape
from analysis.spotting.windows import POOLING_IN_MINUTES, PUBLISHED_POOLING, WindowMethod
from analysis.temporal.netvlad import MaxPool, PooledClassifier

POOL_WIDTH = 512


def _make(shape: Shape) -> nn.Module:
    pool = MaxPool(POOL_WIDTH)
    return PooledClassifier(shape.n_features, len(shape.labels), pool, POOL_WIDTH)


METHOD = WindowMethod(
    _make,
    window_s=15.0,
    suppression_s=30.0,
    plans={"cpu": POOLING_IN_MINUTES, "gpu": PUBLISHED_POOLING},
)
