"""Keep freed memory: asking the system for the same megabytes at every step costs more than using them."""

import ctypes
import sys

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_MAX = -1, -2, -4


def keep_freed_memory() -> bool:
    """Tell the C library (glibc only) to serve large blocks from its heap and never to trim it; True when it did.

    On virtual machines where a fresh page is dear this halves the time of a training step on the CPU.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    wanted = ((_MMAP_MAX, 0), (_TRIM_THRESHOLD, 2**31 - 1), (_TOP_PAD, 64 * 1024**2))
    return all(mallopt(option, value) == 1 for option, value in wanted)
