"""Giving memory back between the parts of a long run.

Looking at pictures takes hundreds of megabytes of buffers, and what follows takes memory in the length of the film. A
process that keeps the first while it does the second needs both at once.
"""

import ctypes
import gc
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Protocol, TypeVar

Answer = TypeVar("Answer")


class Forgettable(Protocol):
    """A function that remembers its answers."""

    def cache_clear(self) -> None:
        """Forget them."""


_LARGE: list[Forgettable] = []


def remembered(n_answers: int) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
    """``lru_cache`` for answers of many megabytes: ``give_back`` forgets them."""

    def wrap(function: Callable[..., Answer]) -> Callable[..., Answer]:
        cached = lru_cache(maxsize=n_answers)(function)
        _LARGE.append(cached)
        return cached

    return wrap


def give_back() -> None:
    """Forget large answers, and return to the system what lies free (glibc keeps it otherwise)."""
    for cached in _LARGE:
        cached.cache_clear()
    gc.collect()
    trim = _trim()
    if trim is not None:
        trim(0)


@cache
def _trim() -> Callable[[int], int] | None:
    try:
        trim: Callable[[int], int] = ctypes.CDLL("libc.so.6").malloc_trim
    except (OSError, AttributeError):
        return None
    return trim
