"""The stadium's sound: a crowd that swells with danger and bursts at goals, a whistle at stops and kick-offs."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from analysis.synthetic.records import RATE_HZ, MatchPlay

SOUND_RATE_HZ = 16_000
_WHISTLE_HZ, _TRILL_HZ = 3300.0, 38.0
_SAMPLES_A_FRAME = SOUND_RATE_HZ // RATE_HZ
# Label -> (loudness at once, seconds until it is gone by two thirds).
_CHEERS = {
    "Goal": (3.2, 9.0), "Shots on target": (1.3, 3.0), "Shots off target": (1.2, 2.5), "Corner": (0.4, 4.0),
    "Foul": (0.5, 3.0), "Penalty": (0.9, 4.0), "Red card": (1.2, 6.0), "Yellow card": (0.6, 4.0),
    "Kick-off": (0.6, 5.0),
}  # fmt: skip


def stadium_sound(play: MatchPlay, rng: np.random.Generator) -> Iterator[NDArray[np.int16]]:
    """Mono samples at 16 kHz, one second a piece (the last may be shorter); memory does not grow with length."""
    from scipy.signal import butter, sosfilt

    loudness = _loudness(play)
    low = butter(2, [180, 900], "bandpass", fs=SOUND_RATE_HZ, output="sos")
    high = butter(2, [900, 3800], "bandpass", fs=SOUND_RATE_HZ, output="sos")
    states = [np.zeros((len(low), 2)), np.zeros((len(high), 2))]
    drone = rng.uniform(0, 2 * np.pi)
    for start in range(0, play.n_frames, RATE_HZ):
        stop = min(start + RATE_HZ, play.n_frames)
        n_samples = (stop - start) * _SAMPLES_A_FRAME
        noise = rng.standard_normal(n_samples)
        murmur, states[0] = sosfilt(low, noise, zi=states[0])
        roar, states[1] = sosfilt(high, noise, zi=states[1])
        at = start + np.arange(n_samples) / _SAMPLES_A_FRAME
        level = np.interp(at, np.arange(play.n_frames), loudness)
        chant = 1 + 0.12 * np.sin(2 * np.pi * at / RATE_HZ * 0.9 + drone)
        samples = (0.09 * murmur * chant + 0.05 * roar * level) * (0.5 + level)
        samples += _whistles(play, start, n_samples)
        yield np.clip(samples * 32767, -32767, 32767).astype(np.int16)


def _loudness(play: MatchPlay) -> NDArray[np.float64]:
    """(T,) 0.3 at rest, about 1 when the ball is near a goal, more after shots and goals."""
    depth = np.clip((np.abs(play.ball_xyz_m[:, 0].astype(np.float64)) - 25) / 25, 0, 1)
    danger = 0.3 + 0.6 * depth * np.where(play.is_live, 1.0, 0.4)
    keep = np.exp(-1 / (2.0 * RATE_HZ))
    from scipy.signal import lfilter

    level = lfilter([1 - keep], [1.0, -keep], danger - 0.3) + 0.3
    frames = np.arange(play.n_frames)
    for event in play.events:
        if event.label in _CHEERS:
            size, fade_s = _CHEERS[event.label]
            reach = frames[event.frame : event.frame + int(5 * fade_s * RATE_HZ)]
            since = (reach - event.frame) / RATE_HZ
            level[reach] += size * np.exp(-since / fade_s) * np.minimum(1.0, 0.3 + since)
    return np.asarray(level)


def _whistles(play: MatchPlay, start: int, n_samples: int) -> NDArray[np.float64]:
    """Whistle blasts that sound within a second that begins at frame ``start``."""
    samples = np.zeros(n_samples)
    time_s = np.arange(n_samples) / SOUND_RATE_HZ
    for k, frame in enumerate(play.whistles):
        begin = (frame - start) / RATE_HZ
        length = 0.35 + 0.25 * (k % 3)
        if begin > 1.0 or begin + length < 0:
            continue
        since = time_s - begin
        trill = np.sin(2 * np.pi * _TRILL_HZ * since)
        tone = np.sin(2 * np.pi * _WHISTLE_HZ * since + 2.2 * trill)
        samples += np.where((since >= 0) & (since < length), 0.16 * tone * (0.7 + 0.3 * trill), 0.0)
    return samples
