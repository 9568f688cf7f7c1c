"""The director: which camera is on air when. Video time is live time; a replay shows an earlier moment.

Cuts come a moment after a stop and go back to the main camera before the restart, or too late for it: then that event
is "not shown", as often as in SoccerNet-v2's labels.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from analysis.core.records import CameraShot, ReplayLink
from analysis.synthetic.clock import ms_of_frame
from analysis.synthetic.records import RATE_HZ, MatchEvent, MatchPlay

MAIN = "Main camera center"
CLOSE_UP = "Close-up player or field referee"
CORNER = "Close-up corner"

# Share of restarts missed, SoccerNet-v2 validation labels.
NOT_SHOWN = {
    "Throw-in": 0.30,
    "Clearance": 0.57,
    "Indirect free-kick": 0.48,
    "Kick-off": 0.75,
    "Corner": 0.14,
    "Direct free-kick": 0.13,
    "Penalty": 0.0,
}
# Chance of a replay after an event, and how long before it the replay begins, seconds.
REPLAYED = {
    "Goal": (1.0, 5.5),
    "Shots on target": (0.5, 4.0),
    "Shots off target": (0.55, 4.0),
    "Foul": (0.45, 2.5),
    "Offside": (0.45, 3.0),
    "Penalty": (0.8, 3.0),
}
REPLAY_CAMERAS = (
    "Main behind the goal", "Spider camera", "Goal line technology camera", "Close-up behind the goal",
    "Inside the goal", "Main camera left", "Main camera right", CLOSE_UP,
)  # fmt: skip
CUTAWAYS = {
    CLOSE_UP: 0.62,
    "Close-up side staff": 0.1,
    "Public": 0.09,
    "Main behind the goal": 0.05,
    "Spider camera": 0.03,
    "Close-up behind the goal": 0.06,
    "other": 0.05,
}
STOPS = frozenset({"Ball out of play", "Foul", "Offside", "Goal"})
_SHORTEST = 2 * RATE_HZ
_LEAST_GAP_S = 3.0
_CORNER_SHARE = 0.4
"""Of the cutaways before a corner, those that show its taker from the corner flag."""


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
        subject: index of the person who is followed, or None.
    """

    start: int
    stop: int
    camera: str
    transition: str
    is_replay: bool
    first_moment: int
    speed: float = 1.0
    event: int | None = None
    subject: int | None = None

    def moments(self) -> np.ndarray:
        """(F,) frames of the match, one for each frame of the shot."""
        return self.first_moment + np.floor(np.arange(self.stop - self.start) * self.speed).astype(
            np.int64
        )

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


def replay_links(shots: tuple[Shot, ...], events: tuple[MatchEvent, ...]) -> list[ReplayLink]:
    """What each replay repeats."""
    return [
        ReplayLink(
            ms_of_frame(s.start), ms_of_frame(s.stop), ms_of_frame(events[s.event].frame), 1.0
        )
        for s in shots
        if s.is_replay and s.event is not None
    ]


def repeated_event(labels: Sequence[str], frames: Sequence[int], stop: int) -> int:
    """The event worth a replay in the pause after event ``stop``: a shot just before the ball went out, else the stop.

    Args:
        labels, frames: of all events, in time order; frames at 25 a second.
        stop: index of the event that stopped play.
    """
    for k in range(stop, max(-1, stop - 3), -1):
        if labels[k] in REPLAYED and frames[stop] - frames[k] < 4 * RATE_HZ:
            if labels[k] == "Shots on target" and labels[stop] == "Goal":
                continue
            return k
    return stop


def direct(
    play: MatchPlay, rng: np.random.Generator, *, only_goals: bool = False
) -> tuple[Shot, ...]:
    """All shots of a video, from the first frame to the last.

    Args:
        play: the match.
        rng: the director's taste.
        only_goals: stay on the main camera but for goals, and miss nothing.
    """
    desk = _Desk(play, rng, only_goals=only_goals)
    for begin, end in desk.pauses():
        desk.fill(begin, end)
    desk.main_until(play.n_frames)
    return tuple(desk.shots)


@dataclass
class _Desk:
    """Shots chosen so far; time only goes forward."""

    play: MatchPlay
    rng: np.random.Generator
    only_goals: bool
    shots: list[Shot] = field(default_factory=list)
    now: int = 0
    next_transition: str = "abrupt"
    corner_taker: int | None = None

    def pauses(self) -> list[tuple[int, int]]:
        """(index of the event that stops play, index of the restart) with time between for other cameras."""
        found = []
        stop: int | None = None
        for k, event in enumerate(self.play.events):
            if event.label in NOT_SHOWN:
                if (
                    stop is not None
                    and event.frame - self.play.events[stop].frame > _LEAST_GAP_S * RATE_HZ
                ):
                    found.append((stop, k))
                stop = None
            elif stop is None and event.label in STOPS:
                stop = k
        if self.only_goals:
            found = [pair for pair in found if self.play.events[pair[0]].label == "Goal"]
        return found

    def main_until(self, frame: int) -> None:
        """The main camera from now on."""
        if frame > self.now:
            self.shots.append(
                Shot(
                    self.now,
                    frame,
                    MAIN,
                    self.next_transition,
                    is_replay=False,
                    first_moment=self.now,
                )
            )
            self.now, self.next_transition = frame, "abrupt"

    def fill(self, stop: int, restart: int) -> None:
        """Cutaways and replays between a stop and the restart."""
        events, rng = self.play.events, self.rng
        begin = events[stop].frame + int(rng.uniform(0.8, 2.4) * RATE_HZ)
        back = events[restart].frame - int(rng.uniform(1.2, 3.5) * RATE_HZ)
        misses = not self.only_goals and rng.random() < NOT_SHOWN[events[restart].label]
        if misses:
            back = events[restart].frame + int(rng.uniform(0.3, 2.0) * RATE_HZ)
        back = min(back, self.play.n_frames - 1)
        shows = self.only_goals or misses or rng.random() < (back - begin) / (11 * RATE_HZ)
        if begin < self.now + _SHORTEST or back - begin < _SHORTEST or not shows:
            return
        self.main_until(begin)
        self.corner_taker = events[restart].person if events[restart].label == "Corner" else None
        cause = repeated_event([e.label for e in events], [e.frame for e in events], stop)
        self._cutaway(min(back, self.now + self._length(2.0, 5.0)), events[cause].person)
        room = back - self.now
        chance, lead_s = REPLAYED.get(events[cause].label, (0.0, 0.0))
        if room > 5 * RATE_HZ and rng.random() < chance:
            self._replay(cause, lead_s, back)
        while back - self.now > _SHORTEST:
            left = back - self.now
            length = min(self._length(2.0, 6.0), left)
            self._cutaway(self.now + (left if left - length < _SHORTEST else length), None)

    def _length(self, least_s: float, most_s: float) -> int:
        return int(self.rng.uniform(least_s, most_s) * RATE_HZ)

    def _cutaway(self, until: int, subject: int | None) -> None:
        camera = str(self.rng.choice(list(CUTAWAYS), p=np.array(list(CUTAWAYS.values()))))
        if subject is None and self.corner_taker is not None and self.rng.random() < _CORNER_SHARE:
            camera, subject = CORNER, self.corner_taker
        elif subject is not None:
            camera = CLOSE_UP
        elif camera == CLOSE_UP:
            there = np.flatnonzero(np.isfinite(self.play.person_xy_m[self.now, :, 0]))
            subject = int(self.rng.choice(there)) if len(there) else None
        transition = (
            self.next_transition
            if self.next_transition != "abrupt"
            else str(self.rng.choice(["abrupt", "smooth"], p=[0.92, 0.08]))
        )
        shot = Shot(
            self.now,
            until,
            camera,
            transition,
            is_replay=False,
            first_moment=self.now,
            subject=subject,
        )
        self.shots.append(shot)
        self.now, self.next_transition = until, "abrupt"

    def _replay(self, cause: int, lead_s: float, back: int) -> None:
        """One to three angles in slow motion, a logo before the first and after the last."""
        event = self.play.events[cause]
        start = len(self.shots)
        n_angles = (
            int(self.rng.integers(1, 4))
            if event.label == "Goal"
            else 1 + int(self.rng.random() < 0.25)
        )
        for _ in range(n_angles):
            speed = float(self.rng.uniform(0.45, 0.75))
            length = int((lead_s + 1.6) * RATE_HZ / speed)
            if self.now + length > back - _SHORTEST:
                speed = max(speed, 0.8)
                length = min(int((lead_s + 1.0) * RATE_HZ / speed), back - _SHORTEST - self.now)
            if length < 2.5 * RATE_HZ:
                break
            first = max(0, event.frame - int((length / RATE_HZ * speed - 1.0) * RATE_HZ))
            camera = str(self.rng.choice(REPLAY_CAMERAS))
            self.shots.append(
                Shot(
                    self.now,
                    self.now + length,
                    camera,
                    "abrupt",
                    is_replay=True,
                    first_moment=first,
                    speed=speed,
                    event=cause,
                    subject=event.person,
                )
            )
            self.now += length
        if len(self.shots) > start:
            self.shots[start] = replace(self.shots[start], transition="logo")
            self.next_transition = "logo"
