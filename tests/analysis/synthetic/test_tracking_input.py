"""Real tracking drives the simulator; anything else is refused in one sentence."""

import gzip

import numpy as np
import pytest

from analysis.core.problems import InputProblem
from analysis.synthetic.tracking_input import play_tracking

WIDE = "frame,ball_x,ball_y,ball_z,ball_status,team_possession,home_1_x,home_1_y,home_9_x,home_9_y,away_1_x,away_1_y"


def wide_file(path, rows):
    path.write_text("\n".join([WIDE, *rows]) + "\n")
    return path


def test_a_goal_is_read_off_the_ball(tmp_path):
    rows = [
        f"{k},{48 + 0.4 * k:.2f},1.0,0.5,alive,home,-50.0,0.0,{40 + 0.1 * k:.2f},1.0,51.0,0.5"
        for k in range(20)
    ]
    play = play_tracking(wide_file(tmp_path / "t.csv", rows), None)
    assert play.n_frames == 20 and len(play.people) == 3
    assert [(e.label, e.team) for e in play.events] == [("Goal", "home")]
    assert [p.role for p in play.people] == ["goalkeeper", "player", "goalkeeper"]
    # 52.61 is passed between frames 11 (52.4) and 12 (52.8).
    assert play.events[0].frame == 12


def test_gzip_and_gaps(tmp_path):
    rows = [
        "0,1,2,0,alive,home,-50,0,1,1,50,0",
        "1,,,,dead,home,,,1,1,50,0",
        "2,3,4,0,alive,home,-50,0,1,1,50,0",
    ]
    plain = wide_file(tmp_path / "t.csv", rows)
    packed = tmp_path / "t.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    play = play_tracking(packed, None)
    assert np.allclose(play.ball_xyz_m[1], [2, 3, 0])
    assert np.isnan(play.person_xy_m[1, 0]).all()
    assert play.is_live.tolist() == [True, False, True]


def test_last_row_is_brought_to_25_hz(tmp_path):
    header = "frame,ball_x,5_x,7_x,ball_y,5_y,7_y,5_vx,5_vy,Time [s]"
    rows = [f"{k},{k},{k},0,0,1,2,,,{k / 20}" for k in range(21)]
    (tmp_path / "Reds_red.csv").write_text("\n".join([header, *rows]))
    (tmp_path / "Blues_blue.csv").write_text("\n".join([header, *rows]))
    (tmp_path / "events.csv").write_text("Team\nattack\n")
    play = play_tracking(tmp_path / "Reds_red.csv", None)
    assert play.n_frames == 26 and len(play.people) == 4
    # One second later the ball is 20 frames of the source further.
    assert play.ball_xyz_m[25, 0] == pytest.approx(20.0)


@pytest.mark.parametrize(
    "content,code",
    [
        ("frame,ball_x,ball_y,speed,mood\n1,2,3,4,5\n1,2,3,4,5\n", "tracking_columns"),
        ("a,b\n1,2\n3,4\n", "tracking_columns"),
        ("", "tracking_file"),
        ("frame,ball_x,ball_y,home_1_x,home_1_y\n1,2,3,4\n1,2,3,4,5\n", "tracking_file"),
        ("frame,ball_x,ball_y,home_1_x,home_1_y\n1,2,3,4,five\n1,2,3,4,5\n", "tracking_cell"),
        ("frame,ball_x,ball_y,home_1_x\n1,2,3,4\n1,2,3,4\n", "tracking_columns"),
        ("frame,ball_x,ball_y\n1,2,3\n1,2,3\n", "tracking_columns"),
    ],
)
def test_other_files_are_refused_in_a_sentence(tmp_path, content, code):
    path = tmp_path / "x.csv"
    path.write_text(content)
    with pytest.raises(InputProblem) as problem:
        play_tracking(path, None)
    assert problem.value.code == code
    assert problem.value.sentence.endswith(".")


def test_what_is_no_text_is_refused(tmp_path):
    path = tmp_path / "x.csv.gz"
    path.write_bytes(b"\x1f\x8b broken")
    for broken in (path, tmp_path / "absent.csv", tmp_path):
        with pytest.raises(InputProblem, match="cannot be read"):
            play_tracking(broken, None)
