"""Which device the networks run on."""

from pathlib import Path

from analysis.core.problems import InputProblem

_DRIVER = Path("/proc/driver/nvidia/version")


def resolve_device(wanted: str) -> str:
    """``cpu`` or ``cuda`` (``cuda:N``) for a wish that may also be ``auto``.

    Raises:
        InputProblem: ``device_missing`` when the wish cannot be met.
    """
    if wanted == "cpu":
        return "cpu"
    if wanted == "auto":
        # Without a driver there is no need to wait for torch.
        return "cuda" if _DRIVER.exists() and _has_cuda() else "cpu"
    if wanted.split(":")[0] == "cuda" and _has_cuda():
        return wanted
    raise InputProblem(
        "device_missing", f"There is no device {wanted!r} here; use --device auto or --device cpu."
    )


def _has_cuda() -> bool:
    try:
        import torch
    except ImportError:
        return False
    return bool(torch.cuda.is_available())
