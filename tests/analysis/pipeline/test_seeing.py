import dataclasses
from itertools import pairwise

import numpy as np
import pytest

from analysis.core.pitch import STANDARD_PITCH
from analysis.core.records import Calibration, CalibrationTrack, Frame, PlayersTrack, VideoInfo
from analysis.pipeline.placing import placed
from analysis.pipeline.seeing import calibrated, chunks_of

# Two samples, 10 pixels a metre, centre spot at (640, 360), seen from straight above.
MATRIX = np.array([[10.0, 0.0, 640.0], [0.0, -10.0, 360.0], [0.0, 0.0, 1.0]])
TIMES = np.array([0, 500])
# A box round a foot: left, top, right, bottom.
CORNERS_PX = np.array([-5.0, -30.0, 5.0, 0.0])


def track(*status):
    n = len(status)
    return CalibrationTrack(
        TIMES[:n], TIMES[:n], np.tile(MATRIX, (n, 1, 1)), np.full(n, 0.9), np.array(status), (1280, 720), "m"
    )  # fmt: skip


def people(*rows):
    """One row per (time_ms, foot x, foot y), and a ball at (640, 360) at time 0."""
    feet = np.array([row[1:] for row in rows], float)
    n = len(rows)
    flat = np.zeros(n)
    return dataclasses.replace(
        PlayersTrack.empty(),
        times_ms=np.array([row[0] for row in rows]), frame_indices=np.zeros(n, np.int64),
        track_id=np.full(n, -1), box_px=np.hstack([feet, feet]) + CORNERS_PX, score=flat + 0.9,
        role=np.full(n, -1), team=np.full(n, -1), colour_rgb=np.zeros((n, 3)), pitch_xy_m=np.full((n, 2), 7.0),
        sigma_m=flat, source=np.zeros(n, np.int64), ball_times_ms=np.array([0]), ball_xy_m=np.full((1, 2), 7.0),
        ball_px=np.array([[640.0, 360.0]]), ball_score=np.ones(1),
    )  # fmt: skip


def test_people_stand_where_the_final_calibration_puts_them():
    answer = placed(
        people((0, 740, 260), (500, 640, 360)), track("ok", "weak"), STANDARD_PITCH, 0.3
    )
    assert answer.pitch_xy_m.tolist() == [[10.0, 10.0], [0.0, 0.0]]
    assert (answer.sigma_m > 0).all() and answer.ball_xy_m.tolist() == [[0.0, 0.0]]


def test_a_refused_sample_keeps_its_people_without_places():
    answer = placed(
        people((0, 740, 260), (500, 640, 360)), track("refused", "ok"), STANDARD_PITCH, 0.3
    )
    assert np.isnan(answer.pitch_xy_m[0]).all() and answer.pitch_xy_m[1].tolist() == [0.0, 0.0]
    assert np.isnan(answer.ball_xy_m).all() and len(answer) == 2


def test_the_bench_is_dropped_and_the_rest_keeps_its_columns():
    answer = placed(
        people((0, 640, 360), (0, 640, 735), (500, 640, 690)),
        track("ok", "ok"),
        STANDARD_PITCH,
        0.3,
    )
    assert answer.pitch_xy_m.tolist() == [[0.0, 0.0], [0.0, -33.0]]
    assert answer.times_ms.tolist() == [0, 500] and len(answer.ball_times_ms) == 1


def test_two_parts_of_a_runner_are_one_person_with_the_shirt_of_the_upper():
    rows = people((0, 640, 360), (0, 640, 368), (500, 640, 360))
    # Seen from above a metre is ten pixels: a person of eighteen, cut at the hips.
    rows.box_px[:2, 1] = rows.box_px[:2, 3] - 11
    rows.box_px[2, 1] = rows.box_px[2, 3] - 18
    rows.score[:2] = 0.6, 0.8
    rows.colour_rgb[:] = [[200, 0, 0], [255, 255, 255], [200, 0, 0]]
    answer = placed(rows, track("ok", "ok"), STANDARD_PITCH, 0.3)
    np.testing.assert_allclose(answer.pitch_xy_m, [[0.0, -0.8], [0.0, 0.0]], atol=1e-9)
    assert answer.colour_rgb.tolist() == [[200, 0, 0], [200, 0, 0]]
    assert answer.box_px[0].tolist() == [635, 349, 645, 368] and answer.score[0] == 0.8
    refused = placed(rows, track("refused", "ok"), STANDARD_PITCH, 0.3)
    assert len(refused) == 3, "without a view nobody knows how tall people are"


@pytest.mark.parametrize(
    ("duration_ms", "starts"),
    [(1, [40]), (2000, [40]), (2001, [40, 2040]), (6000, [40, 2040, 4040])],
)
def test_chunks_cover_a_video_without_a_seam(tmp_path, duration_ms, starts):
    info = VideoInfo(tmp_path, "mov", 64, 64, 25.0, True, duration_ms, 40, 2, False, 0, 1, "")
    chunks = chunks_of(info, 2000)
    assert [start for start, _ in chunks] == starts
    assert all(end == following for (_, end), (following, _) in pairwise(chunks))
    assert chunks[-1][1] > info.start_ms + duration_ms + 10_000


def test_frames_meet_their_own_calibration_however_far_the_calibrator_reads_ahead():
    frames = [Frame(i * 40, i, np.zeros((2, 2, 3), np.uint8)) for i in range(7)]

    class Late:
        def calibrate(self, given, pitch):
            for frame in list(given):
                yield Calibration(np.diag([frame.index + 1.0, 1.0, 1.0]), (2, 2), 0.5, "ok", "m")

    pairs = list(calibrated(iter(frames), Late(), STANDARD_PITCH))
    assert [frame.index + 1.0 for frame, _ in pairs] == [
        view.image_from_pitch[0, 0] for _, view in pairs
    ]


def test_a_calibrator_that_forgets_frames_is_a_bug():
    class Lazy:
        def calibrate(self, given, pitch):
            next(iter(given))
            return iter(())

    frames = [Frame(0, 0, np.zeros((2, 2, 3), np.uint8))]
    with pytest.raises(RuntimeError, match="without an answer"):
        list(calibrated(iter(frames), Lazy(), STANDARD_PITCH))
