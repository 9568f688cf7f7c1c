"""The director: which camera is on air when. Video time is live time; a replay shows an earlier moment."""

from dataclasses import dataclass

from analysis.core.records import CameraShot, ReplayLink
from analysis.synthetic.clock import ms_of_frame


@dataclass(frozen=True, slots=True)
class Shot:
    """One camera on air: frames [start, stop) of the video.

    Args:
        camera: in ``vocabulary.CAMERAS``.
        transition: into this shot, in ``vocabulary.TRANSITIONS``.
        is_replay: whether it shows an earlier moment.
        first_moment: frame of the match shown first.
        speed: match frames a video frame; below 1 is slow motion.
        event: index of the event that a replay repeats, or None.
    """

    start: int
    stop: int
    camera: str
    transition: str
    is_replay: bool
    first_moment: int
    speed: float = 1.0
    event: int | None = None

    def record(self) -> CameraShot:
        """As every reader of shots knows it."""
        return CameraShot(
            ms_of_frame(self.start),
            ms_of_frame(self.stop),
            self.camera,
            self.transition,
            self.is_replay,
            1.0,
        )


def direct_plain(n_frames: int) -> list[Shot]:
    """The main camera from beginning to end."""
    return [Shot(0, n_frames, "Main camera center", "abrupt", is_replay=False, first_moment=0)]


def replay_links(shots: list[Shot], event_frames: list[int]) -> list[ReplayLink]:
    """What each replay repeats."""
    return [
        ReplayLink(
            ms_of_frame(s.start), ms_of_frame(s.stop), ms_of_frame(event_frames[s.event]), 1.0
        )
        for s in shots
        if s.is_replay and s.event is not None
    ]
