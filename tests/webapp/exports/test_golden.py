"""Formats to the byte, from the example match of the specification; real data sets stay out of it."""

import gzip
import json

import pytest

from analysis.core.tables import EVENTS as EVENTS_TABLE
from analysis.core.tables import read_csv
from tests.webapp.exports.sheets import EVENTS, FACTS, SPOTS, event, sheet, written
from webapp.exports.formats import (
    chapters_vtt,
    epts,
    events_csv,
    longomatch_csv,
    metrica_events,
    metrica_patterns,
    metrica_tracking,
    osl_json,
    sctimeline,
    soccernet_labels,
    soccernet_spotting,
    spadl_partial,
    sportscode_xml,
    tracking_csv,
    tracking_jsonl,
)
from webapp.exports.sheet import Options, Part, parts_of


def test_events_csv():
    lines = written(events_csv).decode("utf-8-sig").split("\r\n")
    assert lines[0] == ",".join(EVENTS_TABLE.header) and len(lines) == 6
    assert lines[1] == (
        "1,m-42,1,00:00,0.000,312.480,00:05:12.480,7812,Kick-off,home,9,Ana Ruiz,0.00,0.00,0.970,calibrated,auto,"
        "model,spot-1.4.0,305.480,317.480,,"
    )
    assert lines[3] == (
        "3,m-42,2,06:09,369.840,4021.960,01:07:01.960,100549,Corner,away,7,B & C <Lee>,-52.50,-34.00,0.410,"
        "calibrated,corrected,coach,spot-1.4.0,4014.960,4026.960,,"
    )
    assert lines[4] == (
        '4,m-42,2,10:57,657.880,4310.000,01:11:50.000,107750,Goal,away,,"\'=HYPERLINK(""http://x"")",,,0.920,'
        "calibrated,auto,model,spot-1.4.0,4303.000,4315.000,,"
    )


def test_events_csv_read_and_written_again_is_the_same():
    first = written(events_csv)
    lines = first.decode("utf-8").splitlines(keepends=True)
    again = [
        event(
            int(row["event_id"]), round(row["video_time_s"] * 1000), row["label"], team=row["team"] or "",
            jersey=row["player_jersey"] or "", player=row["player_name"] or "", confidence=row["confidence"],
            xy_m=None if row["x_m"] is None else (row["x_m"], row["y_m"]), status=row["status"], source=row["source"],
        )
        for row in read_csv(EVENTS_TABLE, lines)
    ]  # fmt: skip
    assert written(events_csv, sheet(again)) == first


CORNER_XML = """    <instance>
      <ID>5</ID>
      <start>4014.960</start>
      <end>4026.960</end>
      <code>Corner</code>
      <label>
        <group>Team</group>
        <text>away</text>
      </label>
      <label>
        <group>Player</group>
        <text>B and C (Lee)</text>
      </label>
      <label>
        <group>Half</group>
        <text>2H</text>
      </label>
      <label>
        <group>Status</group>
        <text>corrected</text>
      </label>
      <label>
        <group>Confidence</group>
        <text>40-50%</text>
      </label>
    </instance>
"""


def test_sportscode_xml():
    text = written(sportscode_xml).decode()
    assert text.startswith(
        '<?xml version="1.0" encoding="UTF-8"?>\n<file>\n  <SORT_INFO>\n    <sort_type>sort order</sort_type>\n'
        "  </SORT_INFO>\n  <ALL_INSTANCES>\n    <instance>\n      <ID>1</ID>\n      <start>305.480</start>\n"
        "      <end>317.480</end>\n      <code>Kick-off</code>\n"
    )
    assert CORNER_XML in text
    # The kick-offs stand among the events, numbered with them.
    assert (
        "<ID>2</ID>\n      <start>312.480</start>\n      <end>317.480</end>\n      <code>Start 1H</code>"
        in text
    )
    assert "<code>Start 2H</code>" in text and text.count("<ID>") == 6
    # #7a5cd6 a hundred and twenty-two times 257.
    assert "<code>Corner</code>\n      <R>31354</R>\n      <G>23644</G>\n      <B>54998</B>" in text
    assert not any(mark in text for mark in ("&", "<!--", "CDATA", "DOCTYPE", "xmlns"))


def test_sportscode_whole_seconds_teams_and_plain_letters():
    odd = [
        event(1, 500, "Corner", team="home", player="Ñandú Łukasz"),
        event(2, 8_999, "Corner", team="away"),
    ]
    text = written(
        sportscode_xml,
        sheet(odd),
        whole_seconds=True,
        code_by_team=True,
        ascii_only=True,
        lead_ms=0,
    ).decode("ascii")
    assert 'encoding="us-ascii"' in text and "<text>Nandu Lukasz</text>" in text
    assert "<code>Home Corner</code>" in text and "<code>Away Corner</code>" in text
    assert "<start>0</start>\n      <end>6</end>" in text
    assert "<start>1</start>\n      <end>14</end>" in text


def test_buckets_of_confidence():
    steps = [sportscode_xml.bucket(c) for c in (0, 0.0999, 0.1, 0.29, 0.3, 0.7, 0.95, 1.0)]
    assert steps == ["0-10%", "0-10%", "10-20%", "20-30%", "30-40%", "70-80%", "90-100%", "90-100%"]


def test_longomatch_csv():
    assert written(longomatch_csv).decode() == (
        "CATEGORY: Kick-off\nName;Time;Start;Stop;Team;Player;auto;confirmed;corrected\n"
        "Kick-off 1;5:12,480;5:05,480;5:17,480;home;Ana Ruiz;1;0;0\n\n"
        "CATEGORY: Shots on target\nName;Time;Start;Stop;Team;Player;auto;confirmed;corrected\n"
        "Shots on target 1;18:25,200;18:18,200;18:30,200;home;Ana Ruiz;0;1;0\n\n"
        "CATEGORY: Corner\nName;Time;Start;Stop;Team;Player;auto;confirmed;corrected\n"
        "Corner 1;1:07:01,960;1:06:54,960;1:07:06,960;away;B & C <Lee>;0;0;1\n\n"
        "CATEGORY: Goal\nName;Time;Start;Stop;Team;Player;auto;confirmed;corrected\n"
        'Goal 1;1:11:50,000;1:11:43,000;1:11:55,000;away;\'=HYPERLINK("http://x");1;0;0\n\n'
    )


def test_chapters_vtt():
    assert (
        written(chapters_vtt)
        .decode()
        .startswith(
            "WEBVTT\n\n1\n00:05:05.480 --> 00:05:17.480\nKick-off 00:00\n\n2\n00:18:18.200 --> 00:18:30.200\n"
        )
    )


def test_metrica_events():
    assert written(metrica_events).decode() == (
        "Team,Type,Subtype,Period,Start Frame,Start Time [s],End Frame,End Time [s],From,To,"
        "Start X,Start Y,End X,End Y\n"
        "Home,SET PIECE,KICK OFF,1,7812,312.48,7812,312.48,Player9,,0.50,0.50,NaN,NaN\n"
        "Home,SHOT,ON TARGET,1,27630,1105.20,27630,1105.20,Player9,,0.87,0.41,NaN,NaN\n"
        "Away,SET PIECE,CORNER KICK,2,100549,4021.96,100549,4021.96,Player7,,0.00,1.00,NaN,NaN\n"
        "Away,SHOT,ON TARGET-GOAL,2,107750,4310.00,107750,4310.00,,,NaN,NaN,NaN,NaN\n"
    )


def test_metrica_patterns():
    found = json.loads(written(metrica_patterns))
    assert [row["pattern"] for row in found] == [e.label for e in EVENTS]
    assert found[2] == {
        "pattern": "Corner", "start_time": 4_014_960, "event_time": 4_021_960, "end_time": 4_026_960,
        "coordinates": [[0, 1]], "visualizations": [], "tags": ["B & C <Lee>", "corrected"], "team": "away",
    }  # fmt: skip


def test_spadl_says_only_what_is_known():
    made = sheet()
    text = written(spadl_partial, made).decode()
    # Home attacks right in the first half: x + 52.5, y + 34. In the second it attacks left: both turn.
    assert text.split("\n")[1:] == [
        "m-42,1,0,1,0.000,home,home-9,52.50,34.00,,,0,pass,,,,",
        "m-42,2,1,1,792.720,home,home-9,90.90,40.10,,,11,shot,0,fail,,",
        "m-42,3,2,2,369.840,away,away-7,105.00,68.00,,,5,corner_crossed,,,,",
        "",
    ]
    assert made.dropped == {spadl_partial.NO_PLACE: 1}


def test_soccernet_predictions():
    found = json.loads(written(soccernet_spotting))
    assert found["UrlLocal"] == "Rovers/2026-2027/2026-11-20 - Home FC - Away FC"
    assert found["predictions"][2] == {
        "gameTime": "2 - 06:09", "label": "Corner", "position": "369840", "half": "2", "confidence": "0.41",
    }  # fmt: skip


def test_soccernet_labels_are_what_people_reviewed():
    made = sheet()
    found = json.loads(written(soccernet_labels, made))
    assert [row["label"] for row in found["annotations"]] == ["Shots on target", "Corner"]
    assert found["annotations"][1] == {
        "gameTime": "2 - 06:09", "label": "Corner", "position": "369840", "team": "away", "visibility": "visible",
    }  # fmt: skip
    assert made.dropped == {soccernet_labels.UNREVIEWED: 2}


def test_soccernet_leaves_out_what_it_has_no_place_for():
    odd = [
        event(1, 300_000, "Foul"),
        event(2, 400_000, "Shot"),
        event(3, 5_900_000, "Goal", period=3),
    ]
    made = sheet(odd)
    assert json.loads(written(soccernet_spotting, made))["predictions"] == []
    assert sum(made.dropped.values()) == 3 and len(made.dropped) == 3


def test_osl_json_scores_only_what_nobody_reviewed():
    found = json.loads(written(osl_json))
    assert found["labels"]["action"]["labels"] == ["Corner", "Goal", "Kick-off", "Shots on target"]
    assert found["data"][0]["inputs"] == [{"type": "video", "path": "match.mp4", "fps": 25.0}]
    scores = [row.get("confidence_score") for row in found["data"][0]["events"]]
    assert scores == [0.97, None, None, 0.92]
    assert found["data"][0]["events"][1]["position_ms"] == 1_105_200


def test_sctimeline():
    found = json.loads(written(sctimeline))["timeline"]
    assert [row["name"] for row in found["rows"]] == [e.label for e in EVENTS]
    corner = found["rows"][2]["instances"][0]
    assert (corner["startTime"], corner["endTime"], corner["instanceNum"]) == (4014.96, 4026.96, 1)
    assert {"name": "2H", "group": "Half"} in corner["labels"]
    names = {row["uniqueId"] for row in found["rows"]} | {corner["uniqueId"], found["uniqueId"]}
    assert len(names) == 6


def test_tracking_csv():
    text = gzip.decompress(written(tracking_csv, sheet(spots=SPOTS))).decode().split("\n")
    assert text[1] == "m-42,1,7812,312.480,0.000,0,,ball,,0.00,0.00,0.40,detected,0,"
    assert text[7] == "m-42,1,7813,312.520,0.040,0,,ball,,,,0.40,not_seen,0,"
    assert len(text) == len(SPOTS) + 2


def test_tracking_json_lines():
    lines = gzip.decompress(written(tracking_jsonl, sheet(spots=SPOTS))).decode().splitlines()
    found = [json.loads(line) for line in lines]
    assert len(found) == 5
    assert found[0]["timestamp"] == "00:05:12.48" and found[0]["frame"] == 7812
    assert found[1]["ball_data"] == {"x": None, "y": None, "z": None, "is_detected": False}
    assert found[1]["player_data"][1] == {
        "x": None, "y": None, "player_id": 9, "is_detected": False, "team": "home",
    }  # fmt: skip


def test_metrica_tracking():
    made = sheet(spots=SPOTS)
    files = {
        name: b"".join(pieces).decode() for name, pieces in metrica_tracking.files(made, Options())
    }
    assert files["RawTrackingData_Home_Team.csv"].split("\n")[:5] == [
        ",,,Home,,Home,,,",
        ",,,1,,9,,,",
        "Period,Frame,Time [s],Player1,,Player9,,Ball,",
        "1,7813,312.52,0.11000,0.50000,0.19000,0.50000,0.50000,0.50000",
        "1,7814,312.56,0.11000,0.50000,NaN,NaN,NaN,NaN",
    ]
    assert made.dropped == {metrica_tracking.NOBODY: 5}


def test_epts_rows():
    files = {n: b"".join(p).decode() for n, p in epts.files(sheet(spots=SPOTS), Options())}
    assert files["epts_tracking.txt"].split("\n")[:2] == [
        "7813:0.11000,0.50000;0.19000,0.50000;0.89000,0.50000;0.80012,0.30000:0.50000,0.50000",
        "7814:0.11000,0.50000;NaN,NaN;0.89000,0.50000;0.80012,0.30000:NaN,NaN",
    ]
    meta = files["epts_metadata.xml"]
    assert "<Name>first_half_start</Name><Value>7813</Value>" in meta
    assert "<Name>second_half_end</Name><Value>91305</Value>" in meta


def test_two_videos_become_two_files_where_the_clock_is_the_videos():
    assert parts_of(FACTS, per_half=False, by_video_time=True) == [Part("")]
    assert [p.suffix for p in parts_of(FACTS, per_half=True, by_video_time=True)] == ["1h", "2h"]
    second = sheet().of(Part("2h", 7, 2))
    assert [e.label for e in second.events()] == ["Corner", "Goal"]


@pytest.mark.parametrize(
    "form", [chapters_vtt, longomatch_csv, sportscode_xml, sctimeline, osl_json]
)
def test_equal_data_give_equal_bytes(form):
    assert written(form) == written(form)
