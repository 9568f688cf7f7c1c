"""Lines of a map by the challenge's names, and the score of maps against annotated lines."""

import json

import numpy as np
import pytest

from analysis.cli.main import main
from analysis.metrics.calibration_lines import CHALLENGE_NAMES, predicted_polylines
from tests.analysis.pitch_views import broadcast_camera

SIZE = (1280, 720)


def test_every_mark_has_one_name():
    assert len(set(CHALLENGE_NAMES.values())) == len(CHALLENGE_NAMES) == 20


def test_lines_in_view_and_no_others():
    lines = predicted_polylines(broadcast_camera(SIZE, pan=0.0).image_from_pitch, SIZE)
    assert {"Middle line", "Circle central"} <= set(lines)
    assert "Side line left" not in lines
    for points in lines.values():
        assert (points > -1e-6).all() and (points < [960, 540]).all()
    halfway = lines["Middle line"]
    assert np.ptp(halfway[:, 0]) < 60 < np.ptp(halfway[:, 1])


def test_the_size_of_the_image_does_not_matter():
    small = predicted_polylines(broadcast_camera((640, 360)).image_from_pitch, (640, 360))
    large = predicted_polylines(broadcast_camera(SIZE).image_from_pitch, SIZE)
    np.testing.assert_allclose(small["Circle central"], large["Circle central"], atol=1e-6)


def test_a_folder_of_annotated_lines_is_scored(tmp_path, capsys):
    camera = broadcast_camera(SIZE)
    lines = predicted_polylines(camera.image_from_pitch, SIZE)
    (tmp_path / "labels").mkdir()
    shares = {
        name: [{"x": x / 959, "y": y / 539} for x, y in points[1:-1:4]]
        for name, points in lines.items()
        if len(points) > 4
    }
    for name in ("00001", "00002"):
        (tmp_path / "labels" / f"{name}.json").write_text(json.dumps(shares))
    guess = {"image": "00001.jpg", "width_px": 1280, "height_px": 720}
    guess["image_from_pitch"] = camera.image_from_pitch.tolist()
    (tmp_path / "guesses.json").write_text(json.dumps([guess]))
    command = ["evaluate", "calibration", "--labels", str(tmp_path / "labels")]
    assert main([*command, "--predictions", str(tmp_path / "guesses.json")]) == 0
    score = json.loads(capsys.readouterr().out)
    assert score["frames"] == 2
    assert score["jac_at_5"] == pytest.approx(len(shares) / len(lines), abs=1e-3)
    assert score["completeness"] == (0.5 if len(shares) > 4 else 0)
    (tmp_path / "empty").mkdir()
    command[3] = str(tmp_path / "empty")
    assert main([*command, "--predictions", str(tmp_path / "guesses.json")]) == 1
    assert "line annotations" in capsys.readouterr().err
