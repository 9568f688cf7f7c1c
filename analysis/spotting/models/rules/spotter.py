"""The spotter: scene from the streams, situations from the scene, spots from the situations."""

from collections.abc import Mapping
from dataclasses import dataclass

from analysis.core.pitch import PitchSpec
from analysis.core.records import ActionSpot, CalibrationTrack, PlayersTrack, Stream
from analysis.core.vocabulary import TEAMS
from analysis.spotting.models.rules.scene import build_scene
from analysis.spotting.models.rules.situations import all_situations


@dataclass(frozen=True)
class Settings:
    """Args: least_confidence: weaker candidates are not told. half: the number written into the spots."""

    least_confidence: float = 0.1
    half: int = 1


class RulesSpotter:
    """See the card."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def spot(self, streams: Mapping[str, Stream], pitch: PitchSpec) -> list[ActionSpot]:
        """Candidates in time order; none without positions."""
        players, calibrations = streams["players"], streams["calibrations"]
        if not isinstance(players, PlayersTrack) or not isinstance(calibrations, CalibrationTrack):
            raise TypeError("the rules read the streams 'players' and 'calibrations'")
        scene = build_scene(players, calibrations, pitch)
        spots = [
            ActionSpot(
                half=self.settings.half,
                position_ms=found.time_ms,
                label=found.label,
                confidence=min(1.0, max(0.0, found.confidence)),
                team=TEAMS[found.team] if found.team >= 0 else None,
                pitch_xy_m=found.pitch_xy_m,
            )
            for found in all_situations(scene)
            if found.confidence >= self.settings.least_confidence
        ]
        return sorted(spots, key=lambda spot: (spot.position_ms, spot.label))
