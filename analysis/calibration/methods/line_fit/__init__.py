"""Calibration from white lines and a bank of broadcast views; no trained weights."""

from analysis.calibration.base import Calibrator
from analysis.calibration.methods.line_fit.calibrator import LineFitCalibrator, Settings

__all__ = ["Settings", "build"]


def build(settings: Settings, device: str = "cpu") -> Calibrator:
    """The calibrator. ``device`` is accepted for the family's sake; it always runs on the CPU."""
    return LineFitCalibrator(settings)
