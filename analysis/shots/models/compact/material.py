"""What transitions are learned from: short pieces of all kinds of cameras out of the simulator.

A parade is a match whose director shows every kind of camera in turn, two seconds each. Its pieces are kept as
thumbnails, and some of their pictures at twice the size of what the looks are judged from.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.core.vocabulary import CAMERAS
from analysis.synthetic.director import CLOSE_UP, CUTAWAYS, MAIN, REPLAY_CAMERAS, Shot
from analysis.synthetic.match import SyntheticMatch
from analysis.synthetic.operator import follow_ball
from analysis.synthetic.play import play_sample
from analysis.synthetic.randomisation import draw_look
from analysis.video.thumbnails import of_image

PIECE_FRAMES = 48
PICTURE_PX = (160, 90)
DRAWN_PX = (256, 144)
_PICTURES_AT = (1, 23, 46)
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


def _collected(images: Iterator[NDArray[np.uint8]], cameras: list[int]) -> Pieces:
    thumbs, pictures = [], []
    for _ in cameras:
        piece = [next(images) for _ in range(PIECE_FRAMES)]
        thumbs.append([of_image(image) for image in piece])
        pictures.append([small(piece[k]) for k in _PICTURES_AT])
    return Pieces(np.array(thumbs), np.array(pictures), np.array(cameras, np.int64))


def small(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture at ``PICTURE_PX``."""
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
    path = follow_ball(play.ball_xyz_m, np.random.default_rng([seed, 2]), DRAWN_PX)
    shots = tuple(
        _shot(rng, k * PIECE_FRAMES, camera, n_frames) for k, camera in enumerate(cameras)
    )
    look = draw_look(np.random.default_rng([seed, 3]))
    return SyntheticMatch(seed, play, path, shots, look, DRAWN_PX)


def _shot(rng: np.random.Generator, start: int, camera: str, n_frames: int) -> Shot:
    is_slow = camera != MAIN and rng.random() < 0.4
    speed = float(rng.uniform(0.4, 0.8)) if is_slow else 1.0
    first = start if camera == MAIN else int(rng.integers(0, n_frames - PIECE_FRAMES))
    subject = int(rng.integers(0, 23)) if camera == CLOSE_UP or rng.random() < 0.5 else None
    return Shot(
        start, start + PIECE_FRAMES, camera, "abrupt",
        is_replay=bool(is_slow), first_moment=first, speed=speed, subject=subject,
    )  # fmt: skip
