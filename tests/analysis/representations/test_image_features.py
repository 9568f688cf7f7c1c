"""Pictures to rows: which pixels go in, several networks side by side, and components of training games only."""

import numpy as np
import pytest

from analysis.core.pitch import PitchSpec
from analysis.core.problems import InputProblem, PlanProblem
from analysis.core.records import Frame
from analysis.representations import image_features
from analysis.representations.base import HalfView
from analysis.representations.image_features.extractor import middle_square
from analysis.representations.image_features.projection import (
    fit,
    load_projection,
    save_projection,
)
from tests.analysis import scenes


@pytest.fixture(scope="module")
def backbones(tmp_path_factory):
    """Two tiny networks of transformers with random weights, as local folders."""
    import torch
    import transformers

    torch.manual_seed(0)
    folders = []
    for name, width in (("one", 12), ("two", 20)):
        config = transformers.ResNetConfig(
            embedding_size=8, hidden_sizes=[8, width], depths=[1, 1], layer_type="basic"
        )
        folders.append(tmp_path_factory.mktemp(name))
        transformers.ResNetModel(config).save_pretrained(folders[-1])
    return folders


def frames(n_frames=3):
    rng = np.random.default_rng(0)
    for i in range(n_frames):
        yield Frame(i * 500, i, rng.integers(0, 255, (90, 160, 3)).astype(np.uint8))


def settings(*folders, **changes):
    return image_features.Settings(backbones=",".join(map(str, folders)), **changes)


def test_rows_of_several_networks_stand_side_by_side(backbones):
    both = image_features.build(settings(*backbones)).describe(frames())
    assert both.values.shape == (3, 32) and both.rate_hz == 2.0
    alone = image_features.build(settings(backbones[1])).describe(frames())
    np.testing.assert_allclose(both.values[:, 12:], alone.values, rtol=1e-5)
    normalised = image_features.build(settings(*backbones, is_normalised=True)).describe(frames())
    for part in (normalised.values[:, :12], normalised.values[:, 12:]):
        np.testing.assert_allclose(np.linalg.norm(part, axis=1), 1, rtol=1e-5)


def test_twenty_frames_answer_as_one_by_one(backbones):
    extractor = image_features.build(settings(backbones[0]))
    together = extractor.describe(frames(20)).values
    single = [extractor.describe([frame]).values[0] for frame in frames(20)]
    np.testing.assert_allclose(together, single, rtol=1e-4, atol=1e-5)
    assert len(extractor.describe([]).values) == 0


def test_a_half_gives_its_frames_or_is_refused(backbones):
    extractor = image_features.build(settings(backbones[0]))
    tracks = (scenes.calibration_track(3), scenes.players_track(np.zeros(0, int), np.zeros((0, 2))))
    view = HalfView(*tracks, PitchSpec(), 0.5, lambda rate_hz: frames(int(rate_hz)))
    assert extractor.build(view).values.shape == (2, 12)
    with pytest.raises(PlanProblem, match="pictures"):
        extractor.build(HalfView(*tracks, PitchSpec(), 0.5))


def test_the_middle_square_is_cut_as_for_soccernet():
    wide = np.zeros((720, 1280, 3), np.uint8)
    wide[:, 280:1000] = 200  # the middle 720 columns
    assert middle_square(wide).shape == (224, 224, 3) and middle_square(wide).min() >= 180
    tall = np.full((400, 100, 3), 90, np.uint8)
    square = middle_square(tall)
    assert square[:, 112].min() == 90 and not square[:, 0].any()


def test_components_are_those_of_the_training_rows(tmp_path):
    rng = np.random.default_rng(1)
    rows = (rng.normal(size=(300, 2)) * [5, 1]) @ np.array([[0.6, 0.8, 0], [-0.8, 0.6, 0]]) + 7
    projection = fit([rows[:100].astype(np.float32), rows[100:].astype(np.float32)], 2)
    np.testing.assert_allclose(np.abs(projection.components[0]), [0.6, 0.8, 0], atol=0.05)
    lower = projection(rows.astype(np.float32))
    np.testing.assert_allclose(lower.mean(0), 0, atol=1e-3)  # the mean is taken off
    assert lower[:, 0].std() == pytest.approx(5, rel=0.15)  # and nothing is whitened
    path = tmp_path / "p.safetensors"
    save_projection(projection, path)
    np.testing.assert_array_equal(load_projection(path)(rows.astype(np.float32)), lower)
    with pytest.raises(InputProblem, match="fitted on 3 numbers a row, these have 5"):
        projection(np.zeros((1, 5), np.float32))
    with pytest.raises(InputProblem, match="cannot be fitted on 4 rows"):
        fit([rows[:4].astype(np.float32)], 9)


def test_a_folder_without_a_model_is_named(tmp_path):
    with pytest.raises(InputProblem, match=r"no config\.json"):
        image_features.build(settings(tmp_path))
    with pytest.raises(ValueError, match="one file for each backbone"):
        image_features.Settings(projections="one.safetensors,two.safetensors")
