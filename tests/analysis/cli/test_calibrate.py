"""``python -m analysis calibrate`` on folders and odd pictures."""

import json

import cv2
import numpy as np
import pytest

from analysis.cli.main import main
from analysis.video.images import write_image
from tests.analysis.pitch_views import broadcast_camera, drawn_view

FIELDS = {"image", "width_px", "height_px", "image_from_pitch", "confidence", "status", "method"}


def calibrated(tmp_path, *extra):
    out = tmp_path / "out.json"
    status = main(
        ["calibrate", str(tmp_path / "in"), "--out", str(out), "--method", "line_fit", *extra]
    )
    return status, json.loads(out.read_text()) if out.exists() else None


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


def test_a_folder_of_odd_pictures_is_answered_in_order(tmp_path, folder, capsys):
    view, _ = drawn_view()
    bgr = view[:, :, ::-1]
    write_image(folder / "a_view.png", view)
    (folder / "b_text.jpg").write_text("no picture")
    cv2.imwrite(str(folder / "c_grey.png"), cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY))
    cv2.imwrite(
        str(folder / "d_alpha.png"), np.dstack([bgr, np.full(bgr.shape[:2], 128, np.uint8)])
    )
    cv2.imwrite(str(folder / "e_deep.png"), bgr.astype(np.uint16) * 257)
    write_image(folder / "f_tiny.png", np.zeros((16, 16, 3), np.uint8))
    write_image(folder / "g_png.png", view)
    (folder / "g_png.png").rename(folder / "g_png_called.jpg")
    (folder / "notes.txt").write_text("not a picture, and not named like one")
    status, answers = calibrated(tmp_path, "--draw", str(tmp_path / "drawn"))
    assert status == 0
    assert [answer["image"] for answer in answers] == [
        "a_view.png",
        "b_text.jpg",
        "c_grey.png",
        "d_alpha.png",
        "e_deep.png",
        "f_tiny.png",
        "g_png_called.jpg",
    ]
    states = {answer["image"][0]: answer["status"] for answer in answers}
    assert states == {
        "a": "ok", "b": "refused", "c": "refused", "d": "ok", "e": "ok", "f": "refused", "g": "ok"
    }  # fmt: skip
    for answer in answers:
        assert set(answer) - {"problem"} == FIELDS
        assert ("problem" in answer) == (answer["image"] == "b_text.jpg")
    assert answers[0]["width_px"] == 960
    assert np.array(answers[0]["image_from_pitch"]).shape == (3, 3)
    assert len(list((tmp_path / "drawn").iterdir())) == 6
    assert "of 7 pictures" in capsys.readouterr().out


def test_a_huge_picture_and_a_portrait_are_answered(tmp_path, folder):
    view, _ = drawn_view()
    write_image(folder / "a_8k.jpg", cv2.resize(view, (7680, 4320)))
    tall, _ = drawn_view((540, 960), broadcast_camera((540, 960), focal=2.4))
    write_image(folder / "b_portrait.png", tall)
    status, answers = calibrated(tmp_path)
    assert status == 0
    assert (answers[0]["width_px"], answers[0]["height_px"]) == (7680, 4320)
    assert answers[0]["status"] == "ok"
    assert answers[1]["width_px"] == 540
    assert answers[1]["status"] in ("ok", "weak", "refused")


def test_the_size_of_the_pitch_and_settings_are_taken(tmp_path, folder, capsys):
    write_image(folder / "a.png", np.zeros((64, 64, 3), np.uint8))
    assert calibrated(tmp_path, "--pitch", "100x64", "--set", "n_finalists=4")[0] == 0
    assert calibrated(tmp_path, "--pitch", "80x64")[0] == 1
    assert "not the size of a pitch" in capsys.readouterr().err
    assert calibrated(tmp_path, "--set", "colour=red")[0] == 1
    assert "n_finalists" in capsys.readouterr().err


def test_nothing_readable_leaves_nothing(tmp_path, folder, capsys):
    (folder / "text.jpg").write_text("no picture")
    status, answers = calibrated(tmp_path)
    assert status == 1
    assert answers is None
    errors = capsys.readouterr().err.strip().splitlines()
    assert len(errors) == 1
    assert "text.jpg" in errors[0]


def test_no_such_place(tmp_path, capsys):
    assert main(["calibrate", str(tmp_path / "nowhere"), "--out", str(tmp_path / "o.json")]) == 1
    assert "nowhere" in capsys.readouterr().err


def test_out_in_a_missing_folder_is_told_before_the_work(tmp_path, folder, capsys):
    write_image(folder / "a.png", np.zeros((64, 64, 3), np.uint8))
    out = tmp_path / "missing" / "o.json"
    assert main(["calibrate", str(folder), "--out", str(out)]) == 1
    assert "folder that exists" in capsys.readouterr().err
