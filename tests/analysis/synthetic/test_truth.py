"""The truth of a simulated match is what the pictures show and what the positions did."""

import hashlib
import json
import tracemalloc

import cv2
import numpy as np
import pytest

from analysis.cli.main import main
from analysis.core import tables
from analysis.core.camera import Camera
from analysis.core.homography import project
from analysis.core.pitch import STANDARD_PITCH
from analysis.synthetic.figures import Kit, Wardrobe
from analysis.synthetic.lines import line_mask
from analysis.synthetic.match import at_film_rate, sample_match
from analysis.synthetic.truth import box_bytes, camera_lines


@pytest.mark.parametrize(
    "pan,tilt,focal", [(0.0, 0.24, 1700), (0.5, 0.2, 2600), (-0.4, 0.28, 1500)]
)
def test_projected_lines_lie_in_the_middle_of_painted_ones(pan, tilt, focal):
    camera = Camera((1.0, -75.0, 18.0), pan, tilt, focal, (1280, 720), 0.01)
    mask = line_mask(camera.image_from_pitch, STANDARD_PITCH, (1280, 720)).astype(float) / 255
    errors = []
    for name, points in STANDARD_PITCH.sampled_marks(1.0).items():
        pixel = project(camera.image_from_pitch, points)
        for i in range(1, len(points) - 1):
            along = pixel[i + 1] - pixel[i - 1]
            across = np.array([-along[1], along[0]]) / np.linalg.norm(along)
            at = np.arange(-4, 4.01, 0.1)
            ray = pixel[i] + at[:, None] * across
            if not ((ray > 5) & (ray < [1275, 715])).all():
                continue
            # Other marks nearby would pull the centre: look only where this one is alone.
            others = np.concatenate(
                [p for n, p in STANDARD_PITCH.sampled_marks(0.3).items() if n != name]
            )
            gap = np.linalg.norm(project(camera.image_from_pitch, others) - pixel[i], axis=1)
            if np.nanmin(gap) < 12:
                continue
            sample = cv2.remap(
                mask,
                np.float32(ray[None, :, 0] - 0.5),
                np.float32(ray[None, :, 1] - 0.5),
                cv2.INTER_LINEAR,
            )[0]
            assert sample.sum() > 0, f"{name} is not painted at {points[i]}"
            errors.append(abs((at * sample).sum() / sample.sum()))
    assert len(errors) > 30
    assert np.max(errors) < 0.5
    assert np.median(errors) < 0.12


def test_feet_of_boxes_project_to_the_true_positions():
    match = sample_match(5, minutes=0.2)
    views = match.views(range(100, 200))
    matrices = match.path.image_from_pitch(slice(100, 200))
    assert views.is_shown.sum() > 500
    for i in range(0, 100, 9):
        shown = views.is_shown[i]
        box = views.box_px[i, shown]
        foot = np.stack([(box[:, 0] + box[:, 2]) / 2, box[:, 3]], axis=1)
        ground = project(np.linalg.inv(matrices[i]), foot)
        error = np.linalg.norm(ground - match.play.person_xy_m[100 + i, shown], axis=1)
        assert error.max() < 0.05


def test_boxes_hold_the_painted_figures():
    """A frame with people and one without differ inside the boxes, and hardly outside."""
    match = sample_match(3, minutes=0.05)
    frame = next(match.frames()).image.astype(int)
    empty = sample_match(3, minutes=0.05)
    empty.play.person_xy_m[:] = np.nan
    bare = next(empty.frames()).image.astype(int)
    changed = np.abs(frame - bare).sum(2) > 90
    views = match.views(range(1))
    inside = np.zeros(changed.shape, bool)
    for box in views.box_px[0, views.is_shown[0]]:
        x0, y0, x1, y1 = np.rint(box).astype(int)
        inside[max(0, y0 - 1) : y1 + 1, max(0, x0 - 1) : x1 + 1] = True
        part = changed[max(0, y0) : y1, max(0, x0) : x1]
        assert part.size == 0 or part.mean() > 0.2
    # Shadows fall outside boxes and are dark; strong changes are figures.
    assert (changed & ~inside).sum() < 0.35 * changed.sum()


def test_the_sample_has_kick_off_throw_in_corner_and_goal():
    for seed in range(12):
        labels = [event.label for event in sample_match(seed).play.events]
        assert labels[0] == "Kick-off"
        for label in ("Throw-in", "Corner", "Goal"):
            assert label in labels, (seed, label, labels)
        assert labels.index("Goal") < len(labels) - 1
        assert "Kick-off" in labels[labels.index("Goal") :], seed


def _digests(folder):
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
        if path.suffix != ".mp4"
    }


def test_same_seed_same_bytes(tmp_path, capsys):
    arguments = ["simulate", "--minutes", "0.1", "--seed", "9", "--no-video", "--out"]
    assert main([*arguments, str(tmp_path / "a")]) == 0
    assert main([*arguments, str(tmp_path / "b")]) == 0
    assert (
        main(
            [
                "simulate",
                "--minutes",
                "0.1",
                "--seed",
                "8",
                "--no-video",
                "--out",
                str(tmp_path / "c"),
            ]
        )
        == 0
    )
    first, second, other = (_digests(tmp_path / name) for name in "abc")
    assert first == second
    assert set(first) == {
        "events.csv",
        "Labels-v2.json",
        "tracking.csv.gz",
        "cameras.csv",
        "shots.csv",
        "replays.csv",
        "boxes.csv",
    }
    assert first["tracking.csv.gz"] != other["tracking.csv.gz"]


def test_same_seed_same_frames():
    first, second = (next(sample_match(4, 0.05, (320, 180)).frames()).image for _ in range(2))
    assert (first == second).all()


@pytest.mark.parametrize(
    "extra",
    [
        ["--minutes", "0"],
        ["--minutes", "-3"],
        ["--minutes", "nan"],
        ["--size", "-640x360"],
        ["--size", "641x360"],
        ["--size", "many"],
        ["--seed", "-1"],
        ["--minutes", "soon"],
        ["--fps", "0"],
        ["--fps", "7"],
        ["--fps", "50"],
        ["--fps", "nan"],
    ],
)
def test_bad_arguments_get_one_sentence_and_no_files(tmp_path, capsys, extra):
    out = tmp_path / "out"
    try:
        status = main(["simulate", "--out", str(out), "--no-video", *extra])
    except SystemExit as stop:
        status = stop.code
    assert status in (1, 2)
    errors = capsys.readouterr().err.strip()
    assert errors and "Traceback" not in errors
    assert not out.exists() or not list(out.iterdir())


def test_the_small_match_has_a_readable_video(small_match_folder):
    from analysis.video.probe import probe

    seen = probe(small_match_folder / "match.mp4")
    assert (seen.width_px, seen.height_px, seen.n_frames, seen.fps) == (640, 360, 500, 25)
    assert seen.duration_ms == 20_000
    files = {path.name for path in small_match_folder.iterdir()}
    assert "match.mp4" in files
    with (small_match_folder / "cameras.csv").open(newline="") as lines:
        cameras = list(tables.read_csv(tables.CAMERAS, lines))
    assert len(cameras) == 500
    labels = json.loads((small_match_folder / "Labels-v2.json").read_text())
    assert labels["annotations"][0]["gameTime"] == "1 - 00:00"


def test_the_film_has_sound(small_match_folder):
    from analysis.video.probe import probe

    assert probe(small_match_folder / "match.mp4").has_audio


@pytest.mark.parametrize("rate_hz", [5.0, 2.5])
def test_a_slow_film_draws_the_same_pictures_only_fewer(rate_hz):
    match = sample_match(4, 0.05, (320, 180))
    slow = at_film_rate(match, rate_hz)
    every = [frame.image for frame in match.frames()]
    some = list(slow.frames())
    assert [frame.index for frame in some] == list(range(len(some)))
    assert len(some) == -(-len(every) // slow.frame_step)
    for frame in some:
        assert (frame.image == every[frame.index * slow.frame_step]).all()
        assert frame.time_ms == frame.index * slow.frame_step * 40
    rows = "".join(camera_lines(slow)).splitlines()[1:]
    assert [row.split(",")[:2] for row in rows] == [
        [f"{frame.time_ms / 1000:.3f}", str(frame.index)] for frame in some
    ]


def test_drawing_a_film_takes_no_more_memory_when_it_is_longer():
    """What is held while frames are drawn, over what the positions themselves take."""
    peaks = []
    for minutes in (0.2, 0.8):
        match = at_film_rate(sample_match(4, minutes, (320, 180)), 2.5)
        assert match.motion is match.motion
        assert match.screen_motion is match.screen_motion
        tracemalloc.start()
        try:
            for _ in match.frames():
                pass
            for _ in box_bytes(match):
                pass
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    # Four times the film; sprites still come in, up to the wardrobe's limit.
    assert peaks[1] < peaks[0] + 24e6


def test_the_wardrobe_throws_out_what_was_not_worn_lately():
    kit = Kit((200, 0, 0), (0, 0, 0), (0, 0, 0))
    wardrobe = Wardrobe(kept_bytes=600_000)
    for _ in range(2):
        for pose in range(9):
            for yaw in range(12):
                wardrobe.sprite(kit, 0, pose, yaw, 30.0)
                assert wardrobe.n_bytes <= 600_000
    assert wardrobe.sprite(kit, 0, 8, 11, 30.0) is wardrobe.sprite(kit, 0, 8, 11, 30.0)
    fine, coarse = (wardrobe.sprite(kit, 0, 0, 0, size) for size in (200.0, 20.0))
    assert fine.detail > coarse.detail


def test_a_missing_codec_is_one_sentence_and_leaves_nothing(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("analysis.video.encode.VIDEO_CODEC", "no-such-codec")
    out = tmp_path / "out"
    assert main(["simulate", "--out", str(out), "--minutes", "0.02", "--size", "64x64"]) == 1
    errors = capsys.readouterr().err.strip()
    assert "H.264" in errors and "Traceback" not in errors and len(errors.splitlines()) == 1
    assert not list(out.iterdir())
