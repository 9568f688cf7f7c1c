"""How benchmarks of broadcasts count: events told twice, replays found and grounded."""

from types import SimpleNamespace

import pytest

from analysis.benchmarks._counted_twice import twice
from analysis.benchmarks._film_grounding import answers, replays_in_words
from analysis.core.records import ActionSpot, CameraShot, ReplayLink
from analysis.replays.base import Proposal

GOAL, LATER = (10_000, "Goal"), (60_000, "Goal")
REPLAY = (GOAL, 20_000, 30_000)


def spot(time_ms, label="Goal"):
    return ActionSpot(1, time_ms, label, 0.9)


@pytest.mark.parametrize("told,expected", [
    ([], (0, 0)), ([10_500], (1, 0)), ([10_500, 24_000], (1, 1)), ([10_500, 34_900], (1, 1)),
    ([10_500, 36_000], (1, 0)), ([24_000], (0, 0)), ([10_500, 60_200], (2, 0)),
])  # fmt: skip
def test_an_event_is_told_twice_in_its_replay_or_shortly_after_it(told, expected):
    assert twice([GOAL, LATER], [spot(one) for one in told], [REPLAY]) == expected


def test_another_true_event_during_a_replay_is_no_repetition():
    events = [GOAL, (24_000, "Goal")]
    assert twice(events, [spot(10_000), spot(24_000)], [REPLAY]) == (2, 0)
    assert twice([GOAL], [spot(10_000), spot(24_000, "Throw-in")], [REPLAY]) == (1, 0)


def shot(start_s, end_s, is_replay=False):
    return CameraShot(start_s * 1000, end_s * 1000, "Spider camera", "logo", is_replay, 1.0)


class Twelve:
    """Proposes second twelve for every replay."""

    def ground(self, shots, spots):
        return [(one, [Proposal(12_000, 0.8)]) for one in shots if one.is_replay]


def test_a_replay_that_was_not_found_has_no_proposal():
    links = (ReplayLink(20_000, 30_000, 11_000, 1.0), ReplayLink(80_000, 90_000, 70_000, 1.0))
    film = SimpleNamespace(
        links=links, shots=(shot(0, 20), shot(20, 30, True), shot(30, 80), shot(80, 90, True))
    )
    found = [shot(0, 21), shot(21, 29, True), shot(29, 50), shot(50, 60, True), shot(60, 90)]
    first, second = answers([film], [found], [[]], Twelve())
    assert first.proposed_s.tolist() == [12.0] and first.action_s == 11.0
    assert second.proposed_s.tolist() == []
    assert (
        "1 lie mostly inside found ones, 1 found ones mostly outside true ones"
        in replays_in_words([film], [found])
    )
