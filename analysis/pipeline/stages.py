"""The stages after the pictures, and what all stages share: each result is found again where it was stored.

Every result lies under a key made of the file's digest, the method, its version and settings, and the keys of what went
into it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from analysis.core.artifacts import ArtifactStore, key_of
from analysis.core.pitch import PitchSpec
from analysis.core.problems import PlanProblem
from analysis.core.records import (
    ActionSpot,
    CalibrationTrack,
    PlayersTrack,
    Stream,
)
from analysis.localization.balls import believed_balls
from analysis.localization.graphics import without_graphics
from analysis.localization.team_colours import TeamColours, assign_teams, row_teams
from analysis.localization.tracks import track_players
from analysis.pipeline.device import Batch
from analysis.pipeline.plan import Step
from analysis.pipeline.stored import (
    pack,
    spots_from_plain,
    spots_to_plain,
    unpack,
)
from analysis.representations.base import HalfView
from analysis.spotting.postprocess import postprocess

# Part of every key: changes whenever this package's own arithmetic does.
PIPELINE_VERSION = "8"
# Part of the keys from the tracks on: changes when bodies, tracks or teams are found another way.
TEAMS_VERSION = "5"
CHUNK_MS = 120_000

Tell = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Kitchen:
    """What all stages of one run share.

    Args:
        store: artifacts.
        pitch: size of the pitch.
        device: ``cpu`` or ``cuda``.
        rate_hz, floor: as in the recipe.
        tell: called with (stage, units done since the last call).
        chunk_ms: how much of a video is worked on between two savings; part of the keys.
        batch: pictures at once.
    """

    store: ArtifactStore
    pitch: PitchSpec
    device: str
    rate_hz: float
    floor: float
    tell: Tell
    chunk_ms: int = CHUNK_MS
    batch: Batch = field(default_factory=Batch)

    def key(self, stage: str, **parts: Any) -> str:
        """Key of a stage's result."""
        pitch = [self.pitch.length_m, self.pitch.width_m]
        return key_of({"pipeline": PIPELINE_VERSION, "stage": stage, "pitch": pitch, **parts})

    def build(self, step: Step) -> Any:
        """The method of a step. A setting named ``pitch`` is the match's pitch.

        Raises:
            PlanProblem: the settings' values are refused by the method.
        """
        module = step.family.load(step.card.slug)
        settings, known = dict(step.settings), {entry.name for entry in fields(module.Settings)}
        if "pitch" in known:
            settings.setdefault("pitch", self.pitch)
        if "batch_size" in known and self.batch.is_halved:
            settings["batch_size"] = self.batch.size
        try:
            return module.build(module.Settings(**settings), self.device)
        except (TypeError, ValueError) as error:
            raise PlanProblem([f"{step.card.slug} refuses its settings: {error}"]) from error


def describe(step: Step) -> dict[str, Any]:
    """What of a step enters a key: method, version, weights and settings."""
    weights = [w.sha256 for w in step.card.weights]
    return {"method": step.version, "weights": weights, "settings": dict(step.settings)}


class Once:
    """A method that is built when it is first needed: a resumed run loads no weights it does not use."""

    def __init__(self, kitchen: Kitchen, step: Step) -> None:
        self._kitchen = kitchen
        self._step = step
        self._method: Any = None

    def __call__(self) -> Any:
        """The method."""
        if self._method is None:
            self._method = self._kitchen.build(self._step)
        return self._method

    def forget(self) -> None:
        """Let go of the method; the next call builds it again."""
        self._method = None


def teams(
    seen: Sequence[tuple[CalibrationTrack, PlayersTrack]],
    input_keys: Sequence[str],
    kitchen: Kitchen,
) -> tuple[list[PlayersTrack], TeamColours, str]:
    """Tracks, teams and roles over the whole match: (track a video, kits, key)."""
    key = kitchen.key("teams", version=TEAMS_VERSION, players=list(input_keys))
    keys = [key_of({"teams": key, "video": i}) for i in range(len(seen))]
    if all(kitchen.store.has(one) for one in keys):
        loaded = [kitchen.store.load(one) for one in keys]
        found = [unpack(arrays, plain) for arrays, plain in loaded]
        kits = loaded[0][1]["kits"] if loaded else {}
        return found, _kits(kits), key
    tracked = []
    seen = [(view, without_graphics(players, view.image_size_px[0])) for view, players in seen]
    kits = row_teams([players for _, players in seen])
    for (calibrations, players), worn in zip(seen, kits, strict=True):
        people = track_players(players, calibrations, worn)
        tracked.append(believed_balls(people, kitchen.pitch, calibrations.image_size_px[0]))
        kitchen.tell("teams", 1)
    found, colours = assign_teams(tracked, kitchen.pitch)
    plain_kits = {"home": colours.home_rgb, "away": colours.away_rgb, "sure": colours.confidence}
    for video_key, track in zip(keys, found, strict=True):
        arrays, plain = pack(track)
        kitchen.store.save(video_key, arrays, {**plain, "kits": plain_kits})
    return found, colours, key


def _kits(plain: dict[str, Any]) -> TeamColours:
    home, away = (tuple(plain[name]) if plain.get(name) else None for name in ("home", "away"))
    return TeamColours(home, away, float(plain.get("sure", 0.0)))


def represent(half: HalfView, step: Step, input_key: str, kitchen: Kitchen) -> tuple[Stream, str]:
    """(stream, key) of one representation."""
    key = kitchen.key("represent", players=input_key, floor=kitchen.floor, **describe(step))
    if kitchen.store.has(key):
        return unpack(*kitchen.store.load(key)), key
    stream = kitchen.build(step).build(half)
    kitchen.store.save(key, *pack(stream))
    return stream, key


def spot(
    streams: dict[str, Stream],
    step: Step,
    input_keys: dict[str, str],
    kitchen: Kitchen,
    events: Any,
) -> tuple[list[ActionSpot], str]:
    """(events, key) of one video; candidates are stored, the recipe's thresholds are applied afterwards."""
    needed = {name: key for name, key in input_keys.items() if name in step.card.needs}
    key = kitchen.key("spot", inputs=needed, **describe(step))
    if kitchen.store.has(key):
        candidates = spots_from_plain(kitchen.store.load(key)[1]["spots"])
    else:
        candidates = kitchen.build(step).spot(
            {name: streams[name] for name in step.card.needs if name in streams}, kitchen.pitch
        )
        kitchen.store.save(key, {}, {"spots": spots_to_plain(candidates)})
    return postprocess(candidates, events), key
