"""What looks are learned from: single pictures of all cameras, as directors use them and from places they might stand.

All pictures are (90, 160, 3) RGB, twice the size of what the looks are judged from.
"""

from collections.abc import Callable
from dataclasses import replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from analysis.core.camera import Camera
from analysis.core.vocabulary import CAMERAS
from analysis.shots.models.compact.material import DRAWN_PX, PICTURE_PX, PIECE_FRAMES, parade, small
from analysis.synthetic.director import MAIN, REPLAYED, Shot
from analysis.synthetic.frames import frames_at, random_frames
from analysis.synthetic.match import simulate_match
from analysis.synthetic.records import RATE_HZ

_STILL_STEP, _AWAY_FRAMES = 12, 13
_WIDE_KINDS = {"main": 0.45, "scouting": 0.25, "tactical": 0.1, "behind_goal": 0.2}
_REPLAY_MINUTES, _N_ANGLES = 12.0, 50
# Cameras that are taken for the main one, and how often each is drawn.
_ANGLES = {
    "Spider camera": 0.3, "Main behind the goal": 0.26, "Close-up behind the goal": 0.1, "Inside the goal": 0.06,
    "Main camera left": 0.1, "Main camera right": 0.1, "Goal line technology camera": 0.04, "Close-up corner": 0.04,
}  # fmt: skip
_A_STADIUM = 12

Pictures = tuple[NDArray[np.uint8], NDArray[np.int64]]


def parade_pictures(seed: int) -> Pictures:
    """(pictures (N, 90, 160, 3), cameras (N,)) of a parade, two of every shot: cheap where no motion is learned."""
    match = replace(parade(seed), frame_step=PIECE_FRAMES // 2)
    pictures = [small(frame.image) for frame in match.frames()]
    cameras = np.repeat([CAMERAS.index(shot.camera) for shot in match.shots], 2)
    return np.array(pictures), np.asarray(cameras, np.int64)


def broadcast_pictures(seed: int, minutes: float) -> Pictures:
    """(pictures, cameras) of what a director shows besides the main camera, and a little of that one.

    Every camera follows whom a director would have it follow, which a parade's does not.
    """
    rng = np.random.default_rng([seed, 33])
    match = simulate_match(seed, minutes, DRAWN_PX)
    trimmed = [_stills(rng, shot) for shot in match.shots]
    shots = tuple(shot for shot in trimmed if shot.stop > shot.start)
    # Only the times of these shots are drawn; a main camera's moments are where they were.
    alone = replace(match, shots=shots, frame_step=_STILL_STEP)
    pictures, cameras = [], []
    starts = np.array([shot.start for shot in shots])
    for frame in alone.frames():
        at = int(np.searchsorted(starts, frame.index * _STILL_STEP, "right")) - 1
        pictures.append(small(frame.image))
        cameras.append(CAMERAS.index(shots[at].camera))
    return np.array(pictures), np.array(cameras, np.int64)


def _stills(rng: np.random.Generator, shot: Shot) -> Shot:
    """The middle of a shot, one picture where it is the main camera's; its ends may show two cameras at once."""
    first, stop = shot.start + _AWAY_FRAMES, shot.stop - _AWAY_FRAMES
    if shot.camera == MAIN and not shot.is_replay and stop > first:
        first = int(rng.integers(first, stop))
    n_frames = max(0, min(stop - first, _STILL_STEP if shot.camera == MAIN else 6 * _STILL_STEP))
    moment = int(shot.first_moment + (first - shot.start) * shot.speed)
    return replace(
        shot, start=first, stop=first + n_frames, first_moment=moment, transition="abrupt"
    )


def wide_pictures(seed: int, n_pictures: int) -> Pictures:
    """(pictures (N, 90, 160, 3), cameras (N,)) of main cameras, and some high ones behind goals, in many stadiums."""
    rng = np.random.default_rng(seed)
    stream = random_frames(rng, (2 * PICTURE_PX[0], 2 * PICTURE_PX[1]), kinds=_WIDE_KINDS)
    pictures, cameras = [], []
    for frame in islice(stream, n_pictures):
        pictures.append(small(frame.image))
        name = "Main behind the goal" if frame.kind == "behind_goal" else MAIN
        cameras.append(CAMERAS.index(name))
    return np.array(pictures), np.array(cameras, np.int64)


def replay_pictures(seed: int) -> Pictures:
    """(pictures (N, 90, 160, 3), cameras (N,)) of events seen again by cameras that resemble the main one.

    Shots are as long as a director's, so that the ball leaves a camera that does not move with it.
    """
    rng = np.random.default_rng([seed, 34])
    match = simulate_match(seed, _REPLAY_MINUTES, DRAWN_PX)
    worth = [(k, event) for k, event in enumerate(match.play.events) if event.label in REPLAYED]
    shots, now = list[Shot](), 0
    for name in rng.choice(list(_ANGLES), _N_ANGLES, p=np.array(list(_ANGLES.values()))):
        number, event = worth[int(rng.integers(len(worth)))]
        speed, lead_s = float(rng.uniform(0.45, 1.0)), REPLAYED[event.label][1]
        n_frames = int((lead_s + 1.6) * RATE_HZ / speed)
        first = max(0, event.frame - int((n_frames / RATE_HZ * speed - 1.0) * RATE_HZ))
        if first + n_frames * speed < match.n_frames and now + n_frames < match.n_frames:
            shots.append(
                Shot(
                    now, now + n_frames, str(name), "abrupt", is_replay=True, first_moment=first, speed=speed,
                    event=number, subject=event.person,
                )
            )  # fmt: skip
            now += n_frames
    alone = replace(match, shots=tuple(shots), frame_step=2 * _STILL_STEP)
    starts = np.array([shot.start for shot in shots])
    pictures, cameras = [], []
    for frame in alone.frames():
        at = int(np.searchsorted(starts, frame.index * alone.frame_step, "right")) - 1
        pictures.append(small(frame.image))
        cameras.append(CAMERAS.index(shots[at].camera))
    return np.array(pictures), np.array(cameras, np.int64)


def posed_pictures(seed: int, n_pictures: int) -> Pictures:
    """(pictures (N, 90, 160, 3), cameras (N,)) from anywhere above the pitch, behind goals and far to the sides."""
    rng = np.random.default_rng([seed, 35])
    names = [str(name) for name in rng.choice(list(_POSES), n_pictures, p=_POSE_SHARES)]
    views = [_POSES[name](rng) for name in names]
    frames = frames_at(rng, views, a_stadium=_A_STADIUM)
    pictures = [small(frame.image) for frame in frames]
    return np.array(pictures), np.array([CAMERAS.index(name) for name in names], np.int64)


def _looking(
    rng: np.random.Generator,
    eye_m: tuple[float, float, float],
    at_m: tuple[float, float],
    wide_m: float,
) -> Camera:
    """A camera at ``eye_m`` that sees ``wide_m`` across at a place of the ground, a little beside the middle."""
    along, away = at_m[0] - eye_m[0], at_m[1] - eye_m[1]
    level = max(float(np.hypot(along, away)), 1.0)
    size_px = (2 * PICTURE_PX[0], 2 * PICTURE_PX[1])
    focal = max(size_px[0] * float(np.hypot(level, eye_m[2])) / wide_m, 0.55 * size_px[0])
    tilt = float(np.arctan2(eye_m[2], level)) + float(rng.normal(0, 0.05)) * size_px[1] / focal
    return Camera(
        eye_m, float(np.arctan2(along, away)), tilt, focal, size_px, float(rng.normal(0, 0.02))
    )


def _spider(rng: np.random.Generator) -> Camera:
    eye = (float(rng.uniform(-48, 48)), float(rng.normal(0, 13)), float(rng.uniform(8, 24)))
    reach, way = float(rng.uniform(8, 55)), float(rng.normal(0, 0.7))
    side = 1.0 if rng.random() < 0.5 else -1.0
    at = (
        float(np.clip(eye[0] + side * reach * np.cos(way), -52, 52)),
        float(np.clip(eye[1] + reach * np.sin(way), -32, 32)),
    )
    return _looking(rng, eye, at, float(rng.uniform(16, 60)))


def _behind_goal(rng: np.random.Generator) -> Camera:
    side = 1.0 if rng.random() < 0.5 else -1.0
    eye = (side * float(rng.uniform(58, 105)), float(rng.normal(0, 9)), float(rng.uniform(5, 48)))
    at = (side * float(rng.uniform(-15, 50)), float(rng.normal(0, 13)))
    return _looking(rng, eye, at, float(rng.uniform(24, 105)))


def _to_the_side(side: float) -> Callable[[np.random.Generator], Camera]:
    def draw(rng: np.random.Generator) -> Camera:
        eye = (
            side * float(rng.uniform(27, 45)),
            -float(rng.uniform(55, 90)),
            float(rng.uniform(8, 24)),
        )
        at = (float(rng.uniform(-48, 48)), float(rng.normal(2, 14)))
        return _looking(rng, eye, at, float(rng.uniform(16, 45)))

    return draw


_POSES: dict[str, Callable[[np.random.Generator], Camera]] = {
    "Spider camera": _spider,
    "Main behind the goal": _behind_goal,
    "Main camera left": _to_the_side(-1.0),
    "Main camera right": _to_the_side(1.0),
}
_POSE_SHARES = (0.38, 0.38, 0.12, 0.12)
