"""What every spotter is: streams in, candidate events out (before thresholds and suppression)."""

from collections.abc import Mapping
from typing import Protocol

from analysis.core.pitch import PitchSpec
from analysis.core.records import ActionSpot, Stream


class Spotter(Protocol):
    """A method folder's ``build(settings, device)`` returns one."""

    def spot(self, streams: Mapping[str, Stream], pitch: PitchSpec) -> list[ActionSpot]:
        """Candidates in time order. ``streams``: what the card's ``needs`` names (``players``...)."""
        ...
