"""Whether a film is a broadcast, told before anything else is done with it.

Only a broadcast has a main camera whose live pictures are worth telling from the rest. A film of one high camera behind
a goal, or from a tower, has none: it is measured as a whole.
"""

from collections.abc import Mapping

import numpy as np

from analysis.core.records import VideoInfo
from analysis.pipeline.on_air import MAIN
from analysis.pipeline.plan import Step
from analysis.pipeline.stages import Kitchen, Once, describe
from analysis.shots.base import LEAST_MAIN_SHARE
from analysis.video.decode import VideoSource

# Key pictures all over the film. A quarter to three quarters of what they may be is the main camera's in broadcasts, a
# sixteenth at most in films from behind a goal: the bound lies between them (``least_main_share`` of a shot finder).
N_GLANCES = 24


def shots_to_find(
    info: VideoInfo, shots: Step | None, methods: Mapping[str, Once], kitchen: Kitchen
) -> tuple[Step | None, dict[str, Once]]:
    """The step that finds shots and all methods, both without it for a film that is no broadcast.

    Every worker comes to the same answer; it is kept in the store.
    """
    others = {name: method for name, method in methods.items() if name != "shots"}
    if shots is None:
        return None, others
    least = float(shots.settings.get("least_main_share", LEAST_MAIN_SHARE))
    if least > 0 and main_camera_share(info, shots, methods["shots"], kitchen) < least:
        return None, others
    return shots, dict(methods)


def main_camera_share(info: VideoInfo, shots: Step, finder: Once, kitchen: Kitchen) -> float:
    """Mean probability of the main camera over pictures all over the film; 0 where none can be decoded."""
    key = kitchen.key("footage", video=info.sha256, glances=N_GLANCES, **describe(shots))
    if kitchen.store.has(key):
        return float(kitchen.store.load(key)[1]["main_camera_share"])
    times = info.start_ms + (np.arange(N_GLANCES) + 0.5) / N_GLANCES * info.duration_ms
    images = [frame.image for frame in VideoSource(info).key_frames(times.astype(int).tolist())]
    share = float(finder().looks(images)[:, MAIN].mean()) if images else 0.0
    kitchen.store.save(key, {}, {"main_camera_share": share, "pictures": len(images)})
    return share
