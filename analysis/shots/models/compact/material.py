"""What the network learns from: short pieces of all kinds of cameras out of the simulator, and pieces of real films.

A parade is a match whose director shows every kind of camera in turn, two seconds each. Its pieces are kept as
thumbnails, and some of their pictures at twice the size of what the looks are judged from.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.core.vocabulary import CAMERAS
from analysis.synthetic.director import CLOSE_UP, CUTAWAYS, MAIN, REPLAY_CAMERAS, Shot
from analysis.synthetic.frames import random_frames
from analysis.synthetic.match import SyntheticMatch, simulate_match
from analysis.synthetic.operator import follow_ball
from analysis.synthetic.play import play_sample
from analysis.synthetic.randomisation import draw_look
from analysis.video.thumbnails import of_image

PIECE_FRAMES = 48
PICTURE_PX = (160, 90)
_DRAWN_PX = (256, 144)
_PICTURES_AT = (1, 23, 46)
_STILL_STEP, _AWAY_FRAMES = 12, 13
_WIDE_KINDS = {"main": 0.45, "scouting": 0.25, "tactical": 0.1, "behind_goal": 0.2}
_N_EXTRA_MAIN, _N_EXTRA = 5, 8


@dataclass(frozen=True, slots=True)
class Pieces:
    """N pieces of films.

    Args:
        thumbs: (N, 48, 36, 64, 3) YUV, see ``video.thumbnails``.
        pictures: (N, 3, 90, 160, 3) RGB of each piece.
        camera: (N,) index in ``vocabulary.CAMERAS``; -1 where unknown.
    """

    thumbs: NDArray[np.uint8]
    pictures: NDArray[np.uint8]
    camera: NDArray[np.int64]

    def save(self, path: Path) -> None:
        """Write an npz."""
        np.savez_compressed(path, thumbs=self.thumbs, pictures=self.pictures, camera=self.camera)


def load_pieces(folder: Path) -> Pieces:
    """All pieces of a folder's files, in the order of their names."""
    parts = [np.load(path) for path in sorted(folder.glob("*.npz"))]
    return Pieces(
        *(
            np.concatenate([part[name] for part in parts])
            for name in ("thumbs", "pictures", "camera")
        )
    )


def parade_pieces(seed: int) -> Pieces:
    """Pieces of one simulated parade."""
    match = parade(seed)
    images = (frame.image for frame in match.frames())
    return _collected(images, [CAMERAS.index(shot.camera) for shot in match.shots])


def parade_pictures(seed: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """(pictures (N, 90, 160, 3), cameras (N,)) of a parade, two of every shot: cheap where no motion is learned."""
    match = replace(parade(seed), frame_step=PIECE_FRAMES // 2)
    pictures = [_small(frame.image) for frame in match.frames()]
    cameras = np.repeat([CAMERAS.index(shot.camera) for shot in match.shots], 2)
    return np.array(pictures), np.asarray(cameras, np.int64)


def broadcast_pictures(seed: int, minutes: float) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """(pictures, cameras) of what a director shows besides the main camera, and a little of that one.

    Every camera follows whom a director would have it follow, which a parade's does not.
    """
    rng = np.random.default_rng([seed, 33])
    match = simulate_match(seed, minutes, _DRAWN_PX)
    trimmed = [_stills(rng, shot) for shot in match.shots]
    shots = tuple(shot for shot in trimmed if shot.stop > shot.start)
    # Only the times of these shots are drawn; a main camera's moments are where they were.
    alone = replace(match, shots=shots, frame_step=_STILL_STEP)
    pictures, cameras = [], []
    starts = np.array([shot.start for shot in shots])
    for frame in alone.frames():
        at = int(np.searchsorted(starts, frame.index * _STILL_STEP, "right")) - 1
        pictures.append(_small(frame.image))
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


def wide_pictures(seed: int, n_pictures: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """(pictures (N, 90, 160, 3), cameras (N,)) of main cameras, and some high ones behind goals, in many stadiums."""
    rng = np.random.default_rng(seed)
    stream = random_frames(rng, (2 * PICTURE_PX[0], 2 * PICTURE_PX[1]), kinds=_WIDE_KINDS)
    pictures, cameras = [], []
    for frame in islice(stream, n_pictures):
        pictures.append(_small(frame.image))
        name = "Main behind the goal" if frame.kind == "behind_goal" else MAIN
        cameras.append(CAMERAS.index(name))
    return np.array(pictures), np.array(cameras, np.int64)


def _collected(images: Iterator[NDArray[np.uint8]], cameras: list[int]) -> Pieces:
    thumbs, pictures = [], []
    for _ in cameras:
        piece = [next(images) for _ in range(PIECE_FRAMES)]
        thumbs.append([of_image(image) for image in piece])
        pictures.append([_small(piece[k]) for k in _PICTURES_AT])
    return Pieces(np.array(thumbs), np.array(pictures), np.array(cameras, np.int64))


def _small(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(image, PICTURE_PX, interpolation=cv2.INTER_AREA), np.uint8)


def parade(seed: int) -> SyntheticMatch:
    """A match in which every kind of camera is on air for two seconds."""
    rng = np.random.default_rng([seed, 31])
    others = [*CUTAWAYS, *REPLAY_CAMERAS]
    cameras = [
        *CAMERAS.labels,
        *[MAIN] * _N_EXTRA_MAIN,
        *(str(rng.choice(others)) for _ in range(_N_EXTRA)),
    ]
    rng.shuffle(cameras)
    n_frames = len(cameras) * PIECE_FRAMES
    play = play_sample(np.random.default_rng([seed, 1]), n_frames)
    path = follow_ball(play.ball_xyz_m, np.random.default_rng([seed, 2]), _DRAWN_PX)
    shots = tuple(
        _shot(rng, k * PIECE_FRAMES, camera, n_frames) for k, camera in enumerate(cameras)
    )
    look = draw_look(np.random.default_rng([seed, 3]))
    return SyntheticMatch(seed, play, path, shots, look, _DRAWN_PX)


def _shot(rng: np.random.Generator, start: int, camera: str, n_frames: int) -> Shot:
    is_slow = camera != MAIN and rng.random() < 0.4
    speed = float(rng.uniform(0.4, 0.8)) if is_slow else 1.0
    first = start if camera == MAIN else int(rng.integers(0, n_frames - PIECE_FRAMES))
    subject = int(rng.integers(0, 23)) if camera == CLOSE_UP or rng.random() < 0.5 else None
    return Shot(
        start, start + PIECE_FRAMES, camera, "abrupt",
        is_replay=bool(is_slow), first_moment=first, speed=speed, subject=subject,
    )  # fmt: skip
