"""What a learned spotter reads of one half: feature vectors, and beside them the stream of one branch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.core.problems import InputProblem
from analysis.core.records import (
    CalibrationTrack,
    FeatureSequence,
    GraphTrack,
    IntArray,
    Stream,
    TopViewTrack,
)

Branch = FeatureSequence | GraphTrack | TopViewTrack
CLOCK = "calibrations"
FRAMES = "frames"
SMALL_VIEW_SHAPE = (32, 64, 3)


@dataclass(frozen=True, slots=True)
class NetworkInputs:
    """One half.

    Args:
        features: (N, D) float16 or float32.
        times_ms: (N,) video time of each row.
        rate_hz: rows a second.
        branch: a second stream on the same rows, or None.
    """

    features: NDArray[np.floating]
    times_ms: IntArray
    rate_hz: float
    branch: Branch | None = None

    def __len__(self) -> int:
        return len(self.features)


def inputs_of(
    streams: Mapping[str, Stream], names: Sequence[str], branch: str = ""
) -> NetworkInputs:
    """Feature streams side by side, in the order of their names.

    Args:
        streams: by name; ``calibrations``, where it is there, gives the clock.
        names: feature streams; none for a network that reads the pictures of its branch alone.
        branch: name of the branch's stream; empty for none.

    Raises:
        InputProblem: ``features_rate`` or ``features_length`` when they do not fit each other, ``features_nan``.
    """
    sequences = []
    for name in names:
        stream = streams[name]
        if not isinstance(stream, FeatureSequence):
            raise TypeError(f"{name} is a stream of feature vectors, not a {type(stream).__name__}")
        sequences.append(stream)
    if not sequences:
        return _pictures_alone(streams[branch])
    rates = {sequence.rate_hz for sequence in sequences}
    if len(rates) > 1:
        raise InputProblem(
            "features_rate",
            f"The features come at different rates ({', '.join(f'{r:g}' for r in sorted(rates))} a second): "
            "resample them to one.",
        )
    lengths = {len(sequence.values) for sequence in sequences}
    if len(lengths) > 1:
        raise InputProblem(
            "features_length",
            f"The feature files of a half have different lengths ({', '.join(map(str, sorted(lengths)))} rows): "
            "extract them again from one video.",
        )
    rate_hz, (n_rows,) = rates.pop(), lengths
    values = np.concatenate([sequence.values for sequence in sequences], axis=1)
    refuse_unknown_numbers(values)
    clock = streams.get(CLOCK)
    if isinstance(clock, CalibrationTrack) and len(clock) == n_rows:
        times_ms = clock.times_ms
    else:
        times_ms = np.round(np.arange(n_rows) * 1000 / rate_hz).astype(np.int64)
    beside = streams[branch] if branch else None
    if beside is not None and not isinstance(beside, FeatureSequence | GraphTrack | TopViewTrack):
        raise TypeError(f"{branch} is no stream for a branch")
    return NetworkInputs(values, times_ms, rate_hz, beside)


def _pictures_alone(pictures: Stream) -> NetworkInputs:
    """Inputs of a network without feature vectors: rows of width 0 on the clock of its pictures."""
    if not isinstance(pictures, TopViewTrack):
        raise TypeError("a network without feature vectors reads pictures")
    steps_ms = np.diff(pictures.times_ms)
    # Steps of whole milliseconds and whole frames wander (480, 520): say 2.0 and not 1.98.
    rate_hz = round(2000 / float(np.mean(steps_ms))) / 2 if len(steps_ms) else 2.0
    nothing = np.zeros((len(pictures.times_ms), 0), np.float32)
    return NetworkInputs(nothing, pictures.times_ms, rate_hz, pictures)


def refuse_unknown_numbers(values: NDArray[np.floating]) -> None:
    """Raises InputProblem ``features_nan`` for NaN and infinite features, naming the first row."""
    finite = np.isfinite(values).all(axis=1)
    if not finite.all():
        raise InputProblem(
            "features_nan",
            f"{int((~finite).sum())} feature rows hold numbers that are none (the first is row "
            f"{int(np.argmin(finite))}): extract the features again.",
        )


def refuse_misfit(inputs: NetworkInputs, *, n_features: int, rate_hz: float) -> None:
    """Raises InputProblem ``features_width`` or ``features_rate`` when a network was trained on something else."""
    if inputs.features.shape[1] != n_features:
        raise InputProblem(
            "features_width",
            f"This model reads {n_features} numbers a row, the features have {inputs.features.shape[1]}: "
            "use the features that it was trained on, or train it on these.",
        )
    if len(inputs) and abs(inputs.rate_hz - rate_hz) > 1e-6:
        raise InputProblem(
            "features_rate",
            f"This model reads {rate_hz:g} rows a second, the features come at {inputs.rate_hz:g}: resample them.",
        )


def refuse_other_branch(branch: Branch | None, kind: str, width: int) -> None:
    """Raises InputProblem ``features_width`` when a branch is not what a network was trained on.

    Args:
        branch: the stream that came.
        kind: name of the network's branch; empty for none.
        width: numbers of its vectors or nodes; 0 for pictures.
    """
    if not kind:
        return
    if isinstance(branch, FeatureSequence):
        got = branch.values.shape[1]
    elif isinstance(branch, GraphTrack):
        got = branch.nodes.shape[1]
    else:
        size = None if branch is None else branch.images.shape[1:]
        if kind == FRAMES and size is not None:
            return
        if width == 0 and size == SMALL_VIEW_SHAPE:
            return
        raise InputProblem(
            "features_width",
            f"The branch {kind!r} reads top views of 64 x 32, these are {size}: set the sizes of the representation.",
        )
    if got != width:
        raise InputProblem(
            "features_width",
            f"The branch {kind!r} of this model reads {width} numbers, its stream has {got}: "
            "use the representation that it was trained on.",
        )


def branch_window(
    branch: Branch, start: int, stop: int, most_nodes: int = 32
) -> dict[str, NDArray[Any]]:
    """Rows [start, stop) of a branch as arrays of fixed size, zeros past its end.

    Returns:
        Vectors: ``vectors`` (T, D). Pictures: ``views`` (T, H, W, C) uint8. Graphs: ``nodes`` (T, most_nodes, F),
        ``n_nodes`` (T,), ``adjacency`` (T, most_nodes, most_nodes) bool; nodes past ``most_nodes`` are left out.
    """
    length = stop - start
    if isinstance(branch, FeatureSequence):
        return {"vectors": _padded(branch.values[start:stop].astype(np.float32), length)}
    if isinstance(branch, TopViewTrack):
        return {"views": _padded(branch.images[start:stop], length)}
    stop = min(stop, len(branch.times_ms))
    offsets = branch.offsets[start : stop + 1]
    first, last = int(offsets[0]), int(offsets[-1])
    sample = np.repeat(np.arange(stop - start), np.diff(offsets))
    place = np.arange(first, last) - offsets[sample]
    kept = place < most_nodes
    nodes = np.zeros((length, most_nodes, branch.nodes.shape[1]), np.float32)
    nodes[sample[kept], place[kept]] = branch.nodes[first:last][kept]
    n_nodes = np.ones(length, np.int64)
    n_nodes[: stop - start] = np.minimum(np.diff(offsets), most_nodes)
    # Builders list edges sample by sample, so those of a stretch lie together.
    begin, end = np.searchsorted(branch.edges[0], [first, last])
    edges = branch.edges[:, begin:end] - first
    keep = kept[edges[0]] & kept[edges[1]]
    source, target = edges[:, keep]
    adjacency = np.zeros((length, most_nodes, most_nodes), bool)
    adjacency[sample[source], place[source], place[target]] = True
    return {"nodes": nodes, "n_nodes": n_nodes, "adjacency": adjacency}


def feature_window(features: NDArray[np.floating], start: int, stop: int) -> NDArray[np.float32]:
    """(stop - start, D) float32 rows, zeros past the end."""
    return _padded(features[start:stop].astype(np.float32), stop - start)


def _padded(rows: NDArray[Any], length: int) -> NDArray[Any]:
    if len(rows) == length:
        return rows
    return np.concatenate([rows, np.zeros((length - len(rows), *rows.shape[1:]), rows.dtype)])
