import os
from pathlib import Path

import pytest

from analysis.core.problems import INPUT_CODES, InputProblem
from analysis.video.limits import Limits
from analysis.video.probe import probe

HOSTILE = Path(__file__).resolve().parents[4] / "shared" / "data" / "hostile_media"


def refusal(path, limits=None):
    with pytest.raises(InputProblem) as problem:
        probe(path, limits) if limits else probe(path)
    assert problem.value.code in INPUT_CODES
    sentence = problem.value.sentence
    assert sentence.endswith(".") and "\n" not in sentence and str(path.parent) not in sentence
    return problem.value.code


@pytest.mark.parametrize(
    ("name", "container"),
    [
        ("plain.mp4", "mov"),
        ("plain.mov", "mov"),
        ("plain.mkv", "matroska"),
        ("plain.avi", "avi"),
        ("plain.ts", "mpegts"),
        ("plain.m2ts", "mpegts"),
    ],
)
def test_an_honest_file_is_described(odd_files, name, container):
    info = probe(odd_files / name)
    assert info.container == container
    assert info.image_size_px == (320, 180) and info.rotation_deg == 0 and not info.has_audio
    assert info.fps == pytest.approx(25, abs=0.01) and info.is_constant_rate
    assert info.duration_ms == pytest.approx(4000, abs=50) and abs(info.n_frames - 100) <= 1
    assert info.size_bytes == (odd_files / name).stat().st_size and len(info.sha256) == 64


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("empty.mp4", "video_empty"),
        ("text.mp4", "video_not_a_container"),
        ("half.mp4", "video_truncated"),
        ("half.mkv", "video_truncated"),
        ("half.avi", "video_truncated"),
        ("head_only.mp4", "video_unreadable"),
        ("hollow.mp4", "video_damaged"),
        ("audio_only.mp4", "video_no_picture"),
        ("one_pixel.mp4", "video_too_small"),
        ("one_frame.mp4", "video_single_frame"),
        ("mpeg2.ts", "video_codec"),
        ("fast.mp4", "video_too_fast"),
        ("many_streams.mp4", "video_too_many_streams"),
        ("is not there.mp4", "video_missing"),
    ],
)
def test_a_bad_file_is_refused_in_one_sentence(odd_files, name, code):
    assert refusal(odd_files / name) == code


def test_folders_and_pipes_are_not_files(tmp_path):
    assert refusal(tmp_path) == "video_not_a_file"
    os.mkfifo(tmp_path / "pipe.mp4")
    assert refusal(tmp_path / "pipe.mp4") == "video_not_a_file"
    assert refusal(Path("/dev/zero")) == "video_not_a_file"


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(max_bytes=100), "video_too_big"),
        (Limits(max_duration_ms=3000), "video_too_long"),
        (Limits(max_side_px=300), "video_too_large"),
        (Limits(max_pixels=300 * 180), "video_too_large"),
    ],
)
def test_limits_hold(odd_files, limits, code):
    assert refusal(odd_files / "plain.mp4", limits) == code


def test_a_header_that_claims_a_giant_picture_is_refused(odd_files, tmp_path):
    raw = bytearray((odd_files / "plain.mp4").read_bytes())
    sample_entry = raw.index(b"avc1") + 4
    raw[sample_entry + 24 : sample_entry + 28] = b"\xff\xff\xff\xff"
    liar = tmp_path / "giant.mp4"
    liar.write_bytes(raw)
    try:
        info = probe(liar)
    except InputProblem as problem:
        assert problem.code == "video_too_large"
    else:
        # The picture itself is small, and only that is decoded.
        assert info.image_size_px == (320, 180)


@pytest.mark.real
@pytest.mark.skipif(not HOSTILE.is_dir(), reason="the hostile files are not beside the checkout")
def test_every_hostile_file_is_refused_and_the_honest_one_is_not():
    names = sorted(path.name for path in HOSTILE.iterdir())
    assert len(names) >= 7
    for name in names:
        if name == "ok.mp4":
            assert probe(HOSTILE / name).n_frames == 50
        else:
            assert refusal(HOSTILE / name) in ("video_not_a_container", "video_codec")


@pytest.mark.parametrize("name", ["evil.mp4", "script.mkv", "list.ts"])
def test_a_script_cannot_make_us_open_another_file(odd_files, tmp_path, name):
    (tmp_path / "secret.ts").write_bytes((odd_files / "plain.ts").read_bytes())
    for text in (
        "ffconcat version 1.0\nfile secret.ts\n",
        "#EXTM3U\n#EXTINF:2,\nsecret.ts\n#EXT-X-ENDLIST\n",
    ):
        (tmp_path / name).write_text(text)
        assert refusal(tmp_path / name) == "video_not_a_container"


def test_odd_names_are_only_names(odd_files, tmp_path):
    for name in ("concat:a|b.mp4", "-i.mp4", "http:x.mp4", "näme mit ümlaut 🙂.mp4"):
        copy = tmp_path / name
        copy.write_bytes((odd_files / "plain.mp4").read_bytes())
        assert probe(copy).n_frames == 100


def test_varying_rates_turned_pictures_and_wide_pixels_are_seen(odd_files):
    assert not probe(odd_files / "varying.mp4").is_constant_rate
    turned = probe(odd_files / "turned.mp4")
    assert turned.image_size_px == (180, 320) and turned.rotation_deg in (90, 270)
    assert probe(odd_files / "wide_pixels.mp4").image_size_px == (427, 180)
    assert probe(odd_files / "with_sound.mp4").has_audio


def test_a_known_digest_is_not_computed_again(odd_files, tmp_path, monkeypatch):
    first = probe(odd_files / "plain.mp4", digest_cache=tmp_path / "digests")
    monkeypatch.setattr("hashlib.file_digest", lambda *_: pytest.fail("the file was read again"))
    assert probe(odd_files / "plain.mp4", digest_cache=tmp_path / "digests").sha256 == first.sha256
    assert probe(odd_files / "plain.mp4", sha256="ab" * 32).sha256 == "ab" * 32


def test_a_changed_file_is_hashed_anew(odd_files, tmp_path):
    copy = tmp_path / "copy.mp4"
    copy.write_bytes((odd_files / "plain.mp4").read_bytes())
    first = probe(copy, digest_cache=tmp_path / "digests")
    copy.write_bytes((odd_files / "varying.mp4").read_bytes())
    assert probe(copy, digest_cache=tmp_path / "digests").sha256 != first.sha256
