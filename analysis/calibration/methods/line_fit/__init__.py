"""Calibration from white lines and a bank of broadcast views; no trained weights."""

from analysis.calibration.base import Calibrator
from analysis.calibration.methods.line_fit.calibrator import LineFitCalibrator, Settings
from analysis.core.problems import InputProblem
from analysis.core.registry import CALIBRATORS

__all__ = ["Settings", "build"]


def build(settings: Settings, device: str = "cpu") -> Calibrator:
    """The calibrator. It runs on the CPU; ``device`` is for the network of a second opinion.

    Raises:
        InputProblem: no calibrator has the name of the second opinion, or its weights are unreadable.
    """
    if not settings.second_opinion:
        return LineFitCalibrator(settings)
    try:
        method = CALIBRATORS.load(settings.second_opinion)
    except KeyError as error:
        raise InputProblem("method_unknown", f"{error.args[0]}.") from error
    return LineFitCalibrator(settings, method.build(method.Settings(), device))
