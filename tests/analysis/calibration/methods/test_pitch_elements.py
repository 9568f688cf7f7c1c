"""The geometry of named elements: targets, readings and fits agree with a camera whose truth is known."""

import numpy as np
import pytest
import torch

from analysis.calibration.cameras import ground_of_pixels, project_ground
from analysis.calibration.methods.pitch_elements.calibrator import prepared
from analysis.calibration.methods.pitch_elements.elements import (
    LINES,
    MARKS,
    geometry,
    mirrored_channels,
)
from analysis.calibration.methods.pitch_elements.fitting import fit
from analysis.calibration.methods.pitch_elements.network import ElementNetwork
from analysis.calibration.methods.pitch_elements.reading import Frameset, read_maps
from analysis.calibration.methods.pitch_elements.residuals import (
    arc_distances,
    as_seen,
    line_distances,
)
from analysis.calibration.methods.pitch_elements.targets import element_maps
from analysis.calibration.methods.pitch_elements.training import ElementTraining
from analysis.calibration.sources import Source
from analysis.calibration.virtual_views import (
    canonical_view,
    mirrored_view,
    rendered_view,
)
from analysis.core.pitch import STANDARD_PITCH, PitchSpec
from analysis.training.weights import load_weights, save_weights

SIZE = (1280, 720)
WIDE = np.array([1.0, -62.0, 17.0, 0.35, 0.23, 0.01, np.log(0.95), -0.04])
TELE = np.array([-2.0, -84.0, 18.0, -0.4, 0.21, -0.004, np.log(2.3), 0.004])
BEHIND = np.array([-80.0, 4.0, 13.0, np.pi / 2 + 0.05, 0.24, 0.0, np.log(1.2), -0.01])
FULL = Frameset(1 / 160, (-0.5, -45 / 160))


def error_px(guess, truth):
    """Largest distance between where two cameras put the ground in view."""
    columns, rows = np.meshgrid(np.linspace(0, 1280, 9), np.linspace(0, 720, 7))
    pixels = np.column_stack([columns.ravel(), rows.ravel()])
    ground = ground_of_pixels(truth, pixels, SIZE)
    near = np.isfinite(ground).all(axis=1) & (np.abs(ground) < [54, 36]).all(axis=1)
    moved = project_ground(guess[None], ground[near], SIZE)[0]
    return np.linalg.norm(moved - pixels[near], axis=1).max()


@pytest.mark.parametrize("camera", [WIDE, TELE, BEHIND])
def test_points_of_a_mark_lie_on_it_and_a_step_aside_is_measured(camera):
    elements = geometry()
    for channel, name in enumerate(MARKS):
        points = STANDARD_PITCH.sampled_marks(2.0)[name]
        pixels = project_ground(camera[None], points, SIZE)[0]
        inside = ((pixels > 0) & (pixels < SIZE)).all(axis=1)
        if inside.sum() < 3:
            continue
        seen = as_seen(pixels[inside], SIZE)
        index = np.full(len(seen), channel if channel < len(LINES) else channel - len(LINES))
        distances = line_distances if channel < len(LINES) else arc_distances
        assert np.abs(distances(camera[None], seen, index, elements)).max() < 1e-6
        along = np.diff(seen, axis=0)
        aside = np.stack([-along[:, 1], along[:, 0]], axis=1)
        aside *= (2 / 1280) / np.linalg.norm(aside, axis=1, keepdims=True)
        middle = (seen[1:] + seen[:-1]) / 2 if channel < len(LINES) else seen[1:]
        measured = np.abs(distances(camera[None], middle + aside, index[1:], elements)) * 1280
        assert np.median(measured) == pytest.approx(2, rel=0.25)


@pytest.mark.parametrize("camera", [WIDE, TELE, BEHIND])
def test_perfect_maps_give_the_camera_back_lens_and_all(camera):
    sighting = read_maps(element_maps(camera, (160, 90)), FULL)
    found = fit(sighting, geometry())
    assert found is not None
    assert error_px(found.vector, camera) < 4


def test_a_lens_is_recovered_not_only_tolerated():
    sighting = read_maps(element_maps(WIDE, (160, 90)), FULL)
    straight = WIDE.copy()
    straight[7] = 0
    found = fit(sighting, geometry())
    assert found.vector[7] == pytest.approx(WIDE[7], abs=0.012)
    assert error_px(straight, WIDE) > 10


def test_another_pitch_size_is_fitted_with_its_own_marks():
    small = PitchSpec(100.0, 62.0)
    sighting = read_maps(element_maps(WIDE, (160, 90), small), FULL)
    assert error_px(fit(sighting, geometry(small)).vector, WIDE) < 4
    assert error_px(fit(sighting, geometry()).vector, WIDE) > 8


def test_wrong_names_on_some_points_do_not_move_the_camera():
    maps = element_maps(WIDE, (160, 90))
    near, far = MARKS.index("penalty_area_right_far"), MARKS.index("goal_area_right_far")
    maps[[near, far]] = maps[[far, near]]
    found = fit(read_maps(maps, FULL), geometry())
    assert error_px(found.vector, WIDE) < 8


def test_too_little_seen_is_no_camera():
    maps = np.zeros((53, 90, 160), np.float32)
    assert fit(read_maps(maps, FULL), geometry()) is None
    maps[2, :, 80] = 1.0
    assert fit(read_maps(maps, FULL), geometry()) is None


@pytest.mark.parametrize("camera", [WIDE, TELE])
def test_a_mirrored_picture_shows_the_mirrored_names(camera):
    mirrored = element_maps(mirrored_view(camera), (160, 90))
    np.testing.assert_allclose(
        mirrored, element_maps(camera, (160, 90))[mirrored_channels()][:, :, ::-1], atol=1e-4
    )


def test_of_two_cameras_with_one_picture_one_is_named():
    turned = WIDE * np.array([-1, -1, 1, 1, 1, 1, 1, 1])
    turned[3] += np.pi
    back = canonical_view(turned)
    np.testing.assert_allclose(back[3] % (2 * np.pi), WIDE[3] % (2 * np.pi))
    np.testing.assert_allclose(np.delete(back, 3), np.delete(WIDE, 3))


def test_a_virtual_view_shows_a_place_where_its_camera_puts_it():
    image = np.zeros((720, 1280, 3), np.uint8)
    place = np.array([[20.0, 5.0]])
    x, y = np.round(project_ground(WIDE[None], place, SIZE)[0, 0]).astype(int)
    image[y - 6 : y + 7, x - 6 : x + 7] = 255
    view = WIDE + np.array([0, 0, 0, 0.08, -0.03, 0.02, 0.5, 0.02])
    picture = rendered_view(image, WIDE, view, (640, 360), np.random.default_rng(0))
    rows, columns = np.nonzero(picture[:, :, 0] > 128)
    expected = project_ground(view[None], place, (640, 360))[0, 0]
    assert columns.mean() + 0.5 == pytest.approx(expected[0], abs=1.5)
    assert rows.mean() + 0.5 == pytest.approx(expected[1], abs=1.5)


@pytest.mark.parametrize("size", [(1280, 720), (540, 960), (640, 480), (16, 16), (1, 1)])
def test_pictures_of_any_shape_lie_centred_in_the_input(size):
    picture, frameset = prepared(np.full((size[1], size[0], 3), 200, np.uint8))
    assert picture.shape == (360, 640, 3)
    np.testing.assert_allclose(frameset.seen(np.array([80.0, 45.0])), 0, atol=0.6 / size[0] + 2e-3)
    filled = np.flatnonzero(picture[180, :, 0])
    assert (filled[-1] + 1 - filled[0]) / 4 * frameset.cell == pytest.approx(1, abs=0.01)


def sources(n_sources=2):
    rng = np.random.default_rng(1)
    pictures = rng.integers(0, 255, (n_sources, 180, 320, 3), dtype=np.uint8)
    return [Source(picture, WIDE, 1.0) for picture in pictures]


def test_a_training_step_lowers_the_loss():
    training = ElementTraining(sources(), (), n_examples=2, size_px=(128, 72))
    examples = training.examples("train")
    batch = torch.utils.data.default_collate([examples.example(i, i) for i in range(2)])
    torch.manual_seed(0)
    network = training.network()
    optimiser = torch.optim.AdamW(network.parameters(), lr=1e-3)
    losses = []
    for _ in range(4):
        loss = training.loss(network, batch)["total"]
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses == sorted(losses, reverse=True)


def test_weights_survive_the_file(tmp_path):
    first, second = ElementNetwork().eval(), ElementNetwork().eval()
    save_weights(first.state_dict(), tmp_path / "w.safetensors")
    second.load_state_dict(load_weights(tmp_path / "w.safetensors"))
    picture = torch.rand(1, 3, 72, 128)
    with torch.no_grad():
        torch.testing.assert_close(first(picture), second(picture))


def test_examples_follow_their_seed():
    training = ElementTraining(sources(), sources(), n_examples=4, size_px=(128, 72))
    examples = training.examples("train")
    first, again, other = (examples.example(0, seed)["image"] for seed in (3, 3, 4))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
