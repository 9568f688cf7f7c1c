"""Which moment a replay repeats: hand cases."""

import pytest

from analysis.core.records import ActionSpot, CameraShot
from analysis.replays.linking import replay_links
from analysis.replays.models.fusion import Settings, build
from analysis.replays.models.fusion.grounder import WINDOW_MS, proposals

MAIN, SPIDER = "Main camera center", "Spider camera"


def shots(*rows):
    return [
        CameraShot(int(a * 1000), int(b * 1000), camera, "abrupt", is_replay, 1.0)
        for a, b, camera, is_replay in rows
    ]


FILM = shots(
    (0, 60, MAIN, False), (60, 65, "Public", False),
    (65, 70, SPIDER, True), (70, 75, SPIDER, True), (75, 99, MAIN, False),
)  # fmt: skip


def spot(time_s, label, confidence):
    return ActionSpot(1, int(time_s * 1000), label, confidence)


def test_without_events_the_moment_lies_just_before_the_cut():
    links = replay_links(build(Settings()), FILM, [])
    assert [link.action_ms for link in links] == [58_400, 58_400]
    assert [(link.replay_start_ms, link.replay_end_ms) for link in links] == [
        (65_000, 70_000),
        (70_000, 75_000),
    ]


def test_the_nearest_event_worth_a_replay_is_raised_and_the_second_lowered():
    spots = [spot(57, "Foul", 0.6), spot(40, "Goal", 0.7), spot(58, "Throw-in", 0.9)]
    told = proposals(FILM, spots)[0][1]
    assert [(one.time_ms, round(one.score, 3)) for one in told] == [
        (57_000, 0.75),
        (40_000, 0.56),
        (58_400, 0.25),
    ]


def test_events_after_the_replay_or_long_before_it_are_no_moments_of_it():
    spots = [spot(80, "Goal", 0.9), spot(65 - WINDOW_MS / 1000 - 1, "Goal", 0.9)]
    assert replay_links(build(Settings()), FILM, spots)[0].action_ms == 58_400


@pytest.mark.parametrize("film", [[], shots((0, 10, MAIN, False))])
def test_no_replay_no_link(film):
    assert replay_links(build(Settings()), film, [spot(1, "Goal", 0.9)]) == []


def test_a_replay_without_play_before_it_repeats_nothing_known():
    assert replay_links(build(Settings()), shots((0, 5, SPIDER, True)), [])[0].action_ms is None
