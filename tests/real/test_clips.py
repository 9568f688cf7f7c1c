"""The default recipe on real clips that nobody tuned to."""

from pathlib import Path

import numpy as np
import pytest

from analysis.benchmarks._analyse import analyse
from analysis.benchmarks.real_clips import figures_of
from analysis.core.artifacts import ArtifactStore
from analysis.pipeline.recipe import load_recipe

CLIPS = Path(__file__).resolve().parents[3] / "shared" / "data" / "clips"

pytestmark = [
    pytest.mark.real,
    pytest.mark.slow,
    pytest.mark.skipif(not CLIPS.is_dir(), reason="the real clips are not beside the checkout"),
]


def test_a_broadcast_of_a_league_match_is_calibrated_and_full_of_people(tmp_path):
    recipe = load_recipe("default")
    summary = analyse(CLIPS / "zakery_realmadrid_sevilla_720p.mp4", recipe, ArtifactStore(tmp_path))
    found = figures_of(summary, recipe.floor)
    assert summary.verdict == "ok"
    assert found.calibrated >= 0.70
    assert found.within_3m >= 0.90
    assert found.people >= 8


@pytest.mark.parametrize(
    "name", ["mafeuz_indoor_training_notbroadcast", "osl_clip_1_closeup_transition"]
)
def test_what_shows_no_pitch_is_refused_and_not_guessed(tmp_path, name):
    summary = analyse(CLIPS / f"{name}.mp4", load_recipe("default"), ArtifactStore(tmp_path))
    assert summary.verdict == "no_usable_pitch_view"
    assert set(np.unique(summary.calibrations.status)) == {"refused"}
    assert len(summary.players) == 0 and summary.spots == []
