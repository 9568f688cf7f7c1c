"""Transitions made on thumbnails: cuts, dissolves and wipes between any two pieces, and what must not be taken for one.

After Soucek and Lokoc 2020, TransNet V2: what a transition looks like hardly depends on what lies before and after it.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.core.vocabulary import TRANSITIONS
from analysis.shots.changes import features_of
from analysis.video.thumbnails import of_image

FloatArray = NDArray[np.float32]
Thumbs = NDArray[np.uint8]

LENGTH = 160
ABRUPT, SMOOTH, LOGO = range(len(TRANSITIONS))
_SHARES = (0.4, 0.28, 0.32)
PIECE_LEAST = 14
_LIKE_SHARE = 0.03
_NEAR = ((0, 1.0), (-1, 0.3), (1, 0.3))
"""A transition is wanted at its frame, and a little beside it."""


@dataclass(frozen=True, slots=True)
class Example:
    """``features`` (160, N_FEATURES) and ``wanted`` (160, 3) in 0..1: abrupt, smooth, logo."""

    features: FloatArray
    wanted: FloatArray


def compose(rng: np.random.Generator, pieces: Thumbs) -> Example:
    """One example out of random pieces (N, T, 36, 64, 3)."""
    film, wanted = _piece(rng, pieces), [[0.0, 0.0, 0.0]]
    marks: list[tuple[int, int]] = []
    while len(film) < LENGTH + 40:
        # Another view of the same scene is the hardest cut: mirrored, so that it is one.
        is_like = rng.random() < _LIKE_SHARE
        following = film[-PIECE_LEAST:, :, ::-1].copy() if is_like else _piece(rng, pieces)
        if is_like:
            following = np.concatenate([following, following[::-1]])
        kind = int(rng.choice(3, p=_SHARES))
        at = len(film)
        if kind == ABRUPT:
            film = np.concatenate([film, following])
        elif kind == SMOOTH:
            # Half of them as short as a live mixer's fastest.
            longest = 3 if rng.random() < 0.5 else 22
            n = min(int(rng.integers(1, longest + 1)), len(following) - 2, at - 2)
            film = np.concatenate([film[:-n], _dissolve(film[-n:], following[:n]), following[n:]])
            at -= n // 2
        else:
            film = np.concatenate([film, following])
            _wipe(rng, film, at)
        marks.append((at, kind))
    start = int(rng.integers(0, len(film) - LENGTH))
    wanted = np.zeros((LENGTH, 3), np.float32)
    for at, kind in marks:
        for beside, value in _NEAR:
            if 0 <= at + beside - start < LENGTH:
                wanted[at + beside - start, kind] = max(wanted[at + beside - start, kind], value)
    shown = _disturbed(rng, film[start : start + LENGTH].copy())
    return Example(features_of(shown), np.asarray(wanted, np.float32))


def _piece(rng: np.random.Generator, pieces: Thumbs) -> Thumbs:
    """A part of a piece, sometimes mirrored, darker, or slow with repeated pictures."""
    piece = pieces[rng.integers(len(pieces))]
    if rng.random() < 0.5:
        piece = piece[:, :, ::-1]
    length = int(rng.integers(PIECE_LEAST, len(piece) + 1))
    first = int(rng.integers(0, len(piece) - length + 1))
    piece = piece[first : first + length]
    if rng.random() < 0.15:
        piece = piece[np.floor(np.arange(len(piece)) * rng.uniform(0.4, 0.8)).astype(int)]
    if rng.random() < 0.4:
        gain, shift = rng.uniform(0.6, 1.3), rng.uniform(-25, 25)
        luma = np.clip(piece[..., :1].astype(np.float32) * gain + shift, 0, 255)
        piece = np.concatenate([luma.astype(np.uint8), piece[..., 1:]], axis=3)
    return piece


def moving_stills(rng: np.random.Generator, pictures: NDArray[np.uint8], n_pieces: int) -> Thumbs:
    """(n_pieces, 48, 36, 64, 3) pieces out of single RGB pictures (N, H, W, 3): a part of one, panned, zoomed, shaken.

    Half of them are so small a part that few people fill it, with the textures of real grass, kits and boards.
    """
    made = np.empty((n_pieces, 48, 36, 64, 3), np.uint8)
    height, width = pictures.shape[1:3]
    for piece in made:
        picture = pictures[rng.integers(len(pictures))]
        is_close = rng.random() < 0.5
        share = float(rng.uniform(0.16, 0.4) if is_close else rng.uniform(0.6, 0.92))
        zoom = float(rng.uniform(0.85, 1.18))
        pace = 0.014 if is_close else 0.006
        steps = (
            rng.normal(0, pace * share, (48, 2)).cumsum(0)
            + rng.normal(0, pace, 2) * np.arange(48)[:, None] * 0.4
        )
        middle = rng.uniform(share / 2, 1 - share / 2, 2)
        for frame, (dx, dy) in enumerate(steps):
            part = share * zoom ** (frame / 48)
            x, y = np.clip(middle + np.array([dx, dy]), part / 2, 1 - part / 2)
            left, top = int((x - part / 2) * width), int((y - part / 2) * height)
            cut = picture[top : top + int(part * height), left : left + int(part * width)]
            piece[frame] = of_image(cut)
    return made


def _dissolve(before: Thumbs, after: Thumbs) -> Thumbs:
    share = ((np.arange(len(before)) + 1) / (len(before) + 1)).astype(np.float32)[
        :, None, None, None
    ]
    return np.asarray(before * (1 - share) + after * share, np.uint8)


def _wipe(rng: np.random.Generator, film: Thumbs, at: int) -> None:
    """A shape that grows over the picture, covers most of it about ``at``, and goes away; in place."""
    coming, leaving, hold = (int(rng.integers(*limits)) for limits in ((2, 17), (2, 17), (0, 7)))
    if rng.random() < 0.3:
        coming, leaving, hold = min(coming, 5), min(leaving, 5), min(hold, 1)
    opacity = float(rng.uniform(0.5, 1.0)) if rng.random() < 0.35 else 1.0
    texture = _texture(rng)
    emblem = float(rng.uniform(2, 16)) if rng.random() < 0.7 else 0.0
    bright = tuple(int(v) for v in rng.integers(0, 256, 3))
    shapes = [_Shape.draw(rng)]
    shapes.append(_Shape.draw(rng) if rng.random() < 0.4 else shapes[0])
    for frame in range(max(0, at - coming - hold), min(len(film), at + leaving + hold)):
        beside = max(0, abs(frame - at) - hold)
        leaves = frame >= at
        closed = 1 - beside / (leaving if leaves else coming)
        cover = opacity * shapes[leaves].cover(closed, leaves=leaves)
        film[frame] = film[frame] * (1 - cover) + texture * cover
        if emblem and closed > 0.3:
            cv2.circle(film[frame], (32, 18), round(emblem * closed), bright, -1)


def _texture(rng: np.random.Generator) -> FloatArray:
    """(36, 64, 3) plain, striped or mottled."""
    colour = rng.integers(0, 256, 3)
    if rng.random() < 0.5:
        colour[1:] = 128 + rng.integers(-14, 15, 2)
    texture = np.empty((36, 64, 3), np.float32)
    texture[:] = colour
    draw = rng.random()
    if draw < 0.35:
        texture[:, :: int(rng.integers(2, 9))] += rng.integers(-90, 91, 3)
    elif draw < 0.75:
        coarse = rng.normal(0, rng.uniform(10, 60), (5, 8, 1)).astype(np.float32)
        texture += cv2.resize(coarse, (64, 36), interpolation=cv2.INTER_CUBIC)[..., None]
    return np.clip(cv2.GaussianBlur(texture, (0, 0), 0.8), 0, 255)


@dataclass(frozen=True, slots=True)
class _Shape:
    """What hides a picture: 0 a disc, 1 doors, 2 a sweeping edge, 3 a few discs that fly across, 4 many that grow."""

    kind: int
    angle: float
    discs: FloatArray

    @staticmethod
    def draw(rng: np.random.Generator) -> "_Shape":
        kind = int(rng.choice(5, p=[0.17, 0.15, 0.3, 0.22, 0.16]))
        if kind == 4:
            discs = rng.uniform([0, 0, 5], [64, 36, 13], (int(rng.integers(5, 15)), 3))
        else:
            discs = rng.uniform([-14, 0, 9], [14, 36, 24], (int(rng.integers(1, 4)), 3))
        return _Shape(kind, float(rng.uniform(0, 2 * np.pi)), discs.astype(np.float32))

    def cover(self, closed: float, *, leaves: bool) -> FloatArray:
        """(36, 64, 1) share of each pixel that it hides."""
        y, x = np.mgrid[0:36, 0:64].astype(np.float32)
        if self.kind == 0:
            reach = np.hypot(x - 32, y - 18) - closed * 38
        elif self.kind == 1:
            reach = np.minimum(x, 63 - x) - closed * 33
        elif self.kind == 2:
            along = (x - 32) * np.cos(self.angle) + (y - 18) * np.sin(self.angle)
            reach = (-along if leaves else along) + 37 - closed * 76
        elif self.kind == 4:
            reach = np.min(
                [np.hypot(x - cx, y - cy) - r * closed for cx, cy, r in self.discs], axis=0
            )
        else:
            way = 32 + (1 - closed) * 56 * (1 if leaves else -1)
            gaps = [np.hypot(x - way - dx, y - cy) - radius for dx, cy, radius in self.discs]
            reach = np.min(gaps, axis=0)
        return np.asarray(np.clip(0.5 - reach / 2, 0, 1)[..., None], np.float32)


def _disturbed(rng: np.random.Generator, film: Thumbs) -> Thumbs:
    """Flashes, captions that come and go, noise: nothing of it is a transition."""
    for _ in range(int(rng.poisson(0.5))):
        at, length = int(rng.integers(len(film))), int(rng.integers(1, 4))
        part = film[at : at + length, ..., 0]
        part[:] = np.clip(part.astype(np.float32) + rng.uniform(25, 110), 0, 255)
    if rng.random() < 0.4:
        first, last = np.sort(rng.integers(0, len(film), 2))
        top = int(rng.integers(0, 30))
        left, width = int(rng.integers(0, 30)), int(rng.integers(12, 40))
        film[first:last, top : top + int(rng.integers(3, 7)), left : left + width] = rng.integers(
            0, 256, 3
        )
    if rng.random() < 0.6:
        noise = rng.normal(0, rng.uniform(0.5, 3.0), film.shape)
        film = np.clip(film + noise, 0, 255).astype(np.uint8)
    return film
