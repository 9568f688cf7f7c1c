"""What looking at a match needs: a recipe's methods made ready, its videos probed, progress counted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from analysis.core.artifacts import ArtifactStore
from analysis.core.pitch import PitchSpec
from analysis.core.problems import InputProblem
from analysis.core.records import StageEvent, VideoInfo
from analysis.pipeline.device import resolve_device
from analysis.pipeline.footage import shots_to_find
from analysis.pipeline.plan import Step, make_plan
from analysis.pipeline.recipe import Recipe
from analysis.pipeline.stages import Kitchen, Once
from analysis.video.probe import probe


class Progress:
    """Counts of each stage over all videos, told onwards; a stage never passes its total and ends at it."""

    def __init__(self, on_event: Callable[[StageEvent], None]) -> None:
        self._on_event = on_event
        self._done: dict[str, int] = {}
        self._total: dict[str, int] = {}

    def begin(self, stage: str, total: int) -> None:
        """A stage of so many units starts."""
        self._done[stage], self._total[stage] = 0, total
        self._on_event(StageEvent(stage, 0, total))

    def advance(self, stage: str, n_units: int) -> None:
        """So many more units are done."""
        done = min(self._done[stage] + n_units, self._total[stage])
        if done != self._done[stage]:
            self._done[stage] = done
            self._on_event(StageEvent(stage, done, self._total[stage]))

    def end(self, stage: str) -> None:
        """All units are done: the estimate of a stage's length may have been a little high."""
        self.advance(stage, self._total[stage])


@dataclass(frozen=True, slots=True)
class Tools:
    """A recipe made ready to look at pictures."""

    plan: list[Step]
    kitchen: Kitchen
    calibrate: Step
    locate: Step
    shots: Step | None
    methods: dict[str, Once]

    def looking_at(self, info: VideoInfo) -> tuple[dict[str, Once], Step | None]:
        """The methods that look at a video, and the step that finds its shots, None where it has none to find."""
        shots, methods = shots_to_find(info, self.shots, self.methods, self.kitchen)
        return methods, shots


def tools_for(
    recipe: Recipe,
    store: ArtifactStore,
    pitch: PitchSpec,
    device: str,
    progress: Progress,
    chunk_ms: int,
) -> Tools:
    """Methods are named and checked, not yet built.

    Raises:
        PlanProblem: the recipe cannot be carried out.
        InputProblem: there is no such device.
    """
    plan = make_plan(recipe)
    kitchen = Kitchen(
        store=store,
        pitch=pitch,
        device=resolve_device(device),
        rate_hz=recipe.rate_hz,
        floor=recipe.floor,
        tell=progress.advance,
        chunk_ms=chunk_ms,
    )
    by_stage = {step.stage: step for step in plan}
    named = ("calibrate", "locate", "shots")
    looking: dict[str, Step] = {name: by_stage[name] for name in named if name in by_stage}
    methods = {name: Once(kitchen, step) for name, step in looking.items()}
    return Tools(
        plan, kitchen, looking["calibrate"], looking["locate"], looking.get("shots"), methods
    )


def _probed_once(path: Path, digest_cache: Path) -> VideoInfo:
    """``probe``, remembered while the file stays as it is: every segment asks, and long films open slowly."""
    if not path.is_file():
        return probe(path, digest_cache=digest_cache)
    now = path.stat()
    return _remembered(path, digest_cache, now.st_size, now.st_mtime_ns)


@lru_cache(maxsize=8)
def _remembered(path: Path, digest_cache: Path, size_bytes: int, changed_ns: int) -> VideoInfo:
    del size_bytes, changed_ns
    return probe(path, digest_cache=digest_cache)


def probed(videos: Sequence[Path], store: ArtifactStore, progress: Progress) -> list[VideoInfo]:
    """Every video of a match, looked at before work begins.

    Raises:
        InputProblem: a video is refused, or is there twice, or there is none.
    """
    progress.begin("probe", len(videos))
    infos: list[VideoInfo] = []
    for path in videos:
        info = _probed_once(path, store.root / "digests")
        if any(info.sha256 == other.sha256 for other in infos):
            raise InputProblem(
                "video_twice",
                f"{path.name!r} is there twice; name every video of the match once.",
            )
        infos.append(info)
        progress.advance("probe", 1)
    if not infos:
        raise InputProblem("video_missing", "There is no video to analyse; name at least one.")
    return infos


def n_samples_of(info: VideoInfo, rate_hz: float) -> int:
    """About how many pictures of a video are looked at."""
    return int(np.ceil(info.duration_ms * rate_hz / 1000))
