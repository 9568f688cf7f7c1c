"""The spotter: members by name, each with the streams it needs, one list of candidates out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from analysis.core.pitch import PitchSpec
from analysis.core.problems import InputProblem
from analysis.core.records import ActionSpot, Stream
from analysis.core.registry import SPOTTERS
from analysis.spotting.base import Spotter
from analysis.spotting.models.ensemble.fusion import REACH_MS, Told, fused, opinions
from analysis.spotting.probabilities import probabilities

LEAST_CONFIDENCE = 0.01
DIGITS = 12
FUSED = "fused"
SLUG = "ensemble"


@dataclass(frozen=True)
class Settings:
    """What a recipe says.

    Args:
        members: spotter -> the first twelve digits of its weights' sha256 when the classes were fitted; empty for
            spotters without weights.
        classes: class -> spotter -> [slope, offset, weight], see ``fusion``; ``fused`` -> [slope, offset,
            seconds between two events] of the answer. Classes without an entry are not told.
        half: the number written into the spots.
    """

    members: Mapping[str, str] = field(default_factory=dict)
    classes: Mapping[str, Mapping[str, Sequence[float]]] = field(default_factory=dict)
    half: int = 1


class Ensemble:
    """See the card.

    Args:
        settings: see ``Settings``.
        members: the spotters by name.
    """

    def __init__(self, settings: Settings, members: Mapping[str, Spotter]) -> None:
        self.settings, self.members = settings, members

    def spot(self, streams: Mapping[str, Stream], pitch: PitchSpec) -> list[ActionSpot]:
        """Candidates in time order; none without members."""
        return self.fused(
            {name: member.spot(streams, pitch) for name, member in self.members.items()}
        )

    def fused(self, found: Mapping[str, Sequence[ActionSpot]]) -> list[ActionSpot]:
        """One list from the members' own. A spot whose team is unknown takes that of the nearest one that knows."""
        spots: list[ActionSpot] = []
        for label, entry in self.settings.classes.items():
            heard = [name for name in entry if name != FUSED]
            own = [[spot for spot in found[name] if spot.label == label] for name in heard]
            lines = [(float(entry[name][0]), float(entry[name][1])) for name in heard]
            thoughts = opinions([told_of(one) for one in own], lines)
            slope, offset, apart_s = (float(value) for value in entry[FUSED])
            kept, strength = fused(thoughts, [entry[name][2] for name in heard], 1000 * apart_s)
            sure = probabilities(strength, (slope, offset))
            for i, confidence in zip(kept, sure, strict=True):
                if confidence >= LEAST_CONFIDENCE:
                    spot = _with_team(own[thoughts.owner[i]][thoughts.place[i]], own)
                    told = replace(spot, confidence=float(confidence), half=self.settings.half)
                    spots.append(told)
        return sorted(spots, key=lambda spot: (spot.position_ms, spot.label))


def build(settings: Settings, device: str = "cpu") -> Ensemble:
    """The spotter of a recipe.

    Raises:
        InputProblem: a member that is not there, is an ensemble itself, or is not the one that was fitted.
    """
    members: dict[str, Spotter] = {}
    for name, digits in settings.members.items():
        if name not in SPOTTERS.names() or name == SLUG:
            raise InputProblem(
                "member_unknown",
                f"An ensemble cannot have the member {name!r}: name other spotters.",
            )
        if digits != digits_of(name):
            raise InputProblem(
                "member_changed",
                f"The weights of {name} are not those that the recipe was fitted with: fit it again with "
                f"`train spotting/{SLUG}`.",
            )
        module = SPOTTERS.load(name)
        members[name] = module.build(module.Settings(), device)
    heard = {n for entry in settings.classes.values() for n in entry if n != FUSED}
    if missing := sorted(heard - set(members)):
        raise InputProblem(
            "member_unknown", f"The recipe weighs {', '.join(missing)}, which its members lack."
        )
    return Ensemble(settings, members)


def digits_of(name: str) -> str:
    """What the weights of a spotter are known by; empty where it has none."""
    return "".join(weights.sha256[:DIGITS] for weights in SPOTTERS.card(name).weights)


def told_of(spots: Sequence[ActionSpot]) -> Told:
    """As ``fuse`` reads them."""
    return Told(
        np.array([spot.position_ms for spot in spots], np.float64),
        np.array([spot.confidence for spot in spots], np.float64),
    )


def _with_team(spot: ActionSpot, found: Sequence[Sequence[ActionSpot]]) -> ActionSpot:
    if spot.team is not None:
        return spot
    knowing = [
        other
        for told in found
        for other in told
        if other.team is not None and abs(other.position_ms - spot.position_ms) < REACH_MS
    ]
    if not knowing:
        return spot
    best = min(knowing, key=lambda other: abs(other.position_ms - spot.position_ms))
    return replace(spot, team=best.team, pitch_xy_m=spot.pitch_xy_m or best.pitch_xy_m)
