"""Files come back through kloppy as what they were, compared through what that reader keeps."""

import io
from datetime import timedelta

import pytest

from tests.webapp.exports.sheets import EVENTS, SPOTS, sheet, written
from webapp.exports.formats import epts, metrica_tracking, sportscode_xml
from webapp.exports.sheet import Options

kloppy = pytest.importorskip("kloppy")


def test_sportscode_xml_comes_back():
    from kloppy import sportscode

    codes = sportscode.load(io.BytesIO(written(sportscode_xml))).records
    events = [code for code in codes if not code.code.startswith("Start ")]
    assert [code.code for code in events] == [e.label for e in EVENTS]
    assert [code.code_id for code in codes] == [str(i + 1) for i in range(6)]
    for code, e in zip(events, EVENTS, strict=True):
        assert code.timestamp == timedelta(milliseconds=e.begin_ms)
        assert code.end_timestamp == timedelta(milliseconds=e.end_ms)
        assert code.labels["Team"] == e.team and code.labels["Half"] == e.half
        assert code.labels["Status"] == e.status
    assert [code.labels["Confidence"] for code in events] == [
        "90-100%", "80-90%", "40-50%", "90-100%",
    ]  # fmt: skip


def test_metrica_tracking_comes_back():
    from kloppy import metrica

    files = [b"".join(p) for _, p in metrica_tracking.files(sheet(spots=SPOTS), Options())]
    found = metrica.load_tracking_csv(
        home_data=io.BytesIO(files[0]), away_data=io.BytesIO(files[1]), coordinates="metrica"
    )
    assert len(found.records) == 5 and [p.id for p in found.metadata.periods] == [1, 2]
    first, second = found.records[0], found.records[1]
    by_id = {
        player.jersey_no: (p.coordinates.x, p.coordinates.y)
        for player, p in first.players_data.items()
    }
    # Its reader turns y upwards.
    assert by_id[1] == pytest.approx((0.11, 0.5)) and by_id[17] == pytest.approx(
        (0.80012, 0.7), abs=1e-4
    )
    assert len(second.players_data) == 3 and second.ball_coordinates is None
    # Times of a period count from its first frame, to within one frame.
    for record, spot_ms in zip(found.records, (0, 40, 80, 0, 40), strict=True):
        assert abs(record.timestamp.total_seconds() - spot_ms / 1000) <= 0.04


def test_epts_comes_back():
    from kloppy import metrica

    files = {n: b"".join(p) for n, p in epts.files(sheet(spots=SPOTS), Options())}
    found = metrica.load_tracking_epts(
        meta_data=io.BytesIO(files["epts_metadata.xml"]),
        raw_data=io.BytesIO(files["epts_tracking.txt"]),
        coordinates="metrica",
    )
    assert len(found.records) == 5 and found.metadata.frame_rate == 25
    assert [p.id for p in found.metadata.periods] == [1, 2]
    times = [record.timestamp.total_seconds() for record in found.records]
    assert times == pytest.approx([0, 0.04, 0.08, 0, 0.04], abs=0.04)
    first = {
        p.jersey_no: (d.coordinates.x, d.coordinates.y)
        for p, d in found.records[0].players_data.items()
    }
    assert first[9] == pytest.approx((0.19, 0.5)) and first[17] == pytest.approx(
        (0.80012, 0.3), abs=1e-4
    )
    dimensions = found.metadata.pitch_dimensions
    assert (dimensions.pitch_length, dimensions.pitch_width) == (105, 68)
