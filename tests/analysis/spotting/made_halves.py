"""Small labelled halves for learned spotters: features that show the events, and any kind of branch."""

import numpy as np

from analysis.core.records import FeatureSequence, GraphTrack, TopViewTrack
from analysis.spotting.inputs import NetworkInputs
from analysis.spotting.learned import LabelledHalf

N_ROWS, N_FEATURES, N_HEARD = 700, 24, 3200


def made_half(shape, seed=0, n_rows=N_ROWS):
    """Two events of each of the first two classes; features rise at each of them."""
    rng = np.random.default_rng(seed)
    events = [np.zeros(0, np.int64)] * 17
    features = rng.normal(0, 0.1, (n_rows, N_FEATURES)).astype(np.float32)
    for place, column in enumerate(shape.columns[:2]):
        frames = np.sort(rng.choice(np.arange(60, n_rows - 60, 150), 2, replace=False))
        events[column] = frames
        for frame in frames:
            features[frame - 2 : frame + 3, 3 * place : 3 * place + 3] += 2.0
    if "log_mel" in shape.features:
        heard = np.zeros((n_rows, N_HEARD), np.float32)
        heard[:, :40] = np.repeat(features[:, :4], 10, axis=1)
        features = np.concatenate([features, heard], axis=1)
    if not shape.features:
        features = features[:, :0]
    times_ms = np.arange(n_rows) * 500
    inputs = NetworkInputs(
        features, times_ms, 2.0, made_branch(shape.branch, n_rows, rng, np.concatenate(events))
    )
    event_ms = [frames * 500 for frames in events]
    return LabelledHalf("made", inputs, events, event_ms, [np.ones(len(f), bool) for f in events])


def made_branch(kind, n_rows, rng, events=()):
    times_ms = np.arange(n_rows) * 500
    if kind in ("gcn", "entities"):
        return made_graphs(n_rows, rng)
    if kind == "3d":
        return TopViewTrack(rng.integers(0, 255, (n_rows, 32, 64, 3)).astype(np.uint8), times_ms)
    if kind == "frames":
        images = rng.integers(100, 120, (n_rows, 32, 48, 3))
        for frame in events:
            images[frame, 8:24] = (250, 40, 40)
        return TopViewTrack(images.astype(np.uint8), times_ms)
    if kind in ("fcl", "stp"):
        return FeatureSequence(rng.normal(size=(n_rows, 12)).astype(np.float32), 2.0)
    return None


def made_graphs(n_rows, rng):
    nodes, edges, offsets = [], [np.zeros((2, 0), np.int64)], [0]
    for _ in range(n_rows):
        n_nodes = int(rng.integers(1, 7))
        own = rng.normal(size=(n_nodes, 8)) * (rng.random() < 0.8)
        near = np.linalg.norm(own[:, None, 4:6] - own[None, :, 4:6], axis=2) < 1.0
        np.fill_diagonal(near, False)
        if not own.any():
            own, near = np.zeros((1, 8)), np.zeros((1, 1), bool)
        nodes.append(own)
        edges.append(np.stack(np.nonzero(near)) + offsets[-1])
        offsets.append(offsets[-1] + len(own))
    return GraphTrack(
        np.concatenate(nodes).astype(np.float32),
        np.concatenate(edges, axis=1),
        np.array(offsets),
        np.arange(n_rows) * 500,
    )


def fitted(shape, half):
    """The shape that fits a made half."""
    from dataclasses import replace

    width = {"gcn": 8, "entities": 8, "fcl": 12, "stp": 12}.get(shape.branch, 0)
    n_features = half.inputs.features.shape[1]
    return replace(shape, n_features=n_features, branch_width=width, n_components=0)
