"""Adaptive hard attention: who is kept, and who has no say."""

import torch

from analysis.temporal.hard_attention import HardAttention, SpreadNorm, focal_loss


def attention():
    torch.manual_seed(0)
    return HardAttention(6, 5, 16, n_heads=2, feed_forward=8).eval()


def scene(n_frames=4, n_entities=7):
    torch.manual_seed(1)
    counts = torch.tensor([7, 3, 1, 0])[:n_frames]
    return torch.randn(n_frames, 6), torch.randn(n_frames, n_entities, 5), counts


def test_shares_add_up_and_only_even_ones_and_better_are_kept():
    frames, entities, counts = scene()
    share, kept = attention().shares(frames, entities, counts)
    assert torch.allclose(share.sum(dim=1), torch.tensor([1.0, 1, 1, 0]), atol=1e-6)
    for row, count in enumerate(counts.tolist()):
        assert not kept[row, count:].any()
        assert torch.equal(kept[row, :count], share[row, :count] >= 1 / max(count, 1) - 1e-7)
    assert kept[2, 0], "alone, one has all of it"
    assert 0 < int(kept[0].sum()) < 7


def test_who_is_not_kept_or_not_there_changes_nothing():
    frames, entities, counts = scene()
    model = attention()
    share, kept = model.shares(frames, entities, counts)
    before = model(frames, entities, counts)
    changed = entities.clone()
    changed[1, 3:] = 100.0
    changed[3] = -50.0
    assert torch.allclose(model(frames, changed, counts), before, atol=1e-6)
    weakest = int(share[0].argmin())
    assert not kept[0, weakest]
    order = [i for i in range(7) if i != weakest]
    without = model(frames[:1], entities[:1, order], torch.tensor([6]))
    same = model.shares(frames[:1], entities[:1, order], torch.tensor([6]))[1][0]
    if torch.equal(same, kept[0, order]):
        assert torch.allclose(without, before[:1], atol=1e-6)


def test_empty_places_cost_nothing_and_change_nothing():
    frames, entities, counts = scene()
    model = attention()
    wide = torch.cat([entities, torch.randn(4, 20, 5)], dim=1)
    assert torch.allclose(model(frames, wide, counts), model(frames, entities, counts), atol=1e-6)
    seen = []
    model.among.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0].shape[1]))
    model(frames, wide, counts)
    assert seen == [int(model.shares(frames, wide, counts)[1].sum(dim=1).max())]


def test_the_order_of_people_means_nothing_and_nobody_is_no_trouble():
    frames, entities, counts = scene()
    model = attention()
    mixed = entities.clone()
    mixed[0] = entities[0].flip(0)
    answer = model(frames, entities, counts)
    assert torch.allclose(model(frames, mixed, counts)[0], answer[0], atol=1e-5)
    assert torch.isfinite(answer).all()
    model(frames, entities, counts).sum().backward()
    assert all(torch.isfinite(p.grad).all() for p in model.parameters() if p.grad is not None)


def test_the_norm_divides_by_the_unbiased_spread():
    x = torch.tensor([[1.0, 2.0, 4.0]])
    expected = (x - x.mean()) / (x.std(unbiased=True) + 1e-6)
    assert torch.allclose(SpreadNorm(3)(x), expected)


def test_the_focal_loss_has_its_published_values():
    # A sure and right answer costs next to nothing; at one half it is a quarter of alpha times ln 2.
    target = torch.tensor([[1.0]])
    assert focal_loss(torch.tensor([[8.0]]), target) < 1e-6
    half = focal_loss(torch.zeros(1, 1), target)
    assert torch.isclose(half, torch.tensor(0.25 * 0.25 * 0.6931472))
