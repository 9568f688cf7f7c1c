import dataclasses
import functools
import os
import signal
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from analysis.core.artifacts import ArtifactStore
from analysis.core.pitch import PitchSpec
from analysis.core.problems import Cancelled, InputProblem, PlanProblem
from analysis.core.registry import Family
from analysis.pipeline.recipe import Choice, load_recipe
from analysis.pipeline.run import STAGES, run_match
from analysis.pipeline.segments import see_segment, segments_of


@pytest.fixture
def analyse(trial, tmp_path):
    """Run the trial recipe on files."""

    def run(*videos, on_event=lambda event: None, store="store", **changes):
        options = {"chunk_ms": 2000, "pitch": PitchSpec(), "device": "cpu"}
        options |= {name: changes.pop(name) for name in options if name in changes}
        recipe = dataclasses.replace(load_recipe(str(trial)), **changes)
        return run_match(
            videos, recipe, ArtifactStore(tmp_path / store), on_event=on_event, **options
        )

    return run


def same(first, second):
    """Whether two summaries say the same."""
    for track in ("calibrations", "players"):
        one, other = getattr(first, track), getattr(second, track)
        for entry in dataclasses.fields(one):
            a, b = getattr(one, entry.name), getattr(other, entry.name)
            if isinstance(a, np.ndarray):
                assert np.array_equal(a, b, equal_nan=a.dtype.kind == "f"), entry.name
            else:
                assert a == b
    assert first.spots == second.spots and first.artifact_keys == second.artifact_keys
    assert first.team_colours_rgb == second.team_colours_rgb
    return True


def test_a_film_becomes_positions_teams_and_events(films, analyse):
    (summary,) = analyse(films / "first.mp4")
    assert summary.verdict == "ok" and summary.coverage == 1.0
    assert summary.calibrations.times_ms.tolist() == [
        0, 520, 1000, 1520, 2000, 2520, 3000, 3520, 4000, 4520, 5000, 5520,
    ]  # fmt: skip
    assert len(summary.players.at(0)) == 16
    by_colour = {p.team: p.colour_rgb for p in summary.players.at(2000)}
    assert set(by_colour) == {"home", "away"}
    # 1 m a second to the right is what the film shows.
    first = {p.track_id: p.pitch_xy_m for p in summary.players.at(0)}
    later = {p.track_id: p.pitch_xy_m for p in summary.players.at(5000)}
    moved = [later[i][0] - first[i][0] for i in set(first) & set(later)]
    assert len(moved) >= 12 and np.median(moved) == pytest.approx(5.0, abs=0.5)
    assert summary.kickoffs_ms == {1: 0}
    assert summary.versions == {
        "calibrate": "steady 1", "locate": "squares 1", "represent.counts": "counts 1", "spot": "far_right 1",
    }  # fmt: skip


def test_two_videos_are_halves_and_share_kits(films, analyse):
    first, second = analyse(films / "first.mp4", films / "second.mp4")
    assert {spot.half for spot in first.spots} == {1} and {spot.half for spot in second.spots} == {
        2
    }
    assert first.team_colours_rgb == second.team_colours_rgb
    assert first.kickoffs_ms == {1: 0} and second.kickoffs_ms == {2: 0}


def test_chunks_do_not_change_the_result(films, analyse):
    whole = analyse(films / "first.mp4", chunk_ms=120_000, store="a")[0]
    parts = analyse(films / "first.mp4", chunk_ms=700, store="b")[0]
    assert np.array_equal(whole.calibrations.times_ms, parts.calibrations.times_ms)
    assert np.array_equal(whole.players.pitch_xy_m, parts.players.pitch_xy_m)
    assert whole.spots == parts.spots


def test_a_second_run_works_nothing_out_again(films, analyse, calibrated_times):
    first = analyse(films / "first.mp4")
    n_answers = len(calibrated_times())
    second = analyse(films / "first.mp4")
    assert len(calibrated_times()) == n_answers == 12
    assert same(first[0], second[0])


def test_another_detector_keeps_the_calibrations(films, analyse, calibrated_times):
    analyse(films / "first.mp4")
    (other,) = analyse(films / "first.mp4", locate=Choice("squares", {"least_area": 10_000}))
    assert len(calibrated_times()) == 12 and len(other.players) == 0


def test_a_cancelled_run_stops_at_once_and_goes_on_where_it_was(films, analyse, calibrated_times):
    def stop(event):
        if event.stage == "calibrate" and event.done == 6:
            raise Cancelled

    with pytest.raises(Cancelled):
        analyse(films / "first.mp4", on_event=stop)
    before = calibrated_times()
    (resumed,) = analyse(films / "first.mp4")
    again = calibrated_times()[len(before) :]
    assert min(again) >= 2000, "the finished chunk was worked out again"
    (undisturbed,) = analyse(films / "first.mp4", store="other")
    assert same(resumed, undisturbed)


def test_segments_in_any_order_are_found_and_joined(
    films, analyse, trial, calibrated_times, tmp_path
):
    videos = [films / "first.mp4", films / "second.mp4"]
    recipe, store = load_recipe(str(trial)), ArtifactStore(tmp_path / "store")
    cut = segments_of(videos, recipe, store, on_event=lambda event: None, chunk_ms=2000)
    assert [(s.video, s.number) for s in cut] == [(v, n) for v in (0, 1) for n in (0, 1, 2)]
    assert sum(s.n_samples for s in cut) == 24
    told = []
    for segment in reversed(cut):
        see_segment(
            videos[segment.video], segment.number, recipe, store,
            pitch=PitchSpec(), device="cpu", on_event=told.append, chunk_ms=2000,
        )  # fmt: skip
    assert {event.stage for event in told} == {"probe", "calibrate", "locate"}
    n_answers = len(calibrated_times())
    joined = analyse(*videos)
    assert len(calibrated_times()) == n_answers == 24, "joining looked at pictures again"
    alone = analyse(*videos, store="other")
    assert all(same(a, b) for a, b in zip(joined, alone, strict=True))


class OutOfMemoryError(RuntimeError):
    """Called as torch calls its own."""


def test_a_full_graphics_card_halves_the_batch_and_changes_nothing(films, analyse, monkeypatch):
    (undisturbed,) = analyse(films / "first.mp4")
    seen = []

    def detect(self, frames, calibrations, original=None):
        seen.append(len(frames))
        if len(frames) > 2:
            raise OutOfMemoryError("CUDA out of memory")
        return original(self, frames, calibrations)

    def load(self, slug, original=Family.load):
        module = original(self, slug)
        if slug == "squares" and not hasattr(module, "is_small"):
            module.is_small = True
            kind = type(module.build(module.Settings(), "cpu"))
            monkeypatch.setattr(
                kind, "detect", functools.partialmethod(detect, original=kind.detect)
            )
        return module

    monkeypatch.setattr(Family, "load", load)
    (halved,) = analyse(films / "first.mp4", store="other", chunk_ms=120_000)
    assert seen == [8, 4, *[2] * 6]
    assert np.array_equal(halved.players.pitch_xy_m, undisturbed.players.pitch_xy_m)
    assert halved.spots == undisturbed.spots


def test_a_card_too_small_for_one_picture_is_told(films, analyse, monkeypatch):
    def load(self, slug, original=Family.load):
        module = original(self, slug)
        if slug == "squares":
            kind = type(module.build(module.Settings(), "cpu"))
            monkeypatch.setattr(kind, "detect", full)
        return module

    def full(self, frames, calibrations):
        raise OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(Family, "load", load)
    with pytest.raises(OutOfMemoryError):
        analyse(films / "first.mp4")


@pytest.mark.parametrize("stage", ["calibrate", "locate", "teams", "represent", "spot"])
def test_a_killed_run_is_finished_by_the_next_with_the_same_rows(
    films, analyse, trial, tmp_path, stage
):
    script = f"""
        import os, signal, sys
        from pathlib import Path
        from analysis.core.artifacts import ArtifactStore
        from analysis.core.pitch import PitchSpec
        from analysis.core.registry import Family
        from analysis.pipeline import plan
        from analysis.pipeline.recipe import load_recipe
        from analysis.pipeline.run import run_match
        sys.path.insert(0, {str(trial.parent / "methods")!r})
        for name in ("CALIBRATORS", "DETECTORS", "REPRESENTATIONS", "SPOTTERS"):
            setattr(plan, name, Family("trial_methods." + name.lower()))
        def kill(event):
            if event.stage == {stage!r} and 2 * event.done >= event.total:
                os.kill(os.getpid(), signal.SIGKILL)
        store = ArtifactStore(Path({str(tmp_path / "store")!r}))
        options = dict(pitch=PitchSpec(), device="cpu", on_event=kill, chunk_ms=2000)
        run_match([Path({str(films / "first.mp4")!r})], load_recipe({str(trial)!r}), store, **options)
    """
    killed = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], cwd=os.getcwd(), capture_output=True
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    (resumed,) = analyse(films / "first.mp4")
    (undisturbed,) = analyse(films / "first.mp4", store="other")
    assert same(resumed, undisturbed)


def test_progress_grows_to_its_end_in_every_stage(films, analyse):
    events = []
    analyse(films / "first.mp4", films / "second.mp4", on_event=events.append)
    assert list(dict.fromkeys(event.stage for event in events)) == list(STAGES)
    for stage in STAGES:
        done = [event.done for event in events if event.stage == stage]
        totals = {event.total for event in events if event.stage == stage}
        assert done == sorted(done) and len(totals) == 1 and done[-1] == totals.pop()


def test_a_hall_has_no_usable_pitch_view(films, analyse):
    (summary,) = analyse(films / "hall.mp4")
    assert summary.verdict == "no_usable_pitch_view" and summary.coverage == 0.0
    assert set(summary.calibrations.status) == {"refused"}
    assert not len(summary.players) and summary.spots == [] and summary.team_colours_rgb is None


def test_a_hall_beside_a_match_harms_nobody(films, analyse):
    hall, match = analyse(films / "hall.mp4", films / "first.mp4")
    assert hall.verdict == "no_usable_pitch_view" and match.verdict == "ok" and len(match.players)


def test_unsure_calibrations_count_as_absent(films, analyse, trial):
    choice = load_recipe(str(trial)).calibrate
    unsure = Choice("steady", {**choice.settings, "confidence": 0.4})
    (summary,) = analyse(films / "first.mp4", calibrate=unsure)
    assert summary.verdict == "no_usable_pitch_view"


def test_varying_rates_keep_their_times(films, analyse):
    (summary,) = analyse(films / "varying.mp4")
    assert summary.calibrations.times_ms.tolist() == [0, 520, 1000, 1500, 2730, 3010, 3500]


def test_the_same_video_twice_is_refused(films, analyse, tmp_path):
    copy = tmp_path / "copy.mp4"
    copy.write_bytes((films / "first.mp4").read_bytes())
    with pytest.raises(InputProblem) as problem:
        analyse(films / "first.mp4", copy)
    assert problem.value.code == "video_twice"


def test_no_video_and_no_such_device_are_refused(films, analyse):
    with pytest.raises(InputProblem):
        analyse()
    with pytest.raises(InputProblem) as problem:
        analyse(films / "first.mp4", device="toaster")
    assert problem.value.code == "device_missing"


def test_settings_that_a_method_refuses_are_a_plan_problem(films, analyse):
    with pytest.raises(PlanProblem, match="least_area is positive"):
        analyse(films / "first.mp4", locate=Choice("squares", {"least_area": -1}))


def test_another_pitch_is_another_result(films, analyse):
    standard = analyse(films / "first.mp4")[0]
    smaller = analyse(films / "first.mp4", pitch=PitchSpec(100, 64))[0]
    assert standard.artifact_keys["calibrate"] != smaller.artifact_keys["calibrate"]
