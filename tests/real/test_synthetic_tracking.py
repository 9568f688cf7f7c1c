"""The simulator plays real tracking files of both kinds."""

from pathlib import Path

import numpy as np
import pytest

from analysis.synthetic.match import tracked_match

TRACKING = Path(__file__).resolve().parents[3] / "shared" / "data" / "tracking"

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not TRACKING.is_dir(), reason="no real tracking data beside the checkout"),
]


def test_four_minutes_of_a_league_match():
    match = tracked_match(1, TRACKING / "eredivisie_tracab_25hz.csv.gz", None, (640, 360))
    assert 5900 < match.n_frames < 6300
    labels = [event.label for event in match.play.events]
    assert "Throw-in" in labels and "Ball out of play" in labels
    assert sum(p.role == "goalkeeper" for p in match.play.people) == 2
    frame = next(match.frames())
    assert frame.image.shape == (360, 640, 3)


def test_every_goal_of_last_row():
    folders = sorted((TRACKING / "lastrow").iterdir())
    for folder in folders:
        first = next(p for p in sorted(folder.glob("*.csv")) if p.name != "events.csv")
        match = tracked_match(1, first, None, (640, 360))
        teams = [person.team for person in match.play.people]
        assert teams.count("home") > 5 and teams.count("away") > 5
        assert np.isfinite(match.play.ball_xyz_m).all()
