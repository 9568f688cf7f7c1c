"""Parameters of the published systems, counted by hand from what their sources say about the layers.

One source states a count itself: CALF, 578,245. The trunks of E2E-Spot and the spatial part of COMEDIAN, which are
architectures of papers of their own, are compared with those in ``models/test_end_to_end.py``, the extractor's in
``representations/test_snippets.py``. Channels of the modified CALF and of AudioVid's pools are not published.
"""

from importlib import import_module

import pytest

from analysis.spotting.learned import Shape
from analysis.spotting.models.calf_calibration.network import FUZZY, PATTERNED
from analysis.temporal.hard_attention import EntityEncoder

SEEN = 512
EMBEDDINGS = 8576  # 4 x 2048 + 384 (algorithms H.1)


def linear(n_in, n_out):
    return n_in * n_out + n_out


def convolution(n_in, n_out, kernel):
    return n_in * n_out * kernel + n_out


def pyramid(n_features, m):
    # Algorithms B6: 64m and 16m a frame; over time 4m, 8m, 16m and 32m with kernels of 12, 27, 40 and 80 for 80 frames.
    levels = zip((4, 8, 16, 32), (12, 27, 40, 80), strict=True)
    over_time = sum(convolution(16 * m, channels * m, kernel) for channels, kernel in levels)
    return linear(n_features, 64 * m) + linear(64 * m, 16 * m) + over_time


def calf_heads(n_channels, n_classes, n_slots=15):
    # Algorithms E.2: 16 capsules a class with a norm over the 240 frames; two convolutions between poolings; two heads.
    capsules = convolution(n_channels, 16 * n_classes, 3) + 2 * 240
    slots = convolution(17 * n_classes, 32, 3) + convolution(32, 16, 3)
    return capsules + slots + linear(464, 2 * n_slots) + linear(464, n_slots * n_classes)


def graph_branch():
    # Algorithms D.2: nodes of 8 to 64, fourteen layers of a temperature, a perceptron with a norm, and a norm; 152 out.
    layer = 1 + 64 * 128 + 2 * 128 + 128 * 64 + 2 * 64
    return linear(8, 64) + 14 * layer + linear(64, 152)


def view_branch():
    # Algorithms D.2: 16 and 32 maps with kernels of 5 x 5, then the pyramid's temporal kernels.
    levels = zip((8, 16, 32, 64), (12, 27, 40, 80), strict=True)
    maps = convolution(3, 16, 25) + convolution(16, 32, 25)
    return maps + sum(convolution(32, channels, kernel) for channels, kernel in levels)


def patterned(branch):
    return pyramid(SEEN, 2) + branch + calf_heads(304, 8)


def encoder_layer(width, feed_forward):
    attention = linear(width, 3 * width) + linear(width, width)
    return attention + linear(width, feed_forward) + linear(feed_forward, width) + 4 * width


def u_net():
    # Algorithms J.3: widths 64 to 2048, two bottlenecks a level on the way down and up, transposed convolutions of two.
    def bottleneck(n_in, n_out):
        inner = n_out // 4
        shortcut = 0 if n_in == n_out else linear(n_in, n_out)
        return linear(n_in, inner) + convolution(inner, inner, 3) + linear(inner, n_out) + shortcut

    widths = [64, 128, 256, 512, 1024, 2048]
    down = sum(bottleneck(a, b) + bottleneck(b, b) for a, b in zip([64, *widths], widths, strict=False))  # fmt: skip
    up = sum(convolution(2 * w, w, 2) + 2 * bottleneck(w, w) for w in widths[:-1])
    return down + up


def anchors(trunk):
    # Algorithms J.3: to 512, 256 and 64 numbers, the trunk, one convolution of three; two networks (J.1).
    reduction = linear(EMBEDDINGS, 512) + linear(512, 256) + linear(256, 64)
    return 2 * (reduction + trunk + convolution(64, 17, 3))


SIZES = [
    # Cioppa et al. 2020, the original implementation (algorithms E.2).
    ("calf", Shape(), 578_245),
    ("calf", Shape(), pyramid(SEEN, 2) + calf_heads(152, 17)),
    # Cioppa et al. 2021 (algorithms D.1, D.2).
    ("calf_calibration", Shape(labels=FUZZY), pyramid(SEEN, 4) + calf_heads(304, 9)),
    *(
        ("calf_calibration", Shape(labels=PATTERNED, branch=name, branch_width=width), patterned(n))
        for name, width, n in (
            ("3d", 0, view_branch()),
            ("stp", 1792, pyramid(1792, 2)),
            ("fcl", 512, linear(512, 152)),
            ("gcn", 8, graph_branch()),
        )
    ),
    # Tomei et al. 2021 (algorithms G.1).
    (
        "rmsnet",
        Shape(),
        linear(SEEN, 256) + convolution(256, 256, 9) + convolution(256, 128, 9) + linear(128, 64)
        + linear(64, 18) + linear(64, 1),
    ),
    # Giancola et al. 2018, Giancola and Ghanem 2021 (algorithms I.1); clusters have no bias.
    ("maxpool", Shape(), linear(512, 18)),
    ("netvlad", Shape(), 2 * 512 * 64 + linear(64 * 512, 18)),
    ("netvlad_pp", Shape(), 2 * 2 * 512 * 32 + linear(32_768, 18)),
    ("netvlad_pp", Shape(n_features=2048), linear(2048, 512) + 2 * 2 * 512 * 32 + linear(32_768, 18)),
    # Zhou et al. 2021, the Baidu report: three layers of 64 with 256 between, 18 out (algorithms H.2).
    (
        "transformer",
        Shape(n_features=EMBEDDINGS, rate_hz=1.0),
        linear(EMBEDDINGS, 512) + linear(512, 64) + 2 * 64 + 3 * encoder_layer(64, 256) + 2 * 64 + linear(64, 18),
    ),
    # Soares et al. 2022 (algorithms J.1, J.3); learned positions of 224 frames.
    ("dense_anchors", Shape(n_features=EMBEDDINGS, size="unet"), anchors(u_net())),
    (
        # Denize et al. 2023 (algorithms L.1): ViT-tiny on pairs of pictures of 224 in patches of 16, six layers in
        # time; a token, a mask, 512 numbers for the teacher, and the classes.
        "comedian",
        Shape(size="published", branch="frames"),
        2 * 3 * 16 * 16 * 192 + 192 + 192 + 197 * 192 + (12 + 6) * encoder_layer(192, 768) + 2 * 2 * 192
        + 192 + linear(192, 512) + linear(192, 18),
    ),
    (
        "dense_anchors",
        Shape(n_features=EMBEDDINGS, size="transformer"),
        anchors(224 * 64 + 3 * encoder_layer(64, 256) + 2 * 64),
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "shape", "count"),
    [pytest.param(*row, id=f"{row[0]}-{row[1].branch or row[1].size or row[1].n_features}") for row in SIZES],
)  # fmt: skip
def test_parameters_are_those_of_the_published_layers(name, shape, count):
    method = import_module(f"analysis.spotting.models.{name}").METHOD
    assert sum(value.numel() for value in method.network(shape).parameters()) == count


def test_the_encoder_of_entities_has_two_feed_forward_parts():
    # Zhu et al. 2023, its code (algorithms K.1): 8 heads, 368 to 2048 and back twice with weights of its own, and four
    # norms that scale and shift.
    encoder = EntityEncoder(368)
    attention = linear(368, 3 * 368) + linear(368, 368)
    parts = 2 * (linear(368, 2048) + linear(2048, 368))
    count = sum(value.numel() for value in encoder.parameters())
    assert count == attention + parts + 4 * 2 * 368
    assert encoder.attention.num_heads == 8
