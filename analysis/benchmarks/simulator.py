"""The simulator: how fast it is, and how far its matches and pictures are from real ones.

Costs are processor seconds, so that other work on the machine does not count. Real counts of events are those of
SoccerNet-v2's 100 validation games, real movement is four minutes of one league match filmed by the same simulated
operator, real pictures are the labelled frames.
"""

import json
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.core.vocabulary import SOCCERNET_V2
from analysis.synthetic.frames import random_frames
from analysis.synthetic.match import SyntheticMatch, simulate_match, tracked_match
from analysis.synthetic.play import play_match
from analysis.synthetic.records import RATE_HZ, MatchPlay
from analysis.synthetic.statistics import match_statistics
from analysis.synthetic.truth import write_truth, write_video
from analysis.video.images import read_image

N_HALVES = 4
_HALF_S = 46 * 60
_PICTURE_PX = (64, 36)
_GAPS = (
    ("Ball out of play", "Throw-in"),
    ("Ball out of play", "Clearance"),
    ("Ball out of play", "Corner"),
    ("Throw-in", "Ball out of play"),
    ("Foul", "Indirect free-kick"),
    ("Goal", "Kick-off"),
)


def measure(data: Path) -> str:
    """The page."""
    plays = [
        play_match(np.random.default_rng([5, seed]), _HALF_S * RATE_HZ) for seed in range(N_HALVES)
    ]
    parts = [_speed()]
    labels = data / "spotting_labels" / "val.json"
    if labels.is_file():
        parts.append(_events(plays, json.loads(labels.read_text(encoding="utf-8"))))
    tracking = data / "tracking" / "eredivisie_tracab_25hz.csv.gz"
    if tracking.is_file():
        parts.append(_movement(tracking))
    if (data / "pitch_keypoints" / "annotations.json").is_file():
        parts.append(_pictures(data / "pitch_keypoints"))
    return "\n\n".join(parts) + "\n"


def _speed() -> str:
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        began = time.process_time()
        match = simulate_match(1, 20.0, (640, 360))
        write_truth(match, Path(folder))
        spent = time.process_time() - began
        rows.append(f"| 20 minutes of truth, no video | {spent:.1f} | {1200 / spent:.0f} x |")
        for size, minutes in (((640, 360), 1.0), ((1280, 720), 0.2)):
            match = simulate_match(1, minutes, size)
            began = time.process_time()
            write_video(match, Path(folder) / "match.mp4")
            spent = time.process_time() - began
            name = f"{minutes:g} minutes of video at {size[0]}x{size[1]}, rendered and encoded"
            rows.append(f"| {name} | {spent:.1f} | {minutes * 60 / spent:.2f} x |")
    stream = random_frames(np.random.default_rng(0), (640, 360))
    began = time.process_time()
    for _ in islice(stream, 60):
        pass
    rate = 60 / (time.process_time() - began)
    rows.append(f"| random training frames at 640x360 | {60 / rate:.1f} | {rate:.0f} a second |")
    return "\n".join(
        ["## Speed", "", "| what | core seconds | real time |", "|---|---|---|", *rows]
    )


def _events(plays: list[MatchPlay], real: list[dict[str, Any]]) -> str:
    ours = [[(e.frame / RATE_HZ, e.label) for e in play.events] for play in plays]
    theirs = [
        sorted(((e["frame"] + 0.5) / half["fps"], e["label"]) for e in half["events"])
        for half in real
    ]
    lines = [
        "## Events", "", f"{len(ours)} simulated first halves, {len(theirs)} real halves (both halves, which is why "
        "substitutions differ).", "", "| label | simulated a half | real a half |", "|---|---|---|",
    ]  # fmt: skip
    counts = [Counter(label for half in side for _, label in half) for side in (ours, theirs)]
    lines += [
        f"| {label} | {counts[0][label] / len(ours):.2f} | {counts[1][label] / len(theirs):.2f} |"
        for label in SOCCERNET_V2.labels
    ]
    lines += ["", "| from, to | simulated gap (s): 25 %, 50 %, 75 % | real |", "|---|---|---|"]
    for pair in _GAPS:
        texts = []
        for side in (ours, theirs):
            gaps = [b[0] - a[0] for half in side for a, b in pairwise(half) if (a[1], b[1]) == pair]
            texts.append(
                ", ".join(f"{v:.1f}" for v in np.percentile(gaps, [25, 50, 75])) if gaps else "none"
            )
        lines.append(f"| {pair[0]}, {pair[1]} | {texts[0]} | {texts[1]} |")
    return "\n".join(lines)


def _movement(tracking: Path) -> str:
    matches = [simulate_match(seed, 4.0, (1280, 720)) for seed in (4, 5)]
    ours = [match_statistics(match.play, _in_view(match)) for match in matches]
    real_match = tracked_match(1, tracking, None)
    theirs = match_statistics(real_match.play, _in_view(real_match))
    lines = ["## Movement", "", "| in play | simulated | real |", "|---|---|---|"]
    lines += [
        f"| {name} | {np.mean([one[name] for one in ours]):.1f} | {theirs[name]:.1f} |"
        for name in theirs
    ]
    return "\n".join(lines)


def _in_view(match: SyntheticMatch) -> NDArray[np.bool_]:
    """(T, P) who of the players is in the main camera's picture."""
    shown = np.zeros(match.play.person_xy_m.shape[:2], dtype=bool)
    players = np.array([person.team is not None for person in match.play.people])
    for start in range(0, match.n_frames, 500):
        stop = min(start + 500, match.n_frames)
        shown[start:stop] = match.views(range(start, stop)).is_shown & players
    return shown


def _pictures(folder: Path) -> str:
    """A classifier that looks at grey, blurred masks of lines and people, and how often it is right."""
    real, groups = _real_masks(folder)
    lines = [
        "## Pictures", "",
        "A random forest is asked whether a picture is simulated, from blurred 64x36 masks of white on grass and of "
        f"what is not grass; {len(real)} real frames, split by sequence, and as many simulated ones. 50 % is guessing. "
        "With so few frames a number near or below 50 % says that the forest learned nothing that carries over to "
        "other stadiums; it does not prove that the pictures are alike.",
        "", "| simulator | right (%) |", "|---|---|",
    ]  # fmt: skip
    for name, frames in _variants():
        masks = np.array([_mask(frame) for frame in islice(frames, len(real))])
        lines.append(f"| {name} | {100 * _told_apart(real, groups, masks):.0f} |")
    return "\n".join(lines)


def _variants() -> Iterator[tuple[str, Iterator[NDArray[np.uint8]]]]:
    mixed = {"main": 0.33, "scouting": 0.67}
    for name, kinds in (
        ("cameras in the shares of the real frames", mixed),
        ("only tactical cameras", {"tactical": 1.0}),
    ):
        stream = random_frames(np.random.default_rng(3), (640, 360), kinds=kinds)
        yield name, (frame.image for frame in stream)


def _real_masks(folder: Path) -> tuple[NDArray[np.float32], NDArray[np.str_]]:
    entries = json.loads((folder / "annotations.json").read_text(encoding="utf-8"))[::5]
    masks = np.array([_mask(read_image(folder / entry["image"])) for entry in entries])
    return masks, np.array([entry["sequence"] for entry in entries])


def _mask(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(2 * 36 * 64,) blurred masks of bright thin marks on grass and of everything that is not grass."""
    small = cv2.resize(image, (320, 180), interpolation=cv2.INTER_AREA)
    hsv = cv2.cvtColor(small, cv2.COLOR_RGB2HSV)
    grass = ((hsv[..., 0] > 28) & (hsv[..., 0] < 92) & (hsv[..., 1] > 50)).astype(np.uint8)
    field = cv2.morphologyEx(grass, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    bright = cv2.morphologyEx(grey, cv2.MORPH_TOPHAT, np.ones((7, 7), np.uint8)).astype(np.float32)
    layers = [np.clip(bright / 60, 0, 1) * field, 1.0 - grass.astype(np.float32)]
    blurred = [
        cv2.resize(cv2.GaussianBlur(layer, (0, 0), 2.0), _PICTURE_PX, interpolation=cv2.INTER_AREA)
        for layer in layers
    ]
    return np.concatenate([layer.ravel() for layer in blurred]).astype(np.float32)


def _told_apart(
    real: NDArray[np.float32], groups: NDArray[np.str_], ours: NDArray[np.float32]
) -> float:
    """Balanced share of right answers on sequences that were not learned from."""
    from sklearn.decomposition import PCA
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.metrics import balanced_accuracy_score
    from sklearn.model_selection import GroupKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline

    features = np.concatenate([real, ours])
    labels = np.r_[np.zeros(len(real), int), np.ones(len(ours), int)]
    all_groups = np.concatenate([groups, [f"simulated-{k // 25}" for k in range(len(ours))]])
    model = make_pipeline(
        PCA(24, random_state=0), RandomForestClassifier(150, min_samples_leaf=3, random_state=0)
    )
    answers = cross_val_predict(model, features, labels, groups=all_groups, cv=GroupKFold(5))
    return float(balanced_accuracy_score(labels, answers))
