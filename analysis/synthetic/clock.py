"""Frames of a simulated video in milliseconds."""

from analysis.core.clock import ms_of
from analysis.synthetic.records import RATE_HZ


def ms_of_frame(frame: int) -> int:
    """PTS of a frame: exact, since 25 Hz divides a second into 40 ms."""
    return ms_of(frame, RATE_HZ)
