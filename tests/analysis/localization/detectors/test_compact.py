"""The compact detector's maps, their reading, and its training step, on cases that fit on paper."""

import json

import numpy as np
import pytest
import torch

from analysis.core.problems import InputProblem
from analysis.core.records import Frame
from analysis.localization.detectors.compact.decode import decode
from analysis.localization.detectors.compact.detector import Compact
from analysis.localization.detectors.compact.network import (
    BALL,
    N_OUTPUTS,
    PERSON,
    ROLE,
    SIDES,
    CompactNetwork,
)
from analysis.localization.detectors.compact.settings import Settings
from analysis.localization.detectors.compact.targets import target_maps
from analysis.localization.detectors.compact.training import CompactTraining, _sheared
from analysis.localization.detectors.compact.training_run import train
from analysis.localization.doubles import without_doubles
from analysis.training.base import TrainingRequest

SIZE = (320, 192)
BOXES = np.array([[40.0, 30, 60, 80], [200, 100, 222, 166], [206, 104, 230, 172]])
ROLES = np.array([0, 2, 1])
BALL_BOX = np.array([[150.0, 90, 156, 96]])


def perfect_outputs(boxes=BOXES, roles=ROLES, balls=BALL_BOX):
    """Raw network outputs that say exactly what the target maps say."""
    maps = target_maps(boxes, roles, balls, SIZE)
    raw = torch.zeros(1, N_OUTPUTS, SIZE[1] // 4, SIZE[0] // 4)
    raw[0, [PERSON, BALL]] = torch.logit(torch.from_numpy(maps.heat).clamp(1e-4, 1 - 1e-4))
    raw[0, SIDES] = torch.log(torch.from_numpy(maps.sides) / 8)
    raw[0, ROLE] = (
        6
        * torch.nn.functional.one_hot(torch.from_numpy(maps.role).clamp_min(0), 3)
        .permute(2, 0, 1)
        .float()
    )
    return raw


def read(raw):
    return decode(raw, score_floor=0.5, ball_floor=0.5, overlap=0.6)[0]


def test_reading_perfect_maps_gives_the_boxes_back():
    peaks = read(perfect_outputs())
    order = np.argsort(peaks.box_px[:, 0])
    np.testing.assert_allclose(peaks.box_px[order][0], BOXES[0], atol=1e-3)
    # People who stand in one another share cells: the one behind is read within half a cell.
    np.testing.assert_allclose(peaks.box_px[order], BOXES, atol=4.0)
    assert peaks.role_share[order].argmax(axis=1).tolist() == ROLES.tolist()
    np.testing.assert_allclose(peaks.ball_px[:2], [153, 93], atol=2.0)


def test_nothing_there_nothing_found():
    peaks = read(perfect_outputs(np.zeros((0, 4)), np.zeros(0, int), np.zeros((0, 4))))
    assert len(peaks.box_px) == 0
    assert peaks.ball_px is None


def test_of_two_doubles_the_better_stays():
    boxes = np.array([[0.0, 0, 10, 20], [1, 0, 11, 20], [30, 0, 40, 20]])
    assert without_doubles(boxes, np.array([0.5, 0.9, 0.4]), 0.6).tolist() == [1, 2]


def test_a_part_of_a_person_is_nobody_else():
    whole, head, neighbour = [0.0, 0, 20, 60], [3.0, 1, 17, 24], [12.0, 2, 32, 61]
    boxes = np.array([whole, head, neighbour])
    assert without_doubles(boxes, np.array([0.9, 0.5, 0.4]), 0.6).tolist() == [0, 2]


@pytest.fixture(scope="module")
def weights():
    torch.manual_seed(0)
    return CompactNetwork().state_dict()


@pytest.mark.parametrize("size", [(16, 16), (64, 64), (398, 224), (720, 1280)])
def test_any_picture_gets_an_answer(weights, size):
    width, height = size
    image = np.full((height, width, 3), (60, 140, 50), np.uint8)
    found = Compact(Settings(), weights, "cpu").detect([Frame(0, 0, image)], [None])
    assert len(found) == 1


def test_a_frame_without_grass_is_empty(weights):
    image = np.random.default_rng(0).integers(0, 255, (90, 160, 3)).astype(np.uint8)
    image[..., 1] = 0
    assert (
        len(
            Compact(Settings(score_floor=0.0), weights, "cpu").detect([Frame(0, 0, image)], [None])[
                0
            ]
        )
        == 0
    )


def test_a_training_step_lowers_the_loss():
    torch.manual_seed(0)
    maps = target_maps(BOXES, ROLES, BALL_BOX, SIZE)
    image = np.random.default_rng(0).integers(0, 255, (SIZE[1], SIZE[0], 3)).astype(np.uint8)
    batch = {
        "image": torch.from_numpy(image)[None],
        "heat": torch.from_numpy(maps.heat)[None],
        "sides": torch.from_numpy(maps.sides)[None],
        "side_weight": torch.from_numpy(maps.side_weight)[None],
        "role": torch.from_numpy(maps.role)[None],
    }
    training = CompactTraining([], [])
    network = CompactNetwork((8, 8, 8, 8, 8)).train()
    optimiser = torch.optim.Adam(network.parameters(), 3e-3)
    losses = []
    for _ in range(8):
        loss = training.loss(network, batch)["total"]
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.8 * losses[0]


def test_sequences_are_left_out_by_name(tmp_path):
    boxes = [{"class": "player", "box_rel": [0.1, 0.1, 0.2, 0.3]}]
    entries = [{"image": "a.jpg", "sequence": "one", "boxes": boxes}]
    (tmp_path / "annotations.json").write_text(json.dumps(entries))
    request = TrainingRequest(tmp_path / "run", data=tmp_path, without=("two",))
    with pytest.raises(InputProblem, match="no sequence two"):
        train(request, lambda event: None)


def test_a_sheared_picture_moves_its_boxes_along():
    image = np.zeros((200, 400, 3), np.uint8)
    image[90:110, 300:310] = 255
    picture, boxes, _ = _sheared(image, np.array([[300.0, 90, 310, 110]]), np.zeros((0, 4)), 0.3)
    rows, columns = np.nonzero(picture[..., 0] > 128)
    middle = [(columns.min() + columns.max() + 1) / 2, (rows.min() + rows.max() + 1) / 2]
    found = [(boxes[0, 0] + boxes[0, 2]) / 2, (boxes[0, 1] + boxes[0, 3]) / 2]
    np.testing.assert_allclose(found, middle, atol=1.0)


def test_specks_of_grass_without_a_field_show_nobody():
    """Enough green to learn its colour from, but nothing that hangs together: there are no rows to look at."""
    image = np.full((360, 640, 3), (90, 60, 60), np.uint8)
    image[np.random.default_rng(0).random(image.shape[:2]) < 0.2] = (50, 140, 50)
    network = CompactNetwork()
    detector = Compact(Settings(), network.state_dict(), "cpu")
    (found,) = detector.detect([Frame(0, 0, image)], [None])
    assert len(found) == 0
    assert found.ball_px is None
