"""The zone dictionary: published sizes, zones by hand, corrections there and back, and each step on drawn truth."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from analysis.calibration.cameras import homography_of
from analysis.calibration.methods.zone_dictionary.alignment import aligned, seen_borders
from analysis.calibration.methods.zone_dictionary.calibrator import Settings, prepared
from analysis.calibration.methods.zone_dictionary.corrections import (
    UNIT_FROM_PITCH,
    Warp,
    corrected,
    correction,
    dice_loss,
    matrices,
)
from analysis.calibration.methods.zone_dictionary.dictionary import (
    Dictionary,
    GrowthPlan,
    coarse,
    coarse_shares,
    grown_dictionary,
)
from analysis.calibration.methods.zone_dictionary.matching import (
    EncoderTraining,
    PoseExamples,
    RefinerTraining,
    contrastive,
    zone_channels,
)
from analysis.calibration.methods.zone_dictionary.networks import (
    PUBLISHED,
    SLIM,
    TemplateRefiner,
    ZoneEncoder,
    ZoneNetwork,
)
from analysis.calibration.methods.zone_dictionary.poses import PoseSampler
from analysis.calibration.methods.zone_dictionary.search import Networks, Search, Seen
from analysis.calibration.methods.zone_dictionary.segmentation import ZoneExamples, ZoneTraining
from analysis.calibration.methods.zone_dictionary.wear import worn
from analysis.calibration.methods.zone_dictionary.zones import (
    MAP_SIZE,
    one_hot,
    template,
    weighted_jaccard,
    zone_map,
)
from analysis.calibration.sources import Source
from analysis.calibration.virtual_views import mirrored_view
from analysis.core.pitch import STANDARD_PITCH, PitchSpec
from analysis.metrics.calibration import iou_part

WIDE = np.array([1.0, -70.0, 17.0, 0.3, 0.22, 0.0, np.log(1.2), 0.0])
TELE = np.array([-2.0, -84.0, 18.0, -0.45, 0.2, 0.0, np.log(2.0), 0.0])


def small_dictionary(seed=3, n=60):
    rng = np.random.default_rng(seed)
    return Dictionary(np.stack([PoseSampler().draw(rng) for _ in range(n)]))


def n_parameters(network):
    return sum(value.numel() for value in network.parameters())


def test_published_sizes_have_the_published_parameter_counts():
    assert n_parameters(ZoneNetwork(PUBLISHED)) == 1_271_460
    assert n_parameters(ZoneEncoder(PUBLISHED)) == 10_572_352
    with torch.device("meta"):
        assert n_parameters(TemplateRefiner(PUBLISHED)) == 42_029_384


@pytest.mark.parametrize("network", [ZoneNetwork, ZoneEncoder, TemplateRefiner])
def test_the_slim_preset_fits_its_file(network):
    assert 2 * n_parameters(network(SLIM)) < 16 * 1024**2


def test_shapes():
    for sizes, shape in ((SLIM, (72, 128)), (PUBLISHED, (144, 256))):
        logs = ZoneNetwork(sizes).eval()(torch.rand(2, 3, 144, 256))
        assert logs.shape == (2, 4, *shape)
        torch.testing.assert_close(logs.exp().sum(dim=1), torch.ones(2, *shape))


def test_the_context_lets_one_end_of_a_picture_know_of_the_other():
    torch.manual_seed(0)
    picture = torch.rand(1, 3, 144, 256)
    changed = picture.clone()
    changed[..., 224:] = 0.0
    for sizes, reaches in ((SLIM, True), (replace(SLIM, context=()), False)):
        network = ZoneNetwork(sizes).eval()
        with torch.no_grad():
            moved = (network(changed) - network(picture))[..., :32].abs().max()
        assert (moved > 0) == reaches


def test_shapes_of_matching():
    assert ZoneEncoder(SLIM).eval()(torch.rand(2, 4, 144, 256)).shape == (2, 128)
    fresh = TemplateRefiner(SLIM).eval()(torch.rand(2, 8, 144, 256))
    torch.testing.assert_close(fresh, torch.tensor([[1.0, 0, 0, 0, 1, 0, 0, 0]] * 2))


def test_the_template_is_the_released_one():
    drawn = template()
    assert drawn.labels.shape == (1080, 1920)
    row = drawn.labels[540].astype(int)
    starts = np.flatnonzero(np.diff(row)) + 1
    # goal area, line, penalty area, line, arc, line, field, line, circle: measured on the released picture
    expected = [(176, 3), (252, 0), (259, 1), (417, 0), (424, 3), (476, 0), (484, 2)]
    measured = [(int(x), int(row[x])) for x in starts[: len(expected)]]
    assert [zone for _, zone in measured] == [zone for _, zone in expected]
    assert max(abs(a[0] - b[0]) for a, b in zip(measured, expected, strict=True)) <= 7
    assert (drawn.labels[:, 1:] == drawn.labels[:, :0:-1]).mean() > 0.998


def test_zones_lie_where_a_camera_sees_them():
    matrix = homography_of(WIDE, MAP_SIZE)
    seen = zone_map(matrix)
    places = np.array([[45.0, 12.0, 1], [20.0, 10.0, 1], [5.0, 3.0, 1], [25.0, 45.0, 1]])
    cells = places @ matrix.T
    column, row = (np.floor(cells[:, k] / cells[:, 2]).astype(int) for k in (0, 1))
    inside = (column >= 0) & (column < 256) & (row >= 0) & (row < 144)
    assert inside.sum() >= 3
    np.testing.assert_array_equal(seen[row[inside], column[inside]], np.array([1, 2, 3, 0])[inside])


def test_a_mirrored_view_shows_mirrored_zones():
    left, right = (zone_map(homography_of(v, MAP_SIZE)) for v in (TELE, mirrored_view(TELE)))
    assert (left[:, ::-1] == right).mean() > 0.99


def test_the_background_channel_is_empty():
    zones = zone_map(homography_of(WIDE, MAP_SIZE))
    assert one_hot(zones).shape == (4, 144, 256)
    assert not one_hot(zones)[0].any()
    np.testing.assert_array_equal(
        zone_channels(torch.from_numpy(zones[None])).numpy()[0], one_hot(zones)
    )


def test_weighted_jaccard_by_hand():
    # classes 0 0 2 2 against 0 2 2 2: IoU 1/2 and 2/3, both with half of the support
    warped, seen = np.array([[0, 0, 2, 2]], np.uint8), np.array([[0, 2, 2, 2]], np.uint8)
    assert weighted_jaccard(warped, seen) == pytest.approx(0.5 * (1 / 2 + 2 / 3))
    assert weighted_jaccard(seen, seen) == 1


def test_corrections_go_there_and_back():
    first, second = homography_of(WIDE, MAP_SIZE), homography_of(WIDE + 0.02, MAP_SIZE)
    entries = correction(first, second)
    back = corrected(first, entries)
    np.testing.assert_allclose(back / back[2, 2], second / second[2, 2], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(correction(first, first), [1, 0, 0, 0, 1, 0, 0, 0], atol=1e-12)


def test_the_learnable_warp_agrees_with_the_drawn_one_and_has_a_gradient():
    warp = Warp(template())
    first = homography_of(WIDE, MAP_SIZE) @ np.linalg.inv(UNIT_FROM_PITCH)
    map_from_unit = torch.from_numpy(first).float()[None]
    drawn = zone_channels(torch.from_numpy(zone_map(homography_of(WIDE, MAP_SIZE)))[None])
    drawn = drawn[:, :, 1::2, 1::2]
    entries = torch.tensor([[1.0, 0, 0, 0, 1, 0, 0, 0]], requires_grad=True)
    assert dice_loss(warp(map_from_unit @ matrices(entries)), drawn) < 0.03
    off = torch.tensor([[1.0, 0, 0.05, 0, 1, 0, 0, 0]], requires_grad=True)
    loss = dice_loss(warp(map_from_unit @ matrices(off)), drawn)
    loss.backward()
    assert loss > 0.05
    assert off.grad[0, 2] > 0


def test_contrastive_loss_by_hand():
    views = torch.tensor([[0.0, 0.0]])
    templates = torch.tensor([[3.0, 4.0], [0.6, 0.0]])
    loss = contrastive(views, templates, torch.tensor([7]), torch.tensor([7, 8]))
    # together: 25; apart: a lack of 0.4 to the margin of 1
    assert float(loss["total"]) == pytest.approx(0.5 * (25 + 0.16), rel=1e-4)


def test_a_dictionary_grows_until_views_are_explained():
    plan = GrowthPlan(n_poses=300, n_checks=40, first=8, most=60, explained_share=0.99)
    dictionary, share = grown_dictionary(PoseSampler(), plan)
    small, small_share = grown_dictionary(
        PoseSampler(), GrowthPlan(n_poses=300, n_checks=40, first=8, most=8)
    )
    assert len(dictionary) > len(small)
    assert share > small_share
    assert not dictionary.poses[:, 5].any()
    overlaps = dictionary.overlaps(dictionary.zones[:3])
    np.testing.assert_array_equal(overlaps.argmax(axis=1), [0, 1, 2])
    np.testing.assert_allclose(overlaps.max(axis=1), 1)


@pytest.mark.parametrize("truth", [WIDE, TELE])
def test_alignment_finds_the_view_from_a_near_one(truth):
    seen = zone_map(homography_of(truth, MAP_SIZE))
    start = truth + np.array([2.0, -5.0, 1.0, 0.05, 0.02, 0.0, 0.1, 0.0])
    (found,) = aligned(start[None], seen_borders(seen), STANDARD_PITCH)
    right = homography_of(truth, MAP_SIZE)
    assert iou_part(right, homography_of(start, MAP_SIZE), MAP_SIZE) < 0.93
    assert iou_part(right, homography_of(found, MAP_SIZE), MAP_SIZE) > 0.96


def certain(matrix):
    """What a network sees that is never wrong and nearly sure."""
    zones = zone_map(matrix)
    shares = np.where(zones[None] == np.arange(4)[:, None, None], 0.97, 0.01).astype(np.float32)
    return Seen(shares, zone_map(np.diag([2.0, 2.0, 1.0]) @ matrix, size=(512, 288)))


def test_likelihood_is_highest_for_the_true_view_and_lowest_for_an_impossible_one():
    seen = certain(homography_of(WIDE, MAP_SIZE))
    right, beside, other = (
        seen.likelihood(homography_of(vector, MAP_SIZE), STANDARD_PITCH)
        for vector in (WIDE, WIDE + 0.01, mirrored_view(WIDE))
    )
    assert right > beside > other
    assert right == pytest.approx(np.log(0.99), abs=1e-3)
    below_ground = WIDE * np.array([1, 1, -1, 1, 1, 1, 1, 1])
    assert seen.likelihood(homography_of(below_ground, MAP_SIZE), STANDARD_PITCH) < other
    assert seen.likelihood(np.full((3, 3), np.nan), STANDARD_PITCH) < other


def test_shares_of_certain_zones_are_their_coarse_map():
    seen = certain(homography_of(TELE, MAP_SIZE))
    whole = np.where(seen.probabilities > 0.5, 1.0, 0.0).astype(np.float32)
    shares = coarse_shares(whole)
    assert np.abs(shares - coarse(seen.zones[None])[0]).mean() < 0.03
    assert small_dictionary(n=8).overlaps_with(shares[None]).shape == (1, 8)


@pytest.mark.parametrize("truth", [WIDE, TELE])
def test_the_search_finds_the_view_whatever_the_codes_say(truth):
    torch.manual_seed(0)
    near = truth + np.array([2.0, -5.0, 1.0, 0.05, 0.02, 0.0, 0.1, 0.0])
    others = small_dictionary(n=20).poses
    dictionary = Dictionary(np.concatenate([others, near[None]]))
    parts = (ZoneNetwork(SLIM), ZoneEncoder(SLIM), TemplateRefiner(SLIM))
    networks = Networks(*(part.eval() for part in parts), dictionary, torch.rand(21, 128))
    matrix = homography_of(truth, MAP_SIZE)
    seen, overlap = certain(matrix), {}
    for stage in ("ranked", "aligned"):
        found = Search(networks, stage, 6, "cpu").answer(seen, torch.rand(128), STANDARD_PITCH)
        overlap[stage] = iou_part(matrix, found.map_from_pitch, MAP_SIZE)
        assert 0 < found.evidence["jaccard"] <= 1
    assert overlap["aligned"] > max(0.96, overlap["ranked"])


def test_hardly_any_pitch_has_no_answer():
    shares = np.zeros((4, 144, 256), np.float32)
    shares[0] = 1
    networks = Networks(None, None, None, small_dictionary(n=2), torch.rand(2, 128))
    seen = Seen(shares, np.zeros((288, 512), np.uint8))
    assert (
        Search(networks, "aligned", 2, "cpu").answer(seen, torch.rand(128), STANDARD_PITCH) is None
    )


def test_wear_changes_a_map_a_little_and_never_the_original():
    zones = zone_map(homography_of(WIDE, MAP_SIZE))
    before = zones.copy()
    same = [(worn(zones, np.random.default_rng(seed)) == before).mean() for seed in range(8)]
    assert 0.6 < min(same) < 0.999
    np.testing.assert_array_equal(zones, before)


def test_another_pitch_has_other_zones():
    large = PitchSpec(120.0, 90.0)
    assert template(large).labels.shape[0] > 1080
    assert (template(large).labels > 0).sum() > (template().labels > 0).sum()


@pytest.mark.parametrize("size", [(1280, 720), (540, 960), (640, 480), (2560, 1080), (16, 16)])
def test_the_middle_of_any_picture_is_taken(size):
    image = np.full((size[1], size[0], 3), 120, np.uint8)
    assert prepared(image, (512, 288))[0].shape == (288, 512, 3)
    picture, frameset = prepared(image)
    assert picture.shape == (144, 256, 3)
    np.testing.assert_allclose(
        frameset.image_from_map, prepared(image, (512, 288))[1].image_from_map, atol=4.0
    )
    centre = frameset.image_from_map @ np.array([128.0, 72.0, 1])
    np.testing.assert_allclose(
        centre[:2] / centre[2], np.array(size) / 2, atol=1.0 + max(size) / 256
    )


def test_an_unknown_stage_is_told():
    with pytest.raises(ValueError, match="retrieval, refined, ranked, aligned"):
        Settings(stage="magic")


def steps_lower_the_loss(training, batch, n_steps=6):
    torch.manual_seed(0)
    network = training.network()
    optimiser = torch.optim.Adam(network.parameters(), lr=2e-3)
    losses = []
    for _ in range(n_steps):
        loss = training.loss(network, batch)["total"]
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    return min(losses[1:]) < losses[0]


def stacked(examples, n=2):
    rows = [examples.example(k, k) for k in range(n)]
    return {name: torch.stack([row[name] for row in rows]) for name in rows[0]}


def test_every_network_learns():
    dictionary, sampler = small_dictionary(), PoseSampler()
    batch = stacked(PoseExamples(sampler, dictionary, n_examples=4))
    assert steps_lower_the_loss(EncoderTraining(sampler, dictionary, SLIM), batch)
    for stage in ("correction", "overlap"):
        training = RefinerTraining(sampler, dictionary, SLIM, stage=stage)
        network = training.network()
        training.loss(network, batch)["total"].backward()
        assert network.last.bias.grad.abs().sum() > 0
    picture = np.full((360, 640, 3), (60, 140, 60), np.uint8)
    sources = [Source(picture, WIDE, 0.5), Source(picture, TELE, 0.5)]
    zones = stacked(ZoneExamples(sources, [], n_examples=4, size=(128, 72), detail=2))
    assert zones["zones"].shape == (2, 72, 128)
    assert zones["image"].shape == (2, 144, 256, 3)
    assert steps_lower_the_loss(ZoneTraining(sources, [], SLIM, size=(128, 72)), zones)
