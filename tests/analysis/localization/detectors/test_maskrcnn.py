"""The published detector: refusals everywhere, torchvision's own network where it is installed."""

import hashlib
import importlib.util

import numpy as np
import pytest
import torch

from analysis.core.problems import InputProblem
from analysis.localization.detectors import maskrcnn
from tests.analysis import scenes

VIEW = scenes.camera(5.0)


def answers(image):
    """What an instance network says of a picture: one person, one bird, one person in the stand."""
    masks = torch.zeros(3, 1, 720, 1280)
    masks[0, 0, 400:460, 600:620] = 0.9
    boxes = [[600.0, 400, 620, 460], [700, 400, 720, 460], [600, 0, 620, 3]]
    return {
        "boxes": torch.tensor(boxes), "labels": torch.tensor([1, 16, 1]),
        "scores": torch.tensor([0.9, 0.99, 0.8]), "masks": masks,
    }  # fmt: skip


def test_people_on_the_field_are_kept_and_their_masks_tell_the_colour():
    grass, _ = scenes.paint(VIEW, [])
    grass[400:460, 600:620] = (200, 20, 30)
    grass[:60] = (90, 90, 90)
    detector = maskrcnn.MaskRcnn(
        maskrcnn.Settings(), lambda images: [answers(one) for one in images], "cpu"
    )
    (found,) = detector.detect([scenes.frame(grass)], [None])
    np.testing.assert_allclose(found.box_px, [[600, 400, 620, 460]])
    np.testing.assert_allclose(found.colour_rgb, [[200, 20, 30]], atol=1)
    assert found.role.tolist() == [-1] and found.ball_px is None


def test_a_missing_library_is_named_with_its_command():
    if importlib.util.find_spec("torchvision") is not None:
        pytest.skip("torchvision is here")
    with pytest.raises(InputProblem, match=r"pip install 'touchline\[maskrcnn\]'"):
        maskrcnn.build(maskrcnn.Settings())


def test_weights_are_checked_by_their_digest(tmp_path):
    path = tmp_path / "weights.pth"
    with pytest.raises(InputProblem, match="are missing"):
        maskrcnn.check_digest(path, "0" * 8)
    path.write_bytes(b"something else")
    with pytest.raises(InputProblem, match="not the expected ones"):
        maskrcnn.check_digest(path, "bf2d0c1e")
    maskrcnn.check_digest(path, hashlib.sha256(b"something else").hexdigest()[:8])
    with pytest.raises(ValueError, match="eight"):
        maskrcnn.Settings(sha256="ab")


@pytest.mark.slow
def test_torchvisions_network_with_random_weights(tmp_path):
    detection = pytest.importorskip("torchvision.models.detection")
    torch.manual_seed(0)
    network = detection.maskrcnn_resnet50_fpn(weights=None, weights_backbone=None)
    path = tmp_path / "random.pth"
    torch.save(network.state_dict(), path)
    settings = maskrcnn.Settings(
        weights_file=str(path),
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        score_floor=0.0,
    )
    image, _ = scenes.paint(VIEW, [((5.0, 0.0), (190, 30, 40))])
    (found,) = maskrcnn.build(settings).detect([scenes.frame(image)], [None])
    assert ((found.score >= 0) & (found.score <= 1)).all()
