import gzip
import json

import pytest

from analysis.cli.main import main

HEAD = "match_id,period,frame,video_time_s,period_time_s,track_id,team,role,jersey,x_m,y_m,pos_sigma_m,source,calib_ok"


def tracking(folder, rows):
    folder.mkdir(exist_ok=True)
    with gzip.open(folder / "tracking.csv.gz", "wt") as file:
        file.write(HEAD + "\n" + "\n".join(rows) + "\n")


def test_boxes_are_scored_as_the_pictures_say(tmp_path, capsys):
    labels = [{"image": "images/a.jpg", "boxes": [
        {"class": "player", "box_rel": [0.1, 0.1, 0.2, 0.3]}, {"class": "ball", "box_rel": [0.5, 0.5, 0.51, 0.51]}]},
        {"image": "images/b.jpg", "boxes": [{"class": "referee", "box_rel": [0.1, 0.1, 0.2, 0.3]}]}]  # fmt: skip
    found = [{"image": "a.jpg", "width_px": 100, "height_px": 100,
              "players": [{"box_px": [10, 10, 20, 30], "score": 0.9, "role": "player"}], "ball": None}]  # fmt: skip
    (tmp_path / "l.json").write_text(json.dumps(labels))
    (tmp_path / "p.json").write_text(json.dumps(found))
    paths = ["--labels", str(tmp_path / "l.json"), "--predictions", str(tmp_path / "p.json")]
    assert main(["evaluate", "localization", *paths]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["people"] == 2 and report["recall"] == 0.5 and report["precision"] == 1
    assert report["role_accuracy"] == 1


def test_a_run_is_scored_against_its_simulation(tmp_path, capsys):
    tracking(tmp_path / "sim", ["m,1,0,0,0,1,home,player,9,1.0,2.0,0,detected,1",
                                "m,1,0,0,0,2,away,player,9,30.0,2.0,0,detected,1",
                                "m,1,12,0.5,0,1,home,player,9,2.0,2.0,0,detected,1"])  # fmt: skip
    (tmp_path / "sim" / "boxes.csv").write_text(
        "video_time_s,frame,player_id,team,role,x0,y0,x1,y1,visible_share\n"
        "0,0,1,home,player,1,1,2,2,1.0\n0,0,2,away,player,1,1,2,2,0.2\n0.5,12,1,home,player,1,1,2,2,1.0\n"
    )
    tracking(tmp_path / "run", ["m,1,0,0,0,,,ball,,,,,not_seen,1", "m,1,0,0,0,4,home,player,,1.5,2.0,0.3,detected,1",
                                "m,1,12,0.5,0,,,ball,,,,,not_seen,0"])  # fmt: skip
    paths = ["--labels", str(tmp_path / "sim"), "--predictions", str(tmp_path / "run")]
    assert main(["evaluate", "localization", *paths]) == 0
    report = json.loads(capsys.readouterr().out)
    # One calibrated sample; of its two people only the one in view counts; half a metre off.
    assert report["samples"] == 1 and report["people"] == 1 and report["recall"] == 1
    assert report["error_median_m"] == 0.5 and report["kind_accuracy"] == 1


@pytest.mark.parametrize("kind", ["missing", "wrong"])
def test_wrong_files_are_named_in_one_sentence(kind, tmp_path, capsys):
    (tmp_path / "l.json").write_text('[{"image": "a.jpg"}]')
    (tmp_path / "p.json").write_text("[]")
    labels = tmp_path / ("none.json" if kind == "missing" else "l.json")
    paths = ["--labels", str(labels), "--predictions", str(tmp_path / "p.json")]
    assert main(["evaluate", "localization", *paths]) == 1
    said = capsys.readouterr()
    assert len(said.err.strip().splitlines()) == 1 and said.out == ""
