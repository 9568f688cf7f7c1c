"""A miniature of SoccerNet's folder: read, trained on and measured by the two commands of docs/reproduce.md."""

import json

import numpy as np
import pytest

from analysis.cli.main import main
from analysis.core.problems import InputProblem
from analysis.core.vocabulary import SOCCERNET_V2
from analysis.datasets.soccernet_features import read_features, read_split, read_tracks, split_names

GAMES = {"train": ["a/2014/g1", "a/2014/g2"], "valid": ["a/2014/g3"], "test": ["b/2015/g4"]}
N_ROWS = 500


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("SoccerNet")
    rng = np.random.default_rng(0)
    for split, games in GAMES.items():
        (folder / f"{split}.txt").write_text("\n".join(games) + "\n")
        for game in games:
            write_game(folder / game, rng)
    return folder


def write_game(folder, rng):
    folder.mkdir(parents=True)
    annotations = []
    for half in (1, 2):
        features = rng.normal(0, 0.1, (N_ROWS, 24)).astype(np.float32)
        for label in ("Corner", "Throw-in", "Foul"):
            for frame in rng.choice(np.arange(30, N_ROWS - 30, 40), 4, replace=False):
                own = 5 * SOCCERNET_V2.index(label) % 20
                features[frame - 3 : frame + 4, own : own + 4] += 2
                annotations.append(
                    {
                        "gameTime": f"{half} - {frame // 120:02d}:{frame // 2 % 60:02d}",
                        "label": label,
                        "position": str(frame * 500),
                        "visibility": "visible",
                    }
                )
        annotations.append(
            {"gameTime": f"{half} - 00:10", "label": "Streaker", "position": "10000"}
        )
        np.save(folder / f"{half}_ResNET_TF2_PCA512.npy", features)
        write_tracks(folder, half)
    (folder / "Labels-v2.json").write_text(json.dumps({"annotations": annotations}))


def write_tracks(folder, half):
    """A camera straight above: 10 px a metre, the centre spot in the middle, their y towards the camera."""
    matrix = [10.0, 0.0, 640.0, 0.0, 10.0, 360.0, 0.0, 0.0, 1.0]
    sure = [{"homography": matrix, "confidence": 0.9}]
    doubtful = [{"homography": matrix, "confidence": 0.6}]
    views = [sure, doubtful, []] + [sure] * (N_ROWS - 3)
    boxes = {"bboxes": [[640, 400, 660, 460], [90, 0, 110, 60]], "colors": [[250, 0, 0], [0, 0, 9]]}
    size = [3, 720, 1280]
    (folder / f"{half}_field_calib_ccbv.json").write_text(
        json.dumps({"size": size, "predictions": views})
    )
    (folder / f"{half}_player_boundingbox_maskrcnn.json").write_text(
        json.dumps({"size": size, "predictions": [boxes] * N_ROWS})
    )


def test_labels_outside_the_set_are_left_out(root):
    (game,) = read_split(root, "test")
    first, second = game.halves
    assert game.name == "b/2015/g4" and (first.number, second.number) == (1, 2)
    assert first.features.values.shape == (N_ROWS, 24) and first.features.rate_hz == 2.0
    assert sum(len(times) for times in first.event_ms) == 12
    assert len(first.event_ms[SOCCERNET_V2.index("Corner")]) == 4


def test_their_y_is_turned_and_doubtful_calibrations_are_refused(root):
    calibrations, players = read_tracks(root / "b/2015/g4", 1, N_ROWS)
    assert calibrations.status[:4].tolist() == ["ok", "refused", "refused", "ok"]
    assert calibrations.image_size_px == (1280, 720)
    # Feet at (650, 460) px: one metre right of the middle, ten towards the camera, which is -10 for us.
    np.testing.assert_allclose(players.pitch_xy_m[0], [1.0, -10.0])
    assert players.colour_rgb[0].tolist() == [250, 0, 0]
    assert players.rows_at(500) == slice(2, 4)


def test_the_official_lists_are_known(tmp_path):
    pytest.importorskip("SoccerNet")
    sizes = {split: len(split_names(tmp_path, split)) for split in ("train", "valid", "test")}
    assert sizes == {"train": 300, "valid": 100, "test": 100}
    with pytest.raises(InputProblem, match="choose train, valid, test, challenge"):
        split_names(tmp_path, "dev")


def test_what_is_missing_is_named(root, tmp_path):
    with pytest.raises(InputProblem, match=r"None of the train games .* baidu"):
        read_split(root, "train", "baidu_soccer_embeddings")
    np.save(tmp_path / "flat.npy", np.zeros(7))
    with pytest.raises(InputProblem, match="features are rows of numbers"):
        read_features(tmp_path / "flat.npy", 2.0)
    (tmp_path / "no.npy").write_text("no")
    with pytest.raises(InputProblem, match="no NumPy array"):
        read_features(tmp_path / "no.npy", 2.0)
    with pytest.raises(InputProblem, match="fetch it with the SoccerNet package"):
        read_tracks(tmp_path, 1, 10)


@pytest.mark.parametrize("method", ["netvlad_pp", "calf_calibration"])
def test_two_commands_train_and_measure(root, tmp_path, capsys, method):
    runs = []
    parts = {"netvlad_pp": [""], "calf_calibration": ["fcl", "fuzzy"]}[method]
    parts = ["gcn" if part == "fcl" else part for part in parts]
    share = {"netvlad_pp": "0.03", "calf_calibration": "0.002"}[method]
    for part in parts:
        runs.append(tmp_path / f"run-{part}")
        words = ["train", f"spotting/{method}", "--data", str(root), "--part", part]
        assert main([*words, "--steps-share", share, "--out", str(runs[-1])]) == 0
    capsys.readouterr()
    weights = [word for run in runs for word in ("--weights", str(next(run.glob("*.safetensors"))))]
    out = tmp_path / "predictions"
    assert main(["spot", str(root), "--model", method, "--out", str(out), *weights]) == 0
    said = capsys.readouterr().out
    assert "loose average_map" in said and "tight average_map" in said
    words = ["evaluate", "spotting", "--labels", str(root / "b"), "--predictions", str(out)]
    assert main(words) == 0
    printed = json.loads(capsys.readouterr().out)["average_map"]
    assert f"{printed:.4f}" in said
    if method == "netvlad_pp":
        features = str(root / "b/2015/g4/2_ResNET_TF2_PCA512.npy")
        out = tmp_path / "half.json"
        words = ["spot", features, "--model", method, "--half", "2", "--out", str(out), *weights]
        assert main(words) == 0
        assert {entry["half"] for entry in json.loads(out.read_text())["predictions"]} == {"2"}
        assert main([*words, "--rate", "1"]) == 1
        assert "rows a second" in capsys.readouterr().err
        assert printed > 0.05  # three classes of seventeen, and the features show them
