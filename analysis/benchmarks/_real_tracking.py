"""Spotters on real tracking data: four minutes of a league match with the provider's events, and fourteen goals.

The provider's words are mapped to our labels by hand (an ``out`` is a ball out of play, a ``miss`` a shot off target,
a first pass from a line after an out the restart that the Laws ask for); passes and duels have no counterpart. A goal
is also a shot on target. Each list is given with what was found within five seconds, after the thresholds of the
default recipe. The provider's clock of the four minutes runs about three seconds behind the positions.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analysis.benchmarks._simulated_halves import SIGHTS, streams_of
from analysis.core.records import ActionSpot, Stream
from analysis.core.registry import SPOTTERS
from analysis.core.vocabulary import SOCCERNET_V2
from analysis.pipeline.recipe import load_recipe
from analysis.spotting.postprocess import postprocess
from analysis.synthetic.halves import SimulatedHalf, half_of
from analysis.synthetic.match import tracked_match
from analysis.synthetic.sightings import Sight, sightings

Spot = Callable[[Mapping[str, Stream]], list[ActionSpot]]
WITHIN_MS = 5000
# eredivisie_events.csv: what happened when, in seconds of the tracking file.
PROVIDER = (
    (2.43, "Kick-off"), (22.058, "Ball out of play"), (30.761, "Throw-in"), (42.66, "Foul"),
    (72.45, "Indirect free-kick"), (124.842, "Shots off target"), (127.254, "Ball out of play"),
    (152.837, "Clearance"), (217.028, "Ball out of play"), (234.036, "Throw-in"),
)  # fmt: skip
MATCH = "eredivisie_tracab_25hz.csv.gz"
SHOTS = ("Goal", "Shots on target", "Shots off target")


@dataclass(frozen=True, slots=True)
class Clip:
    """A piece of tracking and what happens in it: (seconds, label) in time order."""

    name: str
    half: SimulatedHalf
    events: tuple[tuple[float, str], ...]

    def shows(self, one: ActionSpot) -> bool:
        """Whether the positions prove an event that the provider does not list (``synthetic.readings``)."""
        own = self.half.event_label == SOCCERNET_V2.index(one.label)
        return bool((np.abs(self.half.event_ms[own] - one.position_ms) <= WITHIN_MS).any())


def clips(folder: Path) -> list[Clip]:
    """The four minutes and the goals below ``folder`` (``../shared/data/tracking``)."""
    found = [Clip("eredivisie", _half(folder / MATCH), PROVIDER)]
    for goal in sorted((folder / "lastrow").iterdir()):
        first = next(path for path in sorted(goal.glob("*.csv")) if path.name != "events.csv")
        half = _half(first)
        beyond = np.abs(half.ball_xyz_m[:, 0]) > 52.0
        # Some files end a moment before the ball is in; then the end is the goal.
        at = int(np.flatnonzero(beyond)[-1] if beyond[-6:].any() else len(beyond) - 1)
        found.append(Clip(goal.name, half, ((half.times_ms[at] / 1000, "Goal"),)))
    return found


def _half(path: Path) -> SimulatedHalf:
    match = tracked_match(3, path, None)
    return half_of(match, match.play.periods[0])


def section(folder: Path, name: str, spot: Spot) -> str:
    """What one spotter finds, event by event."""
    parts = [f"## On real tracking: `{name}`"]
    pieces = clips(folder)
    for sight_name, sight in SIGHTS.items():
        parts.append(_listing(pieces, name, spot, sight_name, sight))
    return "\n\n".join(parts)


def told_of(clip: Clip, name: str, spot: Spot, sight: Sight) -> list[ActionSpot]:
    """What a coach would be told of a clip, in time order."""
    streams = streams_of(
        *sightings(clip.half, sight, np.random.default_rng(5)), SPOTTERS.card(name)
    )
    return postprocess(spot(streams), load_recipe("default").events)


def _listing(pieces: list[Clip], name: str, spot: Spot, sight_name: str, sight: Sight) -> str:
    rows = [f"*{sight_name}*", "", "| clip | second | provider | found |", "|---|---|---|---|"]
    false: list[str] = []
    unlisted: list[str] = []
    wanted, got, seconds = 0, 0, 0.0
    for clip in pieces:
        told = told_of(clip, name, spot, sight)
        seconds += clip.half.duration_ms / 1000
        used: set[int] = set()
        for second, label in clip.events:
            match = _answer(second, label, told, used)
            asked = label in (*SHOTS, "Ball out of play", "Corner")
            wanted, got = wanted + asked, got + (asked and match is not None)
            words = "–" if match is None else _words(told[match])
            rows.append(f"| {clip.name.replace('_', ' ')} | {second:.1f} | {label} | {words} |")
        false += [
            f"{clip.name.replace('_', ' ')}: {_words(one)}"
            for k, one in enumerate(told)
            if k not in used and not clip.shows(one)
        ]
        unlisted += [
            f"{clip.name.replace('_', ' ')}: {_words(one)}"
            for k, one in enumerate(told)
            if k not in used and clip.shows(one)
        ]
    per_two = 120 * len(false) / seconds
    rows += [
        "",
        f"Outs, corners, goals and shots found within 5 s: {got} of {wanted} ({got / wanted:.2f}). False events: "
        f"{len(false)} in {seconds / 60:.1f} minutes, {per_two:.2f} in two minutes"
        f"{': ' + '; '.join(false) if false else ''}.",
    ]
    if unlisted:
        rows.append(f"Not in the provider's list, but in the positions: {'; '.join(unlisted)}.")
    return "\n".join(rows)


def _words(one: ActionSpot) -> str:
    return f"{one.label} {one.position_ms / 1000:.1f} ({one.confidence:.2f})"


def _answer(second: float, label: str, told: list[ActionSpot], used: set[int]) -> int | None:
    """The surest unused event of the label within five seconds; a goal may be told as a shot on target."""
    labels = {label, "Shots on target"} if label == "Goal" else {label}
    near = [
        k
        for k, one in enumerate(told)
        if k not in used
        and one.label in labels
        and abs(one.position_ms / 1000 - second) <= WITHIN_MS / 1000
    ]
    if not near:
        return None
    best = max(near, key=lambda k: (told[k].label == label, told[k].confidence))
    used.add(best)
    if label == "Goal":
        used.update(k for k in near if told[k].label == "Shots on target")
    return best
