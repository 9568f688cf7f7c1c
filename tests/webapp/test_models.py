import pytest
from django.db import IntegrityError, connection, transaction

from tests.factories import make_match
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
