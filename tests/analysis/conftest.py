"""Fixtures shared by the tests of several rooms."""

from tests.analysis.odd_videos import odd_files
from tests.analysis.small_match import calibrated_times, films, trial

__all__ = ["calibrated_times", "films", "odd_files", "trial"]
