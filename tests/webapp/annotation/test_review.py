"""The order of the queue, its meter and its interval, on cases that fit on paper."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.annotation.review import RANDOM_EVERY, Candidate, gain, meter, queue, wilson

candidates = st.lists(
    st.builds(
        Candidate,
        id=st.integers(1, 10_000),
        label=st.sampled_from(["Goal", "Foul", "Ball out of play"]),
        confidence=st.floats(0, 1),
        is_reviewed=st.booleans(),
    ),
    unique_by=lambda row: row.id,
    max_size=60,
)


def test_doubt_is_worth_most_and_goals_more_than_throw_ins():
    assert gain("Foul", 0.5) == pytest.approx(1.0)
    assert gain("Goal", 0.5) == pytest.approx(4.0)
    assert gain("Foul", 0.99) < gain("Foul", 0.8) < gain("Foul", 0.5)
    assert gain("Foul", 0.0) > 0


@given(candidates, st.integers(0, 1000))
def test_every_event_comes_once_and_an_eighth_is_drawn(rows, seed):
    picks = queue(rows, seed)
    assert sorted(pick.id for pick in picks) == sorted(row.id for row in rows)
    assert sum(pick.is_random for pick in picks) == len(rows) // RANDOM_EVERY
    ordered = [pick.gain for pick in picks if not pick.is_random]
    assert ordered == sorted(ordered, reverse=True)


@given(candidates, st.integers(0, 1000))
def test_the_order_stays_while_events_are_reviewed(rows, seed):
    done = [Candidate(row.id, row.label, row.confidence, is_reviewed=True) for row in rows]
    assert [p.id for p in queue(rows, seed)] == [p.id for p in queue(done, seed)]


def test_at_least_a_tenth_of_a_long_queue_is_random():
    picks = queue([Candidate(i, "Foul", 0.5, is_reviewed=False) for i in range(200)], 1)
    assert sum(pick.is_random for pick in picks) >= 20


def test_the_meter_counts_looks_to_95_percent():
    rows = [Candidate(i, "Foul", 0.5, is_reviewed=i < 10) for i in range(20)]
    shown = meter(queue(rows, 1), seconds_a_look=6)
    assert (shown.n_all, shown.n_reviewed) == (20, 10)
    assert shown.share_won == pytest.approx(0.5)
    assert shown.n_left == 9  # 19 of 20 equal gains are 95 %
    assert shown.minutes_left == pytest.approx(0.9)
    assert meter([]).share_won == 1.0


def test_the_interval_of_a_share():
    assert wilson(0, 0) == (0.0, 1.0)
    low, high = wilson(8, 10)
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)  # Wilson (1927), z = 1.96
