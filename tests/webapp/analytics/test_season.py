"""A season of three small matches, worked out by hand; its board is asked by members and outsiders."""

import json
from datetime import date

import numpy as np
import pytest
from django.urls import reverse

from tests.factories import make_match, make_video
from tests.webapp.analytics.rooms import make_run
from webapp.analytics import season as seasons
from webapp.analytics.boards.season_board import PANELS, choice_of
from webapp.analytics.figures.season_trend import mean_of_last
from webapp.analytics.figures.theme import DARK, LIGHT
from webapp.analytics.models import CalibrationSample, SpottedAction
from webapp.analytics.season import Filter

pytestmark = pytest.mark.django_db
MINUTE = 60_000
UPDATE = "/boards/season/_dash-update-component"


def played(team, home, away, day, *events):
    """A 45-minute match; events are (label, team, minute)."""
    match = make_match(
        team, title=f"{home} v {away}", home_name=home, away_name=away, played_on=day
    )
    run = make_run(match)
    video = make_video(match, half=1, duration_ms=45 * MINUTE)
    SpottedAction.objects.bulk_create(
        SpottedAction(
            run=run, video=video, period=1, position_ms=round(m * MINUTE), label=label, team=side, confidence=0.9
        )
        for label, side, m in events
    )  # fmt: skip
    CalibrationSample.objects.bulk_create(
        CalibrationSample(run=run, video=video, time_ms=t, frame=0, status=s)
        for t, s in ((0, "ok"), (1, "refused"))
    )
    return match


@pytest.fixture
def matches(team):
    return [
        played(team, "Rovers", "United", date(2026, 9, 1), ("Goal", "home", 10), ("Corner", "away", 20),
               ("Goal", "away", 30), ("Goal", "away", 40), ("Corner", "home", 44)),
        played(team, "City", "Rovers", date(2026, 9, 8), ("Corner", "away", 5), ("Foul", "", 6)),
        played(team, "Rovers", "United", None, ("Corner", "home", 1), ("Corner", "home", 2)),
    ]  # fmt: skip


def test_which_side_is_ours_and_the_state_of_play(owner, team, matches):
    first, second, third = seasons.season(owner, team.pk).matches
    assert [m.opponent for m in (first, second, third)] == ["United", "City", "United"]
    assert first.events == [
        ("Goal", "own", 1, "level"), ("Corner", "other", 1, "leading"), ("Goal", "other", 1, "leading"),
        ("Goal", "other", 1, "level"), ("Corner", "own", 1, "trailing"),
    ]  # fmt: skip
    assert first.time_ms == {
        (1, "level"): 20 * MINUTE, (1, "leading"): 20 * MINUTE, (1, "trailing"): 5 * MINUTE,
    }  # fmt: skip
    assert second.events == [("Corner", "own", 1, "level"), ("Foul", "", 1, "level")]


def test_rates_for_ninety_minutes(owner, team, matches):
    here = seasons.season(owner, team.pk)
    found = seasons.rates(here, Filter())
    assert (found.n_matches, found.minutes) == (3, 135)
    corner = found.words.index("Corner")
    # Four own corners and one of an opponent in 135 minutes.
    assert found.rates[corner] == pytest.approx([4 * 90 / 135, 90 / 135])
    assert found.counts[found.words.index("Foul")].tolist() == [0, 0, 1]
    assert found.basis.share == 0.5
    trailing = seasons.rates(here, Filter(state="trailing"))
    assert trailing.words == ["Corner"] and trailing.rates[0].tolist() == [18.0, 0.0]
    assert seasons.rates(here, Filter(opponent="City")).n_matches == 1
    assert seasons.rates(here, Filter(period=2)).minutes == 0


def test_trend_and_comparison(owner, team, matches):
    here = seasons.season(owner, team.pk)
    found = seasons.trend(here, Filter(), "Corner")
    assert found.rates.tolist() == [[2, 2], [2, 0], [4, 0]]
    assert mean_of_last(found.rates[:, 0]) == [2, 2, pytest.approx(8 / 3)]
    assert mean_of_last(np.array([np.nan, 1.0])) == [None, 1.0]
    pair = seasons.comparison(here, Filter(), matches[0].pk, matches[2].pk)
    assert pair.rates[pair.words.index("Corner")].tolist() == [[2, 2], [4, 0]]
    assert seasons.comparison(here, Filter(), matches[0].pk, 10**9).words == []


def test_each_figure_draws_full_and_empty(owner, team, matches, outsider):
    full = seasons.season(owner, team.pk)
    empty = seasons.season(outsider, outsider.memberships.get().team_id)
    for panel in PANELS:
        values = panel.select(full, choice_of({}))
        assert (
            panel.figure.rows(values)
            and "50 %" in panel.figure.draw(values, LIGHT).layout.title.text
        )
        nothing = panel.select(empty, choice_of({}))
        figure = panel.figure.draw(nothing, DARK)
        assert not figure.data and len(figure.layout.annotations) == 1
        assert panel.figure.rows(nothing) == []
        json.loads(figure.to_json())


def test_choices_that_mean_nothing_are_none():
    assert choice_of({"period": "x", "state": "winning", "first": "-1"}) == choice_of({})
    assert choice_of({"period": 2, "state": "level"}).filter == Filter(2, None, "level")


def ask(client, row, team_id):
    given = {"pathname": f"/boards/season/{team_id}/", "value": None, "data": "light"}
    outputs = [name.rsplit(".", 1) for name in row["output"].strip(".").split("...")]
    body = {
        "output": row["output"],
        "outputs": [{"id": i, "property": p} for i, p in outputs],
        "inputs": [{"id": r["id"], "property": r["property"], "value": given[r["property"]]} for r in row["inputs"]],
        "changedPropIds": [],
    }  # fmt: skip
    return client.post(UPDATE, json.dumps(body), content_type="application/json")


def test_callbacks_answer_members_and_nobody_else(client, teammate, outsider, team, matches):
    client.force_login(teammate)
    listed = [
        r
        for r in client.get("/boards/season/_dash-dependencies").json()
        if not r["clientside_function"]
    ]
    assert len(listed) == len(PANELS) + 1
    answers = [ask(client, row, team.pk) for row in listed]
    assert [a.status_code for a in answers] == [200] * len(listed)
    text = b"".join(a.content for a in answers).decode()
    assert "United" in text and "Corner" in text
    assert ask(client, listed[0], "x").status_code == 404
    client.force_login(outsider)
    assert {ask(client, row, team.pk).status_code for row in listed} == {404}


def test_the_csv_follows_the_filters(client, owner, team, matches):
    client.force_login(owner)
    address = reverse("analytics:season_csv", args=[team.pk, "season_rates"])
    lines = b"".join(client.get(address, {"state": "trailing"}).streaming_content).decode(
        "utf-8-sig"
    )
    assert lines.split("\r\n")[1] == "Corner,18.00,0.00,1,0,0"
