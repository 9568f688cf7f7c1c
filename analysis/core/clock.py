"""Milliseconds, frames and words: the only place where frame-rate arithmetic happens."""

from collections.abc import Mapping


def frame_of(position_ms: int, rate_hz: float) -> int:
    """Index of the sample that covers a time: floor(rate * t)."""
    return int(position_ms * rate_hz / 1000 + 1e-9)


def ms_of(frame: int, rate_hz: float) -> int:
    """Time of a sample's beginning in whole milliseconds."""
    return round(frame * 1000 / rate_hz)


def game_time(half: int, position_ms: int) -> str:
    """SoccerNet's text, such as ``1 - 12:34``; minutes run past 99 where they must."""
    seconds = max(0, position_ms) // 1000
    return f"{half} - {seconds // 60:02d}:{seconds % 60:02d}"


def clock_text(position_ms: int) -> str:
    """``mm:ss`` since a kick-off, with a minus sign before it."""
    sign = "-" if position_ms < 0 else ""
    seconds = abs(position_ms) // 1000
    return f"{sign}{seconds // 60:02d}:{seconds % 60:02d}"


def timecode(position_ms: int) -> str:
    """``HH:MM:SS.mmm`` of the video."""
    seconds, ms = divmod(max(0, position_ms), 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{ms:03d}"


def seconds_text(position_ms: int) -> str:
    """Seconds with three decimals, as in every file we write."""
    return f"{position_ms / 1000:.3f}"


def period_at(time_ms: int, kickoffs_ms: Mapping[int, int]) -> tuple[int | None, int | None]:
    """(period, time since its kick-off) of a moment of the video; before the first kick-off the time is negative.

    Args:
        time_ms: time in the video.
        kickoffs_ms: period -> time of its kick-off in the same video; empty gives (None, None).
    """
    if not kickoffs_ms:
        return None, None
    begun = [period for period, start_ms in kickoffs_ms.items() if start_ms <= time_ms]
    period = (
        max(begun, key=lambda p: kickoffs_ms[p])
        if begun
        else min(kickoffs_ms, key=lambda p: kickoffs_ms[p])
    )
    return period, time_ms - kickoffs_ms[period]
