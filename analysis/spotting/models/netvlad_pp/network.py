"""NetVLAD++: 32 clusters for what leads up to a moment, 32 for what follows (Giancola and Ghanem 2021)."""

from torch import nn

from analysis.spotting.learned import Shape
from analysis.spotting.windows import POOLING_IN_MINUTES, PUBLISHED_POOLING, WindowMethod
from analysis.temporal.netvlad import BeforeAndAfter, NetVlad, PooledClassifier

POOL_WIDTH = 512


def _make(shape: Shape) -> nn.Module:
    pool = BeforeAndAfter(NetVlad(POOL_WIDTH, 32), NetVlad(POOL_WIDTH, 32))
    return PooledClassifier(shape.n_features, len(shape.labels), pool, POOL_WIDTH)


METHOD = WindowMethod(
    _make,
    window_s=15.0,
    suppression_s=30.0,
    plans={"cpu": POOLING_IN_MINUTES, "gpu": PUBLISHED_POOLING},
)
