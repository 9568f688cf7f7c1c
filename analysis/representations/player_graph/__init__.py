"""Players as nodes, neighbours under 25 m as edges (algorithms C.7)."""

from analysis.representations.player_graph.builder import PlayerGraph, Settings

__all__ = ["PlayerGraph", "Settings", "build"]


def build(settings: Settings, device: str = "cpu") -> PlayerGraph:
    """The representation; ``device`` is accepted for uniformity, the work is numpy's."""
    del device
    return PlayerGraph(settings)
