"""The transformer detector on a real model of the library with random weights: contract, tiles, refusals."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from analysis.core.problems import InputProblem
from analysis.localization.detectors import detr
from tests.analysis import scenes

VIEW = scenes.camera(5.0)
SPOTS = [((5.0, 0.0), (190, 30, 40)), ((12.0, 8.0), (40, 60, 190))]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(0)
    backbone = transformers.RTDetrResNetConfig(
        embedding_size=16, hidden_sizes=[16, 24, 32, 48], depths=[1, 1, 1, 1], layer_type="basic",
        out_features=["stage2", "stage3", "stage4"],
    )  # fmt: skip
    config = transformers.RTDetrConfig(
        backbone_config=backbone, encoder_hidden_dim=32, encoder_in_channels=[24, 32, 48], d_model=32,
        encoder_ffn_dim=32, decoder_ffn_dim=32, num_queries=20, decoder_layers=1, decoder_in_channels=[32, 32, 32],
        encoder_attention_heads=2, decoder_attention_heads=2, id2label={0: "person", 1: "ball"},
    )  # fmt: skip
    place = tmp_path_factory.mktemp("model")
    transformers.RTDetrForObjectDetection(config).save_pretrained(place)
    return place


def test_a_saved_model_answers_in_the_agreed_shapes(folder):
    settings = detr.Settings(model_folder=str(folder), side_px=160, score_floor=0.0)
    detector = detr.build(settings)
    image, _ = scenes.paint(VIEW, SPOTS)
    found, alone = (
        detector.detect([scenes.frame(image)], [view])[0]
        for view in (scenes.calibration(VIEW), None)
    )
    for answer in (found, alone):
        assert ((answer.score >= 0) & (answer.score <= 1)).all()
        assert (answer.box_px[:, 2:] > answer.box_px[:, :2]).all()
        assert (answer.box_px[:, [0, 2]] <= 1280).all() and (answer.role == -1).all()
    black = scenes.frame(np.zeros((720, 1280, 3), np.uint8))
    assert len(detector.detect([black], [None])[0]) == 0


class Sees:
    """A model that answers with one box in the middle of whatever it is shown."""

    config = SimpleNamespace(id2label={0: "chair", 1: "Person"})

    def eval(self):
        return self

    def to(self, device):
        return self

    def __call__(self, pixel_values):
        logits = torch.tensor([[[4.0, 3.0], [4.0, -9.0]]])
        return SimpleNamespace(
            logits=logits, pred_boxes=torch.tensor([[[0.5, 0.5, 0.02, 0.1]] * 2])
        )


def test_boxes_of_tiles_land_where_the_tiles_lie():
    grass, _ = scenes.paint(VIEW, [])
    found = detr.Detr(detr.Settings(tiles=2), Sees(), "cpu").detect([scenes.frame(grass)], [None])[
        0
    ]
    # Two tiles of 1280 / 1.88 = 681 px that share 82: their middles are 340.5 and 939.5, half the picture's height.
    middle = np.sort((found.box_px[:, 0] + found.box_px[:, 2]) / 2)
    np.testing.assert_allclose(middle, [340.5, 939.5], atol=1.0)
    np.testing.assert_allclose(found.box_px[:, 3] - found.box_px[:, 1], 72, atol=0.1)
    np.testing.assert_allclose(found.score, 1 / (1 + np.exp(-3)), atol=1e-6)


@pytest.mark.parametrize("n_tiles", [1, 2, 3, 6])
def test_tiles_cover_the_picture(n_tiles):
    covered = np.zeros(1280, bool)
    for left, right in detr.detector.tile_edges(1280, n_tiles):
        assert 0 <= left < right <= 1280
        covered[left:right] = True
    assert covered.all()


def test_what_is_missing_is_said(tmp_path, monkeypatch):
    with pytest.raises(InputProblem, match="brings no weights"):
        detr.build(detr.Settings())
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(InputProblem, match="holds no RT-DETR or D-FINE model"):
        detr.build(detr.Settings(model_folder=str(tmp_path)))
    monkeypatch.setattr(detr.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InputProblem, match=r"pip install 'touchline\[vision\]'"):
        detr.build(detr.Settings())
    with pytest.raises(ValueError, match="tiles"):
        detr.Settings(tiles=0)
