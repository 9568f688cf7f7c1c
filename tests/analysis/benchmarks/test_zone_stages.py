from pathlib import Path

import numpy as np
import pytest

from analysis.benchmarks.zone_stages import STAGES, Row, page, run_of
from analysis.core.problems import InputProblem
from analysis.datasets.pitch_keypoints import LabelledFrame


def row(sequence, kind, part, *, confidence, is_answered=True):
    nothing = np.zeros((0, 2))
    frame = LabelledFrame(Path("x.jpg"), sequence, kind, nothing, nothing, np.eye(3), 0.0)
    return Row(frame, part, tuple(value / 2 for value in part), confidence, is_answered)


def test_the_page_by_hand():
    text = page(
        [
            row("a", "tv", (0.5, 0.6, 0.7, 1.0), confidence=0.9),
            row("b", "scouting_feed", (0.7, 0.8, 0.9, 0.6), confidence=0.7),
            row("b", "scouting_feed", (0.0, 0.0, 0.0, 0.0), confidence=0.0, is_answered=False),
        ]
    )
    assert f"| {STAGES[0][0]} | 1 | 0.400 | 0.500 | 1.00 | 0.200 |" in text
    assert "| all | 3 | 0.533 | 0.600 | 0.67 | 0.267 | 0.67 | 0.67 | 0.333 |" in text
    assert "| tv | 1 | 1.000 | 1.000 | 0.00 | 0.500 | 1.00 | 1.00 | 0.000 |" in text


def test_a_missing_run_names_its_command(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputProblem, match="--part segmentation --fold 2/2"):
        run_of(1)
