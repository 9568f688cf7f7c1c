import zlib

import cv2
import numpy as np
import pytest

from analysis.core.problems import InputProblem
from analysis.video import images
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


@pytest.mark.parametrize("ending", [".jpg", ".png", ".bmp", ".webp"])
def test_a_picture_says_its_size_before_it_is_unpacked(ending):
    _, raw = cv2.imencode(ending, np.zeros((33, 70, 3), np.uint8))
    assert images.declared_size(raw.tobytes()) == (70, 33)


def bombs():
    _, jpeg = cv2.imencode(".jpg", np.zeros((16, 16, 3), np.uint8))
    frame = jpeg.tobytes().index(b"\xff\xc0")
    huge = (65_000).to_bytes(2, "big")
    yield "a.jpg", jpeg.tobytes()[: frame + 5] + huge + huge + jpeg.tobytes()[frame + 9 :]
    _, png = cv2.imencode(".png", np.zeros((16, 16, 3), np.uint8))
    head = b"IHDR" + (60_000).to_bytes(4, "big") * 2 + png.tobytes()[24:29]
    yield (
        "a.png",
        png.tobytes()[:12] + head + zlib.crc32(head).to_bytes(4, "big") + png.tobytes()[33:],
    )
    _, bmp = cv2.imencode(".bmp", np.zeros((16, 16, 3), np.uint8))
    yield "a.bmp", bmp.tobytes()[:18] + (60_000).to_bytes(4, "little") * 2 + bmp.tobytes()[26:]


@pytest.mark.parametrize(("name", "raw"), bombs(), ids=lambda v: v if isinstance(v, str) else "")
def test_a_bomb_is_refused_without_unpacking_it(tmp_path, monkeypatch, name, raw):
    (tmp_path / name).write_bytes(raw)
    monkeypatch.setattr(cv2, "imdecode", lambda *_: pytest.fail("it was unpacked"))
    with pytest.raises(InputProblem) as refused:
        images.read_image(tmp_path / name)
    assert refused.value.code == "image_unreadable"


@pytest.mark.parametrize(
    "raw",
    [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"BM", b"RIFF", b"\xff\xd8\xff\xff\xff\xff\xff\xff"],
)
def test_a_beginning_alone_is_refused(tmp_path, raw):
    (tmp_path / "a.png").write_bytes(raw)
    with pytest.raises(InputProblem):
        images.read_image(tmp_path / "a.png")
