import numpy as np
import pytest

from analysis.core.problems import InputProblem
from analysis.video.images import image_paths, read_image, write_image


def test_a_picture_comes_back_in_rgb(tmp_path):
    image = np.zeros((40, 60, 3), np.uint8)
    image[:, :20, 0], image[:, 20:40, 1], image[:, 40:, 2] = 255, 255, 255
    write_image(tmp_path / "a.png", image)
    assert np.array_equal(read_image(tmp_path / "a.png"), image)
    write_image(tmp_path / "a.jpg", image, quality=95)
    assert read_image(tmp_path / "a.jpg")[20, 10, 0] > 230
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.jpg", "a.png"]


@pytest.mark.parametrize(
    "raw", [b"", b"text", b"\x89PNG\r\n\x1a\nbroken", b"\xff\xd8\xff\xe0", b"<svg/>"]
)
def test_what_is_no_picture_is_refused(tmp_path, raw):
    (tmp_path / "a.jpg").write_bytes(raw)
    with pytest.raises(InputProblem) as problem:
        read_image(tmp_path / "a.jpg")
    assert problem.value.code == "image_unreadable"


def test_folders_list_their_pictures_by_name(tmp_path):
    image = np.zeros((8, 8, 3), np.uint8)
    for name in ("b.png", "a.jpg", "C.PNG"):
        write_image(tmp_path / name, image) if name != "C.PNG" else (tmp_path / name).write_bytes(
            (tmp_path / "b.png").read_bytes()
        )
    (tmp_path / "notes.txt").write_text("no")
    assert [p.name for p in image_paths(tmp_path)] == ["C.PNG", "a.jpg", "b.png"]
    assert image_paths(tmp_path / "b.png") == [tmp_path / "b.png"]


def test_nothing_there_is_said(tmp_path):
    for path in (tmp_path, tmp_path / "nothing"):
        with pytest.raises(InputProblem) as problem:
            image_paths(path)
        assert problem.value.code == "image_missing"
    with pytest.raises(InputProblem):
        read_image(tmp_path / "nothing.png")
