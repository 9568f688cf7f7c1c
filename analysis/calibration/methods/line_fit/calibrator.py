"""White lines and a bank of broadcast views: calibration without any trained weights.

For each frame: see grass and lines, rank the bank coarsely, pull the best views (and the last frame's view) onto the
lines, keep the one that explains the picture best in both directions, and say how far to trust it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.calibration.base import Calibrator
from analysis.calibration.cameras import vector_of
from analysis.calibration.methods.line_fit.answers import calibration_of, trust_in
from analysis.calibration.methods.line_fit.bank import bank_for
from analysis.calibration.methods.line_fit.evidence import MIN_SIDE_PX, Evidence, observe
from analysis.calibration.methods.line_fit.keeping import Keeper, glimpse, predictions
from analysis.calibration.methods.line_fit.known import PRIOR_MEAN, Known
from analysis.calibration.methods.line_fit.matching import Agreement, Matcher, line_field
from analysis.calibration.methods.line_fit.opinion import Opinion
from analysis.calibration.methods.line_fit.variation import around, distinct, evolved, swept, turned
from analysis.calibration.refinement import Prior
from analysis.core.pitch import PitchSpec
from analysis.core.records import Calibration, Frame

FloatArray = NDArray[np.float64]
GRASS_CELLS = 16

N_COARSE = 1500
N_BRED = 300
N_SWEPT = 250
# No view of the bank is near the picture (a close-up, a crowd): little is tried, to be quick about refusing it.
POOR_COARSE_COST = 1.25
# Two views within these differences are one: of the bank (lead to the same optimum), and after refinement.
APART = np.array([6.0, 14.0, 4.5, 0.04, 0.025, 0.1, 0.12, 0.1])
SAME = np.array([3.0, 6.0, 3.0, 0.02, 0.02, 0.02, 0.05, 0.02])
FIRST_REACHES_PX = (60.0, 60.0, 40.0, 40.0, 25.0)
LAST_REACHES_PX = (20.0, 14.0, 10.0, 8.0, 6.0, 5.0)
FOLLOW_REACHES_PX = (30.0, 15.0, 8.0, 5.0, 5.0)
OTHER_REACHES_PX = (50.0, 40.0, 30.0)
# How much a squared standard deviation from what cameras usually are counts against the agreement.
DOUBT_WEIGHT = 0.006
BEHIND_GOAL_DOUBT = 6.0
PRIOR_SIGMA = np.array([8.0, 18.0, 7.0, 9.0, 9.0, 0.012, 2.0, 0.02])
# The camera of the last frame stands where it stood; only pan, tilt and zoom are free.
SAME_CAMERA_SIGMA = np.array([0.7, 1.0, 0.5, 9.0, 9.0, 0.004, 2.0, 0.004])
HELD = np.array([True, True, True, False, False, True, False, True])
STIFF_SIGMA = np.array([8.0, 18.0, 7.0, 9.0, 9.0, 0.005, 2.0, 0.002])


@dataclass(frozen=True, slots=True)
class Settings:
    """How hard to look.

    Args:
        n_candidates: views of the bank that are pulled onto the lines.
        n_finalists: those that are refined to the end.
        n_varied: the best of these, tried again from elsewhere.
        n_breeds: generations bred from the bank where nothing convinces; each is as costly as the first search.
        patience: frames in a row without a sure view after which a stream's bank breeds no more.
        memory: frames since the last sure view for which its camera is looked for elsewhere on the pitch before the
            bank is; such a stream's bank breeds nothing.
        n_swept: views of that camera that are pulled onto the lines.
        n_followed: turned and zoomed copies of the last view that are pulled onto the lines.
        enough: confidence from which the last view's camera is believed without searching the bank.
        max_drop: a followed view that explains so much less than the last one is doubted.
        max_age: frames after which the last view is forgotten.
        n_kept: sure views in a row that may be moved onto the next picture's lines without a look at the whole of it.
        min_grass_share: less grass than this share of the picture is no pitch view.
        min_line_points: fewer ridge tops than this say nothing.
        second_opinion: a calibrator whose camera is tried as well where the bank does not convince; "" asks nobody.
    """

    n_candidates: int = 60
    n_finalists: int = 6
    n_varied: int = 2
    n_breeds: int = 2
    patience: int = 2
    memory: int = 240
    n_swept: int = 8
    n_followed: int = 5
    enough: float = 0.85
    max_drop: float = 0.12
    max_age: int = 6
    n_kept: int = 9
    min_grass_share: float = 0.15
    min_line_points: int = 150
    second_opinion: str = ""


@dataclass(frozen=True)
class Solution:
    """A refined camera with what speaks for it."""

    vector: FloatArray
    agreement: Agreement
    doubt: float
    confidence: float


class LineFitCalibrator:
    """See the module head; one instance may serve several streams one after the other."""

    def __init__(self, settings: Settings, adviser: Calibrator | None = None) -> None:
        """Args: adviser: what ``settings.second_opinion`` names, built."""
        self.settings = settings
        self.adviser = adviser

    def calibrate(self, frames: Iterable[Frame], pitch: PitchSpec) -> Iterator[Calibration | None]:
        """One answer a frame, in order; the last frame's view is tried again, but must earn its place."""
        known = Known()
        for frame in frames:
            yield self._one(frame, pitch, known)

    def _one(self, frame: Frame, pitch: PitchSpec, known: Known) -> Calibration | None:
        known.age += 1
        seen = glimpse(frame.image) if min(frame.size_px) >= MIN_SIDE_PX else None
        if seen is None:
            return None
        keeper = Keeper(seen, pitch)
        kept = self._kept(keeper, known)
        if kept is not None and known.n_kept < self.settings.n_kept:
            known.vector, known.seen, known.age = kept, seen, 0
            known.n_kept += 1
            return calibration_of(kept, known.confidence, seen.size_px, frame, pitch)
        calibration = self._looked(frame, pitch, known, kept)
        is_known = calibration is not None and known.age == 0 and known.vector is not None
        is_sure = is_known and known.confidence >= self.settings.enough
        known.seen = seen if is_sure else None
        known.hold = keeper.hold(known.vector) if is_sure and known.vector is not None else None
        return calibration

    def _kept(self, keeper: Keeper, known: Known) -> FloatArray | None:
        """The last frame's view moved onto this frame's lines, None where they do not bear it out."""
        if known.seen is None or known.vector is None or not self.settings.n_kept:
            return None
        if known.seen.size_px != keeper.seen.size_px:
            return None
        views = predictions(known.vector, known.seen, keeper.seen)
        for some in (views[:1], views):
            vector, hold = keeper.kept(some, same_camera(known.anchor))
            if known.is_held(hold):
                return vector
        return None

    def _looked(
        self, frame: Frame, pitch: PitchSpec, known: Known, kept: FloatArray | None
    ) -> Calibration | None:
        """The answer of a whole look at the picture."""
        evidence = observe(frame.image)
        if evidence is None or self.says_nothing(evidence):
            return None
        if known.size_px != evidence.size_px:
            known.vector = None
        matcher = Matcher(line_field(evidence), pitch)
        opinion = Opinion(self.adviser, frame, pitch)
        solution, is_followed = None, False
        if kept is not None:
            solution = self._solution(matcher, kept)
            is_followed = self._is_enough(solution, known.score)
        if not is_followed and known.vector is not None and known.age <= self.settings.max_age:
            solution = self.follow(matcher, known.vector, known.anchor)
            is_followed = self._is_enough(solution, known.score)
        home = known.home_within(self.settings.memory)
        is_hopeless = False
        if not is_followed and home is not None:
            followed = solution
            solution = self.sweep(matcher, home, solution)
            is_followed = self._is_enough(solution, known.home_score)
            if not is_followed and followed is not None and is_one_view(solution, followed):
                # Nothing that camera could show elsewhere explains the picture better: people hide its lines.
                is_followed = self._is_enough(solution, known.home_score, slack=2.0)
            is_hopeless = opinion.rules_out(solution.confidence)
            if is_followed:
                known.anchor, known.anchor_score = home, known.home_score
        if solution is None or not (is_followed or is_hopeless):
            thorough = known.n_unsure < self.settings.patience and home is None
            solution = self.search(matcher, opinion, solution, thorough=thorough)
        is_sure = solution.confidence >= self.settings.enough
        known.n_unsure = 0 if is_sure else known.n_unsure + 1
        calibration = calibration_of(
            solution.vector, solution.confidence, evidence.size_px, frame, pitch
        )
        if calibration is not None and calibration.status == "ok":
            known.learn(
                solution.vector,
                solution.agreement.score,
                calibration.confidence,
                evidence.size_px,
                is_followed=is_followed,
                is_sure=is_sure,
            )
        return calibration

    def says_nothing(self, evidence: Evidence) -> bool:
        """Whether a picture shows too little grass or line to look for a pitch."""
        return (
            evidence.grass_share < self.settings.min_grass_share
            or len(evidence.points_px) < self.settings.min_line_points
        )

    def _is_enough(self, solution: Solution, usual_score: float, slack: float = 1.0) -> bool:
        """Whether a view from a known camera may stand: sure of itself, explaining not much less than that one did."""
        drop = usual_score - solution.agreement.score
        return solution.confidence >= self.settings.enough and drop < slack * self.settings.max_drop

    def follow(self, matcher: Matcher, last: FloatArray, anchor: FloatArray) -> Solution:
        """The view that explains the picture best among those the last view's camera can turn and zoom to.

        The camera stands where the anchor, the best explained view of late, says; else it would creep away.
        """
        views = turned(last)
        cost = matcher.missed(views, reach_px=30.0)
        cost = cost + matcher.unexplained(views, reach_px=30.0, n_points=80)
        order = np.argsort(cost, kind="stable")[: self.settings.n_followed]
        pulled = matcher.pull(views[order], same_camera(anchor), reach_px=FOLLOW_REACHES_PX)
        return self._solution(matcher, pulled[self._best(matcher, pulled)[0]])

    def sweep(self, matcher: Matcher, anchor: FloatArray, other: Solution | None) -> Solution:
        """The view that explains the picture best among those of a camera known from before, wherever it looks now."""
        views = swept(anchor, matcher.pitch)
        cost = matcher.missed(views, reach_px=40.0)
        best = np.argsort(cost, kind="stable")[:N_SWEPT]
        cost = cost[best] + matcher.unexplained(views[best], reach_px=40.0, n_points=80)
        best = best[np.argsort(cost, kind="stable")]
        first = distinct(best, views, APART, n_most=self.settings.n_swept)
        prior = same_camera(anchor)
        pulled = matcher.pull(views[first], prior, reach_px=FIRST_REACHES_PX)
        pulled = pulled[self._best(matcher, pulled)[: self.settings.n_varied]]
        pulled = matcher.pull(pulled, prior, reach_px=FOLLOW_REACHES_PX)
        if other is not None:
            pulled = np.concatenate([pulled, other.vector[None]])
        return self._solution(matcher, pulled[self._best(matcher, pulled)[0]])

    def search(
        self, matcher: Matcher, opinion: Opinion, other: Solution | None, *, thorough: bool = True
    ) -> Solution:
        """The view that explains the picture best among all of the bank and one that is known already.

        Where none convinces the adviser is asked, and if the search is ``thorough``, the best of the bank breed
        finer ones after that.
        """
        evidence = matcher.field.evidence
        bank = bank_for(evidence.size_px, matcher.pitch)
        grass = cv2.resize(
            evidence.grass.astype(np.float32), bank.grass_size, interpolation=cv2.INTER_AREA
        ).ravel()
        best, cost = bank.ranked(matcher.field.coarse_distances(40.0), grass, n_best=N_COARSE)
        cost = cost + matcher.unexplained(bank.vectors[best], reach_px=40.0, n_points=120)
        best = best[np.argsort(cost, kind="stable")]
        effort = 1.0 if cost.min() < POOR_COARSE_COST else 0.25
        n_candidates = round(effort * self.settings.n_candidates)
        first = distinct(best, bank.vectors, APART, n_most=n_candidates)
        solution = self._settled(matcher, bank.vectors[first], other)
        if solution.confidence < self.settings.enough:
            solution = self.advised(matcher, opinion, solution)
        is_enough = solution.confidence >= self.settings.enough
        if is_enough or not thorough or not self.settings.n_breeds:
            return solution

        def coarse_cost(views: FloatArray, reach_px: float) -> FloatArray:
            missed = matcher.missed(views, reach_px=reach_px)
            return missed + matcher.unexplained(views, reach_px=reach_px, n_points=120)

        bred = [
            evolved(bank.vectors[best[:N_BRED]], coarse_cost, APART, seed)
            for seed in range(self.settings.n_breeds)
        ]
        starts = np.concatenate([views[: self.settings.n_candidates] for views in bred])
        return self._settled(matcher, starts, solution)

    def advised(self, matcher: Matcher, opinion: Opinion, solution: Solution) -> Solution:
        """The better explained of ``solution`` and what the adviser's camera becomes on the lines."""
        camera = opinion.camera
        if camera is None:
            return solution
        return self._settled(matcher, vector_of(camera)[None], solution)

    def _settled(self, matcher: Matcher, starts: FloatArray, other: Solution | None) -> Solution:
        """The best view after pulling starts (N, 8) onto the lines; one known already may win, too."""
        pulled = matcher.pull(starts, _prior(starts, stiff=True), reach_px=FIRST_REACHES_PX)
        finalists = self._best(matcher, pulled)[: self.settings.n_finalists]
        final = matcher.pull(pulled[finalists], _prior(pulled[finalists]), reach_px=LAST_REACHES_PX)
        if other is not None:
            final = np.concatenate([final, other.vector[None]])
        final = final[self._best(matcher, final)]
        others = around(final[: self.settings.n_varied])
        others = matcher.pull(others, _prior(others, stiff=True), reach_px=OTHER_REACHES_PX)
        others = matcher.pull(others, _prior(others), reach_px=LAST_REACHES_PX)
        final = np.concatenate([final, others])
        return self._solution(matcher, final[self._best(matcher, final)[0]])

    def _solution(self, matcher: Matcher, vector: FloatArray) -> Solution:
        agreement = matcher.judge(vector)
        doubt = float(_doubt(vector[None])[0])
        return Solution(vector, agreement, doubt, trust_in(agreement, doubt))

    def _best(self, matcher: Matcher, vectors: FloatArray) -> NDArray[np.int64]:
        """Indices of different views, the best first."""
        scores = [
            matcher.judge(vector).score - DOUBT_WEIGHT * min(doubt, 60.0)
            for vector, doubt in zip(vectors, _doubt(vectors), strict=True)
        ]
        return distinct(np.argsort(-np.array(scores), kind="stable"), vectors, SAME)


def _prior(vectors: FloatArray, *, stiff: bool = False) -> Prior:
    """What is known of any broadcast camera; for one behind a goal, that it stays about where it is.

    ``stiff`` holds lens and roll, which would otherwise bend to whatever is paired wrongly while pairs are far apart.
    """
    mean = np.tile(PRIOR_MEAN, (len(vectors), 1))
    behind_goal = np.abs(vectors[:, 0]) > 50
    mean[behind_goal, :2] = vectors[behind_goal, :2]
    sigma = np.where(stiff, STIFF_SIGMA, PRIOR_SIGMA)
    return Prior(mean, np.tile(sigma, (len(vectors), 1)))


def _doubt(vectors: FloatArray) -> FloatArray:
    """(C,) how unusual cameras are, in squared standard deviations; places behind a goal are unusual in themselves."""
    behind_goal = np.abs(vectors[:, 0]) > 50
    return _prior(vectors).distance2(vectors) + BEHIND_GOAL_DOUBT * behind_goal


def is_one_view(first: Solution, second: Solution) -> bool:
    """Whether two solutions differ by no more than refinement does."""
    return bool((np.abs(first.vector - second.vector) < SAME).all())


def same_camera(anchor: FloatArray) -> Prior:
    """A camera that stands where the anchor (8,) does, turned and zoomed freely."""
    return Prior(np.where(HELD, anchor, PRIOR_MEAN), SAME_CAMERA_SIGMA)
