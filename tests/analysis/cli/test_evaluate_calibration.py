"""``python -m analysis evaluate calibration`` on three frames whose scores are known."""

import json

import numpy as np
import pytest

from analysis.cli.main import main
from tests.analysis.pitch_views import broadcast_camera

SIZE = (1280, 720)


def label(name, camera, **extra):
    places = np.array([[-9.15, 0], [9.15, 0], [0, 9.15], [0, -9.15], [0, 0], [0, 34.0]])
    pixels = camera.project(np.column_stack([places, np.zeros(len(places))])) / SIZE
    points = [
        {"pitch_xy_m": place.tolist(), "x_rel": x, "y_rel": y}
        for place, (x, y) in zip(places, pixels, strict=True)
    ]
    return {
        "image": f"images/{name}.jpg",
        "points": points,
        "image_from_pitch_1280x720": camera.image_from_pitch.tolist(),
        "suspect": False,
        "fit_error_px": 0.1,
        "sequence": name,
        "kind": "tv",
        **extra,
    }


def guess(name, camera, confidence, scale=1.0):
    matrix = np.diag([scale, scale, 1]) @ camera.image_from_pitch if camera else None
    return {
        "image": f"{name}.jpg",
        "width_px": SIZE[0] * scale,
        "height_px": SIZE[1] * scale,
        "image_from_pitch": None if matrix is None else matrix.tolist(),
        "confidence": confidence,
    }


@pytest.fixture
def files(tmp_path):
    right, wrong = broadcast_camera(SIZE), broadcast_camera(SIZE, pan=0.9)
    labels = [label(name, right) for name in "abc"] + [label("d", right, suspect=True)]
    guesses = [guess("a", right, 0.9, scale=0.5), guess("b", wrong, 0.8), guess("c", None, 0.0)]
    for name, content in (("labels", labels), ("guesses", guesses)):
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    return [
        "--labels",
        str(tmp_path / "labels.json"),
        "--predictions",
        str(tmp_path / "guesses.json"),
    ]


def test_right_wrong_and_unanswered(files, capsys):
    assert main(["evaluate", "calibration", *files, "--by-sequence"]) == 0
    tables = json.loads(capsys.readouterr().out)
    everything = tables["all"]
    assert everything["frames"] == 3
    assert everything["answered"] == pytest.approx(2 / 3, abs=1e-4)
    assert everything["confident_and_wrong"] == pytest.approx(1 / 3, abs=1e-4)
    assert tables["sequence a"]["iou_part_mean"] == 1
    assert tables["sequence a"]["error_px_median_answered"] == pytest.approx(0, abs=1e-6)
    assert tables["sequence c"]["iou_part_mean"] == 0
    assert tables["sequence b"]["iou_part_mean"] < 0.8


def test_a_file_that_is_no_list_is_told(files, tmp_path, capsys):
    (tmp_path / "labels.json").write_text("{}")
    assert main(["evaluate", "calibration", *files]) == 1
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
