import csv
import gzip
import io
import json
import os
import resource
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analysis.cli.main import main
from analysis.cli.run import PlainLines, parse_pitch, words_of
from analysis.core import tables
from analysis.core.problems import InputProblem
from analysis.core.records import StageEvent
from analysis.pipeline.files import write_files
from tests.analysis.small_match import IMAGE_FROM_PITCH
from tests.webapp.analytics.summaries import make_summary

FILES = [
    "calibration.csv",
    "events.csv",
    "manifest.json",
    "replays.csv",
    "shots.csv",
    "tracking.csv.gz",
]


@pytest.fixture
def run(trial, tmp_path):
    """The command on some videos: (exit status, folder)."""

    common = ["--recipe", str(trial), "--store", str(tmp_path / "store")]

    def command(*videos, out=tmp_path / "new" / "out", extra=()):
        return main(["run", *map(str, videos), "--out", str(out), *common, *extra]), out

    return command


def rows(folder, table):
    packed = folder / f"{table.name}.csv.gz"
    raw = (
        gzip.decompress(packed.read_bytes())
        if packed.exists()
        else (folder / f"{table.name}.csv").read_bytes()
    )
    return list(tables.read_csv(table, io.StringIO(raw.decode(), newline="")))


def left_behind(tmp_path):
    """Everything below a folder but the trial's own things."""
    own = {"methods", "trial.toml", "calibrated.log", "store"}
    return sorted(path.name for path in tmp_path.iterdir() if path.name not in own)


def test_a_run_writes_six_files_that_read_back(films, run, capsys):
    status, out = run(films / "first.mp4", extra=["--match-id", "=cup final"])
    assert status == 0 and sorted(path.name for path in out.iterdir()) == FILES
    words = capsys.readouterr()
    assert "100% of 12 samples calibrated" in words.out and "Traceback" not in words.err
    events = rows(out, tables.EVENTS)
    assert [row["label"] for row in events[:2]] == ["Kick-off", "Corner"] or events[0][
        "label"
    ] == "Kick-off"
    assert events[0]["event_id"] == "1" and events[0]["match_id"] == "=cup final"
    assert events[0]["model_version"] == "far_right 1" and events[0]["confidence_kind"] == "raw"
    assert events[0]["clip_start_s"] == 0.0 and events[0]["clip_end_s"] == 5.0
    assert (out / "events.csv").read_bytes().startswith(b"\xef\xbb\xbfevent_id,match_id,")
    tracking = rows(out, tables.TRACKING)
    people = [row for row in tracking if row["role"] != "ball"]
    assert len({row["video_time_s"] for row in tracking}) == 12
    assert len(people) >= 12 * 15 and {row["team"] for row in people} == {"home", "away"}
    assert all(
        row["source"] == "not_seen" and row["x_m"] is None
        for row in tracking
        if row["role"] == "ball"
    )
    calibrations = rows(out, tables.CALIBRATION)
    matrix = [calibrations[1][f"h{i}{j}"] for i in (1, 2, 3) for j in (1, 2, 3)]
    assert matrix == np.ravel(IMAGE_FROM_PITCH).tolist()
    assert (calibrations[1]["video_time_s"], calibrations[1]["frame"]) == (0.52, 13)
    assert rows(out, tables.SHOTS) == rows(out, tables.REPLAYS) == []
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["videos"][0]["verdict"] == "ok" and manifest["videos"][0]["positions"] == len(
        people
    )
    assert manifest["pitch"] == {"length_m": 105.0, "width_m": 68.0}


def test_the_same_run_gives_the_same_bytes(films, run, tmp_path):
    _, first = run(films / "first.mp4", out=tmp_path / "a", extra=["--match-id", "m"])
    _, second = run(films / "first.mp4", out=tmp_path / "b", extra=["--match-id", "m"])
    for name in FILES:
        assert (first / name).read_bytes() == (second / name).read_bytes(), name


def test_two_halves_share_the_files(films, run):
    status, out = run(films / "first.mp4", films / "second.mp4")
    assert status == 0
    assert {row["period"] for row in rows(out, tables.TRACKING)} == {1, 2}
    assert {row["period"] for row in rows(out, tables.EVENTS)} == {1, 2}
    assert len(rows(out, tables.CALIBRATION)) == 24


def test_varying_rates_have_exact_times_and_no_frame_numbers(films, run):
    _, out = run(films / "varying.mp4")
    calibrations = rows(out, tables.CALIBRATION)
    assert [row["video_time_s"] for row in calibrations] == [0, 0.52, 1, 1.5, 2.73, 3.01, 3.5]
    assert {row["frame"] for row in calibrations} == {None}


def test_no_pitch_is_said_in_words_with_refused_calibrations_and_nothing_else(films, run, capsys):
    status, out = run(films / "hall.mp4")
    assert status == 0 and "no usable pitch view" in capsys.readouterr().out
    assert {row["status"] for row in rows(out, tables.CALIBRATION)} == {"refused"}
    assert {row["h11"] for row in rows(out, tables.CALIBRATION)} == {None}
    assert rows(out, tables.EVENTS) == []
    assert {row["source"] for row in rows(out, tables.TRACKING)} == {"not_seen"}
    assert (
        json.loads((out / "manifest.json").read_text())["videos"][0]["verdict"]
        == "no_usable_pitch_view"
    )


@pytest.mark.parametrize(
    "name",
    ["empty.mp4", "text.mp4", "half.mp4", "half.mkv", "head_only.mp4", "hollow.mp4", "scratched.mp4", "audio_only.mp4",
     "one_pixel.mp4", "one_frame.mp4", "mpeg2.ts", "fast.mp4", "many_streams.mp4", "nothing.mp4"],
)  # fmt: skip
def test_bad_input_leaves_one_sentence_and_nothing_else(odd_files, run, tmp_path, capsys, name):
    status, _ = run(odd_files / name)
    err = capsys.readouterr().err.splitlines()
    assert status == 1 and len(err) == 1 and err[0].endswith("."), err
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize(
    "name", ["varying.mp4", "turned.mp4", "wide_pixels.mp4", "late.mkv", "plain.ts", "plain.m2ts"]
)
def test_odd_but_honest_files_work(odd_files, run, name):
    status, out = run(odd_files / name)
    assert status == 0 and len(rows(out, tables.CALIBRATION)) >= 8


def test_the_same_file_twice_is_refused(films, run, tmp_path, capsys):
    status, _ = run(films / "first.mp4", films / "first.mp4")
    assert status == 1 and "twice" in capsys.readouterr().err and left_behind(tmp_path) == []


def test_one_bad_half_refuses_the_match_before_work(
    films, odd_files, run, tmp_path, calibrated_times
):
    assert run(films / "first.mp4", odd_files / "text.mp4")[0] == 1
    assert left_behind(tmp_path) == [] and calibrated_times() == []


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        (["--pitch", "50x30"], "a pitch"),
        (["--pitch", "big"], "a pitch"),
        (["--recipe", "nothing"], "no recipe"),
        (["--device", "toaster"], "no device"),
    ],
)
def test_wrong_wishes_are_refused(films, run, tmp_path, capsys, extra, words):
    status, _ = run(films / "first.mp4", extra=extra)
    assert status == 1 and words in capsys.readouterr().err and left_behind(tmp_path) == []


def test_a_file_in_the_way_of_the_folder_is_said_at_once(films, run, tmp_path, calibrated_times):
    (tmp_path / "taken").write_text("mine")
    assert run(films / "first.mp4", out=tmp_path / "taken")[0] == 1
    assert run(films / "first.mp4", out=tmp_path / "taken" / "below")[0] == 1
    assert (tmp_path / "taken").read_text() == "mine" and calibrated_times() == []


def test_other_files_in_the_folder_stay(films, run, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.txt").write_text("mine")
    (tmp_path / "out" / "events.csv").write_text("old")
    status, out = run(films / "first.mp4", out=tmp_path / "out")
    assert status == 0 and sorted(p.name for p in out.iterdir()) == sorted([*FILES, "notes.txt"])
    assert (out / "events.csv").stat().st_size > 10


@pytest.mark.parametrize("limit_bytes", [300, 1000])
def test_files_that_cannot_be_written_leave_nothing(films, run, tmp_path, capsys, limit_bytes):
    """The system refuses longer files, while stage results are stored (300) or while the files are written (1000)."""
    if limit_bytes == 1000:
        run(films / "first.mp4", out=tmp_path / "warm")
        capsys.readouterr()
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, hard))
    try:
        status, out = run(films / "first.mp4")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    err = capsys.readouterr().err
    assert status == 1 and "The disk is full" in err and "Traceback" not in err
    assert not out.exists() and not out.parent.exists()
    assert not list((tmp_path / "store").rglob(".part-*"))


@pytest.fixture
def tiny_disk(tmp_path):
    """A disk of 64 kB; skips where it may not be mounted."""
    place = tmp_path / "disk"
    place.mkdir()
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)], capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("a small disk cannot be mounted here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_no_space_left_is_said_and_the_disk_is_as_before(films, run, tiny_disk, capsys):
    (tiny_disk / "filler").write_bytes(bytes(60 * 1024))
    status, _ = run(films / "first.mp4", out=tiny_disk / "out")
    assert status == 1 and "The disk is full" in capsys.readouterr().err
    assert [path.name for path in tiny_disk.iterdir()] == ["filler"]


def test_a_failure_takes_new_folders_back_but_not_old_ones(tmp_path, monkeypatch):
    monkeypatch.setattr(
        "analysis.pipeline.files._write", lambda *_: (_ for _ in ()).throw(OSError(28, "full"))
    )
    (tmp_path / "old").mkdir()
    for folder in (tmp_path / "old", tmp_path / "x" / "y"):
        with pytest.raises(OSError):
            write_files(folder, [], _recipe(), parse_pitch("105x68"), "m")
    assert [path.name for path in tmp_path.iterdir()] == ["old"] and not list(
        (tmp_path / "old").iterdir()
    )


def _recipe():
    from analysis.pipeline.recipe import load_recipe

    return load_recipe("default")


def test_the_pitch_is_read():
    assert parse_pitch("100X64.5").width_m == 64.5
    for text in ("105", "105x", "axb", "105x68x3"):
        with pytest.raises(InputProblem):
            parse_pitch(text)


def test_plain_lines_are_few(capsys):
    lines = PlainLines()
    for done in range(1001):
        lines(StageEvent("calibrate", done, 1000))
    lines(StageEvent("spot", 0, 0))
    said = capsys.readouterr().out.splitlines()
    assert (
        said[0] == "calibrating the camera: 0 of 1000"
        and said[-1].endswith("1000 of 1000")
        and len(said) <= 11
    )


def test_the_file_names_are_ascii_csv_with_one_header(films, run):
    _, out = run(films / "first.mp4")
    for name in ("calibration.csv", "shots.csv", "replays.csv"):
        with (out / name).open(newline="") as opened:
            assert len({len(row) for row in csv.reader(opened)}) == 1
    assert Path(out / "tracking.csv.gz").read_bytes()[4:8] == bytes(4), "no time of making inside"


def test_what_was_passed_over_is_said():
    plain = make_summary()
    (sentence,) = words_of([replace(plain, passed_over=0.25)])
    assert sentence.endswith("25% of the samples showed another camera and cost no calibration.")
    assert "another camera" not in words_of([plain])[0]
