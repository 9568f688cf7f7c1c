from analysis.core.records import ActionSpot
from analysis.spotting.postprocess import Rules, postprocess


def spot(label, seconds, confidence, half=1):
    return ActionSpot(half, int(seconds * 1000), label, confidence)


def test_the_stronger_neighbour_stays():
    spots = [
        spot("Corner", 10, 0.4),
        spot("Corner", 18, 0.9),
        spot("Corner", 29, 0.5),
        spot("Goal", 12, 0.2),
    ]
    # Window 20 s: 10 and 18 are within 10 s of each other, 29 is 11 s off.
    kept = postprocess(spots, Rules())
    assert [(s.label, s.position_ms) for s in kept] == [
        ("Goal", 12000),
        ("Corner", 18000),
        ("Corner", 29000),
    ]


def test_windows_and_thresholds_are_per_class():
    spots = [
        spot("Corner", 10, 0.4),
        spot("Corner", 14, 0.3),
        spot("Goal", 10, 0.4),
        spot("Goal", 14, 0.3),
    ]
    rules = Rules(threshold=0.35, thresholds={"Goal": 0.1}, windows_ms={"Goal": 2000})
    kept = postprocess(spots, rules)
    assert [(s.label, s.position_ms) for s in kept] == [
        ("Corner", 10000),
        ("Goal", 10000),
        ("Goal", 14000),
    ]


def test_halves_do_not_suppress_each_other_and_ties_go_to_the_earlier():
    spots = [spot("Goal", 12, 0.5, half=2), spot("Goal", 10, 0.5), spot("Goal", 8, 0.5)]
    kept = postprocess(spots, Rules())
    assert [(s.half, s.position_ms) for s in kept] == [(1, 8000), (2, 12000)]


def test_window_zero_keeps_all_and_nothing_stays_nothing():
    spots = [spot("Goal", 10, 0.5), spot("Goal", 10, 0.5)]
    assert len(postprocess(spots, Rules(window_ms=0))) == 2
    assert postprocess([], Rules()) == []


def test_a_suppressed_candidate_suppresses_nobody():
    # 20 loses to 11, and must not take 29 with it.
    spots = [spot("Goal", 11, 0.9), spot("Goal", 20, 0.8), spot("Goal", 29, 0.7)]
    assert [s.position_ms for s in postprocess(spots, Rules())] == [11000, 29000]
