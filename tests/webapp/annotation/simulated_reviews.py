"""Simulated halves as analysed matches whose every told event was reviewed, by a club with ideas of its own."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from analysis.core.registry import SPOTTERS
from tests.factories import make_match, make_video
from webapp.analytics.ingest import _copy_calibrations, _copy_positions
from webapp.analytics.models import AnalysisRun, RunState, SpottedAction

VERSION = f"position_anchors {SPOTTERS.card('position_anchors').version}"


def simulated(folder: Path, seeds=range(11, 13), minutes=18.0):
    """(events told, their hits, players, calibrations) of each half, as a camera sees it."""
    from analysis.core.pitch import STANDARD_PITCH
    from analysis.core.vocabulary import SOCCERNET_V2
    from analysis.metrics.spot_hits import hits_of
    from analysis.spotting.models.position_anchors import Settings, build
    from analysis.synthetic.halves import load_half, make_halves
    from analysis.synthetic.sightings import Sight, sightings

    spotter = build(Settings())
    found = []
    for i, path in enumerate(make_halves(folder, seeds, minutes)):
        half = load_half(path)
        players, calibrations = sightings(half, Sight(), np.random.default_rng(i))
        streams = {"players": players, "calibrations": calibrations}
        told = [spot for spot in spotter.spot(streams, STANDARD_PITCH) if spot.confidence > 0.2]
        hits = np.zeros(len(told), bool)
        for label in {spot.label for spot in told}:
            own = [k for k, spot in enumerate(told) if spot.label == label]
            events = half.event_ms[half.event_label == SOCCERNET_V2.index(label)]
            at_ms = np.array([told[k].position_ms for k in own])
            hits[own] = hits_of(events, at_ms, np.array([told[k].confidence for k in own]))
        found.append((told, hits, players, calibrations))
    return found


def reviewed_matches(team, halves, is_right: Callable[[str, bool], bool]) -> list[AnalysisRun]:
    """Matches of a team; ``is_right(label, hit)`` is what the club says of each told event."""
    runs = []
    for told, hits, players, calibrations in halves:
        match = make_match(team)
        duration_ms = int(calibrations.times_ms[-1]) + 500
        video = make_video(match, duration_ms=duration_ms, fps=25.0, has_playback=True)
        run = AnalysisRun.objects.create(
            match=match, state=RunState.FINISHED, verdict="ok", versions={"spot": VERSION}
        )
        _copy_calibrations(run, video, calibrations)
        _copy_positions(run, video, players, calibrations)
        SpottedAction.objects.bulk_create(
            SpottedAction(
                run=run, video=video, period=1, position_ms=spot.position_ms, label=spot.label,
                confidence=spot.confidence, confidence_kind="calibrated", model_version=VERSION,
                status="confirmed" if is_right(spot.label, bool(hit)) else "rejected",
            )
            for spot, hit in zip(told, hits, strict=True)
        )  # fmt: skip
        runs.append(run)
    return runs
