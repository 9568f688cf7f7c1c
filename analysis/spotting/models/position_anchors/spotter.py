"""The spotter: scene from the streams, dense anchors from the network, spots with probabilities from the anchors."""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from analysis.core.pitch import PitchSpec
from analysis.core.records import ActionSpot, Stream
from analysis.core.vocabulary import SOCCERNET_V2
from analysis.spotting.models.position_anchors.confidence import Confidences, bundled
from analysis.spotting.models.position_anchors.decode import Candidate, candidates
from analysis.spotting.models.position_anchors.network import REACH, PositionNetwork
from analysis.spotting.models.position_anchors.scene import RATE_HZ, Scene, build_scene
from analysis.spotting.models.position_anchors.settings import Settings
from analysis.temporal.chunks import plan_chunks

FloatArray = NDArray[np.float64]

WINDOW = 1200
BORDER = REACH + REACH % 2
"""Windows that overlap by what the network looks at, and begin at even samples, give the same as one pass."""
SURE_OF_TEAM = 0.7
# A stretch that begins in the middle of a match: what seems to end in its first moments has no beginning to be told by.
UNSEEN_CAUSE_MS = 2000
KICK_OFF = SOCCERNET_V2.index("Kick-off")
NEAR_BALL_SAMPLES = 2
AT_BALL_M = 2.5
# Events that the one at the ball makes happen.
BY_WHO_HAS_THE_BALL = {
    "Penalty", "Kick-off", "Clearance", "Throw-in", "Indirect free-kick", "Direct free-kick", "Corner",
}  # fmt: skip


class PositionAnchors:
    """See the card."""

    def __init__(self, settings: Settings, weights: Mapping[str, Tensor], device: str) -> None:
        self.settings, self.device = settings, device
        network = PositionNetwork(len(SOCCERNET_V2))
        network.load_state_dict(dict(weights))
        self.network = network.eval().to(device)
        is_foreign = settings.weights and not settings.tuned_sha256
        self.confidences = Confidences.all_raw() if is_foreign else bundled()

    def spot(self, streams: Mapping[str, Stream], pitch: PitchSpec) -> list[ActionSpot]:
        """Candidates in time order with calibrated probabilities; none where nobody was ever located."""
        scene = build_scene(streams, pitch)
        if not len(scene) or not (scene.people[..., 7].any() or scene.ball[:, 4].any()):
            return []
        found = candidates(self.anchors(scene), least=0.003)
        last_ms = (len(scene) - 1) * 1000 / RATE_HZ
        spots = [
            spot
            for one in found
            if one.time_ms <= last_ms
            and (one.time_ms >= UNSEEN_CAUSE_MS or one.label == KICK_OFF)
            and (spot := self._spot(one, scene, pitch)).confidence >= self.settings.least_confidence
            and self.confidences.emits(one.label)
        ]
        return sorted(spots, key=lambda spot: (spot.position_ms, spot.label))

    @torch.inference_mode()
    def anchors(self, scene: Scene) -> FloatArray:
        """(T, 3, C): raw confidence 0..1, displacement -1..1, home 0..1."""
        n_samples = len(scene)
        output = np.zeros((n_samples, 3, len(SOCCERNET_V2)))
        for chunk in plan_chunks(n_samples, WINDOW, BORDER):
            # An odd beginning of the last window would pair the samples otherwise.
            start = chunk.start - chunk.start % 2
            part = slice(start, chunk.start + WINDOW)
            inputs = [
                torch.from_numpy(values[part])[None].to(self.device)
                for values in (scene.people, scene.ball, scene.view)
            ]
            raw = self.network(*inputs)[0]
            raw[:, 0], raw[:, 2] = torch.sigmoid(raw[:, 0]), torch.sigmoid(raw[:, 2])
            kept = raw[chunk.keep_from - start : chunk.keep_to - start]
            output[chunk.keep_from : chunk.keep_to] = kept.double().cpu().numpy()
        return output

    def _spot(self, one: Candidate, scene: Scene, pitch: PitchSpec) -> ActionSpot:
        label = SOCCERNET_V2.labels[one.label]
        team = None
        if max(one.is_home, 1 - one.is_home) >= SURE_OF_TEAM:
            team = "home" if one.is_home > 0.5 else "away"
        elif label in BY_WHO_HAS_THE_BALL:
            team = _team_at_ball(one, scene)
        return ActionSpot(
            half=self.settings.half,
            position_ms=scene.start_ms + round(one.time_ms),
            label=label,
            confidence=self.confidences.probability(one.label, one.confidence),
            team=team,
            pitch_xy_m=_place(one, scene, pitch),
        )


def _ball_sample(one: Candidate, scene: Scene) -> int | None:
    """The sample nearest to an event in which the ball was seen, within a second of it."""
    at = round(one.time_ms * RATE_HZ / 1000)
    near = np.arange(max(0, at - NEAR_BALL_SAMPLES), min(len(scene), at + NEAR_BALL_SAMPLES + 1))
    near = near[scene.ball[near, 4] > 0]
    return int(near[np.argmin(np.abs(near - at))]) if len(near) else None


def _team_at_ball(one: Candidate, scene: Scene) -> str | None:
    """The team of whoever is nearest to the ball, when he is near."""
    sample = _ball_sample(one, scene)
    if sample is None:
        return None
    people = scene.people[sample]
    gap = np.linalg.norm(people[:, :2] - scene.ball[sample, :2], axis=1)
    gap = np.where((people[:, 7] > 0) & (people[:, 4] != 0), gap, np.inf)
    nearest = int(gap.argmin())
    if not gap[nearest] <= AT_BALL_M:
        return None
    return "home" if people[nearest, 4] > 0 else "away"


def _place(one: Candidate, scene: Scene, pitch: PitchSpec) -> tuple[float, float] | None:
    """Where the ball was seen within a second of the event, on the match's own pitch."""
    sample = _ball_sample(one, scene)
    if sample is None:
        return None
    x, y = scene.ball[sample, :2]
    return float(x) * pitch.length_m / 105.0, float(y) * pitch.width_m / 68.0
