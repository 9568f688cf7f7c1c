"""Transitions made on thumbnails: cuts, dissolves and wipes between any two pieces, and what must not be taken for one.

After Soucek and Lokoc 2020, TransNet V2: what a transition looks like hardly depends on what lies before and after it.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.core.vocabulary import TRANSITIONS
from analysis.shots.changes import features_of

FloatArray = NDArray[np.float32]
Thumbs = NDArray[np.uint8]

LENGTH = 160
ABRUPT, SMOOTH, LOGO = range(len(TRANSITIONS))
_SHARES = (0.5, 0.2, 0.3)
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
        following = _piece(rng, pieces)
        kind = int(rng.choice(3, p=_SHARES))
        at = len(film)
        if kind == ABRUPT:
            film = np.concatenate([film, following])
        elif kind == SMOOTH:
            n = int(min(rng.integers(4, 22), len(following) - 2, at - 2))
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
    length = int(rng.integers(14, len(piece) + 1))
    first = int(rng.integers(0, len(piece) - length + 1))
    piece = piece[first : first + length]
    if rng.random() < 0.15:
        piece = piece[np.floor(np.arange(len(piece)) * rng.uniform(0.4, 0.8)).astype(int)]
    if rng.random() < 0.4:
        gain, shift = rng.uniform(0.6, 1.3), rng.uniform(-25, 25)
        luma = np.clip(piece[..., :1].astype(np.float32) * gain + shift, 0, 255)
        piece = np.concatenate([luma.astype(np.uint8), piece[..., 1:]], axis=3)
    return piece


def _dissolve(before: Thumbs, after: Thumbs) -> Thumbs:
    share = ((np.arange(len(before)) + 1) / (len(before) + 1)).astype(np.float32)[
        :, None, None, None
    ]
    return np.asarray(before * (1 - share) + after * share, np.uint8)


def _wipe(rng: np.random.Generator, film: Thumbs, at: int) -> None:
    """A shape that grows over the picture, covers it about ``at``, and goes away; in place."""
    half = int(rng.integers(5, 19))
    hold = int(rng.integers(0, 6))
    colour = rng.integers(0, 256, 3)
    second = np.clip(colour + rng.integers(-90, 91, 3), 0, 255)
    angle = rng.uniform(0, 2 * np.pi)
    shape = rng.integers(3)
    texture = np.empty((36, 64, 3), np.float32)
    texture[:] = colour
    if rng.random() < 0.6:
        texture[:, :: int(rng.integers(2, 9))] = second
    texture = cv2.GaussianBlur(texture, (0, 0), 0.8)
    emblem = float(rng.uniform(0, 14)) if rng.random() < 0.8 else 0.0
    y, x = np.mgrid[0:36, 0:64].astype(np.float32)
    for frame in range(max(0, at - half), min(len(film), at + half)):
        beside = max(0, abs(frame - at) - hold)
        closed = 1 - beside / max(half - hold, 1)
        leaves = frame >= at
        cover = _cover(x, y, closed, shape, angle, leaves=leaves)
        film[frame] = film[frame] * (1 - cover) + texture * cover
        if emblem and closed > 0.4:
            bright = tuple(int(255 - v) for v in colour)
            cv2.circle(film[frame], (32, 18), round(emblem * closed), bright, -1)


def _cover(
    x: FloatArray, y: FloatArray, closed: float, shape: int, angle: float, *, leaves: bool
) -> FloatArray:
    """(36, 64, 1) share of each pixel that the shape hides."""
    if shape == 0:
        reach = np.hypot(x - 32, y - 18) - closed * 38
    elif shape == 1:
        reach = np.minimum(x, 63 - x) - closed * 33
    else:
        along = (x - 32) * np.cos(angle) + (y - 18) * np.sin(angle)
        along = -along if leaves else along
        reach = along + 37 - closed * 76
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
