import json

import numpy as np
import pytest

from analysis.cli.main import main
from analysis.video.images import write_image
from tests.analysis import scenes

KEYS = {"image", "width_px", "height_px", "players", "ball"}
PERSON = {"box_px", "score", "role", "colour_rgb", "pitch_xy_m"}


@pytest.fixture
def picture(tmp_path):
    view = scenes.camera()
    places = [(-8.0, 0.0), (4.0, 6.0), (10.0, -8.0), (-3.0, 14.0), (12.0, 20.0)]
    image, _ = scenes.paint(view, [(place, (190, 30, 40)) for place in places])
    write_image(tmp_path / "play.png", image)
    return view, tmp_path / "play.png"


def calibration_file(view, path, name):
    entry = {
        "image": name, "width_px": 1280, "height_px": 720, "confidence": 0.9, "status": "ok", "method": "truth",
        "image_from_pitch": (view.image_from_pitch / view.image_from_pitch[2, 2]).tolist(),
    }  # fmt: skip
    path.write_text(json.dumps([entry]))
    return path


def test_people_have_boxes_colours_and_places(picture, tmp_path):
    view, path = picture
    known = calibration_file(view, tmp_path / "c.json", "play.png")
    # Painted figures are shapes, not people: the method that looks for shapes answers them exactly.
    words = ["locate", str(path), "--out", str(tmp_path / "o.json"), "--method", "grass_blobs"]
    assert main([*words, "--calibration", str(known)]) == 0
    (entry,) = json.loads((tmp_path / "o.json").read_text())
    assert set(entry) == KEYS and entry["image"] == "play.png"
    assert (entry["width_px"], entry["height_px"]) == (1280, 720)
    assert len(entry["players"]) == 5
    for person in entry["players"]:
        assert set(person) == PERSON
        assert person["role"] in ("player", "goalkeeper", "referee", None)
    nearest = min(
        np.hypot(p["pitch_xy_m"][0] - 4.0, p["pitch_xy_m"][1] - 6.0) for p in entry["players"]
    )
    assert nearest < 0.7


def test_odd_pictures_name_nobody(tmp_path):
    folder = tmp_path / "odd"
    folder.mkdir()
    write_image(folder / "black.png", np.zeros((360, 640, 3), np.uint8))
    write_image(folder / "dot.png", np.zeros((1, 1, 3), np.uint8))
    write_image(folder / "green.png", np.full((360, 640, 3), (40, 120, 40), np.uint8))
    write_image(folder / "white.png", np.full((360, 640, 3), 255, np.uint8))
    assert main(["locate", str(folder), "--out", str(tmp_path / "o.json")]) == 0
    entries = json.loads((tmp_path / "o.json").read_text())
    assert [entry["image"] for entry in entries] == [
        "black.png",
        "dot.png",
        "green.png",
        "white.png",
    ]
    assert all(entry["players"] == [] and entry["ball"] is None for entry in entries)


def test_a_picture_that_cannot_be_read_does_not_stop_a_folder(tmp_path):
    folder = tmp_path / "mixed"
    folder.mkdir()
    (folder / "a.jpg").write_text("not a picture")
    write_image(folder / "b.png", np.full((360, 640, 3), (40, 120, 40), np.uint8))
    assert main(["locate", str(folder), "--out", str(tmp_path / "o.json")]) == 0
    first, second = json.loads((tmp_path / "o.json").read_text())
    assert first["players"] == [] and "cannot be read" in first["problem"]
    assert second["image"] == "b.png" and "problem" not in second


@pytest.mark.parametrize("case", ["text", "missing", "method", "calibration"])
def test_refused_inputs_leave_one_sentence_and_no_file(case, picture, tmp_path, capsys):
    _, path = picture
    (tmp_path / "fake.jpg").write_text("not a picture")
    arguments = {
        "text": [str(tmp_path / "fake.jpg")],
        "missing": [str(tmp_path / "nowhere.jpg")],
        "method": [str(path), "--method", "crystal_ball"],
        "calibration": [str(path), "--calibration", str(tmp_path / "fake.jpg")],
    }[case]
    assert main(["locate", *arguments, "--out", str(tmp_path / "new" / "o.json")]) == 1
    said = capsys.readouterr()
    assert len(said.err.strip().splitlines()) == 1 and "Traceback" not in said.err
    assert not list(tmp_path.glob("new/*"))
