"""Which device the networks run on, and how many pictures its memory holds at once."""

import gc
import sys
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


def is_out_of_memory(error: BaseException) -> bool:
    """Whether a graphics card says that its memory is full (told by the name: torch need not be there)."""
    return type(error).__name__ in {"OutOfMemoryError", "AcceleratorError"}


class Batch:
    """How many pictures go through a network at once; halved each time a graphics card runs out of memory.

    Methods answer picture by picture, so the results do not depend on it.
    """

    def __init__(self, size: int = 8) -> None:
        self.size = size
        self.is_halved = False

    def halve(self) -> bool:
        """Half as many from now on, and what torch keeps in reserve is given back; False when it was one already."""
        if self.size <= 1:
            return False
        self.size, self.is_halved = self.size // 2, True
        gc.collect()
        torch = sys.modules.get("torch")
        if torch is not None and torch.cuda.is_available():
            torch.cuda.empty_cache()
        return True
