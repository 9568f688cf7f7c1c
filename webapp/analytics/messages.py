"""Problem codes in words: what happened, and what to try. Codes are made in ``analysis``; words are for coaches."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Advice:
    """One plain sentence and the next step."""

    sentence: str
    advice: str


_OURS = Advice(
    "Something went wrong on our side.",
    "Try again. If it happens twice, give the reference below to whoever looks after this site.",
)
_ADVICE: dict[str, Advice] = {}


def advice_for(code: str, sentence: str = "") -> Advice:
    """Words for a problem code.

    An unknown code with a sentence of its own keeps that sentence; without one the fault is taken to be ours.
    """
    if code in _ADVICE:
        return _ADVICE[code]
    if sentence:
        return Advice(sentence, "Check the file and try again.")
    return _OURS


def known_codes() -> frozenset[str]:
    """Codes that have words of their own."""
    return frozenset(_ADVICE)
