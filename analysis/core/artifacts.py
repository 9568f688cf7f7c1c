"""Content-keyed store of stage results: the same inputs and settings find the same files, so a second run resumes.

An artifact is a folder ``<root>/<key[:2]>/<key>/`` with ``arrays.npz`` and ``manifest.json``; it appears by one rename,
so a reader never sees half of one.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def key_of(parts: Mapping[str, Any]) -> str:
    """Hexadecimal digest of a JSON-able description (video digest, method, version, settings, input keys)."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


class ArtifactStore:
    """Artifacts below one folder.

    Args:
        root: created when needed.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def folder(self, key: str) -> Path:
        """Where an artifact lies or would lie."""
        return self.root / key[:2] / key

    def has(self, key: str) -> bool:
        """Whether the artifact is complete."""
        return (self.folder(key) / "manifest.json").is_file()

    def save(
        self, key: str, arrays: Mapping[str, NDArray[Any]], manifest: Mapping[str, Any]
    ) -> None:
        """Store arrays (no object dtype) and a JSON-able manifest under a key; an existing one stays as it is."""
        target = self.folder(key)
        if self.has(key):
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=".part-", dir=target.parent))
        try:
            np.savez_compressed(work / "arrays.npz", **dict(arrays))  # type: ignore[arg-type]
            (work / "manifest.json").write_text(
                json.dumps(dict(manifest), indent=1), encoding="utf-8"
            )
            try:
                os.replace(work, target)
            except OSError:
                if not self.has(key):
                    raise
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def load(self, key: str) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """(arrays, manifest). Raises: FileNotFoundError when there is none."""
        folder = self.folder(key)
        with np.load(folder / "arrays.npz", allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        return arrays, json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
