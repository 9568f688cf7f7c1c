import numpy as np
import pytest

from analysis.core.records import CalibrationTrack
from analysis.pipeline.verdict import longest_stretch_ms, refused, verdict_of


def track(marks):
    """A sample every half second: ``x`` usable, ``-`` unsure, ``.`` refused."""
    times = 500 * np.arange(len(marks))
    confidence = np.array([{"x": 0.9, "-": 0.1, ".": 0.0}[mark] for mark in marks])
    status = np.array(["refused" if mark == "." else "ok" for mark in marks])
    matrices = np.tile(np.eye(3), (len(marks), 1, 1))
    return CalibrationTrack(times, times, matrices, confidence, status, (1280, 720), "m")


@pytest.mark.parametrize(
    ("marks", "stretch_ms"),
    [("", 0), ("....", 0), ("..x.", 0), ("xxxx", 1500), ("xx.xx", 2000), ("xx..xx", 500), ("xx-xx", 2000)],
)  # fmt: skip
def test_stretches_bridge_single_gaps(marks, stretch_ms):
    assert longest_stretch_ms(track(marks), 0.3) == stretch_ms


@pytest.mark.parametrize(
    ("marks", "verdict"),
    [
        ("", "no_usable_pitch_view"),
        ("." * 20, "no_usable_pitch_view"),
        ("xxxxxxx" + "." * 20, "ok"),
        ("xxxxxx" + "." * 20, "no_usable_pitch_view"),  # 2.5 s
        ("x..x..x..x..x..x..x..x", "no_usable_pitch_view"),  # never in a row
        ("xxxxxxx" + "." * 100, "no_usable_pitch_view"),  # 7 %
        ("xxxx..", "ok"),  # most of a short clip
        ("xx....", "no_usable_pitch_view"),
        ("-" * 20, "no_usable_pitch_view"),
    ],
)
def test_the_verdict(marks, verdict):
    assert verdict_of(track(marks), 0.3) == verdict


def test_refusing_keeps_the_clock():
    answer = refused(track("xx."))
    assert set(answer.status) == {"refused"} and len(answer) == 3 and answer.coverage == 0.0
