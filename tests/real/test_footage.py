"""Which real clips are broadcasts whose shots are worth finding, and which are one camera's."""

from pathlib import Path

import pytest

from analysis.core.artifacts import ArtifactStore
from analysis.core.pitch import STANDARD_PITCH
from analysis.pipeline.footage import main_camera_share
from analysis.pipeline.recipe import load_recipe
from analysis.pipeline.tools import Progress, tools_for
from analysis.video.probe import probe

CLIPS = Path(__file__).resolve().parents[3] / "shared" / "data" / "clips"

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not CLIPS.is_dir(), reason="the real clips are not beside the checkout"),
]


@pytest.mark.parametrize(
    ("name", "is_broadcast"),
    [
        ("zakery_realmadrid_sevilla_720p", True),
        ("dhruvil_inter_seriea_848x478_60fps", True),
        ("hmzbo_demo_vid_1", False),
        ("rubico_behindgoal_tactical_720p", False),
    ],
)
def test_a_film_from_behind_a_goal_is_measured_as_a_whole(tmp_path, name, is_broadcast):
    store = ArtifactStore(tmp_path)
    recipe = load_recipe("default")
    tools = tools_for(recipe, store, STANDARD_PITCH, "cpu", Progress(lambda event: None), 120_000)
    info = probe(CLIPS / f"{name}.mp4")
    methods, shots = tools.looking_at(info)
    assert (shots is not None) == is_broadcast == ("shots" in methods)
    # Every worker finds the same answer in the store.
    share = main_camera_share(info, tools.shots, None, tools.kitchen)
    assert (share >= 0.1) == is_broadcast


def test_a_recipe_without_shots_looks_for_none(tmp_path):
    store, recipe = ArtifactStore(tmp_path), load_recipe("whole_film")
    tools = tools_for(recipe, store, STANDARD_PITCH, "cpu", Progress(lambda event: None), 120_000)
    info = probe(CLIPS / "zakery_realmadrid_sevilla_720p.mp4")
    methods, shots = tools.looking_at(info)
    assert shots is None and set(methods) == {"calibrate", "locate"}


def test_whoever_says_broadcast_is_believed(tmp_path):
    store, recipe = ArtifactStore(tmp_path), load_recipe("broadcast")
    tools = tools_for(recipe, store, STANDARD_PITCH, "cpu", Progress(lambda event: None), 120_000)
    assert tools.looking_at(probe(CLIPS / "rubico_behindgoal_tactical_720p.mp4"))[1] is not None
