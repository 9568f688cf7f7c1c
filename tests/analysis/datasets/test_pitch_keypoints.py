"""Labelled pitch frames: only trustworthy ones, whole sequences to folds, held-out records by themselves."""

import json

import pytest

from analysis.core.problems import InputProblem
from analysis.datasets.pitch_keypoints import (
    fold_of_sequences,
    read_labelled_frames,
    write_labels_of,
)

POINTS = [
    {"point": k, "x_rel": 0.1 * k, "y_rel": 0.5, "pitch_xy_m": [10.0 * k, 5.0]} for k in range(6)
]


def record(name, sequence, **changes):
    base = {
        "image": f"images/{name}.jpg", "sequence": sequence, "kind": "tv", "points": POINTS,
        "suspect": False, "fit_error_px": 1.0,
        "image_from_pitch_1280x720": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    }  # fmt: skip
    return {**base, **changes}


def folder_of(tmp_path, records):
    (tmp_path / "annotations.json").write_text(json.dumps(records))
    return tmp_path


def test_bad_labels_are_left_out(tmp_path):
    folder = folder_of(
        tmp_path,
        [
            record("good", "a"),
            record("suspect", "a", suspect=True),
            record("loose", "a", fit_error_px=6.1),
            record("unfitted", "a", image_from_pitch_1280x720=None),
            record("few", "a", points=POINTS[:3]),
        ],
    )
    frames = read_labelled_frames(folder)
    assert [frame.image_path.name for frame in frames] == ["good.jpg"]
    assert frames[0].points_px[1].tolist() == [128.0, 360.0]


def test_folds_hold_whole_sequences_and_spread_the_tv_ones(tmp_path):
    records = [record(f"t{k}", "tv_one") for k in range(5)]
    records += [record(f"u{k}", "tv_two") for k in range(5)]
    for number, size in enumerate((9, 7, 5, 3, 2, 1)):
        kind = {"kind": "scouting_feed"}
        records += [record(f"s{number}_{k}", f"s{number}", **kind) for k in range(size)]
    folds = fold_of_sequences(read_labelled_frames(folder_of(tmp_path, records)), 3)
    assert set(folds.values()) == {0, 1, 2}
    assert folds["tv_one"] != folds["tv_two"]
    sizes = [sum(1 for r in records if folds[r["sequence"]] == fold) for fold in range(3)]
    assert max(sizes) - min(sizes) <= 3


def test_held_out_records_are_written_whole(tmp_path):
    folder = folder_of(tmp_path, [record("one", "a"), record("two", "b")])
    write_labels_of(folder, {"b"}, tmp_path / "run" / "held_out.json")
    kept = json.loads((tmp_path / "run" / "held_out.json").read_text())
    assert [item["sequence"] for item in kept] == ["b"]
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["held_out.json"]


def test_a_folder_without_labels_is_told(tmp_path):
    with pytest.raises(InputProblem) as caught:
        read_labelled_frames(tmp_path)
    assert caught.value.code == "labels_unreadable"
