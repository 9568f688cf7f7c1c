"""How much room is left where files go."""

import shutil
from pathlib import Path

from django.conf import settings


def free_bytes(folder: Path) -> int:
    """Bytes that may still be written below ``folder``, with the reserve for everything else already taken off.

    A folder that does not exist yet is measured at its nearest parent.
    """
    while not folder.exists():
        folder = folder.parent
    return max(0, shutil.disk_usage(folder).free - settings.DISK_RESERVE_BYTES)


def has_room(folder: Path, n_bytes: int) -> bool:
    """Whether ``n_bytes`` more fit below ``folder`` and leave the reserve alone."""
    return free_bytes(folder) >= n_bytes


def is_low() -> bool:
    """Whether so little room is left that no new work should begin."""
    folders = (Path(settings.MEDIA_ROOT), Path(settings.ARTIFACT_ROOT))
    return any(free_bytes(folder) < settings.DISK_PAUSE_BYTES for folder in folders)
