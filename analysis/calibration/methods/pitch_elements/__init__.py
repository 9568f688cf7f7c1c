"""Calibration by naming every mark of the pitch in a picture and fitting a full camera to the names."""
