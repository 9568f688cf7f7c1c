"""What analyses keep, on a disk that all workers see or in a bucket that all workers ask."""

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from analysis.core.artifacts import ArtifactStore
from webapp.lib import stored
from webapp.matches.services import artifact_folder

# The manifest last: it says that the rest is there.
FILES = ("arrays.npz", "manifest.json")


def store_of(match_id: int) -> ArtifactStore:
    """The store of a match's analyses."""
    place, folder = stored.worked_out(), artifact_folder(match_id)
    if isinstance(place, stored.OnDisk):
        return ArtifactStore(folder)
    return SharedStore(folder, place, folder.name)


class SharedStore(ArtifactStore):
    """Artifacts in a bucket, with copies on this machine.

    Args:
        root: where copies lie.
        place: where the artifacts are.
        prefix: of their names there.
    """

    def __init__(self, root: Path, place: stored.Stored, prefix: str) -> None:
        super().__init__(root)
        self._place, self._prefix = place, prefix

    def _name(self, key: str, file: str) -> str:
        return f"{self._prefix}/{key[:2]}/{key}/{file}"

    def has(self, key: str) -> bool:
        """Whether the artifact is complete, here or there; it is here afterwards."""
        folder = self.folder(key)
        if all((folder / file).is_file() for file in FILES):
            for file in FILES:
                os.utime(folder / file)
            return True
        if self._place.facts(self._name(key, FILES[-1])) is None:
            return False
        folder.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=".part-", dir=folder.parent))
        try:
            for file in FILES:
                with (work / file).open("wb") as target:
                    target.writelines(self._place.blocks(self._name(key, file)))
            shutil.rmtree(folder, ignore_errors=True)
            try:
                work.replace(folder)
            except OSError:
                # Another worker of this machine was quicker.
                if not super().has(key):
                    raise
        finally:
            shutil.rmtree(work, ignore_errors=True)
        return True

    def save(
        self, key: str, arrays: Mapping[str, NDArray[Any]], manifest: Mapping[str, Any]
    ) -> None:
        """As ``ArtifactStore``, and there."""
        super().save(key, arrays, manifest)
        for file in FILES:
            self._place.put(self.folder(key) / file, self._name(key, file))

    def load(self, key: str) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """As ``ArtifactStore``."""
        if not self.has(key):
            raise FileNotFoundError(key)
        return super().load(key)
