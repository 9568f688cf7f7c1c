"""A match's videos in, what was found in them out.

In charge of: the order of the stages, one decoding pass, progress, and finding stored results again, so that a second
run resumes where a first one was killed. Not in charge of: users, databases, queues, where videos and artifacts are
kept, the files that people download (``files``), retries, and what to do about a problem; the callers are.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from analysis.core.artifacts import ArtifactStore
from analysis.core.pitch import PitchSpec
from analysis.core.records import (
    ActionSpot,
    PlayersTrack,
    ReplayLink,
    RunSummary,
    StageEvent,
    Stream,
)
from analysis.localization.team_colours import TeamColours
from analysis.pipeline import stages
from analysis.pipeline.periods import with_halves
from analysis.pipeline.plan import Step
from analysis.pipeline.recipe import Recipe
from analysis.pipeline.seeing import Seen, see
from analysis.pipeline.stages import Kitchen, Once
from analysis.pipeline.tools import Progress, n_samples_of, probed, tools_for
from analysis.pipeline.verdict import OK, refused, verdict_of
from analysis.replays.linking import replay_links
from analysis.representations.base import HalfView
from analysis.video.decode import VideoSource
from analysis.video.reel import sound_of

STAGES = ("probe", "calibrate", "locate", "teams", "represent", "spot")


def run_match(
    videos: Sequence[Path],
    recipe: Recipe,
    store: ArtifactStore,
    *,
    pitch: PitchSpec,
    device: str,
    on_event: Callable[[StageEvent], None],
    chunk_ms: int = stages.CHUNK_MS,
) -> list[RunSummary]:
    """Analyse the videos of one match: one for all of it, or one a half in order.

    Every video is probed before work begins, kits are clustered over all of them, and results are found again under
    keys of their content.

    Args:
        videos: local files.
        recipe: which methods.
        store: where stage results are kept and found.
        pitch: size of the pitch.
        device: ``auto``, ``cpu`` or ``cuda``.
        on_event: told the progress of each stage over all videos; an exception from it (``Cancelled``) ends the run,
            and stored results stay.
        chunk_ms: how much of a video a killed run may lose.

    Raises:
        InputProblem: a video is refused, or is there twice, or there is no such device.
        PlanProblem: the recipe cannot be carried out.
    """
    progress = Progress(on_event)
    tools = tools_for(recipe, store, pitch, device, progress, chunk_ms)
    infos = probed(videos, store, progress)
    n_samples = sum(n_samples_of(info, recipe.rate_hz) for info in infos)
    progress.begin("calibrate", n_samples)
    progress.begin("locate", n_samples)
    seen = [
        see(info, tools.calibrate, tools.locate, tools.kitchen, *tools.looking_at(info))
        for info in infos
    ]
    progress.end("calibrate")
    progress.end("locate")
    verdicts = [verdict_of(one.calibrations, recipe.floor) for one in seen]
    players, colours, team_keys = _teams(seen, verdicts, tools.kitchen, progress)
    # From here on only the tracks with teams: of a long film every copy counts.
    seen = [replace(one, players=PlayersTrack.empty()) for one in seen]
    views = [
        HalfView(
            one.calibrations, track, pitch, recipe.floor,
            VideoSource(one.info).frames_at, partial(sound_of, one.info),
        )
        for one, track in zip(seen, players, strict=True)
    ]  # fmt: skip
    match = _Match(
        recipe, tools.plan, tools.kitchen, progress, seen, verdicts, views, team_keys, colours
    )
    return match.summaries()


def _teams(
    seen: Sequence[Seen], verdicts: Sequence[str], kitchen: Kitchen, progress: Progress
) -> tuple[list[PlayersTrack], TeamColours, list[str]]:
    """Tracks with teams of the videos that show a pitch, nobody in the others; kits; a key a video."""
    shown = [i for i, verdict in enumerate(verdicts) if verdict == OK]
    progress.begin("teams", len(shown))
    players = [PlayersTrack.empty() for _ in seen]
    keys = ["" for _ in seen]
    colours = TeamColours(None, None, 0.0)
    if shown:
        tracks = [(seen[i].calibrations, seen[i].players) for i in shown]
        found, colours, key = stages.teams(tracks, [seen[i].locate_key for i in shown], kitchen)
        for place, (i, track) in enumerate(zip(shown, found, strict=True)):
            players[i], keys[i] = track, f"{key}/{place}"
    progress.end("teams")
    return players, colours, keys


class _Match:
    """The stages after the pictures: they work on positions only and take seconds."""

    def __init__(
        self,
        recipe: Recipe,
        plan: Sequence[Step],
        kitchen: Kitchen,
        progress: Progress,
        seen: Sequence[Seen],
        verdicts: Sequence[str],
        views: Sequence[HalfView],
        team_keys: Sequence[str],
        colours: TeamColours,
    ) -> None:
        self._recipe, self._kitchen, self._progress = recipe, kitchen, progress
        self._represent = [step for step in plan if step.stage == "represent"]
        self._spot = next((step for step in plan if step.stage == "spot"), None)
        ground = next((step for step in plan if step.stage == "ground"), None)
        self._ground = Once(kitchen, ground) if ground is not None else None
        self._versions = {_version_name(step): step.version for step in plan}
        self._seen, self._verdicts, self._views = seen, verdicts, views
        self._team_keys, self._colours = team_keys, colours

    def summaries(self) -> list[RunSummary]:
        """One a video, in order."""
        n_shown = sum(verdict == OK for verdict in self._verdicts)
        self._progress.begin("represent", n_shown * len(self._represent))
        self._progress.begin("spot", n_shown * (self._spot is not None))
        return [self._summary(i) for i in range(len(self._seen))]

    def _summary(self, i: int) -> RunSummary:
        one = self._seen[i]
        keys = {"calibrate": one.calibrate_key, "locate": one.locate_key}
        if self._verdicts[i] != OK:
            return RunSummary(
                one.info, refused(one.calibrations), PlayersTrack.empty(), [], list(one.shots), [], 0.0,
                self._verdicts[i], passed_over=one.passed_over, versions=self._versions, artifact_keys=keys,
            )  # fmt: skip
        keys["teams"] = self._team_keys[i]
        spots = self._spots(i, keys)
        spots, kickoffs = with_halves(
            spots, self._views[i].players, video_number=i + 1, n_videos=len(self._seen)
        )
        home, away = self._colours.home_rgb, self._colours.away_rgb
        return RunSummary(
            video=one.info,
            calibrations=one.calibrations,
            players=self._views[i].players,
            spots=spots,
            shots=list(one.shots),
            replays=self._replays(one, spots),
            coverage=float(one.calibrations.usable(self._recipe.floor).mean()),
            verdict=OK,
            passed_over=one.passed_over,
            kickoffs_ms=kickoffs,
            team_colours_rgb=(home, away) if home is not None and away is not None else None,
            versions=self._versions,
            artifact_keys=keys,
        )

    def _replays(self, one: Seen, spots: Sequence[ActionSpot]) -> list[ReplayLink]:
        if self._ground is None or not any(shot.is_replay for shot in one.shots):
            return []
        return replay_links(self._ground(), one.shots, spots)

    def _spots(self, i: int, keys: dict[str, str]) -> list[ActionSpot]:
        view = self._views[i]
        streams: dict[str, Stream] = {"calibrations": view.calibrations, "players": view.players}
        inputs = {"calibrations": keys["calibrate"], "players": keys["teams"]}
        for step in self._represent:
            stream, key = stages.represent(view, step, keys["teams"], self._kitchen)
            streams[step.produces], inputs[step.produces] = stream, key
            keys[f"represent.{step.produces}"] = key
            self._progress.advance("represent", 1)
        if self._spot is None:
            return []
        spots, keys["spot"] = stages.spot(
            streams, self._spot, inputs, self._kitchen, self._recipe.events
        )
        self._progress.advance("spot", 1)
        return spots


def _version_name(step: Step) -> str:
    return f"represent.{step.produces}" if step.stage == "represent" else step.stage
