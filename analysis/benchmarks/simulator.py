"""The simulator: how fast it is, and how far its matches and pictures are from real ones.

Costs are processor seconds, so that other work on the machine does not count. Real counts of events are those of
SoccerNet-v2's 100 validation games, real movement is four minutes of one league match filmed by the same simulated
operator, and pictures are compared on the page ``realism``.
"""

import json
import tempfile
import time
from collections import Counter
from dataclasses import replace
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.core.vocabulary import SOCCERNET_V2
from analysis.synthetic.frames import random_frames
from analysis.synthetic.match import SyntheticMatch, simulate_match, tracked_match
from analysis.synthetic.play import play_match
from analysis.synthetic.records import RATE_HZ, MatchPlay
from analysis.synthetic.statistics import match_statistics
from analysis.synthetic.truth import write_truth, write_video

N_HALVES = 4
_HALF_S = 46 * 60
_WINDOW_S = 240
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
    """Real tracking lasts four minutes, so simulated play is cut into windows of four minutes too."""
    ours = []
    for seed in (11, 12, 13):
        match = simulate_match(seed, 20.0, (1280, 720))
        shown = _in_view(match)
        for start in range(0, match.n_frames, _WINDOW_S * RATE_HZ):
            part = slice(start, start + _WINDOW_S * RATE_HZ)
            ours.append(match_statistics(_cut(match.play, part), shown[part]))
    real_match = tracked_match(1, tracking, None)
    theirs = match_statistics(real_match.play, _in_view(real_match))
    lines = [
        "## Movement", "", f"Real: four minutes of one match. Simulated: {len(ours)} windows of four minutes.", "",
        "| in play | simulated, mean | 10th to 90th percentile of windows | real |", "|---|---|---|---|",
    ]  # fmt: skip
    for name, real in theirs.items():
        values = [one[name] for one in ours]
        low, high = np.percentile(values, [10, 90])
        lines.append(f"| {name} | {np.mean(values):.1f} | {low:.1f} to {high:.1f} | {real:.1f} |")
    return "\n".join(lines)


def _cut(play: MatchPlay, part: slice) -> MatchPlay:
    """A part of the positions; events stay behind."""
    return replace(
        play,
        person_xy_m=play.person_xy_m[part],
        ball_xyz_m=play.ball_xyz_m[part],
        is_live=play.is_live[part],
    )


def _in_view(match: SyntheticMatch) -> NDArray[np.bool_]:
    """(T, P) who of the players is in the main camera's picture."""
    shown = np.zeros(match.play.person_xy_m.shape[:2], dtype=bool)
    players = np.array([person.team is not None for person in match.play.people])
    for start in range(0, match.n_frames, 500):
        stop = min(start + 500, match.n_frames)
        shown[start:stop] = match.views(range(start, stop)).is_shown & players
    return shown
