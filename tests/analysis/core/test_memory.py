"""Large answers are remembered until memory is given back."""

from analysis.core.memory import give_back, remembered


def test_large_answers_are_forgotten_and_made_again():
    made = []

    @remembered(2)
    def table(size):
        made.append(size)
        return [0] * size

    first = table(3)
    assert table(3) is first
    give_back()
    assert table(3) == first
    assert made == [3, 3]
