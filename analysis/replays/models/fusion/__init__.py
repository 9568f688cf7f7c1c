"""Spotted events shortly before a replay, weighed by their place; nothing is learned."""

from dataclasses import dataclass

from analysis.replays.models.fusion.grounder import Fusion

__all__ = ["Fusion", "Settings", "build"]


@dataclass(frozen=True, slots=True)
class Settings:
    """There is nothing to set."""


def build(settings: Settings, device: str = "cpu") -> Fusion:
    """The grounder."""
    del settings, device
    return Fusion()
