"""Records as arrays and back, for the artifact store."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.core.records import (
    ActionSpot,
    Calibration,
    CalibrationTrack,
    FeatureSequence,
    Frame,
    GraphTrack,
    PlayersTrack,
    Stream,
    TopViewTrack,
)

Arrays = dict[str, NDArray[Any]]
_STREAMS = {
    t.__name__: t
    for t in (FeatureSequence, TopViewTrack, GraphTrack, PlayersTrack, CalibrationTrack)
}


def pack(stream: Stream) -> tuple[Arrays, dict[str, Any]]:
    """(arrays, manifest) of any stream."""
    arrays: Arrays = {}
    plain: dict[str, Any] = {"record": type(stream).__name__}
    for entry in fields(stream):
        value = getattr(stream, entry.name)
        if isinstance(value, np.ndarray):
            arrays[entry.name] = value
        else:
            plain[entry.name] = value
    return arrays, plain


def unpack(arrays: Mapping[str, NDArray[Any]], manifest: Mapping[str, Any]) -> Any:
    """The stream that ``pack`` took apart."""
    record = _STREAMS[manifest["record"]]
    values: dict[str, Any] = dict(arrays)
    for entry in fields(record):
        if entry.name not in values:
            value = manifest[entry.name]
            values[entry.name] = tuple(value) if isinstance(value, list) else value
    return record(**values)


def calibration_track(
    samples: Sequence[tuple[Frame, Calibration | None]],
    image_size_px: tuple[int, int],
    method: str,
) -> CalibrationTrack:
    """Columns of a calibrator's answers; None becomes a refusal without a matrix."""
    matrices = np.full((len(samples), 3, 3), np.nan)
    confidence = np.zeros(len(samples))
    status = np.full(len(samples), "refused", dtype="<U8")
    for i, (_, calibration) in enumerate(samples):
        if calibration is not None:
            matrices[i] = calibration.at_size(image_size_px).image_from_pitch
            confidence[i], status[i] = calibration.confidence, calibration.status
    return CalibrationTrack(
        times_ms=np.array([frame.time_ms for frame, _ in samples], np.int64),
        frame_indices=np.array([frame.index for frame, _ in samples], np.int64),
        image_from_pitch=matrices,
        confidence=confidence,
        status=status,
        image_size_px=image_size_px,
        method=method,
    )


def joined_calibrations(
    parts: Sequence[CalibrationTrack], image_size_px: tuple[int, int], method: str
) -> CalibrationTrack:
    """Calibrations of consecutive parts of a video after each other."""
    if not parts:
        return calibration_track([], image_size_px, method)
    columns = ("times_ms", "frame_indices", "image_from_pitch", "confidence", "status")
    joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in columns}
    return CalibrationTrack(**joined, image_size_px=image_size_px, method=method)


def spots_to_plain(spots: Sequence[ActionSpot]) -> list[dict[str, Any]]:
    """JSON-able."""
    return [asdict(spot) for spot in spots]


def spots_from_plain(plain: Sequence[Mapping[str, Any]]) -> list[ActionSpot]:
    """The spots that ``spots_to_plain`` wrote."""
    return [
        ActionSpot(
            **{**spot, "pitch_xy_m": tuple(spot["pitch_xy_m"]) if spot["pitch_xy_m"] else None}
        )
        for spot in plain
    ]
