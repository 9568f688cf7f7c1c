"""Players in the formations that the Laws prescribe, moved through time: two samples a second."""

import numpy as np

from tests.analysis import scenes

HOME, AWAY = 0, 1


def kick_off_places(random):
    """(20, 2) places and teams: everybody in the own half, two of home at the centre spot."""
    home = np.c_[random.uniform(-45, -3, 10), random.uniform(-30, 30, 10)]
    away = np.c_[random.uniform(11, 45, 10), random.uniform(-30, 30, 10)]
    home[0], home[1] = (-0.4, 0.2), (-1.0, 1.6)
    return np.concatenate([home, away]), np.repeat([HOME, AWAY], 10)


def open_play_places(random):
    """(20, 2): both teams mixed round a place left of the middle."""
    return random.normal([-15, 0], [14, 14], (20, 2)), np.repeat([HOME, AWAY], 10)


def corner_places(random):
    """(20, 2): one attacker at the far right flag, twelve people before the goal."""
    places = random.uniform([39, -12], [51, 12], (20, 2))
    places[0] = (52.6, 34.4)
    places[13:] = random.uniform([5, -20], [30, 20], (7, 2))
    return places, np.repeat([HOME, AWAY], 10)


def throw_in_places(random):
    """(20, 2): one of away behind the near touch-line, the others within twenty metres of it."""
    places = np.c_[random.uniform(-2, 22, 20), random.uniform(-31, -12, 20)]
    places[15] = (10.0, -34.5)
    return places, np.repeat([HOME, AWAY], 10)


def penalty_places(random):
    """(20, 2): keeper and taker alone in the right area."""
    places = np.c_[random.uniform(30, 35.4, 20), random.uniform(-25, 25, 20)]
    places[0] = (39.0, 0.5)
    places[19] = (52.3, 0.0)
    return places, np.repeat([HOME, AWAY], 10)


def wall_places(random):
    """(20, 2): four of away in a wall 9.15 m before a ball 24 m out, the taker behind it."""
    places = np.c_[random.uniform(36, 50, 20), random.uniform(-20, 20, 20)]
    places[0] = (28.0, 6.3)
    for i in range(4):
        places[10 + i] = (37.6, 3.0 + 0.6 * i)
    return places, np.repeat([HOME, AWAY], 10)


def still(places, n_samples, random):
    """(n_samples, P, 2): people who shift their weight."""
    return places[None] + random.normal(0, 0.12, (n_samples, *places.shape))


def moving(start, n_samples, random):
    """(n_samples, P, 2): everybody runs off in a direction of his own, 3 to 6 m a second, within the pitch."""
    angle = random.uniform(0, 2 * np.pi, len(start))
    speed = random.uniform(3, 6, len(start))
    step = 0.5 * speed[:, None] * np.c_[np.cos(angle), np.sin(angle)]
    path = start[None] + step[None] * np.arange(1, n_samples + 1)[:, None, None]
    # Reflected at the lines: nobody sticks to a corner.
    reach = np.array([51.0, 32.5])
    return reach - np.abs((path + reach) % (4 * reach) - 2 * reach)


def streams_of(paths, teams, look=None):
    """Streams of paths (T, P, 2) of people whose teams (P,) are known; the camera follows their middle."""
    n_samples, n_people = paths.shape[:2]
    times = np.repeat(np.arange(n_samples) * 500, n_people)
    track = scenes.players_track(times, paths.reshape(-1, 2), team=np.tile(teams, n_samples))
    calibrations = scenes.calibration_track(n_samples)
    for t in range(n_samples):
        middle = paths[t].mean(axis=0) if look is None else look
        pan = np.rad2deg(np.arctan2(middle[0], middle[1] + 70))
        matrix = scenes.camera(pan).image_from_pitch
        calibrations.image_from_pitch[t] = matrix / matrix[2, 2]
    return {"players": track, "calibrations": calibrations}


def staged(formation, seed=0, n_before=10, n_still=12, n_after=12):
    """Streams of open play, a still formation, and its end; the moment is ``(n_before + n_still - 1) * 500`` ms."""
    random = np.random.default_rng(seed)
    places, teams = formation(random)
    before, _ = open_play_places(random)
    after = moving(places, n_after, random)
    # Takers and throwers step into the pitch, as they do.
    paths = np.concatenate(
        [moving(before, n_before, random), still(places, n_still, random), after]
    )
    return streams_of(paths, teams), (n_before + n_still - 1) * 500


def sample_match():
    """A kick-off, open play and a corner in one stream."""
    random = np.random.default_rng(3)
    kick_off, teams = kick_off_places(random)
    corner, _ = corner_places(random)
    paths = np.concatenate([
        still(kick_off, 6, random), moving(kick_off, 20, random), still(corner, 16, random), moving(corner, 10, random)
    ])  # fmt: skip
    return streams_of(paths, teams)
