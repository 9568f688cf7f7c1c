"""Which clips are asked for."""

import numpy as np
import pytest

from analysis.curation.measures import entropy, foremost, uncertainty
from analysis.curation.selection import Choice, select


def test_uncertainty_is_the_most_doubtful_class():
    scores = np.array([[0.5, 0.0], [0.0, 1.0], [0.1, 0.25], [0.9, 0.6]])
    assert np.allclose(uncertainty(scores), [1.0, 0.0, 0.5, 0.8])


def test_entropy_adds_the_classes_up_and_is_finite_at_certainty():
    scores = np.array([[0.5, 0.5], [0.0, 1.0], [0.5, 0.0]])
    assert np.allclose(entropy(scores), [2 * np.log(2), 0.0, np.log(2)], atol=1e-9)


def test_foremost_lets_classes_take_turns_however_seldom_they_are():
    common, seldom = [0.99, 0.98, 0.97, 0.1], [0.001, 0.001, 0.001, 0.02]
    scores = np.stack([common, seldom], axis=1)
    assert np.allclose(foremost(scores), [1.0, 0.75, 0.5, 1.0])
    unlabelled = np.zeros(4, bool)
    assert select(scores, unlabelled, 2, Choice("foremost")).tolist() == [0, 3]
    assert select(scores, np.array([True, False, False, True]), 1, Choice("foremost")) == [1]


def test_foremost_of_nothing_is_nothing():
    assert len(foremost(np.zeros((0, 3)))) == 0
    assert foremost(np.zeros((2, 0))).tolist() == [0, 0]


@pytest.mark.parametrize("measure", ["uncertainty", "entropy"])
def test_the_most_doubtful_come_first_and_labelled_ones_never(measure):
    scores = np.array([[0.4], [0.5], [0.9], [0.45], [0.6]])
    labelled = np.array([False, True, False, False, False])
    # 0.4 and 0.6 are equally doubtful: the earlier one first.
    assert select(scores, labelled, 3, Choice(measure)).tolist()[0] == 3
    assert set(select(scores, labelled, 3, Choice(measure)).tolist()) == {3, 0, 4}


def test_equal_clips_come_by_index_every_time():
    scores = np.full((50, 3), 0.3)
    labelled = np.zeros(50, bool)
    assert select(scores, labelled, 5, Choice()).tolist() == [0, 1, 2, 3, 4]


def test_random_is_a_seeded_draw_without_repetition():
    scores, labelled = np.zeros((40, 1)), np.arange(40) < 10
    first = select(scores, labelled, 20, Choice("random"), seed=1)
    assert first.tolist() == select(scores, labelled, 20, Choice("random"), seed=1).tolist()
    assert first.tolist() != select(scores, labelled, 20, Choice("random"), seed=2).tolist()
    assert len(set(first.tolist())) == 20
    assert first.min() >= 10


def test_diversity_takes_one_of_each_kind_before_the_second_of_any():
    # Two kinds of clips; the first kind is a little more doubtful.
    scores = np.array([[0.5], [0.49], [0.48], [0.45], [0.44]])
    looks = np.array([[1.0, 0], [1, 0.01], [1, 0], [0, 1], [0.01, 1]])
    labelled = np.zeros(5, bool)
    assert select(scores, labelled, 2, Choice(), looks=looks).tolist() == [0, 1]
    diverse = Choice(diversity=0.5)
    assert select(scores, labelled, 2, diverse, looks=looks).tolist() == [0, 3]


def test_no_half_gives_more_than_its_share():
    scores = np.array([[0.5], [0.49], [0.48], [0.1], [0.2]])
    half = np.array([0, 0, 0, 1, 1])
    chosen = select(scores, np.zeros(5, bool), 4, Choice(most_per_half=1), half=half)
    assert chosen.tolist() == [0, 4]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"scores": np.array([[0.2], [np.nan]])}, "probabilities from 0 to 1"),
        ({"scores": np.array([[0.2], [1.4]])}, "probabilities from 0 to 1"),
        ({"scores": np.zeros((3, 1))}, "one row of classes for each clip"),
        ({"k": -1}, "is not -1"),
        ({"choice": Choice(diversity=0.5)}, "what the clips look like"),
        ({"choice": Choice(most_per_half=2)}, "the half of each clip"),
    ],
)
def test_nonsense_is_refused_in_words(change, words):
    given = {
        "scores": np.zeros((2, 1)),
        "is_labelled": np.zeros(2, bool),
        "k": 1,
        "choice": Choice(),
    }
    with pytest.raises(ValueError, match=words):
        select(**{**given, **change})


def test_a_choice_names_a_known_measure():
    with pytest.raises(ValueError, match="random, uncertainty, entropy"):
        Choice("hunch")
    with pytest.raises(ValueError, match="between 0 and 1"):
        Choice(diversity=2.0)
