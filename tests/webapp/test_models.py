import re

import pytest
from django.db import IntegrityError, connection, transaction

from tests.factories import make_match
from webapp.analytics import windows
from webapp.analytics.models import AnalysisRun, RunState
from webapp.matches.models import Match

pytestmark = pytest.mark.django_db


def test_an_outsider_sees_no_match(owner, team, outsider):
    match = make_match(team)
    assert list(Match.objects.for_user(owner)) == [match]
    assert list(Match.objects.for_user(outsider)) == []


def test_a_match_has_one_active_run(team):
    match = make_match(team)
    AnalysisRun.objects.create(match=match, state=RunState.FINISHED)
    AnalysisRun.objects.create(match=match)
    with pytest.raises(IntegrityError), transaction.atomic():
        AnalysisRun.objects.create(match=match, state=RunState.RUNNING)


def test_positions_lie_in_partitions(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_inherits WHERE inhparent = 'analytics_playerposition'::regclass"
        )
        assert cursor.fetchone()[0] == 16


def test_a_window_of_a_match_asks_one_partition_by_its_index(team):
    """Whatever lies beside it: the other fifteen parts are not looked at, nor the rest of the one."""
    made = make_match(team)
    values = [made.pk, 1, 1, 0, 60_000]
    with connection.cursor() as cursor:
        # A part of a test's size would be read whole, which is right and says nothing.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute(f"EXPLAIN {windows.POSITIONS_SQL}", values)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    parts = set(re.findall(r"on (analytics_playerposition_\d+)", plan))
    assert len(parts) == 1, plan
    assert "Index Scan" in plan and "run_id = 1" in plan and "time_ms" in plan, plan
