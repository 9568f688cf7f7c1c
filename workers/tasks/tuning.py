"""Tuning a team's spotter: scenes from what the analyses stored, last layers learned, held-out corrections decide."""

import logging
import tempfile
import uuid
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from celery import shared_task

from analysis.core.pitch import PitchSpec
from analysis.core.problems import Cancelled, InputProblem
from analysis.core.records import StageEvent
from webapp import jobs
from webapp.analytics import findings
from webapp.analytics.models import AnalysisRun
from webapp.annotation import tuning, work
from webapp.annotation.models import TunedWeights, TuningJob
from webapp.lib import stored
from webapp.matches.models import Video

if TYPE_CHECKING:
    from analysis.core.records import Stream
    from analysis.curation.club_layer import Comparison
    from analysis.spotting.models.position_anchors.tuning import Lesson, Said

logger = logging.getLogger(__name__)
# Steps between two looks at the row of the job.
TELL_EVERY = 8


@shared_task(name=jobs.TUNE_SPOTTER)
def tune_spotter(job_id: int) -> None:
    """Do a queued tuning; a second delivery of the same message finds nothing to claim."""
    lease = work.claim(TuningJob, job_id)
    if lease is None:
        logger.info("tuning %s is not there to be done", job_id)
        return
    job = TuningJob.objects.select_related("team").get(pk=job_id)
    try:
        _Tuning(job, lease).run()
    except Cancelled:
        logger.info("tuning %s was cancelled or given to another worker", job_id)
    except InputProblem as problem:
        work.end(TuningJob, job_id, lease, "failed", problem.sentence)
    except Exception:
        logger.exception("tuning %s broke", job_id)
        work.end(TuningJob, job_id, lease, "failed", work.BUG_SENTENCE)
        raise


class _Tuning:
    """One tuning; every step of it may find that it was cancelled."""

    def __init__(self, job: TuningJob, lease: uuid.UUID) -> None:
        # Imported here, so that the worker's parent process never loads the analysis.
        from analysis.curation import club_layer
        from analysis.spotting.models.position_anchors import Settings, build
        from analysis.spotting.models.position_anchors import tuning as method

        self.job, self.lease, self.method, self.club_layer = job, lease, method, club_layer
        self.weights = build(Settings()).network.state_dict()
        self.done, self.total = 0, 0

    def run(self) -> TunedWeights | None:
        """Raises: Cancelled, InputProblem."""
        said = tuning.reviews(self.job.team)
        tuning.check_enough(len(said))
        learn, held, by_match = self.club_layer.split(said)
        videos = {(row.run, row.video) for row in said}
        self.total = len(videos) + self.method.PLAN.steps
        self._tell(0)
        lessons = {key: self._lesson(*key) for key in sorted(videos)}
        with tempfile.TemporaryDirectory(prefix="tuning-") as folder:
            tuned = self.method.tune(
                self._taught(lessons, learn), self.weights, Path(folder), self._stepped
            )
            from analysis.training.weights import save_weights

            place = stored.media().root / str(self.job.team.uuid)
            place.mkdir(parents=True, exist_ok=True)
            file = place / f".part-{self.lease}.safetensors"
            try:
                digest = save_weights(tuned, file, half=True)
                compared = self._compared(lessons, learn, held, file, by_match=by_match)
                return tuning.store(self.job, self.lease, file, digest, said, compared)
            finally:
                file.unlink(missing_ok=True)

    def _lesson(self, run_id: int, video_id: int) -> "Lesson":
        from analysis.spotting.models.position_anchors.scene import build_scene

        run = AnalysisRun.objects.select_related("match").get(pk=run_id)
        video = Video.objects.get(pk=video_id)
        _, views = findings.calibrations(run, video)
        streams: dict[str, Stream] = {
            "players": findings.players(run, video),
            "calibrations": views,
        }
        pitch = PitchSpec(run.match.pitch_length_m, run.match.pitch_width_m)
        scene = build_scene(streams, pitch)
        self._tell(1)
        return self.method.lesson_of(self.method.network_of(self.weights), scene, ())

    def _taught(
        self, lessons: dict[tuple[int, int], "Lesson"], learn: list[tuning.Review]
    ) -> list["Lesson"]:
        """The lessons with what is to be learned in each."""
        by_video = defaultdict(list)
        for row in learn:
            by_video[row.run, row.video].append(self._said(row))
        return [self.method.with_said(lessons[key], rows) for key, rows in sorted(by_video.items())]

    def _said(self, row: tuning.Review) -> "Said":
        return self.method.Said(row.time_ms, row.label, row.is_right)

    def _compared(
        self,
        lessons: dict[tuple[int, int], "Lesson"],
        learn: list[tuning.Review],
        held: list[tuning.Review],
        file: Path,
        *,
        by_match: bool,
    ) -> "Comparison":
        """The new weights, as they were stored, against those in use, on what was held out."""
        from analysis.pipeline.recipe import load_recipe
        from analysis.training.weights import load_weights

        now = tuning.in_use(self.job.team)
        present = self.weights
        if now is not None:
            present = load_weights(stored.media().at_hand(now.name), sha256=now.sha256)
        told = []
        for weights in (load_weights(file), present):
            network = self.method.network_of(weights)
            sure = np.zeros(len(held))
            for key, lesson in lessons.items():
                own = [i for i, row in enumerate(held) if (row.run, row.video) == key]
                sure[own] = self.method.confidences(
                    network, lesson, [self._said(held[i]) for i in own]
                )
            told.append(sure)
        rules = load_recipe("default").events
        least = np.array([rules.thresholds.get(row.label, rules.threshold) for row in held])
        right = np.array([row.is_right for row in held], bool)
        kept = [sure >= least for sure in told]
        return self.club_layer.judge(len(learn), right, told, kept, by_match=by_match)

    def _stepped(self, event: StageEvent) -> None:
        if event.done % TELL_EVERY == 0 or event.done == event.total:
            self._tell(TELL_EVERY)

    def _tell(self, steps: int) -> None:
        """Raises: Cancelled when the job is not ours any more."""
        self.done += steps
        if not work.beat(self.job, self.lease, done=min(self.done, self.total), total=self.total):
            raise Cancelled
