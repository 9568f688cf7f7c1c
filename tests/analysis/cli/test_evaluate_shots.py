"""``python -m analysis evaluate shots`` on two short films whose scores are known."""

import json

import pytest

from analysis.cli.main import main

HEAD = "shot_id,start_s,end_s,camera,transition,is_replay,confidence\n"
TRUTH = "1,0.000,8.000,Main camera center,abrupt,0,1.000\n2,8.000,10.000,Public,abrupt,0,1.000\n"
BLIND = "1,0.000,10.000,Main camera center,abrupt,0,1.000\n"


def write(folder, text):
    folder.mkdir(parents=True)
    (folder / "shots.csv").write_text(HEAD + text, encoding="utf-8")


def test_a_right_answer_and_a_blind_one(tmp_path, capsys):
    write(tmp_path / "truth" / "a", TRUTH)
    for name, text, mean_iou, main_accuracy in (
        ("right", TRUTH, 1.0, 1.0),
        ("blind", BLIND, 0.4, 0.8),
    ):
        write(tmp_path / name / "a", text)
        arguments = ["--labels", str(tmp_path / "truth"), "--predictions", str(tmp_path / name)]
        assert main(["evaluate", "shots", *arguments]) == 0
        report = json.loads(capsys.readouterr().out)
        assert report["mean_iou"] == pytest.approx(mean_iou)
        assert report["main_accuracy"] == pytest.approx(main_accuracy)
        assert report["boundary_ap"]["all"] == pytest.approx(1.0 if name == "right" else 0.0)


def test_a_video_without_an_answer_and_an_empty_folder_are_one_sentence(tmp_path, capsys):
    write(tmp_path / "truth" / "a", TRUTH)
    write(tmp_path / "other" / "b", TRUTH)
    (tmp_path / "nothing").mkdir()
    for predictions in ("other", "nothing"):
        arguments = [
            "--labels",
            str(tmp_path / "truth"),
            "--predictions",
            str(tmp_path / predictions),
        ]
        assert main(["evaluate", "shots", *arguments]) == 1
        assert len(capsys.readouterr().err.strip().splitlines()) == 1
