"""What a run found, in a form that two runs can be compared by."""

from webapp.analytics.models import (
    AnalysisRun,
    CalibrationSample,
    PlayerPosition,
    ReplayMatch,
    ShotSegment,
    SpottedAction,
)

KEYS = {"id", "match_id", "run_id", "video_id", "action_id"}
TABLES = {
    "positions": PlayerPosition,
    "calibrations": CalibrationSample,
    "actions": SpottedAction,
    "shots": ShotSegment,
    "replays": ReplayMatch,
}


def rows_of(run: AnalysisRun) -> dict[str, list[str]]:
    """Every row of every table, without its keys, in an order of their own."""
    found = {}
    for word, model in TABLES.items():
        names = [f.attname for f in model._meta.concrete_fields if f.attname not in KEYS]
        rows = model.objects.filter(run_id=run.pk)
        if model is PlayerPosition:
            # The match finds the partition.
            rows = rows.filter(match_id=run.match_id)
        found[word] = sorted(map(repr, rows.values_list(*names)))
    return found
