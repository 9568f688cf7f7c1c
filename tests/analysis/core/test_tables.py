import csv
import io
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.core.problems import InputProblem
from analysis.core.tables import (
    BOM,
    CALIBRATION,
    EVENTS,
    REPLAYS,
    SHOTS,
    TABLES,
    TRACKING,
    csv_text,
    defused,
    fused,
    read_csv,
)

EXAMPLES = Path(__file__).resolve().parents[4] / "shared" / "data" / "export_examples"
HOSTILE = [
    '=HYPERLINK("http://x")', "+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "'=1", "''=1", "'", "'hi",
    "a;=1", "a,b", 'say "hi"', "line\nbreak", " padded ", "<img onerror=1>", "Ñandú 🙂", "\u202eltr", "x" * 300, "-",
]  # fmt: skip


def written(table, rows, **options):
    return "".join(csv_text(table, rows, **options))


def event(**cells):
    return [cells.get(name) for name in EVENTS.header]


def values(table, text):
    return list(read_csv(table, io.StringIO(text, newline="")))


def test_events_are_byte_for_byte_the_canonical_form():
    rows = [
        event(
            event_id="1", match_id="m-42", period=1, match_clock="13:12", period_time_s=792.72, video_time_s=1105.2,
            video_time="00:18:25.200", frame=27630, label="Shot", team="home", player_jersey="9",
            player_name="Ana Ruiz", x_m=38.4, y_m=6.1, confidence=0.83, confidence_kind="calibrated",
            status="confirmed", source="coach", model_version="spot-1.4.0", clip_start_s=1098.2, clip_end_s=1110.2,
        ),
        event(event_id="4", player_name='=HYPERLINK("http://x")', x_m=-52.5, y_m=-0.001, match_clock="-00:05"),
    ]  # fmt: skip
    text = written(EVENTS, rows)
    lines = text.split("\r\n")
    assert text.startswith(BOM) and lines[-1] == "" and "\n" not in text.replace("\r\n", "")
    assert lines[0].removeprefix(BOM).count(",") == 22
    assert lines[1] == (
        "1,m-42,1,13:12,792.720,1105.200,00:18:25.200,27630,Shot,home,9,Ana Ruiz,38.40,6.10,0.830,calibrated,"
        "confirmed,coach,spot-1.4.0,1098.200,1110.200,,"
    )
    assert lines[2] == '4,,,-00:05,,,,,,,,"\'=HYPERLINK(""http://x"")",-52.50,0.00,,,,,,,,,'


@pytest.mark.real
@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the example files are not beside the checkout")
@pytest.mark.parametrize("table", [EVENTS, TRACKING])
def test_the_example_files_are_read_and_written_back_unchanged(table):
    raw = (EXAMPLES / f"{table.name}.csv").read_bytes().decode()
    rows = values(table, raw)
    again = written(table, [list(row.values()) for row in rows])
    assert again.replace("\r\n", "\n") == raw.replace("\r\n", "\n")


def test_decisions_fix_the_other_headers():
    assert ",".join(CALIBRATION.header) == (
        "video_time_s,frame,width_px,height_px,h11,h12,h13,h21,h22,h23,h31,h32,h33,confidence,status,method"
    )
    assert ",".join(SHOTS.header) == "shot_id,start_s,end_s,camera,transition,is_replay,confidence"
    assert ",".join(REPLAYS.header) == "replay_id,start_s,end_s,event_id,action_s,confidence"
    assert len(EVENTS.header) == 23 and len(TRACKING.header) == 15


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_no_rows_still_leave_a_header(table):
    text = written(table, [])
    assert text.removeprefix(BOM) == ",".join(table.header) + table.newline
    assert values(table, text) == []


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_harmless_in_the_cell_and_comes_back_whole(name):
    text = written(EVENTS, [event(player_name=name, note=name, x_m=-1.0)])
    cells = next(row for i, row in enumerate(csv.reader(io.StringIO(text, newline=""))) if i == 1)
    cell = cells[EVENTS.header.index("player_name")]
    assert cell[:1] not in ("=", "+", "-", "@", "\t", "\r", "\n")
    assert cells[EVENTS.header.index("x_m")] == "-1.00"
    (row,) = values(EVENTS, text)
    assert row["player_name"] == name and row["note"] == name


@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_fusing_is_the_exact_inverse_of_defusing(text):
    assert fused(defused(text)) == text
    assert defused(text)[:1] not in ("=", "+", "-", "@", "\t", "\r", "\n")


def test_one_apostrophe_is_taken_away_only_before_a_trigger():
    assert fused("'=1") == "=1" and fused("'tis") == "'tis" and fused("''=1") == "'=1"


NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
SAMPLES = st.tuples(
    st.floats(-1e4, 1e4),
    st.integers(0, 10**6),
    st.lists(NUMBERS, min_size=9, max_size=9),
)


@given(st.lists(SAMPLES, max_size=4))
def test_matrices_come_back_exactly_and_a_second_writing_gives_the_same_bytes(samples):
    rows = [
        [time_s, frame, 1280, 720, *matrix, 0.5, "ok", "line_fit"]
        for time_s, frame, matrix in samples
    ]
    text = written(CALIBRATION, rows)
    read = values(CALIBRATION, text)
    for row, (_, frame, matrix) in zip(read, samples, strict=True):
        assert [row[f"h{i}{j}"] for i in (1, 2, 3) for j in (1, 2, 3)] == matrix
        assert row["frame"] == frame
    assert written(CALIBRATION, [list(row.values()) for row in read]) == text


def test_unknown_is_empty_and_never_zero():
    known = {"match_id": "m", "video_time_s": 1.0, "track_id": 0, "role": "ball", "x_m": math.nan}
    known |= {"y_m": math.nan, "source": "not_seen", "calib_ok": False}
    text = written(TRACKING, [[known.get(name) for name in TRACKING.header]])
    assert text.splitlines()[1] == "m,,,1.000,,0,,ball,,,,,not_seen,0,"
    (row,) = values(TRACKING, text)
    assert row["x_m"] is None and row["calib_ok"] is False


def test_decimal_commas_go_with_semicolons():
    text = written(
        SHOTS, [[1, 0.0, 12.5, "other", "abrupt", True, 0.5]], separator=";", decimal_comma=True
    )
    assert text.splitlines()[1] == "1;0,000;12,500;other;abrupt;1;0,500"
    with pytest.raises(ValueError):
        written(SHOTS, [], decimal_comma=True)


def test_long_files_come_in_pieces():
    rows = ([i, 0, 1, "other", "abrupt", False, 1] for i in range(2000))
    pieces = list(csv_text(SHOTS, rows))
    assert len(pieces) > 3 and "".join(pieces).count("\n") == 2001


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "csv_columns"),
        ("a,b\n", "csv_columns"),
        (written(SHOTS, []) + "1,2\n", "csv_cell"),
        (written(SHOTS, []) + "x,0,1,other,abrupt,0,1\n", "csv_cell"),
        (written(SHOTS, []) + "1,nan,1,other,abrupt,0,1\n", "csv_cell"),
        (written(SHOTS, []) + "1,0,1,other,abrupt,2,1\n", "csv_cell"),
    ],
)
def test_other_files_are_refused_in_words(text, code):
    with pytest.raises(InputProblem) as problem:
        values(SHOTS, text)
    assert problem.value.code == code and problem.value.sentence.endswith(".")


def test_a_row_of_the_wrong_length_is_a_bug():
    with pytest.raises(ValueError, match="7 cells, got 1"):
        written(SHOTS, [[1]])
