"""``spot`` writes SoccerNet's form and refuses what it cannot read, in one sentence."""

import json

import pytest

from analysis.cli.main import main
from analysis.core.records import ActionSpot
from analysis.datasets.soccernet import half_predictions, predictions_document


def test_times_count_from_the_kick_off_and_nothing_comes_before_it():
    spots = [
        ActionSpot(1, 4_000, "Throw-in", 0.5),
        ActionSpot(1, 12_345, "Corner", 0.75),
        ActionSpot(2, 99_000, "Goal", 1.0),
    ]
    document = predictions_document(spots, {1: 5_000})
    assert document["predictions"] == [
        {
            "gameTime": "1 - 00:07",
            "label": "Corner",
            "position": "7345",
            "half": "1",
            "confidence": "0.75",
        },
        {
            "gameTime": "2 - 01:39",
            "label": "Goal",
            "position": "99000",
            "half": "2",
            "confidence": "1",
        },
    ]
    first, second = half_predictions(document)
    assert first.position_ms.tolist() == [7345] and second.confidence.tolist() == [1.0]


def test_a_video_gets_a_file(small_match_folder, tmp_path):
    out = tmp_path / "new" / "results_spotting.json"
    words = ["spot", str(small_match_folder / "match.mp4"), "--model", "rules", "--out", str(out)]
    assert main([*words, "--store", str(tmp_path / "store")]) == 0
    assert isinstance(json.loads(out.read_text())["predictions"], list)


@pytest.mark.parametrize(
    ("name", "model", "said"),
    [
        ("x.mp4", "oracle", "choose one of"),
        ("x.npy", "rules", "name the video"),
        ("x.mp4", "rules", ""),
        ("x.npz", "position_anchors", "name the video"),
        ("x.npy", "calf", "train the method first"),
    ],
)
def test_refusals_are_one_sentence(tmp_path, capsys, name, model, said):
    (tmp_path / name).write_text("no video")
    out = tmp_path / "out.json"
    assert main(["spot", str(tmp_path / name), "--model", model, "--out", str(out)]) == 1
    errors = capsys.readouterr().err
    assert said in errors and errors.count("\n") == 1
    assert not out.exists()
