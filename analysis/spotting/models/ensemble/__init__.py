"""Several spotters as one: candidates fused class by class; the recipe says which spotters, and how much of each."""

from analysis.spotting.models.ensemble.spotter import Ensemble, Settings, build

__all__ = ["Ensemble", "Settings", "build"]
