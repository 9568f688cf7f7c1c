"""A small match on film and tiny methods that really read it: squares on green, a camera that stands still."""

import sys
import textwrap

import numpy as np
import pytest

from analysis.core.registry import Family
from analysis.pipeline import plan
from analysis.video.encode import FilmWriter

SIZE_PX = (320, 208)
# 3 pixels a metre, the centre spot in the middle, y upwards.
IMAGE_FROM_PITCH = [[3.0, 0.0, 160.0], [0.0, -3.0, 104.0], [0.0, 0.0, 1.0]]

CALIBRATOR = '''
    """Knows where it stands where there is grass; every frame it answers is noted in a file."""
    from dataclasses import dataclass
    from pathlib import Path
    import numpy as np
    from analysis.core.records import Calibration

    @dataclass(frozen=True)
    class Settings:
        log: str = ""
        confidence: float = 0.9
        look_ahead: int = 3

    class Steady:
        def __init__(self, settings):
            self.settings = settings
        def calibrate(self, frames, pitch):
            waiting = []
            for frame in frames:
                waiting.append(frame)
                if len(waiting) > self.settings.look_ahead:
                    yield self.answer(waiting.pop(0))
            for frame in waiting:
                yield self.answer(frame)
        def answer(self, frame):
            if self.settings.log:
                with Path(self.settings.log).open("a") as log:
                    log.write(f"{frame.time_ms}\\n")
            red, green, blue = frame.image.reshape(-1, 3).mean(axis=0)
            if green < red + 40:
                return None
            matrix = np.array(MATRIX)
            return Calibration(matrix, frame.size_px, self.settings.confidence, "ok", "steady")

    def build(settings, device):
        return Steady(settings)
'''

DETECTOR = '''
    """Red and blue squares."""
    from dataclasses import dataclass
    import cv2
    import numpy as np
    from analysis.core.records import Detections

    @dataclass(frozen=True)
    class Settings:
        least_area: int = 4

        def __post_init__(self):
            if self.least_area < 0:
                raise ValueError("least_area is positive")

    class Squares:
        def __init__(self, settings):
            self.settings = settings
        def detect(self, frames, calibrations):
            return [self.one(frame.image) for frame in frames]
        def one(self, image):
            green = (image[:, :, 1] > 100) | (image.max(axis=2) < 60)
            count, _, stats, _ = cv2.connectedComponentsWithStats((~green).astype(np.uint8))
            rows = [s for s in stats[1:] if s[4] >= self.settings.least_area and s[2] < 20]
            boxes = np.array([[x, y, x + w, y + h] for x, y, w, h, _ in rows], float).reshape(-1, 4)
            colours = np.array([image[y + h // 2, x + w // 2] for x, y, w, h, _ in rows], float)
            n = len(boxes)
            return Detections(boxes, np.full(n, 0.9), np.full(n, -1), colours.reshape(-1, 3))

    def build(settings, device):
        return Squares(settings)
'''

REPRESENTATION = '''
    """How many people are seen."""
    from dataclasses import dataclass
    import numpy as np
    from analysis.core.records import FeatureSequence

    @dataclass(frozen=True)
    class Settings:
        pass

    class Counts:
        def build(self, half):
            counts = [len(half.players.at(int(t))) for t in half.calibrations.times_ms]
            return FeatureSequence(np.array(counts, np.float32)[:, None], 2.0)

    def build(settings, device):
        return Counts()
'''

SPOTTER = '''
    """A corner when anybody stands far right, a kick-off at the first sample."""
    from dataclasses import dataclass
    from analysis.core.records import ActionSpot

    @dataclass(frozen=True)
    class Settings:
        far_m: float = 13.0

    class FarRight:
        def __init__(self, settings):
            self.settings = settings
        def spot(self, streams, pitch):
            assert len(streams["counts"].values) == len(streams["calibrations"])
            players = streams["players"]
            spots = [ActionSpot(1, int(players.times_ms[0]), "Kick-off", 0.8)] if len(players) else []
            for i in range(len(players)):
                x, y = players.pitch_xy_m[i]
                if x > self.settings.far_m:
                    spots.append(ActionSpot(1, int(players.times_ms[i]), "Corner", 0.7, "home", (float(x), float(y))))
            return spots

    def build(settings, device):
        return FarRight(settings)
'''

CARDS = {
    "calibrators/steady": (CALIBRATOR, 'needs = ["frames"]'),
    "detectors/squares": (DETECTOR, ""),
    "representations/counts": (REPRESENTATION, 'needs = ["calibrations", "players"]'),
    "spotters/far_right": (SPOTTER, 'needs = ["counts", "players", "calibrations"]'),
    "spotters/hungry": (SPOTTER, 'needs = ["audio", "players"]'),
}

RECIPE = """
title = "Trial"
rate_hz = 2.0
floor = 0.5
[calibrate]
method = "steady"
[calibrate.settings]
log = {log!r}
[locate]
method = "squares"
[spot]
method = "far_right"
"""


@pytest.fixture
def trial(tmp_path, monkeypatch):
    """Families of tiny methods in place of the real ones, and a recipe that names them."""
    root = tmp_path / "methods" / "trial_methods"
    for name, (body, extra) in CARDS.items():
        folder = root / name
        folder.mkdir(parents=True)
        text = textwrap.dedent(body).replace("MATRIX", repr(IMAGE_FROM_PITCH)).lstrip()
        (folder / "__init__.py").write_text(text)
        (folder / "card.toml").write_text(
            f'title = "T"\nversion = "1"\nlimits = "a trial"\n{extra}\n'
        )
    for folder in {root, *(root / name.split("/")[0] for name in CARDS)}:
        (folder / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(root.parent))
    for constant, package in (
        ("CALIBRATORS", "calibrators"),
        ("DETECTORS", "detectors"),
        ("REPRESENTATIONS", "representations"),
        ("SPOTTERS", "spotters"),
    ):
        monkeypatch.setattr(plan, constant, Family(f"trial_methods.{package}"))
    path = tmp_path / "trial.toml"
    path.write_text(RECIPE.format(log=str(tmp_path / "calibrated.log")))
    yield path
    for name in [name for name in sys.modules if name.split(".")[0] == "trial_methods"]:
        del sys.modules[name]


@pytest.fixture
def calibrated_times(tmp_path):
    """How often the calibrator answered so far: times in order."""

    def read():
        log = tmp_path / "calibrated.log"
        return [int(line) for line in log.read_text().split()] if log.exists() else []

    return read


def picture(time_ms, *, is_grass=True, seed=0):
    """Green with eight red and eight blue people who drift to the right; grey where there is no pitch."""
    image = np.empty((SIZE_PX[1], SIZE_PX[0], 3), np.uint8)
    image[:] = (40, 140, 50) if is_grass else (120, 120, 120)
    if is_grass:
        grid = np.stack(np.meshgrid([-42, -25, -8, 9], [-25, -9, 8, 24]), axis=-1).reshape(16, 2)
        places = grid + np.random.default_rng(seed).uniform(-3, 3, (16, 2))
        for i, (x_m, y_m) in enumerate(places):
            x, y = int(160 + 3 * (x_m + time_ms / 1000)), int(104 - 3 * y_m)
            image[y - 6 : y, x - 2 : x + 2] = (220, 30, 30) if i < 8 else (30, 30, 220)
    return image


@pytest.fixture(scope="session")
def films(tmp_path_factory):
    """first.mp4 and second.mp4: 6 s of play; hall.mp4: no pitch; varying.mp4: play at odd times."""
    root = tmp_path_factory.mktemp("films")

    def film(name, times_ms, **look):
        with FilmWriter(root / name, SIZE_PX, 25.0, crf=12) as writer:
            for time_ms in times_ms:
                writer.write(picture(time_ms, **look), time_ms)

    film("first.mp4", range(0, 6000, 40))
    film("second.mp4", range(0, 6000, 40), seed=1)
    film("hall.mp4", range(0, 3000, 40), is_grass=False)
    film("varying.mp4", [*range(0, 1000, 40), *range(1000, 2000, 100), *range(2730, 4000, 70)])
    return root
