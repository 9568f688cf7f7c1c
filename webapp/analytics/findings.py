"""Findings of one video as arrays, for a repair of its camera: read, replaced in one transaction, and put back exactly.

Beside ``ingest`` the only writer of findings. Times are milliseconds of the video, places metres of the pitch frame.
"""

import io
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.db.models import F
from numpy.typing import NDArray

from analysis.core.records import CalibrationTrack, PlayersTrack
from analysis.core.vocabulary import CALIBRATION_STATES, ROLES
from webapp.analytics.models import (
    AnalysisRun,
    CalibrationSample,
    PlayerPosition,
    SpottedAction,
)
from webapp.matches.models import Video

BALL_ROLE = len(ROLES)
FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rows:
    """Positions or events.

    Args:
        ids: (N,) of their rows.
        times_ms: (N,).
        pitch_xy_m: (N, 2), NaN where there is none.
        foot_px: (N, 2) middle of the box's lower edge, NaN without a box.
        height_px: (N,) of the box, NaN likewise.
        sigma_m: (N,), NaN where unknown.
    """

    ids: IntArray
    times_ms: IntArray
    pitch_xy_m: FloatArray
    foot_px: FloatArray
    height_px: FloatArray
    sigma_m: FloatArray


@dataclass(frozen=True, slots=True)
class Values:
    """What rows hold, or are to hold: samples of the camera, positions, events.

    Args:
        sample_ids: (S,); matrices: (S, 9), NaN for none; confidence: (S,); states: (S,) index in CALIBRATION_STATES.
        position_ids: (P,); places: (P, 2), NaN for none; sigma_m: (P,).
        event_ids: (E,); event_places: (E, 2).
    """

    sample_ids: IntArray
    matrices: FloatArray
    confidence: FloatArray
    states: IntArray
    position_ids: IntArray
    places: FloatArray
    sigma_m: FloatArray
    event_ids: IntArray
    event_places: FloatArray

    def packed(self) -> bytes:
        """As bytes, for a record."""
        target = io.BytesIO()
        arrays: dict[str, Any] = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        np.savez_compressed(target, **arrays)
        return target.getvalue()

    @classmethod
    def unpacked(cls, packed: bytes) -> "Values":
        """What ``packed`` made."""
        with np.load(io.BytesIO(packed), allow_pickle=False) as arrays:
            return cls(**{entry.name: arrays[entry.name] for entry in fields(cls)})


def calibrations(run: AnalysisRun, video: Video) -> tuple[IntArray, CalibrationTrack]:
    """(ids, track) of a video's samples in time order."""
    rows = list(
        CalibrationSample.objects.filter(run=run, video=video)
        .order_by("time_ms")
        .values_list("id", "time_ms", "frame", "image_from_pitch", "confidence", "status")
    )
    blank = [np.nan] * 9
    matrices = np.array([row[3] or blank for row in rows], np.float64).reshape(-1, 3, 3)
    track = CalibrationTrack(
        times_ms=_integers(row[1] for row in rows),
        frame_indices=_integers(row[2] for row in rows),
        image_from_pitch=matrices,
        confidence=np.array([row[4] for row in rows], np.float64),
        status=np.array([row[5] for row in rows], dtype="<U8"),
        image_size_px=(video.width_px or 1280, video.height_px or 720),
        method="stored",
    )
    return _integers(row[0] for row in rows), track


def _integers(values: Any) -> IntArray:
    return np.fromiter(values, np.int64)


def players(run: AnalysisRun, video: Video) -> PlayersTrack:
    """Everybody of a video, and the ball where it was found, in time order."""
    rows = PlayerPosition.objects.filter(
        match_id=run.match_id, run_id=run.pk, video_id=video.pk
    ).order_by("time_ms", "id")
    names = (
        "time_ms", "frame", "track_id", "team", "role", "source", "x_m", "y_m", "sigma_m", "score",
        "x0", "y0", "x1", "y1",
    )  # fmt: skip
    table = np.array(list(rows.values_list(*names)), np.float64).reshape(-1, len(names))
    is_ball = table[:, 4] == BALL_ROLE
    people, ball = table[~is_ball], table[is_ball & np.isfinite(table[:, 6])]
    times, frames, tracks, team, role, source = people[:, :6].astype(np.int64).T
    blank = np.full((len(people), 3), np.nan)
    middle = (ball[:, [10, 11]] + ball[:, [12, 13]]) / 2
    return PlayersTrack(
        times_ms=times, frame_indices=frames, track_id=tracks, box_px=people[:, 10:14], score=people[:, 9],
        role=role, team=team, colour_rgb=blank, pitch_xy_m=people[:, 6:8], sigma_m=people[:, 8], source=source,
        ball_times_ms=ball[:, 0].astype(np.int64), ball_xy_m=ball[:, 6:8], ball_px=middle, ball_score=ball[:, 9],
    )  # fmt: skip


def positions(run: AnalysisRun, video: Video, from_ms: int, to_ms: int) -> Rows:
    """Everybody with ``from_ms <= time <= to_ms``, the ball too."""
    rows = PlayerPosition.objects.filter(
        match_id=run.match_id, run_id=run.pk, video_id=video.pk, time_ms__range=(from_ms, to_ms)
    ).order_by("time_ms", "id")
    names = ("id", "time_ms", "x_m", "y_m", "sigma_m", "x0", "x1", "y0", "y1")
    return _rows(list(rows.values_list(*names)))


def events(run: AnalysisRun, video: Video, from_ms: int, to_ms: int) -> Rows:
    """Events with a place and ``from_ms <= time <= to_ms``."""
    rows = SpottedAction.objects.filter(
        run=run, video=video, position_ms__range=(from_ms, to_ms), x_m__isnull=False
    ).order_by("position_ms", "id")
    found = list(rows.values_list("id", "position_ms", "x_m", "y_m"))
    return _rows([(*row, None, None, None, None, None) for row in found])


def _rows(rows: list[tuple[Any, ...]]) -> Rows:
    table = np.array([row[2:] for row in rows], dtype=np.float64).reshape(-1, 7)
    x, y, sigma, x0, x1, y0, y1 = table.T
    return Rows(
        ids=_integers(row[0] for row in rows),
        times_ms=_integers(row[1] for row in rows),
        pitch_xy_m=np.stack([x, y], axis=1),
        foot_px=np.stack([(x0 + x1) / 2, y1], axis=1),
        height_px=y1 - y0,
        sigma_m=sigma,
    )


@transaction.atomic
def put(run: AnalysisRun, values: Values) -> Values:
    """Write values into the rows they name, and return what those rows held before."""
    AnalysisRun.objects.select_for_update().get(pk=run.pk)
    former = _former(run, values)
    _put_samples(values)
    _put_positions(run, values)
    _put_events(values)
    AnalysisRun.objects.filter(pk=run.pk).update(edition=F("edition") + 1)
    return former


def _former(run: AnalysisRun, values: Values) -> Values:
    samples = CalibrationSample.objects.in_bulk(values.sample_ids.tolist())
    kept = [samples[pk] for pk in values.sample_ids.tolist()]
    people = {
        row[0]: row[1:]
        for row in PlayerPosition.objects.filter(
            match_id=run.match_id, id__in=values.position_ids.tolist()
        ).values_list("id", "x_m", "y_m", "sigma_m")
    }
    table = np.array([people[pk] for pk in values.position_ids.tolist()], np.float64).reshape(-1, 3)
    actions = SpottedAction.objects.in_bulk(values.event_ids.tolist())
    places = [(actions[pk].x_m, actions[pk].y_m) for pk in values.event_ids.tolist()]
    return replace(
        values,
        matrices=np.array([row.image_from_pitch or [np.nan] * 9 for row in kept]).reshape(-1, 9),
        confidence=np.array([row.confidence for row in kept], np.float64),
        states=_integers(CALIBRATION_STATES.index(row.status) for row in kept),
        places=table[:, :2],
        sigma_m=table[:, 2],
        event_places=np.array(places, np.float64).reshape(-1, 2),
    )


def _put_samples(values: Values) -> None:
    rows = CalibrationSample.objects.in_bulk(values.sample_ids.tolist())
    for i, pk in enumerate(values.sample_ids.tolist()):
        matrix = values.matrices[i]
        rows[pk].image_from_pitch = matrix.tolist() if np.isfinite(matrix).all() else None
        rows[pk].confidence = float(values.confidence[i])
        rows[pk].status = CALIBRATION_STATES[int(values.states[i])]
    names = ["image_from_pitch", "confidence", "status"]
    CalibrationSample.objects.bulk_update(rows.values(), names, batch_size=500)


def _put_positions(run: AnalysisRun, values: Values) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE analytics_playerposition AS p SET x_m = v.x, y_m = v.y, sigma_m = v.s "
            "FROM unnest(%s::bigint[], %s::real[], %s::real[], %s::real[]) AS v(id, x, y, s) "
            "WHERE p.match_id = %s AND p.id = v.id AND p.run_id = %s",
            [
                values.position_ids.tolist(), _nullable(values.places[:, 0]), _nullable(values.places[:, 1]),
                _nullable(values.sigma_m), run.match_id, run.pk,
            ],
        )  # fmt: skip


def _put_events(values: Values) -> None:
    rows = SpottedAction.objects.in_bulk(values.event_ids.tolist())
    for pk, x_m, y_m in zip(
        values.event_ids.tolist(),
        _nullable(values.event_places[:, 0]),
        _nullable(values.event_places[:, 1]),
        strict=True,
    ):
        rows[pk].x_m, rows[pk].y_m = x_m, y_m
    SpottedAction.objects.bulk_update(rows.values(), ["x_m", "y_m"], batch_size=500)


def _nullable(values: FloatArray) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in values]
